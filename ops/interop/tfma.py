#!/usr/bin/env python3
"""Reads our `tfma/` directories with TensorFlow Model Analysis and compares every value.

    tfma.py LIMNO SCRATCH   runs an evaluation of each kind and checks its files
"""
import json
import math
import os
import pathlib
import random
import subprocess
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import tensorflow_model_analysis as tfma

# A job in TFMA's own words, and what the EvalConfig is of.
BINARY = """
model_specs { name: "new" label_key: "label" prediction_key: "score" example_weight_key: "weight" }
model_specs { name: "old" label_key: "label" prediction_key: "old_score" example_weight_key: "weight" is_baseline: true }
slicing_specs {}
slicing_specs { feature_keys: "country" }
slicing_specs { feature_keys: "country" feature_keys: "day" }
cross_slicing_specs { baseline_spec {} slicing_specs { feature_keys: "country" } }
metrics_specs {
  metrics { class_name: "ExampleCount" }
  metrics { class_name: "AUC" threshold { change_threshold { direction: HIGHER_IS_BETTER absolute { value: 0.0 } } } }
  metrics { class_name: "BinaryAccuracy" threshold { value_threshold { lower_bound { value: 0.75 } } }
    per_slice_thresholds { slicing_specs { feature_values { key: "country" value: "nowhere" } }
      threshold { value_threshold { lower_bound { value: 0.1 } } } } }
  metrics { class_name: "Precision" config: '"thresholds": [0.25, 0.5, 0.75], "name": "precisions"' }
  metrics { class_name: "ConfusionMatrixAtThresholds" config: '"thresholds": [0.2, 0.8]' }
  metrics { class_name: "ConfusionMatrixPlot" }
  metrics { class_name: "CalibrationPlot" config: '"num_buckets": 20' }
  metrics { class_name: "ScoreDistributionPlot" }
}
options { %s }
"""
CLASSES = """
model_specs { label_key: "kind" prediction_key: "kinds" }
slicing_specs {}
slicing_specs { feature_keys: "country" }
metrics_specs {
  binarize { class_ids { values: [0, 2] } top_k_list { values: [2] } }
  metrics { class_name: "Precision" }
}
metrics_specs {
  aggregate { macro_average: true class_weights { key: 0 value: 1.0 } class_weights { key: 1 value: 1.0 } }
  metrics { class_name: "Recall" config: '"name": "macro_recall"' }
}
metrics_specs { metrics { class_name: "MultiClassConfusionMatrixAtThresholds" config: '"thresholds": [0.3]' } }
"""
ATTRIBUTIONS = """
model_specs { label_key: "label" prediction_key: "score" example_weight_key: "weight" }
slicing_specs {}
slicing_specs { feature_keys: "country" }
metrics_specs {
  metrics { class_name: "ExampleCount" }
  metrics { class_name: "TotalAttributions" }
  metrics { class_name: "TotalAbsoluteAttributions" }
  metrics { class_name: "MeanAttributions" config: '"name": "mean"' }
}
metrics_specs { example_weights { unweighted: true } metrics { class_name: "MeanAbsoluteAttributions" } }
"""
BOXES = """
model_specs { label_key: "boxes" prediction_key: "found" example_weight_key: "weight" }
slicing_specs {}
slicing_specs { feature_keys: "country" }
metrics_specs {
  metrics { class_name: "ObjectDetectionPrecision" config: '"class_id": 1' }
  metrics { class_name: "COCOMeanAveragePrecision" config: '"class_ids": [0, 1]' }
  metrics { class_name: "ObjectDetectionConfusionMatrixPlot" config: '"class_id": 0, "num_thresholds": 20' }
  metrics { class_name: "FixedSizeSample" config: '"sampled_key": "country", "size": 4' }
  metrics { class_name: "FixedSizeSample" config: '"sampled_key": "day", "size": 4, "name": "days"' }
}
"""
INTERVALS = "compute_confidence_intervals { value: true } confidence_intervals { method: JACKKNIFE }"
JOBS = {
    "binary": (BINARY % "", ""),
    "intervals": (BINARY.replace("cross_slicing_specs", "#") % INTERVALS, ""),
    "small": (BINARY % "min_slice_size { value: 90 }", ""),
    "classes": (CLASSES, ", classes: 3"),
    "attributions": (ATTRIBUTIONS, ", attributions: { score: by_score, day: by_day }"),
    "boxes": (BOXES, ""),
}


