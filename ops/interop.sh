#!/usr/bin/env bash
# Runs limno and holds the models it publishes against TensorFlow, TensorFlow Transform, Keras and
# ONNX Runtime, on 10,000 rows each.
#   ops/interop.sh               about two minutes; everything is written to .bench/interop/
set -euo pipefail
cd "$(dirname "$0")/.."
ops/venv.sh interop
exec .venv-interop/bin/python ops/interop/interop.py "$(ops/build.sh)" .bench/interop 2> >(
  grep -v -E '^I0000|^WARNING: All log|^WARNING:tensorflow|^Instructions for|^Use `tf' >&2)
