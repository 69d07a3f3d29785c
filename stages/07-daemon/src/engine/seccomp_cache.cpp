// SPDX-License-Identifier: Apache-2.0
#include "seccomp_cache.hpp"

#include <cstdio>

#include "folders.hpp"

#include "docker_cpp/daemon/api_error.hpp"
#include "docker_cpp/security/seccomp.hpp"
#include "docker_cpp/security/seccomp_profile.hpp"
#include "docker_cpp/sys/error.hpp"

namespace docker_cpp::daemon {

std::string SeccompCache::file_for(const SecurityOptions& options,
                                   std::uint64_t capabilities) {
  if (options.unconfined_seccomp) {
    return "";
  }
  const std::string key =
      std::to_string(capabilities) + " " + options.seccomp_profile;
  const std::lock_guard lock(mutex_);
  auto found = files_.find(key);
  if (found == files_.end()) {
    const std::string name = std::to_string(files_.size()) + ".bpf";
    found = files_.emplace(key, compile(options, capabilities, name)).first;
  }
  return found->second;
}

std::string SeccompCache::compile(const SecurityOptions& options,
                                  std::uint64_t capabilities,
                                  const std::string& name) const {
  auto profile = options.seccomp_profile.empty()
                     ? std::expected<security::SeccompProfile, std::string>(
                           security::default_profile(capabilities))
                     : security::parse_seccomp_profile(options.seccomp_profile,
                                                       capabilities);
  if (!profile) {
    throw ApiError(ErrorCode::invalid_argument,
                   "Decoding seccomp profile failed: " + profile.error());
  }
  const auto program = security::compile_seccomp(*profile);
  if (!program) {
    throw ApiError(ErrorCode::invalid_argument,
                   "seccomp profile: " + program.error());
  }
  const std::string path = folder_ + "/" + name;
  const std::string beside = path + ".new";
  write_file(beside,
             {reinterpret_cast<const char*>(program->data()),
              program->size() * sizeof(sock_filter)},
             0600);
  must(sys::check_void(::rename(beside.c_str(), path.c_str()), "rename"),
       "keep the system call filter " + path);
  return path;
}

}  // namespace docker_cpp::daemon
