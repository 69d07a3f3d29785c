#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The black-box suites, run against Debian's dockerd: whatever they demand of
docker-cppd must be true of Docker too, or they test our own taste.

    same_tests_on_docker.py [SUITE...]

dockerd gets roots, a socket, a network and a mount namespace of its own.
"""
import io
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
SUITES = ("run", "look", "change", "images", "refuse", "terminal")
CGROUP = f"same-tests-{os.getpid()}"


def busybox_root(archive):
    """What our embedded busybox image holds, as an archive for `import`."""
    with tarfile.open(archive, "w") as tar:
        tar.add("/bin/busybox", "bin/busybox")
        names = subprocess.run(["/bin/busybox", "--list"], capture_output=True, text=True, check=True).stdout
        for name in set(names.split()) - {"busybox"}:
            link = tarfile.TarInfo("bin/" + name)
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            tar.addfile(link)
        for name, content in {"etc/passwd": b"root:x:0:0:root:/root:/bin/sh\n", "etc/group": b"root:x:0:\n"}.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
        folder = tarfile.TarInfo("tmp")
        folder.type, folder.mode = tarfile.DIRTYPE, 0o1777
        tar.addfile(folder)


def ready(host):
    for _ in range(300):
        if subprocess.run(["docker", "-H", host, "version"], capture_output=True).returncode == 0:
            return
        time.sleep(0.2)
    raise SystemExit("dockerd does not answer")


def remove_cgroups():
    for parent in pathlib.Path("/sys/fs/cgroup").glob("*/" + CGROUP):
        for folder, _, _ in os.walk(parent, topdown=False):
            try:
                os.rmdir(folder)
            except OSError as error:
                print(f"left behind: {folder}: {error.strerror}")


def main():
    if os.environ.get("SAME_TESTS_INSIDE") != "1":
        os.environ["SAME_TESTS_INSIDE"] = "1"
        os.execvp("unshare", ["unshare", "--mount", "--net", sys.executable, __file__, *sys.argv[1:]])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    place = pathlib.Path(tempfile.mkdtemp(prefix="same-tests-"))
    host = f"unix://{place}/sock"
    with open(place / "log", "w") as log:
        dockerd = subprocess.Popen(
            ["/usr/sbin/dockerd", "--data-root", str(place / "data"), "--exec-root", str(place / "run"),
             "-H", host, "-p", str(place / "pid"), "--cgroup-parent", "/" + CGROUP], stdout=log, stderr=log)
    failed = []
    try:
        ready(host)
        busybox_root(place / "busybox.tar")
        subprocess.run(["docker", "-H", host, "import", "-c", 'CMD ["sh"]', place / "busybox.tar", "busybox:latest"],
                       check=True, stdout=subprocess.DEVNULL)
        for suite in sys.argv[1:] or SUITES:
            # docker itself is the measure here, so our own client stays out.
            environment = {**os.environ, "DOCKER_CPP_UNDER_TEST": host, "DOCKER": shutil.which("docker")}
            if subprocess.run([sys.executable, HERE / f"blackbox_{suite}.py"], env=environment).returncode != 0:
                failed.append(suite)
    finally:
        dockerd.terminate()
        dockerd.wait(timeout=60)
        remove_cgroups()
        shutil.rmtree(place, ignore_errors=True)
    print("not true of Docker: " + ", ".join(failed) if failed else "all of it is true of Docker")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
