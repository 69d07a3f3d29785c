# SPDX-License-Identifier: Apache-2.0
"""Where the time goes, in words, with the counts of this very run: strace's of
each engine and our runtime's --explain."""
from . import figure

SECTIONS = {
    "startup": "Where the time goes: {engines} Each process that is made has to be cloned, loaded and linked, and each "
               "border between daemons is two serialisations; the kernel's part (namespaces, mounts, a veth pair, one "
               "firewall transaction) is the same for all, and the floor below shows its size.",
    "runtime": "Where the time goes: {oci} {story}",
    "bursts": "Where the time goes: with many starts at once the processors are the limit, so what counts is the "
              "processor time of one start, and every lock that all starts share: the network namespace list, the mount "
              "tree, the firewall, the disk's syncs. {tasks}",
    "memory": "Where the memory goes: into pages that a process has written (its heap and relocated data) and, in RSS, "
              "into code that others share. Docker keeps a shim with a Go runtime and its threads per container; we keep "
              "one small static monitor, which gives its start's pages back after its first quiet second.",
    "api": "Where the time goes: for a ping into the connection itself and the client; for lists into making the answer. "
           "docker-cpp keeps each container's state ready in memory, so a list is mostly text.",
    "logs": "Where the time goes: the program writes into a pipe; the reader takes blocks, finds the lines, escapes them "
            "as JSON and appends them to a file. What matters is copying each byte few times, and no general JSON library "
            "per line.",
    "network": "Where the time goes: a stream is the kernel's alone, so engines differ only in what their rules make each "
               "packet pass. Connections see the rules' lookup (a map by port in docker-cpp, a chain of rules in Docker); "
               "the name server is the engine's own.",
    "images": "Where the time goes: a pull is bounded by inflating and hashing; docker-cpp does both in one pass, layers "
              "in parallel, with ISA-L, and makes each layer durable by one sync. A push of known layers asks the "
              "registry to mount them.",
    "build": "Where the time goes: a cold build is a container per RUN step and a durable layer per step; a cached build "
             "is the client's packing of the context and a lookup per step.",
    "recovery": "Where the time goes: a new daemon reads one record per container, finds each monitor by its socket and "
                "asks it for the state; nothing is started.",
    "growth": "A start's cost should not depend on what else is there. Where it does, the kernel's part (more layers to "
              "look through, more rules to replace) is common to both engines, and the exponent tells whether ours grows "
              "faster. 0 is flat, 1 in proportion.",
    "size": "What is linked statically is in the programs, what is linked dynamically in the libraries, so the two "
            "figures are to be read together.",
    "where": "Counting disturbs: under strace everything is several times slower, so these are numbers of events and not "
             "times.",
    "micro": "One hot path of each stage by itself, in microseconds, seven repetitions in random order. The bench needs no "
             "engine, so it tells what a change of one stage does before it is drowned in a whole start.",
}


def counted(results, name):
    """{contender: number} of a figure of the section `where`."""
    section = results["sections"].get("where", {"figures": []})
    fig = next((one for one in section["figures"] if one["name"] == name), None)
    return {who: values[0] for who, values in fig["samples"].items() if values} if fig else {}


def engines(results):
    calls, tasks, programs = (counted(results, name) for name in ("calls", "tasks", "programs"))
    return " ".join(f"One `run --rm true` of {who} makes {calls[who]:,} system calls, {tasks.get(who, 0)} processes and "
                    f"threads, and executes {programs.get(who, 0)} programs." for who in calls)


def tasks(results):
    found = counted(results, "tasks")
    return " ".join(f"{who} makes {n} processes and threads for one start." for who, n in found.items())


def oci(results):
    found = counted(results, "oci-calls")
    return " ".join(f"An OCI run of {who} makes {n:,} system calls." for who, n in found.items())


def story(results):
    """The note of the section `where` that --explain made."""
    notes = results["sections"].get("where", {"notes": []})["notes"]
    return next((note for note in notes if note.startswith("docker-cpp-runtime run --explain")), "")


def of_section(results, name):
    parts = {"engines": engines(results), "tasks": tasks(results), "oci": oci(results), "story": story(results)}
    return " ".join(SECTIONS.get(name, "").format(**parts).split())


def of_network_share(results):
    """What the bridge adds, by this run's own medians."""
    section = results["sections"].get("startup", {"figures": []})
    medians = {fig["name"]: figure.summaries(fig) for fig in section["figures"] if "samples" in fig}
    bridge, none = medians.get("run-bridge", {}), medians.get("run-none", {})
    told = [f"{who} {bridge[who]['median'] - none[who]['median']:.1f} ms" for who in bridge if who in none]
    return "The bridge adds, over no network: " + ", ".join(told) + "." if told else ""


def of_floor(fig):
    about = figure.summaries(fig)
    if "floor" not in about:
        return ""
    floor = about["floor"]["median"]
    return "Above the floor: " + ", ".join(f"{who} {one['median'] / floor:.1f} times" for who, one in about.items()
                                           if who != "floor") + "."


def of_figure(results, section, fig):
    """More, where there is something to say of one figure."""
    if (section, fig["name"]) == ("startup", "run-bridge"):
        return of_network_share(results)
    if "samples" in fig:
        return of_floor(fig)
    steep = {who: k for who, k in figure.growth(fig).items() if k is not None}
    if section in ("growth", "recovery", "bursts") and steep:
        return "At its end the cost grows with the power " + ", ".join(f"{k:.2f} ({who})" for who, k in steep.items()) \
            + " of the number."
    return ""
