#!/usr/bin/env python3
"""Runs TensorFlow Model Analysis and limno over the same rows and configurations, and compares every value.

    tfma_configs.py LIMNO SCRATCH [--rows N] [--seed N] [--only NAME,NAME]

Configurations that are in no golden file of the tests, two and more of each kind: binary (fractional labels,
weights, few thresholds), several classes, several labels, regression, ranking, models against a baseline with
thresholds, and cross slices. CLOSE and FRACTIONAL say where TFMA's float32 is seen. About four minutes of CPU.
"""
import argparse
import json
import math
import os
import pathlib
import random
import shutil
import subprocess
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import apache_beam as beam
import tensorflow as tf
import tensorflow_model_analysis as tfma
from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2
from tensorflow_model_analysis.proto import config_pb2
from tfx_bsl.public import tfxio

import tfma as reader


def m(name, config="", module="", more=""):
    text = f'metrics {{ class_name: "{name}"'
    if config:
        text += " config: '%s'" % json.dumps(config)
    if module:
        text += f' module: "{module}"'
    return f"{text} {more} }}\n"


def spec(*metrics, more=""):
    return f"metrics_specs {{ {more} {''.join(metrics)} }}\n"


def names(text, **config):
    return "".join(m(name, config) for name in text.split())


FRACTIONS = 'model_specs { label_key: "part" prediction_key: "score" example_weight_key: "weight" }'
PLAIN = 'model_specs { label_key: "label" prediction_key: "score" }'
CLASSES = 'model_specs { label_key: "kind" prediction_key: "kinds" example_weight_key: "weight" }'
LABELS = 'model_specs { label_key: "tags" prediction_key: "kinds" }'
WEIGHTED_LABELS = LABELS.replace("}", 'example_weight_key: "weight" }')
NUMBERS = 'model_specs { label_key: "amount" prediction_key: "guess" }'
WEIGHTED_NUMBERS = NUMBERS.replace("}", 'example_weight_key: "weight" }')
RANKED = 'model_specs { label_key: "gain" prediction_key: "rank" }'
WEIGHTED_RANKED = RANKED.replace("}", 'example_weight_key: "query_weight" }')
MODELS = "".join('model_specs { name: "%s" label_key: "label" prediction_key: "%s" example_weight_key: "weight" %s }\n'
                 % model for model in [("new", "score", ""), ("old", "old_score", "is_baseline: true"),
                                       ("other", "other_score", "")])
DAYS = 'slicing_specs {} slicing_specs { feature_keys: "day" } slicing_specs { feature_keys: ["country", "day"] }\n'
COUNTRIES = 'slicing_specs {} slicing_specs { feature_keys: "country" }\n'
SOME = ('slicing_specs { feature_values { key: "country" value: "de" } }\n'
        'slicing_specs { feature_keys: "day" feature_values { key: "country" value: "fr" } }\n')
RATES = """TruePositives FalsePositives TrueNegatives FalseNegatives Precision Recall Specificity FallOut MissRate NPV
  FalseDiscoveryRate FalseOmissionRate Prevalence PredictedPositiveRate ThreatScore BalancedAccuracy F1Score
  MatthewsCorrelationCoefficient FowlkesMallowsIndex Informedness Markedness PositiveLikelihoodRatio
  NegativeLikelihoodRatio DiagnosticOddsRatio"""
WEIGHTS = "".join("class_weights { key: %d value: %s }" % pair for pair in [(0, 0.5), (1, 2.0), (3, 1.5)])
CROSS = """cross_slicing_specs { baseline_spec { feature_values { key: "country" value: "de" } }
  slicing_specs { feature_keys: "country" } }
cross_slicing_specs { baseline_spec {} slicing_specs { feature_keys: "day" } }
"""


def bounds(**limits):
    return "value_threshold { %s }" % " ".join("%s { value: %s }" % pair for pair in limits.items())


def change(direction, **limits):
    return "change_threshold { direction: %s %s }" % (
        direction, " ".join("%s { value: %s }" % pair for pair in limits.items()))


