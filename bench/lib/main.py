# SPDX-License-Identifier: Apache-2.0
"""A whole run: set up, build, measure section by section, report."""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import time

from . import blocks, environment, marks, render, section
from .world import HOUSE, SCRATCH, Failure

PROGRAMS = ("docker-cpp", "docker-cppd", "docker-cpp-runtime", "docker-cpp-monitor", "docker-cpp-worker")
OWN_BIN = HOUSE / "build/release/bin"


def parser(about):
    made = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--quick", action="store_true", help="few rounds of the most important sections, 3 minutes")
    made.add_argument("--only", default="", metavar="NAME,...", help=f"sections, of: {', '.join(section.NAMES)}")
    made.add_argument("--out", type=pathlib.Path, default=SCRATCH / "report", metavar="DIR")
    made.add_argument("--bin", type=pathlib.Path, default=OWN_BIN, metavar="DIR", help="the engine's programs")
    made.add_argument("--scale", type=float, default=1.0, help="times the rounds of the full form")
    made.add_argument("--as-is", action="store_true", help="install and build nothing")
    made.add_argument("--data-only", action="store_true", help="results.json alone, no report")
    made.add_argument("--report", type=pathlib.Path, metavar="JSON", help="only make the report of these results again")
    return made


def prepare(folder, as_is):
    """What is measured is the release build, on a machine that has all."""
    if os.geteuid() != 0:
        raise Failure("run it as root: containers need it")
    if not as_is:
        subprocess.run([HOUSE / "tools/setup", "bench"], check=True)
    if as_is or folder != OWN_BIN:
        missing = [name for name in PROGRAMS if not (folder / name).exists()]
        if missing:
            raise Failure(f"{folder} does not hold {', '.join(missing)}")
        return
    print("building the release preset", file=sys.stderr, flush=True)
    SCRATCH.mkdir(parents=True, exist_ok=True)
    log = SCRATCH / "build.log"
    with open(log, "wb") as out:
        for step in (["cmake", "--preset", "release"], ["cmake", "--build", "--preset", "release"],
                     ["cmake", "--build", "--preset", "release", "--target", "benchmarks"]):
            if subprocess.run(step, cwd=HOUSE, check=False, stdout=out, stderr=out).returncode != 0:
                raise Failure(f"{' '.join(step)} failed, see {log}")


def measure(arguments, names):
    begun, noise = time.monotonic(), environment.Noise()
    results = {"format": 1, "quick": arguments.quick, "scale": arguments.scale, "environment": environment.describe(),
               "sections": {}}
    SCRATCH.mkdir(parents=True, exist_ok=True)
    for name in names:
        print(f"== {name} ({(time.monotonic() - begun) / 60:.0f} min)", file=sys.stderr, flush=True)
        found = section.run(name, arguments, SCRATCH / f"{name}.{os.getpid()}.json")
        (SCRATCH / f"{name}.{os.getpid()}.json").unlink(missing_ok=True)
        if found["error"]:
            print(f"   failed: {found['error']}", file=sys.stderr)
        results["sections"][name] = found
        noise.look()
        # What is there survives ^C.
        write_results({**results, "noise": noise.verdict(), "seconds": time.monotonic() - begun}, arguments.out)
    results.update(noise=noise.verdict(), seconds=time.monotonic() - begun)
    results["marks"] = marks.judge(results)
    return results


def write_report(results, folder):
    folder.mkdir(parents=True, exist_ok=True)
    from . import plots
    pictures = plots.draw_all(results)
    told = blocks.report(results, pictures)
    (folder / "plots").mkdir(exist_ok=True)
    for old in (folder / "plots").glob("*.svg"):
        old.unlink()
    for key, svg in pictures.items():
        (folder / render.plot_file(key)).write_text(svg)
    (folder / "README.md").write_text(render.markdown(told, pictures))
    (folder / "report.html").write_text(render.page(told, pictures))


def write_results(results, folder):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.json").write_text(json.dumps(results, indent=None, separators=(",", ":")) + "\n")


def print_marks(results):
    for row in results["marks"]:
        def told(met):
            return "-" if met is None else "met" if met else "MISSED"
        print(f"{row['words']:60} {blocks.number(row['value']):>9}  first {told(row['first_met']):6} "
              f"second {told(row['then_met'])}")
    for why in results["noise"]["reasons"]:
        print(f"this machine was noisy: {why}")


def wanted_sections(arguments, usual):
    if not arguments.only:
        return usual or (section.QUICK if arguments.quick else section.NAMES)
    names = arguments.only.split(",")
    unknown = set(names) - set(section.NAMES)
    if unknown:
        raise Failure(f"no section {', '.join(sorted(unknown))}; there are {', '.join(section.NAMES)}")
    return names


def run(arguments, usual=()):
    arguments.bin = arguments.bin.resolve()
    if arguments.report:
        results = json.loads(arguments.report.read_text())
        results["marks"] = marks.judge(results)
    else:
        names = wanted_sections(arguments, usual)
        prepare(arguments.bin, arguments.as_is)
        results = measure(arguments, names)
    write_results(results, arguments.out)
    if not arguments.data_only:
        write_report(results, arguments.out)
    print_marks(results)
    print(f"{'raw data' if arguments.data_only else 'report'}: {arguments.out}")
    failed = [name for name, one in results["sections"].items() if one["error"]]
    if failed:
        print(f"sections that failed: {', '.join(failed)}", file=sys.stderr)
        return 2
    return 1 if any(row["first_met"] is False for row in results["marks"]) else 0


def main(about, usual=(), **defaults):
    """Exit status 1: a first mark was missed; 2: something could not be
    measured."""
    made = parser(about)
    made.set_defaults(**defaults)
    try:
        return run(made.parse_args(), usual)
    except (Failure, subprocess.CalledProcessError) as error:
        print(f"{pathlib.Path(sys.argv[0]).name}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("ended; all that was started has ended with it", file=sys.stderr)
        return 130
