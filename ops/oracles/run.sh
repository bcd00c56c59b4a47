#!/usr/bin/env bash
# Runs limno on the benchmark data and holds its answers against independent ones.
#   ops/oracles/run.sh           about a minute and a half; everything is written to .bench/
set -euo pipefail
cd "$(dirname "$0")/../.."
ops/venv.sh oracles
limno=$(ops/build.sh)
python=.venv-oracles/bin/python
DATA=$(ops/benchmarks/data/make.sh 1000000)
export DATA
rm -rf .bench/out

for workload in w1 w2 w3; do
  "$limno" run "ops/benchmarks/$workload.yaml" --out ".bench/out/$workload" --quiet
done
"$limno" run ops/oracles/evaluation.yaml --out .bench/out/evaluation --quiet
"$python" ops/oracles/join.py make "$DATA" .bench/join
"$limno" run .bench/join/join.yaml --quiet
"$python" ops/oracles/edges.py make .bench/edges
"$limno" run .bench/edges/edges.yaml --out .bench/out/edges --quiet

failed=0
"$python" ops/oracles/check_w1.py .bench/out/w1 "$DATA" || failed=1
"$python" ops/oracles/check_w2.py .bench/out/w2 "$DATA" || failed=1
"$python" ops/oracles/check_w3.py .bench/out/w3 || failed=1
"$python" ops/oracles/check_evaluation.py .bench/out/evaluation "$DATA" || failed=1
"$python" ops/oracles/join.py check .bench/out/join .bench/join || failed=1
"$python" ops/oracles/edges.py check .bench/out/edges || failed=1
"$python" ops/oracles/drift_null.py "$limno" --looks 200 || failed=1
exit $failed
