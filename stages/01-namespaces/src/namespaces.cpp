// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/namespaces/namespaces.hpp"

#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <utility>

#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/file.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::namespaces {
namespace {

constexpr std::uint64_t clone_newtime = 0x80;  // not in Debian 12's sched.h

struct KindFacts {
  Kind kind;
  std::uint64_t flag;
  const char* name;
};

constexpr std::array all_kinds = {
    KindFacts{Kind::user, CLONE_NEWUSER, "user"},
    KindFacts{Kind::cgroup, CLONE_NEWCGROUP, "cgroup"},
    KindFacts{Kind::ipc, CLONE_NEWIPC, "ipc"},
    KindFacts{Kind::uts, CLONE_NEWUTS, "uts"},
    KindFacts{Kind::network, CLONE_NEWNET, "net"},
    KindFacts{Kind::pid, CLONE_NEWPID, "pid"},
    KindFacts{Kind::mount, CLONE_NEWNS, "mnt"},
    KindFacts{Kind::time, clone_newtime, "time"},
};

const KindFacts& facts(Kind kind) noexcept {
  return all_kinds.at(static_cast<std::size_t>(kind));
}

}  // namespace

std::uint64_t clone_flag(Kind kind) noexcept {
  return facts(kind).flag;
}

const char* proc_name(Kind kind) noexcept {
  return facts(kind).name;
}

NewNamespaces::NewNamespaces(std::vector<Kind> kinds)
    : kinds_(std::move(kinds)) {}

const char* NewNamespaces::name() const noexcept {
  return "make namespaces";
}

void NewNamespaces::prepare(CloneRequest& request) {
  for (const Kind kind : kinds_) {
    request.flags |= clone_flag(kind);
  }
}

Hostname::Hostname(std::string hostname, std::string domainname)
    : hostname_(std::move(hostname)), domainname_(std::move(domainname)) {}

const char* Hostname::name() const noexcept {
  return "set the hostname";
}

std::string format_id_map(const std::vector<IdRange>& ranges) {
  std::string lines;
  for (const IdRange& range : ranges) {
    lines += std::to_string(range.inside) + " " +
             std::to_string(range.outside) + " " + std::to_string(range.count) +
             "\n";
  }
  return lines;
}

Users::Users(std::vector<IdRange> uids, std::vector<IdRange> gids)
    : uids_(std::move(uids)), gids_(std::move(gids)) {}

const char* Users::name() const noexcept {
  return "map users";
}

void Users::prepare(CloneRequest& request) {
  request.flags |= CLONE_NEWUSER;
}

void Users::from_parent(const ChildHandle& child) {
  const std::string folder = "/proc/" + std::to_string(child.pid);
  const sys::UniqueFd proc =
      must(sys::open(folder.c_str(), O_PATH | O_DIRECTORY), "open " + folder);
  must(sys::write_control_at(proc.get(), "uid_map", format_id_map(uids_)),
       "write the map of users");
  must(sys::write_control_at(proc.get(), "gid_map", format_id_map(gids_)),
       "write the map of groups");
}

TimeOffsets::TimeOffsets(Offset monotonic, Offset boottime, Writer writer)
    : writer_(writer) {
  const auto line = [](const char* clock, Offset offset) {
    return std::string(clock) + " " + std::to_string(offset.seconds) + " " +
           std::to_string(offset.nanoseconds) + "\n";
  };
  offsets_ = line("monotonic", monotonic) + line("boottime", boottime);
}

const char* TimeOffsets::name() const noexcept {
  return "offset the clocks";
}

void TimeOffsets::while_child_waits(const ChildHandle& child) {
  const std::string path =
      "/proc/" + std::to_string(child.pid) + "/timens_offsets";
  must(sys::write_control(path.c_str(), offsets_), "write " + path);
}

const char* EnterTimeNamespace::name() const noexcept {
  return "enter the time namespace";
}

ExistingNamespace open_namespace(Kind kind, const std::string& path) {
  sys::UniqueFd fd =
      must(sys::open(path.c_str(), O_RDONLY),
           "open the " + std::string(proc_name(kind)) + " namespace " + path);
  const int found = ::ioctl(fd.get(), NS_GET_NSTYPE);
  if (found == -1 || static_cast<std::uint64_t>(found) != clone_flag(kind)) {
    throw Error({.code = EINVAL, .call = "ioctl"},
                path + " is not a " + proc_name(kind) + " namespace");
  }
  return {.kind = kind, .fd = std::move(fd)};
}

JoinNamespaces::JoinNamespaces(std::vector<ExistingNamespace> existing)
    : existing_(std::move(existing)) {
  std::ranges::sort(existing_, {}, &ExistingNamespace::kind);
}

std::vector<ExistingNamespace> JoinNamespaces::of_process(pid_t pid) {
  std::vector<ExistingNamespace> differing;
  const std::string folder = "/proc/" + std::to_string(pid) + "/ns/";
  for (const KindFacts& kind : all_kinds) {
    ExistingNamespace theirs = open_namespace(kind.kind, folder + kind.name);
    const ExistingNamespace own =
        open_namespace(kind.kind, std::string("/proc/self/ns/") + kind.name);
    struct stat a{};
    struct stat b{};
    must(sys::check_void(::fstat(theirs.fd.get(), &a), "fstat"), folder);
    must(sys::check_void(::fstat(own.fd.get(), &b), "fstat"), folder);
    if (a.st_ino != b.st_ino) {
      differing.push_back(std::move(theirs));
    }
  }
  return differing;
}

const char* JoinNamespaces::name() const noexcept {
  return "join namespaces";
}

void JoinNamespaces::prepare(CloneRequest& request) {
  if (!existing_.empty() && existing_.front().kind == Kind::user) {
    for (const ExistingNamespace& existing : existing_) {
      // Whoever shares memory, as the helper that does this, cannot join a
      // time namespace: the child will. setns(2), EUSERS
      if (existing.kind != Kind::time) {
        request.born_in.push_back(existing.fd.get());
      }
    }
    return;
  }
  for (const ExistingNamespace& existing : existing_) {
    if (existing.kind == Kind::pid) {
      request.pid_namespace = existing.fd.get();
    }
  }
}

}  // namespace docker_cpp::namespaces
