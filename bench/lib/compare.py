# SPDX-License-Identifier: Apache-2.0
"""Two results beside each other. Absolute times are not compared, as the two
may be of different machines: what is compared are ratios, which were made
within each run."""
from . import figure, stats


def ratios_of(results):
    """{"section/figure against other": summary of the ratio}"""
    found = {}
    for section, measured in results["sections"].items():
        for fig in measured["figures"]:
            for other in fig.get("samples", {}):
                about = figure.ratio(fig, other) if other != "floor" else None
                if about is not None:
                    found[f"{section}/{fig['name']} against {other}"] = about
    return found


def verdict(before, after, loss):
    """"lost": the whole interval of the ratio is below the former one, and it
    has fallen by more than the share `loss`. "gained" the other way round."""
    if stats.worse(before, after) and after["median"] < before["median"] * (1 - loss):
        return "lost"
    if stats.worse(after, before) and before["median"] < after["median"] * (1 - loss):
        return "gained"
    return "the same"


def compare(before, after, loss):
    """Rows of what both have: name, ratio before and after, verdict."""
    return [(name, old, after[name], verdict(old, after[name], loss)) for name, old in before.items() if name in after]


def missing(before, after, sections):
    """What was measured before and is no more, though its section was."""
    return [name for name in before if name not in after and name.split("/")[0] in sections]


def as_text(rows):
    def of(about):
        low, high = about["interval"]
        return f"{about['median']:8.2f} ({low:.2f} to {high:.2f})"
    lines = [f"{name:48} {of(old):32} {of(new):32} {word}" for name, old, new, word in rows]
    return "\n".join([f"{'how many times better docker-cpp is':48} {'before':32} {'after':32}", *lines])
