// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/namespaces/terminal.hpp"

#include <unistd.h>

#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "docker_cpp/namespaces/process.hpp"
#include "docker_cpp/sys/error.hpp"

namespace docker_cpp::namespaces {
namespace {

std::string run_on(Pty& pty, std::string script) {
  Isolations isolations;
  isolations.push_back(std::make_unique<Session>(Session::Terminal::on_stdin));
  Program program{.args = {"/bin/sh", "-c", std::move(script)}};
  const int slave = pty.slave.get();
  program.stdio = {slave, slave, slave};
  Process process = Process::start(program, isolations);
  pty.slave.reset();  // the last holder's end is the reader's end of file
  std::string text;
  char block[256];
  for (ssize_t got = 0;
       (got = ::read(pty.master.get(), block, sizeof block)) > 0;) {
    text.append(block, static_cast<std::size_t>(got));
  }
  process.wait();
  return text;
}

TEST(Terminal, IsTheControllingOneOfTheProgram) {
  Pty pty = open_pty();
  EXPECT_EQ(run_on(pty, "tty; echo hello > /dev/tty"),
            "/dev/pts/" + std::to_string(pty.number) + "\r\nhello\r\n");
}

TEST(Terminal, HasTheSizeAskedFor) {
  Pty pty = open_pty();
  resize(pty.master.get(), {.rows = 33, .columns = 77});
  EXPECT_EQ(run_on(pty, "stty size"), "33 77\r\n");
}

TEST(Terminal, InterruptsWithControlC) {
  Pty pty = open_pty();
  ASSERT_EQ(::write(pty.master.get(), "\x03", 1), 1);
  EXPECT_THAT(run_on(pty, "trap 'echo stopped; exit' INT; kill -INT $$"),
              testing::HasSubstr("stopped"));
}

TEST(Terminal, ResizingWhatIsNoTerminalIsAnError) {
  EXPECT_THROW(resize(-1, {}), Error);
}

TEST(Session, WithoutATerminalHasNone) {
  Isolations isolations;
  isolations.push_back(std::make_unique<Session>(Session::Terminal::none));
  EXPECT_EQ(Process::start({.args = {"/bin/sh", "-c",
                                     "test $(ps -o sid= -p $$) = $$ && "
                                     "! (: < /dev/tty) 2> /dev/null"}},
                           isolations)
                .wait(),
            0);
}

}  // namespace
}  // namespace docker_cpp::namespaces
