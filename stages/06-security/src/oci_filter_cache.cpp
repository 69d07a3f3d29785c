// SPDX-License-Identifier: Apache-2.0
// Compiling a profile of some hundred system calls takes longer than all the
// rest of a container's start. Profiles rarely differ from one container to
// the next, so the compiled program is kept, together with the whole text it
// was compiled from: the file's name is only a hash, and a hash may collide.
#include <fcntl.h>
#include <linux/seccomp.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <optional>

#include <seccomp.h>

#include "oci_privileges.hpp"

#include "docker_cpp/oci/json_view.hpp"
#include "docker_cpp/sys/file.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::oci {
namespace {

constexpr std::size_t largest = 4U << 20;

/// Everything that the compiled program depends on.
std::string key_of(const std::string& profile_json) {
  utsname kernel{};
  ::uname(&kernel);
  const scmp_version* library = ::seccomp_version();
  return "filter 2\n" + std::string(kernel.release) + "\n" +
         std::to_string(library->major) + "." + std::to_string(library->minor) +
         "." + std::to_string(library->micro) + "\n" + profile_json + "\n";
}

/// FNV-1a: only to find the file, see above.
std::string file_name(const std::string& key) {
  std::uint64_t hash = 14695981039346656037U;
  for (const char c : key) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  }
  char name[24];
  std::snprintf(name, sizeof name, "%016llx",
                static_cast<unsigned long long>(hash));
  return name;
}

/// A file: the key, the flags, the program; no more.
std::optional<Filter> read_cached(const std::string& path,
                                  const std::string& key) {
  const auto content = sys::read_file(path.c_str(), largest);
  Filter filter;
  const std::size_t head = key.size() + sizeof filter.flags;
  if (!content || content->size() <= head || !content->starts_with(key) ||
      (content->size() - head) % sizeof(sock_filter) != 0) {
    return std::nullopt;
  }
  std::memcpy(&filter.flags, content->data() + key.size(), sizeof filter.flags);
  filter.program.resize((content->size() - head) / sizeof(sock_filter));
  std::memcpy(filter.program.data(), content->data() + head,
              content->size() - head);
  return filter;
}

/// Failing to keep it costs the next container some time, and no more.
void keep(const std::string& path, const std::string& key,
          const Filter& filter) {
  std::string content = key;
  content.append(reinterpret_cast<const char*>(&filter.flags),
                 sizeof filter.flags);
  content.append(reinterpret_cast<const char*>(filter.program.data()),
                 filter.program.size() * sizeof(sock_filter));
  const std::string beside = path + "." + std::to_string(::getpid());
  const auto file =
      sys::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL, 0600);
  if (!file || !sys::write_all(file->get(), content) ||
      ::rename(beside.c_str(), path.c_str()) == -1) {
    ::unlink(beside.c_str());
  }
}

/// Whether the filter asks somebody. What setting a container up takes itself
/// cannot be asked for: nobody could answer yet.
bool check_notify(const security::SeccompProfile& profile) {
  constexpr const char* notify = "SCMP_ACT_NOTIFY";
  if (profile.default_action == notify) {
    throw SpecError("linux.seccomp.defaultAction", "cannot be SCMP_ACT_NOTIFY");
  }
  bool notifies = false;
  for (const security::SeccompRule& rule : profile.rules) {
    if (rule.action != notify) {
      continue;
    }
    notifies = true;
    if (std::ranges::find(rule.names, "write") != rule.names.end()) {
      throw SpecError("linux.seccomp.syscalls",
                      "SCMP_ACT_NOTIFY cannot be used for write(2)");
    }
  }
  return notifies;
}

/// The child has one thread, so there is nothing to synchronise, and with a
/// listener the kernel would not take that flag; the other one it takes only
/// with a listener. seccomp(2)
unsigned flags_to_load(unsigned asked, bool notifies) {
  constexpr unsigned wait_killable = 1U << 5U;
  if (notifies) {
    return (asked & ~unsigned{SECCOMP_FILTER_FLAG_TSYNC}) |
           SECCOMP_FILTER_FLAG_NEW_LISTENER;
  }
  return asked & ~wait_killable;
}

Listener listener_of(const std::string& profile_json) {
  const JsonDocument document(profile_json);
  Listener listener;
  document.root().read("listenerPath", listener.path);
  document.root().read("listenerMetadata", listener.metadata);
  if (listener.path.empty()) {
    throw SpecError("linux.seccomp.listenerPath",
                    "is missing, and SCMP_ACT_NOTIFY needs one");
  }
  return listener;
}

Filter compile(const std::string& profile_json) {
  const auto profile = security::parse_seccomp_profile(
      profile_json, security::grantable_capabilities());
  if (!profile) {
    throw SpecError("linux.seccomp", profile.error());
  }
  const bool notifies = check_notify(*profile);
  auto program = security::compile_seccomp(*profile);
  if (!program) {
    throw SpecError("linux.seccomp", program.error());
  }
  const auto flags = security::seccomp_flags(*profile);
  if (!flags) {
    throw SpecError("linux.seccomp.flags", flags.error());
  }
  return {.program = *std::move(program),
          .flags = flags_to_load(*flags, notifies),
          .listener = std::nullopt};
}

Filter cached_or_compiled(const std::string& profile_json,
                          const std::string& cache) {
  if (cache.empty()) {
    return compile(profile_json);
  }
  const std::string key = key_of(profile_json);
  const std::string path = cache + "/" + file_name(key);
  if (auto cached = read_cached(path, key)) {
    return *std::move(cached);
  }
  Filter filter = compile(profile_json);
  keep(path, key, filter);
  return filter;
}

}  // namespace

Filter compile_filter(const std::string& profile_json,
                      const std::string& cache) {
  Filter filter = cached_or_compiled(profile_json, cache);
  if ((filter.flags & SECCOMP_FILTER_FLAG_NEW_LISTENER) != 0) {
    filter.listener = listener_of(profile_json);
  }
  return filter;
}

}  // namespace docker_cpp::oci
