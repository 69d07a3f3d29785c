# SPDX-License-Identifier: Apache-2.0
"""Blocks into Markdown and into one self-contained HTML page."""
import html
import re

STYLE = """
:root { color-scheme: light; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; color: #1c1e21;
  background: #fff; }
h1, h2, h3 { line-height: 1.2; } h2 { margin-top: 2.5rem; border-bottom: 1px solid #ccc; } h3 { margin-top: 1.6rem; }
table { border-collapse: collapse; margin: 1rem 0; font-size: 13px; display: block; overflow-x: auto; }
th, td { text-align: left; padding: .25rem .7rem; border-bottom: 1px solid #e3e3e3; vertical-align: top; }
th { background: #f4f5f7; } td { font-variant-numeric: tabular-nums; }
code { background: #f1f1f1; padding: 0 .2em; overflow-wrap: anywhere; }
figure { margin: .5rem 0; } figure svg { max-width: 100%; height: auto; }
nav a { margin-right: 1rem; }
"""


def anchor(text):
    return re.sub(r"[^\w-]", "", text.lower().replace(" ", "-"))


def plot_file(key):
    return f"plots/{key.replace('/', '.')}.svg"


def wrapped(text, width=120):
    """Lines of at most so many characters."""
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return "\n".join([*lines, line])


def markdown_table(head, rows):
    def line(cells):
        return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"
    return "\n".join([line(head), "|" + "---|" * len(head), *map(line, rows)])


def markdown(blocks, plots):
    parts = []
    for kind, *rest in blocks:
        if kind == "heading":
            parts.append("#" * rest[0] + " " + rest[1])
        elif kind == "text":
            parts.append(wrapped(rest[0]))
        elif kind == "list":
            parts.append("\n".join("- " + wrapped(item, 116).replace("\n", "\n  ") for item in rest[0]))
        elif kind == "table":
            parts.append(markdown_table(*rest))
        elif kind == "plot" and rest[0] in plots:
            parts.append(f"![{rest[1]}]({plot_file(rest[0])})")
    return "\n\n".join(parts) + "\n"


def inline(text):
    """`code` and **bold**, all else as it is."""
    text = html.escape(str(text), quote=False)
    text = re.sub(r"`([^`]*)`", r"<code>\1</code>", text)
    return re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", text)


def html_table(head, rows):
    def line(cells, tag):
        return "<tr>" + "".join(f"<{tag}>{inline(cell)}</{tag}>" for cell in cells) + "</tr>"
    return "<table><thead>" + line(head, "th") + "</thead><tbody>" + "".join(line(row, "td") for row in rows) \
        + "</tbody></table>"


def own_ids(svg, key):
    """Several pictures in one page must not share their identifiers."""
    prefix = anchor(key.replace("/", "-")) + "-"
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{prefix}\1"', svg)
    return re.sub(r'(url\(#|href="#)', rf"\g<1>{prefix}", svg)


def page(blocks, plots):
    parts, chapters = [], []
    for kind, *rest in blocks:
        if kind == "heading":
            level, text = rest
            if level == 2:
                chapters.append(text)
            parts.append(f'<h{level} id="{anchor(text)}">{inline(text)}</h{level}>')
        elif kind == "text":
            parts.append(f"<p>{inline(rest[0])}</p>")
        elif kind == "list":
            parts.append("<ul>" + "".join(f"<li>{inline(item)}</li>" for item in rest[0]) + "</ul>")
        elif kind == "table":
            parts.append(html_table(*rest))
        elif kind == "plot" and rest[0] in plots:
            parts.append(f'<figure role="img" aria-label="{html.escape(rest[1])}">{own_ids(plots[rest[0]], rest[0])}'
                         "</figure>")
    links = "<nav>" + "".join(f'<a href="#{anchor(text)}">{inline(text)}</a>' for text in chapters) + "</nav>"
    parts.insert(1, links)
    return ('<!doctype html><html lang="en"><head><meta charset="utf-8"><title>docker-cpp, measured</title>'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<style>{STYLE}</style></head><body>{''.join(parts)}</body></html>\n")
