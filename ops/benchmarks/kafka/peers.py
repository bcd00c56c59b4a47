#!/usr/bin/env python3
"""CPU per message of W3 from a topic: limno beside Quix Streams, on the broker that the tests use.

    .venv-kafka/bin/python ops/benchmarks/kafka/peers.py QUIX_PYTHON [--rounds 3] [--gate]

QUIX_PYTHON is a Python with quixstreams==3.28.1. What is measured is the slope between two lengths, so
start-up does not count. Messages have their company as the key, so Quix Streams need not repartition;
it keeps no changelog and writes its windows nowhere, while limno publishes snapshots. The goal: a tenth
of its CPU.
"""
import argparse
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

from run import FILES, cpu, limno_run, output_of
from replay import TOP, TOPIC

sys.path.insert(0, str(TOP / "ops/kafka"))
from broker import Broker  # noqa: E402
from produce import create, produce  # noqa: E402

LENGTHS = {"limno": (50_000, 250_000), "quix": (10_000, 40_000)}
PARTITIONS = 4
KEY = re.compile(rb'"company":"([^"]*)"')


def fill(brokers, data):
    create(brokers, TOPIC, PARTITIONS)
    with open(data, "rb") as file:
        produce(brokers, TOPIC, (
            (hash(key) % PARTITIONS, line.rstrip(b"\n"), key, None)
            for line in file for key in [KEY.search(line)[1]]))


def slope(measure, lengths):
    short, long = [measure(length) for length in lengths]
    return (long - short) / (lengths[1] - lengths[0]) * 1e6


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("quix")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--gate", action="store_true", help="exit 1 where the goal is missed")
    options = parser.parse_args()
    limno = output_of(TOP / "ops/build.sh")
    w3 = (TOP / "ops/benchmarks/w3.yaml").read_text()
    costs = {"limno": [], "quix": []}
    with tempfile.TemporaryDirectory(prefix="peers", dir=TOP / ".bench") as outputs:

        def by_limno(length):
            brokers = addresses[length]
            job = pathlib.Path(outputs, f"{length}.yaml")
            job.write_text(FILES.sub(
                f"  kafka: {{ brokers: {brokers}, topic: {TOPIC}, format: jsonl, until: end, "
                "properties: { receive.message.max.bytes: 2000000000 } }", w3))
            return limno_run(limno, job, outputs, {})[0]

        def by_quix(length):
            # From the shorter topic: the broker sends all there is, whatever is asked for.
            return cpu([options.quix, pathlib.Path(__file__).with_name("p_quix.py"), short.address,
                        str(length)])

        # A topic for each length: limno reads to the end.
        with Broker() as short, Broker() as long:
            addresses = dict(zip(LENGTHS["limno"], (short.address, long.address)))
            for length, brokers in addresses.items():
                fill(brokers, output_of(TOP / "ops/benchmarks/data/make.sh", str(length)))
            for turn in range(options.rounds):
                costs["limno"].append(slope(by_limno, LENGTHS["limno"]))
                costs["quix"].append(slope(by_quix, LENGTHS["quix"]))
                print(f"round {turn + 1}: limno {costs['limno'][-1]:.3f}, "
                      f"quix {costs['quix'][-1]:.1f}", file=sys.stderr, flush=True)
    medians = {name: statistics.median(values) for name, values in costs.items()}
    ratio = medians["quix"] / medians["limno"]
    print(f"W3 from a topic, µs of CPU a message, slope between {LENGTHS} messages, "
          f"median of {options.rounds}: limno {medians['limno']:.3f}, Quix Streams "
          f"{medians['quix']:.1f}: {ratio:.0f} times")
    sys.exit(1 if options.gate and ratio < 10 else 0)


if __name__ == "__main__":
    main()