def rows(count):
    """Rows with two models' scores, three classes, and slices by text and by number."""
    source = random.Random(7)
    for index in range(count):
        score = source.random()
        scores = [source.random() for _ in range(3)]
        yield {
            "label": int(source.random() < score), "score": score,
            "old_score": min(1.0, max(0.0, score + source.uniform(-0.3, 0.3))),
            "weight": source.choice([0.5, 1, 2]), "country": source.choice(["de", "fr", "ü\"n"]),
            "day": source.randrange(7), "kind": source.randrange(3), "kinds": scores,
            "by_score": source.gauss(0, 1), "by_day": source.gauss(0.5, 2), **boxes(source),
        }


def boxes(source):
    """Boxes end to end, and as many found somewhere near."""
    there, found = [], []
    for _ in range(source.randrange(4)):
        left, top, kind = source.randrange(50), source.randrange(50), source.randrange(2)
        there += [left, top, left + 20, top + 30, kind]
        moved = source.randrange(12)
        found += [left + moved, top, left + 20 + moved, top + 30, kind, source.random()]
    return {"boxes": there, "found": found}


def run(limno, folder, name, config, options):
    folder.mkdir(parents=True)
    with open(folder / "in.jsonl", "w") as file:
        for row in rows(2000):
            file.write(json.dumps(row) + "\n")
    (folder / "eval.pbtxt").write_text(config)
    (folder / "job.yaml").write_text(f"""
job: {name}
source: {{ files: {{ paths: [{folder}/in.jsonl], format: jsonl }} }}
windows: {{ global: {{}} }}
evaluate: {{ eval_config: {folder}/eval.pbtxt{options} }}
output: {{ snapshots: {folder}/out, keep: [tfma] }}
""")
    subprocess.run([limno, "run", folder / "job.yaml", "--quiet"], check=True)
    return folder / "out/evaluation/global/0000"


def slice_name(key):
    """A slice of either side as sorted pairs; numbers stay numbers."""
    pairs = key.items() if isinstance(key, dict) else (
        (s.column, getattr(s, s.WhichOneof("kind"))) for s in key.single_slice_keys)
    decode = lambda value: value.decode() if isinstance(value, bytes) else value
    return tuple(sorted((name, decode(value)) for name, value in pairs))


def metric_name(key):
    sub = {name: getattr(key.sub_key, name).value for name in ("class_id", "k", "top_k")
           if key.sub_key.HasField(name)}
    kinds = [name for name in ("micro_average", "macro_average", "weighted_macro_average")
             if getattr(key.aggregation_type, name)]
    return (key.name, key.model_name, key.output_name, tuple(sub.items()), kinds[0] if kinds else "",
            key.example_weighted.value, key.is_diff)


def our_metric_name(line):
    key = line["key"]
    sub = tuple((name, key[name]) for name in ("class_id", "k", "top_k") if name in key)
    return (line["metric"], line["model"], line["output"], sub, key.get("aggregation", ""),
            key.get("weighted", False), key.get("diff", False))


def number(value):
    return float(value)


def same(one, two):
    return one == two or (math.isnan(one) and math.isnan(two))


RATES = ("threshold", "true_positives", "false_positives", "true_negatives", "false_negatives",
         "precision", "recall", "false_positive_rate", "f1", "accuracy", "false_omission_rate")


