// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "challenge.hpp"
#include "http.hpp"
#include "registry_job.hpp"

#include "docker_cpp/images/image_error.hpp"
#include "docker_cpp/images/reference.hpp"

namespace docker_cpp::images {

/// A registry's refusal, with its status and its own words.
class RegistryError : public ImageError {
 public:
  RegistryError(Reason reason, int status, const std::string& code,
                const std::string& message)
      : ImageError(reason, message), status_(status), code_(code) {}
  [[nodiscard]] int status() const noexcept { return status_; }
  [[nodiscard]] const std::string& code() const noexcept { return code_; }

 private:
  int status_;
  std::string code_;  ///< "MANIFEST_UNKNOWN", or empty
};

/// What an answer's body says went wrong: "manifest unknown: manifest unknown".
/// \oci{distribution,error-codes}
struct ErrorBody {
  std::string code;
  std::string words;
};
[[nodiscard]] ErrorBody read_error_body(int status, std::string_view body);

/// Docker's sentence for a refusal about an image.
[[nodiscard]] RegistryError refusal(const Reference& reference, int status,
                                    std::string_view body);

/// The conversation with the registry of one reference: which of its addresses
/// answers, who we are there, and patience with it. Thread safe: layers come
/// over several threads, with one login.
///
/// Credentials go to the registry that they belong to and to the token server
/// it names, over TLS unless the registry itself is spoken to in the clear.
/// \oci{distribution,spec}
class RegistrySession {
 public:
  enum class Access : std::uint8_t { pull, push };

  RegistrySession(const RegistryJob& job, Reference reference, Access access);

  /// Finds the address that answers, mirrors first for pulls.
  /// \throws ImageError with what each of them said
  void connect();

  /// A request below /v2/<path>/; `path` may also be a whole URL of the same
  /// registry. Retried while the registry is busy or the network breaks.
  struct Answer {
    HttpHead head;
    std::string body;
  };
  Answer ask(HttpRequest request, const std::string& path, std::size_t limit);
  /// The same, with a body that the caller reads; one attempt past the head.
  std::unique_ptr<HttpTransfer> open(HttpRequest request,
                                     const std::string& path);

  /// Waits before attempt `n` (from 1). \returns false when that is too many
  [[nodiscard]] bool back_off(int n, const HttpHead* head = nullptr) const;

  [[nodiscard]] const Reference& reference() const { return reference_; }
  [[nodiscard]] const RegistryOptions& options() const { return job_.options; }
  /// "https://host:port" of the address that answered.
  [[nodiscard]] const std::string& base() const { return base_; }
  /// More repositories to have read access to, for mounting their blobs.
  void add_scope(const std::string& repository);
  /// The identity token that a login brought, if the server gave one.
  [[nodiscard]] std::string identity_token() const;

 private:
  struct Endpoint {
    std::string base;
    std::string host;
    HostTrust trust;
    bool ours = true;  ///< a mirror is not whom the credentials are for
  };

  std::vector<Endpoint> endpoints() const;
  bool ping(const Endpoint& endpoint);
  void authenticate(const std::string& header, const std::string& stale);
  std::string fetch_token(const Challenge& challenge);
  HttpRequest token_request(const Challenge& challenge) const;
  std::string scopes() const;
  std::string authorization() const;
  [[nodiscard]] std::string url_of(const std::string& path) const;
  [[nodiscard]] bool is_here(const std::string& url) const;

  const RegistryJob& job_;
  Reference reference_;
  Access access_;
  std::string base_;
  Endpoint endpoint_;
  std::vector<std::string> more_scopes_;
  mutable std::mutex mutex_;
  std::string authorization_;
  std::string identity_token_;
};

}  // namespace docker_cpp::images
