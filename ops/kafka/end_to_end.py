#!/usr/bin/env python3
"""Runs limno against a real broker on loopback and holds its answers against those from files.

    end_to_end.py LIMNO RIDES.jsonl [--seed N] [--only NAME]

RIDES.jsonl is what rides-generator writes. Every check starts its own broker and ends it.
"""
import argparse
import base64
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewPartitions

from broker import Broker
from produce import create, lines, produce

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "ops/oracles"))
from one_answer import answers  # noqa: E402

COUNT = """\
job: count
source: {{ kafka: {{ brokers: "{brokers}", topic: {topic}, {more} }} }}
schema: {{ n: int }}
windows: {{ global: {{}} }}
aggregate: {{ keys: [{keys}], values: {{ rows: count(), total: sum(n) }} }}
output: {{ snapshots: out }}
"""


class Bench:
    """A folder to work in, the program, and a broker."""

    def __init__(self, limno, rides, folder, broker, dice):
        self.limno, self.rides, self.folder, self.dice = limno, rides, folder, dice
        self.brokers = broker.address

    def start(self, job, *arguments, **environment):
        return subprocess.Popen(
            [self.limno, "run", job, *arguments], cwd=self.folder, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env={**os.environ, **environment})

    def run(self, job, *arguments, status=0, **environment):
        process = self.start(job, *arguments, **environment)
        output, _ = process.communicate(timeout=300)
        if process.returncode != status:
            sys.exit(f"limno run {job}: exit {process.returncode}, expected {status}\n{output}")
        return output

    def write(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")
        return name

    def fresh(self):
        for name in ("out", "state"):
            shutil.rmtree(self.folder / name, ignore_errors=True)

    def count(self, topic, more, keys="", **environment):
        """Rows and totals by key, of a job that only counts."""
        self.fresh()
        self.run(self.write("count.yaml", COUNT.format(
            brokers=self.brokers, topic=topic, more=more, keys=keys)), **environment)
        return self.rows("out")

    def rows(self, out):
        found = sorted((self.folder / out / "aggregate").rglob("rows.jsonl"))
        return [json.loads(line) for line in found[-1].read_text().splitlines()] if found else []

    def letters(self, out):
        path = self.folder / out / "dead_letters/dead_letters.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def same(what, found, wanted):
    if found != wanted:
        sys.exit(f"{what}: {str(found)[:500]}\nexpected {str(wanted)[:500]}")


def rides_job(bench, source, out):
    text = (TOP / "examples/rides/job.yaml").read_text(encoding="utf-8")
    begin, end = text.index("source:"), text.index("# Optional;")
    text = text[:begin] + f"source: {source}\n" + text[end:]
    return bench.write(f"{out}.yaml", text.replace(".demo/out", out))


def split_rides(bench, parts):
    """The rides in turn over several files, so that partitions advance together."""
    (bench.folder / "rides").mkdir()
    files = [bench.folder / f"rides/{part}.jsonl" for part in range(parts)]
    opened = [open(file, "wb") for file in files]
    for number, line in enumerate(open(bench.rides, "rb")):
        opened[number % parts].write(line)
    for file in opened:
        file.close()
    return files


def check_same_as_files(bench):
    """A topic gives the same bytes as the same rows in files, dead letters included."""
    files = split_rides(bench, 3)
    bench.run(rides_job(bench, "{ files: { paths: [rides/*.jsonl], format: jsonl } }", "files"))
    wanted = answers(bench.folder / "files")
    create(bench.brokers, "rides", 3)
    produce(bench.brokers, "rides", lines(files), "lz4")
    source = f'{{ kafka: {{ brokers: "{bench.brokers}", topic: rides, format: jsonl, until: end }} }}'
    for workers in ("1", "3"):
        shutil.rmtree(bench.folder / "topic", ignore_errors=True)
        bench.run(rides_job(bench, source, "topic"), "--workers", workers)
        same("snapshots from the topic", answers(bench.folder / "topic"), wanted)
        rows = [file.read_bytes().splitlines() for file in files]
        letters = bench.letters("topic")
        for letter in letters:
            partition = int(letter["split"].removeprefix("rides/"))
            same(f"the record of {letter}", letter_bytes(letter), rows[partition][letter["offset"]])
        key = lambda letter: (letter_bytes(letter), letter["reason"])  # noqa: E731
        same("dead letters", sorted(map(key, letters)), sorted(map(key, bench.letters("files"))))
    return f"{len(wanted[0])} last panes, {len(letters)} dead letters, ledger {wanted[1]}"


def letter_bytes(letter):
    return letter["text"].encode() if "text" in letter else base64.b64decode(letter["base64"])


def check_kills(bench):
    """A bounded job with checkpoints that is killed again and again ends with the same bytes."""
    files = split_rides(bench, 2)
    create(bench.brokers, "rides", 2)
    produce(bench.brokers, "rides", lines(files))
    source = f'{{ kafka: {{ brokers: "{bench.brokers}", topic: rides, format: jsonl, until: end }} }}'
    bench.run(rides_job(bench, source, "calm"))
    wanted = answers(bench.folder / "calm")
    letters = sorted(map(str, bench.letters("calm")))
    text = (bench.folder / rides_job(bench, source, "out")).read_text()
    job = bench.write("killed.yaml", text + "checkpoint: { directory: state, every: 20ms }\n")
    begun = time.monotonic()
    bench.run(job)
    length = time.monotonic() - begun
    kills = runs = 0
    while kills < 12 and runs < 12:
        bench.fresh()
        while True:
            process = bench.start(job)
            try:
                output, _ = process.communicate(timeout=bench.dice.uniform(0.02, length))
                break
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                kills += 1
        runs += 1
        same(f"status\n{output}", process.returncode, 0)
        same("snapshots after kills", answers(bench.folder / "out"), wanted)
        same("dead letters after kills", sorted(map(str, bench.letters("out"))), letters)
    return f"{kills} kills in {runs} runs"


def numbers(count, partition=0, first=0):
    return [(partition, b'{"n": %d}' % n, b"key %d" % (n % 3), {"h": b"%d" % (n % 2)})
            for n in range(first, first + count)]


def check_codecs(bench):
    """Every codec is read."""
    for codec in ("none", "gzip", "snappy", "lz4", "zstd"):
        create(bench.brokers, codec, 1)
        produce(bench.brokers, codec, numbers(1000), codec)
        same(codec, bench.count(codec, "format: jsonl, until: end"),
             [{"rows": 1000, "total": 499500}])
    return "none, gzip, snappy, lz4, zstd"


def varint(value):
    result = bytearray()
    while value > 0x7F:
        result.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(result + bytes([value]))


def field(number, data):
    return varint(number << 3 | 2) + varint(len(data)) + data


def example(n):
    """A tf.Example with the integer feature `n`, by the protobuf definition."""
    feature = field(3, field(1, varint(n)))
    return field(1, field(1, field(1, b"n") + field(2, feature)))


def check_formats(bench):
    """CSV lines and tf.Example; each poison record is a dead letter with its bytes and offset."""
    poison = {
        "jsonl": [b"", b'{"n": "x"}', b'{"n":\n"x"}', None, b"\xff", b'{"n": 1}\n{"n": 2}'],
        "csv": [b"", b'7,"never closed', b"x,y", None, b"1", b'1,a"b,"2', b"1,x\n2,y"],
        "tf_example": [b"\x0a\x01", None, b"\xff\xff"]}
    row = {
        "jsonl": lambda n: b'{"n": %d}' % n if n % 2 else b'{\n  "n": %d\n}\n' % n,
        "csv": lambda n: [b"%d,x", b'%d,"x, ""y"""', b'%d,"two\nlines"', b"%d,\n"][n % 4] % n,
        "tf_example": example}
    for name, bad in poison.items():
        values = [row[name](n) for n in range(1000)]
        places = sorted(bench.dice.sample(range(1000), len(bad)))
        for place, value in zip(places, bad):
            values.insert(place, value)
        create(bench.brokers, name, 1)
        produce(bench.brokers, name, [(0, value, None, None) for value in values])
        columns = "columns: [n, text], " if name == "csv" else ""
        found = bench.count(name, f"format: {name}, {columns}until: end")
        same(name, found, [{"rows": 1000, "total": 499500}])
        wanted = [(f"{name}/0", place, value or b"") for place, value in enumerate(values)
                  if any(value is one for one in bad)]
        letters = [(one["split"], one["offset"], letter_bytes(one)) for one in bench.letters("out")]
        same(f"dead letters of {name}", sorted(letters), sorted(wanted))
    return f"{sum(map(len, poison.values()))} poison records"


def check_columns(bench):
    """Keys, headers and places are columns."""
    create(bench.brokers, "columns", 2)
    produce(bench.brokers, "columns", numbers(300) + numbers(30, 1))
    more = "format: jsonl, until: end"
    for keys, wanted in [
            ("__key", {("key 0",): 110, ("key 1",): 110, ("key 2",): 110}),
            ("__headers.h", {("0",): 165, ("1",): 165}),
            ("__partition", {(0,): 300, (1,): 30}), ("__topic", {("columns",): 330})]:
        rows = bench.count("columns", more, keys)
        same(keys, {(row[keys],): row["rows"] for row in rows}, wanted)
    job = COUNT.format(brokers=bench.brokers, topic="columns", more=more, keys="__offset").replace(
        "windows: { global: {} }",
        "event_time: { column: __timestamp, late: drop }\nwindows: { fixed: 36500d }")
    bench.fresh()
    bench.run(bench.write("time.yaml", job))
    rows = bench.rows("out")
    same("offsets", [(row["__offset"], row["rows"]) for row in rows],
         [(n, 2 if n < 30 else 1) for n in range(300)])
    return "__key, __headers.h, __partition, __topic, __offset, __timestamp"


def check_bounds(bench):
    """Reading starts and ends where the job says; what is gone is an error, or accepted."""
    create(bench.brokers, "bounds", 1)
    produce(bench.brokers, "bounds", numbers(100))
    time.sleep(0.05)
    middle = time.time()
    time.sleep(0.05)
    produce(bench.brokers, "bounds", numbers(100, first=100))
    instant = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(middle)) + f".{int(middle % 1 * 1000):03}Z"

    def rows(more, **environment):
        found = bench.count("bounds", f"format: jsonl, {more}", **environment)
        return (found[0]["rows"], found[0]["total"]) if found else (0, 0)

    total = lambda first, end: (end - first, sum(range(first, end)))  # noqa: E731
    same("all", rows("until: end"), total(0, 200))
    same("latest", rows("start: latest, until: end"), (0, 0))
    same("from an offset", rows("start: { offsets: { 0: 150 } }, until: end"), total(150, 200))
    same("to an offset", rows("until: { offsets: { 0: 50 } }"), total(0, 50))
    same("from a time", rows(f"start: {{ timestamp: '{instant}' }}, until: end"), total(100, 200))
    same("to a time", rows(f"until: {{ timestamp: '{instant}' }}"), total(0, 100))
    admin = AdminClient({"bootstrap.servers": bench.brokers})
    for future in admin.delete_records([TopicPartition("bounds", 0, 40)]).values():
        future.result(30)
    same("after deletion", rows("until: end"), total(40, 200))
    gap = "start: { offsets: { 0: 10 } }, until: end"
    same("a gap accepted", rows(gap + ", on_offset_gap: accept"), total(40, 200))
    bench.fresh()
    output = bench.run("gap.yaml" if bench.write("gap.yaml", COUNT.format(
        brokers=bench.brokers, topic="bounds", more="format: jsonl, " + gap, keys="")) else "",
        status=1)
    if "30 records from offset 10 are gone" not in output:
        sys.exit(f"a gap: {output}")
    return "offsets, times, ends, a gap refused and accepted"


