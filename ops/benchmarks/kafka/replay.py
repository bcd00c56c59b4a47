"""The programs of this folder, compiled when they are not up to date, and the broker for a `with` block."""
import pathlib
import shutil
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parents[2]
TOPIC = "events"


def compiled(name, *libraries):
    """The path of the program made from `name`.c."""
    source, program = HERE / f"{name}.c", TOP / ".bench" / name
    program.parent.mkdir(exist_ok=True)
    if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
        compiler = shutil.which("cc") or shutil.which("clang")
        subprocess.run(
            [compiler, "-O2", "-Wall", "-Wextra", "-Werror", "-o", program, source, *libraries],
            check=True)
    return program


class Replay:
    """A topic `events` that holds the lines of a file."""

    def __init__(self, file, partitions):
        self.command = [compiled("replay", "-lpthread"), file, TOPIC, str(partitions)]

    def __enter__(self):
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.address = self.process.stdout.readline().strip()
        if not self.address:
            raise RuntimeError(f"the replay broker ended with {self.process.wait()}")
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()
