#!/usr/bin/env bash
# A broker, a stream of rides and a job that goes on until it is told to stop; then it goes on.
#   examples/kafka/run.sh [ROWS]       default 1000000; works in .demo/kafka
set -euo pipefail
cd "$(dirname "$0")/../.."
rows=${1:-1000000}
work=.demo/kafka
say() { printf '\n\033[1m== %s\033[0m\n' "$*"; }

ops/setup.sh --kcat
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
for _ in 1 2 3; do
  sleep 2
  echo "$(published) snapshots are published"
done

say "kill -9, and on from the last checkpoint"
kill -9 "$job"
wait "$job" 2>/dev/null || true
checkpoint() { find "$work/state" -maxdepth 1 -name 'checkpoint-*' | sort | tail -n 1; }
before=$(checkpoint)
"$limno" run examples/kafka/job.yaml </dev/null &
job=$!
wait "$producer"
"$python" - "$BROKERS" rides limno-live-rides <<'PYTHON'
import sys, time
from confluent_kafka import Consumer, TopicPartition
brokers, topic, group = sys.argv[1:]
consumer = Consumer({"bootstrap.servers": brokers, "group.id": group})
partitions = [TopicPartition(topic, number) for number in consumer.list_topics(topic, 10).topics[topic].partitions]
end = sum(consumer.get_watermark_offsets(one, 10)[1] for one in partitions)
shown = None
for _ in range(1800):  # until the group has read all, as any lag tool would see it
    read = sum(max(0, one.offset) for one in consumer.committed(partitions, 10))
    if read != shown:
        print(f"group {group}: {read:,} of {end:,} records read", flush=True)
    if read == end:
        sys.exit()
    shown = read
    time.sleep(1)
sys.exit(f"not all records are read: {read} of {end}")
PYTHON
for _ in $(seq 120); do  # until it has written a checkpoint of its own
  [ "$(checkpoint)" != "$before" ] && break
  sleep 0.5
done
echo "$(published) snapshots are published"
kill -TERM "$job"
wait "$job"
job=

say "Snapshots"
"$limno" snapshot list "$work/out" | tail -n 5
say "The topic of snapshots, by kcat"
read_topic() { kcat -b "$BROKERS" -C -e -q -o beginning -X isolation.level=read_committed -t "$1" "${@:2}"; }
read_topic snapshots -f '%k\n' >"$work/keys"
tail -n 3 "$work/keys"
echo "$(wc -l <"$work/keys") records, $(sort "$work/keys" | uniq -d | wc -l) of them twice; $(published) publications"
[ "$(wc -l <"$work/keys")" -eq "$(published)" ] && [ -z "$(sort "$work/keys" | uniq -d)" ]
read_topic snapshots -c 1 -f '%s\n' | head -c 300
echo …

say "The topic of dead letters, and that of commits"
read_topic dead-letters -f '%k  %h\n' >"$work/letters"
tail -n 3 "$work/letters"
[ -z "$(cut -d ' ' -f 1 "$work/letters" | sort | uniq -d)" ]
read_topic live-rides-commits -f '%s\n' | tail -n 1 | tee "$work/commit"
"$python" -c 'import json, sys; assert sum(json.load(sys.stdin)["positions"].values()) == int(sys.argv[1])' \
  "$rows" <"$work/commit"
