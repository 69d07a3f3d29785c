#!/usr/bin/env python3
"""Draws the diagrams of the documents as SVG: the parts of Mermaid that are used in
them (graph, stateDiagram-v2 and sequenceDiagram), so that the site needs no script
from elsewhere. Graphs are laid out by Graphviz.

    tools/diagrams.py < diagram.mmd > diagram.svg
"""
import html
import re
import subprocess
import sys

NODE = re.compile(r"\s*([\w.*\[\]]*?)\s*(?:(\(\(|\[\(|\{\{|\[|\()(.*?)(\)\)|\)\]|\}\}|\]|\)))?\s*$")
ARROW = re.compile(r"\s*(--\s+(?P<text>\"?.+?\"?)\s+-->|-\.\s*(?P<dotted>\"?.+?\"?)\s*\.->|-->|---)\s*")
SHAPES = {"((": "circle", "[(": "cylinder", "{{": "hexagon", "[": "box", "(": "box", None: "box"}


def words(text: str) -> str:
    return text.strip().strip('"').replace("<br/>", "\n")


def quote(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


class Graph:
    def __init__(self, direction: str):
        self.lines = [f"rankdir={'LR' if direction == 'LR' else 'TB'}; bgcolor=transparent; pad=0.2;",
                      'node [shape=box style="rounded,filled" fillcolor="#eef3fb" color="#5b7bb4" fontname="DejaVu Sans" fontsize=11];',
                      'edge [color="#5b7bb4" fontname="DejaVu Sans" fontsize=10];']

    def node(self, text: str) -> str:
        name, opening, label, _ = NODE.match(text).groups()
        if opening:
            self.lines.append(f"{quote(name)} [label={quote(words(label))} shape={SHAPES[opening]}];")
        return quote(name)

    def line(self, text: str) -> None:
        parts = []
        at = 0
        for arrow in ARROW.finditer(text):
            parts += [text[at:arrow.start()], arrow]
            at = arrow.end()
        parts.append(text[at:])
        ends = [[self.node(one) for one in re.split(r"\s+&\s+", part)] for part in parts[::2]]
        for left, arrow, right in zip(ends, parts[1::2], ends[1:]):
            label = words(arrow["text"] or arrow["dotted"] or "")
            style = ' style=dashed' if arrow["dotted"] else ""
            style += ' dir=none' if arrow[0].strip() == "---" else ""
            self.lines += [f"{a} -> {b} [label={quote(label)}{style}];" for a in left for b in right]

    def svg(self) -> str:
        source = "digraph { " + "\n".join(self.lines) + " }"
        return subprocess.run(["dot", "-Tsvg"], input=source, capture_output=True, text=True, check=True).stdout


def draw_graph(lines: list[str]) -> str:
    graph = Graph(lines[0].split()[1] if len(lines[0].split()) > 1 else "TB")
    clusters = 0
    for line in lines[1:]:
        if line.startswith("subgraph"):
            clusters += 1
            graph.lines.append(f"subgraph cluster_{clusters} {{ label={quote(line[8:].strip())} "
                               'fontname="DejaVu Sans" fontsize=10 color="#aabbd4";')
        elif line == "end":
            graph.lines.append("}")
        else:
            graph.line(line)
    return graph.svg()


def draw_states(lines: list[str]) -> str:
    graph = Graph("TB")
    graph.lines.append('"[*]" [label="" shape=circle width=0.15 fillcolor=black];')
    for line in lines[1:]:
        found = re.match(r"(\S+) --> (\w+)(?:: (.*))?$", line)
        graph.lines.append(f"{quote(found[1])} -> {quote(found[2])} [label={quote(found[3] or '')}];")
    return graph.svg()


class Sequence:
    """Participants side by side, messages downwards, frames around them."""
    STEP, TOP, COLUMN = 34, 70, 190

    def __init__(self):
        self.names: dict[str, str] = {}
        self.items: list[str] = []
        self.frames: list[tuple[int, str, int]] = []
        self.y = self.TOP
        self.right = 0

    def x(self, name: str) -> int:
        return 90 + list(self.names).index(name) * self.COLUMN

    def text(self, x: float, y: float, what: str, anchor: str = "middle", weight: str = "normal") -> None:
        self.right = max(self.right, int(x + len(what) * (3.3 if anchor == "middle" else 6.4)))
        self.items.append(f'<text x="{x}" y="{y}" text-anchor="{anchor}" font-weight="{weight}">{html.escape(what)}</text>')

    def message(self, left: str, arrow: str, right: str, what: str) -> None:
        self.y += self.STEP
        a, b = self.x(left), self.x(right)
        dashed = ' stroke-dasharray="5 4"' if arrow.startswith("--") else ""
        if a == b:
            self.items.append(f'<path d="M{a} {self.y - 12} h24 v12 h-22" fill="none" stroke="#5b7bb4" marker-end="url(#tip)"/>')
            self.text(a + 32, self.y - 2, what, "start")
        else:
            self.items.append(f'<line x1="{a}" y1="{self.y}" x2="{b}" y2="{self.y}" stroke="#5b7bb4"{dashed} marker-end="url(#tip)"/>')
            self.text((a + b) / 2, self.y - 6, what)

    def open(self, kind: str, what: str) -> None:
        self.y += self.STEP
        self.frames.append((self.y, kind, len(self.frames)))
        self.text(24 + 8 * len(self.frames), self.y, f"{kind}  {what}", "start", "bold")

    def part(self, kind: str, what: str) -> None:
        self.y += self.STEP
        inset = 10 + 8 * len(self.frames)
        self.items.append(f'<line x1="{inset}" y1="{self.y - 16}" x2="W{inset}" y2="{self.y - 16}" stroke="#aabbd4" stroke-dasharray="4 4"/>')
        self.text(inset + 14, self.y, f"{kind}  {what}", "start", "bold")

    def close(self) -> None:
        began, _, depth = self.frames.pop()
        inset = 18 + 8 * depth
        self.y += 12
        self.items.insert(0, f'<rect x="{inset}" y="{began - 20}" width="R{2 * inset}" height="{self.y - began + 20}" '
                             'fill="none" stroke="#aabbd4"/>')

    def svg(self) -> str:
        width = max(self.right + 30, 90 + len(self.names) * self.COLUMN)
        height = self.y + 40
        body = "\n".join(self.items)
        body = re.sub(r'"W(\d+)"', lambda m: f'"{width - int(m[1])}"', body)
        body = re.sub(r'"R(\d+)"', lambda m: f'"{width - int(m[1])}"', body)
        heads = ""
        for name, label in self.names.items():
            x = self.x(name)
            heads += (f'<line x1="{x}" y1="50" x2="{x}" y2="{height - 20}" stroke="#ccd6e6"/>'
                      f'<rect x="{x - 82}" y="16" width="164" height="34" rx="6" fill="#eef3fb" stroke="#5b7bb4"/>'
                      f'<text x="{x}" y="38" text-anchor="middle" font-weight="bold">{html.escape(label)}</text>')
        return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
                'font-family="DejaVu Sans, sans-serif" font-size="11">'
                '<defs><marker id="tip" markerWidth="9" markerHeight="9" refX="8" refY="4" orient="auto">'
                f'<path d="M0 0 L8 4 L0 8 z" fill="#5b7bb4"/></marker></defs>{heads}{body}</svg>')


def draw_sequence(lines: list[str]) -> str:
    picture = Sequence()
    for line in lines[1:]:
        if found := re.match(r"participant (\w+)(?: as (.*))?$", line):
            picture.names[found[1]] = found[2] or found[1]
        elif found := re.match(r"(\w+)\s*(-?->>|--?>)\s*(\w+):\s*(.*)$", line):
            picture.message(*found.groups())
        elif found := re.match(r"(loop|alt|par|opt)\s*(.*)$", line):
            picture.open(found[1], found[2])
        elif found := re.match(r"(else|and)\s*(.*)$", line):
            picture.part(found[1], found[2])
        elif line == "end":
            picture.close()
        else:
            raise ValueError(f"cannot draw: {line}")
    return picture.svg()


def draw(source: str) -> str:
    lines = [line.strip() for line in source.strip().splitlines() if line.strip()]
    kind = lines[0].split()[0]
    kinds = {"graph": draw_graph, "stateDiagram-v2": draw_states, "sequenceDiagram": draw_sequence}
    svg = kinds[kind](lines)
    return svg[svg.index("<svg"):]


if __name__ == "__main__":
    print(draw(sys.stdin.read()))
