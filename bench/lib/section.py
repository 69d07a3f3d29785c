# SPDX-License-Identifier: Apache-2.0
"""A section is a module of bench/sections with TITLE, PATIENCE (seconds) and
measure(context), which returns figures. It runs in a world of its own."""
import importlib
import json
import pathlib
import subprocess
import sys
import tempfile
import time
import traceback

from . import world
from .engines import Stable
from .turns import take_turns, timed

# In the order in which they are run and read.
NAMES = ("startup", "runtime", "bursts", "memory", "api", "logs", "network", "images", "build", "recovery", "growth",
         "size", "where", "micro")
QUICK = ("startup", "runtime", "bursts", "memory", "api", "build", "where", "size")


class Context:
    def __init__(self, place, arguments):
        self.place = pathlib.Path(place)
        self.bin = arguments.bin
        self.quick = arguments.quick
        self.scale = arguments.scale
        self.figures, self.notes = [], []

    def rounds(self, full, quick):
        """How many, for this form; --scale stretches the full one."""
        return quick if self.quick else max(2, round(full * self.scale))

    def say(self, text):
        print(f"   {text}", file=sys.stderr, flush=True)

    def engines(self, *names, image=True):
        stable = Stable(self.place, self.bin, names or ("docker-cpp", "docker", "podman"), image)
        self.stable = stable
        return stable

    def timed(self, engine, *words):
        """Milliseconds of one command of an engine's client."""
        return timed(engine.command(*words), engine.env, self.place / "stderr")[0]

    def turns(self, work, rounds, **how):
        samples, left_out = take_turns(work, rounds, **how)
        if self.stable is not None:
            left_out = {**self.stable.left_out, **left_out}
        return samples, left_out

    stable = None


def run_inside(arguments):
    """In the new world: measures one section and writes its results."""
    world.be_init()
    results = {"figures": [], "notes": [], "error": None}
    begun = time.monotonic()
    try:
        world.settle_in()
        module = importlib.import_module(f"sections.{arguments.section}")
        world.SCRATCH.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=world.SCRATCH, prefix=f"{arguments.section}.",
                                         ignore_cleanup_errors=True) as name:
            context = Context(name, arguments)
            try:
                module.measure(context)
            finally:
                results["figures"], results["notes"] = context.figures, context.notes
    except (world.Failure, OSError, subprocess.SubprocessError) as error:
        results["error"] = str(error)[-1500:]
    except Exception:  # pylint: disable=broad-except; it becomes a line of the report
        results["error"] = traceback.format_exc()[-1500:]
    results["seconds"] = time.monotonic() - begun
    pathlib.Path(arguments.result).write_text(json.dumps(results))
    return 0


def run(name, arguments, result):
    """From outside: its results, whatever happens to it."""
    module = importlib.import_module(f"sections.{name}")
    result.unlink(missing_ok=True)
    command = [world.HOUSE / "bench/lib/inside.py", name, result, "--bin", arguments.bin, "--scale", arguments.scale,
               *(["--quick"] if arguments.quick else [])]
    patience = module.PATIENCE * max(1.0, arguments.scale) * (0.5 if arguments.quick else 1)
    status = world.run(command, patience)
    if result.exists():
        return {"title": module.TITLE, **json.loads(result.read_text())}
    why = f"ended after {patience:.0f} s" if status is None else f"ended with status {status} and said nothing"
    return {"title": module.TITLE, "figures": [], "notes": [], "error": why, "seconds": None}
