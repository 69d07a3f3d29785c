# SPDX-License-Identifier: Apache-2.0
"""Many containers at once."""
import concurrent.futures

from lib.api import Connection
from lib.engines import IMAGE
from lib.figure import curve, figure
from lib.turns import Stopwatch

TITLE = "1, 10 and 100 containers at once"
PATIENCE = 600
AT_ONCE = 32


def in_parallel(work, items):
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(work, items))


def by_api(engine, count):
    connection = Connection(engine.socket)
    made = [connection.create("sleep", "100000") for _ in range(count)]
    with Stopwatch() as watch:
        in_parallel(lambda one: Connection(engine.socket).start(one), made)
    in_parallel(lambda one: Connection(engine.socket).remove(one), made)
    return watch.ms


def by_client(engine, count):
    made = [engine.call("create", "--network", "none", IMAGE, "sleep", "100000") for _ in range(count)]
    with Stopwatch() as watch:
        in_parallel(lambda one: engine.call("start", one), made)
    engine.call("rm", "-f", "-t", "0", *made, patience=600)
    return watch.ms


def burst(engine, count):
    return by_api(engine, count) if engine.has_api else by_client(engine, count)


def measure(context):
    points = {}
    with context.engines() as engines:
        for count, full, quick in ((1, 8, 1), (10, 5, 1), (100, 3, 1)):
            if context.quick and count == 100:
                count = 30
            names = [name for name in engines if not (name == "podman" and (context.quick or count > 10))]
            samples, left_out = context.turns({n: (lambda _, e=engines[n]: burst(e, count)) for n in names},
                                              context.rounds(full, quick), warm_up=1 if count < 10 else 0, pause=0.5)
            for name, values in samples.items():
                points.setdefault(name, {})[count] = values
            if count > 1:
                context.figures.append(figure(
                    f"at-once-{count}", f"start {count} containers at once", "ms", samples, left_out=left_out,
                    method=f"They are created before; {AT_ONCE} connections start them through the API, until the last "
                           "start is answered. No network. Podman has no daemon, so its client is started for each."))
    context.figures.append(curve("at-once", "start of n containers at once", "ms", "containers", points))
