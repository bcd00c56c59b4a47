#!/usr/bin/env python3
"""Columns that break statistics: NaN, missing, constant, empty, huge, tiny.

    edges.py make DIR         writes DIR/edges.jsonl and DIR/edges.yaml
    edges.py check OUT        compares what `limno run DIR/edges.yaml --out OUT` published
"""
import json
import math
import pathlib
import random
import sys

import numpy as np

import exact
import snapshots

ROWS = 3_000
ABSENT = object()
HUGE, TINY = 1.7976931348623157e308, 5e-324
FUNCTIONS = {
    "mean": "mean({})", "var": "var({})", "min": "min({})", "max": "max({})", "sum": "sum({})",
    "missing": "missing_count({})", "nan": "nan_count({})", "quantiles": "quantiles({}, 4)"}


def columns():
    """{name: values}; ABSENT is a missing key, None is null."""
    source = random.Random(7)
    pick = source.choice
    wide = [math.ldexp(source.uniform(-1, 1), source.randint(-1070, 1020)) for _ in range(ROWS)]
    return {
        "constant": [0.1] * ROWS,
        "never": [ABSENT] * ROWS,
        "nulls": [pick([None, ABSENT]) for _ in range(ROWS)],
        "single": [3.7 if row == 1_234 else None for row in range(ROWS)],
        "nans": [pick([math.nan, 1.5, -2.5, None]) for _ in range(ROWS)],
        "only_nan": [math.nan] * ROWS,
        "cancelling": [pick([1e16, -1e16, 1.0, 1e-16]) for _ in range(ROWS)],
        "shifted": [1e9 + source.random() for _ in range(ROWS)],
        "huge": [pick([HUGE, -HUGE, HUGE / 2]) for _ in range(ROWS)],
        "tiny": [pick([TINY, -TINY, 3 * TINY, 0.0, -0.0]) for _ in range(ROWS)],
        "wide": wide,
    }


def make(directory):
    directory = pathlib.Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    data = columns()
    with open(directory / "edges.jsonl", "w", encoding="utf-8") as file:
        for row in range(ROWS):
            values = {name: value[row] for name, value in data.items() if value[row] is not ABSENT}
            file.write(json.dumps({"row": row} | values) + "\n")
    job = [
        "job: edges",
        "source:",
        f"  files: {{ paths: [{json.dumps(str(directory / 'edges.jsonl'))}], format: jsonl }}",
        "schema:",
        *(f"  {name}: float" for name in data),
        "windows: { global: {} }",
        "aggregate:",
        "  keys: []",
        "  values:",
        "    rows: count()",
        *(f"    {name}_{kind}: {formula.format(name)}"
          for name in data for kind, formula in FUNCTIONS.items()),
        f"output: {{ snapshots: {json.dumps(str(directory / 'out'))} }}",
    ]
    (directory / "edges.yaml").write_text("\n".join(job) + "\n", encoding="utf-8")


def check_column(check, row, name, values):
    """NaN and missing are counted apart and kept out of every statistic."""
    floats = [value for value in values if value is not None and value is not ABSENT]
    finite = np.array([value for value in floats if not math.isnan(value)])
    total, mean, variance = exact.moments(finite)
    got = {kind: row[f"{name}_{kind}"] for kind in FUNCTIONS}
    check.equal(got["missing"], len(values) - len(floats), "missing", name)
    check.equal(got["nan"], len(floats) - len(finite), "NaN", name)
    for kind, want in (("mean", mean), ("var", variance), ("sum", total)):
        value = snapshots.number(got[kind])
        distance = exact.ulps(value, want)
        check.that(distance <= 1, kind, f"{name}: {value!r} is {distance} ulp from the exact value")
    if len(finite):
        check.equal(snapshots.number(got["min"]), finite.min(), "min", name)
        check.equal(snapshots.number(got["max"]), finite.max(), "max", name)
        ordered = np.sort(finite)
        for index, value in enumerate(got["quantiles"], 1):
            low, high = (np.searchsorted(ordered, snapshots.number(value), side) / len(ordered)
                         for side in ("left", "right"))
            check.that(low - 1 / len(ordered) <= index / 4 <= high + 1 / len(ordered),
                       "quantile", f"{name}: {value} has ranks {low} … {high}, asked was {index / 4}")
    else:
        for kind in ("min", "max"):
            check.that(math.isnan(snapshots.number(got[kind])), kind, f"{name}: {got[kind]}, expected NaN")


def compare(out):
    check = snapshots.Check("edges")
    ((_, pane),) = snapshots.last_panes(out, "aggregate")
    (row,) = snapshots.lines(pane / "rows.jsonl")
    check.equal(row["rows"], ROWS, "rows")
    check.equal(snapshots.ledger_total(out, "aggregate", "quarantined"), 0, "quarantined rows")
    for name, values in columns().items():
        check_column(check, row, name, values)
    check.finish()


if sys.argv[1] == "make":
    make(sys.argv[2])
else:
    compare(sys.argv[2])
