# SPDX-License-Identifier: Apache-2.0
"""A Dockerfile of twenty steps, cold and cached."""
from lib.engines import IMAGE
from lib.figure import curve, figure

TITLE = "Build"
PATIENCE = 600


def dockerfile(steps):
    """Half of them run a program, half copy a folder; the last three only
    configure."""
    changing = "".join(
        f"RUN mkdir -p /d{i} && echo {i} > /d{i}/f && cat /d{i}/f\n" if i % 2 else f"COPY c{i} /copied/{i}/\n"
        for i in range(1, steps - 3))
    return f"FROM {IMAGE}\n{changing}ENV A=1 B=2\nWORKDIR /w/dir\nCMD [\"sh\"]\n"


def context_folder(place, steps):
    place.mkdir()
    for i in range(1, steps):
        (place / f"c{i}").write_text(f"file {i}\n" * 2000)
    (place / "Dockerfile").write_text(dockerfile(steps))
    return place


def build(context, engine, folder, *options):
    return context.timed(engine, "build", "--network", "none", "-t", "built:1", *options, folder)


def measure(context):
    points = {}
    with context.engines() as engines:
        if context.quick:
            engines.pop("podman", None)
        for steps in (20,) if context.quick else (5, 20, 80):
            folder = context_folder(context.place / f"steps{steps}", steps)
            for kind, mark in (("cold", "--no-cache"), ("cached", None)):
                options = (mark,) if mark else ()
                layers = {n: (() if n != "podman" else ("--layers",)) for n in engines}
                samples, left_out = context.turns(
                    {n: (lambda _, e=e: build(context, e, folder, *options, *layers[e.name]))
                     for n, e in engines.items()}, context.rounds(5 if steps == 20 else 2, 1),
                    warm_up=0 if kind == "cold" else 1)
                if steps == 20:
                    context.figures.append(figure(f"build-{kind}", f"build of 20 steps, {kind}", "ms", samples,
                                                  left_out=left_out))
                for n, values in samples.items():
                    points.setdefault(kind, {}).setdefault(n, {})[steps] = values
    for kind, found in points.items():
        context.figures.append(curve(f"build-{kind}-steps", f"build of n steps, {kind}", "ms", "steps", found))
