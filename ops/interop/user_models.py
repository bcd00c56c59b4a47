"""Models of a user, made here with scikit-learn, onnx and TensorFlow, and run by limno in its rows."""
import json
import os
import pathlib
import re
import subprocess
import sys

import numpy as np

os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

ROWS = 10_000


def make_rows(path, seed):
    """x, y: floats with NaN and ±inf; n: int; s: strings; some missing; xs: lists of three or not."""
    random = np.random.default_rng(seed)
    words = ["", "a", "b", "über", "日本", "nul\0inside", "new\nline", "zz" * 40, " a ", "12", "-7.5"]
    special = [float("nan"), float("inf"), float("-inf"), 0.0, -0.0, 1e30, 1e-40]
    rows = []
    for i in range(ROWS):
        row = {
            "x": float(random.normal() * 10), "y": float(random.exponential()), "n": int(random.integers(-50, 50)),
            "s": words[random.integers(len(words))], "label": int(random.integers(2)),
            "country": ["de", "fr", "br"][random.integers(3)], "ctr": int(random.integers(2)),
            "xs": [float(v) for v in random.normal(size=[3, 3, 3, 2][random.integers(4)])],
        }
        if i % 97 == 0:
            row["x"] = special[i // 97 % len(special)]
        for name in ("x", "n", "s", "xs"):
            if random.random() < 0.02:
                del row[name]
        rows.append(row)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    return rows


def make_onnx(folder):
    """tree.onnx and linear.onnx of scikit-learn, text.onnx by hand, pair.onnx with two outputs, row.onnx of one row."""
    import onnx
    from onnx import TensorProto as T, helper as h
    from skl2onnx import to_onnx
    from sklearn.ensemble import GradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression

    random = np.random.default_rng(7)
    features = random.normal(size=(2000, 3)).astype(np.float32) * [10, 1, 30]
    features = features.astype(np.float32)
    labels = (features @ np.array([0.1, 1.0, -0.05]) + random.normal(size=2000) > 0).astype(np.int64)
    for name, model in [("linear", LogisticRegression()), ("tree", GradientBoostingClassifier(n_estimators=30))]:
        model.fit(features, labels)
        found = to_onnx(model, features[:1], options={"zipmap": False}, target_opset=18)
        (folder / f"{name}.onnx").write_bytes(found.SerializeToString())

    def save(name, nodes, inputs, outputs, constants=()):
        graph = h.make_graph(nodes, name, inputs, outputs, list(constants))
        model = h.make_model(graph, opset_imports=[h.make_opsetid("", 20)], ir_version=9)
        onnx.checker.check_model(model)
        (folder / f"{name}.onnx").write_bytes(model.SerializeToString())

    def value(name, kind, shape):
        return h.make_tensor_value_info(name, kind, shape)

    # Text in and out; a number out of text, which fails on a text that is none.
    save("text", [h.make_node("Identity", ["s"], ["same"]), h.make_node("Equal", ["s", "u"], ["is_u"])],
         [value("s", T.STRING, ["rows"])], [value("same", T.STRING, ["rows"]), value("is_u", T.BOOL, ["rows"])],
         [h.make_tensor("u", T.STRING, [1], ["über".encode()])])
    save("number", [h.make_node("Cast", ["s"], ["number"], to=T.DOUBLE)],
         [value("s", T.STRING, ["rows"])], [value("number", T.DOUBLE, ["rows"])])
    weights = random.normal(size=(3, 64)).astype(np.float32)
    last = random.normal(size=(64, 2)).astype(np.float32)
    # Inputs of each type; two outputs; a wide enough matrix that kernels for few rows differ.
    save("pair", [
        h.make_node("MatMul", ["xs", "w"], ["h"]), h.make_node("Relu", ["h"], ["r"]), h.make_node("MatMul", ["r", "v"], ["o"]),
        h.make_node("Sigmoid", ["o"], ["scores"]), h.make_node("Cast", ["n"], ["nf"], to=T.DOUBLE),
        h.make_node("Mul", ["nf", "y"], ["product"]), h.make_node("Add", ["n", "bias"], ["shifted"]),
    ], [value("xs", T.FLOAT, ["rows", 3]), value("n", T.INT64, ["rows"]), value("y", T.DOUBLE, ["rows"]), value("bias", T.INT64, [1])],
       [value("scores", T.FLOAT, ["rows", 2]), value("product", T.DOUBLE, ["rows"]), value("shifted", T.INT64, ["rows"])],
       [h.make_tensor("w", T.FLOAT, weights.shape, weights.tobytes(), raw=True),
        h.make_tensor("v", T.FLOAT, last.shape, last.tobytes(), raw=True), h.make_tensor("bias", T.INT64, [1], [5])])
    save("row", [h.make_node("ReduceSum", ["xs", "axes"], ["total"], keepdims=1)],
         [value("xs", T.FLOAT, [1, 3])], [value("total", T.FLOAT, [1, 1])], [h.make_tensor("axes", T.INT64, [1], [1])])


# What the saved model's table gives for a string, and for any other.
TABLE = {"a": 0.5, "b": -1.5, "über": 2.0, "nul\0inside": 3.0}
OTHERS = -0.25


def make_saved_model(folder):
    import tensorflow as tf

    class Model(tf.Module):
        def __init__(self):
            random = np.random.default_rng(11)
            self.w = tf.Variable(random.normal(size=(2, 32)).astype(np.float32))
            self.v = tf.Variable(random.normal(size=(32, 1)).astype(np.float32))
            self.table = tf.lookup.StaticHashTable(
                tf.lookup.KeyValueTensorInitializer(tf.constant(list(TABLE)), tf.constant(list(TABLE.values()))), OTHERS)

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "s"), tf.TensorSpec([None], tf.float32, "x"),
                                      tf.TensorSpec([None], tf.int64, "n")])
        def serve(self, s, x, n):
            h = tf.nn.relu(tf.stack([self.table.lookup(s), x], 1) @ self.w)
            return {"score": tf.sigmoid(h @ self.v), "hidden": h[:, :4], "text": tf.strings.join([s, tf.strings.as_string(n)], "|"),
                    "bucket": tf.strings.to_hash_bucket_fast(s, 1000), "is_long": tf.strings.length(s) > 2}

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "s")])
        def numbers(self, s):
            return {"number": tf.strings.to_number(s, tf.float64)}

    model = Model()
    tf.saved_model.save(model, str(folder / "model"), signatures={"serving_default": model.serve, "numbers": model.numbers})


