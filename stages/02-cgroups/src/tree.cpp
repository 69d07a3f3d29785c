// SPDX-License-Identifier: Apache-2.0
#include "tree.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <memory>
#include <string_view>
#include <thread>
#include <utility>

#include <climits>

#include "control_file.hpp"

#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/file.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::cgroups {
namespace {

struct CloseDir {
  void operator()(DIR* dir) const { ::closedir(dir); }
};

std::vector<std::string> folders_in(int fd) {
  std::vector<std::string> names;
  auto own = sys::open_at(fd, ".", O_RDONLY | O_DIRECTORY);
  if (!own) {
    return names;  // gone meanwhile
  }
  const std::unique_ptr<DIR, CloseDir> dir(::fdopendir(own->get()));
  if (!dir) {
    return names;
  }
  static_cast<void>(own->release());
  while (const dirent* entry = ::readdir(dir.get())) {
    if (entry->d_type == DT_DIR && std::strcmp(entry->d_name, ".") != 0 &&
        std::strcmp(entry->d_name, "..") != 0) {
      names.emplace_back(entry->d_name);
    }
  }
  return names;
}

constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;

void collect(int fd, std::vector<pid_t>& into) {
  const std::string text =
      sys::read_file_at(fd, "cgroup.procs", 64U << 20).value_or("");
  for (const std::string_view line : split(text, "\n")) {
    // 0: a process that this PID namespace cannot see. To kill(2) it would
    // mean the caller's own process group.
    if (const auto pid = to_number(line); pid && *pid != 0) {
      into.push_back(static_cast<pid_t>(*pid));
    }
  }
  for (const std::string& name : folders_in(fd)) {
    if (const auto below = sys::open_at(fd, name.c_str(), folder_flags)) {
      collect(below->get(), into);
    }
  }
}

sys::Result<void> remove_tree(int parent, const char* name) {
  if (::unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT) {
    return {};
  }
  const int why = errno;
  {
    const auto fd = sys::open_at(parent, name, folder_flags);
    if (!fd) {
      return fd.error().code == ENOENT
                 ? sys::Result<void>{}
                 : sys::Result<void>(std::unexpected(fd.error()));
    }
    const auto below = folders_in(fd->get());
    if (below.empty()) {
      return std::unexpected(sys::SysError{.code = why, .call = "rmdir"});
    }
    for (const std::string& child : below) {
      if (const auto gone = remove_tree(fd->get(), child.c_str()); !gone) {
        return gone;
      }
    }
  }
  if (::unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT) {
    return {};
  }
  return sys::fail("rmdir");
}

/// v2: the children of a folder have the controllers that it hands down.
void hand_down(const ControlDirectory& parent) {
  const std::string had = text_of(&parent, "cgroup.subtree_control");
  const auto handed = split(had, " \n");
  const std::string known = text_of(&parent, "cgroup.controllers");
  for (const std::string_view name : split(known, " \n")) {
    if (std::ranges::find(handed, name) == handed.end()) {
      // A controller that cannot be had (real-time processes keep cpu away,
      // threaded neighbours memory) is missed only by a limit that needs it,
      // and that is told there.
      static_cast<void>(
          write(parent, "cgroup.subtree_control", "+" + std::string(name)));
    }
  }
}

ControlDirectory open_folder(const Hierarchy& hierarchy,
                             const std::string& full) {
  return {.hierarchy = hierarchy,
          .path = full,
          .fd = must(sys::open(full.c_str(), folder_flags),
                     "open the cgroup " + full)};
}

Made make_folder(const Hierarchy& hierarchy, const std::string& full) {
  const bool fresh = ::mkdir(full.c_str(), 0755) == 0;
  if (!fresh && errno != EEXIST) {
    throw Error({.code = errno, .call = "mkdir"}, "make the cgroup " + full);
  }
  try {
    return {.directory = open_folder(hierarchy, full), .fresh = fresh};
  } catch (const Error&) {
    if (fresh) {
      ::rmdir(full.c_str());
    }
    throw;
  }
}

/// What a cpuset has; empty: nothing.
struct CpusetOf {
  std::string cpus;
  std::string mems;
};

bool is_blank(const std::string& text) {
  return text.find_first_not_of(" \n") == std::string::npos;
}

/// A new v1 cpuset is empty, and nobody can join an empty one: it takes what
/// its parent has. \man{cpuset,7}
void inherit(const Made& made, const char* file, const std::string& parent,
             std::string& own) {
  own = text_of(&made.directory, file);
  if (!is_blank(own)) {
    return;
  }
  if (const auto put = write(made.directory, file, parent); !put) {
    if (made.fresh) {
      ::rmdir(made.directory.path.c_str());
    }
    throw Error(put.error(),
                "let " + made.directory.path + "/" + file + " be " + parent);
  }
  own = parent;
}

/// `parent` becomes what the new one has: for what is made below it.
void inherit_cpuset(const Made& made, CpusetOf& parent) {
  if (is_blank(parent.cpus)) {  // the first one down from the root
    parent.cpus = text_of(&made.directory, "../cpuset.cpus");
    parent.mems = text_of(&made.directory, "../cpuset.mems");
  }
  CpusetOf own;
  inherit(made, "cpuset.cpus", parent.cpus, own.cpus);
  inherit(made, "cpuset.mems", parent.mems, own.mems);
  parent = std::move(own);
}

}  // namespace

