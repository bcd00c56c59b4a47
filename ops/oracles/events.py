"""The benchmark events as NumPy columns, and which of them are late: independent of limno."""
import duckdb
import numpy as np

MINUTE = 60_000
OUT_OF_ORDERNESS = 10_000


def columns(path, *names):
    """Columns of a JSON lines file in file order; text as object arrays, missing as NaN or None."""
    types = {
        "event_time": "BIGINT", "user_id": "BIGINT", "country": "VARCHAR", "device": "VARCHAR",
        "company": "VARCHAR", "query": "VARCHAR", "fare": "DOUBLE", "distance": "DOUBLE",
        "tip": "DOUBLE", "age": "DOUBLE", "label": "DOUBLE", "score": "DOUBLE", "weight": "DOUBLE"}
    spec = ", ".join(f"{name}: '{types[name]}'" for name in names)
    connection = duckdb.connect()
    connection.execute("set threads = 1; set preserve_insertion_order = true")
    got = connection.execute(
        f"select * from read_json('{path}', format = 'newline_delimited', columns = {{{spec}}})"
    ).fetchnumpy()
    return [
        got[name].filled(np.nan) if got[name].dtype.kind == "f" and np.ma.isMaskedArray(got[name])
        else np.asarray(got[name]) for name in names]


def late(event_time):
    """Rows whose 1-minute window ends at or before the watermark of the rows before them."""
    greatest = np.maximum.accumulate(event_time)
    watermark = np.concatenate([[np.iinfo(np.int64).min], greatest[:-1] - OUT_OF_ORDERNESS])
    return (event_time // MINUTE + 1) * MINUTE <= watermark


def weighted_auc(group, score, positive, negative):
    """For groups 0…: (area under the ROC curve, ½ Σ pᵦ·nᵦ / (P·N)), ties half counted.

    `score` decides what is tied, so binned scores give the AUC of the bins, and the second value is
    then how far that can be from the exact one.
    """
    order = np.lexsort((score, group))
    group, score = group[order], score[order]
    starts = np.flatnonzero(np.r_[True, (np.diff(group) != 0) | (np.diff(score) != 0)])
    p, n = np.add.reduceat(positive[order], starts), np.add.reduceat(negative[order], starts)
    group = group[starts]
    below = np.cumsum(n) - n
    below -= below[np.searchsorted(group, group)]
    count = int(group[-1]) + 1
    sums = [np.bincount(group, weights=w, minlength=count) for w in (p, n, p * (below + n / 2), p * n)]
    with np.errstate(invalid="ignore", divide="ignore"):
        scale = sums[0] * sums[1]
        return sums[2] / scale, sums[3] / 2 / scale
