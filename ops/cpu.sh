#!/usr/bin/env bash
# Prints the processor to build for: `haswell` where this one has all that came with it (AVX2, BMI2,
# FMA: x86-64-v3), else `generic`. LIMNO_CPU=generic: for executables that are taken elsewhere.
set -euo pipefail
if [ -n "${LIMNO_CPU:-}" ]; then
  echo "$LIMNO_CPU"
  exit
fi
flags=" $(sed -n '/^flags/{s/^[^:]*://p;q}' /proc/cpuinfo 2>/dev/null || true) "
for flag in avx2 bmi1 bmi2 fma f16c abm movbe; do
  case $flags in
    *" $flag "*) ;;
    *)
      echo generic
      exit
      ;;
  esac
done
echo haswell
