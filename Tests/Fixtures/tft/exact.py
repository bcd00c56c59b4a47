#!/usr/bin/env python3
"""Exact values of what TFT computes in float32 or batch by batch: exact.json of Tests/Fixtures/tft.

Reads rows10k.tsv of that folder; fractions for moments, sums over z for the Tukey HH distribution,
numpy's eigh for the directions. Run in the folder: python3 exact.py
"""
import json, math
from fractions import Fraction as F
import numpy as np

lines = open("rows10k.tsv").read().split("\n")
head = lines[0].split("\t")
rows = [dict(zip(head, l.split("\t"))) for l in lines[1:] if l]
f32 = lambda t: float(np.float32(t))
col = lambda n: [f32(r[n]) if r[n] not in ("",) else None for r in rows]
fare, miles, tip, temp = col("fare"), col("trip_miles"), col("tip"), col("temperature")
pax = [float(r["passengers"]) for r in rows]
weight, label, zone = col("weight"), [r["label"] for r in rows], [r["zone"] for r in rows]

def moments(values):
    values = [F(v) for v in values if v is not None and v == v]
    n = len(values); m = sum(values) / n
    return m, sum(v * v for v in values) / n - m * m
def pair(values): m, v = moments(values); return [float(m), float(v)]

out = {"fare": pair(fare), "miles": pair(miles), "tip": pair(tip)}
tip_mean = out["tip"][0]
imputed = [tip_mean if t is None or t != t else t for t in tip]
m = [fare, temp, pax, imputed]
out["imputed"] = pair(imputed)
out["elementwise"] = [pair(c) for c in m]
out["all"] = pair([v for c in m for v in c])
out["zones"] = {z: pair([x for x, k in zip(fare, zone) if k == z]) for z in sorted(set(zone))}
n = len(rows)
ms = [moments(c)[0] for c in m]
cov = [[sum(F(a) * F(b) for a, b in zip(x, y)) / n - mx * my for y, my in zip(m, ms)] for x, mx in zip(m, ms)]
out["covariance"] = [float(v) for r in cov for v in r]
w, v = np.linalg.eigh(np.array(out["covariance"]).reshape(4, 4))
out["pca"] = v[:, ::-1][:, :2].ravel().tolist()

# Tukey: sample L-moments by their definition, the distribution's by the trapezoidal rule in z.
x = sorted(F(v) for v in fare)
b = [sum(F(math.comb(i, r), math.comb(n - 1, r)) * v for i, v in enumerate(x)) / n for r in range(4)]
l1, l2, l3, l4 = (float(t) for t in (b[0], 2*b[1]-b[0], 6*b[2]-6*b[1]+b[0], 20*b[3]-30*b[2]+12*b[1]-b[0]))
z = np.linspace(-40, 40, 400001)
phi = np.exp(-z * z / 2) / math.sqrt(2 * math.pi)
s = np.array([math.erf(t / math.sqrt(2)) for t in z])
P = [np.ones_like(s), s, (3 * s * s - 1) / 2, (5 * s ** 3 - 3 * s) / 2]
def lm(hl, hr):
    h = np.where(z < 0, hl, hr)
    g = z * np.exp((h - 1) * z * z / 2) / math.sqrt(2 * math.pi)
    return [float(np.sum(g * p) * (z[1] - z[0])) for p in P]
def bisect(lo, hi, f):
    for _ in range(60):
        mid = (lo + hi) / 2
        if f(mid) < 0: lo = mid
        else: hi = mid
    return (lo + hi) / 2
kurt = lambda hl, hr: (lambda q: q[3] / q[1])(lm(hl, hr)) - l4 / l2
skew = lambda hl, hr: (lambda q: q[2] / q[1])(lm(hl, hr)) - l3 / l2
right = lambda hl: bisect(hl, 0.9, lambda h: kurt(hl, h))
assert l3 > 0
hl = 0.0 if skew(0, right(0)) < 0 else bisect(0, right(0), lambda h: -skew(h, right(h)))
hr = right(hl); q = lm(hl, hr); scale = l2 / q[1]
out["tukey"] = {"location": l1 - scale * q[0], "scale": scale, "h_params": [hl, hr]}

# Mutual information by its definition.
def information(ws, adjusted=False, least=None):
    N = math.fsum(ws); Y = {}; X = {}; C = {}
    for t, y, wt in zip(zone, label, ws):
        Y[y] = Y.get(y, 0) + wt; X[t] = X.get(t, 0) + wt; C[t, y] = C.get((t, y), 0) + wt
    if least is None: least = min(max(2 + (N - 1e4) / (1e6 - 1e4) * 23, 2), 25)
    res = {}
    for t in X:
        total = 0.0
        for y in Y:
            c = min(max(C.get((t, y), 0) / X[t], 1e-6), 1 - 1e-6) * X[t]
            if abs(X[t] * Y[y] / N - c) < least: continue
            total += c * math.log2(c * N / (X[t] * Y[y]))
            if adjusted:
                xi, yj, nn = int(X[t]), int(Y[y]), int(N)
                total -= float(sum(F(math.comb(yj, k) * math.comb(nn - yj, xi - k), math.comb(nn, xi)) * F(k * math.log2(k * nn / (xi * yj)))
                             for k in range(max(1, xi + yj - nn), min(xi, yj) + 1)))
        res[t] = total
    return res
one = [1.0] * n
out["information"] = {"zone_mi": information(one), "zone_ami": information(one, True), "zone_mi_weighted": information(weight)}
json.dump(out, open("exact.json", "w"), indent=0, sort_keys=True)
print(out["tukey"], out["pca"])