void check_path(const std::string& path) {
  bool good = path.size() > 1 && path.starts_with('/') &&
              !path.ends_with('/') && path.find('\0') == std::string::npos &&
              path.find("//") == std::string::npos;
  for (const std::string_view part : split(path, "/")) {
    good = good && part != "." && part != ".." && part.size() <= NAME_MAX;
  }
  if (!good) {
    throw Error({.code = EINVAL, .call = "check"},
                "use \"" + path + "\" as the path of a cgroup");
  }
}

ControlDirectory open_directory(const Hierarchy& hierarchy,
                                const std::string& path) {
  return open_folder(hierarchy, hierarchy.mount_point + path);
}

Made make_directory(const Hierarchy& hierarchy, const std::string& path) {
  const bool needs_parents = hierarchy.unified || has(hierarchy, "cpuset");
  if (!needs_parents) {
    const std::string full = hierarchy.mount_point + path;
    if (::mkdir(full.c_str(), 0755) == 0) {
      return {.directory = open_folder(hierarchy, full), .fresh = true};
    }
  }
  Made made = {.directory = open_folder(hierarchy, hierarchy.mount_point),
               .fresh = false};
  CpusetOf cpuset;
  for (const std::string_view part : split(path, "/")) {
    if (hierarchy.unified) {
      hand_down(made.directory);
    }
    made =
        make_folder(hierarchy, made.directory.path + "/" + std::string(part));
    if (has(hierarchy, "cpuset")) {
      inherit_cpuset(made, cpuset);
    }
  }
  return made;
}

void collect_processes(const ControlDirectory& directory,
                       std::vector<pid_t>& into) {
  collect(directory.fd.get(), into);
}

void remove_directory(const Hierarchy& hierarchy, const std::string& path) {
  using Clock = std::chrono::steady_clock;
  const std::string full = hierarchy.mount_point + path;
  const auto deadline = Clock::now() + std::chrono::seconds(1);
  auto pause = std::chrono::milliseconds(1);
  while (true) {
    const auto removed = remove_tree(AT_FDCWD, full.c_str());
    if (removed) {
      return;
    }
    // A killed process leaves its cgroup some time after it has been killed,
    // and in v1 even after it has been waited for.
    if (removed.error().code != EBUSY || Clock::now() > deadline) {
      throw Error(removed.error(), "remove the cgroup " + full);
    }
    std::this_thread::sleep_for(pause);
    pause = std::min(2 * pause, std::chrono::milliseconds(20));
  }
}

}  // namespace docker_cpp::cgroups
