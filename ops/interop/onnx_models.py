"""The ONNX model, in ONNX Runtime."""
import json
import subprocess

import numpy as np
import onnxruntime

import rows as made
from cases import CASES
from interop import Native, listed, load, publish

onnxruntime.set_default_logger_severity(3)

TYPES = {"tensor(double)": np.float64, "tensor(float)": np.float32, "tensor(int64)": np.int64,
         "tensor(bool)": np.bool_, "tensor(string)": object}


def check(report, limno, directory):
    outputs = {k: f for k, (f, _) in CASES.items()}
    version = publish(limno, directory, "portable", outputs, ["saved_model", "onnx"])
    said = json.loads((version / "manifest.json").read_text())["exports"]["onnx"]
    report.check(f"custom ops: {said}", "libLimnographOperators.so" in said, said)
    session = load_session(limno, version / "model.onnx")
    for name in ("rows", "doubles"):
        native = Native(limno, version, directory / f"{name}.jsonl")
        rows = load(directory / f"{name}.jsonl")
        report.compare(f"ONNX Runtime, {name}", native, predict(session, version, rows))


def load_session(limno, path):
    """With the operators that ONNX lacks, from where limno says they are."""
    libraries = json.loads(subprocess.run([str(limno), "runtimes", "--output", "json"], capture_output=True, check=True).stdout)
    options = onnxruntime.SessionOptions()
    options.register_custom_ops_library(next(v["place"] for v in libraries if v["library"] == "operators"))
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def predict(session, version, rows):
    given = {}
    wanted = {i.name: TYPES[i.type] for i in session.get_inputs()}
    for name, kind in made.SCHEMA.items():
        if kind.startswith("list<") and name + "_values" in wanted:
            pairs = [(i, j, v) for i, row in enumerate(rows) for j, v in enumerate(row[name])]
            given[name + "_indices"] = np.array([(i, j) for i, j, _ in pairs], np.int64).reshape(-1, 2)
            given[name + "_values"] = np.array([v for _, _, v in pairs], wanted[name + "_values"])
            given[name + "_shape"] = np.array([len(rows), max((j + 1 for _, j, _ in pairs), default=0)], np.int64)
        elif name in wanted:
            fill = "" if kind == "string" else 0
            given[name] = np.array([row.get(name, fill) for row in rows], wanted[name])
            if any(name not in row for row in rows):
                given[name + "_present"] = np.array([name in row for row in rows])
    names = [o.name for o in session.get_outputs()]
    found = dict(zip(names, session.run(names, given)))
    result = {}
    for output in json.loads((version / "graph.json").read_text())["outputs"]:
        name, is_list = output["name"], output["type"].startswith("list<")
        if name + "_indices" in found:
            values = listed(tuple(found[name + s] for s in ("_indices", "_values", "_shape")), True)
        else:
            values = listed(found[name], is_list)
            is_present = found.get(name + "_present", np.ones(len(rows), bool))
            values = [v if p else None for v, p in zip(values, is_present)]
        result[name] = values
    return result
