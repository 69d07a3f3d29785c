# SPDX-License-Identifier: Apache-2.0
"""What a chatty container writes, and how fast it is read back."""
import subprocess

from lib.engines import IMAGE
from lib.figure import curve, figure
from lib.turns import Stopwatch
from lib.world import Failure

TITLE = "Logs"
PATIENCE = 500
LINE = "0123456789" * 6 + "012"


def chatter(megabytes):
    return ["sh", "-c", f"yes {LINE} | head -c {megabytes << 20}"]


def write(engine, megabytes):
    """MB per second from the start until the container has ended, that is
    until all is taken."""
    with Stopwatch() as watch:
        done = subprocess.run(engine.command("run", "-d", "--name", "chatty", "--network", "none", IMAGE,
                                             *chatter(megabytes)), env=engine.env, capture_output=True, check=False)
        if done.returncode != 0:
            raise Failure(done.stderr.decode(errors="replace")[-300:])
        engine.call("wait", "chatty")
    engine.call("rm", "-f", "chatty")
    return megabytes / watch.ms * 1000


def read(engine, *options):
    """Milliseconds, and the bytes that came."""
    with Stopwatch() as watch, subprocess.Popen(engine.command("logs", *options, "written"), env=engine.env,
                                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as client:
        count = 0
        while block := client.stdout.read(1 << 20):
            count += len(block)
    if count == 0 or client.returncode != 0:
        raise Failure(f"{engine.name}: logs gave {count} bytes, status {client.returncode}")
    return watch.ms, count


def prepare(engines, megabytes):
    for engine in engines.values():
        engine.call("run", "--name", "written", "-d", "--network", "none", IMAGE, *chatter(megabytes))
        engine.call("wait", "written")


def measure(context):
    size = 4 if context.quick else 64
    rounds = context.rounds(4, 2)
    tails = {}
    with context.engines() as engines:
        samples, left_out = context.turns({n: (lambda _, e=e: write(e, size)) for n, e in engines.items()}, rounds,
                                          warm_up=0)
        context.figures.append(figure("log-write", f"log of {size} MB, written", "MB/s", samples, better="more",
                                      left_out=left_out, method="With the engine's default driver; Podman: k8s-file, "
                                      "as there is no journal. Lines of 64 bytes."))
        for megabytes in (1, 4) if context.quick else (1, 8, 64):
            prepare(engines, megabytes)
            if megabytes == size:
                samples, left_out = context.turns(
                    {n: (lambda _, e=e: size / read(e)[0] * 1000) for n, e in engines.items()}, rounds)
                context.figures.append(figure("log-read", f"log of {size} MB, read by `logs`", "MB/s", samples,
                                              better="more", left_out=left_out))
            samples, _ = context.turns({n: (lambda _, e=e: read(e, "--tail", "10")[0]) for n, e in engines.items()},
                                       rounds)
            for n, values in samples.items():
                tails.setdefault(n, {})[megabytes] = values
            for engine in engines.values():
                engine.call("rm", "-f", "written")
    context.figures.append(curve("log-tail", "logs --tail 10 of a log of n MB", "ms", "MB of log", tails,
                                 method="The last lines of a long log should cost what those of a short one do."))
