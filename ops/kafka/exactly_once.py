#!/usr/bin/env python3
"""Outputs to topics, exactly once, when brokers, networks and operators do what they should not.

    exactly_once.py LIMNO [--seed N] [--only NAME]

Topics are read back by a client that shares no code with librdkafka. Every check starts its own broker;
what the real one cannot do on demand (error codes, coordinators that move) a mock cluster does.
"""
import argparse
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

from confluent_kafka.admin import AdminClient, NewTopic

from broker import Broker
from end_to_end import Bench, numbers, same
from produce import create, produce
from proxy import Proxy
from reader import committed

JOB = """\
job: exact
source: {{ kafka: {{ brokers: "{brokers}", topic: in, format: jsonl{more} }} }}
schema: {{ n: timestamp_s }}
event_time: {{ column: n, late: drop }}
windows: {{ fixed: 10s }}
aggregate: {{ keys: [], values: {{ rows: count() }} }}
output: {{ snapshots: out, kafka: published }}
dead_letters: {{ topic: letters }}
checkpoint: {{ directory: state, every: {every} }}
"""
ROWS, POISON_EVERY = 2000, 100
WINDOWS = ROWS // 10
CANARY = "canary-c40e"


def values(first=0, count=ROWS):
    """Rows of one second each, every hundredth of them poison."""
    rows = numbers(count, first=first)
    for place in range(0, count, POISON_EVERY):
        rows[place] = (0, b"poison %d" % (first + place), None, None)
    return rows


def begin(bench, **settings):
    """The topics, the rows, the job."""
    create(bench.brokers, "in", 1)
    create(bench.brokers, "published", 1)
    create(bench.brokers, "letters", 1)
    produce(bench.brokers, "in", values())
    return job(bench, **settings)


def job(bench, brokers=None, more=", until: end", every="20ms", name="job.yaml", out="out"):
    text = JOB.format(brokers=brokers or bench.brokers, more=more, every=every)
    return bench.write(name, text.replace("snapshots: out", f"snapshots: {out}").replace(
        "directory: state", f"directory: {out}-state"))


def panes(bench):
    return [key.decode() for key, _, _ in committed(bench.brokers, "published")]


def check(bench, windows=WINDOWS, rows=ROWS):
    """Every window and every poison record is in its topic once."""
    found = panes(bench)
    same("windows", (len(found), len(set(found))), (windows, windows))
    found = sorted(value for _, value, _ in committed(bench.brokers, "letters"))
    same("letters", found, sorted(b"poison %d" % n for n in range(0, rows, POISON_EVERY)))


def wait_for(what, condition, seconds=60):
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            sys.exit(f"{what}: not after {seconds} s")
        time.sleep(0.1)


def end(process, status=0, seconds=60):
    output, _ = process.communicate(timeout=seconds)
    same(f"status\n{output}", process.returncode, status)
    return output


def check_start(bench):
    """A run goes on only where the topics and its checkpoints fit each other."""
    path = begin(bench)
    for name in ("out", "out-state"):
        shutil.rmtree(bench.folder / name, ignore_errors=True)
    bench.run(path)
    check(bench)
    bench.run(path)  # Nothing is left to do.
    check(bench)
    kept = bench.folder / "kept"
    kept.mkdir()
    for name in ("out", "out-state"):
        shutil.move(bench.folder / name, kept)
    refused = bench.run(path, status=1)
    if "has published" not in refused or "--fresh --force" not in refused:
        sys.exit(f"a lost state: {refused}")
    shutil.rmtree(bench.folder / "out", ignore_errors=True)
    shutil.rmtree(bench.folder / "out-state", ignore_errors=True)
    bench.run(path, "--fresh", "--force")
    same("windows of two runs", len(panes(bench)), 2 * WINDOWS)
    for name in ("out", "out-state"):
        shutil.rmtree(bench.folder / name)
        shutil.move(kept / name, bench.folder)
    refused = bench.run(path, status=1)
    if "is of run" not in refused:
        sys.exit(f"the state of the run before: {refused}")
    return "a lost state, one of another run: refused"


def check_owner(bench):
    """A second owner with another state is refused, and the first goes on."""
    path = begin(bench, more="", every="100ms")
    first = bench.start(path)
    wait_for("the first windows", lambda: len(panes(bench)) >= WINDOWS - 2)
    refused = bench.run(job(bench, name="second.yaml", out="second"), status=1)
    if "has published" not in refused:
        sys.exit(f"a second owner: {refused}")
    produce(bench.brokers, "in", values(ROWS))
    wait_for("what came after", lambda: len(panes(bench)) >= 2 * WINDOWS - 2)
    forced = bench.start(job(bench, name="third.yaml", out="third", more="", every="100ms"),
                         "--fresh", "--force")
    output = end(first, 1)
    if "one owner" not in output:
        sys.exit(f"a process that was replaced: {output}")
    forced.send_signal(signal.SIGTERM)
    end(forced)
    return "a second owner refused, a forced one ends the first"