def flat(value):
    """The numbers of a MetricValue."""
    kind = value.WhichOneof("type")
    if kind == "double_value":
        return [value.double_value.value]
    if kind == "array_value":
        return [x.decode() for x in value.array_value.bytes_values] or list(value.array_value.float64_values)
    if kind == "confusion_matrix_at_thresholds":
        return [getattr(m, rate) for m in value.confusion_matrix_at_thresholds.matrices for rate in RATES]
    if kind == "multi_class_confusion_matrix_at_thresholds":
        return [x for m in value.multi_class_confusion_matrix_at_thresholds.matrices for e in m.entries
                for x in (e.actual_class_id, e.predicted_class_id, e.num_weighted_examples)]
    assert kind == "debug_message", kind
    return [value.debug_message]


def our_flat(value):
    if isinstance(value, list):
        return [x if isinstance(x, str) and x not in ("NaN", "Infinity", "-Infinity") else number(x) for x in value]
    if not isinstance(value, dict):
        return [number(value)]
    if "error" in value:
        return [value["error"]]
    if "entries" in value["matrices"][0]:
        return [number(x) for m in value["matrices"] for e in m["entries"] for x in e]
    return [number(m[rate]) for m in value["matrices"] for rate in RATES]


def lines(path):
    return [json.loads(line) for line in open(path)] if path.exists() else []


def check_metrics(pane):
    ours = {}
    for line in lines(pane / "metrics.jsonl"):
        slice = (slice_name(line["slice"]), slice_name(line["baseline_slice"]) if "baseline_slice" in line else None)
        ours.setdefault(slice, {})[our_metric_name(line)] = line
    count = 0
    for lines_of_slice in ours.values():
        for name in [name for name in lines_of_slice if ATTRIBUTED in name[0]]:
            del lines_of_slice[name]
    for theirs in tfma.load_metrics(str(pane / "tfma")):
        if theirs.HasField("cross_slice_key"):
            slice = (slice_name(theirs.cross_slice_key.comparison_slice_key),
                     slice_name(theirs.cross_slice_key.baseline_slice_key))
        else:
            slice = (slice_name(theirs.slice_key), None)
        expected = ours.pop(slice)
        assert len(expected) == len(theirs.metric_keys_and_values), slice
        for pair in theirs.metric_keys_and_values:
            line = expected[metric_name(pair.key)]
            found = flat(pair.value)
            wanted = our_flat(line["value"])
            assert len(found) == len(wanted) > 0, (slice, line)
            for one, two in zip(found, wanted):
                assert one == two or same(one, two), (slice, line, one)
                count += 1
            if "interval" in line:
                interval = pair.confidence_interval
                assert [interval.lower_bound.double_value.value, interval.upper_bound.double_value.value] == line["interval"]
                assert interval.degrees_of_freedom.value == 19
                count += 2
            else:
                assert not pair.HasField("confidence_interval")
    assert not ours, f"slices that TFMA did not read: {list(ours)}"
    return count


# Ours are metrics named METRIC/FEATURE; TFMA keeps them in a file of their own.
ATTRIBUTED = "/"


def check_attributions(pane):
    ours = {}
    for line in lines(pane / "metrics.jsonl"):
        if ATTRIBUTED in line["metric"]:
            name, feature = line["metric"].split(ATTRIBUTED)
            key = (slice_name(line["slice"]), name, line["key"].get("weighted", False))
            ours.setdefault(key, {})[feature] = line["value"]
    count = 0
    for theirs in tfma.load_attributions(str(pane / "tfma")):
        for pair in theirs.attributions_keys_and_values:
            expected = ours.pop((slice_name(theirs.slice_key), pair.key.name, pair.key.example_weighted.value))
            assert {name: flat(value) for name, value in pair.values.items()} == {
                name: our_flat(value) for name, value in expected.items()}
            count += len(expected)
    assert not ours, f"attributions that TFMA did not read: {list(ours)}"
    return count


