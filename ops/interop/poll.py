#!/usr/bin/env python3
"""Looks into an output directory every millisecond while limno publishes and is killed.

poll.py LIMNO DIRECTORY [--publications N] [--kills K]: every version that appears in transform/ or
serving/ must be complete the moment it is seen: each file as its manifest says, the served model the
same as the one beside the graph. If TensorFlow is there, the newest model is loaded over and over.
"""
import argparse
import hashlib
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import threading
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""


class Reader:
    """Polls until told to stop; `faults` are sentences."""

    def __init__(self, out):
        try:
            import tensorflow
            self.tensorflow = tensorflow
        except ImportError:
            self.tensorflow = None
        self.out, self.faults, self.seen, self.loads = out, [], set(), 0
        self.newest, self.is_over = None, False
        self.threads = [threading.Thread(target=self.poll), threading.Thread(target=self.load)]
        for thread in self.threads:
            thread.start()

    def poll(self):
        while not self.is_over:
            for kind in ("transform", "serving"):
                try:
                    names = os.listdir(self.out / kind)
                except FileNotFoundError:
                    continue
                for name in sorted(n for n in names if n.isdigit() and (kind, n) not in self.seen):
                    self.seen.add((kind, name))
                    self.check(kind, self.out / kind / name)
            time.sleep(0.001)

    def check(self, kind, path):
        transform = self.out / "transform" / path.name
        try:
            manifest = json.loads((transform / "manifest.json").read_bytes())
            for file, digest in manifest["files"].items():
                if kind == "transform":
                    place = path / file
                elif file.startswith("transform_fn/"):
                    place = path / file.removeprefix("transform_fn/")
                else:
                    continue
                if hashlib.sha256(place.read_bytes()).hexdigest() != digest:
                    self.faults.append(f"{place}: not what the manifest says")
        except (OSError, ValueError, KeyError) as error:
            self.faults.append(f"{path}: {error}")
        if kind == "serving":
            self.newest = path

    def load(self):
        tf, last = self.tensorflow, None
        while tf and not self.is_over:
            path = self.newest
            if path is None or path == last:
                time.sleep(0.001)
                continue
            last = path
            try:
                result = tf.saved_model.load(str(path)).signatures["serving_default"](
                    fare=tf.constant([1.0], tf.float64), company=tf.constant(["c1"]))
                assert len(result) == 2
                self.loads += 1
            except Exception as error:
                self.faults.append(f"{path}: {error}")

    def stop(self):
        self.is_over = True
        for thread in self.threads:
            thread.join()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("limno")
    parser.add_argument("directory", type=pathlib.Path)
    parser.add_argument("--publications", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    given = parser.parse_args()
    random.seed(given.seed)
    shutil.rmtree(given.directory, ignore_errors=True)
    given.directory.mkdir(parents=True)
    rows = given.directory / "rows.jsonl"
    with open(rows, "w") as file:
        for second in range(given.publications):
            for row in range(4):
                at = 1_788_220_800_000 + second * 1000 + row * 200
                file.write(json.dumps({"at": at, "fare": random.random(), "company": f"c{row % 3}", "pad": "x" * 500}) + "\n")
    job = given.directory / "job.yaml"
    out = given.directory / "out"
    job.write_text(f"""
job: polled
source: {{ files: {{ paths: [{rows}], format: jsonl }} }}
schema: {{ at: timestamp_ms, fare: float, company: string }}
event_time: {{ column: at, late: drop }}
windows: {{ fixed: 1s }}
transform: {{ outputs: {{ z: scale_to_z_score(fare), id: compute_and_apply_vocabulary(company) }} }}
output: {{ snapshots: {out}, export: [saved_model] }}
checkpoint: {{ directory: {given.directory}/state, every: 50ms }}
""")
    out.mkdir()
    reader = Reader(out)
    kills = 0
    while True:
        process = subprocess.Popen([given.limno, "run", str(job), "--quiet"])
        before = len(reader.seen)
        if kills < given.kills:
            # Once something new is there, at a random moment soon after.
            deadline = time.time() + 60
            share = 2 * given.publications * (kills + 1) / (given.kills + 1)
            while process.poll() is None and time.time() < deadline and len(reader.seen) < max(before + 1, share * random.random()):
                time.sleep(0.0005)
            time.sleep(random.random() * 0.05)
            if process.poll() is None:
                process.kill()
                kills += 1
                process.wait()
                continue
        if process.wait() != 0:
            sys.exit(f"poll: limno exits with {process.returncode}")
        break
    # The reader checks what it sees; on a busy machine it comes to the last ones later.
    deadline = time.monotonic() + 60
    while len(reader.seen) < 2 * given.publications and time.monotonic() < deadline:
        time.sleep(0.05)
    reader.stop()
    versions = sorted(int(n) for n in os.listdir(out / "transform"))
    served = sorted(int(n) for n in os.listdir(out / "serving"))
    if versions != list(range(1, given.publications + 1)) or served != versions:
        reader.faults.append(f"{len(versions)} versions and {len(served)} served ones of {given.publications}")
    missed = 2 * given.publications - len(reader.seen)
    if missed:
        reader.faults.append(f"{missed} directories were not seen")
    for fault in reader.faults[:20]:
        print(fault)
    print(f"{'FAILED' if reader.faults else 'ok':6} polling reader: {len(versions)} publications, {kills} kills, "
          f"{len(reader.seen)} directories checked, {reader.loads} models loaded, seed {given.seed}")
    sys.exit(1 if reader.faults else 0)


if __name__ == "__main__":
    main()
