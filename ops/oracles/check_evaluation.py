#!/usr/bin/env python3
"""check_evaluation.py OUT DATA: evaluation.yaml's metrics of every slice against scikit-learn."""
import sys
import warnings

import numpy as np
from sklearn import metrics

import events
import snapshots

# Between the points of a binned precision-recall curve there is more than one reasonable
# interpolation; apart from that, the published bound holds.
INTERPOLATION = 1e-3


def expected(label, score, weight):
    """{metric: (value, tolerance)} of one slice."""
    positive = score > 0.5
    mean_label, mean_score = (np.average(x, weights=weight) for x in (label, score))
    precision, recall, _ = metrics.precision_recall_curve(label, score, sample_weight=weight)
    return {
        "example_count": (len(label), 0),
        "weighted_example_count": (weight.sum(), 1e-9 * weight.sum()),
        "mean_label": (mean_label, 1e-9),
        "mean_prediction": (mean_score, 1e-9),
        "calibration": (mean_score / mean_label, 1e-9),
        "binary_accuracy": (metrics.accuracy_score(label, positive, sample_weight=weight), 1e-9),
        "precision": (metrics.precision_score(label, positive, sample_weight=weight), 1e-9),
        "recall": (metrics.recall_score(label, positive, sample_weight=weight), 1e-9),
        "binary_cross_entropy": (metrics.log_loss(label, score, sample_weight=weight), 1e-9),
        "mean_squared_error": (metrics.mean_squared_error(label, score, sample_weight=weight), 1e-9),
        "auc": (metrics.roc_auc_score(label, score, sample_weight=weight), 1e-9),
        "auc_precision_recall": (metrics.auc(recall, precision), INTERPOLATION),
    }


def main():
    out, data = sys.argv[1:]
    warnings.simplefilter("error")
    check = snapshots.Check("evaluation")
    country, device, label, score, weight = events.columns(
        data, "country", "device", "label", "score", "weight")
    ((_, pane),) = snapshots.last_panes(out, "evaluation")
    published = {}
    for line in snapshots.lines(pane / "metrics.jsonl"):
        published.setdefault(tuple(sorted(line["slice"].items())), {})[line["metric"]] = line
    slices = {(): np.full(label.shape, True)}
    for name, values in (("country", country), ("device", device)):
        slices |= {((name, value),): values == value for value in np.unique(values)}
    check.that(published.keys() == slices.keys(), "slices",
               f"published {len(published)}, expected {len(slices)}")
    for key in published.keys() & slices.keys():
        rows = slices[key]
        for name, (want, tolerance) in expected(label[rows], score[rows], weight[rows]).items():
            line = published[key][name]
            bound = line.get("bound") or 0.0
            check.that(bound < 0.01, "published bound", f"{key} {name}: {bound}")
            check.close(snapshots.number(line["value"]), want, tolerance + bound, name, key)
    check.finish()


main()