CONFIGS = {
    "binary_fractions": FRACTIONS + DAYS + spec(
        names(RATES), m("AUC", {"num_thresholds": 200}), m("AUC", {"curve": "PR", "name": "pr"}),
        m("AUC", {"curve": "PR", "summation_method": "majoring", "name": "pr_majoring"}),
        m("BinaryCrossEntropy", {"label_smoothing": 0.2}), names("Calibration MeanLabel MeanPrediction MaxRecall"),
        m("SensitivityAtSpecificity", {"specificity": 0.4, "num_thresholds": 50}),
        m("RecallAtPrecision", {"precision": 0.3})),
    "binary_thresholds": PLAIN + SOME + spec(
        "".join(m(name, {"thresholds": [0.05, 0.35, 0.8]}) for name in RATES.split()),
        m("ConfusionMatrixAtThresholds", {"thresholds": [0.0, 0.33, 1.0]}),
        m("PrecisionAtRecall", {"recall": [0.1, 0.55, 1.0], "num_thresholds": 30}),
        m("ThresholdAtRecall", {"recall": [0.25, 0.9]}),
        names("CoefficientOfDiscrimination RelativeCoefficientOfDiscrimination SquaredPearsonCorrelation"),
        m("BinaryAccuracy", {"name": "accuracy"})),
    "binary_both_weights": FRACTIONS + COUNTRIES + spec(
        names("ExampleCount AUC Precision MeanSquaredError Calibration"),
        more="example_weights { weighted: true unweighted: true }"),
    "classes_views": CLASSES + COUNTRIES + spec(
        names("Precision Recall F1Score AUC BalancedAccuracy MeanLabel Calibration"),
        more="binarize { class_ids { values: [1, 4] } k_list { values: [1, 3] } }") + spec(
        names("Precision Recall FalsePositives MissRate"), more="binarize { top_k_list { values: [2, 3] } }") + spec(
        m("SparseTopKCategoricalAccuracy", {"k": 3}), m("Precision", {"class_id": 2, "name": "precision_2"})),
    "classes_micro": CLASSES + COUNTRIES + spec(
        names("AUC Precision Recall BinaryAccuracy F1Score"), more=f"aggregate {{ micro_average: true {WEIGHTS} }}"),
    "classes_macro": CLASSES + COUNTRIES + spec(
        names("AUC Precision Recall F1Score Specificity"), more=f"aggregate {{ macro_average: true {WEIGHTS} }}") + spec(
        m("MultiClassConfusionMatrixAtThresholds", {"thresholds": [0.2, 0.6]})),
    "labels_views": LABELS + COUNTRIES + spec(
        names("Precision Recall AUC"), more="binarize { class_ids { values: [0, 3] } }") + spec(
        names("Precision Recall"), more="binarize { top_k_list { values: [1, 3] } }"),
    "labels_micro": WEIGHTED_LABELS + COUNTRIES + spec(
        names("AUC Precision Recall BinaryAccuracy"), more="aggregate { micro_average: true }") + spec(
        names("ExampleCount")),
    "numbers": NUMBERS + DAYS + spec(
        names("MeanSquaredError MeanAbsoluteError MeanAbsolutePercentageError SquaredPearsonCorrelation Calibration "
              "MeanLabel MeanPrediction RootMeanSquaredError ExampleCount")),
    "numbers_weighted": WEIGHTED_NUMBERS + SOME + spec(
        names("MeanSquaredError MeanAbsoluteError MeanAbsolutePercentageError MeanSquaredLogarithmicError "
              "SquaredPearsonCorrelation Calibration LogCoshError")),
    "ranking": WEIGHTED_RANKED + COUNTRIES + spec(
        m("NDCG", {"gain_key": "gain", "top_k_list": [2, 4], "name": "ndcg"}), names("MinLabelPosition QueryStatistics"),
        more='query_key: "query"'),
    "ranking_unweighted": RANKED + SOME + spec(
        m("NDCG", {"gain_key": "gain", "top_k_list": [1, 7], "name": "ndcg"}), names("MinLabelPosition QueryStatistics"),
        more='query_key: "query"'),
    "models": MODELS + COUNTRIES + spec(
        names("ExampleCount Recall"), m("AUC", more="threshold { %s %s }" % (
            bounds(lower_bound=0.6), change("HIGHER_IS_BETTER", absolute=-0.01))),
        m("BinaryAccuracy", more="per_slice_thresholds { %s threshold { %s } }" % (
            'slicing_specs { feature_values { key: "country" value: "de" } }', bounds(lower_bound=0.7, upper_bound=0.71))),
        m("MeanSquaredError", more="threshold { %s }" % change("LOWER_IS_BETTER", relative=-0.02)),
        names("SymmetricPredictionDifference BooleanFlipRates")),
    "models_unweighted": MODELS.replace('example_weight_key: "weight"', "") + SOME + spec(
        m("Calibration", more="threshold { %s %s }" % (
            bounds(upper_bound=1.05), change("LOWER_IS_BETTER", absolute=0.02, relative=0.01))),
        names("Precision SymmetricFlipRate PosToNegFlipRate ModelCosineSimilarity")),
    "cross_countries": PLAIN + COUNTRIES + CROSS.split("cross_slicing_specs")[1].join(["cross_slicing_specs", ""]) + spec(
        names("ExampleCount AUC MeanLabel"),
        m("Precision", more="cross_slice_thresholds { %s threshold { %s } }" % (
            CROSS.split("\ncross")[0], bounds(lower_bound=-0.02, upper_bound=0.05)))),
    "cross_days": FRACTIONS + DAYS + CROSS + 'slicing_specs { feature_keys: "country" }' + spec(
        names("BinaryAccuracy Recall Calibration MeanPrediction AUCPrecisionRecall")),
}

