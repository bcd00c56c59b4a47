#!/usr/bin/env python3
"""Kills a job as hard as it goes, restarts it until it ends, and compares with a run left alone.

    ops/faults/run.py LIMNO [--kills N] [--rows N] [--seed N] [--kafka | --damage]

LIMNO is a debug build: its named fault points (LIMNO_FAULT=point:count) end the process there as
SIGKILL does. Every point is visited at its first reaches, and random instants besides; between two
runs a file of the newest checkpoint may lose a bit, its end, or all. After each restart sequence the snapshots must be byte-equal to those of an undisturbed run, the log's chain
whole, the books balanced, and every dead letter there once.

With --damage a checkpoint of a killed run is spoilt in every file, at bytes all over it, cut, lengthened
and removed: each time that must be noticed, and the run taken up from the one before.
"""
import argparse
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

POINTS = ["write", "fsync", "rename", "renamed", "publish", "log"]

JOB = """\
job: faults
source: {{ files: {{ paths: ["{data}/*.{suffix}"], format: {suffix} }} }}
schema: {{ at: timestamp_ms, company: string, device: int, fare: float, tipped: int, score: float }}
event_time: {{ column: at, max_out_of_orderness: 3s, late: drop }}
windows: {{ fixed: 10s, allowed_lateness: 20s, accumulation: accumulating }}
transform:
  outputs: {{ z: scale_to_z_score(fare), v: "compute_and_apply_vocabulary(company, top_k=20)" }}
evaluate:
  label: tipped
  prediction: score
  slices: [[], [company]]
  metrics: [example_count, auc]
aggregate:
  - name: late
    windows: {{ fixed: 10s, allowed_lateness: 20s, accumulation: accumulating,
               trigger: {{ after_watermark: {{ late: {{ after_count: 1 }} }} }} }}
    keys: [company]
    values: {{ n: count(), total: sum(fare), devices: distinct_count(device) }}
  - name: deltas
    windows: {{ fixed: 7s, allowed_lateness: 20s, accumulation: discarding,
               trigger: {{ after_watermark: {{ early: {{ after_count: 100 }},
                                             late: {{ after_count: 1 }} }} }} }}
    keys: [company]
    values: {{ n: count(), devices: sum(device) }}
  - name: sliding
    windows: {{ sliding: {{ size: 20s, every: 5s }}, allowed_lateness: 20s }}
    keys: [device]
    values: {{ n: count(), total: sum(fare) }}
  - name: all
    windows: {{ global: {{}} }}
    keys: [device]
    values: {{ n: count(), m: mean(fare), q: "quantiles(fare, 10)" }}
output: {{ snapshots: out }}
"""
CHECKPOINT = "checkpoint: {{ directory: state, every: {every}ms }}\n"


