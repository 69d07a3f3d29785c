// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

#include "docker_cpp/oci/kernel_settings.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/file.hpp"

namespace docker_cpp::oci {
namespace {

using namespaces::Kind;

/// sysctl(8) takes "net.ipv4.ip_forward" and "net/ipv4/ip_forward"; in the
/// first form a slash stands for a dot: "net.ipv4.conf.eth0/100.forwarding".
std::string path_of(std::string name) {
  const std::size_t first = name.find_first_of("./");
  if (first != std::string::npos && name[first] == '.') {
    for (char& c : name) {
      if (c == '.' || c == '/') {
        c = c == '.' ? '/' : '.';
      }
    }
  }
  return name;
}

struct Owned {
  std::string_view prefix;
  Kind kind;
};

/// Which settings belong to a namespace; all others are the whole machine's.
constexpr std::array owned = {
    Owned{"kernel/msgmax", Kind::ipc},
    Owned{"kernel/msgmnb", Kind::ipc},
    Owned{"kernel/msgmni", Kind::ipc},
    Owned{"kernel/sem", Kind::ipc},
    Owned{"kernel/shmall", Kind::ipc},
    Owned{"kernel/shmmax", Kind::ipc},
    Owned{"kernel/shmmni", Kind::ipc},
    Owned{"kernel/shm_rmid_forced", Kind::ipc},
    Owned{"fs/mqueue/", Kind::ipc},
    Owned{"net/", Kind::network},
    Owned{"kernel/domainname", Kind::uts},
    Owned{"kernel/hostname", Kind::uts},
    Owned{"user/", Kind::user},
};

bool matches(std::string_view path, std::string_view prefix) {
  return prefix.ends_with('/') ? path.starts_with(prefix) : path == prefix;
}

void check_sysctl(const std::string& name, const std::string& path,
                  const LinuxSpec& linux_spec) {
  const std::string property = "linux.sysctl[\"" + name + "\"]";
  // Nothing but names: "a//b" and "a/../b" would be another setting.
  if (("/" + path + "/").find("//") != std::string::npos ||
      ("/" + path).find("/.") != std::string::npos) {
    throw SpecError(property, "is not the name of a setting");
  }
  const auto* const found = std::ranges::find_if(
      owned, [&](const Owned& one) { return matches(path, one.prefix); });
  if (found == owned.end() ||
      find_namespace(linux_spec, found->kind) == nullptr) {
    throw SpecError(property, "sysctl \"" + name +
                                  "\" is not in a separate kernel namespace");
  }
}

/// A name said twice is one too many; the host's name has a property of its
/// own, which runc wants used in any case.
void check_names(const std::string& name, const std::string& path,
                 const Spec& spec) {
  const bool host = path == "kernel/hostname";
  if (host || (path == "kernel/domainname" && !spec.domainname.empty())) {
    throw SpecError("linux.sysctl[\"" + name + "\"]",
                    "sysctl \"" + name +
                        "\" is not allowed as it conflicts with the OCI \"" +
                        (host ? "hostname" : "domainname") + "\" field");
  }
}

}  // namespace

Sysctls::Sysctls(const Spec& spec)
    : proc_(must(rootfs::Procfs::open(), "open /proc")) {
  for (const auto& [name, value] : spec.linux_spec.sysctl) {
    const std::string path = path_of(name);
    check_sysctl(name, path, spec.linux_spec);
    check_names(name, path, spec);
    std::string attempt = "write " + value;
    attempt += " to " + name;
    settings_.push_back(
        {.path = "sys/" + path, .value = value, .attempt = std::move(attempt)});
  }
}

const char* Sysctls::name() const noexcept {
  return "change kernel settings";
}

OomScore::OomScore(int adjustment) : adjustment_(adjustment) {}

const char* OomScore::name() const noexcept {
  return "adjust the score for the OOM killer";
}

void OomScore::from_parent(const namespaces::ChildHandle& child) {
  const auto proc = must(rootfs::Procfs::open(), "open /proc");
  const std::string path = std::to_string(child.pid) + "/oom_score_adj";
  const auto written = proc.write(path.c_str(), std::to_string(adjustment_));
  if (written) {
    return;
  }
  std::string doing =
      "set process.oomScoreAdj to " + std::to_string(adjustment_);
  if (written.error().code == EACCES || written.error().code == EPERM) {
    const auto own = sys::read_file("/proc/self/oom_score_adj");
    doing += ": going below this engine's own " +
             own.value_or("?").substr(0, own.value_or("?").find('\n')) +
             " takes CAP_SYS_RESOURCE";
  }
  throw Error(written.error(), doing);
}

Scheduling::Scheduling(const ProcessSpec& process,
                       std::optional<std::uint64_t> personality)
    : personality_(personality),
      io_priority_(process.io_priority),
      scheduler_(process.scheduler) {}

bool Scheduling::wanted(const ProcessSpec& process,
                        const std::optional<std::uint64_t>& personality) {
  return personality || process.io_priority || process.scheduler;
}

const char* Scheduling::name() const noexcept {
  return "set the scheduling";
}

const char* Loopback::name() const noexcept {
  return "bring up the loopback link";
}

const char* WorkingDirectory::name() const noexcept {
  return "enter the working directory";
}

}  // namespace docker_cpp::oci
