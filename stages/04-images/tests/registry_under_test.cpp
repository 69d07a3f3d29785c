// SPDX-License-Identifier: Apache-2.0
#include "registry_under_test.hpp"

#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace docker_cpp::images {

RegistryUnderTest::RegistryUnderTest(
    const std::vector<std::string>& behaviour) {
  std::vector<std::string> words = {"python3", STAGE04_REGISTRY,
                                    folder_.path()};
  words.insert(words.end(), behaviour.begin(), behaviour.end());
  std::vector<char*> args;
  for (std::string& word : words) {
    args.push_back(word.data());
  }
  args.push_back(nullptr);
  if (::posix_spawnp(&pid_, "python3", nullptr, nullptr, args.data(),
                     environ) != 0) {
    throw std::runtime_error("cannot start the registry");
  }
  const std::string port = folder_ / "port";
  for (int i = 0; i < 1000 && !std::filesystem::exists(port); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  host_ = "127.0.0.1:" + read_text(port);
}

RegistryUnderTest::~RegistryUnderTest() {
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

std::vector<std::string> RegistryUnderTest::log() const {
  std::vector<std::string> lines;
  std::istringstream text(read_text(folder_ / "log"));
  for (std::string line; std::getline(text, line);) {
    lines.push_back(line);
  }
  return lines;
}

std::size_t RegistryUnderTest::asked(const std::string& part) const {
  const auto lines = log();
  return static_cast<std::size_t>(
      std::ranges::count_if(lines, [&](const std::string& line) {
        return line.find(part) != std::string::npos;
      }));
}

ImageStore::Options impatient(const TempDir& root) {
  ImageStore::Options options = options_for(root);
  options.registry.attempts = 3;
  options.registry.stall_seconds = 1;
  options.registry.back_off_milliseconds = 10;
  return options;
}

}  // namespace docker_cpp::images