def generate(folder, rows, suffix, seed):
    """Two files of rides, mostly in order, with rows behind, late ones and broken ones."""
    dice = random.Random(seed)
    folder.mkdir()
    for number in range(2):
        with open(folder / f"{number}.{suffix}", "w", encoding="utf-8") as file:
            if suffix == "csv":
                file.write("at,company,device,fare,tipped,score\n")
            for row in range(rows // 2):
                at = 1_700_000_000_000 + row * 10 + number * 3 - int(dice.expovariate(1 / 2000))
                ride = {
                    "at": at, "company": f"company {int(dice.paretovariate(0.7)) % 500}",
                    "device": dice.randrange(4), "fare": round(dice.expovariate(0.1), 2),
                    "tipped": dice.randrange(2), "score": round(dice.random(), 4)}
                if dice.randrange(max(10, min(1000, rows // 20))) == 0:
                    ride["fare"] = "broken"
                if suffix == "csv":
                    file.write(",".join(str(value) for value in ride.values()) + "\n")
                else:
                    file.write(json.dumps(ride) + "\n")


def damages(content):
    """Ways to spoil `content`: (what, the bytes, or `None` for no file)."""
    places = sorted({len(content) * part // 12 for part in range(12)} | {1, 4, 8, len(content) - 1})
    for place in places:
        if place < len(content):
            spoilt = bytearray(content)
            spoilt[place] ^= 1 << place % 8
            yield f"byte {place} of {len(content)}", bytes(spoilt)
    yield "missing", None
    for what, bytes_ in (("empty", b""), ("halved", content[:len(content) // 2]),
                         ("longer", content + b"\0")):
        yield what, bytes_


class Harness:
    def __init__(self, limno, folder, dice):
        self.limno = limno
        self.folder = folder
        self.dice = dice
        self.kills = 0
        self.damages = 0

    def start(self, job, fault=None, workers=None):
        environment = dict(os.environ)
        environment.pop("LIMNO_FAULT", None)
        if fault:
            environment["LIMNO_FAULT"] = fault
        command = [self.limno, "run", job, "--quiet"]
        command += ["--workers", str(workers or self.dice.choice([1, 2, 3]))]
        command += ["--batch-rows", str(self.dice.choice([64, 500, 2048]))]
        return subprocess.Popen(
            command, cwd=self.folder, env=environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def wait(self, process, what):
        """Whether the process came to its end; anything but that and the kill is a failure."""
        output, _ = process.communicate(timeout=600)
        if process.returncode == 0:
            return True
        if process.returncode in (-signal.SIGKILL, -signal.SIGALRM):
            self.kills += 1
            return False
        sys.exit(f"{what}: exit {process.returncode}\n{output.decode(errors='replace')}")

    def fresh(self):
        for name in ("out", "state"):
            shutil.rmtree(self.folder / name, ignore_errors=True)

    def damage(self):
        """Spoils a file of the newest checkpoint, if there is one before it."""
        checkpoints = sorted((self.folder / "state").glob("checkpoint-????????"))
        if len(checkpoints) < 2:
            return
        path = self.dice.choice(sorted(checkpoints[-1].iterdir()))
        content = bytearray(path.read_bytes())
        path.unlink()  # It may be linked: only this one is to be spoilt.
        way = self.dice.choice(["bit", "end", "all"])
        if way == "bit":
            content[self.dice.randrange(len(content))] ^= 1 << self.dice.randrange(8)
        elif way == "end":
            del content[self.dice.randrange(len(content)):]
        if way != "all":
            path.write_bytes(content)
        self.damages += 1

    def damage_everywhere(self, job):
        """Spoils the newest checkpoint of a killed run in all ways, one at a time; returns how many."""
        state = self.folder / "state"
        newest = []
        while len(newest) < 3:
            self.fresh()
            process = self.start(job)
            while process.poll() is None and len(newest) < 4:
                newest = sorted(state.glob("checkpoint-????????"))
                time.sleep(0.01)
            process.kill()
            self.wait(process, "killed with checkpoints")
            newest = sorted(state.glob("checkpoint-????????"))
        for name in ("out", "state"):
            shutil.copytree(self.folder / name, self.folder / f"kept-{name}", dirs_exist_ok=True)
        count = 0
        contents = {path.name: path.read_bytes() for path in sorted(newest[-1].iterdir())}
        for file, content in contents.items():
            for what, bytes_ in damages(content):
                self.fresh()
                for name in ("out", "state"):
                    shutil.copytree(self.folder / f"kept-{name}", self.folder / name)
                path = newest[-1] / file
                path.unlink()  # It may be linked: only this one is to be spoilt.
                if bytes_ is not None:
                    path.write_bytes(bytes_)
                if not self.limno_says("checkpoint", "verify", "state"):
                    sys.exit(f"{file}, {what}: not noticed; kept: {self.folder}")
                self.finish(job, f"{file}, {what}")
                if not newest[-1].with_suffix(".damaged").exists():
                    sys.exit(f"{file}, {what}: was used; kept: {self.folder}")
                self.check(f"{file}, {what}")
                count += 1
        return count

    def finish(self, job, what):
        if not self.wait(self.start(job), what):
            sys.exit(f"{what}: killed without being told to")

    def limno_says(self, *arguments):
        done = subprocess.run(
            [self.limno, *arguments], cwd=self.folder, capture_output=True, text=True, check=False)
        return None if done.returncode == 0 else (done.stdout + done.stderr).strip()

    def ledgers(self, out):
        last = (self.folder / out / "log.jsonl").read_text().splitlines()[-1]
        books = json.loads(last)
        return books.get("ledger"), books.get("splits"), books.get("is_complete")

    def letters(self, out):
        path = self.folder / out / "dead_letters" / "dead_letters.jsonl"
        return sorted(path.read_text().splitlines()) if path.exists() else []

    def published(self, out):
        """What the log says was published, in order."""
        lines = (self.folder / out / "log.jsonl").read_text().splitlines()
        return [line for line in map(json.loads, lines) if line["kind"] != "end"]

    def finals(self, out):
        """The final result of each window: the digest of its last pane, or the sums of its deltas."""
        finals = {}
        for line in self.published(out):
            window = line["kind"], line["stage"], line["window"]
            if line["stage"] != "deltas":
                finals[window] = line["payload_sha256"]
                continue
            sums = finals.setdefault(window, {})
            for row in (self.folder / out / line["path"] / "rows.jsonl").read_text().splitlines():
                row = json.loads(row)
                total = sums.setdefault(row["company"], [0, 0])
                total[0] += row["n"]
                total[1] += row["devices"]
        return finals

    def differences(self):
        expected, found = self.finals("expected"), self.finals("out")
        return [
            f"{' '.join(window)}: {'is missing' if window not in found else 'differs'}"
            for window in sorted(expected.keys() | found.keys())
            if expected.get(window) != found.get(window)]

    def faults_here(self):
        """What is not as it should be, in words."""
        faults = self.differences() + [
            self.limno_says("snapshot", "verify", "out"),
            self.limno_says("checkpoint", "verify", "state"),
        ]
        if self.ledgers("expected") != self.ledgers("out"):
            faults.append(f"ledger {self.ledgers('out')}, not {self.ledgers('expected')}")
        if self.letters("expected") != self.letters("out"):
            faults.append(
                f"{len(self.letters('out'))} dead letters, not {len(self.letters('expected'))}")
        keys = ("kind", "stage", "window", "pane")
        published = [tuple(line[key] for key in keys) for line in self.published("out")]
        if len(set(published)) != len(published):
            faults.append("a pane was published twice")
        leftovers = [str(path) for path in (self.folder / "out").rglob(".limno-staged-*")]
        if leftovers:
            faults.append(f"leftovers: {leftovers[:3]}")
        return [fault for fault in faults if fault]

    def check(self, what):
        faults = self.faults_here()
        if faults:
            sys.exit(f"{what}:\n" + "\n".join(faults) + f"\nkept: {self.folder}")

    def check_replay(self):
        """The journal of the last run gives every pane again, early and late ones too."""
        fault = self.limno_says("replay", "job.yaml", "--journal", "--out", "replayed")
        panes = [
            sorted((line["path"], line["payload_sha256"]) for line in self.published(out))
            for out in ("out", "replayed")]
        if fault or panes[0] != panes[1]:
            sys.exit(f"replay: {fault or 'other panes'}\nkept: {self.folder}")

    def calm(self):
        """The job with checkpoints, left alone; returns how long it takes."""
        self.fresh()
        started = time.monotonic()
        self.finish("job.yaml", "with checkpoints")
        seconds = time.monotonic() - started
        self.check("with checkpoints")
        return seconds

    def kill_at_random(self, kills, seconds, what):
        before, reported = self.kills, 0
        while self.kills - before < kills:
            instants = [self.dice.uniform(0.02, seconds) for _ in range(self.dice.randrange(1, 5))]
            self.sequence("job.yaml", f"{what} random {instants}", instants, damages=True)
            if (self.kills - before) // 50 > reported:
                reported = (self.kills - before) // 50
                print(f"faults, {what}: {self.kills - before} kills so far", flush=True)

    def sequence(self, job, what, faults, damages=False):
        """Runs the job to its end through `faults`: fault points by name, or seconds."""
        self.fresh()
        for fault in faults:
            if isinstance(fault, str):
                ended = self.wait(self.start(job, fault), f"{what} {fault}")
            else:
                process = self.start(job)
                time.sleep(fault)
                process.kill()
                ended = self.wait(process, f"{what} {fault:.3f} s")
            if ended:
                break
            if damages and self.dice.random() < 0.4:
                self.damage()
        else:
            self.finish(job, what)
        self.check(what)


def run_files(limno, folder, options, suffix):
    dice = random.Random(options.seed)
    generate(folder / "data", options.rows, suffix, options.seed)
    job = JOB.format(data=folder / "data", suffix=suffix)
    (folder / "plain.yaml").write_text(job.replace("snapshots: out", "snapshots: expected"))
    every = options.every
    (folder / "job.yaml").write_text(job + CHECKPOINT.format(every=every))
    harness = Harness(limno, folder, dice)
    harness.finish("plain.yaml", "undisturbed")
    seconds = harness.calm()
    if options.damage:
        count = harness.damage_everywhere("job.yaml")
        print(f"faults, {suffix}: {count} ways to spoil a checkpoint: each noticed, the one before "
              "used, all panes equal")
        return
    for point in POINTS:
        # Early and late ones: checkpoint zero, the first publication, the middle of the run.
        for count in (1, 2, 3, 8, 40):
            harness.sequence("job.yaml", f"{suffix} {point}:{count}", [f"{point}:{count}"])
    points = [f"{point}:{dice.randrange(1, 20)}" for point in POINTS for _ in range(2)]
    harness.sequence("job.yaml", f"{suffix} point after point", points)
    named = harness.kills
    harness.kill_at_random(options.kills, seconds, suffix)
    harness.check_replay()
    print(
        f"faults, {suffix}: {named} kills at fault points, {harness.kills - named} at random "
        f"instants, {harness.damages} checkpoints damaged: 0 rows lost, 0 doubled, all panes equal")


def run_topics(limno, folder, options):
    from topics import POINTS as OWN, TopicHarness
    dice = random.Random(options.seed)
    generate(folder / "data", options.rows, "jsonl", options.seed)
    with TopicHarness(limno, folder, dice, options.every) as harness:
        harness.undisturbed()
        seconds = harness.calm()
        points = POINTS + OWN
        for point, after in zip(points, points[1:] + points[:1]):
            # Each followed, after the restart, by the next; early and in the middle of the run.
            for count in (1, 8):
                faults = [f"{point}:{count}", f"{after}:{dice.choice([1, 2, 5])}"]
                harness.sequence("job.yaml", f"kafka {faults}", faults)
        named = harness.kills
        harness.kill_at_random(options.kills, seconds, "kafka")
        print(
            f"faults, kafka: {named} kills at fault points, {harness.kills - named} at random "
            f"instants, {harness.damages} checkpoints damaged, {harness.records:,} records read back: "
            "0 rows lost, 0 doubled, no record twice, all panes equal")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("limno", type=pathlib.Path)
    parser.add_argument("--kills", type=int, default=20, help="at random instants, a format")
    parser.add_argument("--rows", type=int, default=10000)
    parser.add_argument("--every", type=int, default=100, help="milliseconds between checkpoints")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument(
        "--kafka", action="store_true", help="from a topic to topics (in .venv-kafka), not from files")
    parser.add_argument(
        "--damage", action="store_true", help="spoil a checkpoint in every way, and nothing else")
    options = parser.parse_args()
    print(f"faults: seed {options.seed}", flush=True)
    limno = str(options.limno.resolve())
    for suffix in ["kafka"] if options.kafka else ["jsonl"] if options.damage else ["jsonl", "csv"]:
        folder = pathlib.Path(tempfile.mkdtemp(prefix="limno-faults-"))
        if options.kafka:
            run_topics(limno, folder, options)
        else:
            run_files(limno, folder, options, suffix)
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
