#!/usr/bin/env python3
"""Lets the disk be full, and the sink hang, at full input; holds memory and results against a run
left alone.

    ops/faults/sink.py LIMNO [--seconds N] [--full-seconds N] [--rows N] [--kafka]

A job without end reads followed files, or a topic of the replay broker, as fast as it can and writes to
a small tmpfs (root only). When a quarter is read the tmpfs is filled, or its syncs hang (a preloaded
library), for N seconds. The memory of the whole process must stay within the declared budget of buffers
and a tenth; what was published before must stay whole; afterwards all rows are read, at the CPU per row
of an undisturbed run, and the results are its results.
"""
import argparse
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "benchmarks/kafka"))
from replay import TOPIC, Replay  # noqa: E402

BUFFER_BYTES = 256 << 20
# The rows from a fault on may take so much more CPU each, whenever their panes are written, and so many
# seconds of CPU whatever they are: a checkpoint waits, writing is tried again.
SLOWER = 1.5
FAULT_CPU_SECONDS = 0.1

JOB = """\
job: blocked
source: {{ {source} }}
memory: {{ buffers: 256MiB }}
schema: {{ at: timestamp_ms, key: int, fare: float }}
event_time: {{ column: at, max_out_of_orderness: 1s, late: drop }}
aggregate:
  - name: keys
    windows: {{ fixed: 10s }}
    keys: [key]
    values: {{ n: count(), total: sum(fare) }}
  - name: all
    windows: {{ fixed: 1h }}
    values: {{ n: count(), total: sum(fare), q: "quantiles(fare, 10)" }}
output: {{ snapshots: {small}/out }}
checkpoint: {{ directory: {small}/state, every: 500ms }}
"""


FILES = 'files: {{ paths: ["{data}/*.jsonl"], format: jsonl, follow: true }}'
KAFKA = "kafka: {{ brokers: {brokers}, topic: {topic}, format: jsonl }}"


