#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Groups sources into units that compile as one file.

    tools/units.py SOURCE...

Two files of one unit must not give the same name to private things (what
stands in an anonymous namespace). Prints "SOURCE;UNIT" lines; a new unit
begins where every one before is full or has a name of the file's.
"""
import re
import sys

FILES_PER_UNIT = 12

# A name of another namespace: fine twice, but not beside one's own of that name.
BORROWED = re.compile(r"^using [\w:]+::(\w+);")
# What clang-format leaves at the line's start: a function, a constant, a type.
NAMES = [
    re.compile(r"^(?:struct|class|enum class|enum|union)\s+(\w+)"),
    re.compile(r"^using (\w+) ="),
    re.compile(r"^[A-Za-z_][\w:<>,&*\[\]\s]*?\b(\w+)\("),
    re.compile(r"^[A-Za-z_][\w:<>,&*\[\]\s]*?\b(\w+)\s*(?:\[[^\]]*\])?\s*(?:=|\{|;)"),
]


def private_names(path):
    """What a file declares, and what it borrows, in anonymous namespaces."""
    names, borrowed = set(), set()
    inside = False
    with open(path, encoding="utf-8") as file:
        text = re.sub(r"^template\s*<[^{;]*?>\n", "", file.read(), flags=re.M)
    # A definition's head may be broken after its type.
    text = re.sub(r"^([\w:<>,&*\s]+?)\n(\w+\()", r"\1 \2", text, flags=re.M)
    for line in re.sub(r"^\[\[.*?\]\]\s*", "", text, flags=re.M).splitlines():
        if re.match(r"namespace\s*\{", line):
            inside = True
        elif re.match(r"\}\s*//\s*(anonymous )?namespace\s*$", line):
            inside = False
        elif line.startswith("using "):
            borrowed.update(BORROWED.findall(line))
            names.update(NAMES[1].findall(line) if inside else [])
        elif inside or line.startswith("static "):
            names.update(m.group(1) for m in (p.match(line) for p in NAMES) if m)
    return names, borrowed


class Unit:
    """Files that compile as one."""

    def __init__(self):
        self.files = 0
        self.names = set()
        self.borrowed = set()

    def has_room(self, names, borrowed):
        """Whether a file with these names may join."""
        return self.files < FILES_PER_UNIT and not (
            names & (self.names | self.borrowed) or borrowed & self.names)

    def add(self, names, borrowed):
        """Takes a file in."""
        self.files += 1
        self.names |= names
        self.borrowed |= borrowed


def main():
    units = []
    for path in sys.argv[1:]:
        found = private_names(path)
        unit = next((u for u in units if u.has_room(*found)), None)
        if not unit:
            unit = Unit()
            units.append(unit)
        unit.add(*found)
        print(f"{path};{units.index(unit)}")


main()
