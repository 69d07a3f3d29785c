// SPDX-License-Identifier: Apache-2.0
#include "registry_session.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <thread>
#include <utility>

namespace docker_cpp::images {
namespace {

using Reason = ImageError::Reason;

constexpr std::string_view hub = "docker.io";
constexpr std::string_view hub_host = "registry-1.docker.io";
constexpr std::size_t largest_small_answer = std::size_t{1} << 20;
constexpr int longest_wait_seconds = 60;

bool is_busy(int status) {
  return status == 429 || status == 408 || status == 500 || status == 502 ||
         status == 503 || status == 504;
}

[[noreturn]] void fail(const HttpRequest& request, const HttpError& error) {
  std::string method = request.method;
  for (std::size_t i = 1; i < method.size(); ++i) {
    method[i] = static_cast<char>(method[i] + ('a' - 'A'));
  }
  throw ImageError(Reason::failed,
                   method + " \"" + request.url + "\": " + error.what());
}

/// "https://host:5000/x?y" up to the path.
std::string origin_of(const std::string& url) {
  const auto start = url.find("://");
  return start == std::string::npos ? ""
                                    : url.substr(0, url.find('/', start + 3));
}

}  // namespace

RegistrySession::RegistrySession(const RegistryJob& job, Reference reference,
                                 Access access)
    : job_(job), reference_(std::move(reference)), access_(access) {}

std::vector<RegistrySession::Endpoint> RegistrySession::endpoints() const {
  std::vector<Endpoint> all;
  const auto add = [&](std::string base, bool ours) {
    const std::string host = base.substr(base.find("://") + 3);
    HostTrust trust = read_trust(job_.options.certificates, host);
    trust.verify = !is_insecure(host, job_.options.insecure);
    all.push_back({.base = std::move(base),
                   .host = host,
                   .trust = std::move(trust),
                   .ours = ours});
  };
  const std::string& domain = reference_.domain();
  if (domain == hub && access_ == Access::pull) {
    for (std::string mirror : job_.options.mirrors) {
      while (mirror.ends_with('/')) {
        mirror.pop_back();
      }
      add(mirror.find("://") == std::string::npos ? "https://" + mirror
                                                  : mirror,
          false);
    }
  }
  const std::string host = domain == hub ? std::string(hub_host) : domain;
  add("https://" + host, true);
  if (!all.back().trust.verify) {
    add("http://" + host, true);
  }
  return all;
}

void RegistrySession::connect() {
  std::optional<ImageError> first;
  bool secured = false;  // somebody answers TLS there: no falling back
  for (Endpoint& endpoint : endpoints()) {
    const bool plain = endpoint.base.starts_with("http://");
    if (plain && secured) {
      continue;
    }
    try {
      if (ping(endpoint)) {
        return;
      }
    } catch (const HttpError& error) {
      const HttpRequest request{.url = endpoint.base + "/v2/"};
      secured = secured || (endpoint.ours && !plain &&
                            error.kind() == HttpError::Kind::broken);
      try {
        fail(request, error);
      } catch (const ImageError& told) {
        const bool better =
            !first || (plain && error.kind() != HttpError::Kind::tls);
        if (better) {
          first.emplace(told);
        }
      }
    }
  }
  throw first
      ? *first
      : ImageError(Reason::failed, "no registry for " + reference_.domain());
}

/// True when a registry of version 2 is there.
bool RegistrySession::ping(const Endpoint& endpoint) {
  for (int attempt = 1;; ++attempt) {
    HttpTransfer transfer({.url = endpoint.base + "/v2/"}, endpoint.trust,
                          job_.options);
    const HttpHead head = transfer.head();
    if (is_busy(head.status) && endpoint.ours && back_off(attempt, &head)) {
      continue;
    }
    const bool good = head.status == 200 || head.status == 401;
    if (!good && !endpoint.ours) {
      return false;
    }
    endpoint_ = endpoint;
    base_ = endpoint.base;
    if (!good) {
      throw ImageError(Reason::failed, "Get \"" + base_ +
                                           "/v2/\": unexpected status " +
                                           std::to_string(head.status));
    }
    if (head.status == 401) {
      authenticate(head.header("www-authenticate"), authorization());
    }
    return true;
  }
}

bool RegistrySession::back_off(int n, const HttpHead* head) const {
  if (n >= job_.options.attempts) {
    return false;
  }
  auto wait = std::chrono::milliseconds(job_.options.back_off_milliseconds) *
              (1 << std::min(n - 1, 6));
  if (head != nullptr) {
    const std::string after = head->header("retry-after");
    int seconds = 0;
    const auto [rest, error] =
        std::from_chars(after.data(), after.data() + after.size(), seconds);
    if (error == std::errc{} && seconds >= 0) {
      if (seconds > longest_wait_seconds) {
        return false;
      }
      wait = std::chrono::seconds(seconds);
    }
  }
  std::this_thread::sleep_for(wait);
  return true;
}

std::string RegistrySession::url_of(const std::string& path) const {
  if (path.find("://") != std::string::npos) {
    return path;
  }
  if (path.starts_with('/')) {
    return base_ + path;
  }
  return base_ + "/v2/" + reference_.path() + "/" + path;
}

bool RegistrySession::is_here(const std::string& url) const {
  return origin_of(url) == base_;
}

std::string RegistrySession::authorization() const {
  const std::lock_guard lock(mutex_);
  return authorization_;
}

std::string RegistrySession::identity_token() const {
  const std::lock_guard lock(mutex_);
  return identity_token_;
}

void RegistrySession::add_scope(const std::string& repository) {
  more_scopes_.push_back(repository);
}

std::unique_ptr<HttpTransfer> RegistrySession::open(HttpRequest request,
                                                    const std::string& path) {
  request.url = url_of(path);
  // An upload's address may be elsewhere: that one gets no credentials of ours.
  const bool here = is_here(request.url);
  constexpr int most_challenges = 2;
  for (int challenged = 0, attempt = 1;;) {
    HttpRequest asked = request;
    if (asked.rewind) {
      asked.rewind();
    }
    const std::string credentials = here ? authorization() : "";
    if (!credentials.empty()) {
      asked.headers.push_back("Authorization: " + credentials);
    }
    auto transfer = std::make_unique<HttpTransfer>(
        std::move(asked), endpoint_.trust, job_.options);
    try {
      const HttpHead& head = transfer->head();
      if (head.status == 401 && here && ++challenged < most_challenges) {
        authenticate(head.header("www-authenticate"), credentials);
        continue;
      }
      if (is_busy(head.status) && !request.body_source &&
          back_off(attempt, &head)) {
        ++attempt;
        continue;
      }
      return transfer;
    } catch (const HttpError& error) {
      const bool again = error.kind() == HttpError::Kind::broken &&
                         !request.body_source && back_off(attempt);
      if (!again) {
        if (request.body_source) {
          throw;
        }
        fail(request, error);
      }
      ++attempt;
    }
  }
}

RegistrySession::Answer RegistrySession::ask(HttpRequest request,
                                             const std::string& path,
                                             std::size_t limit) {
  for (int attempt = 1;; ++attempt) {
    const auto transfer = open(request, path);
    try {
      Answer answer{.head = transfer->head(), .body = {}};
      answer.body = transfer->body(
          answer.head.status < 300 ? limit : largest_small_answer);
      return answer;
    } catch (const HttpError& error) {
      if (error.kind() != HttpError::Kind::broken || !back_off(attempt)) {
        HttpRequest told = request;
        told.url = url_of(path);
        fail(told, error);
      }
    }
  }
}

}  // namespace docker_cpp::images
