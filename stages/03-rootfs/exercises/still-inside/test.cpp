// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include <gtest/gtest.h>

#include "exercise.hpp"

namespace fs = std::filesystem;

TEST(Enter, RefusesWhatIsOutside) {
  ASSERT_EQ(::geteuid(), 0U) << "chroot(2) takes root: use sudo";
  const fs::path place =
      fs::temp_directory_path() / ("inside-" + std::to_string(::getpid()));
  fs::create_directories(place / "root/work");
  const pid_t child = ::fork();
  if (child == 0) {
    const int host = ::open("/", O_PATH | O_DIRECTORY);
    const int work =
        ::open((place / "root/work").c_str(), O_PATH | O_DIRECTORY);
    static_cast<void>(!::chroot((place / "root").c_str()));
    static_cast<void>(!::chdir("/"));
    if (!enter(work)) {
      ::_exit(1);
    }
    if (enter(host)) {
      ::_exit(2);
    }
    struct stat here{};
    struct stat root{};
    ::stat(".", &here);
    ::stat("/", &root);
    ::_exit(here.st_ino == root.st_ino && here.st_dev == root.st_dev ? 0 : 3);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  fs::remove_all(place);
  EXPECT_NE(WEXITSTATUS(status), 1) << "a folder inside is refused";
  EXPECT_NE(WEXITSTATUS(status), 2)
      << "it entered the host's root: ask the kernel where you are, SYS_getcwd";
  EXPECT_NE(WEXITSTATUS(status), 3) << "after a refusal it stays outside";
  EXPECT_EQ(status, 0);
}
