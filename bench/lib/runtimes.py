# SPDX-License-Identifier: Apache-2.0
"""OCI runtimes, all with the same bundle, whose config.json is crun's own; and
the floor, which does the kernel's part of a run and nothing else."""
import json
import os
import pathlib
import shutil
import subprocess

from . import world
from .turns import timed
from .world import CGROUP_PARENT, Failure

OURS = "docker-cpp-runtime"


class Runtime:
    """One contender: its own state, one bundle for all."""

    def __init__(self, name, program, place):
        self.name, self.program = name, str(program)
        self.state, self.bundle, self.log = place / f"run/{name}", place / "bundle", place / "stderr"
        self.count = 0

    def words(self, *arguments):
        return [self.program, "--root", str(self.state), *map(str, arguments)]

    def next_id(self):
        self.count += 1
        return f"bench-{self.name}-{self.count}"

    def do(self, *arguments):
        """Wall and processor milliseconds."""
        return timed(self.words(*arguments), dict(os.environ), self.log)

    def run_words(self):
        return self.words("run", "--bundle", self.bundle, self.next_id())

    def run(self):
        return self.do("run", "--bundle", self.bundle, self.next_id())

    def lifecycle(self):
        name = self.next_id()
        steps = [self.do("create", "--bundle", self.bundle, name), self.do("start", name),
                 self.do("delete", "--force", name)]
        return tuple(map(sum, zip(*steps)))

    def exec(self):
        return self.do("exec", f"bench-{self.name}-long", "/bin/true")

    def version(self):
        done = subprocess.run([self.program, "--version"], capture_output=True, text=True, check=True)
        return done.stdout.splitlines()[0]


class Floor(Runtime):
    """bench/floor.cpp: namespaces, overlay, mounts, cgroup, exec, wait."""

    def run_words(self):
        return [self.program, str(self.bundle / "rootfs"), "/bin/true"]

    def run(self):
        return timed(self.run_words(), dict(os.environ), self.log)


def make_bundle(place):
    world.make_busybox_root(place / "bundle/rootfs")
    subprocess.run(["crun", "spec"], cwd=place / "bundle", check=True)
    configure(place, ["true"])


def configure(place, command, limit_kib=None):
    file = place / "bundle/config.json"
    config = json.loads(file.read_text())
    config["process"].update(terminal=False, args=command)
    config["linux"]["resources"].pop("memory", None)
    if limit_kib is not None:
        config["linux"]["resources"]["memory"] = {"limit": limit_kib << 10}
    file.write_text(json.dumps(config))


def floor_program(folder):
    """Built by the target `benchmarks`."""
    for candidate in (folder / "docker-cpp-floor", world.HOUSE / "build/release/bin/docker-cpp-floor",
                      world.HOUSE / "build/dev/bin/docker-cpp-floor"):
        if candidate.exists():
            return candidate
    return None


def all_of(place, folder):
    """Where containers are remembered is a tmpfs, as /run is."""
    make_bundle(place)
    (place / "run").mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", place / "run"], check=True)
    found = [Runtime(OURS, folder / OURS, place)]
    for name in ("crun", "runc"):
        program = shutil.which(name)
        if program is None:
            raise Failure(f"{name} is not installed (tools/setup bench)")
        found.append(Runtime(name, program, place))
    program = floor_program(pathlib.Path(folder))
    if program is not None:
        found.append(Floor("floor", program, place))
    return found
