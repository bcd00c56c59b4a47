#!/usr/bin/env bash
# Runs limno against a real broker on loopback: with the system's librdkafka, then with a current one.
#   ops/kafka/run.sh [ROWS]      default 20000
set -euo pipefail
cd "$(dirname "$0")/../.."
ops/venv.sh kafka
ops/setup.sh --kcat
limno=$(ops/build.sh)
python=.venv-kafka/bin/python
swift build -c release --package-path examples --product rides-generator >&2 </dev/null
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$(swift build -c release --package-path examples --show-bin-path)/rides-generator" \
  --rows "${1:-20000}" --hours 1 --out "$work/rides"
rides=$work/rides/rides-1.jsonl

# The client's package brings a librdkafka that any program linked to the system's can use.
site=$("$python" -c 'import confluent_kafka, pathlib; print(pathlib.Path(confluent_kafka.__file__).parents[1])')
current=$(basename "$site"/confluent_kafka.libs/librdkafka-*.so.1)
ln -s "$site/confluent_kafka.libs/$current" "$work/librdkafka.so.1"

# They mostly wait, for brokers and for processes that end: all at a time.
names=() processes=()
start() {
  names+=("$1") processes+=(0)
  "${@:2}" >"$work/${#names[@]}.log" 2>&1 &
  processes[-1]=$!
}
start "end to end" "$python" ops/kafka/end_to_end.py "$limno" "$rides"
start "exactly once" "$python" ops/kafka/exactly_once.py "$limno"
start "end to end with $current" env LD_LIBRARY_PATH="$work" \
  "$python" ops/kafka/end_to_end.py "$limno" "$rides"
status=0
for number in "${!names[@]}"; do
  wait "${processes[number]}" || { status=1; echo "kafka: failed: ${names[number]}"; }
  echo "kafka: ${names[number]}"
  cat "$work/$((number + 1)).log"
done
exit $status
