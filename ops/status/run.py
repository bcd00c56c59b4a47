#!/usr/bin/env python3
"""Checks what a run tells over HTTP, as Prometheus reads it: ops/status/run.py LIMNO

Rows are appended to a followed file while the endpoints are read; counts must add up at every scrape,
and never fall. A canary in the token and in the environment must show up nowhere.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

from prometheus_client.parser import text_string_to_metric_families

CANARY = "canary-4f1c"
JOB = """\
job: told
source: {{ files: {{ paths: ["{folder}/in/*.jsonl"], format: jsonl, follow: true }} }}
schema: {{ at: timestamp_ms, key: string, n: int }}
event_time: {{ column: at, max_out_of_orderness: 1s, late: drop }}
windows: {{ fixed: 10s }}
transform: {{ outputs: {{ z: scale_to_z_score(n) }} }}
aggregate: {{ keys: [key], values: {{ n: count() }} }}
output: {{ snapshots: {folder}/out }}
checkpoint: {{ directory: {folder}/state, every: 200ms }}
"""


def get(address, path, token=CANARY):
    request = urllib.request.Request(address + path)
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode()


def scrape(address):
    status, headers, text = get(address, "/metrics")
    assert status == 200 and headers["Content-Type"].startswith("text/plain; version=0.0.4"), headers
    families = {family.name: family for family in text_string_to_metric_families(text)}
    for family in families.values():
        assert family.documentation and family.type in ("counter", "gauge", "histogram"), family
    assert CANARY not in text
    return families


def total(families, name, **labels):
    family = families.get(name.removesuffix("_total").removesuffix("_count"))
    # There are no series by split before the first split is found.
    return 0 if family is None else sum(
        sample.value for sample in family.samples
        if sample.name == name and all(sample.labels.get(k) == v for k, v in labels.items()))


def start(limno, folder, job):
    environment = dict(os.environ, LIMNO_HTTP_TOKEN=CANARY)
    log = open(folder / "log", "w", encoding="utf-8")
    process = subprocess.Popen(
        [limno, "run", job, "--http", "127.0.0.1:0", "--log", "json", "--output", "json"],
        env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        for line in (folder / "log").read_text().splitlines():
            if address := json.loads(line).get("address"):
                return process, address
        time.sleep(0.05)
    sys.exit("the run did not say where it answers: " + (folder / "log").read_text())


def check_counts(families, before):
    """Every row has a fate, and what is counted never falls."""
    read = total(families, "limno_records_read_total")
    assert read == total(families, "limno_rows_total") and read >= before, (read, before)
    assert total(families, "limno_ledger_imbalance") == 0
    histogram = families["limno_publish_seconds"].samples
    assert total(families, "limno_publish_seconds_count") == next(
        s.value for s in histogram if s.labels.get("le") == "+Inf")
    return read


def check(limno, folder, process, address):
    rows, read, scrapes = 0, 0, 0
    with open(folder / "in" / "a.jsonl", "w", encoding="utf-8") as file:
        for _ in range(20):
            for _ in range(500):
                at = 1_788_220_800_000 + rows * 10
                file.write(json.dumps({"at": at, "key": f"k{rows % 5}", "n": rows}) + "\n")
                rows += 1
            file.write("poison\n")
            file.flush()
            time.sleep(0.05)
            read = check_counts(scrape(address), read)
            scrapes += 1
    deadline = time.monotonic() + 30
    while read < rows + 20 and time.monotonic() < deadline:
        read = check_counts(scrape(address), read)
        scrapes += 1
        time.sleep(0.05)
    assert read == rows + 20, (read, rows)
    expected = {
        ("limno_rows_total", "fate", "quarantined"): 20,
        ("limno_rows_total", "fate", "aggregated"): rows,
        # The watermark has passed the ends of all ten-second windows but the last.
        ("limno_panes_published_total", "stage", "aggregate"): rows // 1000 - 1,
        ("limno_panes_published_total", "stage", "transform"): rows // 1000 - 1,
        ("limno_open_windows", "stage", "aggregate"): 1,
        ("limno_source_lag_bytes", "split", f"{folder}/in/a.jsonl"): 0,
    }
    # Rows are counted as read before their panes are out.
    while True:
        families = scrape(address)
        found = {key: total(families, key[0], **{key[1]: key[2]}) for key in expected}
        if found == expected:
            break
        assert time.monotonic() < deadline, (found, expected)
        time.sleep(0.05)
    assert 0 <= total(families, "limno_checkpoint_age_seconds") < 30
    status, _, body = get(address, "/status")
    told = json.loads(body)
    assert status == 200 and told["ledger"]["read"] == rows + 20 and CANARY not in body, body
    assert get(address, "/readyz", token=None)[0] == 200
    assert get(address, "/livez", token=None)[0] == 200
    for token in (None, "wrong"):
        assert get(address, "/metrics", token)[0] == 401
    drained = subprocess.run(
        [limno, "stop", folder / "state", "--drain", "--output", "json"],
        capture_output=True, text=True, check=True)
    assert json.loads(drained.stdout)["is_drained"], drained
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 0 and CANARY not in output.decode(), output
    log = (folder / "log").read_text()
    assert CANARY not in log and all(json.loads(line) for line in log.splitlines())
    leaks = [
        str(path) for path in folder.rglob("*")
        if path.is_file() and CANARY.encode() in path.read_bytes()]
    assert not leaks, leaks
    print(
        f"status: {scrapes} scrapes parsed while {rows} rows were written, {len(families)} families, "
        "counts add up, the token shows up nowhere")


def main():
    limno = sys.argv[1]
    with tempfile.TemporaryDirectory(prefix="limno-status-") as name:
        folder = pathlib.Path(name)
        (folder / "in").mkdir()
        (folder / "job.yaml").write_text(JOB.format(folder=folder))
        process, address = start(limno, folder, folder / "job.yaml")
        try:
            check(limno, folder, process, address)
        finally:
            process.kill()
            process.wait()


main()