def check_transactions(bench):
    """Only committed records count; the marks of transactions are no gaps."""
    create(bench.brokers, "transactions", 1)
    producer = Producer({"bootstrap.servers": bench.brokers, "transactional.id": "t"})
    producer.init_transactions(30)
    wanted = 0
    for turn in range(20):
        producer.begin_transaction()
        for n in range(50):
            producer.produce("transactions", b'{"n": %d}' % (turn * 50 + n))
        if turn % 3 == 1:
            producer.flush(30)
            producer.abort_transaction(30)
        else:
            producer.commit_transaction(30)
            wanted += sum(range(turn * 50, turn * 50 + 50))
    same("committed", bench.count("transactions", "format: jsonl, until: end"),
         [{"rows": 650, "total": wanted}])
    return "13 of 20 transactions"


def consume(brokers, topic):
    """Every record of a topic's only partition: (key, value, headers)."""
    consumer = Consumer({"bootstrap.servers": brokers, "group.id": "check",
                         "enable.partition.eof": True, "auto.offset.reset": "earliest"})
    consumer.assign([TopicPartition(topic, 0, 0)])
    records = []
    while True:
        message = consumer.poll(10)
        if message is None or message.error():
            consumer.close()
            return records
        records.append((message.key().decode(), message.value(), dict(message.headers() or [])))


