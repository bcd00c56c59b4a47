"""W3 by Quix Streams: python p_quix.py BROKERS COUNT; keys of messages are the companies."""
import datetime
import sys
import tempfile
import uuid

from quixstreams import Application
from quixstreams.dataframe.windows import Count, Sum

brokers, count = sys.argv[1], int(sys.argv[2])
processed = rows = 0


def note(*_):
    global processed
    processed += 1
    if processed == count:
        app.stop()


def taken(row):
    global rows
    rows += row["n"]


with tempfile.TemporaryDirectory() as state:
    app = Application(
        brokers, consumer_group=f"quix-{uuid.uuid4()}", auto_offset_reset="earliest", state_dir=state,
        use_changelog_topics=False, auto_create_topics=False, loglevel="ERROR",
        on_message_processed=note,
        consumer_extra_config={"receive.message.max.bytes": 2_000_000_000, "check.crcs": False})
    topic = app.topic("events", key_deserializer="str",
                      timestamp_extractor=lambda value, *_: value["event_time"])
    windows = app.dataframe(topic).tumbling_window(
        datetime.timedelta(minutes=1), grace_ms=datetime.timedelta(seconds=10))
    windows.agg(n=Count(), total=Sum("fare")).final().update(taken)
    app.run()
    print(f"{processed} messages, {rows} rows in windows that are closed")
