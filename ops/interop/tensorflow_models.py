"""The SavedModel, as each of its users loads it."""
import json
import shutil

import numpy as np
import tensorflow as tf

import rows as made
from interop import Native, listed, load

def tensor_type(kind, exact):
    kind = kind.removeprefix("list<").removesuffix(">")
    if kind == "float":
        return tf.float64 if exact else tf.float32
    if kind == "bool":
        return tf.bool if exact else tf.int64
    return tf.string if kind == "string" else tf.int64


def sparse(rows, name, dtype):
    indices, values = [], []
    for i, row in enumerate(rows):
        value = row.get(name)
        items = value if isinstance(value, list) else [] if value is None else [value]
        for j, item in enumerate(items):
            indices.append((i, j))
            values.append(item)
    width = max((j + 1 for _, j in indices), default=0)
    return tf.SparseTensor(
        np.array(indices, np.int64).reshape(-1, 2), tf.constant(cast(values, dtype), dtype), [len(rows), width])


def cast(values, dtype):
    return [int(v) for v in values] if dtype == tf.int64 else values


def features(rows, is_sparse, exact=False):
    result = {}
    for name, kind in used.items():
        dtype = tensor_type(kind, exact)
        if is_sparse or kind.startswith("list<"):
            result[name] = sparse(rows, name, dtype)
        else:
            result[name] = tf.constant(cast([row[name] for row in rows], dtype), dtype)
    return result


def flat(given):
    result = {}
    for name, tensor in given.items():
        if isinstance(tensor, tf.SparseTensor):
            result |= {name + "_indices": tensor.indices, name + "_values": tensor.values, name + "_shape": tensor.dense_shape}
        else:
            result[name] = tensor
    return result


def example(row):
    def feature(kind, value):
        items = value if isinstance(value, list) else [value]
        if "string" in kind:
            return tf.train.Feature(bytes_list=tf.train.BytesList(value=[v.encode() for v in items]))
        if "float" in kind:
            return tf.train.Feature(float_list=tf.train.FloatList(value=items))
        return tf.train.Feature(int64_list=tf.train.Int64List(value=[int(v) for v in items]))

    given = {k: feature(kind, row[k]) for k, kind in made.SCHEMA.items() if k in row}
    return tf.train.Example(features=tf.train.Features(feature=given)).SerializeToString()


used = {}


def check(report, limno, directory, version):
    graph = json.loads((version / "graph.json").read_text())
    used.update({i["name"]: made.SCHEMA[i["name"]] for i in graph["inputs"]})
    is_list = {o["name"]: o["type"].startswith("list<") for o in graph["outputs"]}

    def table(outputs):
        return {name: listed(outputs[name], is_list[name]) for name in is_list if name in outputs}

    def unflat(outputs):
        """The results of a signature."""
        whole = {n: t for n, t in outputs.items()}
        for name in is_list:
            if name + "_indices" in whole:
                whole[name] = tuple(whole.pop(name + s) for s in ("_indices", "_values", "_shape"))
        return table(whole)

    natives = {n: Native(limno, version, directory / f"{n}.jsonl") for n in ("rows", "full", "doubles")}
    rows, full, doubles = (load(directory / f"{n}.jsonl") for n in ("rows", "full", "doubles"))
    model = version / "transform_fn"
    loaded = tf.saved_model.load(str(model))
    report.compare("tf.saved_model.load, transform_fn", natives["rows"], table(loaded.transform_fn(features(rows, True))))
    report.compare("tf.saved_model.load, serve, dense", natives["full"], table(loaded.serve(features(full, False))))
    report.compare("tf.saved_model.load, serve, doubles", natives["doubles"], table(loaded.serve(features(doubles, False, True))))
    given = flat(features(doubles, False, True))
    report.compare("signature serving_default, doubles", natives["doubles"], unflat(loaded.signatures["serving_default"](**given)))
    serving = version.parent.parent / "serving" / "1"
    check_session(report, serving, natives["doubles"], given, unflat)
    check_transform(report, version, natives["rows"], rows, table)
    check_keras(report, directory, version, natives, full, rows, table)
    none = table(loaded.transform_fn(features([], True)))
    report.check("no rows give no rows", all(v == [] for v in none.values()), [n for n, v in none.items() if v])


