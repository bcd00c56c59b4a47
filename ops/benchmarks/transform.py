#!/usr/bin/env python3
"""Rows per CPU second of a transform of 13 features, limno beside TensorFlow Transform.

    ops/venv.sh interop
    .venv-interop/bin/python ops/benchmarks/transform.py [--rows 1000000] [--tft-rows 1000000] [--rounds 3]
                                                         [--tft-counts]
                                                         [--columns 500,1000,2000,5000] [--golden]
                                                         [--distinct 20000000] [--gate]

Each reads the same tf.Examples, analyzes them, writes the transform graph as a SavedModel, and
transforms and writes every row as a tf.Example; with `--tft-counts`, TFT only counts them. CPU is user +
system time of whole processes; of TFT what it takes to import is left out and printed apart. `--tft-rows
0` leaves TFT out and needs numpy alone.

With --columns, times functions of so many features each, on 300 rows, the least of three times, in
turn: the cost of one must not grow with how many there are. With --golden, times the 57 outputs of the
golden function (golden.json) on its 10,000 rows. With --distinct, counts a column of so many rows that
are all different, with 64 MiB for vocabularies: what does not fit goes to disk.
"""
import argparse
import heapq
import json
import os
import pathlib
import resource
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
GOAL = 40.0
GOLDEN_SECONDS = 1.0
COLUMN_RATIO = 1.5
DISTINCT_MEGABYTES = 500

FORMULAS = {
    "row_id": "row_id",
    "fare_z": "scale_to_z_score(fare)",
    "fare_01": "scale_to_0_1(fare)",
    "fare_bucket": "bucketize(fare, num_buckets=10)",
    "temp_z": "scale_to_z_score(temperature)",
    "miles_z": "scale_to_z_score(trip_miles)",
    "miles_bucket": "bucketize(trip_miles, num_buckets=10)",
    "pax_01": "scale_to_0_1(passengers)",
    "pay_id": "compute_and_apply_vocabulary(fill_missing(payment_type, ''), num_oov_buckets=1)",
    "zone_id": "compute_and_apply_vocabulary(zone, num_oov_buckets=1)",
    "driver_id": "compute_and_apply_vocabulary(driver, top_k=10000, num_oov_buckets=10)",
    "company_hash": "hash_strings(string(company_id), hash_buckets=1000)",
    "tok_id": "compute_and_apply_vocabulary(split(comment), top_k=1000, num_oov_buckets=1)",
    "cross_hash": "hash_strings(concat(zone, '_', fill_missing(payment_type, '')), hash_buckets=256)",
}
TYPES = {
    "row_id": "int", "fare": "float32", "temperature": "float32", "trip_miles": "float32", "passengers": "int",
    "company_id": "int", "payment_type": "string", "zone": "string", "driver": "string", "comment": "string",
}


# Rows: taxi rides, the same whatever the machine.

def crc_table():
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    return table


def masked_crc(data, table=crc_table()):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ table[(crc ^ byte) & 0xFF]
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17 & 0xFFFFFFFF) + 0xA282EAD8) & 0xFFFFFFFF


def varint(value):
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def field(number, payload):
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def example(row):
    features = b""
    for name, value in row.items():
        if value is None:
            continue
        if isinstance(value, str):
            feature = field(1, field(1, value.encode()))
        elif isinstance(value, int):
            feature = field(3, field(1, varint(value)))
        else:
            feature = field(2, field(1, struct.pack("<f", value)))
        features += field(1, field(1, name.encode()) + field(2, feature))
    return field(1, features)


def zipf(rng, exponent, count, size):
    import numpy as np
    weights = 1.0 / np.arange(1, count + 1) ** exponent
    return np.searchsorted(np.cumsum(weights) / weights.sum(), rng.random(size))


