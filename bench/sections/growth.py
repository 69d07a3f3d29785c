# SPDX-License-Identifier: Apache-2.0
"""How the cost of one start grows with what is there already."""
import io
import tarfile

from lib import registry
from lib.api import Connection
from lib.engines import IMAGE
from lib.figure import curve

TITLE = "Growth of the cost of a start"
PATIENCE = 900


def one_start(context, engine, *options, image=IMAGE):
    return context.timed(engine, "run", "--rm", *options, image, "true")


def collect(points, number, samples):
    for name, values in samples.items():
        points.setdefault(name, {})[number] = values


def by_containers(context, engines, counts, rounds):
    points, made = {}, {n: 0 for n in engines}
    for count in counts:
        able = {n: e for n, e in engines.items() if n == "docker-cpp" or count <= 100}
        for name, engine in able.items():
            connection = Connection(engine.socket)
            while made[name] < count:
                connection.start(connection.create("sleep", "100000"))
                made[name] += 1
        samples, _ = context.turns({n: (lambda _, e=e: one_start(context, e)) for n, e in able.items()}, rounds)
        collect(points, count, samples)
    for engine in engines.values():
        engine.remove_all()
    context.figures.append(curve("grow-containers", "run --rm true, with n containers running", "ms", "containers",
                                 points))


def by_ports(context, engines, counts, rounds):
    points = {}
    for count in counts:
        able = {n: e for n, e in engines.items() if n == "docker-cpp" or count <= 100}
        ports = f"20000-{19999 + count}"
        samples, left_out = context.turns(
            {n: (lambda _, e=e: one_start(context, e, "-p", f"{ports}:{ports}")) for n, e in able.items()}, rounds,
            warm_up=0)
        collect(points, count, samples)
        context.notes += [f"{n} with {count} ports: {why}" for n, why in left_out.items()]
    context.figures.append(curve("grow-ports", "run --rm true, publishing n ports", "ms", "published ports", points,
                                 method="Each port is a rule, and for Docker two more processes."))


def by_networks(context, engines, counts, rounds):
    points, made = {}, 0
    for count in counts:
        for number in range(made, count):
            for place, engine in enumerate(engines.values()):
                subnet = f"10.{100 + place}.{number}.0/24"
                engine.call("network", "create", "--subnet", subnet, f"net{number}")
        made = count
        samples, _ = context.turns({n: (lambda _, e=e: one_start(context, e, "--network", "net0"))
                                    for n, e in engines.items()}, rounds)
        collect(points, count, samples)
    context.figures.append(curve("grow-networks", "run --rm true on one of n networks", "ms", "networks", points))


def small_layer(number):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        entry = tarfile.TarInfo(f"layer{number}")
        entry.size = 100
        tar.addfile(entry, io.BytesIO(b"x" * 100))
    return out.getvalue()


def by_layers(context, engines, counts, rounds):
    points = {}
    base = (context.place / "busybox.tar").read_bytes()
    with registry.Registry(context.place):
        for count in counts:
            registry.push_image(f"layers{count}", [base, *map(small_layer, range(count - 1))])
            name = f"{registry.ADDRESS}/layers{count}:1"
            for engine in engines.values():
                engine.call("pull", "-q", name)
            samples, _ = context.turns({n: (lambda _, e=e: one_start(context, e, "--network", "none", image=name))
                                        for n, e in engines.items()}, rounds)
            collect(points, count, samples)
    context.figures.append(curve("grow-layers", "run --rm true of an image of n layers", "ms", "layers", points,
                                 method="overlayfs looks through every layer; that part is the kernel's."))


def measure(context):
    quick, rounds = context.quick, context.rounds(5, 2)
    with context.engines("docker-cpp", "docker") as engines:
        by_containers(context, engines, (1, 10) if quick else (1, 10, 100, 500), rounds)
        by_ports(context, engines, (1, 10) if quick else (1, 10, 100, 1000), rounds)
        by_networks(context, engines, (1, 5) if quick else (1, 10, 50), rounds)
        by_layers(context, engines, (1, 10) if quick else (1, 10, 50, 100), rounds)
