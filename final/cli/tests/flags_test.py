#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every command and flag of docker 28 (data/docker_28_flags.txt): it is there,
or the command answers with a sentence that says what there is instead.

    flags_test.py CLIENT
"""
import pathlib
import re
import subprocess
import sys
import unittest

CLIENT = sys.argv.pop()
TABLE = pathlib.Path(__file__).resolve().parent / "data/docker_28_flags.txt"

# Whole groups that are left out on purpose, each with a sentence of its own.
LEFT_OUT = {"swarm", "service", "stack", "node", "secret", "config", "trust", "buildx", "bake"}
# Commands of images that are plugins, which this engine has not.
LEFT_OUT_COMMANDS = {"plugin create", "plugin install", "plugin push", "plugin upgrade", "volume update"}


def table():
    """(command, flags) of each line; a flag is (letter or "", name, whether it takes a value)."""
    for line in TABLE.read_text().splitlines():
        match = re.match(r"(\S+)(?: \([^)]*\))? ?(.*)", line)
        flags = re.findall(r"(?:-(\w)/)?--([\w-]+)(=\w+)?", match[2])
        # The line of the program itself has its global options.
        command = match[1].replace("_", " ")
        yield "" if command == "docker" else command, [(letter, name, bool(value)) for letter, name, value in flags]


def run(*words):
    return subprocess.run([CLIENT, *words], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=20,
                          env={"DOCKER_HOST": "unix:///nonexistent/sock", "DOCKER_CONFIG": "/nonexistent"})


def left_out(command):
    return command.split(" ")[0] in LEFT_OUT or command in LEFT_OUT_COMMANDS


class Flags(unittest.TestCase):
    def test_the_table_is_read(self):
        commands = dict(table())
        self.assertGreater(len(commands), 150)
        self.assertIn(("v", "volume", True), commands["run"])
        self.assertIn(("", "privileged", False), commands["container run"])

    def test_each_command_is_there_or_says_what_there_is(self):
        for command, _ in table():
            with self.subTest(command=command):
                done = run(*command.split(), "--help")
                if left_out(command):
                    self.assertGreater(len(done.stderr.split()), 5, done)
                    self.assertNotIn("unknown", done.stderr)
                else:
                    self.assertEqual(done.returncode, 0, done)
                    self.assertIn("Usage:", done.stdout)

    def test_each_flag_is_taken(self):
        seen = set()
        for command, flags in table():
            # The short form of a command is the same row of our table.
            if left_out(command) or tuple(flags) in seen:
                continue
            seen.add(tuple(flags))
            for letter, name, value in flags:
                for word in ["--" + name] + (["-" + letter] if letter else []):
                    with self.subTest(command=command, flag=word):
                        given = word + "=1" if value and word.startswith("--") else word + "1" if value else word
                        done = run(*command.split(), given, "--help")
                        self.assertNotIn("unknown", done.stderr)

    def test_a_flag_that_is_none_is_refused(self):
        self.assertIn("unknown flag: --nosuch", run("run", "--nosuch", "--help").stderr)
        self.assertIn("unknown shorthand flag", run("ps", "-X", "--help").stderr)


if __name__ == "__main__":
    unittest.main()
