#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The .deb: what is in it, what lintian says, that it unpacks and purges.

package_test.py BUILD makes the package from that build's programs.
"""
import pathlib
import subprocess
import sys
import tempfile
import unittest

BUILD = pathlib.Path(sys.argv.pop())


def run(*command, **how):
    done = subprocess.run(command, capture_output=True, text=True, **how)
    if done.returncode != 0:
        raise AssertionError(f"{command}: {done.stdout}{done.stderr}")
    return done.stdout


class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = tempfile.TemporaryDirectory(prefix="docker-cpp-package")
        run("cmake", "--build", str(BUILD), "--target", "docker_cpp_documents")
        run("cpack", "--config", str(BUILD / "CPackConfig.cmake"), "-B", cls.place.name)
        cls.package = next(pathlib.Path(cls.place.name).glob("*.deb"))

    @classmethod
    def tearDownClass(cls):
        cls.place.cleanup()

    def test_what_is_in_it(self):
        listed = run("dpkg-deb", "--contents", str(self.package))
        for path in ("/usr/bin/docker-cpp", "/usr/bin/docker-cppd", "/usr/bin/docker-cpp-monitor",
                     "/usr/lib/systemd/system/docker-cpp.service", "/etc/docker-cpp/config.yaml",
                     "/usr/share/man/man1/docker-cpp-run.1.gz",
                     "/usr/share/bash-completion/completions/docker-cpp"):
            self.assertIn(path, listed)
        self.assertIn("Package: docker-cpp", run("dpkg-deb", "--info", str(self.package)))

    def test_lintian_finds_no_error(self):
        done = subprocess.run(["lintian", "--fail-on", "error", "--allow-root", str(self.package)],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_it_unpacks_and_its_scripts_are_shell(self):
        root = pathlib.Path(self.place.name) / "root"
        run("dpkg-deb", "--raw-extract", str(self.package), str(root))
        for script in ("postinst", "prerm", "postrm"):
            run("sh", "-n", str(root / "DEBIAN" / script))
        self.assertIn("docker-cpp version", run(str(root / "usr/bin/docker-cpp"), "--version"))


if __name__ == "__main__":
    unittest.main()
