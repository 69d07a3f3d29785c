#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""dockerode, the client of Node.js programs, against the daemon. The package
comes from npm into a temporary folder; DOCKERODE names a folder that has it."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import blackbox

SCRIPT = pathlib.Path(__file__).resolve().parent / "dockerode_suite.js"


class Dockerode(blackbox.Suite):
    def test_the_suite(self):
        place = os.environ.get("DOCKERODE")
        if place is None:
            folder = tempfile.TemporaryDirectory(prefix="docker-cpp-dockerode")
            self.addCleanup(folder.cleanup)
            place = folder.name
            done = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", "dockerode@4.0.6"],
                                  cwd=place, capture_output=True, text=True, timeout=300)
            self.assertEqual(done.returncode, 0, done.stderr)
        done = subprocess.run(["node", str(SCRIPT), self.daemon.host.removeprefix("unix://"), self.name],
                              env={**os.environ, "NODE_PATH": place + "/node_modules"},
                              capture_output=True, text=True, timeout=200)
        print(done.stdout, end="")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("all of it", done.stdout)


if __name__ == "__main__":
    if shutil.which("npm") is None and os.environ.get("DOCKER_CPP_REQUIRE_ALL") != "1":
        print("npm is not installed")
        sys.exit(0)
    os.environ["DOCKER"] = os.path.join(blackbox.BINARIES, "docker-cpp")  # one client is enough to tidy up with
    blackbox.main(Dockerode)
