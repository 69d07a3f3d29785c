#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""With a terminal: run -it, exec -it, attach, detach keys, window size."""
import blackbox


class Terminals(blackbox.Suite):
    def test_run(self):
        terminal = self.terminal("run", "-it", "--rm", "--name", self.name, "busybox", "sh", rows=31, columns=97)
        terminal.until("# ")
        terminal.type("tty; stty size; exit 5\n")
        terminal.until(r"/dev/(pts/0|console)\s+31 97")
        self.assertEqual(terminal.wait(), 5)

    def test_exec(self):
        self.ok("run", "-d", "--name", self.name, "busybox", "sleep", "1000")
        terminal = self.terminal("exec", "-it", self.name, "sh")
        terminal.until("# ")
        terminal.type("echo $((40+2)) $TERM; tty\n")
        terminal.until(r"42 xterm\s+/dev/pts/\d")
        terminal.type("exit 6\n")
        self.assertEqual(terminal.wait(), 6)

    def test_the_size_follows(self):
        self.ok("run", "-d", "--name", self.name, "busybox", "sleep", "1000")
        terminal = self.terminal("exec", "-it", self.name, "sh")
        terminal.until("# ")
        for _ in range(20):
            terminal.resize(40, 111)  # again: a client misses it that does not listen yet
            terminal.type("stty size\n")
            try:
                terminal.until(r"40 111", seconds=0.5)
                break
            except AssertionError:
                pass
        terminal.until(r"40 111")
        terminal.type("exit\n")
        self.assertEqual(terminal.wait(), 0)

    def test_detach_keys_leave_it_running(self):
        terminal = self.terminal("run", "-it", "--name", self.name, "busybox", "sh")
        terminal.until("# ")
        terminal.type("\x10\x11")
        terminal.wait()
        self.assertEqual(self.inspect("{{.State.Status}}"), "running")
        again = self.terminal("attach", self.name)
        again.type("\n")
        again.until("# ")
        again.type("exit 8\n")
        self.assertEqual(again.wait(), 8)
        self.assertEqual(self.inspect("{{.State.ExitCode}}"), "8")

    def test_interrupt_reaches_the_program(self):
        terminal = self.terminal("run", "-it", "--rm", "--name", self.name, "busybox", "sh", "-c",
                                 "trap 'echo interrupted; exit 3' INT; echo ready; while :; do sleep 0.1; done")
        terminal.until("ready")
        terminal.type("\x03")
        terminal.until("interrupted")
        self.assertEqual(terminal.wait(), 3)


if __name__ == "__main__":
    blackbox.main(Terminals)
