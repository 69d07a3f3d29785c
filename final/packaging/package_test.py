#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The .deb: what is in it, what lintian says, and that a fresh Debian 12 takes
it, is upgraded below a running container, and is clean after a purge.

package_test.py BUILD makes the package from that build's programs.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
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
                     "/usr/share/man/man8/docker-cppd.8.gz", "/usr/lib/systemd/system/docker-cpp.socket",
                     "/usr/share/doc/docker-cpp/cli.md", "/usr/share/fish/vendor_completions.d/docker-cpp.fish",
                     "/usr/share/zsh/vendor-completions/_docker-cpp",
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

    def newer(self):
        """The same package as the next version."""
        root = pathlib.Path(self.place.name) / "newer"
        run("dpkg-deb", "--raw-extract", str(self.package), str(root))
        control = root / "DEBIAN/control"
        control.write_text("".join("Version: 99.0\n" if line.startswith("Version:") else line
                                   for line in control.read_text().splitlines(keepends=True)))
        package = pathlib.Path(self.place.name) / "newer.deb"
        run("dpkg-deb", "--root-owner-group", "--build", str(root), str(package))
        return package

    def needed(self):
        """The packages it depends on, for debootstrap."""
        depends = run("dpkg-deb", "--field", str(self.package), "Depends")
        return ",".join(word.split()[0] for word in depends.split(","))

    def fresh_debian(self):
        root = pathlib.Path(self.place.name) / "debian"
        run("debootstrap", "--variant=minbase", "--include=" + self.needed(), "bookworm", str(root),
            os.environ.get("DOCKER_CPP_DEBIAN_MIRROR", "http://deb.debian.org/debian"))
        shutil.copy(self.package, root / "first.deb")
        shutil.copy(self.newer(), root / "second.deb")
        shutil.copy(HERE / "install_steps", root / "steps")
        return root

    def test_a_fresh_debian_installs_upgrades_and_purges_it(self):
        root = self.fresh_debian()
        mounts = " && ".join(f"mount --rbind /{name} {root}/{name}" for name in ("sys", "dev"))
        # Bound to itself the root is a mount, as a real one is.
        steps = f"mount --bind {root} {root} && {mounts} && mount -t proc proc {root}/proc && exec chroot {root} sh /steps"
        try:
            shown = run("unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "sh", "-c", steps, timeout=300)
        finally:
            for folder in pathlib.Path("/sys/fs/cgroup").glob("*/docker-cpp-package-test"):
                folder.rmdir()
        for line in ("group: docker", "configuration kept: 1", "upgraded below a running container", "exec: alive",
                     "version: 99.0", "monitors after removal: 0", "removal leaves the configuration",
                     "left after purge:\n"):
            self.assertIn(line, shown)


if __name__ == "__main__":
    unittest.main()