# TFMA's float32: logarithms, errors and symmetric differences of a row, Keras' states; and where labels are
# fractions or rows weigh, what a row is of each label. All else agrees within 1e-9, differences of rates absolutely.
CLOSE = {"mean_squared": 1e-7, "mean_absolute": 1e-7, "symmetric_pred": 1e-7, "sparse_": 1e-7, "root_": 2e-7,
         "log_cosh": 2e-7, "binary_cross": 1e-7}
FRACTIONAL = {"binary_fractions": 5e-8, "binary_both_weights": 5e-8, "cross_days": 5e-8}

SCHEMA = [("label", 3), ("part", 3), ("score", 3), ("old_score", 3), ("other_score", 3), ("weight", 3),
          ("country", 1), ("day", 2), ("kind", 2), ("kinds", 3), ("tags", 3), ("amount", 3), ("guess", 3),
          ("query", 1), ("query_weight", 3), ("gain", 3), ("rank", 3)]


def rounded(number):
    """The float32 nearest to it, which a tf.Example holds."""
    return tf.constant(number, tf.float32).numpy().item()


def rows(count, seed):
    source = random.Random(seed)
    for index in range(count):
        score = source.betavariate(0.7, 1.1)
        scores = [source.random() ** 2 for _ in range(5)]
        kind = source.choices(range(5), scores)[0]
        amount = source.choice([0.0, source.expovariate(0.05)])
        query = source.randrange(max(1, count // 6))
        row = {
            "label": float(source.random() < score), "part": source.choice([0.0, 1.0, 0.25, source.random()]),
            "score": score, "old_score": min(1.0, max(0.0, score + source.gauss(0, 0.2))),
            "other_score": source.random(), "weight": source.choice([0.25, 0.5, 1.0, 3.0]),
            "country": source.choice(["de", "fr", "it", "br"]), "day": source.randrange(5), "kind": kind,
            "kinds": [x / sum(scores) for x in scores],
            "tags": [float(source.random() < x) for x in scores], "amount": amount,
            "guess": abs(amount + source.gauss(1, 4)), "query": f"q{query}",
            "query_weight": [0.5, 1.0, 2.0][query % 3], "gain": float(source.choice([0, 0, 0, 1, 2, 3])),
            "rank": source.random(),
        }
        kinds = dict(SCHEMA)
        yield {name: [rounded(x) for x in value] if isinstance(value, list)
               else rounded(value) if kinds[name] == 3 else value for name, value in row.items()}


def write(folder, given):
    with open(folder / "rows.jsonl", "w") as file:
        file.writelines(json.dumps(row) + "\n" for row in given)
    with tf.io.TFRecordWriter(str(folder / "rows.tfrecord")) as file:
        for row in given:
            example = tf.train.Example()
            for name, kind in SCHEMA:
                values = row[name] if isinstance(row[name], list) else [row[name]]
                feature = example.features.feature[name]
                if kind == 1:
                    feature.bytes_list.value.extend(x.encode() for x in values)
                elif kind == 2:
                    feature.int64_list.value.extend(values)
                else:
                    feature.float_list.value.extend(values)
            file.write(example.SerializeToString())


def run_tfma(folder, config, out):
    parsed = text_format.Parse(config, config_pb2.EvalConfig())
    schema = schema_pb2.Schema()
    for name, kind in SCHEMA:
        schema.feature.add(name=name, type=kind)
    source = tfxio.TFExampleRecord(file_pattern=str(folder / "rows.tfrecord"), schema=schema,
                                   raw_record_column_name=tfma.ARROW_INPUT_COLUMN)
    models = None
    if len(parsed.model_specs) > 1:
        # Without these TFMA drops the baseline.
        models = [tfma.EvalSharedModel(model_name=s.name, model_type="materialized_prediction",
                                       is_baseline=s.is_baseline) for s in parsed.model_specs]
    with beam.Pipeline() as pipeline:
        _ = (pipeline | source.BeamSource(batch_size=1000)
             | tfma.ExtractEvaluateAndWriteResults(eval_config=parsed, eval_shared_model=models, output_path=str(out),
                                                   schema=schema))


def run_limno(limno, folder, name, config):
    (folder / f"{name}.pbtxt").write_text(config)
    path = folder / f"{name}.yaml"
    classes = ", classes: 5" if '"kinds"' in config else ""
    path.write_text(f"""
job: {name}
source: {{ files: {{ paths: [{folder}/rows.jsonl], format: jsonl }} }}
windows: {{ global: {{}} }}
evaluate: {{ eval_config: {folder}/{name}.pbtxt{classes} }}
output: {{ snapshots: {folder}/{name}-out }}
""")
    subprocess.run([limno, "run", path, "--quiet"], check=True)
    return folder / f"{name}-out/evaluation/global/0000"


def matches(found, wanted, slack):
    if len(found) != len(wanted):
        return False
    return all(x == y or (math.isnan(x) and math.isnan(y)) or abs(x - y) <= slack * max(abs(x), abs(y), 0.1)
               for x, y in zip(found, wanted))


def compare(name, pane, theirs):
    ours = {}
    for line in reader.lines(pane / "metrics.jsonl"):
        slice = (reader.slice_name(line["slice"]),
                 reader.slice_name(line["baseline_slice"]) if "baseline_slice" in line else None)
        ours[slice, reader.our_metric_name(line)] = line["value"]
    count, faults = 0, []
    for result in tfma.load_metrics(str(theirs)):
        slice = ((reader.slice_name(result.cross_slice_key.comparison_slice_key),
                  reader.slice_name(result.cross_slice_key.baseline_slice_key))
                 if result.HasField("cross_slice_key") else (reader.slice_name(result.slice_key), None))
        for pair in result.metric_keys_and_values:
            key = reader.metric_name(pair.key)
            wanted = reader.flat(pair.value)
            value = ours.get((slice, key))
            found = reader.our_flat(value) if value is not None else None
            slack = max([FRACTIONAL.get(name, 1e-9)] + [s for prefix, s in CLOSE.items() if key[0].startswith(prefix)])
            if found is not None and matches(found, wanted, slack):
                count += 1
            else:
                faults.append(f"{slice} {key}: {found}, TFMA {wanted}")
    bad = json.load(open(pane / "validation.json")) if (pane / "validation.json").exists() else {"checks": []}
    if (theirs / "validations.tfrecord").exists() and bad["checks"]:
        result = tfma.load_validation_result(str(theirs))
        failed = {(reader.slice_name(s.cross_slice_key.comparison_slice_key if s.HasField("cross_slice_key")
                                     else s.slice_key), reader.metric_name(f.metric_key))
                  for s in result.metric_validations_per_slice for f in s.failures}
        own = {(reader.slice_name(c["slice"]), reader.our_metric_name(c)) for c in bad["checks"]
               if c["verdict"] != "pass"}
        if failed != own:
            faults.append(f"failed checks: ours alone {own - failed}, TFMA's alone {failed - own}")
        count += len(failed)
    return count, faults


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("limno")
    parser.add_argument("scratch")
    parser.add_argument("--rows", type=int, default=600)
    parser.add_argument("--seed", type=int, default=20261129)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    folder = pathlib.Path(options.scratch).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    write(folder, list(rows(options.rows, options.seed)))
    wrong = 0
    for name, config in CONFIGS.items():
        if options.only and name not in options.only.split(","):
            continue
        theirs = folder / f"{name}-tfma-{options.rows}-{options.seed}"
        if not (theirs / "eval_config.json").exists():
            shutil.rmtree(theirs, ignore_errors=True)
            try:
                run_tfma(folder, config, theirs)
            except Exception as error:  # noqa: a configuration that TFMA cannot do is said and passed over
                print(f"{name}: TFMA fails: {str(error).splitlines()[0][:300]}", flush=True)
                continue
        if options.limno == "none":
            continue
        shutil.rmtree(folder / f"{name}-out", ignore_errors=True)
        count, faults = compare(name, run_limno(pathlib.Path(options.limno).resolve(), folder, name, config),
                                          theirs)
        print(f"{name}: {count} values agree", flush=True)
        for fault in faults[:12]:
            print("  " + fault)
        wrong += len(faults)
    if wrong:
        sys.exit(f"{wrong} values differ")


main()
