// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdio.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>

#include "docker_cpp/testing/fd_audit.hpp"

namespace docker_cpp::testing {

/// Everything of the kernel that a container engine could leave behind, as
/// this process sees it. Taken before and after; nothing may be left over.
class Ledger {
 public:
  /// `mark`: only cgroups, links, tables and mounts whose text contains it
  /// count, so that what others do on the machine does not. Descriptors and
  /// children are always this process's.
  explicit Ledger(std::string mark = "") : mark_(std::move(mark)) {
    add_lines("mount", "/proc/self/mountinfo");
    add_cgroups();
    add_links();
    add_tables();
    add_descriptors();
    add_lines("child",
              "/proc/self/task/" + std::to_string(::getpid()) + "/children",
              false);
  }

  /// What is there now and was not before, one per line.
  [[nodiscard]] std::string left_over() const {
    const Ledger now(mark_);
    std::string text;
    for (const std::string& entry : now.entries_) {
      if (entries_.count(entry) < now.entries_.count(entry)) {
        text += entry + "\n";
      }
    }
    return text;
  }

  /// The same, once things have had time to go: the kernel takes a container
  /// down after its last process has been reaped.
  [[nodiscard]] std::string left_over_within(
      std::chrono::milliseconds patience) const {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    std::string text = left_over();
    while (!text.empty() && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      text = left_over();
    }
    return text;
  }

 private:
  void add(const std::string& kind, const std::string& what,
           bool needs_mark = true) {
    if (!needs_mark || what.find(mark_) != std::string::npos) {
      entries_.insert(kind + " " + what);
    }
  }

  void add_lines(const std::string& kind, const std::string& file,
                 bool needs_mark = true) {
    std::ifstream lines(file);
    for (std::string line; std::getline(lines, line);) {
      add(kind, line, needs_mark);
    }
  }

  void add_cgroups() {
    namespace fs = std::filesystem;
    std::error_code gone;  // others' cgroups come and go
    fs::recursive_directory_iterator each(
        "/sys/fs/cgroup", fs::directory_options::skip_permission_denied, gone);
    while (!gone && each != fs::recursive_directory_iterator()) {
      std::error_code ignored;
      if (each->is_directory(ignored) && !each->is_symlink(ignored)) {
        add("cgroup", each->path().string());
      }
      each.increment(gone);
    }
  }

  void add_links() {
    std::ifstream lines("/proc/self/net/dev");
    for (std::string line; std::getline(lines, line);) {
      const std::size_t colon = line.find(':');
      if (colon != std::string::npos) {
        add("link", line.substr(0, colon));
      }
    }
  }

  void add_tables() {
    const std::unique_ptr<FILE, int (*)(FILE*)> nft(
        ::popen("nft list tables 2>/dev/null", "r"), &::pclose);
    char line[512];
    while (nft && ::fgets(line, sizeof line, nft.get()) != nullptr) {
      add("nft", line);
    }
  }

  /// Kept open as such: numbers may differ, so only the targets count.
  void add_descriptors() {
    for (const auto& [number, target] : open_descriptors(::getpid())) {
      if (target.find("/proc/") != 0) {
        add("descriptor", without_inode(target), false);
      }
    }
  }

  static std::string without_inode(const std::string& target) {
    const std::size_t bracket = target.find(":[");
    return bracket == std::string::npos ? target : target.substr(0, bracket);
  }

  std::string mark_;
  std::multiset<std::string> entries_;
};

}  // namespace docker_cpp::testing
