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
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

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

    def is_killed(self, job, least, most, *arguments):
        """Runs `job` for a random time of so many seconds at the most; whether it had not ended then."""
        process = self.start(job, *arguments)
        try:
            process.communicate(timeout=self.dice.uniform(least, most))
            return False
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return True

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
    books = json.loads((bench.folder / "out/log.jsonl").read_text().splitlines()[-1])["ledger"]
    same("the ledger", (books["read"], books["gone"]), (160, 30))
    bench.fresh()
    output = bench.run("gap.yaml" if bench.write("gap.yaml", COUNT.format(
        brokers=bench.brokers, topic="bounds", more="format: jsonl, " + gap, keys="")) else "",
        status=1)
    if "30 records from offset 10 are gone" not in output:
        sys.exit(f"a gap: {output}")
    return "offsets, times, ends, a gap refused and accepted"


def check_truncation(bench):
    """Records that go while a job is down end it; if that is accepted, its ledger says how many."""
    create(bench.brokers, "cut", 1)
    produce(bench.brokers, "cut", numbers(100))
    text = COUNT.format(
        brokers=bench.brokers, topic="cut", more="format: jsonl, on_offset_gap: fail", keys="")
    text = text.replace("windows: { global: {} }", """\
event_time: { column: __timestamp, late: drop }
windows: { global: {}, trigger: { repeatedly: { after_count: 1 } }, accumulation: accumulating }""")
    text += "checkpoint: { directory: state, every: 50ms }\n"
    fail = bench.write("fail.yaml", text)
    accept = bench.write("accept.yaml", text.replace("on_offset_gap: fail", "on_offset_gap: accept"))

    def run_until(job, rows):
        process = bench.start(job, "--output", "json")
        until = time.monotonic() + 60
        while (bench.rows("out") or [{"rows": 0}])[0]["rows"] != rows:
            if time.monotonic() > until or process.poll() is not None:
                process.kill()
                sys.exit(f"not {rows} rows: {bench.rows('out')} {process.communicate()}")
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=30)
        same(f"status\n{output}", process.returncode, 0)
        return json.loads(output[output.index("{"):])["ledger"]

    run_until(fail, 100)
    produce(bench.brokers, "cut", numbers(100, first=100))
    admin = AdminClient({"bootstrap.servers": bench.brokers})
    for future in admin.delete_records([TopicPartition("cut", 0, 130)]).values():
        future.result(30)
    output = bench.run(fail, status=1)
    if "30 records from offset 100 are gone" not in output:
        sys.exit(f"a gap: {output}")
    ledger = run_until(accept, 170)
    same("the ledger", (ledger["read"], ledger["gone"]), (170, 30))
    # Once more, and the count is that of both.
    produce(bench.brokers, "cut", numbers(100, first=200))
    for future in admin.delete_records([TopicPartition("cut", 0, 205)]).values():
        future.result(30)
    ledger = run_until(accept, 265)
    same("the ledger", (ledger["read"], ledger["gone"]), (265, 35))
    return "30 records gone: an error, then in the ledger; 5 more"


def check_replay(bench):
    """A part of a topic is read again, by offsets and by times."""
    create(bench.brokers, "again", 2)
    produce(bench.brokers, "again", numbers(100) + numbers(50, 1))
    time.sleep(0.05)
    middle = time.time()
    time.sleep(0.05)
    produce(bench.brokers, "again", numbers(100, first=100) + numbers(50, 1, first=50))
    instant = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(middle)) + f".{int(middle % 1 * 1000):03}Z"
    job = bench.write("again.yaml", COUNT.format(
        brokers=bench.brokers, topic="again", more="format: jsonl, until: end", keys="__partition"))
    for options, wanted in [
            ((), {0: 200, 1: 100}), (("--start", "0=150,1=90"), {0: 50, 1: 10}),
            (("--until", instant), {0: 100, 1: 50}), (("--start", instant), {0: 100, 1: 50}),
            (("--start", "0=10,1=20", "--until", "0=20,1=20"), {0: 10})]:
        shutil.rmtree(bench.folder / "replayed", ignore_errors=True)
        done = subprocess.run(
            [bench.limno, "replay", job, "--out", "replayed", *options], cwd=bench.folder,
            capture_output=True, text=True, check=False)
        same(f"status\n{done.stderr}", done.returncode, 0)
        same(options, {row["__partition"]: row["rows"] for row in bench.rows("replayed")}, wanted)
    done = subprocess.run(
        [bench.limno, "replay", job, "--out", "replayed", "--start", "0:5"], cwd=bench.folder,
        capture_output=True, text=True, check=False)
    same("a wrong bound", (done.returncode, "found '0:5'" in done.stderr), (2, True))
    return "all, from and to offsets and times"


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
    """Snapshots and dead letters go to topics: all of them once, those of a killed job too."""
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
    kills = sum(bench.is_killed(job, 0.05, 0.6) for _ in range(8))
    bench.run(job)
    again = consume(bench.brokers, "published2")
    same("keys after kills", sorted(key for key, _, _ in again), sorted(key for key, _, _ in records))
    same("letters after kills",
         sorted(value for _, value, _ in consume(bench.brokers, "letters2")), wanted)
    return (f"{len(records)} snapshots, {len(letters)} letters; after {kills} kills "
            f"{len(again)} records of the same snapshots")


