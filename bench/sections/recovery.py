# SPDX-License-Identifier: Apache-2.0
"""A daemon that is killed, with containers that run on."""
import concurrent.futures
import time

from lib.api import Connection
from lib.figure import curve, figure
from lib.turns import Stopwatch
from lib.world import Failure

TITLE = "Recovery, and a thousand containers"
PATIENCE = 900


def start_more(engine, count):
    def one(_):
        connection = Connection(engine.socket)
        connection.start(connection.create("sleep", "100000"))
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(count)))


def running(engine):
    answer = Connection(engine.socket).call("GET", "/containers/json")
    return sum(one["State"] == "running" for one in answer)


def kill_and_restart(engine, count, *flags):
    """Milliseconds from the new daemon's start to its first list in which
    every container runs."""
    engine.kill()
    with Stopwatch() as watch:
        engine.start(*flags)
        deadline = time.monotonic() + 120
        while (seen := running(engine)) < count:
            if time.monotonic() > deadline:
                raise Failure(f"{engine.name}: only {seen} of {count} containers run on")
            time.sleep(0.005)
    return watch.ms


def measure(context):
    points, listed = {}, {}
    counts = (1, 10) if context.quick else (1, 10, 50, 200, 1000)
    rounds = context.rounds(4, 2)
    with context.engines("docker-cpp", "docker") as engines:
        for engine in engines.values():
            flags = ("--live-restore",) if engine.name == "docker" else ()
            if flags:
                engine.stop()
                engine.start(*flags)
            have = 0
            for count in (n for n in counts if n <= 50 or engine.name == "docker-cpp"):
                context.say(f"{engine.name}: {count} containers")
                start_more(engine, count - have)
                have = count
                points.setdefault(engine.name, {})[count] = [kill_and_restart(engine, count, *flags)
                                                             for _ in range(rounds)]
                listed.setdefault(engine.name, {})[count] = [context.timed(engine, "ps", "-q") for _ in range(rounds)]
            if have == 1000:
                context.figures.append(figure("ps-1000", "ps with 1,000 containers", "ms",
                                              {engine.name: listed[engine.name][1000]}))
                context.figures.append(figure("recovery-1000", "daemon restart with 1,000 containers", "ms",
                                              {engine.name: points[engine.name][1000]}))
            engine.remove_all()
    most = 10 if context.quick else 50
    context.figures.append(figure(f"recovery-{most}", f"daemon restart after kill -9, with {most} containers", "ms",
                                  {n: line[most] for n, line in points.items()},
                                  method="Docker with --live-restore, which is not its default; without it the "
                                         "containers end. Until the list shows all of them as running."))
    context.figures.append(curve("recovery", "daemon restart with n containers that run on", "ms", "containers", points))
    context.figures.append(curve("ps", "ps -q with n containers", "ms", "containers", listed))
