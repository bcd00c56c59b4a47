#!/usr/bin/env python3
"""W3, keyed aggregate: check_w3.py OUT, run on the first 1,000,000 rows of the benchmark data."""
import csv
import gzip
import pathlib
import sys

import snapshots

REFERENCE = pathlib.Path(__file__).parent / "../benchmarks/data/w3_ref.csv.gz"
LATE = 735


def main():
    (out,) = sys.argv[1:]
    check = snapshots.Check("W3")
    with gzip.open(REFERENCE, "rt") as file:
        want = {(int(row[0]), row[1]): (int(row[2]), float(row[3])) for row in csv.reader(file)}
    got = {}
    for start, pane in snapshots.last_panes(out, "aggregate"):
        for line in snapshots.lines(pane / "rows.jsonl"):
            key = (start, line["company"])
            check.that(key not in got, "a key twice in a window", key)
            got[key] = (line["n"], snapshots.number(line["total"]))
    check.equal(snapshots.ledger_total(out, "aggregate", "late"), LATE, "late rows in the ledger")
    check.equal(len(want), 145_526, "rows of the reference")
    check.that(got.keys() == want.keys(), "windows and companies",
               f"{len(got.keys() - want.keys())} too many, {len(want.keys() - got.keys())} missing")
    for key in want.keys() & got.keys():
        check.equal(got[key][0], want[key][0], "count", key)
        # A sum of amounts with two decimals is printed exactly by the reference.
        check.close(got[key][1], want[key][1], 1e-8 * want[key][1], "sum", key)
    check.finish()


main()