def check_letters(bench):
    """Dead letters in a topic are listed and given back as a file, each once."""
    bad = {7: b"poison", 20: b'{"n": "x"}', 400: b"\xff\x00"}
    values = numbers(500)
    for place, value in bad.items():
        values[place] = (0, value, None, None)
    create(bench.brokers, "in", 1)
    create(bench.brokers, "letters", 3)
    produce(bench.brokers, "in", values)
    job = bench.write("letters.yaml", COUNT.format(
        brokers=bench.brokers, topic="in", more="format: jsonl, until: end", keys="") +
        "dead_letters: { topic: letters }\ncheckpoint: { directory: state, every: 50ms }\n")
    bench.run(job)

    def dlq(*arguments, status=0):
        done = subprocess.run([bench.limno, "dlq", *arguments], cwd=bench.folder,
                              capture_output=True, text=True, check=False)
        same(f"status\n{done.stderr}", done.returncode, status)
        return done.stdout

    def listed(*arguments):
        found = map(json.loads, dlq("list", job, "--output", "json", *arguments).splitlines())
        return sorted((one["offset"], letter_bytes(one), one["is_replayed"]) for one in found)

    same("listed", listed(), sorted((place, value, False) for place, value in bad.items()))
    same("listed by reason", [place for place, *_ in listed("--reason", "n:")], [20])
    dlq("replay", job, "--to", "again.jsonl", "--reason", "n:")
    same("given back", (bench.folder / "again.jsonl").read_bytes(), bad[20] + b"\n")
    dlq("replay", job, "--to", "rest.jsonl")
    same("the rest", sorted((bench.folder / "rest.jsonl").read_bytes().splitlines()),
         sorted([bad[7], bad[400]]))
    same("listed after", listed(), sorted((place, value, True) for place, value in bad.items()))
    if "nothing to replay" not in dlq("replay", job, "--to", "more.jsonl"):
        sys.exit("dead letters were given back twice")
    return f"{len(bad)} listed in a topic of 3 partitions, given back once"


def check_lag(bench):
    """Metrics say how far a run is; its group does after each checkpoint, though it writes to no topic."""
    rows = 100_000
    create(bench.brokers, "lag", 2)
    produce(bench.brokers, "lag", (
        (n % 2, b'{"n": %d}' % n, None, None) for n in range(rows)))
    job = bench.write("lag.yaml", COUNT.format(
        brokers=bench.brokers, topic="lag", more="format: jsonl", keys="").replace(
            "windows: { global: {} }",
            "event_time: { column: __timestamp, late: drop, idle_after: 1s }\nwindows: { global: {} }") +
        "checkpoint: { directory: state, every: 100ms }\n")
    log = bench.folder / "lag.log"
    process = subprocess.Popen(
        [bench.limno, "run", job, "--http", "127.0.0.1:0", "--log", "json", "--output", "json",
         "--workers", "1"], cwd=bench.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=open(log, "w", encoding="utf-8"))
    sample = re.compile(r'^(limno_\w+)\{.*split="lag/(\d)".*\} (\d+)', re.MULTILINE)
    consumer = Consumer({"bootstrap.servers": bench.brokers, "group.id": "limno-count"})
    partitions = [TopicPartition("lag", number) for number in range(2)]
    until, behind, scrapes, more = time.monotonic() + 60, 0, 0, 0
    while True:
        if time.monotonic() > until or process.poll() is not None:
            process.kill()
            sys.exit(f"lag: {log.read_text()}")
        address = re.search(r'"address":"([^"]+)"', log.read_text())
        if not address:
            continue
        with urllib.request.urlopen(address[1] + "/metrics", timeout=10) as answer:
            found = {(name, int(split)): int(value)
                     for name, split, value in sample.findall(answer.read().decode())}
        lags = [found.get(("limno_consumer_lag_records", number)) for number in range(2)]
        if None in lags:
            continue
        for number, lag in enumerate(lags):
            if more == 0:
                read = found["limno_records_read_total", number]
                end = consumer.get_watermark_offsets(partitions[number], timeout=10)[1]
                same(f"read and still to read of partition {number}", read + lag, end)
        scrapes += 1
        behind += any(lags)
        if not any(lags) and sum(
                found["limno_records_read_total", number] for number in range(2)) == rows + more:
            if more:
                break
            more = 501
            produce(bench.brokers, "lag", numbers(more, 1))
            time.sleep(0.5)

    def told():
        return [one.offset for one in consumer.committed(partitions, timeout=10)]

    wanted = [rows // 2, rows // 2 + more]
    while told() != wanted:
        if time.monotonic() > until:
            sys.exit(f"the group stands at {told()}, expected {wanted}")
        time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    same("status", process.wait(timeout=30), 0)
    consumer.close()
    return f"{scrapes} scrapes, {behind} of them behind; the group stands at {wanted}"


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


def check_join(bench):
    """Predictions in one topic and labels in another give the same bytes as from two files."""
    subprocess.run([TOP / "examples/labels/split_labels.py", bench.rides, "--out", bench.folder],
                   check=True)
    text = (TOP / "examples/labels/job.yaml").read_text(encoding="utf-8")

    def job(out):
        return bench.write(f"{out}.yaml", text.replace(".demo/labelled/out", out)
                           .replace(".demo/labelled/", ""))

    bench.run(job("files"))
    for side in ("predictions", "labels"):
        create(bench.brokers, side, 1)
        produce(bench.brokers, side, lines([bench.folder / f"{side}.jsonl"]))
        text = text.replace(
            f"files: {{ paths: [.demo/labelled/{side}.jsonl], format: jsonl }}",
            f'kafka: {{ brokers: "{bench.brokers}", topic: {side}, format: jsonl, until: end }}')
    bench.run(job("topics"), "--workers", "3")
    wanted = answers(bench.folder / "files")
    same("joined topics", answers(bench.folder / "topics"), wanted)
    return f"{len(wanted[0])} last panes, ledger {wanted[1]}"


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
          check_bounds, check_truncation, check_replay, check_transactions, check_topics_out,
          check_letters, check_lag, check_continuous, check_join, check_absent]


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
