#!/usr/bin/env python3
"""A Kafka broker on loopback for tests and examples, from the package noida-db.

    broker.py start DIR     starts one, prints its address; DIR holds its log and its process id
    broker.py stop DIR      ends it and removes DIR

It keeps its records in memory, so it is ended hard: asked nicely it writes them all down first.
"""
import importlib.util
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time


def executable():
    """The broker itself; the script of the package is a wrapper that would leave it behind."""
    path = pathlib.Path(importlib.util.find_spec("noida_db").origin).parent / "noida-db"
    path.chmod(0o755)
    return path


def start(folder):
    """Starts a broker on a free port; returns its address."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True)
    log = folder / "log"
    with open(log, "wb") as output:
        process = subprocess.Popen(
            [executable(), "start", "--only", "kafka", "--kafka-port", "0", "--data-dir", folder],
            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            start_new_session=True)
    (folder / "pid").write_text(str(process.pid))
    for _ in range(200):
        found = re.search(r"kafka\s+(127\.0\.0\.1:\d+)", log.read_text(errors="replace"))
        if found:
            return found[1]
        if process.poll() is not None:
            break
        time.sleep(0.05)
    stop_process(process.pid)
    sys.exit(f"the broker did not start:\n{log.read_text(errors='replace')}")


def stop_process(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def stop(folder):
    folder = pathlib.Path(folder)
    stop_process(int((folder / "pid").read_text()))
    shutil.rmtree(folder, ignore_errors=True)


class Broker:
    """A broker for the length of a `with` block."""

    def __enter__(self):
        base = "/dev/shm" if os.path.isdir("/dev/shm") else None
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="limno-kafka-", dir=base)) / "broker"
        self.address = start(self.folder)
        return self

    def __exit__(self, *_):
        stop(self.folder)
        shutil.rmtree(self.folder.parent, ignore_errors=True)


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in ("start", "stop"):
        sys.exit(__doc__)
    if sys.argv[1] == "start":
        print(start(sys.argv[2]))
    else:
        stop(sys.argv[2])
