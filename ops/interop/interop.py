#!/usr/bin/env python3
"""Holds what limno publishes against TensorFlow, TensorFlow Transform, Keras and ONNX Runtime.

interop.py LIMNO DIRECTORY: makes rows and a job in DIRECTORY, runs it, and compares `limno transform`
with the published models on every row. Exits 1 if one bit differs that must not.
"""
import datetime
import json
import os
import pathlib
import shutil
import subprocess
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import numpy as np

import rows as made
from cases import CASES

ROWS = 10_000
TINY = np.finfo(np.float32).tiny
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def run(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True)
    if done.returncode != 0:
        sys.exit(f"interop: {' '.join(map(str, command))}\n{done.stderr.decode()}")
    return done.stdout.decode()


class Native:
    """What `limno transform` says of a file of rows, as float32, int64 and bytes."""

    def __init__(self, limno, version, path):
        text = run(limno, "transform", "--graph", version, path)
        self.rows = [json.loads(line) for line in text.split("\n")[:-1]]
        types = {o["name"]: o["type"] for o in json.loads((version / "graph.json").read_text())["outputs"]}
        self.columns = {name: [self.value(row[name], types[name]) for row in self.rows] for name in types}

    @classmethod
    def value(cls, value, type):
        """None, one value, or a list without its missing elements (None: no list)."""
        if type.startswith("list<"):
            return [cls.value(v, type[5:-1]) for v in value or [] if v is not None]
        if value is None:
            return None
        if type.startswith("float"):
            with np.errstate(over="ignore"):
                return np.float32(float(value.replace("Infinity", "inf")) if isinstance(value, str) else value)
        if type == "string":
            return value.encode()
        if type == "timestamp":
            since = datetime.datetime.fromisoformat(value.replace("Z", "+00:00")) - EPOCH
            return since // datetime.timedelta(microseconds=1)
        return int(value)


def same(found, expected, ulps):
    if isinstance(expected, list):
        return len(found) == len(expected) and all(same(f, e, ulps) for f, e in zip(found, expected))
    if not isinstance(expected, np.float32):
        return found == expected
    if np.isnan(expected):
        return bool(np.isnan(found))
    if abs(expected) < TINY:
        # TensorFlow takes numbers this small for 0, whoever wrote the graph.
        return bool(abs(found) < TINY)
    a, b = np.float32(found).view(np.int32), expected.view(np.int32)
    if a == b or ulps is None:
        return a == b
    return abs(int(a if a >= 0 else -(a & 0x7FFFFFFF)) - int(b if b >= 0 else -(b & 0x7FFFFFFF))) <= ulps


class Report:
    def __init__(self):
        self.failed = 0

    def compare(self, title, native, found, names=None):
        """`found`: by output, a list of values like Native's."""
        wrong = 0
        names = names or sorted(native.columns)
        for name in names:
            ulps = CASES[name][1] if name in CASES else None
            if name not in found:
                print(f"  {title}: {name} is not there")
                wrong += 1
                continue
            bad = [i for i, (f, e) in enumerate(zip(found[name], native.columns[name])) if not same(f, e, ulps)]
            if len(found[name]) != len(native.rows):
                bad = bad or [min(len(found[name]), len(native.rows))]
            if bad:
                i = bad[0]
                wrong += 1
                f = found[name][i] if i < len(found[name]) else "no row"
                print(f"  {title}: {name}: {len(bad)} rows differ; row {i}: {f!r}, limno says {native.columns[name][i]!r}")
        self.failed += wrong
        print(f"{'FAILED' if wrong else 'ok':6} {title}: {len(names)} outputs, {len(native.rows)} rows")

    def check(self, title, holds, detail=""):
        self.failed += not holds
        print(f"{'ok' if holds else 'FAILED':6} {title}" + ("" if holds else f": {detail}"))


def plain(value):
    if isinstance(value, str):
        return value.encode()
    return value if isinstance(value, (bytes, np.float32)) else np.float32(value) if isinstance(value, np.floating) else int(value)


