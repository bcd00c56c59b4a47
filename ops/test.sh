#!/usr/bin/env bash
# Builds and runs all tests; arguments go to `swift test` (for example --filter EventTime).
set -euo pipefail
cd "$(dirname "$0")/.."
ops/setup.sh
# An import of a target that is not declared as a dependency is an error.
swift test --explicit-target-dependency-import-check error --disable-xctest "$@" </dev/null
