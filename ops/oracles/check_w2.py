#!/usr/bin/env python3
"""W2, sliced evaluation: check_w2.py OUT DATA, on the first 1,000,000 rows of the benchmark data.

Every published value against the reference answers (an independent C++ program), and the AUC also
against the exact one, computed here from the rows.
"""
import csv
import gzip
import pathlib
import sys

import numpy as np

import events
import snapshots

REFERENCE = pathlib.Path(__file__).parent / "../benchmarks/data/w2_ref.csv.gz"
LATE = 735
# In the reference's order of columns, without the AUC.
METRICS = ["example_count", "mean_label", "mean_prediction", "binary_cross_entropy", "binary_accuracy"]
# The reference is printed with nine decimals.
PRINTED = 0.5e-9
ALL = "*"


def reference():
    with gzip.open(REFERENCE, "rt") as file:
        return {
            (int(row[0]), row[1], row[2]): [float(value) for value in row[3:]]
            for row in csv.reader(file)}


def published(out):
    """{(window, country, device): {metric: line}} of the last panes."""
    found = {}
    for start, pane in snapshots.last_panes(out, "evaluation"):
        for line in snapshots.lines(pane / "metrics.jsonl"):
            key = (start, line["slice"].get("country", ALL), line["slice"].get("device", ALL))
            found.setdefault(key, {})[line["metric"]] = line
    return found


def areas(data):
    """{(window, country, device): (exact AUC, bound of the reference's 1,000 uniform bins)}."""
    time, country, device, label, score, weight = events.columns(
        data, "event_time", "country", "device", "label", "score", "weight")
    kept = ~events.late(time)
    window = time[kept] // events.MINUTE * events.MINUTE
    label, score, weight = label[kept], score[kept], weight[kept]
    bins = np.minimum(np.floor(score * 1000), 999)
    overall = np.full(window.shape, ALL, dtype=object)
    found = {}
    for countries in (overall, country[kept]):
        for devices in (overall, device[kept]):
            keys = window.astype(str).astype(object) + "," + countries + "," + devices
            names, group = np.unique(keys, return_inverse=True)
            positive, negative = weight * label, weight * (1 - label)
            exact, _ = events.weighted_auc(group, score, positive, negative)
            _, bound = events.weighted_auc(group, bins, positive, negative)
            for name, area, width in zip(names, exact, bound):
                start, *rest = name.split(",")
                found[(int(start), *rest)] = (area, width)
    return found, int((~kept).sum())


def main():
    out, data = sys.argv[1:]
    check = snapshots.Check("W2")
    want, got = reference(), published(out)
    exact, late = areas(data)
    check.equal(late, LATE, "late rows in the data")
    check.equal(snapshots.ledger_total(out, "evaluation", "late"), LATE, "late rows in the ledger")
    check.equal(len(want), 12_420, "rows of the reference")
    check.that(got.keys() == want.keys(), "windows and slices",
               f"{len(got.keys() - want.keys())} too many, {len(want.keys() - got.keys())} missing")
    for key in want.keys() & got.keys():
        lines = got[key]
        for metric, value in zip(METRICS, want[key]):
            tolerance = 0 if metric == "example_count" else PRINTED + 1e-8 * abs(value)
            published_value = snapshots.number(lines[metric]["value"])
            check.close(published_value, value, tolerance, metric, key)
        area, width = exact[key]
        value, bound = snapshots.number(lines["auc"]["value"]), lines["auc"].get("bound") or 0.0
        check.close(value, area, bound + 1e-9, "AUC against the exact one", key)
        check.close(value, want[key][-1], bound + width + 1e-8, "AUC against the reference", key)
    check.finish()


main()
