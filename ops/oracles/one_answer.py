#!/usr/bin/env python3
"""One answer: the rides job gives the same bytes however it is run.

    one_answer.py LIMNO GENERATOR [--rows 1000000] [--dir .bench/one-answer]

Workers 1, 2, 3, 7 and batches of 1, 17, 1,024 rows; then, without late rows, the stream cut into
several files, and in another order within the allowed out-of-orderness. Compared are the
payload_sha256 of the last pane of every window of every stage, and the ledger's totals.
"""
import argparse
import json
import pathlib
import shutil
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
JOB = TOP / "examples/rides/job.yaml"
INPUT = ".demo/rides/rides-*.jsonl"
RUNS = [(1, 1024), (2, 1024), (3, 1024), (7, 1024), (1, 17), (3, 17), (2, 1), (7, 1)]
FATES = ["aggregated", "emitted", "filtered", "late", "quarantined"]


def answers(out):
    """{(kind, stage, window): payload hash of the last pane}, and the ledger totals."""
    last, totals = {}, {}
    for path in sorted(pathlib.Path(out).rglob("manifest.json")):
        kind = path.relative_to(out).parts[0]
        manifest = json.loads(path.read_text(encoding="utf-8"))
        if kind == "serving":
            continue
        key = (kind, manifest.get("stage", ""), json.dumps(manifest["window"], sort_keys=True))
        index = manifest["pane"]["index"]
        if key not in last or index > last[key][0]:
            last[key] = (index, manifest["payload_sha256"])
        found = {fate: manifest["ledger"][fate] for fate in FATES}
        if sum(found.values()) >= sum(totals.values()):
            totals = found
    if not last:
        sys.exit(f"one answer: nothing is published in {out}")
    return {key: digest for key, (_, digest) in last.items()}, totals


def run(limno, data, out, workers, batch):
    shutil.rmtree(out, ignore_errors=True)
    out.parent.mkdir(parents=True, exist_ok=True)
    text = JOB.read_text(encoding="utf-8")
    if INPUT not in text:
        sys.exit(f"one answer: {JOB} does not read {INPUT}")
    job = out.parent / "job.yaml"
    job.write_text(text.replace(INPUT, f"{data}/rides-*.jsonl"), encoding="utf-8")
    subprocess.run(
        [limno, "run", job, "--out", out, "--workers", str(workers), "--batch-rows", str(batch),
         "--quiet"], check=True, cwd=TOP, stdin=subprocess.DEVNULL)
    return answers(out)


def differences(name, got, want):
    """Prints how an answer differs; returns how often."""
    count = 0
    for key in sorted(want[0].keys() | got[0].keys()):
        if got[0].get(key) != want[0].get(key):
            count += 1
            if count <= 5:
                print(f"one answer: {name}: {' '.join(key)}: {got[0].get(key)}, expected {want[0].get(key)}")
    if got[1] != want[1]:
        count += 1
        print(f"one answer: {name}: ledger {got[1]}, expected {want[1]}")
    return count


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("limno", type=pathlib.Path)
    parser.add_argument("generator", type=pathlib.Path)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--dir", type=pathlib.Path, default=TOP / ".bench/one-answer")
    options = parser.parse_args()
    base = options.dir.resolve()
    limno, generator = options.limno.resolve(), options.generator.resolve()

    def data(name, *arguments):
        target = base / name
        shutil.rmtree(target, ignore_errors=True)
        subprocess.run(
            [generator, "--rows", str(options.rows), "--out", target, *arguments], check=True)
        return target

    broken = done = 0
    late = data("late")
    want = run(limno, late, base / "out", 1, 1024)
    for workers, batch in RUNS[1:]:
        got = run(limno, late, base / "out", workers, batch)
        broken += differences(f"{workers} workers, batches of {batch}", got, want)
        done += 1
    print(f"one answer: ledger {want[1]}")
    total = sum(want[1].values())
    if total != options.rows:
        broken += 1
        print(f"one answer: {total} rows have a fate, {options.rows} were read")

    want = run(limno, data("on-time", "--no-late"), base / "out", 1, 1024)
    variants = {"five files": ["--files", "5"], "another order": ["--shuffle"],
                "another order, three files": ["--shuffle", "--files", "3"]}
    for name, arguments in variants.items():
        got = run(limno, data("variant", "--no-late", *arguments), base / "out", 3, 1024)
        broken += differences(name, got, want)
        done += 1
    print(f"one answer: {done} runs of {len(want[0])} windows, {broken} differences")
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
