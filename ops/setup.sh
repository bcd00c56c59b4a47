#!/usr/bin/env bash
# Makes sure that what the build needs is there; quiet and quick when it is.
#   ops/setup.sh [--python] [--browser] [--kcat] [--valgrind]
#     --python: also python3 with venv, for ops/checks, oracles and benchmarks
#     --kcat: also kcat, which reads topics
#     --browser: also Chromium, in which a test opens the report
#     --valgrind: also valgrind, for ops/benchmarks/instructions.py
set -euo pipefail

# libcurl: what Foundation's networking needs when it is linked into the executable.
packages=(
  pkg-config liblz4-dev libzstd-dev zlib1g-dev librdkafka-dev libcurl4-openssl-dev tzdata
)
for option in "$@"; do
  case $option in
    --python) packages+=(python3 python3-venv) ;;
    --kcat) packages+=(kcat) ;;
    --browser) packages+=(chromium) ;;
    --valgrind) packages+=(valgrind binutils) ;;
    *) echo "setup: unknown option $option" >&2; exit 2 ;;
  esac
done

fail() {
  printf 'setup: %s\n' "$@" >&2
  exit 1
}

missing=()
if command -v dpkg-query >/dev/null; then
  for package in "${packages[@]}"; do
    # Bare `pkg-config` may be provided by pkgconf.
    [ "$package" = pkg-config ] && command -v pkg-config >/dev/null && continue
    status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
    [ "$status" = "install ok installed" ] || missing+=("$package")
  done
else
  for library in liblz4 libzstd zlib rdkafka libcurl; do
    pkg-config --exists "$library" 2>/dev/null || missing+=("$library")
  done
  [ ${#missing[@]} -eq 0 ] || fail "not a Debian system; install these yourself: ${missing[*]}"
fi

if [ ${#missing[@]} -gt 0 ]; then
  [ "$(id -u)" -eq 0 ] || fail "these packages are missing: ${missing[*]}" \
    "run as root, or first:  sudo apt-get install ${missing[*]}"
  echo "setup: installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  log=$(mktemp)
  if ! { apt-get update && apt-get install -y --no-install-recommends "${missing[@]}"; } \
    >"$log" 2>&1 </dev/null; then
    tail -n 20 "$log" >&2
    fail "apt-get could not install ${missing[*]} (its last lines are above)"
  fi
  rm -f "$log"
fi

command -v swift >/dev/null || fail \
  "no 'swift' in PATH; install Swift 6.2 or newer from https://www.swift.org/install"
version=$(swift --version 2>/dev/null | sed -nE 's/.*Swift version ([0-9]+)\.([0-9]+).*/\1 \2/p' | head -n 1)
read -r major minor <<<"${version:-0 0}"
[ "$major" -gt 6 ] || { [ "$major" -eq 6 ] && [ "$minor" -ge 2 ]; } || fail \
  "Swift 6.2 or newer is needed; $(command -v swift) is $major.$minor" \
  "install a newer one from https://www.swift.org/install"
