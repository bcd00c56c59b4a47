#!/usr/bin/env bash
# Builds limno for release and prints the path of the executable.
#   limno=$(ops/build.sh)
# For processors such as this one (ops/cpu.sh): results are the same, the instructions fewer.
set -euo pipefail
cd "$(dirname "$0")/.."
cpu=$(ops/cpu.sh)
flags=(-c release)
[ "$cpu" = generic ] || flags+=(-Xswiftc -target-cpu -Xswiftc "$cpu")
# Swift's libraries inside the executable: it starts in a third of the time, and runs without a
# toolchain.
build=(swift build "${flags[@]}" --static-swift-stdlib --product limno)
"${build[@]}" >&2 </dev/null
# The operators of ONNX models, which ONNX Runtime loads; limno looks for them beside itself.
swift build "${flags[@]}" --product LimnographOperators >&2 </dev/null
echo "$("${build[@]}" --show-bin-path)/limno"
