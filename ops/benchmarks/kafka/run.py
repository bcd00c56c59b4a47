#!/usr/bin/env python3
"""CPU per message of W2 from a topic, beside what consuming it costs and what W2 costs from a file.

    ops/benchmarks/kafka/run.py [--rows 5000000] [--rounds 3] [--partitions 4] [--gate]

The topic is served from memory by `replay.c`; `consume.c` only reads it, by librdkafka, in batches.
The goal: limno takes no more than consume.c ÷ 0.8 and its own W2 from a file. Whole processes,
alternating, user + system CPU, one worker.
"""
import argparse
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

from replay import TOP, TOPIC, Replay, compiled

FILES = re.compile(r"^  files: .*$", re.MULTILINE)


def output_of(*command):
    return subprocess.run(command, cwd=TOP, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def cpu(command, environment=None):
    """User + system seconds of one process."""
    process = subprocess.Popen(
        command, cwd=TOP, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"benchmark: {' '.join(map(str, command))} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime


def limno_run(limno, job, outputs, environment):
    """(CPU seconds, the digests of what was published)."""
    out = pathlib.Path(tempfile.mkdtemp(dir=outputs)) / "out"
    seconds = cpu(
        [limno, "run", job, "--workers", "1", "--out", out, "--quiet"], os.environ | environment)
    lines = (out / "log.jsonl").read_text().splitlines()
    return seconds, sorted(re.findall(r'"payload_sha256":"(\w+)"', "\n".join(lines)))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--partitions", type=int, default=4)
    parser.add_argument("--gate", action="store_true", help="exit 1 where the goal is missed")
    options = parser.parse_args()
    limno = output_of(TOP / "ops/build.sh")
    consume = compiled("consume", "-lrdkafka")
    data = output_of(TOP / "ops/benchmarks/data/make.sh", str(options.rows))
    with open(data, "rb") as file:  # into the page cache, for all alike
        byte_count = sum(len(block) for block in iter(lambda: file.read(1 << 20), b""))
    w2 = (TOP / "ops/benchmarks/w2.yaml").read_text()
    runs = {"consume": [], "file": [], "topic": []}
    with Replay(data, options.partitions) as broker, tempfile.TemporaryDirectory(
            prefix="kafka", dir=TOP / ".bench") as outputs:
        source = f"  kafka: {{ brokers: {broker.address}, topic: {TOPIC}, format: jsonl, until: end }}"
        for name, text in (("file", w2), ("topic", FILES.sub(source, w2))):
            pathlib.Path(outputs, f"{name}.yaml").write_text(text)
        for turn in range(options.rounds):
            runs["consume"].append(cpu(
                [consume, broker.address, TOPIC, str(options.partitions), str(options.rows)]))
            for name in ("file", "topic"):
                seconds, digests = limno_run(
                    limno, pathlib.Path(outputs, f"{name}.yaml"), outputs, {"DATA": data})
                if not digests:
                    sys.exit(f"benchmark: nothing was published from the {name}")
                runs[name].append(seconds)
            print(f"round {turn + 1}: " + ", ".join(
                f"{name} {seconds[-1] / options.rows * 1e6:.3f}" for name, seconds in runs.items()),
                file=sys.stderr, flush=True)
    report(runs, options, byte_count)


def report(runs, options, byte_count):
    cost = {name: statistics.median(runs[name]) / options.rows * 1e6 for name in runs}
    goal = cost["consume"] / 0.8 + cost["file"]
    print(
        f"{options.rows:,} messages of {byte_count / options.rows - 1:.0f} bytes, "
        f"{options.partitions} partitions, µs of CPU each, median of {options.rounds}:\n"
        f"  only consumed, in C   {cost['consume']:.3f}\n"
        f"  W2 from a file        {cost['file']:.3f}\n"
        f"  W2 from the topic     {cost['topic']:.3f}; the goal is at most {goal:.3f}")
    sys.exit(1 if options.gate and cost["topic"] > goal else 0)


if __name__ == "__main__":
    main()
