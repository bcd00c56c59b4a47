/// The Python that runs an exported model on the sampled rows and compares; see ``SkewCheck`` for
/// what lies in its folder.
enum SkewScript {
  static let text = #"""
    import json, os, sys

    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
    try:
        import numpy as np
        if sys.argv[2] == "tensorflow":
            import tensorflow as tf
        else:
            import onnxruntime
    except ImportError as error:
        sys.exit(f"{sys.executable}: {error}")

    folder, runtime, model, ulps = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
    operators = sys.argv[5]
    TINY = np.finfo(np.float32).tiny


    def lines(name):
        with open(os.path.join(folder, name)) as file:
            return [json.loads(line) for line in file.read().split("\n")[:-1]]


    def number(value):
        return float(value.replace("Infinity", "inf")) if isinstance(value, str) else value


    def given(value, kind):
        if kind in ("float", "float32"):
            return number(value)
        return value


    def elements(rows, feature):
        "The place and value of everything a feature holds."
        for i, row in enumerate(rows):
            value = row[feature["name"]]
            items = [] if value is None else value if feature["is_list"] else [value]
            for j, item in enumerate(item for item in items if item is not None):
                yield i, j, given(item, feature["type"])


    def by_tensorflow(rows, features):
        types = {"float": tf.float64, "float32": tf.float32, "int": tf.int64, "bool": tf.bool, "string": tf.string}
        inputs = {}
        for feature in features:
            found = list(elements(rows, feature))
            width = max((j + 1 for _, j, _ in found), default=0)
            inputs[feature["name"]] = tf.SparseTensor(
                np.array([(i, j) for i, j, _ in found], np.int64).reshape(-1, 2),
                tf.constant([v for _, _, v in found], types[feature["type"]]), [len(rows), width])
        results = {}
        for name, tensor in tf.saved_model.load(model).serve(inputs).items():
            if isinstance(tensor, tf.SparseTensor):
                results[name] = spread(tensor.indices.numpy(), tensor.values.numpy(), len(rows))
            else:
                results[name] = [[v] for v in tensor.numpy()] if tensor.shape.rank == 1 else list(tensor.numpy())
        return results


    def by_onnx(rows, features):
        types = {"float": np.float64, "float32": np.float32, "int": np.int64, "bool": np.bool_, "string": object}
        onnxruntime.set_default_logger_severity(3)
        options = onnxruntime.SessionOptions()
        if operators:
            options.register_custom_ops_library(operators)
        session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        inputs = {}
        for feature in features:
            name, found = feature["name"], list(elements(rows, feature))
            if feature["is_list"]:
                inputs[name + "_indices"] = np.array([(i, j) for i, j, _ in found], np.int64).reshape(-1, 2)
                inputs[name + "_values"] = np.array([v for _, _, v in found], types[feature["type"]])
                inputs[name + "_shape"] = np.array([len(rows), max((j + 1 for _, j, _ in found), default=0)], np.int64)
                continue
            there = {i: v for i, _, v in found}
            blank = "" if feature["type"] == "string" else 0
            inputs[name] = np.array([there.get(i, blank) for i in range(len(rows))], types[feature["type"]])
            inputs[name + "_present"] = np.array([i in there for i in range(len(rows))])
        wanted = {i.name for i in session.get_inputs() + session.get_overridable_initializers()}
        names = [o.name for o in session.get_outputs()]
        found = dict(zip(names, session.run(names, {n: v for n, v in inputs.items() if n in wanted})))
        results = {}
        for output in spec["outputs"]:
            name = output["name"]
            if name + "_indices" in found:
                results[name] = spread(found[name + "_indices"], found[name + "_values"], len(rows))
            else:
                values = [[v] for v in found[name]] if found[name].ndim == 1 else list(found[name])
                there = found.get(name + "_present", [True] * len(rows))
                results[name] = [v if t else [] for v, t in zip(values, there)]
        return results


    def spread(indices, values, count):
        rows = [[] for _ in range(count)]
        for (row, _), value in zip(indices, values):
            rows[row].append(value)
        return rows


    def same(found, expected, kind):
        if kind == "string":
            return (found.decode() if isinstance(found, bytes) else found) == expected
        if kind not in ("float", "float32"):
            return int(found) == int(expected)
        with np.errstate(over="ignore"):
            a, b = np.float32(found), np.float32(number(expected))
        if np.isnan(b) or np.isnan(a):
            return bool(np.isnan(a) and np.isnan(b))
        if abs(b) < TINY and abs(a) < TINY:
            return True
        i, j = int(a.view(np.int32)), int(b.view(np.int32))
        i, j = (v if v >= 0 else -(v & 0x7FFFFFFF) for v in (i, j))
        return abs(i - j) <= ulps and (a == b or ulps > 0)


    spec = json.load(open(os.path.join(folder, "spec.json")))
    rows, native = lines("inputs.jsonl"), lines("native.jsonl")
    served = (by_tensorflow if runtime == "tensorflow" else by_onnx)(rows, spec["inputs"])
    report = []
    for output in spec["outputs"]:
        name, kind, wrong, first = output["name"], output["type"], 0, None
        for i, (row, found) in enumerate(zip(native, served[name])):
            value = row[name]
            expected = [] if value is None else [v for v in value if v is not None] if output["is_list"] else [value]
            if len(found) != len(expected) or not all(same(f, e, kind) for f, e in zip(found, expected)):
                wrong += 1
                first = first or f"row {i}: limno {expected}, served {[v.item() if hasattr(v, 'item') else v for v in found]}"
        report.append({"output": name, "rows": len(native), "mismatches": wrong, "first": first or ""})
    with open(os.path.join(folder, "report.json"), "w") as file:
        json.dump(report, file)
    """#
}
