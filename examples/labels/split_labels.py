#!/usr/bin/env python3
"""Splits rides into two files, as two systems would write them: predictions and labels.

  split_labels.py RIDES.jsonl… --out DIR     writes DIR/predictions.jsonl and DIR/labels.jsonl

A label comes when the ride is paid, 3 to 40 minutes after the pickup, up to 30 s out of order. By a
hash of the ride: 4 of 100 are never paid, 1 is paid after more than the hour that the job waits, 1
is reported twice, 1 prediction is logged twice, and 1 label of 1,000 is of a ride nobody predicted.
"""
import argparse
import json
import pathlib


def mixed(number, salt):
    """64 bits of SplitMix64."""
    z = (number * 2 + salt + 1) * 0x9E3779B97F4A7C15 & (1 << 64) - 1
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & (1 << 64) - 1
    z = (z ^ z >> 27) * 0x94D049BB133111EB & (1 << 64) - 1
    return z ^ z >> 31


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("rides", nargs="+", type=pathlib.Path)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    labels = []
    with (options.out / "predictions.jsonl").open("w", encoding="utf-8") as predictions:
        for path in options.rides:
            for line in path.open("rb"):
                try:
                    ride = json.loads(line)
                    number, at, tipped = ride["ride_id"], ride["pickup_at"], ride.pop("tipped")
                except (ValueError, KeyError, TypeError):
                    continue  # poison, which the other example is about
                text = json.dumps(ride, separators=(",", ":"), ensure_ascii=False) + "\n"
                case = mixed(number, 1) % 1000
                predictions.write(text * (2 if 50 <= case < 60 else 1))
                paid = at + 180_000 + mixed(number, 2) % 2_220_000
                if case < 40:
                    continue
                if case < 50:
                    paid = at + 3_600_001 + mixed(number, 2) % 600_000
                label = {"ride_id": number, "paid_at": paid, "tipped": tipped}
                labels.append((paid + mixed(number, 3) % 30_000, label))
                if 60 <= case < 70:
                    labels.append((paid + 40_000, {**label, "paid_at": paid + 20_000, "tipped": 1}))
                if case == 999:
                    labels.append((paid, {**label, "ride_id": number + 1_000_000_000}))
    labels.sort(key=lambda entry: (entry[0], entry[1]["ride_id"], entry[1]["paid_at"]))
    with (options.out / "labels.jsonl").open("w", encoding="utf-8") as file:
        for _, label in labels:
            file.write(json.dumps(label, separators=(",", ":")) + "\n")


main()
