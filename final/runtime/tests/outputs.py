# SPDX-License-Identifier: Apache-2.0
"""What others parse: outputs held against the schemas of the runtime
specification (tests/schema, unchanged copies), and the command line held
against the flags of runc and crun."""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import jsonschema

HERE = pathlib.Path(__file__).resolve().parent
RUNTIME = shutil.which(os.environ.get("RUNTIME", "docker-cpp-runtime")) or ""

# As `runc 1.5 COMMAND --help` and `crun COMMAND --help` print them; what takes
# a value has "=". Left out of crun's: krun's, and those that contradict runc's.
START = "bundle= b= console-socket= pidfd-socket= pid-file= no-pivot no-new-keyring preserve-fds="
LIMITS = ("blkio-weight= cpu-period= cpu-quota= cpu-burst= cpu-share= cpu-rt-period= cpu-rt-runtime= cpu-idle= "
          "cpuset-cpus= cpuset-mems= memory= memory-reservation= memory-swap= kernel-memory= kernel-memory-tcp= "
          "pids-limit= l3-cache-schema= mem-bw-schema=")
CRIU = ("image-path= work-path= tcp-established tcp-skip-in-flight link-remap ext-unix-sk shell-job lazy-pages "
        "status-fd= file-locks manage-cgroups-mode= empty-ns= auto-dedup")
FLAGS = {
    "checkpoint": CRIU + " parent-path= leave-running page-server= pre-dump",
    "create": START + " config= f=",
    "delete": "force f regex r",
    "events": "interval= stats",
    "exec": "console-socket= pidfd-socket= cwd= env= e= tty t user= u= additional-gids= g= process= p= detach d "
            "pid-file= process-label= apparmor= no-new-privs cap= c= preserve-fds= cgroup= ignore-paused no-subreaper",
    "features": "",
    "kill": "all a regex r",
    "list": "format= f= quiet q",
    "pause": "",
    "ps": "format= f=",
    "restore": CRIU + " bundle= b= console-socket= pid-file= detach d no-subreaper no-pivot lsm-profile= "
                      "lsm-mount-context=",
    "resume": "",
    "run": START + " config= f= detach d keep no-subreaper",
    "spec": "bundle= b= rootless",
    "start": "",
    "state": "",
    "update": "resources= r= " + LIMITS,
}
GLOBAL = "debug log= log-format= log-level= root= systemd-cgroup rootless= version v cgroup-manager= criu="
VALUES = {"log-format": "json", "log-level": "debug", "rootless": "auto", "cgroup-manager": "cgroupfs",
          "manage-cgroups-mode": "soft", "empty-ns": "network", "log": "/dev/null", "user": "0", "u": "0",
          "additional-gids": "0", "g": "0"}


def words_of(flags):
    for flag in flags.split():
        name = flag.rstrip("=")
        dashes = "-" if len(name) == 1 else "--"
        yield name, [dashes + name] + ([VALUES.get(name, "1")] if flag.endswith("=") else [])


def call(*words):
    return subprocess.run([RUNTIME, *map(str, words)], capture_output=True, text=True, timeout=30, check=False)


class CommandLine(unittest.TestCase):
    def test_every_flag_of_every_command(self):
        for command, flags in FLAGS.items():
            for name, words in words_of(flags):
                # Read from the left: --help is only reached past a flag that is known.
                done = call(command, *words, "--help")
                self.assertEqual(done.returncode, 0, f"{command} {words}: {done.stderr}")
                self.assertIn("usage:", done.stdout, f"{command} --{name}")

    def test_every_global_flag(self):
        for name, words in words_of(GLOBAL):
            done = call(*words, "--help")
            self.assertEqual(done.returncode, 0, f"{name}: {done.stderr}")

    def test_what_is_no_flag_is_refused_by_every_command(self):
        for command in FLAGS:
            done = call(command, "--no-such-flag", "--help")
            self.assertNotEqual(done.returncode, 0, command)
            self.assertIn("no-such-flag", done.stderr)

    def test_the_table_knows_every_command(self):
        listed = [line.split()[0] for line in call("--help").stdout.splitlines() if line.startswith("  ")
                  and not line.strip().startswith("-")]
        self.assertEqual(sorted(set(listed) - {"mounts"}), sorted(FLAGS))


