// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "docker_cpp/images/registry.hpp"

/// HTTP as registries need it, over libcurl. Only the worker links this.
namespace docker_cpp::images {

/// A request that got no whole answer.
class HttpError : public std::runtime_error {
 public:
  enum class Kind : std::uint8_t {
    refused,    ///< nobody listens, or the name is unknown
    tls,        ///< no secured connection came about
    broken,     ///< it came and broke: trying again may help
    forbidden,  ///< what we do not do: a redirect to plain HTTP, a loop
  };
  HttpError(Kind kind, const std::string& message)
      : std::runtime_error(message), kind_(kind) {}
  [[nodiscard]] Kind kind() const noexcept { return kind_; }

 private:
  Kind kind_;
};

/// What TLS needs to be about one host.
struct HostTrust {
  bool verify = true;
  std::string authorities;  ///< PEM, besides the system's; may be empty
  std::string certificate;  ///< PEM of ours
  std::string key;
};

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  std::vector<std::string> headers;  ///< "Name: value"
  std::string body;
  /// Gives up to that many bytes of a body that is not in memory.
  std::function<std::size_t(char*, std::size_t)> body_source;
  std::uint64_t body_size = 0;   ///< of `body_source`
  std::function<void()> rewind;  ///< `body_source` begins anew
};

struct HttpHead {
  int status = 0;
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string url;                             ///< where redirects led

  [[nodiscard]] std::string header(const std::string& name) const;
};

/// One request under way, driven by whoever reads from it: nothing is received
/// that nobody asked for. For one thread.
class HttpTransfer {
 public:
  HttpTransfer(HttpRequest request, const HostTrust& trust,
               const RegistryOptions& options);
  ~HttpTransfer();
  HttpTransfer(const HttpTransfer&) = delete;
  HttpTransfer& operator=(const HttpTransfer&) = delete;

  /// Waits for the status and headers. \throws HttpError
  const HttpHead& head();
  /// The next piece of the body, valid until the next call; empty at its end.
  /// \throws HttpError
  std::string_view next();
  /// All of the body. \throws HttpError when it is longer
  std::string body(std::size_t limit);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Before the first request and before the confinement: libcurl's own start,
/// and what the resolver loads. \returns paths it reads later
[[nodiscard]] std::vector<std::string> prepare_http();

/// "10.0.0.0/8", "host:5000" and the loopback: where TLS need not hold.
[[nodiscard]] bool is_insecure(const std::string& host,
                               const std::vector<std::string>& list);

/// The certificates that `folders` hold for "host:port".
/// \throws ImageError for a key without its certificate, or the reverse
[[nodiscard]] HostTrust read_trust(const std::vector<std::string>& folders,
                                   const std::string& host);

}  // namespace docker_cpp::images
