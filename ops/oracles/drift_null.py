#!/usr/bin/env python3
"""How often `drift` raises an alarm where nothing drifts: 1,000 looks at 300 rows of five features.

    drift_null.py LIMNO [--looks N] [--rate R]

Each window of a minute is drawn from the same source as the one before: a uniform and a skewed number,
a small whole number (tied), a number that a tenth of the rows lack, and 30 categories of uneven share. A
look is a window against the one before; it raises an alarm if any feature does, after the adjustment for
five. Fails if more alarms come than the stated rate and three standard deviations of chance allow.
"""
import argparse
import json
import pathlib
import random
import subprocess
import sys
import tempfile

ROWS = 300


def write_rows(path, windows):
    source = random.Random(20261128)
    with open(path, "w") as file:
        for window in range(windows):
            for index in range(ROWS):
                row = {
                    "at": window * 60_000 + index * 200, "uniform": source.random(),
                    "skewed": 100 * source.random() ** 6, "whole": source.randrange(5),
                    "category": f"t{int(30 * source.random() ** 3)}"}
                if source.random() >= 0.1:
                    row["gaps"] = source.gauss(0, 1)
                file.write(json.dumps(row) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("limno")
    parser.add_argument("--looks", type=int, default=1000)
    parser.add_argument("--rate", type=float, default=0.05)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        write_rows(folder / "rows.jsonl", options.looks + 1)
        (folder / "job.yaml").write_text(f"""
job: null
source: {{ files: {{ paths: [{folder}/rows.jsonl], format: jsonl }} }}
schema: {{ at: timestamp_ms }}
event_time: {{ column: at, late: drop }}
windows: {{ fixed: 1m }}
drift: {{ features: [uniform, skewed, whole, gaps, category], alarm_rate: {options.rate} }}
output: {{ snapshots: {folder}/out }}
""")
        subprocess.run([options.limno, "run", folder / "job.yaml", "--quiet"], check=True)
        looks = alarms = features = 0
        for path in sorted((folder / "out/drift").glob("*/0000/drift.jsonl")):
            lines = [json.loads(line) for line in open(path)]
            if all("p" not in line for line in lines):
                continue
            looks += 1
            alarms += any(line["alarm"] for line in lines)
            features += sum(line["alarm"] for line in lines)
    most = options.rate * looks + 3 * (options.rate * looks * (1 - options.rate)) ** 0.5
    print(f"{looks:,} looks at null data: {alarms} alarms ({features} features), stated rate {options.rate:.0%}"
          f" = {options.rate * looks:.0f}")
    if looks != options.looks or alarms > most:
        sys.exit("more alarms than the stated rate, or other looks than asked for")


main()
