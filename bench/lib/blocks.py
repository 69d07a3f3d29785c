# SPDX-License-Identifier: Apache-2.0
"""The report, as blocks that both Markdown and HTML are made of:
("heading", level, text), ("text", text), ("table", head, rows),
("list", items), ("plot", key, title)."""
from . import figure
from .explain import of_figure, of_section
from .stats import exponent


def number(value):
    if value is None:
        return "–"
    size = abs(value)
    return f"{value:,.0f}" if size >= 100 else f"{value:.1f}" if size >= 10 else f"{value:.2f}" if size >= 0.1 \
        else f"{value:.3g}"


def with_interval(about, unit=""):
    low, high = about["interval"]
    if about["rounds"] < 2:
        return f"{number(about['median'])}{unit}"
    return f"{number(about['median'])}{unit} ({number(low)} to {number(high)})"


def marks_table(results):
    def mark(value, kind):
        return "–" if value is None else f"{'≤' if kind == 'most' else '≥'} {value:g}"

    def met(value):
        return "–" if value is None else "met" if value else "**missed**"
    rows = [[row["words"], number(row["value"]), mark(row["first"], row["kind"]), met(row["first_met"]),
             mark(row["then"], row["kind"]), met(row["then_met"])] for row in results["marks"]]
    blocks = [("table", ["", "reached", "first mark", "", "second mark", ""], rows)]
    missed = [f"{row['words']}: {row['reason']}" for row in results["marks"] if row["reason"]]
    if missed:
        blocks += [("text", "Why marks were missed:"), ("list", missed)]
    return blocks


def environment(results):
    about = results["environment"]
    processor = about["processor"]
    noise = results["noise"]
    mhz = f", {float(processor['mhz']):,.0f} MHz" if processor["mhz"] else ""
    facts = [f"Processor: `{processor['model']}`, {processor['count']} of them{mhz}, governor "
             f"{processor['governor'] or 'not told'}{', in a virtual machine' if processor['hypervisor'] else ''}; "
             f"{about['memory_mb']:,} MB of memory",
             f"System: {about['system']}, Linux `{about['kernel']}`, cgroups {about['cgroups']}, "
             f"file system `{about['file_system']}`",
             f"Load before: {noise['load_before']:.2f}; the control loop's slow tenth took "
             f"{noise['control_spread']:.0%} longer than its fast tenth; stolen time {noise['steal']:.2%}",
             "Versions: " + ", ".join(f"`{name} {version}`" for name, version in about["versions"].items() if version)
             + f"; docker-cpp at `{about['commit']}`",
             f"When: {about['when']}, {results['seconds'] / 60:.0f} minutes"
             + (", the quick form" if results["quick"] else "")]
    blocks = [("list", facts)]
    if noise["reasons"]:
        blocks.insert(0, ("text", "**This machine was noisy**: " + "; ".join(noise["reasons"]) + ". Ratios still hold, "
                                  "as contenders took turns; absolute figures are too large."))
    return blocks


def ratios_of(fig):
    """Against every other contender: `25.1 (24.0 to 26.3) of docker`."""
    cells = []
    for other in fig["samples"]:
        found = figure.ratio(fig, other) if other != figure.ours_of(fig["samples"]) else None
        if found:
            cells.append(f"{other} {with_interval(found)}")
    return "; ".join(cells) or "–"


def figures_table(figures):
    names = []
    for fig in figures:
        names += [name for name in fig["samples"] if name not in names]
    rows = []
    for fig in figures:
        about = figure.summaries(fig)
        rows.append([f"{fig['title']}, {fig['unit']}",
                     *(with_interval(about[name]) if name in about else "–" for name in names), ratios_of(fig)])
    return ("table", ["", *names, "times better than"], rows)


def curve_table(fig):
    lines = figure.lines(fig)
    numbers = sorted({n for line in lines.values() for n, _, _ in line})
    rows = []
    for who, line in lines.items():
        medians = {n: median for n, median, _ in line}
        slope = exponent(list(medians.items()))
        rows.append([who, *(number(medians.get(n)) for n in numbers), "–" if slope is None else f"{slope:.2f}"])
    return ("table", [f"{fig['unit']}, by {fig['axis']}", *map(str, numbers), "exponent at the end"], rows)


def outliers_of(figures):
    found = []
    for fig in figures:
        for name, about in figure.summaries(fig).items():
            if about["outliers"]:
                found.append(f"{fig['title']}, {name}: " + ", ".join(number(v) for v in about["outliers"][:8])
                             + f" {fig['unit']}")
    return found


def section(results, name, measured, plots):
    blocks = [("heading", 2, measured["title"])]
    if measured["error"]:
        blocks.append(("text", "**This section failed**, and what it had measured until then follows:"))
        blocks.append(("list", ["`" + measured["error"].strip().replace("`", "'").replace("\n", " | ")[-700:] + "`"]))
    plain = [fig for fig in measured["figures"] if "samples" in fig]
    if plain:
        blocks.append(figures_table(plain))
    blocks.append(("text", of_section(results, name)))
    for fig in measured["figures"]:
        key = f"{name}/{fig['name']}"
        told = " ".join(filter(None, (fig["method"], of_figure(results, name, fig))))
        if key in plots or "curve" in fig:
            blocks.append(("heading", 3, fig["title"][0].upper() + fig["title"][1:]))
            if "curve" in fig:
                blocks.append(curve_table(fig))
            if key in plots:
                blocks.append(("plot", key, fig["title"]))
            if told:
                blocks.append(("text", told))
    gone = sorted({f"{who}: `{why.strip()[-300:]}`".replace("\n", " ") for fig in measured["figures"]
                   for who, why in fig["left_out"].items()})
    if gone:
        blocks += [("text", "Left out:"), ("list", gone)]
    far = outliers_of(plain)
    if far:
        blocks += [("text", "Outliers, which are part of all figures above:"), ("list", far)]
    if measured["notes"]:
        blocks.append(("list", measured["notes"]))
    return [block for block in blocks if block != ("text", "")]


def report(results, plots):
    blocks = [("heading", 1, "docker-cpp, measured"),
              ("text", "Made by `tools/bench`, which anyone can repeat: `sudo tools/bench`. All engines were on private "
                       "roots, in namespaces of their own, and took turns. A figure is the median of its rounds, in "
                       "brackets the 95 % interval of that median by the bootstrap; ratios are medians of the ratios of "
                       "single rounds, above 1 in our favour. Nothing was removed. The raw data are in "
                       "`results.json` beside this page."),
              ("heading", 2, "The machine"), *environment(results),
              ("heading", 2, "Marks"), *marks_table(results)]
    for name, measured in results["sections"].items():
        blocks += section(results, name, measured, plots)
    return blocks


