#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The command lines of parity/*.txt: docker-cpp at our engine must answer what
docker 28 at Debian's dockerd answered, but for the differences that the files
name with their reasons.

    parity.py [FILE...]             ours against what is written
    parity.py --docker [FILE...]    docker and dockerd against what is written
    parity.py --record [FILE...]    writes what docker and dockerd answer
    parity.py --document [--check]  docs/COMPATIBILITY.md from the files
"""
import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import parity_document
import parity_lines
from blackbox_images import image_archive
from same_tests_on_docker import busybox_root

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "daemon/tests"))


class Ours:
    def __init__(self):
        from engine_under_test import Engine
        self.engine = Engine(os.environ["DOCKER_CPP_BINARIES"])
        self.engine.start()
        self.host = "unix://" + self.engine.socket
        self.client = os.path.join(os.environ["DOCKER_CPP_BINARIES"], "docker-cpp")

    def close(self):
        self.engine.close()


class Docker:
    """Debian's dockerd, in namespaces of this process."""

    def __init__(self):
        import same_tests_on_docker as same
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="parity-dockerd-"))
        self.host = f"unix://{self.place}/sock"
        self.client = shutil.which("docker")
        log = open(self.place / "log", "w")
        self.dockerd = subprocess.Popen(
            ["/usr/sbin/dockerd", "--data-root", str(self.place / "data"), "--exec-root", str(self.place / "run"),
             "-H", self.host, "-p", str(self.place / "pid"), "--cgroup-parent", "/" + same.CGROUP],
            stdout=log, stderr=log)
        log.close()
        same.ready(self.host)

    def close(self):
        import same_tests_on_docker as same
        self.dockerd.terminate()
        self.dockerd.wait(timeout=60)
        same.remove_cgroups()
        shutil.rmtree(self.place, ignore_errors=True)


class Typist:
    """Types lines into sh, where `docker` is the client under test."""

    def __init__(self, engine):
        self.engine = engine
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="parity-"))
        (self.place / "bin").mkdir()
        (self.place / "bin/docker").symlink_to(engine.client)
        (self.place / "here").mkdir()
        busybox_root(self.place / "root.tar")
        image = image_archive("busybox:latest", (self.place / "root.tar").read_bytes(), command="sh")
        (self.place / "busybox.tar").write_bytes(image)

    def type(self, text, timeout=300):
        kept = {k: v for k, v in os.environ.items() if not k.startswith("DOCKER_")}
        environment = {**kept, "PATH": f"{self.place}/bin:" + os.environ["PATH"], "DOCKER_HOST": self.engine.host,
                       "DOCKER_CONFIG": str(self.place / "config"), "DOCKER_CLI_HINTS": "false",
                       "DOCKER_BUILDKIT": "0", "LC_ALL": "C.UTF-8", "TZ": "UTC", "PLACE": str(self.place),
                       "COLUMNS": "80"}
        return subprocess.run(["sh", "-c", text], cwd=self.place / "here", env=environment, text=True, timeout=timeout,
                              stdin=subprocess.DEVNULL, capture_output=True, errors="replace")

    def clean(self):
        self.type("docker ps -aq | xargs -r docker rm -f -v; docker network prune -f; docker volume ls -q | "
                  "xargs -r docker volume rm; docker images -q | sort -u | xargs -r docker rmi -f; "
                  "docker images -aq | sort -u | xargs -r docker rmi -f; docker builder prune -af; docker load -q -i $PLACE/busybox.tar")
        shutil.rmtree(self.place / "here")
        shutil.rmtree(self.place / "config", ignore_errors=True)
        (self.place / "here").mkdir()

    def answer(self, line):
        try:
            done = self.type(line.text, timeout=90)
        except subprocess.TimeoutExpired:
            return parity_lines.Answer(124, [], ["it does not end"])
        if not line.compared and done.returncode != 0:
            raise SystemExit(f"{line.text}: {done.returncode}: {done.stdout}{done.stderr}")
        return parity_lines.Answer.of(done.returncode, done.stdout, done.stderr)

    def close(self):
        shutil.rmtree(self.place, ignore_errors=True)


def told(line, got):
    print("\n".join(["", f"$ {line.text}", "--- docker", *line.answer.lines(), "--- here", *got.lines()]))


def compare(typist, scenarios, ours):
    """How many lines answer otherwise than they should."""
    wrong = 0
    for scenario in scenarios:
        typist.clean()
        for line in scenario.lines:
            got = typist.answer(line)
            if not line.compared:
                continue
            same = line.answer.same(got, line.unordered)
            if not same and not (ours and line.differs):
                wrong += 1
                told(line, got)
            elif same and ours and line.differs:
                wrong += 1
                print(f"\n$ {line.text}\nno longer differs: {line.differs}")
    return wrong


def record(typist, scenarios):
    for scenario in scenarios:
        typist.clean()
        for line in scenario.lines:
            line.answer = typist.answer(line)


def arguments():
    parser = argparse.ArgumentParser()
    for flag in ("docker", "record", "document", "check"):
        parser.add_argument("--" + flag, action="store_true")
    parser.add_argument("files", nargs="*")
    return parser.parse_args()


def run(wanted):
    engine = Docker() if wanted.docker or wanted.record else Ours()
    typist = Typist(engine)
    wrong = count = 0
    try:
        for path in parity_lines.files():
            if wanted.files and path.stem not in wanted.files:
                continue
            scenarios = parity_lines.read(path)
            count += sum(line.compared for one in scenarios for line in one.lines)
            if wanted.record:
                record(typist, scenarios)
                parity_lines.write(path, scenarios)
            else:
                wrong += compare(typist, scenarios, ours=not wanted.docker)
    finally:
        typist.close()
        engine.close()
    print(f"{count} lines, {wrong} answered otherwise")
    return 1 if wrong else 0


def main():
    wanted = arguments()
    if wanted.document:
        return parity_document.main(wanted.check)
    if (wanted.docker or wanted.record) and os.environ.get("SAME_TESTS_INSIDE") != "1":
        os.environ["SAME_TESTS_INSIDE"] = "1"
        os.execvp("unshare", ["unshare", "--mount", "--net", sys.executable, __file__, *sys.argv[1:]])
    if wanted.docker or wanted.record:
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    return run(wanted)


if __name__ == "__main__":
    sys.exit(main())