def check_silence(bench):
    """Brokers that fall silent are waited for; a run that is stopped meanwhile loses nothing."""
    path = begin(bench, more="", every="100ms")
    pid = int((bench.broker.folder / "pid").read_text())
    process = bench.start(path)
    wait_for("the first windows", lambda: len(panes(bench)) >= WINDOWS - 2)
    os.kill(pid, signal.SIGSTOP)
    time.sleep(3)
    os.kill(pid, signal.SIGCONT)
    produce(bench.brokers, "in", values(ROWS))
    wait_for("what came after", lambda: len(panes(bench)) >= 2 * WINDOWS - 2)
    produce(bench.brokers, "in", values(2 * ROWS))
    os.kill(pid, signal.SIGSTOP)
    begun = time.monotonic()
    process.send_signal(signal.SIGTERM)
    end(process)
    seconds = time.monotonic() - begun
    os.kill(pid, signal.SIGCONT)
    process = bench.start(path)
    wait_for("the rest", lambda: len(panes(bench)) >= 3 * WINDOWS - 1)
    process.send_signal(signal.SIGTERM)
    end(process)
    check(bench, 3 * WINDOWS - 1, 3 * ROWS)  # The last window is open.
    return f"3 s of silence waited for; stopped during another in {seconds:.1f} s"


def check_lost_answers(bench):
    """Answers that are lost after the broker did what was asked make no record appear twice."""
    begin(bench)
    with Proxy(bench.brokers, loss=0.3, seed=bench.dice.randrange(1000)) as proxy:
        path = job(bench, brokers=proxy.address)
        kills = sum(bench.is_killed(path, 0.2, 2) for _ in range(8))
        bench.run(path)
        check(bench)
        return f"{proxy.lost} answers lost, {kills} kills"


def certificates(folder):
    """An authority, and a certificate for 127.0.0.1 and one for another host, by openssl."""
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    for name in ("ca", "other"):
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
                f"/CN=limno test {name}", "-keyout", f"{name}.key", "-out", f"{name}.pem")
    for name, host in (("good", "IP:127.0.0.1"), ("foreign", "DNS:elsewhere.example")):
        (folder / f"{name}.ext").write_text(f"subjectAltName={host}\n")
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-keyout",
                f"{name}.key", "-out", f"{name}.csr")
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
                "-CAcreateserial", "-days", "2", "-extfile", f"{name}.ext", "-out", f"{name}.pem")


def check_tls(bench):
    """Encrypted and logged in, a run is as any other; who the broker is, is verified; secrets stay."""
    begin(bench)
    certificates(bench.folder)
    shown = ""

    def run(proxy, authority="ca.pem", more="", status=0):
        nonlocal shown
        security = ("security: { protocol: sasl_ssl, mechanism: PLAIN, username: u, "
                    f"password: '${{env:KAFKA_PASSWORD}}', ca: {authority}{more} }}")
        path = job(bench, brokers=proxy.address, more=f", until: end, {security}")
        for command in ("validate", "run"):
            done = subprocess.run(
                [bench.limno, command, path], cwd=bench.folder, capture_output=True, text=True,
                env={**os.environ, "KAFKA_PASSWORD": CANARY}, check=False, timeout=120)
            shown += done.stdout + done.stderr
        same(f"status\n{done.stderr}", done.returncode, status)
        return done.stderr

    def certificate(name):
        return bench.folder / f"{name}.pem", bench.folder / f"{name}.key"

    with Proxy(bench.brokers, certificate("good")) as proxy:
        refused = run(proxy, authority="other.pem", status=1)
        if "certificate verify failed" not in refused:
            sys.exit(f"an unknown authority: {refused}")
        run(proxy)
        check(bench)
    with Proxy(bench.brokers, certificate("foreign")) as proxy:
        refused = run(proxy, status=1)
        if "certificate verify failed" not in refused and "mismatch" not in refused:
            sys.exit(f"another host: {refused}")
        run(proxy, more=", verify_host: false")
    for path in [bench.folder / "out", bench.folder / "out-state"]:
        for file in path.rglob("*"):
            if file.is_file() and CANARY.encode() in file.read_bytes():
                sys.exit(f"the password is in {file}")
    if CANARY in shown:
        sys.exit(f"the password is shown: {shown}")
    topics = [part for topic in ("published", "letters", "exact-commits")
              for record in committed(bench.brokers, topic) for part in record[:2]]
    if any(CANARY.encode() in part for part in topics):
        sys.exit("the password is in a topic")
    return f"TLS and PLAIN to the end; an unknown authority and another host refused; {len(shown)} " \
        "bytes of output, the state, the snapshots and the topics hold no secret"


