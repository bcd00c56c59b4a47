#!/usr/bin/env bash
# Prints the path of the benchmark's data with ROWS rows in .bench/, made when they are missing.
#   make.sh ROWS [jsonl|csv|tfrecord]
set -euo pipefail
cd "$(dirname "$0")/../../.."
rows=$1 format=${2:-jsonl}
mkdir -p .bench
generator=.bench/generate
if [ ! -x "$generator" ] || [ ops/benchmarks/data/generate.cc -nt "$generator" ]; then
  compiler=$(command -v g++ || command -v clang++) || {
    echo "benchmark data: neither g++ nor clang++ is in PATH" >&2
    exit 1
  }
  "$compiler" -O2 -std=c++20 ops/benchmarks/data/generate.cc -o "$generator.new"
  mv "$generator.new" "$generator"
fi
file=$PWD/.bench/events-$rows.$format
if [ ! -f "$file" ]; then
  "$generator" "$rows" "$format" >"$file.new"
  mv "$file.new" "$file"
fi
echo "$file"