TREE = "element(onnx('models/tree.onnx', float32(x), float32(y), float(n), output='probabilities'), 1)"

# Output of the transform: formula. All of it is also evaluated in Python below.
FORMULAS = {
    "linear": "onnx('models/linear.onnx', x, y, n, output='probabilities')",
    "linear_label": "onnx('models/linear.onnx', X=stack(x, y, n), output='label')",
    "tree": "onnx('models/tree.onnx', x, y, n, output='probabilities')",
    "same": "onnx('models/text.onnx', s, output='same')",
    "is_u": "onnx('models/text.onnx', s=s, output='is_u')",
    "scores": "onnx('models/pair.onnx', xs, n, y=y, output='scores')",
    "product": "onnx('models/pair.onnx', xs, n, y=y, output='product')",
    "shifted": "onnx('models/pair.onnx', xs, n, y=y, output='shifted')",
    "row": "onnx('models/row.onnx', xs)",
    "tf_score": "saved_model('models/model', s=s, x=x, n=n, output='score')",
    "tf_hidden": "saved_model('models/model', n, s, x, output='hidden')",
    "tf_text": "saved_model('models/model', n=n, s=s, x=x, signature='serving_default', output='text')",
    "tf_bucket": "saved_model('models/model', n=n, s=s, x=x, output='bucket')",
    "tf_long": "saved_model('models/model', n=n, s=s, x=x, output='is_long')",
    # A published version followed by a model: what is scaled goes in.
    "after_scaling": "onnx('models/linear.onnx', scale_to_z_score(clip(x, -1e6, 1e6)), y, n, output='probabilities')",
    # A model followed by an analyzer.
    "tree_z": "scale_to_z_score(element(onnx('models/tree.onnx', x, y, n, output='probabilities'), 1))",
}


