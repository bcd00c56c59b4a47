#!/usr/bin/env bash
# Rides as predictions and labels, joined: how good the models are while labels are still coming.
#   examples/labels/run.sh [ROWS]      default 300000; works in .demo/labelled
set -euo pipefail
cd "$(dirname "$0")/../.."
rows=${1:-300000}
work=.demo/labelled
say() { printf '\n\033[1m== %s\033[0m\n' "$*"; }

limno=$(ops/build.sh)
rm -rf "$work"
mkdir -p "$work"
swift build -c release --package-path examples --product rides-generator >&2 </dev/null
"$(swift build -c release --package-path examples --show-bin-path)/rides-generator" \
  --rows "$rows" --out "$work/rides"
examples/labels/split_labels.py "$work"/rides/*.jsonl --out "$work"

say "limno run examples/labels/job.yaml"
"$limno" run examples/labels/job.yaml </dev/null

say "One hour, as its labels come"
python3 - "$work"/out/evaluation/2026-09-01T22*/* <<'PYTHON'
import json, pathlib, sys

for pane in map(pathlib.Path, sys.argv[1:]):
    lines = {}
    for line in map(json.loads, (pane / "metrics.jsonl").open()):
        if not line["slice"] and line["model"] in ("", "b"):
            lines[line["metric"]] = line
    accuracy = lines["binary_accuracy"]
    least, greatest = accuracy["label_bounds"]
    print(f"pane {pane.name}: {lines['label_coverage']['value']:.1%} of the predictions have a label;"
          f" accuracy of b {accuracy['value']:.4f}, in the end {least:.4f} to {greatest:.4f}")
PYTHON

say "Its last pane"
"$limno" snapshot show "$(ls -d "$work"/out/evaluation/2026-09-01T22*/* | tail -n 1)" --limit 8
"$limno" snapshot verify "$work/out"
