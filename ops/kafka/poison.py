#!/usr/bin/env python3
"""Poison among rows: each in the topic of dead letters once, byte for byte, and the rest counted exactly.

    poison.py LIMNO [--rows 1000000] [--poison 20000] [--kills 3] [--seed N]

Poison is what no decoder takes: random bytes, JSON that ends early, wrong types, invalid UTF-8, nothing
at all. The job is killed while it reads, and taken up.
"""
import argparse
import collections
import json
import pathlib
import random
import sys
import tempfile
import time

from broker import Broker
from end_to_end import Bench, same
from produce import create, produce
from reader import committed

JOB = """\
job: poison
source: {{ kafka: {{ brokers: "{brokers}", topic: in, format: jsonl, until: end }} }}
schema: {{ at: timestamp_s, key: string, n: int }}
event_time: {{ column: at, late: drop, max_out_of_orderness: 1h }}
windows: {{ fixed: 1h }}
aggregate: {{ keys: [key], values: {{ rows: count(), total: sum(n) }} }}
output: {{ snapshots: out }}
dead_letters: {{ topic: letters }}
checkpoint: {{ directory: state, every: 500ms }}
"""
PARTITIONS = 4


def poison(dice, number):
    """Bytes that are no row; a serial number makes most of them differ."""
    kind = number % 8
    row = b'{"at": %d, "key": "a", "n": %d}' % (number, number)
    return [
        bytes(dice.randrange(256) for _ in range(dice.randrange(1, 300))) + b"\x00%d" % number,
        row[:dice.randrange(1, len(row))], b'{"at": "soon", "key": "a", "n": %d}' % number,
        b'{"at": %d, "key": "\xff\xfe", "n": 1}' % number, b"", row + row, b"\n%d\n\n" % number,
        b'[%d]' % number][kind]


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("limno", type=pathlib.Path)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--poison", type=int, default=20_000)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    options = parser.parse_args()
    print(f"poison: seed {options.seed}", flush=True)
    dice = random.Random(options.seed)
    bad = set(dice.sample(range(options.rows), options.poison))
    counts, totals = collections.Counter(), collections.Counter()
    wanted = {}
    offsets = [0] * PARTITIONS

    def records():
        for number in range(options.rows):
            partition = number % PARTITIONS
            if number in bad:
                value = poison(dice, number)
                wanted[b"in/%d@%d" % (partition, offsets[partition])] = value
            else:
                hour, key = number * 10 // options.rows, f"k{dice.randrange(50)}"
                n = dice.randrange(-999, 999)
                value = b'{"at": %d, "key": "%s", "n": %d}' % (
                    hour * 3600 + dice.randrange(3600), key.encode(), n)
                counts[hour, key] += 1
                totals[hour, key] += n
            offsets[partition] += 1
            yield partition, value, None, None

    with tempfile.TemporaryDirectory(prefix="limno-poison-") as folder, Broker() as broker:
        create(broker.address, "in", PARTITIONS)
        create(broker.address, "letters", 1)
        produce(broker.address, "in", records())
        bench = Bench(options.limno.resolve(), None, pathlib.Path(folder), broker, dice)
        job = bench.write("job.yaml", JOB.format(brokers=broker.address))
        begun = time.monotonic()
        kills = sum(bench.is_killed(job, 0.7, 2.5, "--quiet") for _ in range(options.kills))
        bench.run(job, "--quiet")
        seconds = time.monotonic() - begun
        found = committed(broker.address, "letters")
        same("dead letters", len(found), options.poison)
        same("their places", len({key for key, _, _ in found}), options.poison)
        wrong = [key for key, value, _ in found if wanted[key] != (value or b"")]
        same("bytes that differ", wrong, [])
        rows = collections.Counter()
        sums = collections.Counter()
        for path in (bench.folder / "out/aggregate").rglob("rows.jsonl"):
            hour = int(path.parts[-3][11:13])
            for row in map(json.loads, path.read_text().splitlines()):
                same("a group that comes twice", rows[hour, row["key"]], 0)
                rows[hour, row["key"]] = row["rows"]
                sums[hour, row["key"]] = row["total"]
        same("rows", rows, counts)
        same("totals", sums, totals)
    print(f"poison: {options.poison:,} of {options.rows:,} records are dead letters, each once with its "
          f"bytes; {sum(rows.values()):,} rows in {len(rows)} groups exact; {kills} kills, "
          f"{seconds:.1f} s")


if __name__ == "__main__":
    sys.exit(main())