def check_scram(bench):
    """A login by SCRAM-SHA-256, the broker's side of which is written down here; a wrong password ends."""
    begin(bench)
    certificates(bench.folder)
    certificate = bench.folder / "good.pem", bench.folder / "good.key"
    security = ("security: { protocol: sasl_ssl, mechanism: SCRAM-SHA-256, username: u, "
                "password: '${env:KAFKA_PASSWORD}', ca: ca.pem }")
    with Proxy(bench.brokers, certificate, users={"u": CANARY}) as proxy:
        path = job(bench, brokers=proxy.address, more=f", until: end, {security}")
        refused = bench.run(path, status=1, KAFKA_PASSWORD="guess")
        if "password is wrong" not in refused:
            sys.exit(f"a wrong password: {refused}")
        same("logins", proxy.logins, 0)
        output = bench.run(path, KAFKA_PASSWORD=CANARY)
        check(bench)
        told = watched(bench, job(bench, brokers=proxy.address, more=f", {security}", name="on.yaml",
                                  out="on"), "--fresh", "--force")
        if CANARY in output + told:
            sys.exit("the password is shown")
        return f"{proxy.logins} logins, a wrong password refused; {len(told)} bytes of status, " \
            "metrics and log hold no secret"


def watched(bench, path, *arguments):
    """All that a run without end tells over HTTP and in its log, until it is stopped."""
    log = bench.folder / "watched.log"
    with open(log, "w", encoding="utf-8") as file:
        process = subprocess.Popen(
            [bench.limno, "run", path, "--http", "127.0.0.1:0", "--log", "json", "--log-level", "debug",
             "--output", "json", *arguments], cwd=bench.folder, stdin=subprocess.DEVNULL,
            stdout=file, stderr=file, env={**os.environ, "KAFKA_PASSWORD": CANARY})
    published = len(panes(bench))

    def address():
        found = [json.loads(line).get("address") for line in log.read_text().splitlines()
                 if line.startswith("{") and line.endswith("}")]
        return next(filter(None, found), None)

    wait_for("an address", address)
    wait_for("windows", lambda: len(panes(bench)) >= published + WINDOWS - 2)
    told = ""
    for page in ("livez", "readyz", "status", "metrics"):
        with urllib.request.urlopen(f"{address()}/{page}", timeout=10) as answer:
            told += answer.read().decode()
    process.send_signal(signal.SIGTERM)
    same("status", process.wait(timeout=60), 0)
    return told + log.read_text()


def check_commits(bench):
    """A topic of commits that would lose the marker is refused."""
    path = begin(bench)
    admin = AdminClient({"bootstrap.servers": bench.brokers, "log_level": 3})
    for partitions, policy, words in [
            (1, "delete", "cleanup.policy=delete"), (3, "compact", "3 partitions")]:
        topic = NewTopic("exact-commits", partitions, 1, config={"cleanup.policy": policy})
        for future in admin.create_topics([topic]).values():
            future.result(30)
        refused = bench.run(path, status=1)
        if words not in refused or "cleanup.policy=compact" not in refused:
            sys.exit(f"commits with {policy}, {partitions} partitions: {refused}")
        for future in admin.delete_topics(["exact-commits"]).values():
            future.result(30)
    bench.run(path)
    check(bench)
    return "one that expires, one of 3 partitions; made anew it is taken"


def check_refusals(bench):
    """What cannot work is said before anything is read."""
    begin(bench)
    for timeout, status, words in [
            ("1000", 2, "must lie between"), ("3600000", 2, "must lie between")]:
        path = job(bench, more=f", until: end, properties: {{ transaction.timeout.ms: {timeout} }}")
        output = bench.run(path, status=status)
        if words not in output:
            sys.exit(f"a transaction of {timeout} ms: {output}")
    return "time-outs of 1 s and 1 h"


