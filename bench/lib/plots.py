# SPDX-License-Identifier: Apache-2.0
"""Figures as SVG, by matplotlib: every round is a dot, the median a line, its
interval a bar. Growth is on log axes."""
import io
import os
import random
import tempfile

from . import figure, stats

os.environ.setdefault("MPLCONFIGDIR", tempfile.gettempdir())

COLOURS = {"docker-cpp": "#1f5fbf", "docker-cpp-runtime": "#1f5fbf", "docker": "#c8501e", "podman": "#7a3fa0",
           "crun": "#2e8b57", "runc": "#b8860b", "floor": "#555555"}
WIDTH = 7.2


def prepare():
    import matplotlib
    matplotlib.use("svg")
    matplotlib.rcParams.update({"svg.fonttype": "none", "font.family": "sans-serif", "font.size": 9,
                                "axes.spines.top": False, "axes.spines.right": False})
    from matplotlib import pyplot
    return matplotlib, pyplot


def svg(matplotlib, pyplot, drawing, name):
    # The same data must give the same file.
    matplotlib.rcParams["svg.hashsalt"] = name
    out = io.StringIO()
    drawing.savefig(out, format="svg", metadata={"Date": None}, bbox_inches="tight")
    pyplot.close(drawing)
    text = out.getvalue()
    return text[text.index("<svg"):]


def plain(axis):
    """1000, not 10^3."""
    from matplotlib.ticker import FuncFormatter, NullFormatter
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def wide(values):
    """Whether they need a log axis."""
    return min(values) > 0 and max(values) > 5 * min(values)


def dots(fig):
    """One row per contender."""
    matplotlib, pyplot = prepare()
    names = [name for name, values in fig["samples"].items() if values]
    drawing, axes = pyplot.subplots(figsize=(WIDTH, 0.5 + 0.42 * len(names)))
    source = random.Random(1)
    for row, name in enumerate(reversed(names)):
        values, colour = fig["samples"][name], COLOURS.get(name, "#333333")
        about = stats.summary(values)
        axes.plot(values, [row + source.uniform(-0.16, 0.16) for _ in values], "o", ms=3, alpha=0.45, color=colour,
                  mew=0)
        axes.plot(about["interval"], [row, row], "-", lw=5, alpha=0.35, color=colour, solid_capstyle="butt")
        axes.plot([about["median"]], [row], "|", ms=16, mew=2, color=colour)
    axes.set_yticks(range(len(names)), list(reversed(names)))
    axes.set_ylim(-0.5, len(names) - 0.5)
    axes.set_xlabel(fig["unit"])
    every = [value for name in names for value in fig["samples"][name]]
    if wide(every):
        axes.set_xscale("log")
        plain(axes.xaxis)
    else:
        axes.set_xlim(left=0)
    return svg(matplotlib, pyplot, drawing, fig["name"])


def growth(fig):
    matplotlib, pyplot = prepare()
    drawing, axes = pyplot.subplots(figsize=(WIDTH, 3))
    for name, line in figure.lines(fig).items():
        colour = COLOURS.get(name, "#333333")
        numbers = [n for n, _, _ in line]
        medians = [median for _, median, _ in line]
        axes.plot(numbers, medians, "o-", ms=4, color=colour, label=name)
        axes.vlines(numbers, [about[0] for _, _, about in line], [about[1] for _, _, about in line], color=colour,
                    lw=4, alpha=0.3)
    axes.set_xscale("log")
    axes.set_yscale("log")
    plain(axes.xaxis)
    plain(axes.yaxis)
    axes.set_xlabel(fig["axis"])
    axes.set_ylabel(fig["unit"])
    axes.legend(frameon=False)
    return svg(matplotlib, pyplot, drawing, fig["name"])


def draw(fig):
    """The SVG of a figure, or None where a picture says no more than a row."""
    if "curve" in fig:
        return growth(fig) if any(len(line) > 1 for line in fig["curve"].values()) else None
    if sum(bool(values) for values in fig["samples"].values()) < 2:
        return None
    return dots(fig)


def draw_all(results):
    """{section/figure: svg}"""
    found = {}
    for section, measured in results["sections"].items():
        for fig in measured["figures"] if section != "micro" else ():
            picture = draw(fig)
            if picture is not None:
                found[f"{section}/{fig['name']}"] = picture
    return found
