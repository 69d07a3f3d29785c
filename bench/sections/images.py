# SPDX-License-Identifier: Apache-2.0
"""Pull, push, save and load of one large image."""
import os

from lib import registry
from lib.figure import figure
from lib.memory import Peak
from lib.turns import Stopwatch

TITLE = "Images: pull, push, save, load"
PATIENCE = 900
LAYERS = 8


def with_peak(engine, peaks, work):
    """Seconds of the work, and into `peaks` the memory above idle."""
    os.sync()  # the other one's dirty pages are not to be waited for
    with Peak(engine.pullers) as peak, Stopwatch() as watch:
        work()
    peaks.setdefault(engine.name, []).append(peak.above_idle)
    return watch.ms / 1000


def pulls(context, engines, name, megabytes, rounds):
    peaks = {}

    def one(engine):
        took = with_peak(engine, peaks, lambda: engine.call("pull", "-q", name))
        engine.call("rmi", name)
        return took
    samples, left_out = context.turns({n: (lambda _, e=e: one(e)) for n, e in engines.items()}, rounds, warm_up=0)
    context.figures.append(figure("pull", f"pull of {megabytes} MB in {LAYERS} layers", "s", samples, left_out=left_out,
                                  method="From a docker-registry on the loopback, into an engine that has none of it."))
    context.figures.append(figure("pull-memory", "memory of a pull, above idle", "MB",
                                  {n: peaks[n] for n in samples},
                                  method="The largest PSS of the engine's processes, looked at every 20 ms."))


def pushes(context, engines, name, megabytes, rounds):
    for engine in engines.values():
        engine.call("pull", "-q", name)

    def one(engine, number):
        target = f"{registry.ADDRESS}/{engine.name}-{number + 10}:1"
        engine.call("tag", name, target)
        with Stopwatch() as watch:
            engine.call("push", target)
        engine.call("rmi", target)
        return watch.ms / 1000
    samples, left_out = context.turns({n: (lambda k, e=e: one(e, k)) for n, e in engines.items()}, rounds, warm_up=0)
    context.figures.append(figure("push", f"push of {megabytes} MB, of layers the registry can mount", "s", samples,
                                  left_out=left_out,
                                  method="To a repository that is new in a registry that has the layers elsewhere: "
                                         "an engine that asks to mount them sends nothing."))


def save_and_load(context, engines, name, megabytes, rounds):
    loads = {}

    def one(engine, number):
        file = context.place / f"{engine.name}.tar"
        with Stopwatch() as saved:
            engine.call("save", "-o", file, name)
        engine.call("rmi", name)
        os.sync()
        with Stopwatch() as loaded:
            engine.call("load", "-q", "-i", file)
        file.unlink()
        if number >= 0:
            loads.setdefault(engine.name, []).append(loaded.ms / 1000)
        return saved.ms / 1000
    samples, left_out = context.turns({n: (lambda k, e=e: one(e, k)) for n, e in engines.items()}, rounds, warm_up=0)
    context.figures.append(figure("save", f"save of {megabytes} MB", "s", samples, left_out=left_out))
    context.figures.append(figure("load", f"load of {megabytes} MB", "s", {n: loads[n] for n in samples},
                                  left_out=left_out, method="Into an engine that has none of it."))


def measure(context):
    megabytes = 40 if context.quick else 750
    rounds = context.rounds(3, 1)
    name = f"{registry.ADDRESS}/bench:1"
    with registry.Registry(context.place):
        packed = registry.push_image("bench", [registry.layer(number, megabytes * 1_000_000 // LAYERS)
                                               for number in range(LAYERS)])
        context.notes.append(f"The image has {megabytes} MB unpacked, {packed / 1e6:.0f} MB packed.")
        with context.engines(image=False) as engines:
            pulls(context, engines, name, megabytes, rounds)
            pushes(context, engines, name, megabytes, rounds)
            save_and_load(context, engines, name, megabytes, rounds)
