#!/usr/bin/env python3
"""Boxes, masks and what TensorFlow Model Analysis says of them: make.py > golden.json

Run in the environment of ops/interop (ops/venv.sh interop; TFMA 0.52).
"""
import json
import os
import random
import sys
import tempfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import apache_beam as beam
import numpy as np
import tensorflow_model_analysis as tfma
from google.protobuf import text_format
from tensorflow_model_analysis.metrics import sample_metrics  # noqa: registers FixedSizeSample
from tensorflow_model_analysis.proto import config_pb2

BOX = ["xmin", "ymin", "xmax", "ymax", "class"]
COUNTS = ["threshold", "true_positives", "false_positives", "true_negatives", "false_negatives"]
SLICES = 'slicing_specs {} slicing_specs { feature_keys: "place" }'


def metric(name, config):
    return "metrics { class_name: \"%s\" config: '%s' }" % (name, json.dumps(config))


MANY = [
    ("ObjectDetectionPrecision", {"class_id": 0}),
    ("ObjectDetectionPrecision", {"class_id": 2, "thresholds": [0.1, 0.5, 0.9], "name": "precisions"}),
    ("ObjectDetectionRecall", {"class_id": 1, "iou_threshold": 0.75}),
    ("ObjectDetectionRecall", {"class_id": 1, "thresholds": 0.2, "area_range": [100, 900], "name": "medium_recall"}),
    ("ObjectDetectionPrecisionAtRecall", {"class_id": 0, "recall": 0.5}),
    ("ObjectDetectionPrecisionAtRecall", {"class_id": 1, "recall": [0.2, 0.4, 0.9], "num_thresholds": 50, "name": "pr_at"}),
    ("ObjectDetectionThresholdAtRecall", {"class_id": 2, "recall": [0.3, 0.6]}),
    ("ObjectDetectionMaxRecall", {"class_id": 2, "iou_threshold": 0.6, "max_num_detections": 2}),
    ("COCOAveragePrecision", {"class_id": 0, "iou_threshold": 0.5}),
    ("COCOAveragePrecision", {"class_id": 1, "num_thresholds": 20, "recalls": [0.1, 0.3, 0.7], "name": "coarse"}),
    ("COCOMeanAveragePrecision", {"class_ids": [0, 1, 2], "num_recalls": 11, "iou_thresholds": [0.5, 0.75],
                                  "num_thresholds": 1000}),
    ("COCOMeanAveragePrecision", {"class_ids": [0, 2], "num_thresholds": 100, "class_weights": [1.0, 2.0],
                                  "max_num_detections": 3, "name": "few"}),
    ("COCOAverageRecall", {"class_id": 1}),
    ("COCOMeanAverageRecall", {"class_ids": [0, 1, 2], "iou_thresholds": [0.5, 0.7, 0.9]}),
    ("ExampleCount", {}),
]
STACKED = {"labels_to_stack": BOX, "predictions_to_stack": ["p_" + name for name in BOX] + ["p_score"],
           "num_detections_key": "p_count"}
JOBS = {
    "boxes": 'model_specs { label_key: "boxes" prediction_key: "found" example_weight_key: "weight" }' + SLICES
             + "metrics_specs {" + " ".join(metric(*m) for m in MANY)
             + metric("ObjectDetectionConfusionMatrixPlot", {"class_id": 0, "num_thresholds": 20}) + "}",
    # Without those over 10,000 thresholds, of which TFMA looks at each.
    "columns": 'model_specs { label_key: "labels" prediction_key: "predictions" }' + SLICES + "metrics_specs {"
               + " ".join(metric(name, dict(config, **STACKED)) for name, config in MANY
                          if name != "ExampleCount" and ("Precision" not in name[4:] or "num_thresholds" in config
                                                         or name == "ObjectDetectionPrecision")) + "}",
    "masks": 'model_specs { label_key: "labels" prediction_key: "predictions" }' + SLICES + "metrics_specs {"
             + " ".join(metric("SemanticSegmentation" + name, {
                 "class_ids": [0, 1, 3], "ground_truth_key": "mask", "prediction_key": "found_mask",
                 "decode_ground_truth": False, **more})
                 for name, more in [("TruePositive", {}), ("FalsePositive", {}), ("ConfusionMatrix", {"name": "matrix"}),
                                    ("FalsePositive", {"ignore_ground_truth_id": 2, "name": "ignoring"})]) + "}",
    # Of a slice without any, TFMA fails.
    "samples": 'model_specs { label_key: "label" prediction_key: "score" example_weight_key: "weight" }' + SLICES
               + "metrics_specs {" + metric("FalsePositiveFeatureSampler", {"feature_key": "id", "sample_size": 1000, "threshold": 0.1})
               + "metrics { class_name: \"FixedSizeSample\" module: \"tensorflow_model_analysis.metrics.sample_metrics\" "
                 "config: '%s' }" % json.dumps({"sampled_key": "id", "size": 1000}) + "}",
    # Of two samplers of features TFMA keeps one.
    "negatives": 'model_specs { label_key: "label" prediction_key: "score" example_weight_key: "weight" }' + SLICES
                 + "metrics_specs {" + metric("FalseNegativeFeatureSampler", {"feature_key": "id", "sample_size": 1000})
                 + "}",
}


