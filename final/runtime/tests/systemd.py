# SPDX-License-Identifier: Apache-2.0
"""--systemd-cgroup against a real dbus-daemon, with a stand-in for systemd at
its other end: what is asked for, in which types, and what becomes of errors.
With systemd itself it is tried in the virtual machine, tools/vm.d."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
RUNTIME = shutil.which(os.environ.get("RUNTIME", "docker-cpp-runtime")) or ""
PYTHON = "/usr/bin/python3"  # Debian's, which has its dbus module
SLICE = f"dockercpptest{os.getpid()}"
CONFIGURATION = """<!DOCTYPE busconfig PUBLIC
 "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path={socket}</listen>
<auth>EXTERNAL</auth><policy context="default"><allow user="*"/>
<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>"""


def wait_for(check, what):
    end = time.monotonic() + 10
    while not check():
        if time.monotonic() > end:
            raise AssertionError(what)
        time.sleep(0.02)


class Systemd(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = pathlib.Path(tempfile.mkdtemp(prefix="systemd-"))
        cls.addClassCleanup(cls.clean)
        cls.log = cls.place / "log"
        cls.log.touch()
        cls.address = f"unix:path={cls.place}/bus"
        (cls.place / "bus.conf").write_text(CONFIGURATION.format(socket=cls.place / "bus"))
        cls.start("dbus-daemon", "--nofork", f"--config-file={cls.place}/bus.conf")
        wait_for((cls.place / "bus").exists, "dbus-daemon")
        cls.start(PYTHON, HERE / "systemd_stand_in.py", cls.address, cls.log)
        wait_for(lambda: cls.calls("ready"), "the stand-in")
        root = cls.place / "bundle/rootfs"
        (root / "bin").mkdir(parents=True)
        shutil.copy2("/bin/busybox", root / "bin/busybox")
        for applet in ("sh", "sleep", "true", "cat"):
            (root / "bin" / applet).symlink_to("busybox")
        for name in ("dev", "proc", "sys", "tmp", "etc"):
            (root / name).mkdir()
        subprocess.run([RUNTIME, "spec", "--bundle", cls.place / "bundle"], check=True)
        cls.template = json.loads((cls.place / "bundle/config.json").read_text())

    @classmethod
    def start(cls, *words):
        with open(cls.place / "daemons.log", "ab") as log:
            daemon = subprocess.Popen(words, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        cls.addClassCleanup(daemon.wait)
        cls.addClassCleanup(daemon.terminate)

    @classmethod
    def clean(cls):
        shutil.rmtree(cls.place)
        for folder in sorted(pathlib.Path("/sys/fs/cgroup").glob(f"**/{SLICE}*.slice"), reverse=True):
            folder.rmdir()

    @classmethod
    def calls(cls, name):
        lines = map(json.loads, cls.log.read_text().splitlines())
        return [line for line in lines if line["call"] == name]

    def setUp(self):
        self.log.write_text("")
        self.id = self._testMethodName.replace("_", "-") + str(os.getpid())
        self.addCleanup(self.runtime, "delete", "--force", self.id)

    def runtime(self, *words, **environment):
        # Into files: a container that lives on would keep pipes open.
        with open(self.place / "out", "w+") as out, open(self.place / "err", "w+") as err:
            done = subprocess.run(
                [RUNTIME, "--root", self.place / "state", "--systemd-cgroup", *words], stdout=out, stderr=err,
                stdin=subprocess.DEVNULL, timeout=30, check=False,
                env={**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": self.address, **environment})
        done.stdout = (self.place / "out").read_text()
        done.stderr = (self.place / "err").read_text()
        return done

    def configure(self, path=f"{SLICE}-a.slice:unit:name", annotations=None, command=("sleep", "60"), **resources):
        config = json.loads(json.dumps(self.template))
        config["process"].update(terminal=False, args=list(command))
        config["linux"]["cgroupsPath"] = path
        config["linux"]["resources"] = resources
        config["annotations"] = annotations or {}
        (self.place / "bundle/config.json").write_text(json.dumps(config))

    def run_detached(self):
        done = self.runtime("run", "--detach", "--bundle", self.place / "bundle", self.id)
        self.assertEqual(done.returncode, 0, done.stderr)

    def refused(self):
        done = self.runtime("run", "--bundle", self.place / "bundle", self.id)
        self.assertEqual(done.returncode, 1)
        self.assertFalse((self.place / "state" / self.id).exists(), "state was left")
        self.assertEqual(list(pathlib.Path("/sys/fs/cgroup").glob(f"*/{SLICE}.slice/*/*.scope")), [])
        return done.stderr

    def test_a_scope_is_asked_for(self):
        self.configure(annotations={"org.systemd.property.TimeoutStopSec": "7",
                                    "org.systemd.property.CollectMode": "'inactive-or-failed'", "other": "x"},
                       memory={"limit": 64 << 20}, pids={"limit": 33}, cpu={"quota": 50000, "period": 100000})
        self.run_detached()
        call, = self.calls("StartTransientUnit")
        self.assertEqual((call["name"], call["mode"], call["aux"]), ("unit-name.scope", "replace", []))
        asked = call["properties"]
        pid = json.loads(self.runtime("state", self.id).stdout)["pid"]
        self.assertEqual(asked["PIDs"], [pid])
        self.assertEqual(asked["Slice"], f"{SLICE}-a.slice")
        self.assertEqual(asked["Delegate"], True)
        self.assertEqual(asked["DefaultDependencies"], False)
        self.assertEqual(asked["TasksMax"], 33)
        self.assertEqual(asked["CPUQuotaPerSecUSec"], 500000)
        self.assertEqual(asked["TimeoutStopUSec"], 7000000)
        self.assertEqual(asked["CollectMode"], "inactive-or-failed")
        self.assertIn(asked.get("MemoryMax", asked.get("MemoryLimit")), [64 << 20])
        self.assertEqual(call["types"]["PIDs"], "u")

    def test_it_lives_there_and_is_limited(self):
        self.configure(memory={"limit": 64 << 20})
        self.run_detached()
        pid = json.loads(self.runtime("state", self.id).stdout)["pid"]
        place = f"/{SLICE}.slice/{SLICE}-a.slice/unit-name.scope"
        for line in pathlib.Path(f"/proc/{pid}/cgroup").read_text().splitlines():
            self.assertTrue(line.endswith(":" + place), line)
        stats = json.loads(self.runtime("events", "--stats", self.id).stdout)
        self.assertEqual(stats["data"]["memory"]["usage"]["limit"], 64 << 20)
        inside = self.runtime("exec", self.id, "cat", "/proc/self/cgroup").stdout
        self.assertIn(":/\n", inside)  # a namespace of its own, made there

    def test_update_is_told(self):
        self.configure(memory={"limit": 64 << 20})
        self.run_detached()
        self.assertEqual(self.runtime("update", "--memory", "80m", self.id).returncode, 0)
        call, = self.calls("SetUnitProperties")
        self.assertEqual((call["name"], call["runtime"]), ("unit-name.scope", True))
        self.assertIn(80 << 20, call["properties"].values())

    def test_delete_ends_the_unit(self):
        self.configure()
        self.run_detached()
        self.assertEqual(self.runtime("delete", "--force", self.id).stderr, "")
        self.assertEqual([c["name"] for c in self.calls("StopUnit")], ["unit-name.scope"])
        self.assertEqual([c["name"] for c in self.calls("ResetFailedUnit")], ["unit-name.scope"])
        self.assertEqual(list(pathlib.Path("/sys/fs/cgroup").glob(f"*/{SLICE}.slice/*/unit-name.scope")), [])

    def test_a_unit_that_is_gone_can_be_deleted(self):
        self.configure(command=("true",))
        self.assertEqual(self.runtime("run", "--bundle", self.place / "bundle", self.id).returncode, 0)
        self.run_detached()
        subprocess.run([PYTHON, "-c", "import dbus, sys; dbus.bus.BusConnection(sys.argv[1]).get_object("
                        "'org.freedesktop.systemd1', '/org/freedesktop/systemd1').StopUnit('unit-name.scope', "
                        "'replace', dbus_interface='org.freedesktop.systemd1.Manager')", self.address], check=True)
        self.assertEqual(self.runtime("delete", "--force", self.id).returncode, 0)

    def test_restored_into_a_scope(self):
        self.configure(path=f"{SLICE}-a.slice:unit:restored", memory={"limit": 64 << 20})
        images, tools = self.place / "images", self.place / "tools"
        for folder in (images, tools):
            folder.mkdir()
        (tools / "criu").symlink_to(HERE / "criu_stand_in.py")
        done = self.runtime("restore", "--detach", "--image-path", images, "--bundle", self.place / "bundle", self.id,
                            PATH=f"{tools}:{os.environ['PATH']}")
        self.assertEqual(done.returncode, 0, done.stderr)
        call, = self.calls("StartTransientUnit")
        self.assertEqual(call["name"], "unit-restored.scope")
        self.assertIn(64 << 20, call["properties"].values())
        state = json.loads(self.runtime("state", self.id).stdout)
        self.assertEqual(state["status"], "running")
        place = f"/{SLICE}.slice/{SLICE}-a.slice/unit-restored.scope"
        for line in pathlib.Path(f"/proc/{state['pid']}/cgroup").read_text().splitlines():
            self.assertTrue(line.endswith(":" + place), line)
        asked = json.loads((images / "request.json").read_text())
        self.assertTrue(all(path == place for *_, path in asked["cg_root"]), asked["cg_root"])
        self.assertEqual(self.runtime("delete", "--force", self.id).returncode, 0)
        self.assertEqual([c["name"] for c in self.calls("StopUnit")], ["unit-restored.scope"])

    def test_what_systemd_refuses_is_told(self):
        self.configure(path=f"{SLICE}-a.slice:unit:refused")
        self.assertIn("systemd says: Unit refused.", self.refused())
        self.configure(path=f"{SLICE}-a.slice:unit:failing")
        self.assertIn("the job for unit-failing.scope ended: failed", self.refused())

    def test_bad_paths_and_properties_are_named(self):
        self.configure(path="/plain/path")
        self.assertIn('expected cgroupsPath to be of format \\"slice:prefix:name\\"', self.refused())
        self.configure(annotations={"org.systemd.property.TimeoutStopSec": "soon"})
        self.assertIn("annotations.org.systemd.property.TimeoutStopSec", self.refused())
        self.assertEqual(self.calls("StartTransientUnit"), [])

    def test_without_a_bus(self):
        self.configure()
        done = self.runtime("run", "--bundle", self.place / "bundle", self.id,
                            DBUS_SYSTEM_BUS_ADDRESS="unix:path=/nowhere")
        self.assertEqual(done.returncode, 1)
        self.assertIn("connect to D-Bus at /nowhere", done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
