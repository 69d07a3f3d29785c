# SPDX-License-Identifier: Apache-2.0
"""What may be said of a handful of measurements.

Medians, because one bad moment of the machine must not move the figure;
intervals by the bootstrap (Efron 1979), because times are not normally
distributed; ratios round by round, because what disturbs a round disturbs all
its contenders. Outliers are counted and shown, never removed."""
import math
import random
import statistics

RESAMPLES = 1000


def quantile(values, share):
    """Linear between neighbours, as R's type 7."""
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    low = math.floor(place)
    high = math.ceil(place)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def interval(values, confidence=0.95, seed=1):
    """Of the median, by the percentile bootstrap. The same values always give
    the same interval: the report of a file must not change when made again."""
    if len(values) < 2:
        return [values[0], values[0]] if values else None
    source = random.Random(seed)
    medians = [statistics.median(source.choices(values, k=len(values))) for _ in range(RESAMPLES)]
    rest = (1 - confidence) / 2
    return [quantile(medians, rest), quantile(medians, 1 - rest)]


def outliers(values):
    """Beyond Tukey's far fences, 3 times the distance of the quartiles."""
    if len(values) < 4:
        return []
    first, third = quantile(values, 0.25), quantile(values, 0.75)
    reach = 3 * (third - first)
    return [value for value in values if value < first - reach or value > third + reach]


def summary(values):
    return {"median": statistics.median(values), "interval": interval(values), "rounds": len(values),
            "least": min(values), "most": max(values), "outliers": outliers(values)}


def ratios(ours, other, better):
    """How many times better ours is, in each round: above 1 is in our favour."""
    if better not in ("less", "more"):
        raise ValueError(f"better is less or more, not {better}")
    if len(ours) != len(other):
        raise ValueError(f"{len(ours)} rounds against {len(other)}")
    pairs = [(b, a) if better == "less" else (a, b) for a, b in zip(ours, other)]
    return [up / max(down, 1e-12) for up, down in pairs]


def ratio(ours, other, better):
    return summary(ratios(ours, other, better))


def exponent(points):
    """How a cost grows: the k of cost = c * n^k between the last two numbers of
    a curve, the slope where log axes show it. 0: not at all, 1: in proportion."""
    ordered = sorted((n, cost) for n, cost in points if n > 0)
    if len(ordered) < 2:
        return None
    (n1, cost1), (n2, cost2) = ordered[-2:]
    if cost1 <= 0 or cost2 <= 0:
        return None
    return math.log(cost2 / cost1) / math.log(n2 / n1)


def spread(values):
    """Of a control loop that always does the same work: how much longer the
    slow tenth took than the fast tenth, as a share."""
    return quantile(values, 0.9) / max(quantile(values, 0.1), 1e-12) - 1


def worse(before, after):
    """Whether a ratio is lost beyond noise: its interval lies wholly below the
    former one. Of two summaries."""
    return after["interval"][1] < before["interval"][0]
