#!/usr/bin/env python3
"""CPU per row of limno beside DuckDB and Polars, on one thread, whole processes, alternating.

    .venv-oracles/bin/python ops/benchmarks/run.py [--rows 3000000] [--rounds 5] [--workloads w1,w2,w3]
                                                   [--systems limno,duckdb,polars] [--quick] [--gate]

A round runs every system once, one after the other, so that a noisy neighbour meets all of them.
CPU is user + system time of the process and its children; limno writes its snapshots, the peers
fetch their results into Python.
"""
import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
WORKLOADS = ["w1", "w2", "w3"]
SYSTEMS = ["limno", "duckdb", "polars"]
# How many times less CPU than DuckDB limno has to take.
GOALS = {"w1": 3.0, "w2": 10.0, "w3": 4.0}
# With so few rows that start-up counts, and a busy machine: only gross faults are caught.
QUICK_GOALS = {"w1": 1.5, "w2": 3.0, "w3": 1.5}


def arguments():
    parser = argparse.ArgumentParser(description="CPU per row beside DuckDB and Polars")
    parser.add_argument("--rows", type=int)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--workloads", type=lambda text: text.split(","), default=WORKLOADS)
    parser.add_argument("--systems", type=lambda text: text.split(","), default=SYSTEMS)
    parser.add_argument("--data", help="a file of the benchmark's events, instead of making one")
    parser.add_argument("--quick", action="store_true", help="one round, 300,000 rows, loose gates")
    parser.add_argument("--gate", action="store_true", help="exit 1 where a goal is missed")
    options = parser.parse_args()
    if unknown := set(options.workloads) - set(WORKLOADS) | set(options.systems) - set(SYSTEMS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    options.rows = options.rows or (300_000 if options.quick else 3_000_000)
    options.rounds = options.rounds or (1 if options.quick else 5)
    return options


def output_of(*command):
    return subprocess.run(command, cwd=TOP, check=True, stdout=subprocess.PIPE, text=True).stdout


def built_limno():
    """The path of the release build, made when it is not up to date."""
    return output_of(str(TOP / "ops/build.sh")).strip()


def measured(command, environment):
    """(CPU seconds, peak resident bytes, output) of one process."""
    process = subprocess.Popen(
        command, cwd=TOP, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    output = process.stdout.read()
    # wait4 tells the usage of this child alone.
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"benchmark: {' '.join(command)} ended with {process.returncode}")
    # Linux gives kilobytes, Darwin bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit, output.decode()


def measure(system, workload, data, limno, outputs):
    """One run; each writes a directory of its own, since what was just deleted slows ext4 down."""
    if system == "limno":
        out = pathlib.Path(tempfile.mkdtemp(prefix=workload, dir=outputs)) / "out"
        job = HERE / f"{workload}.yaml"
        run = measured(
            [limno, "run", str(job), "--workers", "1", "--out", str(out), "--quiet"],
            os.environ | {"DATA": data})
        if not any(out.rglob("manifest.json")):
            sys.exit(f"benchmark: limno published nothing in {out}")
        return run
    run = measured([sys.executable, str(HERE / f"p_{system}.py"), workload, data, "1"], os.environ)
    if "RESULT" not in run[2]:
        sys.exit(f"benchmark: {system} printed no result on {workload}")
    return run


def table(rows):
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        print("  ".join(
            text.ljust(width) if column < 2 else text.rjust(width)
            for column, (text, width) in enumerate(zip(row, widths))).rstrip())


def report(runs, options, goals):
    """Prints the table; returns the workloads that miss their goal."""
    rows = [("workload", "system", "µs/row", "least", "most", "peak MB", "× limno")]
    missed = []
    for workload in options.workloads:
        medians = {}
        for system in options.systems:
            cpu = [run[0] / options.rows * 1e6 for run in runs[workload, system]]
            peak = max(run[1] for run in runs[workload, system]) / 1e6
            medians[system] = statistics.median(cpu)
            ratio = f"{medians[system] / medians['limno']:.1f}" if "limno" in medians else ""
            rows.append((workload, system, f"{medians[system]:.3f}", f"{min(cpu):.3f}",
                         f"{max(cpu):.3f}", f"{peak:.0f}", ratio))
        if {"limno", "duckdb"} <= medians.keys():
            ratio = medians["duckdb"] / medians["limno"]
            if ratio < goals[workload]:
                missed.append(f"{workload}: DuckDB takes {ratio:.1f} times limno's CPU, "
                              f"the goal is {goals[workload]:g}")
    print(f"\n{options.rows:,} rows, one thread, user + system CPU, median of {options.rounds}")
    table(rows)
    return missed


def main():
    options = arguments()
    goals = QUICK_GOALS if options.quick else GOALS
    limno = built_limno() if "limno" in options.systems else None
    data = options.data or output_of(str(HERE / "data/make.sh"), str(options.rows)).strip()
    with open(data, "rb") as file:  # into the page cache, for all alike
        lines = sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))
    if lines != options.rows:
        sys.exit(f"benchmark: {data} has {lines} rows, not {options.rows} (--rows)")
    (TOP / ".bench").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="out", dir=TOP / ".bench") as outputs:
        runs = all_runs(options, data, limno, outputs)
    missed = report(runs, options, goals)
    print("\n".join(missed) if missed else "all goals met" if limno else "")
    sys.exit(1 if missed and (options.gate or options.quick) else 0)


def all_runs(options, data, limno, outputs):
    """The runs of each workload and system, the systems in turn."""
    runs = {(workload, system): [] for workload in options.workloads for system in options.systems}
    for turn in range(options.rounds):
        for workload in options.workloads:
            for system in options.systems:
                run = measure(system, workload, data, limno, outputs)
                runs[workload, system].append(run)
                print(f"round {turn + 1}: {workload} {system}: {run[0] / options.rows * 1e6:.3f} µs/row",
                      file=sys.stderr, flush=True)
    return runs


main()
