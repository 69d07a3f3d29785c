// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "docker_cpp/cgroups/control_directory.hpp"
#include "docker_cpp/cgroups/resources.hpp"

namespace docker_cpp::cgroups {

/// One write into one control file.
struct Setting {
  std::string what;  ///< for people: "memory limit"
  std::string controller;
  std::string file;
  std::string value;
  /// Where the file has a line per device: what takes this one back.
  std::string undo;
  /// What the kernel takes, for the message when it does not.
  std::string bounds;
  /// Takes the place of `file` where that does not exist.
  std::string other_file;
  std::string other_value;
  /// Lifts a limit, or adds to one: nothing is wrong when there is no such
  /// file.
  bool lifts = false;
};

/// Which files get which values: no system calls, so that a machine of the one
/// generation can test the plans for the other.
/// \throws Error for values that no kernel would take
[[nodiscard]] std::vector<Setting> plan_v1(const Resources& resources);
[[nodiscard]] std::vector<Setting> plan_v2(const Resources& resources);

/// What pids.max is told: -1 is no limit.
[[nodiscard]] std::string pids_max(std::int64_t limit);

/// What is alike in both.
void plan_rdma(const Resources& resources, std::vector<Setting>& all);
/// \throws Error
void check_page_sizes(const Resources& resources);

/// Docker's shares (2 to 262144, 1024 is normal) as v2's weight (1 to 10000,
/// 100 is normal).
[[nodiscard]] std::uint64_t cpu_weight_of_shares(std::uint64_t shares);

using FindDirectory =
    std::function<const ControlDirectory*(std::string_view controller)>;

/// Writes all settings, then calls `last`. When one is refused, or `last`
/// throws, those before it get their old values back.
/// \throws Error naming limit, value and file
void write_settings(const std::vector<Setting>& settings,
                    const FindDirectory& find,
                    const std::function<void()>& last);

/// \throws Error of a limit that makes no sense
[[noreturn]] void refuse(const std::string& what, const std::string& value,
                         const std::string& bounds);

}  // namespace docker_cpp::cgroups
