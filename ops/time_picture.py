#!/usr/bin/env python3
"""Draws windows, watermark and panes of a real run: ops/time_picture.py LIMNO OUT.svg

Makes a file whose rows come out of order, runs a job over it, and reads what it published: panes from
the manifests, late rows from the side output. Needs nothing but Python.
"""
import json
import pathlib
import random
import subprocess
import sys
import tempfile

ROWS, STEP, BOUND, LATENESS, WINDOW = 1600, 0.25, 12, 30, 60
START = 1_788_220_800
# Rows are padded, so that the file is read in many chunks and panes fire between them.
PADDING = 12_000
JOB = """job: picture
source: { files: { paths: [PATH], format: jsonl } }
schema: { at: timestamp_ms, n: int }
event_time: { column: at, max_out_of_orderness: 12s, late: side_output }
windows: { fixed: 1m, allowed_lateness: 30s, accumulation: retracting, trigger: {
  after_watermark: { early: { after_count: 90 }, late: { after_count: 1 } } } }
aggregate: { values: { rows: count() } }
output: { snapshots: out }
"""


def make_rows():
    """Event times in seconds since the start, in order of arrival."""
    generator = random.Random(7)
    rows = []
    for index in range(ROWS):
        delay = abs(generator.gauss(0, 4))
        if generator.random() < 0.03:
            delay = generator.uniform(10, 110)
        rows.append(max(0.0, index * STEP - delay))
    return rows


def run(limno, folder, rows):
    path = folder / "rows.jsonl"
    with open(path, "w") as file:
        for number, at in enumerate(rows):
            line = {"at": int((START + at) * 1000), "n": number, "pad": "x" * PADDING}
            file.write(json.dumps(line) + "\n")
    (folder / "job.yaml").write_text(JOB.replace("PATH", str(path)))
    subprocess.run(
        [limno, "run", "job.yaml", "--workers", "1", "--quiet", "--out", "out"],
        cwd=folder, check=True)
    size = path.stat().st_size / len(rows)
    panes = []
    for manifest in sorted(folder.glob("out/aggregate/*/*/manifest.json")):
        value = json.loads(manifest.read_text())
        rows_file = json.loads((manifest.parent / "rows.jsonl").read_text())
        panes.append({
            "window": (value["window"]["start_us"] / 1e6 - START) / WINDOW,
            "timing": value["pane"]["timing"], "index": value["pane"]["index"],
            "row": value["splits"][0]["offset"] / size, "count": rows_file["rows"]})
    late = []
    side = folder / "out/late_rows/late_rows.jsonl"
    if side.exists():
        late = [json.loads(json.loads(line)["text"])["n"] for line in side.read_text().splitlines()]
    return panes, set(late)


def draw(rows, panes, late):
    width, height, left, top, bottom = 900, 470, 62, 34, 64
    last = max(rows)
    windows = int(last // WINDOW) + 1
    def x(row):
        return left + (width - left - 16) * row / ROWS
    def y(at):
        return height - bottom - (height - top - bottom) * at / (windows * WINDOW)
    colors = {"early": "#7fa8d1", "on_time": "#1f5f99", "late": "#d98200"}
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        'font-family="system-ui, sans-serif" font-size="12">',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>']
    for window in range(windows):
        y0, y1 = y((window + 1) * WINDOW), y(window * WINDOW)
        fill = "#f4f6f8" if window % 2 == 0 else "#ffffff"
        out.append(
            f'<rect x="{left}" y="{y0:.1f}" width="{width - left - 16}" height="{y1 - y0:.1f}" '
            f'fill="{fill}"/>')
        out.append(
            f'<text x="{left - 8}" y="{y1:.1f}" text-anchor="end" fill="#667">'
            f'00:{window:02d}</text>')
    greatest, points, dots = None, [], []
    for number, at in enumerate(rows):
        watermark = None if greatest is None else greatest - BOUND
        end = (at // WINDOW + 1) * WINDOW
        is_behind = watermark is not None and watermark >= end
        greatest = at if greatest is None else max(greatest, at)
        points.append((number, max(0, greatest - BOUND)))
        if number in late:
            fill, radius = "#c62828", 2.6
        elif is_behind:
            fill, radius = colors["late"], 2.6
        else:
            dots.append(f"M{x(number):.0f} {y(at):.0f}h0")
            continue
        out.append(f'<circle cx="{x(number):.1f}" cy="{y(at):.1f}" r="{radius}" fill="{fill}"/>')
    out.append(
        f'<path d="{"".join(dots)}" stroke="#9aa5b1" stroke-width="2.4" stroke-linecap="round"/>')
    path = " ".join(f"{x(row):.1f},{y(at):.1f}" for row, at in points[::8])
    out.append(f'<polyline points="{path}" fill="none" stroke="#2e7d32" stroke-width="1.6"/>')
    for pane in panes:
        cx, cy = x(pane["row"]), y((pane["window"] + 0.5) * WINDOW)
        color = colors[pane["timing"]]
        out.append(
            f'<path d="M{cx:.1f} {cy - 11:.1f} l7 11 l-7 11 l-7 -11 z" fill="{color}" '
            'stroke="#ffffff"><title>'
            f'pane {pane["index"]}, {pane["timing"]}: {pane["count"]} rows</title></path>')
    legend = [
        ("#9aa5b1", "row"), (colors["late"], "row behind the watermark: in a late pane"),
        ("#c62828", "late row: side output"), ("#2e7d32", "watermark"),
        (colors["early"], "early pane"), (colors["on_time"], "on-time pane"),
        (colors["late"], "late pane")]
    at = left
    for index, (color, text) in enumerate(legend):
        shape = (
            f'<path d="M{at + 5} {height - 24} l5 7 l-5 7 l-5 -7 z" fill="{color}"/>'
            if index > 3 else f'<circle cx="{at + 5}" cy="{height - 17}" r="4" fill="{color}"/>')
        out += [shape, f'<text x="{at + 14}" y="{height - 13}" fill="#333">{text}</text>']
        at += 30 + 6.1 * len(text)
    out.append(
        f'<text x="{left}" y="20" fill="#333">event time, by row read; windows of 1 minute, '
        f'{BOUND} s of disorder allowed, {LATENESS} s of lateness</text>')
    out.append(
        f'<text x="{width - 16}" y="{height - 44}" text-anchor="end" fill="#667">rows read →</text>')
    return "\n".join(out + ["</svg>", ""])


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    limno, target = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
    rows = make_rows()
    with tempfile.TemporaryDirectory() as folder:
        panes, late = run(limno, pathlib.Path(folder), rows)
    target.write_text(draw(rows, panes, late))
    counts = {t: sum(p["timing"] == t for p in panes) for t in ("early", "on_time", "late")}
    print(f"{target}: {len(rows)} rows, {len(late)} late, panes {counts}")


main()
