// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "docker_cpp/cli/command.hpp"

/// A page about the engine, for a browser of this machine.
namespace docker_cpp::cli::dashboard {

extern const std::string_view page;

enum class Changes : unsigned char { refused, allowed };

struct Request {
  std::string method;
  std::string path;
  std::string query;
  std::vector<std::pair<std::string, std::string>> headers;  ///< small letters

  [[nodiscard]] std::string header(std::string_view name) const;
};

/// The head of a request, up to its empty line.
[[nodiscard]] std::optional<Request> parse_request(std::string_view text);

/// Whether the page may ask the engine that: to look, and if it was said so,
/// to start and stop.
[[nodiscard]] bool is_allowed(std::string_view method, std::string_view path,
                              Changes changes);

/// Who may come in. Thread safe.
class Door {
 public:
  Door(std::string port, std::string token, std::string session)
      : port_(std::move(port)),
        token_(std::move(token)),
        session_(std::move(session)) {}

  [[nodiscard]] std::string address() const {
    return "http://127.0.0.1:" + port_ + "/?token=" + token_;
  }
  /// Headers that lead to the page, and make the browser known.
  [[nodiscard]] std::string entrance() const {
    return "Location: /\r\nSet-Cookie: " + cookie_name() + "=" + session_ +
           "; HttpOnly; SameSite=Strict; Path=/\r\n";
  }

  [[nodiscard]] bool knows_host(const Request& request) const;
  /// True once: for the first who has the token.
  [[nodiscard]] bool opens(const Request& request);
  [[nodiscard]] bool knows(const Request& request) const;

 private:
  /// Cookies do not tell ports apart.
  [[nodiscard]] std::string cookie_name() const { return "dcpp" + port_; }

  std::string port_;
  std::string token_;
  std::string session_;
  std::mutex mutex_;
  bool used_ = false;
};

}  // namespace docker_cpp::cli::dashboard
