// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>

#include <gtest/gtest.h>

#include "exercise.hpp"

namespace fs = std::filesystem;

TEST(RunPrepared, NeverRunsHalfPrepared) {
  const fs::path place =
      fs::temp_directory_path() / ("go-pipe-" + std::to_string(::getpid()));
  fs::create_directory(place);
  const fs::path ready = place / "ready";
  const fs::path ran = place / "ran";

  const int code = run_prepared(
      [&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        std::ofstream(ready) << "yes";
      },
      [&] { return fs::exists(ready) ? 7 : 1; });
  EXPECT_EQ(code, 7) << "the program began before the parent was ready";

  ::alarm(5);  // whoever waits for itself waits for ever
  EXPECT_THROW(run_prepared([] { throw std::runtime_error("no cgroup"); },
                            [&] {
                              std::ofstream(ran) << "oh";
                              return 0;
                            }),
               std::runtime_error)
      << "the parent's failure is what the caller has to hear";
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_FALSE(fs::exists(ran))
      << "it ran although its parent had failed: a half isolated container";
  ::alarm(0);
  fs::remove_all(place);
}
