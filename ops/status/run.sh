#!/usr/bin/env bash
# Runs a followed job and reads what it tells over HTTP with Prometheus' own parser.
#   ops/status/run.sh [LIMNO]      default: a release build
set -euo pipefail
cd "$(dirname "$0")/../.."
ops/venv.sh status
.venv-status/bin/python ops/status/run.py "${1:-$(ops/build.sh)}"
