#!/usr/bin/env bash
# A broker, a stream of rides and a job that goes on until it is told to stop; then it goes on.
#   examples/kafka/run.sh [ROWS]       default 1000000; works in .demo/kafka
set -euo pipefail
cd "$(dirname "$0")/../.."
rows=${1:-1000000}
work=.demo/kafka
say() { printf '\n\033[1m== %s\033[0m\n' "$*"; }

ops/venv.sh kafka
limno=$(ops/build.sh)
python=.venv-kafka/bin/python
rm -rf "$work"
mkdir -p "$work"
swift build -c release --package-path examples --product rides-generator >&2 </dev/null
"$(swift build -c release --package-path examples --show-bin-path)/rides-generator" \
  --rows "$rows" --files 1 --out "$work/rides"
split --number=r/4 --additional-suffix=.jsonl "$work/rides/rides-1.jsonl" "$work/rides/part-"

say "A broker on loopback"
BROKERS=$("$python" ops/kafka/broker.py start "$work/broker")
export BROKERS
job=
finish() {
  [ -z "$job" ] || kill -9 "$job" 2>/dev/null || true
  "$python" ops/kafka/broker.py stop "$work/broker"
}
trap finish EXIT
echo "$BROKERS"

published() { grep -c '"path"' "$work/out/log.jsonl" 2>/dev/null || true; }

say "limno run examples/kafka/job.yaml, while $rows rides are produced"
"$python" ops/kafka/produce.py "$BROKERS" rides "$work"/rides/part-*.jsonl &
producer=$!
"$python" - "$BROKERS" rides <<'PYTHON'
import sys, time
from confluent_kafka.admin import AdminClient
client = AdminClient({"bootstrap.servers": sys.argv[1]})
for _ in range(120):  # until the topic is there
    if sys.argv[2] in client.list_topics(timeout=10).topics:
        sys.exit()
    time.sleep(0.5)
sys.exit(f"no topic {sys.argv[2]} after a minute")
PYTHON
"$limno" run examples/kafka/job.yaml --quiet </dev/null &
job=$!
wait "$producer"
for _ in 1 2 3; do
  sleep 1
  echo "$(published) snapshots are published"
done

say "kill -9, and on from the last checkpoint"
kill -9 "$job"
wait "$job" 2>/dev/null || true
"$limno" run examples/kafka/job.yaml </dev/null &
job=$!
sleep 5
kill -TERM "$job"
wait "$job"
job=

say "Snapshots"
"$limno" snapshot list "$work/out" | tail -n 5
say "The topic of snapshots, and that of dead letters"
"$python" - "$BROKERS" <<'PYTHON'
import json, sys
from confluent_kafka import Consumer, TopicPartition
for topic in ("snapshots", "dead-letters"):
    consumer = Consumer({"bootstrap.servers": sys.argv[1], "group.id": "show", "enable.partition.eof": True})
    consumer.assign([TopicPartition(topic, 0, 0)])
    records = []
    while (message := consumer.poll(10)) and not message.error():
        records.append(message)
    keys = {record.key() for record in records}
    print(f"{topic}: {len(records)} records of {len(keys)} keys")
    for record in records[-2:]:
        print(f"  {record.key().decode()}  {record.value()[:90].decode()}…".replace("\n", " "))
PYTHON
