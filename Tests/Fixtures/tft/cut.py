#!/usr/bin/env python3
"""Cuts TFT's answers to the files that TFTGoldenTests read: python3 cut.py ROWS.jsonl GOLDEN_FOLDER OUT [STEP]

Every STEP-th transformed row (1); then run exact.py in OUT.
"""
import gzip, json, os, sys
import numpy as np

data, golden, out = sys.argv[1:4]
step = int(sys.argv[4]) if len(sys.argv) > 4 else 1
os.makedirs(out, exist_ok=True)
FLOATS = ["fare", "tip", "trip_miles", "temperature", "weight"]
OTHERS = ["passengers", "company_id", "payment_type", "zone", "driver", "label", "comment"]


def short(x):
    x = np.float32(x)
    return "nan" if x != x else str(x).removesuffix(".0")


def cell(row, name):
    value = row.get(name)
    if value is None:
        return "-" if name == "payment_type" else ""
    return short(value) if name in FLOATS else str(value)


with open(out + "/rows10k.tsv", "w") as f:
    f.write("\t".join(FLOATS + OTHERS) + "\n")
    for line in open(data):
        row = json.loads(line)
        f.write("\t".join(cell(row, n) for n in FLOATS + OTHERS) + "\n")


def text(value):
    if value is None:
        return ""
    if isinstance(value, list):
        return ",".join(text(v) for v in value)
    return short(float(value)) if isinstance(value, (float, str)) else str(value)


rows = [json.loads(l) for l in gzip.open(golden + "/transformed.jsonl.gz")]
names = ["row_id"] + sorted(set(rows[0]) - {"row_id"})
names = [n for n in names if not n.endswith(("$row_partition", "$sparse_indices_0"))]
with open(out + "/transformed.tsv", "w") as f:
    f.write("\t".join(names) + "\n")
    for row in rows[::step]:
        f.write("\t".join(text(row[n]) for n in names) + "\n")
g = json.load(open(golden + "/constants.json"))
json.dump({"constants": {k: v["values"] for k, v in g["constants"].items()},
           "vocabularies": g["vocabularies"]}, open(out + "/analyzers.json", "w"), indent=0)
