"""The fault harness over Kafka: a topic in; snapshots, transformed rows and dead letters out to topics.

Every sequence of runs is a job of its own, with topics of its own, on a broker that stays up. What is
in the topics is read by a client that shares no code with librdkafka, committed records only.
"""
import collections
import json
import pathlib
import sys

from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "kafka"))
from broker import Broker  # noqa: E402
from produce import create, lines, produce  # noqa: E402
from reader import committed  # noqa: E402

from run import CHECKPOINT, JOB, Harness  # noqa: E402

POINTS = ["begin", "produce", "mark", "offsets", "commit", "committing", "committed"]
# The broker keeps everything in memory.
SEQUENCES_A_BROKER = 30

SOURCE = '{{ kafka: {{ brokers: "{brokers}", topic: rides, format: jsonl, until: end }} }}'
TOPICS = """\
output: {{ snapshots: {out}, kafka: snapshots-{name} }}
dead_letters: {{ topic: letters-{name} }}
"""
APPLY = "\n  apply: {{ version: latest, output: {{ format: jsonl, kafka: rows-{name} }} }}"


def job(brokers, name, out):
    text = JOB.format(data="", suffix="jsonl")
    source, output = text.index("source:"), text.index("output:")
    text = text[:source] + "source: " + SOURCE.format(brokers=brokers) + text[
        text.index("\n", source):output] + TOPICS.format(name=name, out=out)
    text = text.replace("job: faults", f"job: {name}")
    # Pushed down to one pass, and applied to the windows after.
    at = text.index("evaluate:") - 1
    return text[:at] + APPLY.format(name=name) + text[at:]


class TopicHarness(Harness):
    """A run's outputs are its directory and its topics."""

    def __init__(self, limno, folder, dice, every):
        super().__init__(limno, folder, dice)
        self.every = every
        self.sequences = 0
        self.records = 0
        self.broker = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end_broker()

    def begin_broker(self):
        self.end_broker()
        self.broker = Broker().__enter__()
        create(self.broker.address, "rides", 2)
        files = sorted((self.folder / "data").iterdir())
        self.counts = [sum(1 for _ in open(file, "rb")) for file in files]
        produce(self.broker.address, "rides", lines(files))

    def end_broker(self):
        if self.broker:
            self.broker.__exit__()
            self.broker = None

    def undisturbed(self):
        """The same job without checkpoints, left alone."""
        self.begin_broker()
        self.make_topics(["plain"])
        self.write("plain.yaml", "plain", "expected", checkpoint=False)
        self.finish("plain.yaml", "undisturbed")
        self.expected = self.topics(("rows", "letters"))
        if not self.expected["rows"] or not self.expected["letters"]:
            sys.exit("an undisturbed run has transformed no rows, or found no bad ones")

    def make_topics(self, names):
        admin = AdminClient({"bootstrap.servers": self.broker.address, "log_level": 3})
        topics = [NewTopic(f"{kind}-{name}", 1, 1) for name in names
                  for kind in ("snapshots", "rows", "letters")]
        for future in admin.create_topics(topics).values():
            future.result(60)

    def write(self, path, name, out, checkpoint=True):
        text = job(self.broker.address, name, out)
        if checkpoint:
            text += CHECKPOINT.format(every=self.every)
        (self.folder / path).write_text(text)
        self.name = name

    def fresh(self):
        super().fresh()
        number = self.sequences % SEQUENCES_A_BROKER
        self.sequences += 1
        if number == 0:
            if self.sequences > 1:
                self.begin_broker()
            self.make_topics([
                f"faults-{self.sequences + more}" for more in range(SEQUENCES_A_BROKER)])
        self.write("job.yaml", f"faults-{self.sequences}", "out")

    def topics(self, kinds):
        return {kind: committed(self.broker.address, f"{kind}-{self.name}") for kind in kinds}

    def positions(self):
        """The positions that the group of the job has: offsets by partition."""
        consumer = Consumer({
            "bootstrap.servers": self.broker.address, "group.id": f"limno-{self.name}",
            "log_level": 3})
        partitions = [TopicPartition("rides", number) for number in range(len(self.counts))]
        found = [one.offset for one in consumer.committed(partitions, timeout=30)]
        consumer.close()
        return found

    def faults_of_topics(self):
        faults = []
        found = self.topics(("snapshots", "rows", "letters"))
        self.records += sum(map(len, found.values()))
        for kind in ("rows", "letters"):
            if kind == "rows":  # in order, as there is one partition
                same = [one[1] for one in found[kind]] == [one[1] for one in self.expected[kind]]
            else:
                same = sorted(found[kind]) == sorted(self.expected[kind])
            if not same:
                there = collections.Counter(one[1] for one in found[kind])
                there.subtract(collections.Counter(one[1] for one in self.expected[kind]))
                wrong = {value: count for value, count in there.items() if count}
                faults.append(
                    f"{kind}: {len(found[kind])} records, not {len(self.expected[kind])}; "
                    f"{len(wrong)} values are not as often there as they should, or in other order: "
                    f"{list(wrong.items())[:3]}")
        told = [json.loads(value)["manifest"]["payload_sha256"] for _, value, _ in found["snapshots"]]
        logged = [line["payload_sha256"] for line in self.published("out")]
        if told != logged:
            faults.append(f"snapshots: {len(told)} records, {len(logged)} publications, or another order")
        keys = collections.Counter(key for key, _, _ in found["snapshots"])
        doubled = [key for key, count in keys.items() if count > 1]
        if doubled:
            faults.append(f"snapshots: twice in the topic: {doubled[:3]}")
        if self.positions() != self.counts:
            faults.append(f"the group stands at {self.positions()}, not at {self.counts}")
        return faults

    def faults_here(self):
        return super().faults_here() + self.faults_of_topics()

    def letters(self, out):
        return []  # They are in the topic.