def check_topics_out(bench):
    """Snapshots and dead letters go to topics: all of them, those of a killed job at least once."""
    create(bench.brokers, "in", 1)
    values = numbers(2000)
    for place in range(0, 2000, 100):
        values[place] = (0, b"poison %d" % place, None, None)
    produce(bench.brokers, "in", values)
    job = COUNT.format(brokers=bench.brokers, topic="in", more="format: jsonl, until: end", keys="")
    job = job.replace("windows: { global: {} }", """\
event_time: { column: n, late: drop }
windows: { fixed: 10s }
evaluate: { name: quality, label: n, prediction: p, metrics: [example_count] }""")
    job = job.replace("{ n: int }", "{ n: timestamp_s, p: float }").replace("total: sum(n)", "last: count()")
    job = job.replace("label: n", "label: p").replace("snapshots: out", "snapshots: out, kafka: published")
    job += "dead_letters: { topic: letters }\n"
    for name in ("published", "letters"):
        create(bench.brokers, name, 1)
    bench.run(bench.write("calm.yaml", job))
    log = [json.loads(line) for line in (bench.folder / "out/log.jsonl").read_text().splitlines()]
    records = consume(bench.brokers, "published")
    same("records", len(records), len(log) - 1)
    for line, (key, value, _) in zip(log, records):
        kind = f"{line['kind']}/{line['stage']}" if line["stage"] else line["kind"]
        same("key", key, f"count|{kind}|{line['window']}|{line['path'].split('/')[-1]}")
        record = json.loads(value)
        same("hash", record["manifest"]["payload_sha256"], line["payload_sha256"])
        same("metrics", "metrics" in record, line["kind"] == "evaluation")
    letters = consume(bench.brokers, "letters")
    wanted = sorted(b"poison %d" % place for place in range(0, 2000, 100))
    same("letters", sorted(value for _, value, _ in letters), wanted)
    same("their places", sorted(int(headers["offset"]) for _, _, headers in letters),
         list(range(0, 2000, 100)))
    for name in ("published2", "letters2"):
        create(bench.brokers, name, 1)
    bench.fresh()
    job = bench.write("killed.yaml", job.replace("published", "published2").replace(
        "topic: letters", "topic: letters2") + "checkpoint: { directory: state, every: 10ms }\n")
    kills = 0
    for _ in range(8):
        process = bench.start(job)
        try:
            process.communicate(timeout=bench.dice.uniform(0.05, 0.6))
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            kills += 1
    bench.run(job)
    again = consume(bench.brokers, "published2")
    same("keys after kills", {key for key, _, _ in again}, {key for key, _, _ in records})
    same("letters after kills", {value for _, value, _ in consume(bench.brokers, "letters2")},
         set(wanted))
    return (f"{len(records)} snapshots, {len(letters)} letters; after {kills} kills "
            f"{len(again)} records of the same snapshots")


