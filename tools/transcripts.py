#!/usr/bin/env python3
"""Runs the transcripts of the blog and compares what they print.

In the prose:  <!-- transcript -->  a ```console block  <!-- /transcript -->

A line that begins with "# " is a command, typed as root; what follows is its
output, standard error included. "…" stands for anything, within a line or as a
line of its own for any number of lines. The programs come from the build tree.

    tools/transcripts.py BUILD_DIRECTORY [PAGE...]
"""
import difflib
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"<!-- transcript -->\n```console\n(.*?)```\n<!-- /transcript -->", re.S)


def programs(build: pathlib.Path) -> str:
    folders = [build / "bin", *sorted((build / "stages").glob("*/"))]
    return ":".join([*map(str, folders), "/usr/sbin", "/usr/bin", "/sbin", "/bin"])


def pattern_of(shown: list[str]) -> str:
    lines = []
    for line in shown:
        lines.append(r"(?:.*\n)*" if line == "…" else ".*".join(map(re.escape, line.split("…"))) + r"\n")
    return "".join(lines)


def check(page: pathlib.Path, block: str, environment: dict) -> list[str]:
    wrong = []
    for part in re.split(r"^# ", block, flags=re.M)[1:]:
        command, *shown = part.splitlines()
        done = subprocess.run(["sh", "-c", command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              stdin=subprocess.DEVNULL, text=True, timeout=60, env=environment)
        printed = done.stdout if done.stdout.endswith("\n") or not done.stdout else done.stdout + "\n"
        if not re.fullmatch(pattern_of(shown), printed):
            difference = difflib.unified_diff(shown, printed.splitlines(), "as written", "as printed", lineterm="")
            wrong.append(f"{page.name}: # {command}\n" + "\n".join(difference))
    return wrong


def main() -> int:
    if len(sys.argv) < 2:
        print(__doc__)
        return 2
    environment = {**os.environ, "PATH": programs(pathlib.Path(sys.argv[1]).resolve()), "LC_ALL": "C.UTF-8"}
    pages = [pathlib.Path(page) for page in sys.argv[2:]] or sorted((ROOT / "blog").glob("*.md"))
    blocks = [(page, block) for page in pages for block in BLOCK.findall(page.read_text())]
    wrong = [one for page, block in blocks for one in check(page, block, environment)]
    print("\n\n".join(wrong) if wrong else f"{len(blocks)} transcripts print what they say")
    return 1 if wrong or not blocks else 0


if __name__ == "__main__":
    sys.exit(main())