def check_session(report, serving, native, given, unflat):
    """As the loader in C++ does, which TensorFlow Serving uses: a session, a graph, a signature."""
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        meta = tf.compat.v1.saved_model.load(session, ["serve"], str(serving))
        signature = meta.signature_def["serving_default"]
        feed = {signature.inputs[n].name: t.numpy() for n, t in given.items()}
        fetch = {n: t.name for n, t in signature.outputs.items()}
        report.compare("session on serving/1, serving_default", native, unflat(session.run(fetch, feed)))


def check_transform(report, version, native, rows, table):
    import tensorflow_transform as tft

    output = tft.TFTransformOutput(str(version))
    spec = output.raw_feature_spec()
    parsed = tf.io.parse_example(tf.constant([example(row) for row in rows]), spec)
    given = {n: parsed[n] for n in used}
    report.compare("TFTransformOutput.transform_raw_features", native, table(output.transform_raw_features(given)))
    layer = output.transform_features_layer()
    report.compare("transform_features_layer", native, table(layer(given)))
    few = {n: given[n] for n in ("x", "s")}
    part = layer(dict(few))
    asked = [n for n in ("scale_to_z_score", "vocabulary") if n in part]
    report.compare("transform_features_layer, x and s only", native, table({n: part[n] for n in asked}), ["scale_to_z_score", "vocabulary"])
    transformed = output.transformed_feature_spec()
    report.check("transformed_feature_spec has every output", set(transformed) == set(native.columns))
    dense = {n for n, s in transformed.items() if isinstance(s, tf.io.FixedLenFeature)}
    report.check("what is filled is dense", {"fill_missing", "one_hot_filled", "is_missing"} <= dense, dense)
    report.check("num_buckets", output.num_buckets_for_transformed_feature("bucketize") == 7)
    tees = (version / "transform_fn" / "assets" / "tees").read_bytes().split(b"\n")[:-1]
    report.check("vocabulary_by_name", output.vocabulary_by_name("tees") == tees)
    report.check("vocabulary_size_by_name", output.vocabulary_size_by_name("tees") == len(tees))
    esses = [bytes(record.numpy()) for record in tf.data.TFRecordDataset(
        str(version / "transform_fn" / "assets" / "esses.tfrecord.gz"), compression_type="GZIP")]
    report.check("vocabulary_by_name of tfrecord_gzip", output.vocabulary_by_name("esses") == esses, esses[:5])
    report.check("tfrecord_gzip holds what lines cannot", {b"", b"nul\0nul", b"new\nline", b"cr\rhere"} <= set(esses), esses[:20])
    report.check("vocabulary_size_by_name of tfrecord_gzip", output.vocabulary_size_by_name("esses") == len(esses))
    empty = next(a for a in json.loads((version / "transformed_metadata" / "asset_map").read_text()).values()
                 if b"49d0cd50" in (version / "transform_fn" / "assets" / a).read_bytes())
    report.check("an empty vocabulary counts as one token", output.vocabulary_size_by_name(empty) == 1)


def check_keras(report, directory, version, natives, full, rows, table):
    import keras

    source = directory / "moving"
    shutil.copytree(version / "transform_fn", source)
    given = features(full, False)
    report.compare("keras TFSMLayer", natives["full"], table(keras.layers.TFSMLayer(str(source))(given)))

    class Mine(tf.Module):
        """A user's model around ours."""

        def __init__(self):
            super().__init__()
            self.transform = tf.saved_model.load(str(source))

        @tf.function
        def __call__(self, inputs):
            return self.transform.transform_fn(inputs)

    mine = Mine()
    signature = {n: tf.SparseTensorSpec([None, None], t.dtype) for n, t in features(rows, True).items()}
    saved = directory / "mine"
    mine.__call__.get_concrete_function(signature)
    tf.saved_model.save(mine, str(saved))
    del mine
    shutil.rmtree(source)
    again = tf.saved_model.load(str(saved))
    report.compare("saved again inside a user's model", natives["rows"], table(again(features(rows, True))))
