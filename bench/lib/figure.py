# SPDX-License-Identifier: Apache-2.0
"""What a section makes: figures. A figure has all its rounds, of every
contender; medians and ratios are made from them when a report is."""
from . import stats

OURS = ("docker-cpp", "docker-cpp-runtime")


def figure(name, title, unit, samples, better="less", method="", left_out=None, against=None):
    """`samples`: {contender: [value of each round]}. The rounds of contenders
    that took turns belong together, in order."""
    return {"name": name, "title": title, "unit": unit, "better": better, "samples": samples, "method": method,
            "left_out": left_out or {}, "against": against or first_other(samples)}


def curve(name, title, unit, axis, points, better="less", method="", left_out=None):
    """How a figure grows: {contender: {number: [value of each round]}}."""
    return {"name": name, "title": title, "unit": unit, "better": better, "axis": axis, "method": method,
            "curve": {who: {str(n): values for n, values in sorted(line.items())} for who, line in points.items()},
            "left_out": left_out or {}}


def first_other(samples):
    return next((name for name in samples if name not in OURS and name != "floor"), None)


def ours_of(samples):
    return next((name for name in OURS if name in samples), None)


def summaries(fig):
    return {name: stats.summary(values) for name, values in fig["samples"].items() if values}


def ratio(fig, other=None):
    """Ours against the other contender, or None if one is missing."""
    other = other or fig["against"]
    ours, samples = ours_of(fig["samples"]), fig["samples"]
    if ours is None or other not in samples or other == ours or not samples[ours] or not samples[other]:
        return None
    rounds = min(len(samples[ours]), len(samples[other]))
    return stats.ratio(samples[ours][:rounds], samples[other][:rounds], fig["better"])


def lines(fig):
    """Of a curve: {contender: [(n, median, interval)]}"""
    return {who: [(int(n), stats.quantile(values, 0.5), stats.interval(values)) for n, values in line.items() if values]
            for who, line in fig["curve"].items()}


def growth(fig):
    """{contender: exponent of its cost at the curve's end}"""
    return {who: stats.exponent([(n, median) for n, median, _ in line]) for who, line in lines(fig).items()}
