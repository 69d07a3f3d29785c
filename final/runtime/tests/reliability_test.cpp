// SPDX-License-Identifier: Apache-2.0
// What must never happen, tried from inside of containers.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime_runner.hpp"

#include "docker_cpp/sys/unique_fd.hpp"
#include "docker_cpp/testing/canary.hpp"
#include "docker_cpp/testing/odd_rootfs.hpp"
#include "docker_cpp/testing/swapper.hpp"

namespace {

namespace fs = std::filesystem;
using docker_cpp::sys::UniqueFd;
using ::testing::HasSubstr;
using ::testing::Not;

/// What Docker gives, and MKNOD and DAC_OVERRIDE with it: who lacks these
/// would fail for another reason than the one that is tested.
constexpr const char* strong = R"(["CAP_CHOWN", "CAP_DAC_OVERRIDE",
    "CAP_FOWNER", "CAP_KILL", "CAP_MKNOD", "CAP_SETUID", "CAP_SETGID"])";

std::string with_capabilities(const std::string& more = "") {
  const std::string sets = strong;
  return R"({"root": {"readonly": false}, "process": {"capabilities":
      {"bounding": )" +
         sets + R"(, "effective": )" + sets + R"(, "permitted": )" + sets +
         "}}" + more + "}";
}

class Reliability : public ::testing::Test {
 protected:
  void TearDown() override {
    static_cast<void>(runtime_({"delete", "--force", id()}));
    EXPECT_EQ(count_cgroups(id()), 0) << "a cgroup was left behind";
  }
  [[nodiscard]] const std::string& id() const { return runtime_.bundle.id(); }

  Answer shell(const std::string& script, const std::string& patch) {
    runtime_.bundle.configure({"sh", "-c", script}, patch);
    return runtime_.in_bundle("run", {id()});
  }

  void start(const std::string& patch) {
    runtime_.bundle.configure({"sleep", "60"}, patch);
    const Answer ran = runtime_.in_bundle("run", {"--detach", id()});
    ASSERT_EQ(ran.code, 0) << ran.err;
  }

  Runtime runtime_;
};

/// What a runtime that is not linked statically needs to run in there.
void copy_libraries(const std::string& root) {
  const std::string list = root + "/tmp/libraries";
  const std::string line = "ldd " RUNTIME " > " + list + " 2> /dev/null";
  static_cast<void>(std::system(line.c_str()));  // NOLINT
  std::istringstream words(slurp(list));
  for (std::string word; words >> word;) {
    if (word.starts_with('/')) {
      fs::create_directories(fs::path(root + word).parent_path());
      fs::copy_file(word, root + word, fs::copy_options::skip_existing);
    }
  }
}