def check_plots(pane):
    ours = {}
    for line in lines(pane / "plots.jsonl"):
        ours.setdefault((slice_name(line["slice"]), line["model"]), []).append(line)
    count = 0
    for theirs in tfma.load_plots(str(pane / "tfma")):
        slice = slice_name(theirs.slice_key)
        for pair in theirs.plot_keys_and_values:
            wanted = next(line for line in ours[slice, pair.key.model_name]
                          if (line.get("name") or ("score_distribution_plot" if line["plot"] == "score_distribution" else "")) == pair.key.name
                          and (line["plot"] == "calibration") == pair.value.HasField("calibration_histogram_buckets"))
            assert wanted.get("class_id") == (pair.key.sub_key.class_id.value if pair.key.HasField("sub_key") else None)
            points = [[number(x) for x in point] for point in wanted["points"]]
            if wanted["plot"] == "calibration":
                found = [[b.lower_threshold_inclusive, b.upper_threshold_exclusive, b.num_weighted_examples.value,
                          b.total_weighted_label.value, b.total_weighted_refined_prediction.value]
                         for b in pair.value.calibration_histogram_buckets.buckets]
            elif wanted["plot"] == "confusion_matrix":
                found = [[m.threshold, m.true_positives, m.false_positives, m.true_negatives, m.false_negatives]
                         for m in pair.value.confusion_matrix_at_thresholds.matrices]
            else:
                matrices = pair.value.confusion_matrix_at_thresholds.matrices
                below = [m.true_negatives for m in matrices] + [matrices[0].true_positives]
                found = [[p[0], p[1], upper - lower] for p, lower, upper in zip(points, below, below[1:])]
                points = [[p[0], p[1], p[2]] for p in points]
                assert all(abs(f[2] - p[2]) < 1e-9 * below[-1] for f, p in zip(found, points))
                found = points
            assert found == points and found, (slice, wanted["plot"])
            count += sum(map(len, found))
            ours[slice, pair.key.model_name].remove(wanted)
    assert all(not rest for rest in ours.values())
    return count


def check_validation(pane):
    ours = json.load(open(pane / "validation.json"))
    theirs = tfma.load_validation_result(str(pane / "tfma"))
    assert theirs.validation_ok == (ours["verdict"] == "pass")
    assert not theirs.missing_thresholds
    bad = [check for check in ours["checks"] if check["verdict"] != "pass" and "value" in check]
    failures = [(slice_name(s.slice_key), metric_name(f.metric_key), flat(f.metric_value))
                for s in theirs.metric_validations_per_slice for f in s.failures]
    assert failures == [(slice_name(c["slice"]), our_metric_name(c), our_flat(c["value"])) for c in bad], failures
    assert bad, "a job of which nothing fails shows nothing"
    missing = [dict(s.feature_values) for s in theirs.missing_slices]
    assert missing == [{"country": "nowhere"}], missing
    return len(failures) + 1


def main():
    limno, scratch = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    for name, (config, options) in JOBS.items():
        pane = run(limno, scratch / name, name, config, options)
        metrics = check_metrics(pane)
        plots = check_plots(pane)
        checks = check_validation(pane) if "threshold {" in config else 0
        if name == "classes":
            assert tfma.load_validation_result(str(pane / "tfma")).missing_thresholds
        attributions = list(tfma.load_attributions(str(pane / "tfma")))
        slices = {json.dumps(line["slice"]) + json.dumps(line.get("baseline_slice")) for line in lines(pane / "metrics.jsonl")}
        assert len(attributions) == len(slices)
        attributed = check_attributions(pane)
        if name == "attributions":
            assert attributed == len(slices) * 4 * 2
            assert len(tfma.load_eval_result(str(pane / "tfma")).attributions) == len(slices)
        models = config.count("model_specs")
        for model in ["new", "old"] if models == 2 else [""]:
            result = tfma.load_eval_result(str(pane / "tfma"), model_name=model or None)
            # A slice that is too small has an error and no model.
            known = {json.dumps(line["slice"]) + json.dumps(line.get("baseline_slice"))
                     for line in lines(pane / "metrics.jsonl") if line["model"] == model and line["metric"] != "__ERROR__"}
            assert len(result.slicing_metrics) == len(known) > 1, (name, len(result.slicing_metrics))
            assert len(result.config.model_specs) == models
            assert not plots or result.plots
        print(f"{name}: {metrics} metric values, {plots} plot values, {attributed} attributions, {checks} failed checks agree")


if __name__ == "__main__":
    main()
