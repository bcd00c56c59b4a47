#!/usr/bin/env python3
"""Rows per CPU second of a user's model in the engine, beside the same model called from Python in batches.

    ops/venv.sh interop
    .venv-interop/bin/python ops/benchmarks/models.py [--rows 400000] [--limno PATH]

Two models of 8 features and two layers of 32, one for ONNX Runtime and one for TensorFlow. limno reads the
rows as JSON, and takes the mean of what the model gives; a row costs what whole processes take more for
many rows than for few, less what it costs without the model. Python has the rows in memory already, and
calls the model with batches of the engine's size and one thread, warmed up.
"""
import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

from transform import TOP, measured

import numpy as np

FEATURES, BATCH, FEW = 8, 2048, 2048


def make_models(folder):
    import onnx
    import tensorflow as tf
    from onnx import TensorProto as T, helper as h

    random = np.random.default_rng(3)
    layers = [random.normal(size=shape).astype(np.float32) for shape in [(FEATURES, 32), (32, 32), (32, 1)]]
    nodes, x = [], "x"
    for i, _ in enumerate(layers):
        nodes.append(h.make_node("MatMul", [x, f"w{i}"], [f"m{i}"]))
        x = f"a{i}" if i < 2 else "score"
        nodes.append(h.make_node("Relu" if i < 2 else "Sigmoid", [f"m{i}"], [x]))
    graph = h.make_graph(
        nodes, "scores", [h.make_tensor_value_info("x", T.FLOAT, ["rows", FEATURES])],
        [h.make_tensor_value_info("score", T.FLOAT, ["rows", 1])],
        [h.make_tensor(f"w{i}", T.FLOAT, w.shape, w.tobytes(), raw=True) for i, w in enumerate(layers)])
    model = h.make_model(graph, opset_imports=[h.make_opsetid("", 20)], ir_version=9)
    (folder / "model.onnx").write_bytes(model.SerializeToString())

    class Scores(tf.Module):
        def __init__(self):
            self.layers = [tf.Variable(w) for w in layers]

        @tf.function(input_signature=[tf.TensorSpec([None, FEATURES], tf.float32, "x")])
        def serve(self, x):
            x = tf.nn.relu(tf.nn.relu(x @ self.layers[0]) @ self.layers[1])
            return {"score": tf.sigmoid(x @ self.layers[2])}

    scores = Scores()
    tf.saved_model.save(scores, str(folder / "model"), signatures={"serving_default": scores.serve})


def python_speed(call, rows):
    """Rows per CPU second."""
    call(rows[:BATCH])
    start = time.process_time()
    for first in range(0, len(rows), BATCH):
        call(rows[first:first + BATCH])
    return len(rows) / (time.process_time() - start)


def one_thread():
    """For TensorFlow, which asks for it before anything else."""
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)


def python_calls(folder):
    import onnxruntime
    import tensorflow as tf

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(folder / "model.onnx"), options)
    serve = tf.saved_model.load(str(folder / "model")).signatures["serving_default"]
    return {
        "onnx": lambda x: session.run(["score"], {"x": x})[0],
        "saved_model": lambda x: serve(x=tf.constant(x))["score"].numpy(),
    }


def limno_cpu(limno, folder, data, name, value):
    """(CPU seconds, the mean)"""
    lines = ["job: models", f"source: {{ files: {{ paths: [{data}], format: jsonl }} }}", "schema:"]
    lines += [f"  x{i}: float" for i in range(FEATURES)]
    lines += ["windows: { global: {} }", "aggregate:", "  values:", f"    value: \"mean({value})\"",
              f"output: {{ snapshots: {name} }}"]
    (folder / f"{name}.yaml").write_text("\n".join(lines) + "\n")
    taken = []
    for _ in range(3):
        shutil.rmtree(folder / name, ignore_errors=True)
        taken.append(measured([limno, "run", folder / f"{name}.yaml", "--workers", "1", "--quiet"])[0])
    rows = next((folder / name).rglob("rows.jsonl"))
    return min(taken), json.loads(rows.read_text())["value"]


def cpu_of_many(limno, folder, name, value):
    """(CPU seconds that all rows take more than few, their mean)"""
    many, mean = limno_cpu(limno, folder, "rows.jsonl", name, value)
    return many - limno_cpu(limno, folder, "few.jsonl", name, value)[0], mean


def main():
    parser = argparse.ArgumentParser(description="users' models in the engine beside Python")
    parser.add_argument("--rows", type=int, default=400_000)
    parser.add_argument("--limno", help="an executable, instead of building one")
    given = parser.parse_args()
    limno = given.limno or subprocess.run(
        [TOP / "ops/build.sh"], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    limno = pathlib.Path(limno).resolve()
    (TOP / ".bench").mkdir(exist_ok=True)
    folder = pathlib.Path(tempfile.mkdtemp(dir=TOP / ".bench"))
    rows = np.random.default_rng(1).normal(size=(given.rows, FEATURES)).round(4).astype(np.float32)
    lines = [json.dumps({f"x{i}": v for i, v in enumerate(row)}) + "\n" for row in rows.astype(float).round(4).tolist()]
    (folder / "rows.jsonl").write_text("".join(lines))
    (folder / "few.jsonl").write_text("".join(lines[:FEW]))
    os.environ["LIMNO_PYTHON"] = sys.executable
    one_thread()
    make_models(folder)
    stacked = "stack(" + ", ".join(f"x{i}" for i in range(FEATURES)) + ")"
    os.chdir(folder)
    base, _ = cpu_of_many(limno, folder, "base", f"element({stacked}, 0)")
    print(f"limno without a model: {base:.2f} CPU s for {given.rows - FEW:,} rows of JSON")
    print(f"{'rows per CPU second':20}{'in limno':>12}{'in Python':>12}")
    for kind, call in python_calls(folder).items():
        place = "model.onnx" if kind == "onnx" else "model"
        cpu, mean = cpu_of_many(limno, folder, kind, f"{kind}('{place}', x={stacked}, output='score')")
        wanted = float(np.float64(call(rows)).mean())
        if abs(mean - wanted) > 1e-6:
            raise SystemExit(f"benchmark: {kind} gives {mean} in limno and {wanted} in Python")
        print(f"{kind:20}{(given.rows - FEW) / max(cpu - base, 1e-9):12,.0f}{python_speed(call, rows):12,.0f}")
    os.chdir(TOP)
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
