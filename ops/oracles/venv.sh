#!/usr/bin/env bash
# Makes .venv-oracles from requirements.txt, once a version of that file.
set -euo pipefail
cd "$(dirname "$0")/../.."
ops/setup.sh --python
venv=.venv-oracles
if ! cmp -s ops/oracles/requirements.txt "$venv/made-from.txt"; then
  echo "oracles: making $venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check -r ops/oracles/requirements.txt
  cp ops/oracles/requirements.txt "$venv/made-from.txt"
fi
