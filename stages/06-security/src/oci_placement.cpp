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

void write_schemata(const std::string& group, const std::string& line) {
  const std::string file = group + "/schemata";
  must(sys::write_control(file.c_str(), line + "\n"),
       std::string(property) + ": write " + line + " to " + file);
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

RdtGroup RdtGroup::of(const RdtSpec& spec, const std::string& id,
                      const std::string& root) {
  // Only counted: in the group that everything else is in.
  const bool grouped = !spec.clos_id.empty() || !spec.schemata.empty();
  RdtGroup at;
  at.group =
      grouped ? root + "/" + (spec.clos_id.empty() ? id : spec.clos_id) : root;
  at.monitor = spec.monitoring ? at.group + "/mon_groups/" + id : "";
  return at;
}

void RdtGroup::take_in(pid_t process) const {
  const std::string pid = std::to_string(process);
  // The group first: who changes it loses the monitor's.
  for (const std::string& folder : {group, monitor}) {
    if (!folder.empty()) {
      const std::string tasks = folder + "/tasks";
      must(sys::write_control(tasks.c_str(), pid), "join " + tasks);
    }
  }
}

const char* JoinRdt::name() const noexcept {
  return "take the container's share of the caches";
}

void JoinRdt::from_parent(const namespaces::ChildHandle& child) {
  group_.take_in(child.pid);
}

std::optional<std::string> update_rdt(const std::optional<RdtSpec>& spec,
                                      const std::string& id,
                                      const std::string& root,
                                      const std::vector<std::string>& schemata,
                                      pid_t process) {
  RdtGroup at = RdtGroup::of(spec.value_or(RdtSpec{}), id, root);
  // Not the whole machine's share for the sake of one container.
  const bool of_its_own = at.group != root;
  at.group = of_its_own ? at.group : root + "/" + id;
  std::optional<std::string> made;
  if (!is_directory(at.group)) {
    must(sys::check_void(::mkdir(at.group.c_str(), 0755), "mkdir"),
         std::string(property) + ": make the group " + at.group);
    made = at.group;
  }
  try {
    for (const std::string& line : schemata) {
      write_schemata(at.group, line);
    }
    if (!of_its_own) {
      RdtGroup{.group = at.group, .monitor = ""}.take_in(process);
    }
  } catch (...) {
    if (made) {
      ::rmdir(made->c_str());
    }
    throw;
  }
  return made;
}

IntelRdt::IntelRdt(const RdtSpec& spec, const std::string& id,
                   std::string root) {
  if (root.empty()) {
    throw SpecError(property,
                    "resctrl is not mounted on this machine, or its "
                    "processors have no such feature");
  }
  const bool named = !spec.clos_id.empty();
  at_ = RdtGroup::of(spec, id, root);
  const bool existed = is_directory(at_.group);
  if (named && spec.schemata.empty() && !existed) {
    throw SpecError("linux.intelRdt.closID",
                    "there is no group \"" + spec.clos_id + "\" in " + root);
  }
  try {
    if (!existed) {
      make(at_.group);
    }
    set_schemata(spec.schemata, named && existed);
    if (spec.monitoring) {
      make(at_.monitor);
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
  const std::string file = at_.group + "/schemata";
  for (const std::string& line : lines) {
    if (existed) {
      if (!holds_line(sys::read_file(file.c_str()).value_or(""), line)) {
        throw SpecError("linux.intelRdt.closID",
                        "the group exists and has other schemata than " + line);
      }
    } else {
      write_schemata(at_.group, line);
    }
  }
}

const char* IntelRdt::name() const noexcept {
  return "take a share of the caches";
}

void IntelRdt::from_parent(const namespaces::ChildHandle& child) {
  at_.take_in(child.pid);
}

}  // namespace docker_cpp::oci