def rows(count, chunk=10_000):
    """Rides in chunks of one seed each: a shorter list is the beginning of a longer one."""
    import numpy as np
    for number in range(-(-count // chunk)):
        rng = np.random.Generator(np.random.PCG64([13, number]))
        miles = rng.gamma(1.3, 2.7, chunk)
        fare = 2.5 + 2.1 * miles + np.exp(rng.normal(0.6, 0.9, chunk))
        no_miles, no_payment = rng.random(chunk) < 0.05, rng.random(chunk) < 0.03
        temperature, passengers = rng.normal(11, 9, chunk), np.minimum(rng.poisson(1.6, chunk), 6)
        company, zone = zipf(rng, 1.1, 100_000, chunk) * 7 + 13, zipf(rng, 1.05, 40, chunk)
        driver, payment = zipf(rng, 0.8, 50_000, chunk), zipf(rng, 1.0, 5, chunk)
        lengths = np.where(rng.random(chunk) < 0.08, 0, rng.integers(1, 13, chunk))
        words, first = zipf(rng, 1.07, 2000, int(lengths.sum())), 0
        for i in range(min(chunk, count - number * chunk)):
            own = words[first:first + lengths[i]]
            first += lengths[i]
            yield {
                "row_id": number * chunk + i, "fare": float(fare[i]), "temperature": float(temperature[i]),
                "trip_miles": None if no_miles[i] else float(miles[i]), "passengers": int(passengers[i]),
                "company_id": int(company[i]), "zone": f"zone_{zone[i]:02}",
                "payment_type": None if no_payment[i] else ("card", "cash", "mobile", "unknown", "voucher")[payment[i]],
                "driver": f"drv{driver[i]:06}", "comment": " ".join(f"w{word:03}" for word in own),
            }


def write_rows(path, made):
    if path.exists():
        return path
    part = path.with_suffix(".part")
    with open(part, "wb") as file:
        for row in made:
            data = example(row)
            length = struct.pack("<Q", len(data))
            file.write(length + struct.pack("<I", masked_crc(length)) + data + struct.pack("<I", masked_crc(data)))
    part.rename(path)
    return path


# The two systems.

def measured(command):
    """(CPU seconds, peak resident MB, output) of one process."""
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"benchmark: {' '.join(map(str, command))} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, output.decode()


def job(directory, data, types, formulas, format="tfrecord"):
    """Writes a job file; returns it and the directory of its version."""
    path = directory / "job.yaml"
    lines = ["job: bench", f"source: {{ files: {{ paths: ['{data}'], format: {format} }} }}", "schema:"]
    lines += [f"  {name}: {type}" for name, type in types.items()]
    lines += ["windows: { global: {} }", "transform:", "  outputs:"]
    lines += [f"    {name}: \"{formula}\"" for name, formula in formulas.items()]
    lines += [f"output: {{ snapshots: {directory}/out, export: [saved_model] }}"]
    path.write_text("\n".join(lines) + "\n")
    return path, directory / "out/transform/1"


def limno_round(limno, data, directory):
    """(CPU seconds of analysis, of transformation, peak MB)"""
    path, version = job(directory, data, TYPES, FORMULAS)
    analyze = measured([limno, "run", path, "--workers", "1", "--quiet"])
    transformed = directory / "transformed.tfrecord"
    apply = measured([limno, "transform", "--graph", version, data, "--to", "tfrecord", "--quiet", "--out", transformed])
    if transformed.stat().st_size == 0:
        sys.exit("benchmark: limno transformed nothing")
    return analyze[0], apply[0], max(analyze[1], apply[1])


def tft_process(data, count, writes):
    """Runs in a process of its own: what TFT takes, as JSON."""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import apache_beam as beam
    import tensorflow as tf
    import tensorflow_transform as tft
    import tensorflow_transform.beam as tft_beam
    from tensorflow_metadata.proto.v0 import schema_pb2
    from tfx_bsl.public import tfxio
    imported = time.process_time()
    schema = schema_pb2.Schema()
    kinds = {"int": schema_pb2.INT, "float32": schema_pb2.FLOAT, "string": schema_pb2.BYTES}
    for name, type in TYPES.items():
        feature = schema.feature.add(name=name, type=kinds[type])
        feature.value_count.max = 1
        if name not in ("trip_miles", "payment_type"):
            feature.presence.min_fraction = 1
            feature.shape.dim.add(size=1)

    def dense(tensor, default):
        return tft.sparse_tensor_to_dense_with_shape(tensor, [None, 1], default_value=default)[:, 0]

    def function(x):
        x = {name: tensor if isinstance(tensor, tf.SparseTensor) else tensor[:, 0] for name, tensor in x.items()}
        payment = dense(x["payment_type"], "")
        return {
            "row_id": x["row_id"],
            "fare_z": tft.scale_to_z_score(x["fare"]),
            "fare_01": tft.scale_to_0_1(x["fare"]),
            "fare_bucket": tft.bucketize(x["fare"], 10),
            "temp_z": tft.scale_to_z_score(x["temperature"]),
            "miles_z": tft.scale_to_z_score(x["trip_miles"]),
            "miles_bucket": tft.bucketize(x["trip_miles"], 10),
            "pax_01": tft.scale_to_0_1(x["passengers"]),
            "pay_id": tft.compute_and_apply_vocabulary(payment, num_oov_buckets=1),
            "zone_id": tft.compute_and_apply_vocabulary(x["zone"], num_oov_buckets=1),
            "driver_id": tft.compute_and_apply_vocabulary(x["driver"], top_k=10000, num_oov_buckets=10),
            "company_hash": tft.hash_strings(tf.strings.as_string(x["company_id"]), 1000),
            "tok_id": tft.compute_and_apply_vocabulary(tf.strings.split(x["comment"]).to_sparse(), top_k=1000, num_oov_buckets=1),
            "cross_hash": tft.hash_strings(tf.strings.join([x["zone"], payment], "_"), 256),
        }

    out = tempfile.mkdtemp()
    io = tfxio.TFExampleRecord(file_pattern=data, schema=schema, telemetry_descriptors=["benchmark"])
    with beam.Pipeline() as pipeline, tft_beam.Context(temp_dir=out + "/temp"):
        raw = pipeline | "read" >> io.BeamSource()
        (batches, metadata), fn = (raw, io.TensorAdapterConfig()) | tft_beam.AnalyzeAndTransformDataset(function, output_record_batches=True)
        _ = (batches | beam.Map(lambda batch: batch[0].num_rows) | beam.CombineGlobally(sum)
             | beam.Map(lambda found: print(json.dumps({"out": found}))))
        if writes:
            encoder = tfxio.RecordBatchToExamplesEncoder(metadata.schema)
            _ = (batches | beam.FlatMapTuple(lambda batch, _: encoder.encode(batch))
                 | beam.io.WriteToTFRecord(out + "/rows"))
        _ = fn | tft_beam.WriteTransformFn(out + "/fn")
    if writes:
        print(json.dumps({"written": sum(part.stat().st_size for part in pathlib.Path(out).glob("rows*"))}))
    shutil.rmtree(out)
    print(json.dumps({"import": imported, "cpu": time.process_time() - imported,
                      "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


def tft_round(data, count, writes):
    """(CPU seconds after import, of import, peak MB)"""
    command = [sys.executable, __file__, "--tft", data, "--tft-rows", count]
    output = measured(command if writes else [*command, "--tft-counts"])[2]
    lines = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    if lines[0] != {"out": count}:
        sys.exit(f"benchmark: TFT gives {lines[0]} of {count} rows")
    if writes and lines[1]["written"] < 100 * count:
        sys.exit(f"benchmark: TFT wrote {lines[1]['written']:,} bytes")
    return lines[-1]["cpu"], lines[-1]["import"], lines[-1]["peak"]


# Columns.

def columns_job(count, directory):
    """(rows, job file, directory of its version) for functions of so many columns."""
    import numpy as np
    names = [f"c{i}" for i in range(count)]
    place = pathlib.Path(tempfile.mkdtemp(dir=directory))
    data = place / "rows.jsonl"
    with open(data, "w") as file:
        for row in np.random.Generator(np.random.PCG64([5, count])).normal(size=(300, count)):
            file.write(json.dumps(dict(zip(names, row.round(6).tolist()))) + "\n")
    kinds = ["scale_to_z_score({})", "scale_to_0_1({})", "bucketize({}, num_buckets=10)"]
    formulas = {f"o{i}": kinds[i % 3].format(name) for i, name in enumerate(names)}
    return data, *job(place, data, dict.fromkeys(names, "float"), formulas, "jsonl")


def columns(limno, counts, directory):
    """Milliseconds of CPU a column, to analyze and apply, by how many columns there are."""
    jobs = {count: columns_job(count, directory) for count in counts}
    rounds = {count: [] for count in counts}
    # In turn, so that what else runs slows all of them.
    for count in 3 * counts:
        data, path, version = jobs[count]
        shutil.rmtree(path.parent / "out", ignore_errors=True)
        analyze = measured([limno, "run", path, "--workers", "1", "--quiet"])
        apply = measured([limno, "transform", "--graph", version, data, "--to", "tfrecord", "--quiet",
                          "--out", path.parent / "x"])
        rounds[count].append((analyze[0], apply[0], max(analyze[1], apply[1])))
    print(f"{'columns':>8}  {'analyze s':>9}  {'apply s':>8}  {'ms a column':>11}  peak MB")
    each = {}
    for count in counts:
        analyze, apply, peak = (pick(kind) for pick, kind in zip((min, min, max), zip(*rounds[count])))
        each[count] = (analyze + apply) / count * 1e3
        print(f"{count:8,}  {analyze:9.2f}  {apply:8.2f}  {each[count]:11.3f}  {peak:7.0f}")
        shutil.rmtree(jobs[count][1].parent)
    return each


# The golden function, and tokens that do not repeat.

def golden(limno, directory):
    """CPU seconds of `limno run` and `limno transform` of the function that TFT takes minutes for."""
    place = pathlib.Path(tempfile.mkdtemp(dir=directory))
    lines = (TOP / "Tests/Fixtures/tft/rows10k.tsv").read_text().splitlines()
    names, made = lines[0].split("\t"), []
    for line in lines[1:]:
        row = {}
        for name, text in zip(names, line.split("\t")):
            if name in ("payment_type", "zone", "driver", "comment"):
                if (name, text) != ("payment_type", "-"):
                    row[name] = text
            elif text:
                row[name] = int(text) if name in ("passengers", "company_id", "label") else float(text)
        made.append(row)
    data = write_rows(place / "rows.tfrecord", made)
    types = {name: "float32" for name in ("fare", "tip", "trip_miles", "temperature", "weight")}
    types |= {name: "int" for name in ("passengers", "company_id", "label")}
    types |= {name: "string" for name in ("payment_type", "zone", "driver", "comment")}
    path, version = job(place, data, types, json.loads((HERE / "golden.json").read_text()))
    analyze, apply = [], []
    for _ in range(5):
        shutil.rmtree(place / "out", ignore_errors=True)
        analyze.append(measured([limno, "run", path, "--workers", "1", "--quiet"])[0])
        apply.append(measured([limno, "transform", "--graph", version, data, "--to", "tfrecord", "--quiet",
                               "--out", place / "x"])[0])
    shutil.rmtree(place)
    analyze, apply = statistics.median(analyze), statistics.median(apply)
    print(f"golden function, {len(made):,} rows: {analyze:.2f} s to analyze, {apply:.2f} s to apply, median of 5")
    return analyze + apply


def distinct(limno, count, directory):
    """Peak MB of a vocabulary of `count` rows that are all different; TFT's order of equal ones is by bytes."""
    place = pathlib.Path(tempfile.mkdtemp(dir=directory))
    data = place / "rows.jsonl"
    with open(data, "w") as file:
        for i in range(count):
            # A multiplication by an odd number modulo 2^40 gives each number once.
            file.write('{"user": "user %012x"}\n' % (i * 0x9E3779B97F5 & (1 << 40) - 1))
    path = place / "job.yaml"
    path.write_text(f"""job: distinct
source: {{ files: {{ paths: ['{data}'], format: jsonl }} }}
schema: {{ user: string }}
windows: {{ global: {{}} }}
transform: {{ outputs: {{ id: "compute_and_apply_vocabulary(user, top_k=1000)" }} }}
memory: {{ vocabularies: 64MiB }}
output: {{ snapshots: {place}/out, export: [] }}
checkpoint: {{ directory: {place}/state, every: 30s }}
""")
    cpu, peak, _ = measured([limno, "run", path, "--workers", "2", "--quiet"])
    tokens = next((place / "out/transform/1/assets").iterdir()).read_text().splitlines()
    greatest = heapq.nlargest(1000, ("user %012x" % (i * 0x9E3779B97F5 & (1 << 40) - 1) for i in range(count)))
    shutil.rmtree(place)
    if tokens != greatest:
        sys.exit("benchmark: the vocabulary is not that of the rows")
    print(f"{count:,} distinct tokens: {cpu:.1f} CPU s, {peak:.0f} MB at the most, with 64 MiB for vocabularies and checkpoints")
    return peak


def main():
    parser = argparse.ArgumentParser(description="limno beside TensorFlow Transform")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--tft-rows", type=int, default=1_000_000)
    parser.add_argument("--tft-counts", action="store_true", help="TFT writes no transformed rows")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--columns", type=lambda text: [int(part) for part in text.split(",")])
    parser.add_argument("--golden", action="store_true")
    parser.add_argument("--distinct", type=int)
    parser.add_argument("--gate", action="store_true", help="exit 1 where a goal is missed")
    parser.add_argument("--limno", help="an executable, instead of building one")
    parser.add_argument("--tft", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.tft:
        return tft_process(given.tft, given.tft_rows, not given.tft_counts)
    limno = given.limno or subprocess.run(
        [TOP / "ops/build.sh"], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    bench = TOP / ".bench"
    bench.mkdir(exist_ok=True)
    missed = False
    if given.rows:
        data = write_rows(bench / f"transform{given.rows}.tfrecord", rows(given.rows))
        rounds = []
        for _ in range(given.rounds):
            place = pathlib.Path(tempfile.mkdtemp(dir=bench))
            rounds.append(limno_round(limno, data, place))
            shutil.rmtree(place)
        analyze, apply, peak = (statistics.median(each) for each in zip(*rounds))
        speed = given.rows / (analyze + apply)
        print(f"{'':14}{'rows':>9}  {'analyze s':>9}  {'apply s':>8}  {'rows/CPU s':>10}  peak MB")
        print(f"{'limno':14}{given.rows:9,}  {analyze:9.2f}  {apply:8.2f}  {speed:10,.0f}  {peak:7.0f}   median of {given.rounds}")
        if given.tft_rows:
            few = write_rows(bench / f"transform{given.tft_rows}.tfrecord", rows(given.tft_rows))
            cpu, imported, peak = tft_round(few, given.tft_rows, not given.tft_counts)
            print(f"{'TFT':14}{given.tft_rows:9,}  {cpu:19.2f}  {given.tft_rows / cpu:10,.0f}  {peak:7.0f}   after {imported:.1f} s of import")
            ratio = speed / (given.tft_rows / cpu)
            print(f"limno takes {ratio:.0f} times less CPU a row (goal {GOAL:.0f})")
            missed |= ratio < GOAL
    if given.columns:
        each = columns(limno, given.columns, bench)
        least, most = min(given.columns), max(given.columns)
        print(f"a column costs {each[most] / each[least]:.2f} times as much among {most:,} as among {least:,}")
        missed |= each[most] > COLUMN_RATIO * each[least]
    if given.golden:
        missed |= golden(limno, bench) > GOLDEN_SECONDS
    if given.distinct:
        missed |= distinct(limno, given.distinct, bench) > DISTINCT_MEGABYTES
    if missed and given.gate:
        sys.exit("benchmark: a goal was missed")


if __name__ == "__main__":
    main()
