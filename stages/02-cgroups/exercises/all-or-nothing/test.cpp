// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include <gtest/gtest.h>

#include "exercise.hpp"

std::string text(const std::string& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(WriteSettings, AllOrNothing) {
  const auto place = std::filesystem::temp_directory_path() /
                     ("settings-" + std::to_string(::getpid()));
  std::filesystem::create_directory(place);
  const std::string memory = place / "memory.max";
  const std::string pids = place / "pids.max";
  std::ofstream(memory) << "max";
  std::ofstream(pids) << "100";

  write_settings({{memory, "64"}, {pids, "20"}});
  EXPECT_EQ(text(memory), "64");
  EXPECT_EQ(text(pids), "20");

  EXPECT_THROW(write_settings({{memory, "1"},
                               {pids, "2"},
                               {memory, "3"},
                               {place / "no.such", "4"}}),
               std::runtime_error);
  EXPECT_EQ(text(pids), "20") << "what was written before the failure stays";
  EXPECT_EQ(text(memory), "64")
      << "written twice: take back in the reverse order";
  EXPECT_FALSE(std::filesystem::exists(place / "no.such"));
  std::filesystem::remove_all(place);
}
