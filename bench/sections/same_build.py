# SPDX-License-Identifier: Apache-2.0
"""Not a time: whether docker-cpp builds what Docker builds, file by file."""
import json

from lib.world import Failure
from .build import context_folder, dockerfile

TITLE = "Built alike"
PATIENCE = 600
KEYS = ("Env", "Cmd", "Entrypoint", "User", "WorkingDir", "Labels", "ExposedPorts", "Volumes", "StopSignal", "Shell",
        "Healthcheck", "OnBuild")
DOCKERFILES = [
    dockerfile(20),
    "FROM busybox\nARG who=x\nENV A=\"a b\" C=$who\nLABEL l=1\nUSER 5:6\nEXPOSE 80 9/udp\nVOLUME /v\n"
    "STOPSIGNAL SIGUSR1\nSHELL [\"/bin/sh\",\"-ec\"]\nENTRYPOINT echo hi\nCMD [\"x\"]\nHEALTHCHECK --retries=3 CMD true\n",
    "FROM busybox AS a\nRUN busybox echo 1 > /one && busybox chmod 600 /one && busybox ln -s one /link && busybox mkfifo "
    "/fifo\nFROM busybox\nCOPY --from=a /one /link /from/\nCOPY --chown=3:4 c2 /owned/\nWORKDIR /from/w\n"
    "RUN mkdir -p /x/y && busybox touch /x/y/z\nRUN busybox rm -rf /x/y && mkdir /x/y\n",
]
LOOK = ("busybox find / -xdev ! -path '/proc*' ! -path '/sys*' ! -path '/dev*' ! -path '/etc/host*' ! -path "
        "'/etc/resolv.conf' ! -path '/v' -exec busybox stat -c '%n %f %u %g' {} + | busybox sort; "
        "busybox find /copied /from /d1 -type f -exec busybox sha256sum {} + 2>/dev/null | busybox sort")


def seen(engine, tag):
    """What an image is: its configuration and every file."""
    config = json.loads(engine.call("image", "inspect", "--format", "{{json .Config}}", tag))
    files = engine.call("run", "--rm", "--network", "none", "--user", "0:0", "-w", "/", "--entrypoint", "sh", tag, "-c",
                        LOOK)
    if "bin/busybox" not in files:
        raise Failure(f"{engine.name}: {tag} has no files")
    return {key: config.get(key) or None for key in KEYS}, files.splitlines()


def difference(ours, docker):
    config = [f"{key}: {ours[0][key]} instead of {docker[0][key]}" for key in KEYS if ours[0][key] != docker[0][key]]
    extra, lacking = set(ours[1]) - set(docker[1]), set(docker[1]) - set(ours[1])
    return config + [f"only ours: {line}" for line in sorted(extra)[:20]] \
        + [f"only Docker's: {line}" for line in sorted(lacking)[:20]]


def measure(context):
    with context.engines("docker-cpp", "docker") as engines:
        if len(engines) < 2:
            raise Failure(str(context.stable.left_out))
        for number, text in enumerate(DOCKERFILES):
            folder = context_folder(context.place / f"alike{number}", 20)
            (folder / "Dockerfile").write_text(text)
            results = []
            for name in ("docker-cpp", "docker"):
                engines[name].call("build", "--network", "none", "-t", "alike:1", folder)
                results.append(seen(engines[name], "alike:1"))
            found = difference(*results)
            if found:
                raise Failure(f"Dockerfile {number} is built otherwise: " + "; ".join(found))
            context.notes.append(f"Dockerfile {number}: {len(results[0][1])} lines of files, the same")