def check_continuous(bench):
    """A run without end goes on with what comes, finds a new partition, and stops when told."""
    create(bench.brokers, "live", 1)
    job = bench.write("live.yaml", """\
job: live
source: {{ kafka: {{ brokers: "{0}", topic: live, format: jsonl }} }}
schema: {{ n: int }}
event_time: {{ column: __timestamp, late: drop, idle_after: 1s }}
windows: {{ global: {{}}, trigger: {{ repeatedly: {{ after_count: 1 }} }}, accumulation: accumulating }}
aggregate: {{ keys: [__partition], values: {{ rows: count(), total: sum(n) }} }}
output: {{ snapshots: out }}
checkpoint: {{ directory: state, every: 200ms }}
""".format(bench.brokers))

    def expect(wanted, seconds):
        until = time.monotonic() + seconds
        found = None
        while time.monotonic() < until:
            found = {row["__partition"]: row["rows"] for row in bench.rows("out")}
            if found == wanted:
                return
            time.sleep(0.1)
        sys.exit(f"a run without end has seen {found}, expected {wanted}")

    process = bench.start(job)
    produce(bench.brokers, "live", numbers(500))
    expect({0: 500}, 20)
    process.kill()
    process.communicate()
    produce(bench.brokers, "live", numbers(500))
    process = bench.start(job)
    expect({0: 1000}, 20)
    admin = AdminClient({"bootstrap.servers": bench.brokers})
    for future in admin.create_partitions([NewPartitions("live", 2)]).values():
        future.result(30)
    produce(bench.brokers, "live", numbers(70, 1))
    expect({0: 1000, 1: 70}, 40)
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=30)
    same(f"status\n{output}", process.returncode, 0)
    return "a kill, a new partition, SIGTERM"