def box(source):
    left, top = source.randrange(60), source.randrange(60)
    return [left, top, left + source.randint(5, 40), top + source.randint(5, 40)]


def image(source, index):
    boxes = [box(source) + [source.randrange(3)] for _ in range(source.choice([1, 1, 2, 3, 4, 6]))]
    found = []
    for given in boxes:
        for _ in range(source.choice([0, 1, 1, 1, 2])):
            moved = [x + source.choice([0, 0, 1, -2, 5]) for x in given[:4]]
            moved = [min(moved[0], moved[2]), min(moved[1], moved[3]), max(moved[0], moved[2]), max(moved[1], moved[3])]
            kind = given[4] if source.random() < 0.9 else source.randrange(3)
            found.append(moved + [kind, round(source.random() * 0.6 + 0.4, source.choice([1, 2, 6]))])
    for _ in range(source.choice([0, 0, 1, 2])):
        found.append(box(source) + [source.randrange(3), round(source.random() * 0.7, 3)])
    # Without any prediction TFMA has no shape to go by.
    found = found or [box(source) + [0, 0.0]]
    source.shuffle(found)
    mask = [source.randrange(4) for _ in range(12)]
    score = round(source.random(), 3)
    return {
        "id": f"image{index}", "place": source.choice(["in", "out", "roof"]), "boxes": boxes, "found": found,
        "weight": source.choice([0.5, 1.0, 2.0]), "count": source.randint(1, len(found) + 2), "mask": mask,
        "found_mask": [x if source.random() < 0.7 else source.randrange(4) for x in mask],
        "label": int(source.random() < 0.5), "score": score,
    }


def extract(row, job):
    features = {"place": np.array([row["place"]]), "weight": np.array([[row["weight"]]]), "id": np.array([row["id"]])}
    if job == "boxes":
        features |= {"boxes": np.array([row["boxes"]], float), "found": np.array([row["found"]], float)}
    elif job == "columns":
        # What holds the columns is the label, and TFMA looks in it.
        features["labels"] = {name: np.array([[b[i] for b in row["boxes"]]], float) for i, name in enumerate(BOX)}
        features["predictions"] = {"p_" + name: np.array([[b[i] for b in row["found"]]], float)
                                   for i, name in enumerate(BOX + ["score"])}
        features["p_count"] = np.array([[row["count"]]])
    elif job == "masks":
        features |= {key: {name: np.array(row[name]).reshape(1, 3, 4)}
                     for key, name in [("labels", "mask"), ("predictions", "found_mask")]}
    else:
        features |= {"label": np.array([[row["label"]]]), "score": np.array([[row["score"]]])}
    return {"features": features}


def plain(value):
    if isinstance(value, (list, tuple)):
        return [plain(x) for x in value]
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, bytes):
        return value.decode()
    value = float(value) if isinstance(value, (np.floating, np.integer, int, float)) else value
    return "NaN" if value != value else value


def run(config, rows, job):
    parsed = text_format.Parse(config, config_pb2.EvalConfig())
    path = tempfile.mktemp()
    with beam.Pipeline() as pipeline:
        result = (pipeline | beam.Create([extract(row, job) for row in rows])
                  | tfma.ExtractAndEvaluate(
                      extractors=tfma.default_extractors(eval_shared_model=None, eval_config=parsed),
                      evaluators=tfma.default_evaluators(eval_config=parsed)))

        def keep(values):
            found = []
            for slice_key, metrics in values:
                name = "".join(f"{k}={v.decode() if isinstance(v, bytes) else v}" for k, v in slice_key)
                for key, value in metrics.items():
                    class_id = key.sub_key.class_id if key.sub_key else None
                    if hasattr(value, "matrices"):
                        value = [[getattr(m, count) for count in COUNTS] for m in value.matrices]
                    found.append([name, {"name": key.name, "class_id": class_id, "weighted": key.example_weighted,
                                         "value": plain(value)}])
            with open(path, "a") as file:
                file.writelines(json.dumps(line) + "\n" for line in found)

        for kind in ("metrics", "plots"):
            if kind in result:
                _ = result[kind] | f"list {kind}" >> beam.combiners.ToList() | f"keep {kind}" >> beam.Map(keep)
    found = {}
    for line in open(path):
        name, value = json.loads(line)
        found.setdefault(name, []).append(value)
    os.remove(path)
    return {name: sorted(values, key=lambda v: (v["name"], v["class_id"] or 0)) for name, values in sorted(found.items())}


def main():
    source = random.Random(20261128)
    rows = [image(source, index) for index in range(40)]
    jobs = {name: {"config": config, "answers": run(config, rows, name)} for name, config in JOBS.items()
            if name in (sys.argv[1:] or JOBS)}
    print(json.dumps({"rows": rows, "jobs": jobs}, ensure_ascii=False, indent=0))


main()
