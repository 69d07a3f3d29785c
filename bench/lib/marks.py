# SPDX-License-Identifier: Apache-2.0
"""What we set out to reach. A mark that is missed is reported with the reason
for it, if somebody knows one."""
from . import figure, stats

# section, figure, what is judged, at least or at most, first mark, second mark
# (None: there is none), in words. A ratio is how many times better we are.
TABLE = (
    ("startup", "run-bridge", "docker", "ratio", 10, 40, "run --rm true on a bridge, times faster than Docker"),
    ("runtime", "oci-run", "crun", "ratio", 1, 2, "OCI run of true, times faster than crun"),
    ("runtime", "oci-limit", "crun", "ratio", 1, None, "smallest memory limit, against crun's"),
    ("runtime", "oci-limit", None, "most", None, 128, "smallest memory limit, KiB"),
    ("memory", "daemon-idle-rss", "docker", "ratio", 8, 12, "daemon at rest, RSS, times smaller than Docker's"),
    ("memory", "per-container", None, "most", 1, 0.2, "per container, PSS, MB"),
    ("bursts", "at-once-100", "docker", "ratio", 10, 30, "100 containers at once, times faster than Docker"),
    ("recovery", "ps-1000", None, "most", 50, None, "ps with 1,000 containers, ms"),
    ("recovery", "recovery-1000", None, "most", None, 3000, "daemon restart with 1,000 containers, ms"),
    ("images", "pull", "docker", "ratio", 2, 3, "pull of a large image, times faster than Docker"),
    ("build", "build-cold", "docker", "ratio", 2, None, "build of 20 steps, cold, times faster than Docker"),
    ("build", "build-cached", "docker", "ratio", 10, None, "build of 20 steps, cached, times faster than Docker"),
    ("startup", "exec", "docker", "ratio", 10, None, "exec true, times faster than Docker"),
    ("api", "api-list-50", None, "least", 1500, 10000, "list of 50 containers, requests per second"),
)

# Why a mark is out of reach, by figure: for the report.
REASONS = {
    "oci-run": "Most of what is left is the kernel's: compare with the floor, which does nothing else. The second mark "
               "asks for less than the floor where that alone takes more than half of crun's time.",
    "exec": "The client's own start and the way through daemon and monitor are a fixed part that a faster exec cannot "
            "shorten; see the counts of processes and programs.",
    "run-bridge": "The network namespace, the veth pair and the firewall's transaction are the kernel's; the floor and "
                  "the network's micro benchmarks say how much of the time that is.",
    "build-cold": "Each RUN step is a whole container and each layer is made durable before it counts; on a busy disk "
                  "the syncs dominate both engines.",
    "pull": "Bounded by decompression and hashing on the processors there are; Docker uses unpigz in parallel.",
    "per-container": "What remains are the monitor's own pages: its stack, its relocated data and its page tables.",
    "api-list-50": "The client is a Python program that parses nothing but reads each answer; its own time is part of "
                   "each request.",
}


def value_of(fig, against, kind):
    """Median and interval of what is judged, or None."""
    if kind == "ratio":
        found = figure.ratio(fig, against)
    else:
        ours = figure.ours_of(fig["samples"])
        found = stats.summary(fig["samples"][ours]) if ours and fig["samples"][ours] else None
    return found


def verdict(found, kind, mark):
    if mark is None:
        return None
    return found["median"] <= mark if kind == "most" else found["median"] >= mark


def judge(results):
    """A row for every mark whose section was measured."""
    rows = []
    for section, name, against, kind, first, second, words in TABLE:
        measured = results["sections"].get(section)
        if measured is None:
            continue
        fig = next((one for one in measured["figures"] if one["name"] == name), None)
        found = value_of(fig, against, kind) if fig else None
        row = {"section": section, "figure": name, "words": words, "kind": kind, "first": first, "then": second}
        if found is None:
            # The quick form leaves figures out on purpose.
            if not results.get("quick"):
                rows.append({**row, "value": None, "interval": None, "first_met": False, "then_met": False,
                             "reason": measured["error"] or "not measured"})
            continue
        met = {"first_met": verdict(found, kind, first), "then_met": verdict(found, kind, second)}
        missed = False in met.values()
        rows.append({**row, **met, "value": found["median"], "interval": found["interval"],
                     "reason": REASONS.get(name, "the reason is not known") if missed else None})
    return rows