/// CVE-2019-5736: a program of the container's that is the runtime itself,
/// and so has the runtime's file as its /proc/self/exe.
TEST_F(Reliability, TheRuntimesFileCannotBeWrittenThroughProc) {
  // It blocks while it opens its log, which nobody reads.
  copy_libraries(runtime_.bundle.root());
  ASSERT_EQ(::mkfifo((runtime_.bundle.root() + "/tmp/fifo").c_str(), 0666), 0);
  spill(runtime_.bundle.root() + "/bin/script",
        "#!/proc/self/exe --log=/tmp/fifo\n", 0755);
  runtime_.bundle.configure({"/bin/script"}, with_capabilities());
  const std::string pid_file = runtime_.bundle.path() + "/pid";
  const Answer ran =
      runtime_.in_bundle("run", {"--detach", "--pid-file", pid_file, id()});
  ASSERT_EQ(ran.code, 0) << ran.err;
  const std::string link = "/proc/" + slurp(pid_file) + "/exe";
  const UniqueFd exe(::open(link.c_str(), O_PATH | O_CLOEXEC));
  struct stat inside{};
  struct stat own{};
  ASSERT_EQ(::fstat(exe.get(), &inside), 0);
  ASSERT_EQ(::stat(RUNTIME, &own), 0);
  ASSERT_EQ(inside.st_ino, own.st_ino) << "the trick itself works";
  static_cast<void>(runtime_({"delete", "--force", id()}));
  // Nobody executes it any more, so nothing but the mount keeps it safe.
  const std::string again = "/proc/self/fd/" + std::to_string(exe.get());
  int written = -1;
  // ETXTBSY: another test runs it just now.
  for (int i = 0; i < 2000; ++i) {
    written = ::open(again.c_str(), O_WRONLY | O_CLOEXEC);
    if (written != -1 || errno != ETXTBSY) {
      break;
    }
    ::usleep(1'000);
  }
  EXPECT_EQ(written, -1);
  EXPECT_EQ(errno, EROFS);
}

/// Who owns its files in /proc: the process's user, or root when nobody may
/// look into it. \man{proc_pid,5}
uid_t owner_in_proc(const std::string& pid) {
  struct stat info{};
  const std::string file = "/proc/" + pid + "/environ";
  return ::stat(file.c_str(), &info) == 0 ? info.st_uid
                                          : static_cast<uid_t>(-1);
}

/// Until it executes its program it is a copy of the runtime.
TEST_F(Reliability, WhoWaitsInTheContainerCannotBeLookedInto) {
  runtime_.bundle.configure({"sleep", "60"},
                            R"({"process": {"user": {"uid": 4242,
                                                     "gid": 4242}}})");
  ASSERT_EQ(runtime_.in_bundle("create", {id()}).code, 0);
  const std::string pid = json_at(runtime_({"state", id()}).out, "/pid");
  EXPECT_EQ(owner_in_proc(pid), 0U);
  ASSERT_EQ(runtime_({"start", id()}).code, 0);
  for (int i = 0; i < 500 && owner_in_proc(pid) == 0; ++i) {
    ::usleep(10'000);
  }
  EXPECT_EQ(owner_in_proc(pid), 4242U) << "and the program can, by its user";
}

/// The only ones that a program finds open.
TEST_F(Reliability, NoDescriptorOfTheRuntimesIsOpen) {
  const std::string list = "for f in /proc/self/fd/*; do readlink $f; done";
  const auto foreign = [&](const std::string& lines) {
    std::string found;
    std::istringstream all(lines);
    for (std::string line; std::getline(all, line);) {
      const bool expected = line == "/dev/null" || line.ends_with("/stdout") ||
                            line.ends_with("/stderr");
      found += expected ? "" : line + "\n";
    }
    return found;
  };
  EXPECT_EQ(foreign(shell(list, "{}").out), "");
  start("{}");
  EXPECT_EQ(foreign(runtime_({"exec", id(), "sh", "-c", list}).out), "");
}

TEST_F(Reliability, EachMaskedPathShowsNothing) {
  const Answer answer = shell(
      "for p in /proc/acpi /proc/asound /proc/kcore /proc/keys "
      "/proc/latency_stats /proc/timer_list /proc/timer_stats "
      "/proc/sched_debug /proc/scsi /sys/firmware; do "
      "test -e $p || continue; "
      "if test -d $p; then ls -A $p; else dd if=$p bs=64 count=1 2>/dev/null; "
      "fi; done; echo end",
      with_capabilities());
  EXPECT_EQ(answer.out, "end\n");
}

TEST_F(Reliability, EachReadOnlyPathRefusesToBeWritten) {
  const Answer answer = shell(
      "for p in /proc/bus/x /proc/fs/x /proc/irq/default_smp_affinity "
      "/proc/sys/kernel/shmmni /proc/sysrq-trigger; do "
      "{ echo h > $p; } 2>/dev/null && echo wrote $p; done; "
      "for h in /sys/fs/cgroup /sys/fs/cgroup/*; do "
      "{ echo /x > $h/release_agent; } 2>/dev/null && echo wrote $h; "
      "{ echo 1 > $h/notify_on_release; } 2>/dev/null && echo wrote $h; "
      "touch $h/x 2>/dev/null && echo touched $h; done; echo end",
      with_capabilities());
  EXPECT_EQ(answer.out, "end\n");
}

