#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""One section, as the init of its world; bench/lib/section.py starts it."""
import argparse
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from lib import section  # noqa: E402

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("section")
    parser.add_argument("result")
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--scale", type=float, default=1)
    parser.add_argument("--quick", action="store_true")
    sys.exit(section.run_inside(parser.parse_args()))
