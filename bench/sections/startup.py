# SPDX-License-Identifier: Apache-2.0
"""What a person waits for at the command line."""
import subprocess

from lib.engines import IMAGE
from lib.figure import figure

TITLE = "Start-up, at the command line"
PATIENCE = 600
POLITE = ("sh", "-c", "trap exit TERM; sleep 100000 & wait")


def runs(context, engines, network, rounds):
    work = {name: (lambda _, e=e: context.timed(e, "run", "--rm", "--network", network, IMAGE, "true"))
            for name, e in engines.items()}
    samples, left_out = context.turns(work, rounds)
    context.figures.append(figure(
        f"run-{network}", f"run --rm true, network {network}", "ms", samples, left_out=left_out,
        method="From before the client starts until after it has ended: with creating, the container's run and its removal."))


def detached(context, engines, rounds):
    def one(engine, number):
        name = f"detached{number + 100}"
        took = context.timed(engine, "run", "-d", "--name", name, IMAGE, "sleep", "100000")
        engine.call("rm", "-f", name)
        return took
    samples, left_out = context.turns({n: (lambda k, e=e: one(e, k)) for n, e in engines.items()}, rounds)
    context.figures.append(figure("run-detached", "run -d sleep, until its process runs", "ms", samples,
                                  left_out=left_out, method="The client answers when the program has been executed."))


def apart(context, engines, rounds):
    """One life, step by step."""
    steps = {"create": {}, "start": {}, "stop": {}, "rm": {}}

    def life(engine, number):
        name = f"life{number + 100}"
        took = {"create": context.timed(engine, "create", "--name", name, IMAGE, *POLITE)}
        for step in ("start", "stop", "rm"):
            took[step] = context.timed(engine, step, name)
        if number >= 0:
            for step, value in took.items():
                steps[step].setdefault(engine.name, []).append(value)
        return sum(took.values())
    samples, left_out = context.turns({n: (lambda k, e=e: life(e, k)) for n, e in engines.items()}, rounds)
    for step, values in steps.items():
        context.figures.append(figure(
            step, f"{step}, by itself", "ms", {n: v for n, v in values.items() if n in samples}, left_out=left_out,
            method="Of a container on the bridge, whose program ends at once when asked to."))


def executions(context, engines, rounds):
    for engine in engines.values():
        engine.call("run", "-d", "--name", "long", IMAGE, "sleep", "100000")
    samples, left_out = context.turns({n: (lambda _, e=e: context.timed(e, "exec", "long", "true"))
                                       for n, e in engines.items()}, rounds)
    context.figures.append(figure("exec", "exec true, in a container that runs", "ms", samples, left_out=left_out))
    for engine in engines.values():
        engine.call("rm", "-f", "long")


def first_after_start(context, engines, rounds):
    def one(engine):
        engine.stop()
        engine.start()
        return context.timed(engine, "run", "--rm", IMAGE, "true")
    samples, left_out = context.turns({n: (lambda _, e=e: one(e)) for n, e in engines.items() if e.has_api}, rounds,
                                      warm_up=0)
    context.figures.append(figure("run-first", "first run --rm true after the daemon has started", "ms", samples,
                                  left_out=left_out))


def cold(context, engines, rounds):
    def one(engine):
        subprocess.run(["sync"], check=True)
        with open("/proc/sys/vm/drop_caches", "w", encoding="ascii") as file:
            file.write("3")
        return context.timed(engine, "run", "--rm", IMAGE, "true")
    samples, left_out = context.turns({n: (lambda _, e=e: one(e)) for n, e in engines.items()}, rounds, warm_up=0)
    context.figures.append(figure(
        "run-cold", "run --rm true with a cold page cache", "ms", samples, left_out=left_out,
        method="The page cache, entries and inodes are dropped before each run; pages mapped by a daemon stay."))


def measure(context):
    with context.engines() as engines:
        runs(context, engines, "bridge", context.rounds(25, 5))
        runs(context, engines, "none", context.rounds(15, 3))
        if not context.quick:
            runs(context, engines, "host", context.rounds(15, 0))
        detached(context, engines, context.rounds(12, 2))
        if not context.quick:
            apart(context, engines, context.rounds(12, 0))
        executions(context, engines, context.rounds(20, 5))
        if not context.quick:
            first_after_start(context, engines, context.rounds(5, 0))
            cold(context, engines, context.rounds(5, 0))
