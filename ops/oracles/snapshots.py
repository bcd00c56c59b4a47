"""Reads what limno publishes: the last pane of every window, and its ledger."""
import datetime
import json
import pathlib
import sys


def window_start(name):
    """Milliseconds since the epoch of a window's directory name; None for the global window."""
    if name == "global":
        return None
    start = datetime.datetime.fromisoformat(name.split("--")[0].replace("Z", "+00:00"))
    return round(start.timestamp() * 1000)


def last_panes(out, kind):
    """(window start, directory) of every window's last pane under OUT/kind, in order of time."""
    panes = {}
    for manifest in pathlib.Path(out, kind).rglob("manifest.json"):
        pane = manifest.parent
        best = panes.get(pane.parent)
        if best is None or int(pane.name) > int(best.name):
            panes[pane.parent] = pane
    if not panes:
        sys.exit(f"{out}: no {kind} snapshot there")
    found = [(window_start(window.name), pane) for window, pane in panes.items()]
    return sorted(found, key=lambda item: (item[0] or 0, item[1]))


def lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def number(value):
    """A JSON value of ours as a float; NaN and infinities are written as text."""
    return float("nan") if value is None else float(value)


def manifest(pane):
    return json.loads((pane / "manifest.json").read_text(encoding="utf-8"))


def ledger_total(out, kind, fate):
    """Rows of `fate` over all splits, by the fullest ledger that a snapshot carries.

    A manifest's `ledger` is the total over its `splits`, and balances.
    """
    best = {"read": -1}
    for _, pane in last_panes(out, kind):
        found = manifest(pane)
        ledger = found["ledger"]
        for name, rows in ledger.items():
            if rows != sum(split["ledger"].get(name, 0) for split in found["splits"]):
                sys.exit(f"{pane}: the ledger's {name} is not the sum over the splits")
        if ledger["read"] != sum(rows for name, rows in ledger.items() if name != "read"):
            sys.exit(f"{pane}: the books do not balance: {ledger}")
        if ledger["read"] > best["read"]:
            best = ledger
    return best[fate]


def rank_error(pane, name):
    """The rank error that the manifest of `pane` publishes for the value `name`; 0 without one.

    A line of `approximations` is `<value name>: rank error ≤ <number>`.
    """
    prefix = f"{name}: rank error ≤ "
    return max((float(line.removeprefix(prefix)) for line in manifest(pane)["approximations"]
                if line.startswith(prefix)), default=0.0)


class Check:
    """Collects what differs, prints the first few of each kind, and ends the program."""

    def __init__(self, name):
        self.name, self.done, self.broken, self.shown = name, 0, 0, {}

    def that(self, holds, kind, detail):
        self.done += 1
        if not holds:
            self.broken += 1
            self.shown[kind] = self.shown.get(kind, 0) + 1
            if self.shown[kind] <= 5:
                print(f"{self.name}: {kind}: {detail}")

    def equal(self, got, want, kind, where=""):
        self.that(got == want, kind, f"{where} is {got}, expected {want}")

    def close(self, got, want, tolerance, kind, where=""):
        """Equal to within `tolerance`, absolute; NaN equals NaN only."""
        same = got != got if want != want else abs(got - want) <= tolerance
        self.that(same, kind, f"{where} is {got!r}, expected {want!r} ± {tolerance:.3g}")

    def finish(self):
        print(f"{self.name}: {self.done} comparisons, {self.broken} differ")
        sys.exit(1 if self.broken or not self.done else 0)
