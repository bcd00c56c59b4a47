#!/usr/bin/env python3
"""What a checkpoint costs with 100,000 open windows: CPU, and the share of throughput that is.

    ops/benchmarks/checkpoints.py [--rows 10000000] [--rounds 3] [--gate]

The same rows with and without checkpoints, one worker, alternating. They lie in windows of a second that
all stay open: in order, so that few windows change between two checkpoints, or spread over all of them,
so that every one does. A checkpoint's CPU, whichever thread spends it, over 10 s is what it can take from
throughput at intervals of 10 s. The goal: 5 %.
"""
import argparse
import json
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

TOP = pathlib.Path(__file__).resolve().parents[2]
WINDOWS = 100_000
JOB = """\
job: open
source: {{ files: {{ paths: ["{data}"], format: jsonl, follow: true }} }}
schema: {{ at: timestamp_ms, v: int }}
event_time: {{ column: at, max_out_of_orderness: 2d, late: drop }}
windows: {{ fixed: 1s }}
aggregate: {{ keys: [], values: {{ n: count(), total: sum(v) }} }}
output: {{ snapshots: {folder}/out }}
"""
CHECKPOINT = "checkpoint: {{ directory: {folder}/state, every: 1s }}\n"


def generate(path, rows, order):
    with open(path, "w", encoding="ascii") as file:
        for begin in range(0, rows, WINDOWS):
            numbers = range(begin, min(rows, begin + WINDOWS))
            times = ((number * WINDOWS // rows * 1000 + number % 1000 for number in numbers)
                     if order else (number * 7919 % WINDOWS * 1000 for number in numbers))
            file.writelines(
                f'{{"at":{1_700_000_000_000 + time},"v":{number}}}\n'
                for time, number in zip(times, numbers))


def run(limno, data, folder, text, rows):
    """(CPU seconds, how many checkpoints) until all rows are read; the windows stay open."""
    job, log = folder / "job.yaml", folder / "log"
    job.write_text(text.format(data=data, folder=folder))
    with open(log, "w", encoding="utf-8") as file:
        process = subprocess.Popen(
            [limno, "run", job, "--workers", "1", "--quiet", "--http", "127.0.0.1:0", "--log", "json"],
            stdin=subprocess.DEVNULL, stdout=file, stderr=file)
    try:
        while process.poll() is None:
            time.sleep(0.1)
            address = re.search(r'"address":"([^"]+)"', log.read_text())
            if not address:
                continue
            with urllib.request.urlopen(address[1] + "/status", timeout=60) as answer:
                status = json.load(answer)
            if status["ledger"]["read"] == rows:
                return (status["process"]["cpu_seconds"],
                        status.get("checkpoints", {}).get("written", 0))
        sys.exit(f"checkpoints: limno ended with {process.returncode}: {log.read_text()}")
    finally:
        process.kill()
        process.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--gate", action="store_true", help="exit 1 where the goal is missed")
    options = parser.parse_args()
    limno = subprocess.run(
        [TOP / "ops/build.sh"], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    worst = 0
    with tempfile.TemporaryDirectory(prefix="limno-checkpoints-") as work:
        for order in (True, False):
            data = pathlib.Path(work, "rows.jsonl")
            generate(data, options.rows, order)
            costs, total = [], 0
            for turn in range(options.rounds):
                found = []
                for text in (JOB, JOB + CHECKPOINT):
                    with tempfile.TemporaryDirectory(dir=work) as folder:
                        found.append(run(limno, data, pathlib.Path(folder), text, options.rows))
                (plain, _), (own, count) = found
                costs.append((own - plain) / max(1, count))
                total += count
                print(f"{'in order' if order else 'spread'}, round {turn + 1}: {plain:.2f} s of CPU, "
                      f"with {count} checkpoints {own:.2f}", file=sys.stderr, flush=True)
            cost = statistics.median(costs)
            worst = max(worst, cost)
            print(f"{WINDOWS:,} open windows, {options.rows:,} rows "
                  f"{'in order' if order else 'spread over all'}: {cost * 1000:.0f} ms of CPU a "
                  f"checkpoint (median of {options.rounds} runs, {total} checkpoints), at intervals of "
                  f"10 s {cost * 10:.1f} % of one core", flush=True)
    sys.exit(1 if options.gate and worst > 0.5 else 0)


main()