def total_rows(rows):
    """With the poison lines."""
    return rows + 2 * ((rows // 2 + 9_999) // 10_000)


def generate(folder, rows):
    """Two files of rows."""
    dice = random.Random(7)
    folder.mkdir()
    for number in range(2):
        with open(folder / f"{number}.jsonl", "w", encoding="utf-8") as file:
            for row in range(rows // 2):
                at = 1_788_220_800_000 + row * 5 - dice.randrange(900)
                file.write(
                    f'{{"at": {at}, "key": {dice.randrange(500)}, "fare": {dice.randrange(9999) / 100}, '
                    f'"note": "{"x" * 100}"}}\n')
                if row % 10_000 == 0:
                    file.write("poison\n")


class HeldBack:
    """Three quarters of each file, taken away until `give` returns them: the fault is there before
    they are, however fast the run reads."""

    def __init__(self, folder):
        self.parts = []
        self.left = 0
        for path in sorted(folder.iterdir()):
            data = path.read_bytes()
            cut = data.index(b"\n", len(data) // 4) + 1
            self.left += data.count(b"\n", 0, cut)
            path.write_bytes(data[:cut])
            self.parts.append((path, data[cut:]))

    def give(self):
        """A little to each in turn, as they are written together."""
        for start in range(0, max(len(part) for _, part in self.parts), 1 << 20):
            for path, part in self.parts:
                with open(path, "ab") as file:
                    file.write(part[start:start + (1 << 20)])


class Run:
    """A run of the job that answers over HTTP."""

    def __init__(self, limno, job, folder, environment=None):
        self.limno = limno
        self.folder = folder
        self.log_path = folder / "log"
        with open(self.log_path, "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [limno, "run", job, "--http", "127.0.0.1:0", "--log", "json", "--quiet"],
                env=dict(os.environ, **(environment or {})), stdin=subprocess.DEVNULL, stderr=log)
        self.wait(lambda: self.address(), "an address")

    def wait(self, condition, what, seconds=600):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                sys.exit(f"the run ended: {self.log_path.read_text()}")
            if result := condition():
                return result
            time.sleep(0.02)
        sys.exit(f"no {what} in {seconds} s; {self.log_path.read_text()}")

    def address(self):
        for line in self.log_path.read_text().splitlines():
            if line.startswith("{") and (address := json.loads(line).get("address")):
                return address
        return None

    def status(self):
        with urllib.request.urlopen(self.address() + "/status", timeout=30) as answer:
            return json.load(answer)

    def read(self):
        return self.status()["ledger"]["read"]

    def cpu(self):
        return self.status()["process"]["cpu_seconds"]

    def read_to_end(self, total):
        """Waits until all is read; rows a second from now on."""
        began, rows = time.monotonic(), self.read()
        self.wait(lambda: self.read() == total, "end of the rows")
        return (total - rows) / (time.monotonic() - began)

    def peak(self):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
        return 0

    def drain(self):
        subprocess.run(
            [self.limno, "stop", self.folder / "small/state", "--drain"], check=True,
            stdout=subprocess.DEVNULL)
        if self.process.wait(timeout=60) != 0:
            sys.exit(f"exit {self.process.returncode}: {self.log_path.read_text()}")


def fill(small):
    """Leaves no room in the file system at `small`."""
    ballast = small / "ballast"
    with open(ballast, "wb", buffering=0) as file:
        for size in (1 << 20, 4096, 512):
            try:
                while file.write(b"\0" * size) == size:
                    pass
            except OSError:
                pass
    return ballast


def verify(limno, out):
    """Whatever is published is whole; a pane may be visible whose line was not written yet."""
    done = subprocess.run(
        [limno, "snapshot", "verify", out], capture_output=True, text=True, check=False)
    faults = [
        line for line in done.stdout.splitlines()
        if line and not line.endswith("not in log.jsonl") and "all digests agree" not in line]
    if done.returncode != 0 and faults:
        sys.exit(f"what was published is not whole: {done.stdout}{done.stderr}")


def disturbed(limno, folder, job, way, options, shim):
    small, block = folder / "small", folder / "block"
    environment = {"LD_PRELOAD": str(shim), "LIMNO_BLOCK": str(block)} if way == "hangs" else None
    held = None if options.kafka else HeldBack(folder / "data")
    quarter = held.left if held else options.rows // 4
    run = Run(limno, job, folder, environment)
    run.wait(lambda: run.read() >= quarter, "quarter of the rows")
    cpu, rows = run.cpu(), run.read()
    ballast = fill(small) if way == "full" else None
    if way == "hangs":
        block.touch()
    if held:
        held.give()
    seconds = options.full_seconds if way == "full" else options.seconds
    end = time.monotonic() + seconds
    stood, idle = run.read(), 0
    checks = 0
    while time.monotonic() < end:
        before = run.cpu()
        time.sleep(max(min(1, seconds / 4), seconds / 60))
        # Waiting costs CPU too: looking for new files, telling the status.
        found = run.read()
        idle += run.cpu() - before if found == stood else 0
        stood = found
        verify(limno, small / "out")
        checks += 1
    during = run.status()
    ready = "blocked" if way == "full" else "running"
    with_failure = "fails_with" in during["publishing"]
    if (way == "full") != with_failure:
        sys.exit(f"{way}: expected {ready}, found {during['publishing']}")
    (ballast or block).unlink()
    total = total_rows(options.rows)
    rate = run.read_to_end(total)
    taken = run.cpu() - cpu - idle
    peak = run.peak()
    run.drain()
    return peak, stood, rate, (taken, total - rows), checks


def check(limno, folder, source, options, shim):
    small, job = folder / "small", folder / "job.yaml"
    job.write_text(JOB.format(source=source, small=small))
    run = Run(limno, job, folder)
    rate = run.read_to_end(total_rows(options.rows))
    cost = run.cpu() / total_rows(options.rows)
    alone = run.peak()
    run.drain()
    expected = folder / "expected"
    shutil.copytree(small / "out", expected)
    print(f"sink: left alone {rate:,.0f} rows/s, {cost * 1e6:.2f} µs of CPU a row, peak {alone / 1e6:.0f} MB",
          flush=True)
    limit = 1.1 * BUFFER_BYTES
    for way in ("full", "hangs"):
        for name in ("out", "state"):
            shutil.rmtree(small / name)
        peak, stood, rate, (taken, rows), checks = disturbed(limno, folder, job, way, options, shim)
        compare(limno, way, expected, small / "out")
        seconds = options.full_seconds if way == "full" else options.seconds
        print(
            f"sink {way} for {seconds:g} s after {stood:,} rows: peak {peak / 1e6:.0f} MB of "
            f"{limit / 1e6:.0f} MB, {checks} times what was published was whole, then "
            f"{rate:,.0f} rows/s; {taken / rows * 1e6:.2f} µs of CPU a row, same results", flush=True)
        if max(peak, alone) > limit:
            sys.exit("memory passed its limit")
        if taken > SLOWER * cost * rows + FAULT_CPU_SECONDS:
            sys.exit("it does not read as before")


def compare(limno, way, expected, out):
    verify(limno, out)
    diff = subprocess.run(
        [limno, "snapshot", "diff", expected, out], capture_output=True, text=True, check=False)
    if diff.returncode:
        sys.exit(f"{way}: other results: {diff.stdout}")
    letters = [
        (place / "dead_letters/dead_letters.jsonl").read_text().splitlines()
        for place in (expected, out)]
    if sorted(letters[0]) != sorted(letters[1]):
        sys.exit(f"{way}: {len(letters[1])} dead letters, not {len(letters[0])}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("limno", type=pathlib.Path)
    parser.add_argument("--seconds", type=float, default=5, help="how long the sink is blocked")
    parser.add_argument("--full-seconds", type=float, help="the same of the full disk")
    parser.add_argument("--rows", type=int, default=400_000)
    parser.add_argument("--kafka", action="store_true", help="from a topic of the replay broker")
    options = parser.parse_args()
    options.full_seconds = options.full_seconds or options.seconds
    limno = str(options.limno.resolve())
    folder = pathlib.Path(tempfile.mkdtemp(prefix="limno-sink-"))
    small = folder / "small"
    small.mkdir()
    if subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=256m", "limno-faults", small], check=False,
            stderr=subprocess.DEVNULL).returncode:
        folder_removed = shutil.rmtree(folder)
        print("sink: skipped, no right to mount a tmpfs here")
        return folder_removed
    try:
        generate(folder / "data", options.rows)
        shim = folder / "block.so"
        subprocess.run(
            ["cc", "-shared", "-fPIC", "-O1", "-o", shim,
             pathlib.Path(__file__).parent / "block.c", "-ldl"], check=True)
        if options.kafka:
            lines = folder / "lines"
            with open(lines, "wb") as file:
                for pair in zip(*(open(part, "rb") for part in sorted((folder / "data").iterdir()))):
                    file.writelines(pair)
            with Replay(lines, 2) as broker:
                source = KAFKA.format(brokers=broker.address, topic=TOPIC)
                check(limno, folder, source, options, shim)
        else:
            check(limno, folder, FILES.format(data=folder / "data"), options, shim)
    finally:
        subprocess.run(["umount", small], check=False)
        shutil.rmtree(folder, ignore_errors=True)
    return None


main()
