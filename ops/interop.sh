#!/usr/bin/env bash
# Runs limno and holds the models it publishes against TensorFlow, TensorFlow Transform, Keras and
# ONNX Runtime, on 10,000 rows each, and its evaluations against TensorFlow Model Analysis.
# Then a reader polls while limno publishes and is killed (the whole of it: 10,000 publications, 100
# kills, ops/interop/poll.py without --publications).
#   ops/interop.sh               about three minutes; everything is written to .bench/
set -euo pipefail
cd "$(dirname "$0")/.."
ops/venv.sh interop
limno=$(ops/build.sh)
python() {
  .venv-interop/bin/python "$@" 2> >(
    grep -v -E '^I0000|^WARNING: All log|^WARNING:tensorflow|^Instructions for|^Use `tf' >&2)
}
python ops/interop/interop.py "$limno" .bench/interop
rm -rf .bench/tfma
python ops/interop/tfma.py "$limno" .bench/tfma
python ops/interop/poll.py "$limno" .bench/poll --publications 500 --kills 5
