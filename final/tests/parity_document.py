# SPDX-License-Identifier: Apache-2.0
"""docs/COMPATIBILITY.md: what the parity suite compares, and what differs."""
import pathlib

import parity_lines

TARGET = pathlib.Path(__file__).resolve().parents[2] / "docs/COMPATIBILITY.md"

HEAD = """# Where docker-cpp answers otherwise than docker

<!-- written by final/tests/parity.py --document -->

The parity suite types the same command lines at docker 28 with Debian's dockerd
(20.10) and at docker-cpp with its own engine, and compares output, error output
and exit code after masking ids, times, sizes, addresses and the program's name.
"""


def differences(scenarios):
    for scenario in scenarios:
        for line in scenario.lines:
            if line.differs:
                yield scenario.name, line.text, line.differs


def cell(text):
    return text.replace("|", "\\|")


def document():
    parts, table = [HEAD], ["| lines | of |", "|---|---|"]
    rows = ["| command line | what differs, and why |", "|---|---|"]
    total = 0
    for path in parity_lines.files():
        scenarios = parity_lines.read(path)
        for scenario in scenarios:
            count = sum(line.compared for line in scenario.lines)
            total += count
            table.append(f"| {count} | {cell(scenario.name)} |")
        rows += [f"| `{cell(text)}` | {cell(reason)} |" for _, text, reason in differences(scenarios)]
    parts.append(f"{total} lines, {len(rows) - 2} of them differ.\n")
    parts.append("## What differs\n\n" + "\n".join(rows) + "\n")
    parts.append("## What is compared\n\n" + "\n".join(table) + "\n")
    return "\n".join(parts)


def main(check):
    text = document()
    if not check:
        TARGET.write_text(text)
        return 0
    if TARGET.exists() and TARGET.read_text() == text:
        return 0
    print(f"{TARGET} is not what parity.py --document writes")
    return 1
