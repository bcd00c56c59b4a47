#!/usr/bin/env python3
"""W1, profile: check_w1.py OUT DATA, on any number of rows.

Counts, extremes and vocabularies must be exact, means and variances within one unit in the last
place of the exact rational result, quantiles within the published rank error.
"""
import sys

import duckdb
import numpy as np

import events
import exact
import snapshots

NUMBERS = ["fare", "distance", "tip", "age", "score"]
TOP = 10_000


def check_numbers(check, row, data):
    for name, values in zip(NUMBERS, events.columns(data, *NUMBERS)):
        present = values[~np.isnan(values)]
        _, mean, variance = exact.moments(present)
        check.equal(row[f"{name}_count"], len(present), "count", name)
        check.equal(row[f"{name}_missing"], len(values) - len(present), "missing", name)
        check.equal(snapshots.number(row[f"{name}_min"]), present.min(), "min", name)
        check.equal(snapshots.number(row[f"{name}_max"]), present.max(), "max", name)
        for kind, want in (("mean", mean), ("var", variance)):
            got = snapshots.number(row[f"{name}_{kind}"])
            distance = exact.ulps(got, want)
            check.that(distance <= 1, kind, f"{name}: {got!r} is {distance:.2f} ulp from {float(want)!r}")


def check_quantiles(check, row, pane, data):
    for name, values in zip(("fare", "distance"), events.columns(data, "fare", "distance")):
        ordered = np.sort(values[~np.isnan(values)])
        got = [snapshots.number(value) for value in row[f"{name}_quantiles"]]
        # Of values that are published exactly there is no line.
        bound = snapshots.rank_error(pane, f"{name}_quantiles")
        check.equal(len(got), 99, "quantiles", name)
        check.that(0 <= bound < 0.01, "published rank error", f"{name}: {bound}")
        worst = 0.0
        for index, value in enumerate(got, 1):
            # All ranks between these two are the value's own.
            low = np.searchsorted(ordered, value, "left") / len(ordered)
            high = np.searchsorted(ordered, value, "right") / len(ordered)
            error = max(low - index / 100, index / 100 - high, 0.0)
            worst = max(worst, error)
            check.that(error <= bound + 1 / len(ordered), "quantile",
                       f"{name} {index} %: {value} has ranks {low} … {high}, bound {bound}")
        print(f"W1: {name}: worst rank error {worst:.6f}, published {bound:.6f}")


def check_vocabularies(check, row, data):
    connection = duckdb.connect()
    connection.execute("set threads = 1")
    connection.execute(
        "create view rows as select * from read_json(?, format = 'newline_delimited', columns = "
        "{country: 'VARCHAR', company: 'VARCHAR', query: 'VARCHAR'})".replace("?", f"'{data}'"))
    texts = {
        "companies": "select company token from rows",
        "countries": "select country token from rows",
        "words": "select unnest(string_split(query, ' ')) token from rows"}
    for name, text in texts.items():
        counts = dict(connection.execute(
            f"select token, count(*) from ({text}) where token is not null group by token").fetchall())
        # The order of TFT: the most frequent first, equal ones by descending bytes.
        want = sorted(
            counts.items(), key=lambda item: (item[1], item[0].encode()), reverse=True)[:TOP]
        got = [(entry[0], entry[1]) for entry in row[name]]
        check.equal(len(got), len(want), "length of vocabulary", name)
        for place, (one, two) in enumerate(zip(got, want)):
            check.equal(one, two, "vocabulary entry", f"{name}[{place}]")


def main():
    out, data = sys.argv[1:]
    check = snapshots.Check("W1")
    ((_, pane),) = snapshots.last_panes(out, "aggregate")
    (row,) = snapshots.lines(pane / "rows.jsonl")
    rows = sum(1 for line in open(data, "rb"))
    check.equal(row["rows"], rows, "rows")
    check_numbers(check, row, data)
    check_quantiles(check, row, pane, data)
    check_vocabularies(check, row, data)
    check.finish()


main()
