#!/usr/bin/env bash
# Builds limno for release and prints the path of the executable.
#   limno=$(ops/build.sh)
set -euo pipefail
cd "$(dirname "$0")/.."
# Swift's libraries inside the executable: it starts in a third of the time, and runs without a
# toolchain.
build=(swift build -c release --static-swift-stdlib --product limno)
"${build[@]}" >&2 </dev/null
# The operators of ONNX models, which ONNX Runtime loads; limno looks for them beside itself.
swift build -c release --product LimnographOperators >&2 </dev/null
echo "$("${build[@]}" --show-bin-path)/limno"
