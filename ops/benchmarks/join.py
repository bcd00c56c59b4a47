#!/usr/bin/env python3
"""What a label join costs: CPU a row of either side, and peak memory.

    join.py LIMNO [--predictions N]

500 predictions a second of event time; nine of ten get a label within 100 s, and wait two minutes for it.
"""
import argparse
import heapq
import pathlib
import random
import resource
import subprocess
import tempfile

JOB = """
job: joined
join:
  predictions:
    files: {{ paths: [{0}/predictions.csv], format: csv }}
    schema: {{ at: timestamp_ms, id: string, country: string, score: float }}
    event_time: {{ column: at, max_out_of_orderness: 2s }}
  labels:
    files: {{ paths: [{0}/labels.csv], format: csv }}
    schema: {{ at: timestamp_ms, ride: string, tipped: int }}
    event_time: {{ column: at, max_out_of_orderness: 5s }}
  on: {{ predictions: id, labels: ride }}
  label_wait: 2m
windows: {{ fixed: 1m }}
evaluate: {{ label: tipped, prediction: score, slices: [[], [country]], metrics: [example_count, mean_label, binary_accuracy, auc] }}
output: {{ snapshots: {0}/out }}
"""


def write_rows(folder, count):
    """The number of labels, which stand in the order of their times."""
    source, waiting, labels = random.Random(1), [], 0
    with open(folder / "predictions.csv", "w") as predictions, open(folder / "labels.csv", "w") as file:
        predictions.write("at,id,country,score\n")
        file.write("at,ride,tipped\n")
        for index in range(count + 1):
            at, score = index * 2, source.random()
            while waiting and (waiting[0][0] <= at or index == count):
                file.write("%d,r%d,%d\n" % heapq.heappop(waiting))
                labels += 1
            if index == count:
                return labels
            predictions.write(f"{at},r{index},{'de' if index % 3 else 'fr'},{score:.5f}\n")
            if index % 10:
                heapq.heappush(waiting, (at + source.randrange(100_000), index, int(source.random() < score)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("limno")
    parser.add_argument("--predictions", type=int, default=10_000_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        rows = options.predictions + write_rows(folder, options.predictions)
        (folder / "job.yaml").write_text(JOB.format(folder))
        subprocess.run([options.limno, "run", folder / "job.yaml", "--quiet", "--workers", "1"], check=True)
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = usage.ru_utime + usage.ru_stime
        print(f"{rows:,} rows of both sides: {cpu:.1f} s CPU, {cpu / rows * 1e6:.2f} µs a row, "
              f"peak {usage.ru_maxrss / 1e3:.0f} MB")


main()
