#!/usr/bin/env python3
"""Instructions per row of limno, by callgrind, against thresholds.json.

    ops/benchmarks/instructions.py [LIMNO] [--workloads w1,w2,w3] [--write]

The slope between two sizes of input, so that start-up drops out; one worker. Unlike times, the
numbers are the same on a busy machine and to about 1 % from run to run. A workload that takes over
3 % more than its threshold for the processor built for (ops/cpu.sh) fails; --write takes what was
measured as the new thresholds. Callgrind knows no SHA instructions, so hashing weighs more here than
it does.
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
THRESHOLDS = HERE / "thresholds.json"
WORKLOADS = ["w1", "w2", "w3"]
SIZES = (40_000, 120_000)
TOLERANCE = 0.03


def arguments():
    parser = argparse.ArgumentParser(description="instructions per row under callgrind")
    parser.add_argument("limno", nargs="?", help="the executable, instead of building one")
    parser.add_argument("--workloads", type=lambda text: text.split(","), default=WORKLOADS)
    parser.add_argument("--write", action="store_true", help="write thresholds.json")
    options = parser.parse_args()
    if unknown := set(options.workloads) - set(WORKLOADS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    if not shutil.which("valgrind"):
        sys.exit("instructions: valgrind is not in PATH; ops/setup.sh --valgrind installs it")
    return options


def output_of(*command):
    return subprocess.run(command, cwd=TOP, check=True, stdout=subprocess.PIPE, text=True).stdout


def instructions(limno, workload, data, directory):
    """How many instructions one run takes."""
    out = tempfile.mkdtemp(prefix=workload, dir=directory)
    command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}/callgrind",
               limno, "run", str(HERE / f"{workload}.yaml"), "--workers", "1",
               "--out", f"{out}/snapshots", "--quiet"]
    # Hash tables in one order.
    environment = os.environ | {"DATA": data, "SWIFT_DETERMINISTIC_HASHING": "1"}
    run = subprocess.run(command, cwd=TOP, env=environment, stdin=subprocess.DEVNULL,
                         stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    found = re.search(r"Collected : (\d+)", run.stderr)
    if run.returncode or not found:
        sys.exit(f"instructions: {' '.join(command)} ended with {run.returncode}\n{run.stderr}")
    return int(found[1])


def per_row(limno, workload, directory):
    counts = [instructions(limno, workload, output_of(str(HERE / "data/make.sh"), str(rows)).strip(),
                           directory) for rows in SIZES]
    return (counts[1] - counts[0]) / (SIZES[1] - SIZES[0])


def main():
    options = arguments()
    limno = options.limno or output_of(str(TOP / "ops/build.sh")).strip()
    held = json.loads(THRESHOLDS.read_text()) if THRESHOLDS.exists() else {}
    thresholds = held.setdefault(output_of(str(TOP / "ops/cpu.sh")).strip(), {})
    failed = []
    (TOP / ".bench").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="instructions", dir=TOP / ".bench") as directory:
        # Valgrind stumbles over Swift's debugging information.
        stripped = f"{directory}/limno"
        subprocess.run(["strip", "--strip-debug", "-o", stripped, limno], check=True)
        for workload in options.workloads:
            measured = round(per_row(stripped, workload, directory))
            limit = thresholds.get(workload)
            change = f"{measured / limit - 1:+.1%} of {limit}" if limit else "no threshold"
            print(f"{workload}: {measured} instructions a row, {change}")
            if options.write:
                thresholds[workload] = measured
            elif limit is None or measured > limit * (1 + TOLERANCE):
                failed.append(workload)
    if options.write:
        THRESHOLDS.write_text(json.dumps(held, indent=2, sort_keys=True) + "\n")
    if failed:
        sys.exit(f"instructions: more than {TOLERANCE:.0%} over thresholds.json: {', '.join(failed)}")


main()