/// Devices are denied by the cgroup, so that making the node does not help.
TEST_F(Reliability, EachForeignDeviceIsDenied) {
  const Answer answer = shell(
      "cd /tmp; for d in 'c 1 1' 'c 1 2' 'c 1 4' 'c 4 0' 'c 5 3' 'c 10 200' "
      "'c 10 229' 'b 7 0' 'b 8 0' 'b 253 0' 'b 254 0'; do rm -f n; "
      "mknod n $d || { echo no node $d; continue; }; "
      "{ : < n; } 2>&1 | grep -q 'not permitted' || echo opened $d; done; "
      "for d in 'c 1 3' 'c 1 5' 'c 1 7' 'c 1 8' 'c 1 9'; do rm -f n; "
      "mknod n $d; { : < n; } || echo closed $d; done; echo end",
      with_capabilities(R"(, "linux": {"resources": {"devices":
          [{"allow": false, "access": "rwm"}]}})"));
  EXPECT_EQ(answer.out, "end\n") << answer.err;
}

struct Sets {
  std::string inheritable, permitted, effective, bounding, ambient;
};

Sets sets_of(const std::string& status) {
  const auto value = [&](const char* name) {
    const std::size_t at = status.find(std::string(name) + ":\t");
    return at == std::string::npos ? "?" : status.substr(at + 8, 16);
  };
  return {value("CapInh"), value("CapPrm"), value("CapEff"), value("CapBnd"),
          value("CapAmb")};
}

constexpr const char* none = "0000000000000000";
constexpr const char* template_set = "0000000020000420";

/// Root and a user, started and joining, and with one capability more.
TEST_F(Reliability, CapabilitySetsInFiveContexts) {
  const std::string show = "grep -E 'Cap|Groups' /proc/self/status";
  const auto check = [](const std::string& status, const char* permitted,
                        const char* bounding) {
    const Sets sets = sets_of(status);
    EXPECT_EQ(sets.inheritable, none) << status;
    EXPECT_EQ(sets.ambient, none) << status;
    EXPECT_EQ(sets.permitted, permitted) << status;
    EXPECT_EQ(sets.effective, permitted) << status;
    EXPECT_EQ(sets.bounding, bounding) << status;
    EXPECT_THAT(status, HasSubstr("Groups:\t \n"));
  };
  check(shell(show, "{}").out, template_set, template_set);
  check(shell(show, R"({"process": {"user": {"uid": 1000, "gid": 1000}}})").out,
        none, template_set);
  start("{}");
  check(runtime_({"exec", id(), "sh", "-c", show}).out, template_set,
        template_set);
  check(runtime_({"exec", "--user", "1000:1000", id(), "sh", "-c", show}).out,
        none, template_set);
  check(runtime_({"exec", "--cap", "CAP_CHOWN", id(), "sh", "-c", show}).out,
        "0000000020000421", "0000000020000421");
}

TEST_F(Reliability, AUserIsANumberInRangeOrAnError) {
  start("{}");
  for (const char* user :
       {"4294967296", "-1", "1000:4294967296", "0x10", "", "1000:", "ada",
        "18446744073709551616", " 0", "0 "}) {
    const Answer answer = runtime_({"exec", "--user", user, id(), "id", "-u"});
    if (answer.code == 0) {
      EXPECT_STREQ(user, "") << "only nothing at all means the container's";
    }
  }
}

TEST_F(Reliability, AWorkingDirectoryOfTheHostsIsRefused) {
  for (const char* place : {"/proc/self/fd/3", "/proc/self/fd/7",
                            "/proc/1/root", "/proc/self/cwd/../../.."}) {
    const Answer answer =
        shell("test -e /etc/passwd && grep -q ada /etc/passwd && echo inside",
              std::string(R"({"process": {"cwd": ")") + place + "\"}}");
    EXPECT_TRUE(answer.code != 0 || answer.out == "inside\n") << place;
  }
}

/// Another container shares the root, and exchanges what is mounted on with a
/// link that points at the host.
TEST_F(Reliability, ARootThatChangesUnderTheRuntimeTouchesNothingOfTheHosts) {
  const docker_cpp::testing::Canary canary(runtime_.bundle.path() + "/canary");
  const fs::path root = runtime_.bundle.root();
  fs::create_directories(root / "proc");
  fs::create_directory_symlink(
      docker_cpp::testing::detail::climbing(canary.path()), root / "trap");
  const docker_cpp::testing::Swapper swapper(root / "proc", root / "trap");
  for (int i = 0; i < 15; ++i) {
    static_cast<void>(shell("true", with_capabilities()));
    ASSERT_EQ(canary.changes(), "") << "in round " << i;
  }
}

}  // namespace