class Python:
    """What the libraries say of all rows at once."""

    def __init__(self, folder, rows):
        import onnxruntime
        import tensorflow as tf

        onnxruntime.set_default_logger_severity(3)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.folder, self.rows, self.tf = folder, rows, tf
        self.session = lambda name: onnxruntime.InferenceSession(str(folder / f"{name}.onnx"), options)
        self.signatures = tf.saved_model.load(str(folder / "model"))

    def there(self, *names, length=None):
        return [i for i, r in enumerate(self.rows) if all(k in r for k in names) and (length is None or len(r["xs"]) == length)]

    def column(self, at, name, kind):
        with np.errstate(over="ignore"):
            return np.array([self.rows[i][name] for i in at], kind)

    def spread(self, at, values):
        found = [None] * len(self.rows)
        for i, v in zip(at, values):
            found[i] = v
        return found

    def onnx(self, name, output, at, given):
        return self.spread(at, self.session(name).run([output], given)[0])

    def matrix(self, at, x=None):
        columns = [self.column(at, k, np.float64) for k in "xyn"]
        if x is not None:
            columns[0] = x
        with np.errstate(over="ignore"):
            return np.stack(columns, 1).astype(np.float32)

    def saved_model_between(self, at, hidden, score):
        """What TensorFlow gave for all rows at once, with the least and the most that any order and any fusing of its
        two sums (of 2 and 32 products, in float32) may give: both hang on the processor and the number of rows."""
        model = self.signatures
        w, v = (np.float64(m.numpy()) for m in (model.w, model.v))
        looked_up = [TABLE.get(self.rows[i]["s"], OTHERS) for i in at]
        with np.errstate(all="ignore"):
            given = np.float64(np.stack([looked_up, self.column(at, "x", np.float64).astype(np.float32)], 1))
            sums = given @ w
            slack = 4 * 2.0 ** -24 * (np.abs(given) @ np.abs(w))
            low_hidden, high_hidden = (np.maximum(sums + d, 0)[:, :4] for d in (-slack, slack))
            z = (np.maximum(sums, 0) @ v)[:, 0]
            slack = 36 * 2.0 ** -24 * (np.abs(given) @ np.abs(w) @ np.abs(v))[:, 0]
            low, high = (1 / (1 + np.exp(-(z + d))) for d in (-slack, slack))
        return list(zip(hidden, low_hidden, high_hidden)), list(zip(score[:, 0], low, high))

    def all(self, mean, deviation):
        xn, s, lists = self.there("x", "n"), self.there("s"), self.there("xs", "n", length=3)
        found = {}
        for name, model, output in [("linear", "linear", "probabilities"), ("linear_label", "linear", "label"), ("tree", "tree", "probabilities")]:
            found[name] = self.onnx(model, output, xn, {"X": self.matrix(xn)})
        for name in ("same", "is_u"):
            found[name] = self.onnx("text", name, s, {"s": self.column(s, "s", object)})
        given = {"xs": np.array([self.rows[i]["xs"] for i in lists], np.float32), "n": self.column(lists, "n", np.int64),
                 "y": self.column(lists, "y", np.float64)}
        for name in ("scores", "product", "shifted"):
            found[name] = self.onnx("pair", name, lists, given)
        threes, session = self.there("xs", length=3), self.session("row")
        found["row"] = self.spread(threes, [
            session.run(None, {"xs": np.array([self.rows[i]["xs"]], np.float32)})[0][0, 0] for i in threes])
        every = self.there("s", "x", "n")
        with np.errstate(over="ignore"):
            served = self.signatures.signatures["serving_default"](
                s=self.tf.constant([self.rows[i]["s"] for i in every]),
                x=self.tf.constant(self.column(every, "x", np.float64).astype(np.float32)),
                n=self.tf.constant(self.column(every, "n", np.int64)))
        for name, output in [("tf_text", "text"), ("tf_bucket", "bucket"), ("tf_long", "is_long")]:
            found[name] = self.spread(every, served[output].numpy())
        between = self.saved_model_between(every, served["hidden"].numpy(), served["score"].numpy())
        found["tf_hidden"], found["tf_score"] = (self.spread(every, values) for values in between)
        clipped = np.clip(self.column(xn, "x", np.float64), -1e6, 1e6)
        found["after_scaling"] = self.onnx("linear", "probabilities", xn, {"X": self.matrix(xn, (clipped - mean) / deviation)})
        return found


def same(found, expected):
    """Equal bits: of float32 where the model gives that."""
    if found is None or expected is None:
        return found is None and expected is None
    if isinstance(found, list):
        return len(found) == len(expected) and all(same(f, e) for f, e in zip(found, expected))
    if isinstance(expected, (bytes, np.bytes_)):
        return found.encode() == bytes(expected)
    if isinstance(expected, str):
        return found == expected
    if isinstance(found, str):
        found = float(found.replace("Infinity", "inf"))
    kind = expected.dtype.type
    return bool(kind(found) == expected or (found != found and expected != expected))


