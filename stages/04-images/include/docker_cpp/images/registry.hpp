// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::images {

/// How registries are spoken to; what an operator may choose.
struct RegistryOptions {
  /// "host:port" or "10.0.0.0/8": TLS is not verified there, and plain HTTP
  /// will do. 127.0.0.0/8 and ::1 always are such.
  std::vector<std::string> insecure;
  /// Asked before docker.io: "https://mirror.example:5000".
  std::vector<std::string> mirrors;
  std::string http_proxy;
  std::string https_proxy;
  std::string no_proxy;  ///< as curl(1) takes it: "localhost,.example"
  /// Folders with one folder per "host:port" of *.crt, *.cert and *.key.
  std::vector<std::string> certificates = {"/etc/docker/certs.d",
                                           "/etc/docker-cpp/certs.d"};
  int parallel = 3;                 ///< layers at a time
  int stall_seconds = 30;           ///< without a byte, then it is tried again
  int attempts = 5;                 ///< of one request
  int back_off_milliseconds = 500;  ///< doubles with each attempt
};

/// Who asks. All empty: nobody in particular.
struct Credentials {
  std::string username;
  std::string password;
  std::string identity_token;  ///< of a login, exchanged for each access
  std::string registry_token;  ///< sent as it is
};

/// A step of a pull or push: what Docker's progress stream says.
struct Progress {
  std::string id;  ///< a tag, or the first digits of a layer; may be empty
  std::string status;
  std::uint64_t current = 0;
  std::uint64_t total = 0;  ///< 0: no number to show
};
using ProgressListener = std::function<void(const Progress&)>;

/// Ends a request from another thread. Thread safe.
class Cancellation {
 public:
  Cancellation();
  void cancel() noexcept;
  [[nodiscard]] int fd() const noexcept { return event_.get(); }

 private:
  sys::UniqueFd event_;
};

struct RegistryRequest {
  std::string reference;  ///< "busybox", "host:5000/x:1", "x@sha256:…"
  Credentials credentials;
  ProgressListener listener;  ///< on the caller's thread
  const Cancellation* cancel = nullptr;
};

struct PullRequest : RegistryRequest {
  std::string platform;  ///< "linux/arm64/v8"; empty: this machine's
  bool all_tags = false;
};

struct PulledImage {
  std::string name;    ///< "busybox:latest", or with a digest
  std::string digest;  ///< of what the registry calls it: an index or manifest
  std::string id;
  bool changed = false;  ///< the name was not here, or was another image's
};

struct PushRequest : RegistryRequest {
  bool all_tags = false;
};

struct PushedImage {
  std::string tag;
  std::string digest;
  std::uint64_t size = 0;  ///< of the manifest
};

/// What a registry says of a reference without giving its content.
struct Distribution {
  struct Platform {
    std::string architecture;
    std::string os;
    std::string variant;
  };
  std::string media_type;
  std::string digest;
  std::uint64_t size = 0;
  std::vector<Platform> platforms;
  std::string text;  ///< of the manifest or index
};

struct FoundRepository {
  std::string name;
  std::string description;
  std::int64_t stars = 0;
  bool official = false;
  bool automated = false;
};

}  // namespace docker_cpp::images
