# SPDX-License-Identifier: Apache-2.0
"""What the public conformance suites (runtime-tools' validation, runc's and
crun's own) ask of a runtime, where nothing else here asks it."""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import unittest

RUNTIME = shutil.which(os.environ.get("RUNTIME", "docker-cpp-runtime")) or ""
APPLETS = "sh cat echo env false id ls mount readlink sleep stat touch true".split()
# Before Linux 5.8: neither close_range nor faccessat2, and EPERM for both.
OLD_FILTER = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
    {"names": ["close_range", "faccessat2"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1}]}


class Suites(unittest.TestCase):
    def setUp(self):
        self.top = pathlib.Path(tempfile.mkdtemp(prefix="docker-cpp-suites-"))
        self.addCleanup(shutil.rmtree, self.top)
        self.top.chmod(0o755)
        self.root = self.top / "rootfs"
        for folder in "bin dev etc proc sys tmp".split():
            (self.root / folder).mkdir(parents=True)
        shutil.copy("/bin/busybox", self.root / "bin/busybox")
        for name in APPLETS:
            (self.root / "bin" / name).symlink_to("busybox")
        (self.root / "etc/passwd").write_text("root:x:0:0::/root:/bin/sh\n")
        self.name = self.top.name
        self.runtime("spec", "--bundle", str(self.top))
        self.addCleanup(self.runtime, "delete", "--force", self.name)
        self.config = json.loads((self.top / "config.json").read_text())
        self.process, self.linux = self.config["process"], self.config["linux"]
        self.process["terminal"] = False

    def runtime(self, *words, **more):
        return subprocess.run([RUNTIME, "--root", str(self.top / "state"), *words], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=30, **more)

    def begin(self, command, *args, flags=(), **more):
        self.process["args"] = list(args)
        (self.top / "config.json").write_text(json.dumps(self.config))
        if "-d" not in flags and command == "run":
            return self.runtime("run", *flags, "--bundle", str(self.top), self.name, **more)
        # Not into a pipe: who goes on would keep it open.
        with open(self.top / "log", "w", encoding="utf-8") as log:
            done = subprocess.run([RUNTIME, "--root", str(self.top / "state"), command, *flags, "--bundle",
                                   str(self.top), self.name], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                  timeout=30, check=False, **more)
        done.stderr = (self.top / "log").read_text()
        return done

    def out(self, *args, **more):
        done = self.begin("run", *args, **more)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.strip()

    def refused(self, word, *args):
        done = self.begin("run", *(args or ("true",)))
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(word, done.stderr)

    def mount(self, destination, kind="tmpfs", source="tmpfs", *options):
        self.config["mounts"].append(
            {"destination": destination, "type": kind, "source": str(source), "options": list(options)})

    # hooks

    def hook(self, moment, *args, **more):
        self.config.setdefault("hooks", {}).setdefault(moment, []).append({"path": args[0], "args": list(args), **more})

    def test_a_failing_poststart_hook_destroys_the_container(self):
        self.hook("poststart", "/bin/false")
        self.hook("poststop", "/usr/bin/touch", str(self.top / "stopped"))
        self.assertEqual(self.begin("create", "sleep", "60").returncode, 0)
        started = self.runtime("start", self.name)
        self.assertEqual(started.returncode, 1)
        self.assertIn("poststart hook #0", started.stderr)
        self.assertIn("does not exist", self.runtime("state", self.name).stderr)
        self.assertTrue((self.top / "stopped").exists())

    def test_a_failing_start_container_hook_destroys_it_too(self):
        self.hook("startContainer", "/bin/false")
        self.assertEqual(self.begin("create", "sleep", "60").returncode, 0)
        self.assertIn("startContainer hook #0", self.runtime("start", self.name).stderr)
        self.assertIn("does not exist", self.runtime("state", self.name).stderr)

    def test_a_program_that_cannot_begin_leaves_a_stopped_container(self):
        (self.root / "bin/garbage").write_bytes(b"\x7fELF, but no more")
        (self.root / "bin/garbage").chmod(0o755)
        self.assertEqual(self.begin("create", "/bin/garbage").returncode, 0)
        self.assertEqual(self.runtime("start", self.name).returncode, 1)
        self.assertEqual(json.loads(self.runtime("state", self.name).stdout)["status"], "stopped")

    def test_after_a_failing_poststop_hook_the_others_run(self):
        self.hook("poststop", "/bin/false")
        self.hook("poststop", "/usr/bin/touch", str(self.top / "second"))
        done = self.begin("run", "true")
        self.assertEqual(done.returncode, 0)
        self.assertIn("level=warning", done.stderr)
        self.assertTrue((self.top / "second").exists())

    def test_hooks_without_an_environment_have_the_runtimes(self):
        self.hook("createRuntime", "/bin/sh", "-c", f'echo "$MOOD" > {self.top}/mood')
        self.hook("createRuntime", "/bin/sh", "-c", f'echo "$MOOD" > {self.top}/own', env=["MOOD=own"])
        self.out("true", env={**os.environ, "MOOD": "fine"})
        self.assertEqual((self.top / "mood").read_text(), "fine\n")
        self.assertEqual((self.top / "own").read_text(), "own\n")

    def test_start_container_hooks_have_the_programs(self):
        self.process["env"].append("MOOD=inside")
        self.config["root"]["readonly"] = False
        self.hook("startContainer", "/bin/sh", "-c", "echo $MOOD > /tmp/mood")
        self.out("true", env={**os.environ, "MOOD": "outside"})
        self.assertEqual((self.root / "tmp/mood").read_text(), "inside\n")

    def test_a_hook_of_the_containers_is_filtered(self):
        self.config["root"]["readonly"] = False
        self.linux["seccomp"] = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
            {"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO"}]}
        self.hook("startContainer", "/bin/busybox", "mkdir", "/tmp/made")
        for no_new_privileges in (True, False):
            self.process["noNewPrivileges"] = no_new_privileges
            self.assertEqual(self.begin("run", "true").returncode, 1)
            self.assertFalse((self.root / "tmp/made").exists())

    # environment, streams, exit codes

    def test_the_last_value_of_a_name_counts(self):
        self.process["env"] = ["ONE=a", "PATH=/bin", "ONE=b", "TWO=c"]
        self.assertEqual(sorted(self.out("env").split()), ["HOME=/root", "ONE=b", "PATH=/bin", "TWO=c"])
        self.assertEqual(self.begin("run", "sleep", "60", flags=["-d"]).returncode, 0)
        told = self.runtime("exec", "--env", "ONE=d", self.name, "env").stdout
        self.assertIn("ONE=d\n", told)
        self.assertNotIn("ONE=b", told)

    def test_an_empty_home_is_none(self):
        self.process["env"] += ["HOME="]
        self.assertEqual(self.out("sh", "-c", "echo $HOME"), "/root")

    def test_an_ordinary_user_opens_its_streams_anew(self):
        self.process["user"] = {"uid": 1000, "gid": 1000}
        self.assertEqual(self.out("sh", "-c", "echo out > /dev/stdout"), "out")
        done = self.begin("run", "sh", "-c", "echo err > /dev/stderr")
        self.assertEqual((done.returncode, done.stderr), (0, "err\n"))

    def test_what_everybody_shares_keeps_its_owner(self):
        before = os.stat("/dev/null")
        self.process["user"] = {"uid": 1000, "gid": 1000}
        with open("/dev/null", "w", encoding="utf-8") as null:
            self.process["args"] = ["true"]
            (self.top / "config.json").write_text(json.dumps(self.config))
            subprocess.run([RUNTIME, "--root", str(self.top / "state"), "run", "--bundle", str(self.top), self.name],
                           stdin=null, stdout=null, stderr=null, check=True, timeout=30)
        after = os.stat("/dev/null")
        self.assertEqual((before.st_uid, before.st_gid), (after.st_uid, after.st_gid))

    def test_exec_that_fails_is_255(self):
        self.assertEqual(self.begin("run", "sleep", "60", flags=["-d"]).returncode, 0)
        for words in ((self.name, "nosuch"), ("--pid-file", "/no/such/folder", self.name, "true"), ("nobody", "true")):
            self.assertEqual(self.runtime("exec", *words).returncode, 255, words)
        self.assertEqual(self.runtime("exec", self.name, "sh", "-c", "exit 42").returncode, 42)

    def test_a_missing_interpreter_is_not_a_missing_program(self):
        script = self.root / "run.sh"
        script.write_text("#!/no/such/shell\n")
        script.chmod(0o755)
        done = self.begin("run", "/run.sh")
        self.assertEqual(done.returncode, 127)
        self.assertIn("exec /run.sh: no such file or directory", done.stderr)

    def test_a_filter_older_than_our_calls(self):
        self.linux["seccomp"] = OLD_FILTER
        self.process["noNewPrivileges"] = False
        self.assertEqual(self.out("echo", "begun"), "begun")
        created = self.begin("create", "sleep", "60")
        self.assertEqual(created.returncode, 0, created.stderr)
        self.assertEqual(self.runtime("start", self.name).returncode, 0)
        told = self.runtime("exec", self.name, "ls", "/proc/self/fd").stdout.split()
        self.assertLessEqual(set(told), {"0", "1", "2", "3"})

    # mounts

    def test_a_destination_behind_a_link_to_nothing_is_made(self):
        (self.root / "etc/resolv.conf").symlink_to("../run/deep/resolv.conf")
        (self.root / "srv").symlink_to("/var/nowhere")
        (self.top / "file").write_text("hi")
        for place in ("/etc/resolv.conf", "/srv/below/file"):
            self.mount(place, "bind", self.top / "file", "bind", "ro")
        self.assertEqual(self.out("cat", "/run/deep/resolv.conf", "/var/nowhere/below/file"), "hihi")
        self.assertFalse(pathlib.Path("/var/nowhere").exists())

    def test_links_that_go_in_circles_are_refused(self):
        (self.root / "loop").symlink_to("pool")
        (self.root / "pool").symlink_to("loop")
        self.mount("/loop/below")
        self.refused("on /loop/below")

    def test_nothing_is_mounted_into_proc(self):
        (self.root / "door").symlink_to("/proc/sys")
        (self.top / "file").write_text("hi")
        for place in ("/proc/self/attr", "/proc/sys/net", "/door"):
            self.mount(place)
            self.refused("inside /proc")
            self.config["mounts"].pop()
        self.mount("/proc/cpuinfo", "bind", self.top / "file", "bind")
        self.assertEqual(self.out("cat", "/proc/cpuinfo"), "hi")

    def test_proc_on_a_link_is_refused(self):
        (self.root / "proc").rmdir()
        (self.root / "proc").symlink_to("tmp")
        self.refused("must be mounted on ordinary directory")

    def test_a_tmpfs_looks_as_what_it_covers(self):
        (self.root / "tmp").chmod(0o710)
        (self.root / "etc/own").mkdir(mode=0o750)
        self.mount("/tmp")
        self.mount("/etc/own", "tmpfs", "tmpfs", "mode=1700")
        self.mount("/made")
        self.assertEqual(self.out("stat", "-c", "%a", "/tmp", "/etc/own", "/made").split(), ["710", "1700", "1777"])

    def test_a_path_is_masked_once(self):
        (self.root / "secret").mkdir()
        self.linux["maskedPaths"] = ["/secret", "/secret/", "/secret"]
        self.assertEqual(self.out("cat", "/proc/self/mounts").count(" /secret "), 1)

    # limits and settings

    def test_names_are_said_once(self):
        for setting, word in (("kernel.hostname", "hostname"), ("kernel.domainname", "domainname")):
            self.config["domainname"] = "here"
            self.linux["sysctl"] = {setting: "there"}
            self.refused(f'conflicts with the OCI \\"{word}\\" field')

    def test_scheduling_that_makes_no_sense_is_refused(self):
        late = {"policy": "SCHED_DEADLINE", "runtime": 3000, "deadline": 2000}
        for scheduler in ({"policy": "SCHED_DEADLINE", "deadline": 9999}, late, {**late, "deadline": 4000, "period": 1},
                          {"policy": "SCHED_OTHER", "nice": 20}, {"policy": "SCHED_BATCH", "priority": 1},
                          {"policy": "SCHED_FIFO", "priority": 1, "runtime": 2000}):
            self.process["scheduler"] = scheduler
            self.refused("process.scheduler")

    def test_a_memory_policy_has_a_mode(self):
        self.linux["memoryPolicy"] = {}
        self.refused("linux.memoryPolicy.mode")

    def test_no_process_more_is_a_limit(self):
        self.linux.setdefault("resources", {})["pids"] = {"limit": 0}
        done = self.begin("run", "sh", "-c", "echo alone; true & wait")
        self.assertIn("alone", done.stdout)
        self.assertIn("fork", done.stderr)

    # the others

    def test_a_cgroup_that_is_frozen_already_is_refused(self):
        freezer = pathlib.Path("/sys/fs/cgroup/freezer")
        unified = pathlib.Path("/sys/fs/cgroup")
        folder = (freezer if freezer.is_dir() else unified) / self.name
        folder.mkdir()
        self.addCleanup(folder.rmdir)
        name, frozen, thawed = (("freezer.state", "FROZEN", "THAWED") if freezer.is_dir()
                                else ("cgroup.freeze", "1", "0"))
        (folder / name).write_text(frozen)
        self.addCleanup((folder / name).write_text, thawed)
        self.linux["cgroupsPath"] = "/" + self.name
        self.refused("it is frozen")
        if freezer.is_dir():
            self.assertEqual(list(pathlib.Path("/sys/fs/cgroup").glob("*/" + self.name)), [folder])

    def test_kill_reaches_who_outlived_the_first_process(self):
        self.linux["namespaces"] = [one for one in self.linux["namespaces"] if one["type"] != "pid"]
        self.assertEqual(self.begin("run", "sleep", "60", flags=["-d"]).returncode, 0)
        first = json.loads(self.runtime("state", self.name).stdout)["pid"]
        subprocess.run([RUNTIME, "--root", str(self.top / "state"), "exec", "-d", self.name, "sleep", "61"],
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True,
                       timeout=30)
        os.kill(first, 9)
        left = json.loads(self.runtime("ps", "--format", "json", self.name).stdout)
        self.assertTrue(left)
        self.assertEqual(self.runtime("kill", self.name, "KILL").returncode, 0)
        for _ in range(1000):
            if json.loads(self.runtime("ps", "--format", "json", self.name).stdout or "null") in (None, []):
                break
            time.sleep(0.01)
        self.assertIn(json.loads(self.runtime("ps", "--format", "json", self.name).stdout or "null"), (None, []))
        self.assertIn("not running", self.runtime("kill", self.name, "KILL").stderr)

    def test_capabilities_of_exec_are_ambient_where_some_are_inheritable(self):
        for name in ("bounding", "permitted", "effective", "inheritable"):
            self.process["capabilities"][name] = ["CAP_KILL", "CAP_CHOWN"]
        self.assertEqual(self.begin("run", "sleep", "60", flags=["-d"]).returncode, 0)
        told = self.runtime("exec", "--cap", "CAP_CHOWN", self.name, "cat", "/proc/self/status").stdout
        self.assertIn("CapAmb:\t0000000000000001\n", told)

    def test_a_root_that_is_not_there_is_told(self):
        done = subprocess.run([RUNTIME, "--root", str(self.top / "nowhere"), "list"], capture_output=True, text=True,
                              check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("nowhere", done.stderr)

    def test_the_lines_of_a_terminal_end_plainly(self):
        self.process["terminal"] = True
        self.process["args"] = ["sh", "-c", "echo one; echo two"]
        (self.top / "config.json").write_text(json.dumps(self.config))
        done = subprocess.run([RUNTIME, "--root", str(self.top / "state"), "run", "--bundle", str(self.top), self.name],
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=True)
        self.assertEqual(done.stdout, b"one\ntwo\n")


if __name__ == "__main__":
    unittest.main(verbosity=2)
