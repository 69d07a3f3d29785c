#!/usr/bin/env python3
"""Fails if code that runs between clone and exec calls anything not on its list.

Given all objects of some libraries, it looks at those made from *.child.cpp:
each undefined symbol must be on the list or be defined by another child object.
"""
import argparse
import pathlib
import subprocess
import sys


def symbols(obj: str, flag: str) -> set[str]:
    command = ["nm", flag, "--format=just-symbols", obj]
    return set(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--allow", required=True, type=pathlib.Path)
    parser.add_argument("objects", nargs="+")
    args = parser.parse_args()
    allowed = set(args.allow.read_text().split())
    objects = [o for o in args.objects if ".child.cpp" in pathlib.Path(o).name]
    if not objects:
        sys.exit("no .child.cpp object given")
    for obj in objects:
        allowed |= symbols(obj, "--defined-only")
    bad = {f"{pathlib.Path(o).name}: {s}" for o in objects for s in symbols(o, "--undefined-only") - allowed}
    if bad:
        sys.exit("child code calls\n  " + "\n  ".join(sorted(bad)) + "\nnot async-signal-safe, or not yet listed")
    print(f"{len(objects)} child objects call only what is listed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
