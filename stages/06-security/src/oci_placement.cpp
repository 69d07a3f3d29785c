// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>
#include <string_view>
#include <utility>

#include "docker_cpp/oci/placement.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/file.hpp"

namespace docker_cpp::oci {
namespace {

constexpr const char* property = "linux.intelRdt";

bool is_directory(const std::string& path) {
  struct stat info{};
  return ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

/// "L3:0=f0;1=f" with its values in order, as the kernel shows them.
std::string canonical(std::string_view line) {
  std::string text;
  for (const char c : line) {
    if (c != ' ' && c != '\t') {
      text += c;
    }
  }
  return text;
}

bool holds_line(const std::string& schemata, const std::string& wanted) {
  std::istringstream lines(schemata);
  for (std::string line; std::getline(lines, line);) {
    if (canonical(line) == canonical(wanted)) {
      return true;
    }
  }
  return false;
}

}  // namespace

const char* Affinity::name() const noexcept {
  return "choose the processors";
}

const char* MemoryNodes::name() const noexcept {
  return "choose the memory nodes";
}

std::string IntelRdt::mount_point() {
  std::istringstream mounts(
      sys::read_file("/proc/self/mountinfo", 16U << 20).value_or(""));
  for (std::string line; std::getline(mounts, line);) {
    const std::size_t type = line.find(" - resctrl ");
    if (type == std::string::npos) {
      continue;
    }
    std::istringstream words(line);  // the fifth is where it is mounted
    std::string word;
    for (int i = 0; i < 5; ++i) {
      words >> word;
    }
    return word;
  }
  return "";
}

IntelRdt::IntelRdt(const RdtSpec& spec, const std::string& id,
                   std::string root) {
  if (root.empty()) {
    throw SpecError(property,
                    "resctrl is not mounted on this machine, or its "
                    "processors have no such feature");
  }
  const bool named = !spec.clos_id.empty();
  // Only counted: in the group that everything else is in.
  const bool grouped = named || !spec.schemata.empty();
  group_ = grouped ? root + "/" + (named ? spec.clos_id : id) : root;
  const bool existed = is_directory(group_);
  if (named && spec.schemata.empty() && !existed) {
    throw SpecError("linux.intelRdt.closID",
                    "there is no group \"" + spec.clos_id + "\" in " + root);
  }
  try {
    if (!existed) {
      make(group_);
    }
    set_schemata(spec.schemata, named && existed);
    if (spec.monitoring) {
      monitor_ = group_ + "/mon_groups/" + id;
      make(monitor_);
    }
  } catch (...) {
    std::ranges::for_each(take_made(),
                          [](const std::string& one) { ::rmdir(one.c_str()); });
    throw;
  }
}

IntelRdt::~IntelRdt() {
  for (const std::string& folder : made_) {
    ::rmdir(folder.c_str());
  }
}

std::vector<std::string> IntelRdt::take_made() {
  return std::exchange(made_, {});
}

void IntelRdt::make(const std::string& folder) {
  must(sys::check_void(::mkdir(folder.c_str(), 0755), "mkdir"),
       std::string(property) + ": make the group " + folder);
  made_.insert(made_.begin(), folder);
}

/// A group that others set up is used as it is; one that is set up otherwise
/// than asked for is an error.
void IntelRdt::set_schemata(const std::vector<std::string>& lines,
                            bool existed) {
  const std::string file = group_ + "/schemata";
  for (const std::string& line : lines) {
    if (existed) {
      if (!holds_line(sys::read_file(file.c_str()).value_or(""), line)) {
        throw SpecError("linux.intelRdt.closID",
                        "the group exists and has other schemata than " + line);
      }
    } else {
      must(sys::write_control(file.c_str(), line + "\n"),
           std::string(property) + ": write " + line + " to " + file);
    }
  }
}

const char* IntelRdt::name() const noexcept {
  return "take a share of the caches";
}

void IntelRdt::from_parent(const namespaces::ChildHandle& child) {
  const std::string tasks = (monitor_.empty() ? group_ : monitor_) + "/tasks";
  const std::string group_tasks = group_ + "/tasks";
  const std::string pid = std::to_string(child.pid);
  must(sys::write_control(group_tasks.c_str(), pid), "join " + group_tasks);
  if (!monitor_.empty()) {
    must(sys::write_control(tasks.c_str(), pid), "join " + tasks);
  }
}

}  // namespace docker_cpp::oci
