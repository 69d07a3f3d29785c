// SPDX-License-Identifier: Apache-2.0
// What the worker has given up, asked of the kernel and not of /proc.
#include "confinement.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <functional>
#include <thread>

#include <gtest/gtest.h>

#include "support.hpp"

namespace docker_cpp::images {
namespace {

/// The errno that `attempt` ends in, 0 for success, in a process that is
/// confined to `staging` first (not at all without one).
int errno_of(const std::function<bool()>& attempt, const char* staging,
             const Reach& reach = {}) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (staging != nullptr) {
      confine(std::array{::open(staging, O_PATH | O_DIRECTORY | O_CLOEXEC)},
              reach);
    }
    errno = 0;
    ::_exit(attempt() ? 0 : errno);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  return WEXITSTATUS(status);
}

struct Confinement : testing::Test {
  TempDir staging;
  TempDir elsewhere;

  int confined(const std::function<bool()>& attempt) {
    return errno_of(attempt, std::string(staging / ".").c_str());
  }
};

TEST_F(Confinement, FilesOutsideOfStagingAreOutOfReach) {
  const auto read_shadow = [] {
    return ::open("/etc/shadow", O_RDONLY) >= 0;
  };
  const std::string stranger = elsewhere / "made";
  const auto make = [&] {
    return ::open(stranger.c_str(), O_CREAT | O_WRONLY, 0600) >= 0;
  };
  EXPECT_EQ(errno_of(read_shadow, nullptr), 0);
  EXPECT_EQ(errno_of(make, nullptr), 0);
  ASSERT_EQ(::unlink(stranger.c_str()), 0);

  EXPECT_EQ(confined(read_shadow), EACCES);
  EXPECT_EQ(confined(make), EACCES);
  EXPECT_NE(::access(stranger.c_str(), F_OK), 0);
  const std::string climbing = staging / "../shadow";
  EXPECT_EQ(confined([&] {
              return ::open(climbing.c_str(), O_CREAT | O_WRONLY, 0600) >= 0;
            }),
            EACCES);
}

TEST_F(Confinement, StagingIsAtItsDisposal) {
  const std::string inside = staging / "made";
  EXPECT_EQ(confined([&] {
              return ::open(inside.c_str(), O_CREAT | O_WRONLY, 0600) >= 0 &&
                     ::fchownat(AT_FDCWD, inside.c_str(), 7, 7, 0) == 0;
            }),
            0);
  struct stat made{};
  ASSERT_EQ(::stat(inside.c_str(), &made), 0);
  EXPECT_EQ(made.st_uid, 7U);
}

TEST_F(Confinement, AClientOfRegistriesHasSocketsThreadsAndItsFiles) {
  const Reach reach{.network = Reach::Network::client,
                    .files = Reach::Files::own,
                    .readable = {"/etc/hosts"},
                    .readable_folders = {}};
  const auto client = [&](const std::function<bool()>& attempt) {
    return errno_of(attempt, std::string(staging / ".").c_str(), reach);
  };
  EXPECT_EQ(client([] { return ::socket(AF_INET, SOCK_STREAM, 0) >= 0; }), 0);
  EXPECT_EQ(client([] { return ::open("/etc/hosts", O_RDONLY) >= 0; }), 0);
  EXPECT_EQ(client([] {
              std::thread([] {}).join();
              return true;
            }),
            0);
  EXPECT_EQ(client([] { return ::open("/etc/hosts", O_WRONLY) >= 0; }), EACCES);
  EXPECT_EQ(client([] { return ::open("/etc/shadow", O_RDONLY) >= 0; }),
            EACCES);
  EXPECT_EQ(client([] { return ::fork() >= 0; }), EPERM);
  EXPECT_EQ(client([] { return ::listen(0, 1) == 0; }), EPERM);
  const std::string inside = staging / "own";
  EXPECT_EQ(client([&] {
              return ::open(inside.c_str(), O_CREAT | O_WRONLY, 0600) >= 0 &&
                     ::chown(inside.c_str(), 7, 7) == 0;
            }),
            EPERM);
}

TEST_F(Confinement, AProgramOfTheHostWritesBelowItsFolderOnly) {
  const Reach reach{.network = Reach::Network::client,
                    .files = Reach::Files::own,
                    .readable = {},
                    .readable_folders = {},
                    .programs = Reach::Programs::of_the_host};
  const auto program = [&](const std::string& shell) {
    return errno_of(
        [&] {
          ::execl("/bin/sh", "sh", "-c", shell.c_str(), nullptr);
          return false;
        },
        std::string(staging / ".").c_str(), reach);
  };
  const std::string stranger = elsewhere / "made";
  EXPECT_EQ(program("cat /etc/hosts > /dev/null"), 0);
  EXPECT_EQ(program("echo x > " + std::string(staging / "made")), 0);
  EXPECT_NE(program("echo x > " + stranger), 0);
  const std::string kept = elsewhere / "kept";
  ASSERT_GE(::open(kept.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0666), 0);
  EXPECT_NE(program("rm -f " + kept), 0);
  EXPECT_NE(program("echo x >> " + kept), 0);
  EXPECT_NE(program("chown 7 " + std::string(staging / "made")), 0);
  EXPECT_NE(::access(stranger.c_str(), F_OK), 0);
}

TEST_F(Confinement, NothingIsExecutedAndNobodyIsCalled) {
  const auto call = [] {
    return ::socket(AF_UNIX, SOCK_STREAM, 0) >= 0;
  };
  const auto execute = [] {
    return ::execl("/bin/true", "true", nullptr) == 0;
  };
  EXPECT_EQ(errno_of(call, nullptr), 0);
  EXPECT_EQ(errno_of(execute, nullptr), 0);
  EXPECT_EQ(confined(call), EPERM);
  EXPECT_EQ(confined(execute), EPERM);
  EXPECT_EQ(confined([] { return ::fork() >= 0; }), EPERM);
}

}  // namespace
}  // namespace docker_cpp::images
