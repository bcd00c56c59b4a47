"""Sums, means and variances of doubles as exact rational numbers."""
import math
from fractions import Fraction

import numpy as np


def moments(values):
    """(Σx, mean, population variance) of finite doubles, exact; None, None when there are none."""
    # A double is an integer over a power of two; sums are kept for each power.
    sums, squares = {}, {}
    for value, count in zip(*(array.tolist() for array in np.unique(values, return_counts=True))):
        numerator, denominator = value.as_integer_ratio()
        power = denominator.bit_length() - 1
        sums[power] = sums.get(power, 0) + count * numerator
        squares[power] = squares.get(power, 0) + count * numerator * numerator
    total = sum((Fraction(value, 1 << power) for power, value in sums.items()), Fraction())
    square = sum((Fraction(value, 1 << 2 * power) for power, value in squares.items()), Fraction())
    if not len(values):
        return total, None, None
    mean = total / len(values)
    return total, mean, square / len(values) - mean * mean


def ulps(value, exact):
    """The distance of `value` from a rational number, in units in the last place of that number."""
    if exact is None:
        return 0.0 if math.isnan(value) else math.inf
    if not math.isfinite(value):
        return 0.0 if abs(exact) > Fraction(1.7976931348623157e308) else math.inf
    try:
        nearest = float(exact)
    except OverflowError:
        return math.inf
    return float(abs(Fraction(value) - exact) / Fraction(math.ulp(nearest)))