def listed(tensor, is_list):
    """A result of TensorFlow, or (indices, values, shape), as a list of values a row."""
    if isinstance(tensor, tuple):
        indices, values, shape = tensor
    elif hasattr(tensor, "indices"):
        indices, values, shape = tensor.indices, tensor.values, tensor.dense_shape
    else:
        array = np.asarray(tensor)
        return [[plain(v) for v in row] if is_list else plain(row) for row in array]
    found = [[] for _ in range(int(np.asarray(shape)[0]))]
    for (row, position), value in zip(np.asarray(indices), np.asarray(values)):
        if position != len(found[row]):
            raise ValueError(f"row {row}: element {position} after {len(found[row])}")
        found[row].append(plain(value))
    return found if is_list else [row[0] if row else None for row in found]


def load(path):
    return [json.loads(line) for line in path.read_text().split("\n")[:-1]]


def job(directory, name, outputs, formats):
    schema = ", ".join(f'{k}: "{v}"' for k, v in made.SCHEMA.items())
    lines = [
        f"job: {name}", f"source: {{ files: {{ paths: [{directory}/rows.jsonl], format: jsonl }} }}",
        f"schema: {{ {schema} }}", "windows: { global: {} }", "transform:", "  outputs:",
        *(f"    {k}: {json.dumps(f, ensure_ascii=False)}" for k, f in outputs.items()),
        f"output: {{ snapshots: {directory}/{name}, export: [{', '.join(formats)}] }}",
    ]
    path = directory / f"{name}.yaml"
    path.write_text("\n".join(lines) + "\n")
    return path


def publish(limno, directory, name, outputs, formats):
    path = job(directory, name, outputs, formats)
    run(limno, "run", path, "--quiet")
    again = directory / "again"
    run(limno, "run", path, "--quiet", "--out", again)
    version = directory / name / "transform" / "1"
    said = json.loads((version / "manifest.json").read_text())["exports"]
    if "saved_model" in formats and said["saved_model"] != "published":
        sys.exit(f"interop: {name}: saved_model {said['saved_model']}")
    for file in sorted(version.rglob("*")):
        if file.is_file() and file.name != "manifest.json":
            if file.read_bytes() != (again / "transform" / "1" / file.relative_to(version)).read_bytes():
                sys.exit(f"interop: {file} is not the same in a second run")
    shutil.rmtree(again)
    return version


def main():
    limno, directory = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    made.write(directory / "rows.jsonl", made.make(1, ROWS, misses=True))
    made.write(directory / "full.jsonl", made.make(2, ROWS, misses=False))
    made.write(directory / "doubles.jsonl", made.make(3, ROWS, misses=False, doubles=True))
    report = Report()
    cover(report, limno)
    import tensorflow_models

    version = publish(limno, directory, "full", {k: f for k, (f, _) in CASES.items()}, ["saved_model"])
    tensorflow_models.check(report, limno, directory, version)
    import onnx_models

    onnx_models.check(report, limno, directory)
    import user_models

    user_models.check(report, limno, directory / "user_models")
    check_skew(report, limno, directory)
    sys.exit(1 if report.failed else 0)


def check_skew(report, limno, directory):
    """`limno skew` agrees with the above, and sees a graph that is not the model's."""
    def skew(version):
        command = [limno, "skew", "--graph", version, directory / "rows.jsonl", "--python", sys.executable]
        return subprocess.run([str(part) for part in command + ["--rows", "1000"]], capture_output=True, text=True)

    version = directory / "portable" / "transform" / "1"
    done = skew(version)
    report.check("limno skew finds none", done.returncode == 0 and done.stdout.count("outputs equal") == 2, done)
    other = directory / "other"
    shutil.copytree(version, other)
    graph = json.loads((other / "graph.json").read_text())
    mean = next(c for c in graph["constants"] if c["formula"] == "mean(x)")
    mean["value"] *= 1.001
    (other / "graph.json").write_text(json.dumps(graph))
    done = skew(other)
    told = [line.split(":")[0].strip() for line in done.stdout.splitlines() if "rows differ" in line]
    report.check("limno skew finds another mean", done.returncode == 1 and set(told) == {"scale_to_z_score", "mean_of_all"}, done)


def cover(report, limno):
    """Every supported mapper has a case."""
    words = " ".join(formula for formula, _ in CASES.values())
    catalog = json.loads(run(limno, "catalog", "mappers", "--supported", "--output", "json"))
    missing = [m["name"] for m in catalog["mappers"] if m["name"] + "(" not in words]
    report.check(f"every one of {len(catalog['mappers'])} supported mappers has a case", not missing, missing)


if __name__ == "__main__":
    main()
