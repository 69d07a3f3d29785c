// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/namespaces/namespaces.hpp"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <span>

#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::namespaces {
namespace {

constexpr int clone_newtime = 0x80;

sys::Result<void> become_root() noexcept {
  // The C library's own wrappers would signal all threads of a process that
  // has only this one: call the kernel. EPERM: the namespace was made by an
  // ordinary user, who may not drop groups: user_namespaces(7).
  if (::syscall(SYS_setgroups, 0, nullptr) == -1 && errno != EPERM) {
    return sys::fail("setgroups");
  }
  if (::syscall(SYS_setresgid, 0, 0, 0) == -1) {
    return sys::fail("setresgid");
  }
  return sys::check_void(::syscall(SYS_setresuid, 0, 0, 0), "setresuid");
}

/// The one that unshare(2) has made for children.
sys::Result<void> enter_time_namespace() noexcept {
  const auto target = sys::open("/proc/self/ns/time_for_children", O_RDONLY);
  if (!target) {
    return std::unexpected(target.error());
  }
  return sys::join_namespace(target->get(), clone_newtime);
}

}  // namespace

sys::Result<void> Hostname::in_child() const noexcept {
  if (!hostname_.empty()) {
    if (const auto set = sys::set_hostname(hostname_); !set) {
      return set;
    }
  }
  if (!domainname_.empty()) {
    return sys::set_domainname(domainname_);
  }
  return {};
}

sys::Result<void> Users::in_child() const noexcept {
  return become_root();
}

sys::Result<void> TimeOffsets::in_child() const noexcept {
  // Offsets can be written only while nobody lives in the namespace, so it is
  // made for children first and entered afterwards: time_namespaces(7).
  if (const auto made = sys::unshare(clone_newtime); !made) {
    return made;
  }
  if (writer_ == Writer::parent) {
    return {};
  }
  const auto file = sys::open("/proc/self/timens_offsets", O_WRONLY);
  if (!file) {
    return std::unexpected(file.error());
  }
  if (const auto put = sys::write_all(file->get(), offsets_); !put) {
    return put;
  }
  return enter_time_namespace();
}

bool TimeOffsets::stops_child() const noexcept {
  return writer_ == Writer::parent;
}

sys::Result<void> EnterTimeNamespace::in_child() const noexcept {
  return enter_time_namespace();
}

sys::Result<void> JoinNamespaces::in_child() const noexcept {
  if (!existing_.empty() && existing_.front().kind == Kind::user) {
    // Born in all of them, but one.
    if (existing_.back().kind == Kind::time) {
      const auto in =
          sys::join_namespace(existing_.back().fd.get(), clone_newtime);
      if (!in) {
        return in;
      }
    }
    return become_root();
  }
  for (const ExistingNamespace& existing : existing_) {
    if (existing.kind == Kind::pid) {
      continue;  // born there
    }
    if (const auto in = sys::join_namespace(existing.fd.get(), 0); !in) {
      return in;
    }
  }
  return {};
}

}  // namespace docker_cpp::namespaces
