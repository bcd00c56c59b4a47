#!/usr/bin/env python3
"""Writes files to a topic, a line a message, a file a partition.

    produce.py BROKERS TOPIC FILE… [--codec none|gzip|snappy|lz4|zstd] [--rate MESSAGES_PER_SECOND]

Keys are `key N` for the N-th line modulo 10, and there is a header `line`. The topic is made with a
partition for each file.
"""
import argparse
import itertools
import time

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic


def create(brokers, topic, partitions):
    admin = AdminClient({"bootstrap.servers": brokers, "log_level": 3})
    for future in admin.create_topics([NewTopic(topic, partitions, 1)]).values():
        future.result(30)


def produce(brokers, topic, records, codec="none", **settings):
    """Writes (partition, value, key, headers) tuples; returns how many."""
    producer = Producer({
        "bootstrap.servers": brokers, "compression.codec": codec, "linger.ms": 20,
        "queue.buffering.max.messages": 1_000_000, "enable.idempotence": True,
        "log_level": 3, **settings})
    failures = []

    def note(error, _):
        if error:
            failures.append(error)

    count = 0
    for partition, value, key, headers in records:
        while True:
            try:
                producer.produce(
                    topic, value, key, partition, headers=headers, on_delivery=note)
                break
            except BufferError:
                producer.poll(0.1)
        count += 1
        if count % 1000 == 0:
            producer.poll(0)
    producer.flush(60)
    if failures:
        raise RuntimeError(f"{len(failures)} messages were not taken: {failures[0]}")
    return count


def lines(files):
    """The lines of all files in turn, as messages."""
    opened = [open(file, "rb") for file in files]
    for number, rows in enumerate(itertools.zip_longest(*opened)):
        for partition, line in enumerate(rows):
            if line is not None:
                yield partition, line.rstrip(b"\n"), b"key %d" % (number % 10), {
                    "line": b"%d" % number}
    for file in opened:
        file.close()


def paced(records, rate):
    start = time.monotonic()
    for number, record in enumerate(records):
        if number % 100 == 0:
            time.sleep(max(0, start + number / rate - time.monotonic()))
        yield record


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("brokers")
    parser.add_argument("topic")
    parser.add_argument("files", nargs="+")
    parser.add_argument("--codec", default="none")
    parser.add_argument("--rate", type=float)
    options = parser.parse_args()
    create(options.brokers, options.topic, len(options.files))
    records = lines(options.files)
    if options.rate:
        records = paced(records, options.rate)
    count = produce(options.brokers, options.topic, records, options.codec)
    print(f"{count:,} messages in {options.topic}")


if __name__ == "__main__":
    main()
