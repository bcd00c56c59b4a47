#!/usr/bin/env python3
"""Predictions and labels in two files, and what joining them gives, by DuckDB and scikit-learn.

  join.py make DATA DIR      splits the benchmark's events into DIR/predictions.jsonl, labels.jsonl
                             and writes DIR/join.yaml
  join.py check OUT DIR      holds every window of OUT against them
"""
import json
import pathlib
import sys
import warnings

import duckdb
import numpy as np
from sklearn import metrics

import snapshots

WINDOW = 60_000
WAIT = 90_000
DISORDER = {"predictions": 10_000, "labels": 3_000}
JOB = """\
# Made by ops/oracles/join.py.
job: join
join:
  predictions:
    files: {{ paths: [{folder}/predictions.jsonl], format: jsonl }}
    schema: {{ happened: timestamp_ms, id: int, country: string, device: string, score: float, weight: float }}
    event_time: {{ column: happened, max_out_of_orderness: 10s }}
  labels:
    files: {{ paths: [{folder}/labels.jsonl], format: jsonl }}
    schema: {{ happened: timestamp_ms, id: int, label: int }}
    event_time: {{ column: happened, max_out_of_orderness: 3s }}
  on: id
  label_wait: 90s
windows: {{ fixed: 1m, trigger: {{ after_watermark: {{ late: {{ after_count: 2000 }} }} }} }}
evaluate:
  label: label
  prediction: score
  weight: weight
  slices: [[], [country], [device]]
  metrics: [example_count, mean_label, calibration, binary_accuracy, precision, recall, auc]
output: {{ snapshots: .bench/out/join }}
"""


def make(data, folder):
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(20260901)
    labels = []
    with open(data, encoding="utf-8") as events, \
            (folder / "predictions.jsonl").open("w", encoding="utf-8") as predictions:
        for number, line in enumerate(events):
            event = json.loads(line)
            at = event["event_time"]
            row = {"id": number, "happened": at} | {
                name: event.get(name) for name in ("country", "device", "score", "weight")}
            text = json.dumps(row) + "\n"
            case, delay, jitter = random.random(), random.exponential(20_000), random.random()
            predictions.write(text * (2 if case < 0.01 else 1))
            if case > 0.95:
                continue
            # One of a hundred is known before the prediction: it does not count.
            paid = at - 5 if 0.93 < case <= 0.94 else at + round(delay)
            label = {"id": number, "happened": paid, "label": event["label"]}
            labels.append((paid + jitter * 5_000, label))
            if 0.01 <= case < 0.02:
                labels.append((paid + 9_000, {**label, "happened": paid + 8_000, "label": 1}))
            if 0.02 <= case < 0.022:
                labels.append((paid, {**label, "id": -1 - number}))
    labels.sort(key=lambda entry: entry[0])
    with (folder / "labels.jsonl").open("w", encoding="utf-8") as file:
        for _, label in labels:
            file.write(json.dumps(label) + "\n")
    (folder / "join.yaml").write_text(JOB.format(folder=folder), encoding="utf-8")


def read(connection, folder, side, columns):
    """A side as a table, with the order of its rows and when each is released."""
    connection.execute(f"""
      create table {side} as
      with lines as (
        select row_number() over () as place, *
        from read_json('{folder}/{side}.jsonl', format = 'newline_delimited',
                       columns = {{{columns}}})),
      judged as (
        select *, coalesce(max(happened) over (order by place rows between unbounded preceding
                                         and 1 preceding) - {DISORDER[side]}, -1) as watermark,
               (happened // {WINDOW} + 1) * {WINDOW} + {WAIT} as closing
        from lines)
      select *, greatest(happened, watermark) as release, watermark >= closing as is_late from judged
      order by place""")


PAIRS = f"""
  with firsts as (
    select * from predictions where not is_late
    qualify row_number() over (partition by id order by release, happened, place) = 1),
  fitting as (
    select p.id, l.label, greatest(l.release, p.release) as joined
    from firsts p join labels l on l.id = p.id and l.happened between p.happened and p.happened + {WAIT}
    where not l.is_late and l.release < p.closing
    qualify row_number() over (partition by p.id order by l.release, l.happened, l.place) = 1)
  select happened // {WINDOW} * {WINDOW} as w, country, device, score, weight, release,
         coalesce(label, -1) as label, coalesce(joined, -1) as joined
  from firsts left join fitting using (id)"""