def between(found, expected):
    """As TensorFlow gave it, or within what `saved_model_between` allows, but for 4 units in the last place."""
    if found is None or expected is None or isinstance(found, str):
        return same(found, expected and expected[0])
    served, low, high = expected
    if isinstance(found, list):
        return len(found) == len(served) and all(between(f, e) for f, e in zip(found, zip(served, low, high)))
    slack = 4 * np.spacing(np.float32(high))
    return same(found, served) or bool(low - slack <= found <= high + slack)


def write_job(folder, name, body):
    path = folder / f"{name}.yaml"
    path.write_text(f"""job: {name}
source: {{ files: {{ paths: [{folder}/rows.jsonl], format: jsonl }} }}
schema: {{ x: float, y: float, n: int, s: string, xs: list<float>, label: int, ctr: int, country: string }}
windows: {{ global: {{}} }}
{body}output: {{ snapshots: {folder}/{name} }}
""".replace("list<float>", '"list<float>"'))
    return path


def run(limno, *command, code=0):
    done = subprocess.run([str(limno), *map(str, command)], capture_output=True, text=True)
    if done.returncode != code:
        sys.exit(f"interop: limno {' '.join(map(str, command))}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def check(report, limno, folder):
    folder.mkdir(parents=True)
    models = folder / "models"
    models.mkdir()
    rows = make_rows(folder / "rows.jsonl", 3)
    make_onnx(models)
    make_saved_model(models)
    os.environ["LIMNO_PYTHON"] = sys.executable
    check_transforms(report, limno, folder, rows)
    check_evaluations(report, limno, folder, rows)
    check_failures(report, limno, folder, rows)
    check_operators(report, limno, folder)


def check_transforms(report, limno, folder, rows):
    outputs = "".join(f"    {k}: {json.dumps(f, ensure_ascii=False)}\n" for k, f in FORMULAS.items())
    job = write_job(folder, "transformed", f"transform:\n  outputs:\n{outputs}")
    plan = run(limno, "validate", job)
    report.check("limno validate shows the models", "onnx models/pair.onnx: (xs: float32[rows, 3], n: int64[rows]" in plan, plan)
    digests = set()
    # Relative paths begin where the job file is.
    for workers, batch in [(1, 2048), (3, 2048), (1, 17), (3, 1024), (2, 1)]:
        out = folder / f"out-{workers}-{batch}"
        run(limno, "run", job, "--quiet", "--out", out, "--workers", workers, "--batch-rows", batch)
        manifest = json.loads((out / "transform/1/manifest.json").read_text())
        digests.add(manifest["payload_sha256"])
    report.check("workers and batches change nothing of a version over models", len(digests) == 1, digests)
    report.check("the manifest names the models", set(manifest["models"]) >= {"models/tree.onnx", "models/model"}, manifest["models"])
    report.check("exports say what they cannot hold", all("exports do not take in" in v for v in manifest["exports"].values()), manifest["exports"])
    graph = json.loads((out / "transform/1/graph.json").read_text())
    mean, variance = [next(c["value"] for c in graph["constants"] if c["formula"].startswith(f + "(clip")) for f in ("mean", "var")]
    expected = Python(folder / "models", rows).all(mean, np.sqrt(variance))
    found = [json.loads(line) for line in run_rows(limno, folder, out).split("\n")[:-1]]
    for name, values in sorted(expected.items()):
        equal = between if name in ("tf_hidden", "tf_score") else same
        wrong = [i for i, (f, e) in enumerate(zip(found, values)) if not equal(f[name], e)]
        detail = f"{len(wrong)} rows; row {wrong[0]}: {found[wrong[0]][name]!r}, Python says {values[wrong[0]]!r}" if wrong else ""
        there = sum(v is not None for v in values)
        report.check(f"{name}: limno transform = Python, {there} rows and {len(values) - there} missing", not wrong and there > 5000, detail)


def run_rows(limno, folder, out):
    done = subprocess.run([str(limno), "transform", "--graph", str(out / "transform/1"), str(folder / "rows.jsonl"), "--models", str(folder)],
                          capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    return done.stdout


def check_evaluations(report, limno, folder, rows):
    """Several models, and one with two outputs, scored in the engine: as if the scores had been columns."""
    scored = {
        "tree": TREE, "tf": "saved_model('models/model', s=s, x=x, n=n, output='score')",
    }
    pair = {o: f"element(onnx('models/pair.onnx', xs, n, y=y, output='scores'), {i})" for i, o in enumerate(("ctr", "cvr"))}
    engine = "".join(f"    {k}: {json.dumps(f)}\n" for k, f in scored.items())
    outputs = "".join(f"        {k}: {{ prediction: {json.dumps(f)}, label: {'ctr' if k == 'ctr' else 'label'} }}\n" for k, f in pair.items())
    body = "evaluate:\n  label: label\n  models:\n{}  slices: [[], [country]]\n  metrics: [example_count, auc, binary_accuracy, mean_prediction, calibration]\n"
    job = write_job(folder, "scored", body.format(engine + f"    pair:\n      outputs:\n{outputs}"))
    lines = {}
    for workers, batch in [(1, 17), (3, 1024)]:
        out = folder / f"scored-{workers}"
        run(limno, "run", job, "--quiet", "--out", out, "--workers", workers, "--batch-rows", batch)
        lines[workers] = (out / "evaluation/global/0000/metrics.jsonl").read_text()
    report.check("workers and batches change nothing of an evaluation", lines[1] == lines[3])
    # The same scores as columns.
    outputs = "".join(f"    {k}: {json.dumps(f)}\n" for k, f in {**scored, **pair}.items())
    keep = "".join(f"    {k}: {k}\n" for k in ("label", "country"))
    run(limno, "run", write_job(folder, "as_rows", f"transform:\n  outputs:\n{outputs}{keep}    ctr_label: \"ctr\"\n"), "--quiet")
    text = subprocess.run([str(limno), "transform", "--graph", str(folder / "as_rows/transform/1"), str(folder / "rows.jsonl"), "--models", str(folder)],
                          capture_output=True, text=True).stdout
    # Read as NaN, not as a text.
    (folder / "as_rows.jsonl").write_text(text.replace('"NaN"', "NaN"))
    path = folder / "columns.yaml"
    path.write_text(f"""job: columns
source: {{ files: {{ paths: [{folder}/as_rows.jsonl], format: jsonl }} }}
schema: {{ tree: float, tf: float32, ctr: float32, cvr: float32, ctr_label: int, label: int, country: string }}
windows: {{ global: {{}} }}
{body.format("    tree: tree" + chr(10) + "    tf: tf" + chr(10) + "    pair:" + chr(10) + "      outputs: { ctr: { prediction: ctr, label: ctr_label }, cvr: { prediction: cvr, label: label } }" + chr(10))}output: {{ snapshots: {folder}/columns }}
""")
    run(limno, "run", path, "--quiet")
    columns = (folder / "columns/evaluation/global/0000/metrics.jsonl").read_text()
    outputs = {(v["model"], v["output"]) for v in map(json.loads, columns.splitlines())}
    report.check("models and outputs are told apart", {("tree", ""), ("tf", ""), ("pair", "ctr"), ("pair", "cvr")} <= outputs, outputs)
    report.check(f"scored in the engine = scored before, {len(columns.splitlines())} metrics", columns == lines[1])
    check_eval_config(report, limno, folder, pair, columns)


def check_eval_config(report, limno, folder, pair, columns):
    """The same outputs by an EvalConfig, whose keys name what `derive` scores."""
    keys = " ".join(f'prediction_keys {{ key: "{k}" value: "{k}_score" }}' for k in pair)
    config = folder / "eval_config.pbtxt"
    config.write_text(f"""model_specs {{ name: "pair" {keys} label_keys {{ key: "ctr" value: "ctr" }} label_keys {{ key: "cvr" value: "label" }} }}
slicing_specs {{}} slicing_specs {{ feature_keys: "country" }}
metrics_specs {{ {" ".join(f'metrics {{ class_name: "{m}" }}' for m in ("ExampleCount", "AUC", "BinaryAccuracy", "MeanPrediction", "Calibration"))} }}
""")
    derived = "".join(f"  {k}_score: {json.dumps(f)}\n" for k, f in pair.items())
    run(limno, "run", write_job(folder, "by_config", f"derive:\n{derived}evaluate: {{ eval_config: {config}, compat: native }}\n"), "--quiet")
    def values(text):
        found = {}
        for line in map(json.loads, text.splitlines()):
            # TFMA gives the only model no name.
            if line["model"] in ("pair", ""):
                found[json.dumps(line["slice"]), line["output"], line["metric"]] = line["value"]
        return found
    expected = values(columns)
    found = values((folder / "by_config/evaluation/global/0000/metrics.jsonl").read_text())
    wrong = [k for k in expected if found.get(k) != expected[k]]
    report.check(f"an EvalConfig of outputs that derive scores, {len(expected)} metrics", len(expected) == 48 and not wrong, [(k, found.get(k), expected[k]) for k in wrong[:2]])


def check_failures(report, limno, folder, rows):
    """Rows on which a model fails are quarantined with the reason, others are not touched."""
    def is_number(text):
        return bool(re.fullmatch(r"-?\d+(\.\d+)?", text.strip()))
    for name, formula in [("onnx", "onnx('models/number.onnx', s)"), ("tf", "saved_model('models/model', s, signature='numbers')")]:
        job = write_job(folder, f"failing_{name}", f"aggregate: {{ values: {{ total: \"sum({formula})\", rows: count() }} }}\n")
        results = set()
        for workers, batch in [(1, 2048), (3, 17)]:
            out = folder / f"failing-{name}-{workers}"
            run(limno, "run", job, "--quiet", "--out", out, "--workers", workers, "--batch-rows", batch)
            results.add((out / "aggregate/global/0000/rows.jsonl").read_text())
        letters = [json.loads(line) for line in (out / "dead_letters/dead_letters.jsonl").read_text().splitlines()]
        there = [r["s"] for r in rows if "s" in r]
        numbers = [float(s) for s in there if is_number(s)]
        row = json.loads(min(results))
        report.check(f"{name}: rows on which a model fails are quarantined", len(results) == 1
                     and row["rows"] == len(rows) - len(there) + len(numbers) and row["total"] == sum(numbers)
                     and len(letters) == len(there) - len(numbers), (row, len(letters), len(numbers)))
        report.check(f"{name}: the dead letters say why", all("number" in v["reason"].lower() for v in letters), letters[:1])
    changed = folder / "out-1-17"
    linear = folder / "models/linear.onnx"
    kept = linear.read_bytes()
    linear.write_bytes((folder / "models/tree.onnx").read_bytes())
    told = subprocess.run([str(limno), "transform", "--graph", str(changed / "transform/1"), str(folder / "rows.jsonl"), "--models", str(folder)],
                          capture_output=True, text=True)
    linear.write_bytes(kept)
    report.check("a model that has changed is refused", told.returncode == 1 and "has changed since the version was made" in told.stderr, told.stderr)


def check_operators(report, limno, folder):
    """A published version that needs our ONNX operators, run by the engine as a user's model: as the functions it is made of."""
    functions = {
        "fast": "hash_strings(s, 1000)", "strong": "hash_strings(s, 77, key=[3, -4])", "of_int": "hash_strings(n, 12)",
        "oov": "compute_and_apply_vocabulary(s, top_k=2, num_oov_buckets=9)",
    }
    body = "transform:\n  outputs:\n"
    run(limno, "run", write_job(folder, "hashes", body + "".join(f"    {k}: {json.dumps(f)}\n" for k, f in functions.items())), "--quiet")
    called = "".join(f"    {k}: \"onnx('hashes/transform/1/model.onnx', s=s, n=n, output='{k}')\"\n" for k in functions)
    own = "".join(f"    own_{k}: {json.dumps(f)}\n" for k, f in functions.items())
    run(limno, "run", write_job(folder, "called", body + called + own), "--quiet")
    rows = [json.loads(line) for line in run_rows(limno, folder, folder / "called").splitlines()]
    # A model's result is missing where any of its inputs is.
    wrong = [r for r in rows for k in functions if None not in (r["fast"], r["own_" + k]) and r[k] != r["own_" + k]]
    there = sum(r["fast"] is not None for r in rows)
    report.check(f"our operators in the engine = its functions, {there} rows", not wrong and there > 9000, wrong[:1])


if __name__ == "__main__":
    import shutil

    import interop

    limno, folder = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    shutil.rmtree(folder, ignore_errors=True)
    report = interop.Report()
    check(report, limno, folder)
    sys.exit(1 if report.failed else 0)