class Mock:
    """A mock cluster of librdkafka, for the length of a `with` block."""

    def __init__(self, folder):
        program = pathlib.Path(__file__).with_name("mock.c")
        flags = subprocess.run(["pkg-config", "--cflags", "--libs", "rdkafka"],
                               capture_output=True, text=True, check=True).stdout.split()
        subprocess.run(["cc", "-o", folder / "mock", program, *flags], check=True)
        self.path = folder / "mock"

    def __enter__(self):
        self.process = subprocess.Popen(
            [self.path, "3"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            stderr=subprocess.DEVNULL)
        self.address = self.process.stdout.readline().strip()
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def __call__(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        same(line, self.process.stdout.readline().strip(), "NO_ERROR")


# Requests and errors by their numbers in the protocol.
PRODUCE, FIND_COORDINATOR, INIT, OFFSETS, END = 0, 10, 22, 28, 26
FAULTS = {
    "not the leader": [f"fail {PRODUCE} 6 3"],
    "too few replicas": [f"fail {PRODUCE} 19 3"],
    "concurrent transactions": [f"fail {END} 51 3"],
    "the coordinator loads": [f"fail {END} 14 3", f"fail {INIT} 14 2"],
    "not the coordinator": [f"fail {END} 16 2", f"fail {OFFSETS} 16 2"],
    # It asks again as it is told that it asked the wrong one. Debian's librdkafka (2.0.2) asks three
    # times, and then once a connection to a broker comes or goes.
    "no coordinator yet": [f"fail {FIND_COORDINATOR} 15 2", f"fail {OFFSETS} 16 1"],
    "slow brokers": ["delay 1 300", "delay 2 300", "delay 3 300"],
    "a new leader": ["lead published 0 2", "lead exact-commits 0 3"],
    "a new coordinator": ["coordinate transaction limno-exact 2", "coordinate group limno-exact 3"],
    "a broker that is gone for 2 s": ["down 1", None, "up 1"],
    "fenced by the brokers": [f"fail {END} 47 1"],
    "a sequence out of order": [f"fail {PRODUCE} 45 1"],
}


def check_errors(bench):
    """Errors, slow and absent brokers, leaders and coordinators that move: the run goes on.

    The mock knows no transactions, so records are only read back where nothing was aborted.
    """
    repeated = {"fenced by the brokers", "a sequence out of order"}
    # Records refused, their marker written: on the mock it counts although it was aborted, and they
    # are missing. So only the run's own log tells that it goes on.
    aborted = {"a sequence out of order"}
    for name, lines in FAULTS.items():
        with Mock(bench.folder) as mock:
            bench.fresh()
            shutil.rmtree(bench.folder / "out-state", ignore_errors=True)
            for topic in ("in", "published", "letters", "exact-commits"):
                mock(f"topic {topic} 1")
            produce(mock.address, "in", values())
            path = job(bench, brokers=mock.address, more="", every="50ms")
            process = bench.start(path)
            log = bench.folder / "out/log.jsonl"
            wait_for("the first windows", lambda: log.exists() and len(
                log.read_text().splitlines()) >= WINDOWS - 2)
            # It stands while its input is produced: the fault must not be spent on that.
            process.send_signal(signal.SIGSTOP)
            produce(mock.address, "in", values(ROWS))
            for line in lines:
                if line:
                    mock(line)
                else:
                    time.sleep(2)
                process.send_signal(signal.SIGCONT)
            bench.mock = mock.address
            wait_for(f"{name}: what came after", lambda: len(
                log.read_text().splitlines() if name in aborted else
                {key for key, _ in records(mock.address, "published")}) >= 2 * WINDOWS - 2)
            process.send_signal(signal.SIGTERM)
            end(process)
            found = [key for key, _ in records(mock.address, "published")]
            if name not in repeated:
                same(f"{name}: windows", (len(found), len(set(found))),
                     (2 * WINDOWS - 1, 2 * WINDOWS - 1))
    return ", ".join(FAULTS)


def records(brokers, topic):
    """Records by kcat: the mock speaks too old a protocol for others."""
    done = subprocess.run(
        ["kcat", "-b", brokers, "-C", "-e", "-q", "-t", topic, "-p", "0", "-o", "beginning",
         "-f", "%k\t%o\n"], capture_output=True, text=True, check=False, timeout=60)
    return [tuple(line.split("\t")) for line in done.stdout.splitlines()]


CHECKS = [check_start, check_owner, check_silence, check_lost_answers, check_tls, check_scram,
          check_commits, check_refusals, check_errors]


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("limno", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("--only")
    options = parser.parse_args()
    print(f"seed {options.seed}")
    for one in CHECKS:
        if options.only and options.only not in one.__name__:
            continue
        with tempfile.TemporaryDirectory(prefix="limno-kafka-") as folder, Broker() as broker:
            begun = time.monotonic()
            bench = Bench(options.limno.resolve(), pathlib.Path("."), pathlib.Path(folder), broker,
                          random.Random(options.seed))
            bench.broker = broker
            done = one(bench)
            name = one.__name__.removeprefix("check_").replace("_", " ")
            print(f"exactly once: {name}: {done} ({time.monotonic() - begun:.1f} s)", flush=True)


if __name__ == "__main__":
    main()
