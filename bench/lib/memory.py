# SPDX-License-Identifier: Apache-2.0
"""Memory of processes, from /proc/PID/smaps_rollup. Rss counts what is shared
in full, Pss divides it by those who share it, private is what would be free
again if this process alone ended."""
import pathlib
import threading

KINDS = ("rss", "pss", "private")


def parse(text):
    """MB of each kind."""
    sizes = {}
    for line in text.splitlines()[1:]:
        key, value = line.split(":")
        sizes[key] = int(value.split()[0]) / 1024
    return {"rss": sizes["Rss"], "pss": sizes["Pss"], "private": sizes["Private_Clean"] + sizes["Private_Dirty"]}


def of_process(pid):
    return parse(pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text())


def processes(names):
    """The pids here whose program has one of these names (15 characters of
    it, the kernel keeps no more)."""
    short = {name[:15] for name in names}
    found = []
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if (folder / "comm").read_text().strip() in short:
                found.append(int(folder.name))
        except OSError:
            pass  # it ended
    return found


def of_all(names):
    total = dict.fromkeys((*KINDS, "processes"), 0)
    for pid in processes(names):
        try:
            one = of_process(pid)
        except (OSError, KeyError, IndexError):
            continue  # it ended
        for kind in KINDS:
            total[kind] += one[kind]
        total["processes"] += 1
    return total


class Peak:
    """The most Pss that processes of these names had at once while the block
    lasts, above what they had before, in MB."""

    def __init__(self, names):
        self.names, self.most, self.over = names, 0.0, threading.Event()
        self.thread = threading.Thread(target=self.watch, daemon=True)

    def watch(self):
        while not self.over.wait(0.02):
            self.most = max(self.most, of_all(self.names)["pss"])

    def __enter__(self):
        self.idle = of_all(self.names)["pss"]
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()
        self.above_idle = max(0.0, self.most - self.idle)