def rates(label, positive, weight):
    return {
        "mean_label": np.average(label, weights=weight),
        "binary_accuracy": metrics.accuracy_score(label, positive, sample_weight=weight),
        "precision": metrics.precision_score(
            label, positive, sample_weight=weight, zero_division=np.nan),
        "recall": metrics.recall_score(label, positive, sample_weight=weight, zero_division=np.nan),
    }


def check_slice(check, where, lines, label, score, weight):
    has = label >= 0
    value = {name: snapshots.number(line["value"]) for name, line in lines.items()}
    check.that(value["prediction_count"] == len(label), "prediction_count", where)
    check.that(value["label_count"] == has.sum() == value["example_count"], "label_count", where)
    check.close(value["label_coverage"], has.mean(), 1e-12, "label_coverage", where)
    if len(np.unique(label[has])) < 2:
        return
    positive = score > 0.5
    for name, want in rates(label[has], positive[has], weight[has]).items():
        check.close(value[name], want, 1e-9, name, where)
    auc = metrics.roc_auc_score(label[has], score[has], sample_weight=weight[has])
    check.close(value["auc"], auc, 1e-9 + (lines["auc"].get("bound") or 0), "auc", where)
    # What missing labels could be: right, wrong, all ones, all zeros.
    ends = [
        rates(np.where(has, label, missing).astype(int), positive, weight)
        for missing in (positive, ~positive, np.ones(len(label)), np.zeros(len(label)))]
    for name in ("mean_label", "binary_accuracy", "precision", "recall"):
        values = [end[name] for end in ends]
        if np.isnan(values).any():
            continue
        bounds = lines[name]["label_bounds"]
        check.close(bounds[0], min(values), 1e-9, f"least {name}", where)
        check.close(bounds[1], max(values), 1e-9, f"greatest {name}", where)


def check(out, folder):
    warnings.simplefilter("ignore")
    done = snapshots.Check("join")
    connection = duckdb.connect()
    read(connection, folder, "predictions",
         "id: 'BIGINT', happened: 'BIGINT', country: 'VARCHAR', device: 'VARCHAR', score: 'DOUBLE', "
         "weight: 'DOUBLE'")
    read(connection, folder, "labels", "id: 'BIGINT', happened: 'BIGINT', label: 'BIGINT'")
    got = {name: np.asarray(column) for name, column in
           connection.execute(PAIRS).fetchnumpy().items()}
    panes = snapshots.last_panes(out, "evaluation")
    done.that([start for start, _ in panes] == sorted(set(got["w"])), "windows", len(panes))
    for start, pane in panes:
        in_window = got["w"] == start
        first = pane.parent / "0000"
        # The pane on time has what took part before the end of the window; where nothing did, the
        # first pane is a later one.
        on_time = in_window & (got["release"] < start + WINDOW)
        known = np.where(got["joined"] < start + WINDOW, got["label"], -1)
        looks = [(pane, in_window, got["label"])]
        if on_time.any():
            looks.append((first, on_time, known))
        for place, rows, labels in looks:
            published = {}
            for line in snapshots.lines(place / "metrics.jsonl"):
                published.setdefault(tuple(line["slice"].items()), {})[line["metric"]] = line
            for key, lines in published.items():
                chosen = rows.copy()
                for name, value in key:
                    chosen &= got[name] == value
                check_slice(done, f"{place} {key}", lines, labels[chosen], got["score"][chosen],
                            got["weight"][chosen])
    labelled = int((got["label"] >= 0).sum())
    for fate in ("aggregated", "emitted"):
        done.that(snapshots.ledger_total(out, "evaluation", fate) == labelled, fate, labelled)
    done.finish()


if __name__ == "__main__":
    command, source, target = sys.argv[1:]
    if command == "make":
        make(source, pathlib.Path(target))
    else:
        check(source, pathlib.Path(target))
