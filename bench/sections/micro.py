# SPDX-License-Identifier: Apache-2.0
"""The hot path of each stage by itself: Google Benchmark."""
import json
import subprocess

from lib import world
from lib.figure import figure

TITLE = "Micro benchmarks of the stages"
PATIENCE = 300
UNITS = {"ns": 1e-3, "us": 1.0, "ms": 1e3}


def program(folder):
    for candidate in (folder, world.HOUSE / "build/release/bin"):
        if (candidate / "docker-cpp-micro").exists():
            return candidate / "docker-cpp-micro"
    raise world.Failure("docker-cpp-micro is missing: cmake --build --preset release --target benchmarks")


def measure(context):
    out = context.place / "micro.json"
    done = subprocess.run([program(context.bin), f"--benchmark_out={out}", "--benchmark_out_format=json",
                           "--benchmark_repetitions=7", "--benchmark_min_time=0.05",
                           "--benchmark_enable_random_interleaving=true"], capture_output=True, text=True, check=False,
                          cwd=context.place)
    if done.returncode != 0:
        raise world.Failure(done.stderr[-800:])
    samples = {}
    for one in json.loads(out.read_text())["benchmarks"]:
        if one.get("error_occurred"):
            context.notes.append(f"{one['run_name']}: {one['error_message']}")
        elif one["run_type"] == "iteration":
            samples.setdefault(one["run_name"], []).append(one["real_time"] * UNITS[one["time_unit"]])
    for name, values in samples.items():
        context.figures.append(figure(f"micro-{name}", name, "µs", {"docker-cpp": values}))
