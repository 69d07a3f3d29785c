// SPDX-License-Identifier: Apache-2.0
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "exercise.hpp"

namespace fs = std::filesystem;

std::string text(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(WriteRecord, IsOldOrNew) {
  const fs::path place =
      fs::temp_directory_path() / ("record-" + std::to_string(::getpid()));
  fs::create_directory(place);
  write_record(place, "record", "old");
  EXPECT_EQ(text(place / "record"), "old");
  const std::string long_one(100'000, 'n');
  const pid_t child = ::fork();
  if (child == 0) {
    const rlimit few{.rlim_cur = 5'000, .rlim_max = 5'000};
    ::setrlimit(RLIMIT_FSIZE, &few);  // SIGXFSZ ends it in mid-write
    write_record(place, "record", long_one);
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status)) << "the test's own trap did not work";
  EXPECT_EQ(text(place / "record"), "old")
      << "killed while writing, and the old content is gone: write beside it, "
         "then rename";
  write_record(place, "record", long_one);
  EXPECT_EQ(text(place / "record"), long_one)
      << "what the killed one left must not be in the way";
  EXPECT_ANY_THROW(write_record(place / "missing", "record", "x"));
  fs::remove_all(place);
}
