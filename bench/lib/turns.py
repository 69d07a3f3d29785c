# SPDX-License-Identifier: Apache-2.0
"""Contenders take turns."""
import os
import pathlib
import subprocess
import time

from .world import Failure


def timed(argv, env, log):
    """Milliseconds from before the start to after the end of a command, and
    those that processors spent on it, if it has no helpers elsewhere."""
    actions = [(os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
               (os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0),
               (os.POSIX_SPAWN_OPEN, 2, str(log), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)]
    argv = [str(word) for word in argv]
    start = time.perf_counter()
    pid = os.posix_spawn(argv[0], argv, env, file_actions=actions)
    _, status, usage = os.wait4(pid, 0)
    took = (time.perf_counter() - start) * 1000
    if status != 0:
        told = pathlib.Path(log).read_text(errors="replace").strip()
        raise Failure(f"{' '.join(argv)} failed ({os.waitstatus_to_exitcode(status)}): {told[-500:]}")
    return took, (usage.ru_utime + usage.ru_stime) * 1000


# [take-turns]
def take_turns(work, rounds, pause=0.05, warm_up=1):
    """{contender: [value...]}, {contender: why it was left out}. `work` maps
    each contender to a function of the round's number, which does one round
    and returns the value measured. Who begins changes every round."""
    samples = {name: [] for name in work}
    left_out = {}
    order = list(work)
    for number in range(-warm_up, rounds):
        for name in order:
            if name in left_out:
                continue
            try:
                value = work[name](number)
            except (Failure, OSError, subprocess.SubprocessError) as error:
                left_out[name] = str(error)[-500:]
                continue
            if number >= 0:
                samples[name].append(value)
            time.sleep(pause)  # what it left to do in the background
        order.reverse()
    return {name: values for name, values in samples.items() if name not in left_out}, left_out
# [take-turns]


class Stopwatch:
    """Milliseconds of a block: `with Stopwatch() as watch: ...; watch.ms`."""

    def __enter__(self):
        self.start = time.perf_counter()
        return self

    def __exit__(self, *_):
        self.ms = (time.perf_counter() - self.start) * 1000
