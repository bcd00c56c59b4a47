#!/usr/bin/env bash
# Makes .venv-NAME from ops/NAME/requirements.txt, once a version of that file: ops/venv.sh NAME
set -euo pipefail
cd "$(dirname "$0")/.."
name=${1:?ops/venv.sh: give a folder of ops that has a requirements.txt}
ops/setup.sh --python
requirements=ops/$name/requirements.txt
venv=.venv-$name
if ! cmp -s "$requirements" "$venv/made-from.txt"; then
  echo "$name: making $venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$requirements"
  cp "$requirements" "$venv/made-from.txt"
fi
