#!/usr/bin/env bash
# Builds limno, generates a stream of rides and runs examples/rides/job.yaml over it.
#   ops/demo.sh [ROWS]           default 1000000; everything is written to .demo/
set -euo pipefail
cd "$(dirname "$0")/.."
rows=${1:-1000000}
say() { printf '\n\033[1m== %s\033[0m\n' "$*"; }

ops/setup.sh

say "Building limno (release)"
<<<<<<< HEAD
limno=$(ops/build.sh)
=======
swift build -c release --static-swift-stdlib --product limno
limno=$(swift build -c release --show-bin-path)/limno
>>>>>>> main

say "Generating $rows rides in .demo/rides"
swift build -c release --package-path examples --product rides-generator
rm -rf .demo/rides .demo/out .demo/state
"$(swift build -c release --package-path examples --show-bin-path)/rides-generator" \
  --rows "$rows" --out .demo/rides
ls -l .demo/rides

say "limno run examples/rides/job.yaml"
TIMEFORMAT='%R s of wall-clock time, %U s user and %S s system'
time "$limno" run examples/rides/job.yaml </dev/null

say "The day's evaluation, by slice"
last=$(find .demo/out/evaluation -name manifest.json -path '*daily*' | sort | tail -n 1)
"$limno" snapshot show "$(dirname "$last")"

say "Where things are"
cat <<TEXT
.demo/out/transform/<version>/        graph.json and its vocabularies: what training and serving apply
.demo/out/evaluation/…/<window>/…     metrics.jsonl, plots.jsonl, validation.json
.demo/out/aggregate/…/<window>/…      rows.jsonl
Every manifest.json there carries the ledger, the watermark and the SHA-256 of its files.

Try next:
  alias limno=$limno
  limno snapshot list .demo/out
  limno snapshot diff <one pane's directory> <another's>
  limno snapshot verify .demo/out
  limno validate examples/rides/job.yaml
  limno run examples/rides/job.yaml --workers 1 --batch-rows 17 --out .demo/again   # the same bytes
TEXT
