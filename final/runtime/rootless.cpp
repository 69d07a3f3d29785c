// SPDX-License-Identifier: Apache-2.0
#include "rootless.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <vector>

#include "container.hpp"

#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/file.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::runtime {
namespace {

using Ranges = std::vector<namespaces::IdRange>;

/// What every user may map: the one id that is its own.
bool is_own_id(const Ranges& ranges, std::uint32_t own) {
  return ranges.size() == 1 && ranges[0].count == 1 && ranges[0].outside == own;
}

/// Programs that may map what /etc/subuid and /etc/subgid give to a user.
std::string find_helper(const char* name) {
  for (const char* folder : {"/usr/bin/", "/bin/", "/usr/local/bin/"}) {
    std::string path = std::string(folder) + name;
    if (::access(path.c_str(), X_OK) == 0) {
      return path;
    }
  }
  throw Refusal(std::string("linux.uidMappings maps more than the caller's own "
                            "id, which takes the program ") +
                name + " (Debian's package uidmap)");
}

std::vector<std::string> helper_line(const char* name, pid_t target,
                                     const Ranges& ranges) {
  std::vector<std::string> line = {find_helper(name), std::to_string(target)};
  for (const namespaces::IdRange& range : ranges) {
    for (const std::uint32_t number :
         {range.inside, range.outside, range.count}) {
      line.push_back(std::to_string(number));
    }
  }
  return line;
}

void run_program(const std::vector<std::string>& line) {
  std::vector<char*> argv;
  for (const std::string& word : line) {
    argv.push_back(const_cast<char*>(word.c_str()));
  }
  argv.push_back(nullptr);
  const pid_t pid = must(sys::check(::fork(), "fork"), "start " + line[0]);
  if (pid == 0) {
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  if (status != 0) {
    throw Refusal(line[0] + " did not map the ids of linux.uidMappings: see " +
                  "/etc/subuid and /etc/subgid");
  }
}

/// The helpers have to be called by somebody who is not in the namespace yet:
/// a process that is forked before, and waits.
class Mapper {
 public:
  Mapper(const oci::LinuxSpec& spec, bool wanted) {
    if (!wanted) {
      return;
    }
    const pid_t target = ::getpid();
    const auto uids = helper_line("newuidmap", target, spec.uid_mappings);
    const auto gids = helper_line("newgidmap", target, spec.gid_mappings);
    go_ = must(sys::pipe_cloexec(), "open a pipe");
    pid_ = must(sys::check(::fork(), "fork"), "start a helper");
    if (pid_ == 0) {
      ::_exit(map_when_told(uids, gids));
    }
  }

  void map() {
    must(sys::write_byte(go_.write_end.get()), "start a helper");
    int status = 0;
    ::waitpid(pid_, &status, 0);
    if (status != 0) {
      throw Refusal("linux.uidMappings could not be mapped");
    }
  }

 private:
  int map_when_told(const std::vector<std::string>& uids,
                    const std::vector<std::string>& gids) const {
    char byte = 0;
    ::close(go_.write_end.get());
    if (::read(go_.read_end.get(), &byte, 1) != 1) {
      return 1;
    }
    try {
      run_program(uids);
      run_program(gids);
      return 0;
    } catch (const std::exception& error) {
      const std::string line = std::string(error.what()) + "\n";
      static_cast<void>(sys::write_all(2, line));
      return 1;
    }
  }

  sys::Pipe go_;
  pid_t pid_ = -1;
};

void write_own_maps(const oci::LinuxSpec& spec) {
  must(sys::write_control("/proc/self/uid_map",
                          namespaces::format_id_map(spec.uid_mappings)),
       "write the map of users");
  // Or a group that is denied something could be shed: user_namespaces(7).
  must(sys::write_control("/proc/self/setgroups", "deny"), "deny setgroups");
  must(sys::write_control("/proc/self/gid_map",
                          namespaces::format_id_map(spec.gid_mappings)),
       "write the map of groups");
}

void become_root() {
  must(sys::check_void(::setresgid(0, 0, 0), "setresgid"),
       "become root of the user namespace");
  must(sys::check_void(::setresuid(0, 0, 0), "setresuid"),
       "become root of the user namespace");
}

void make_users(const oci::LinuxSpec& spec, uid_t uid, gid_t gid) {
  const bool alone =
      is_own_id(spec.uid_mappings, uid) && is_own_id(spec.gid_mappings, gid);
  Mapper mapper(spec, !alone);
  must(sys::unshare(CLONE_NEWUSER), "make a user namespace");
  // The kernel takes the flag away with the change of credentials, and with it
  // /proc/self from its owner: proc(5), "dumpable".
  ::prctl(PR_SET_DUMPABLE, 1);
  if (alone) {
    write_own_maps(spec);
  } else {
    mapper.map();
  }
}

void join_users(const std::string& path) {
  const auto users = namespaces::open_namespace(namespaces::Kind::user, path);
  must(sys::join_namespace(users.fd.get(), CLONE_NEWUSER),
       "join the user namespace " + path);
  ::prctl(PR_SET_DUMPABLE, 1);
}

}  // namespace

void become_root_for(oci::Spec& spec) {
  oci::LinuxSpec& linux_spec = spec.linux_spec;
  const auto* users = oci::find_namespace(linux_spec, namespaces::Kind::user);
  if (users == nullptr) {
    throw Refusal(
        "rootless container requires user namespaces: linux.namespaces has "
        "none of type \"user\"");
  }
  if (users->path.empty()) {
    make_users(linux_spec, ::geteuid(), ::getegid());
  } else {
    join_users(users->path);
  }
  become_root();
  must(sys::unshare(CLONE_NEWNS), "make a mount namespace");
  std::erase_if(linux_spec.namespaces, [](const oci::NamespaceSpec& one) {
    return one.kind == namespaces::Kind::user;
  });
  linux_spec.uid_mappings.clear();
  linux_spec.gid_mappings.clear();
}

void become_root_beside(pid_t container) {
  const std::string path = "/proc/" + std::to_string(container) + "/ns/user";
  struct stat theirs{};
  struct stat own{};
  if (::stat(path.c_str(), &theirs) == 0 &&
      ::stat("/proc/self/ns/user", &own) == 0 && theirs.st_ino == own.st_ino) {
    return;
  }
  join_users(path);
  become_root();
}

}  // namespace docker_cpp::runtime