class Schemas(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = pathlib.Path(tempfile.mkdtemp(prefix="outputs-"))
        cls.addClassCleanup(shutil.rmtree, cls.place)
        root = cls.place / "rootfs"
        (root / "bin").mkdir(parents=True)
        shutil.copy2("/bin/busybox", root / "bin/busybox")
        for applet in ("sleep", "true"):
            (root / "bin" / applet).symlink_to("busybox")
        subprocess.run([RUNTIME, "spec", "--bundle", cls.place], check=True)

    def valid(self, text, schema):
        value = json.loads(text)
        where = HERE / "schema"
        resolver = jsonschema.RefResolver(f"file://{where}/", json.loads((where / schema).read_text()))
        jsonschema.Draft4Validator(resolver.referrer, resolver=resolver).validate(value)
        return value

    def test_features(self):
        told = self.valid(call("features").stdout, "features-schema.json")
        self.assertEqual(told["ociVersionMax"], "1.3.0")
        linux = told["linux"]
        for name in ("apparmor", "selinux", "intelRdt", "netDevices", "seccomp"):
            self.assertTrue(linux[name]["enabled"], name)
        self.assertTrue(linux["mountExtensions"]["idmap"]["enabled"])
        defs = json.loads((HERE / "schema/defs-linux.json").read_text())["definitions"]
        self.assertEqual(set(linux["namespaces"]), set(defs["NamespaceType"]["enum"]))
        self.assertLessEqual(set(linux["memoryPolicy"]["modes"]), {m for m in self.words(defs) if m.startswith("MPOL_")})
        self.assertEqual(set(linux["seccomp"]["actions"]), set(defs["SeccompAction"]["enum"]))
        self.assertEqual(set(linux["seccomp"]["operators"]), set(defs["SeccompOperators"]["enum"]))
        for option in ("idmap", "ridmap", "rro", "tmpcopyup", "nosymfollow", "copy-symlink", "src-nofollow"):
            self.assertIn(option, told["mountOptions"])

    def words(self, defs):
        text = json.dumps(defs) + (HERE / "schema/config-linux.json").read_text()
        return set(text.replace('"', " ").replace(",", " ").split())

    def test_specifications_we_write(self):
        self.valid((self.place / "config.json").read_text(), "config-schema.json")
        rootless = self.place / "rootless"
        rootless.mkdir()
        self.assertEqual(call("spec", "--rootless", "--bundle", rootless).returncode, 0)
        self.valid((rootless / "config.json").read_text(), "config-schema.json")

    def test_the_schema_would_say_no(self):
        for text in ('{"ociVersionMin": 1}', '{"hooks": "none"}', "[]"):
            with self.assertRaises(jsonschema.ValidationError):
                self.valid(text, "features-schema.json")

    def test_the_state_in_every_status(self):
        config = json.loads((self.place / "config.json").read_text())
        config["process"].update(terminal=False, args=["sleep", "100"])
        config["annotations"] = {"a.b": "c \" d"}
        (self.place / "config.json").write_text(json.dumps(config))
        name, state = f"outputs-{os.getpid()}", self.place / "state"

        def runtime(*words):
            with open(self.place / "out", "w+") as out:  # a pipe would be kept open by the container
                done = subprocess.run([RUNTIME, "--root", state, *words], stdin=subprocess.DEVNULL, stdout=out,
                                      stderr=out, timeout=30, check=False)
            text = (self.place / "out").read_text()
            self.assertEqual(done.returncode, 0, text)
            return text

        runtime("create", "--bundle", self.place, name)
        self.addCleanup(runtime, "delete", "--force", name)
        for step, status in ((None, "created"), ("start", "running"), ("pause", "paused"), ("resume", "running")):
            if step:
                runtime(step, name)
            # "paused" is ours and runc's: "additional values MAY be defined", runtime.md, State.
            told = json.loads(runtime("state", name))
            self.valid(json.dumps({**told, "status": "running" if status == "paused" else status}), "state-schema.json")
            self.assertEqual((told["status"], told["id"], told["annotations"]), (status, name, {"a.b": "c \" d"}))
            self.assertGreater(told["pid"], 0)
        runtime("kill", name, "KILL")
        for _ in range(100):
            told = json.loads(runtime("state", name))
            if told["status"] == "stopped":
                break
        self.valid(json.dumps(told), "state-schema.json")
        self.assertEqual(told["status"], "stopped")


if __name__ == "__main__":
    unittest.main(verbosity=2)
