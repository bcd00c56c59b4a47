#!/usr/bin/env bash
# Makes .venv-kafka from requirements.txt, once a version of that file.
set -euo pipefail
cd "$(dirname "$0")/../.."
ops/setup.sh --python
venv=.venv-kafka
if ! cmp -s ops/kafka/requirements.txt "$venv/made-from.txt"; then
  echo "kafka: making $venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check -r ops/kafka/requirements.txt
  cp ops/kafka/requirements.txt "$venv/made-from.txt"
fi