def check_absent(bench):
    """Without a broker, or with one that refuses, a run ends with a reason and without secrets."""
    canary = "canary-5a1d"
    security = ("security: { protocol: sasl_plaintext, mechanism: SCRAM-SHA-256, username: u, "
                "password: '${env:KAFKA_PASSWORD}' }")
    for brokers, more in [("127.0.0.1:1", ""), (bench.brokers, ", " + security)]:
        job = bench.write("absent.yaml", COUNT.format(
            brokers=brokers, topic="absent", more="format: jsonl, until: end" + more, keys=""))
        output = bench.run(job, status=1, KAFKA_PASSWORD=canary)
        if brokers not in output and "absent" not in output or canary in output:
            sys.exit(f"no broker: {output}")
    output = bench.run(bench.write("absent.yaml", COUNT.format(
        brokers=bench.brokers, topic="no_such_topic", more="format: jsonl, until: end", keys="")),
        status=1)
    if "no such topic" not in output:
        sys.exit(f"no topic: {output}")
    return "unreachable, refused, no topic"


CHECKS = [check_same_as_files, check_kills, check_codecs, check_formats, check_columns,
          check_bounds, check_transactions, check_topics_out, check_continuous, check_absent]


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("limno", type=pathlib.Path)
    parser.add_argument("rides", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("--only")
    options = parser.parse_args()
    print(f"seed {options.seed}")
    for check in CHECKS:
        if options.only and options.only not in check.__name__:
            continue
        with tempfile.TemporaryDirectory(prefix="limno-kafka-") as folder, Broker() as broker:
            begun = time.monotonic()
            bench = Bench(options.limno.resolve(), options.rides.resolve(), pathlib.Path(folder),
                          broker, random.Random(options.seed))
            done = check(bench)
            name = check.__name__.removeprefix("check_").replace("_", " ")
            print(f"kafka: {name}: {done} ({time.monotonic() - begun:.1f} s)", flush=True)


if __name__ == "__main__":
    main()
