// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "docker_cpp/cli/failure.hpp"
#include "docker_cpp/cli/http.hpp"
#include "docker_cpp/cli/value.hpp"

namespace docker_cpp::cli {

class Engine;

/// A request that was sent and whose answer may come later. A connection that
/// can serve again goes back to the engine when the exchange goes.
class Exchange {
 public:
  Exchange(Engine& engine, http::Connection connection,
           std::string_view method);
  ~Exchange();
  Exchange(Exchange&&) noexcept;
  Exchange& operator=(Exchange&&) = delete;
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  /// Waits for the headers. \throws DaemonFailure for statuses from 400 on
  const http::Head& head();
  /// Appends the next piece of the body; false at its end.
  bool next(std::string& into);
  /// All of the body.
  std::string body();
  /// Some of the body was read already: poll(2) will not tell of it.
  [[nodiscard]] bool buffered() const noexcept {
    return connection_.buffered();
  }
  /// Readable when there is something of the answer to read.
  [[nodiscard]] int fd() const noexcept { return connection_.fd(); }
  /// The plain stream that it became, and what of it was read already.
  [[nodiscard]] std::pair<sys::UniqueFd, std::string> release();

 private:
  friend class Engine;
  http::Received<http::Head> receive();
  void judge();

  Engine* engine_;
  http::Connection connection_;
  std::string method_;
  http::Head head_;
  bool received_ = false;
};

/// The daemon, as a client sees it. Connections are made when needed and kept.
/// Every call may throw NoDaemon, or DaemonFailure with the daemon's words.
class Engine {
 public:
  struct Options {
    std::string host;        ///< "unix:///run/…"
    bool may_start = false;  ///< the default socket: start a daemon if none is
    std::string version;     ///< "1.41"; empty: the newest the daemon has
    std::optional<http::Tls> tls{};
    /// Sent with every request (config.json's HttpHeaders).
    std::vector<std::pair<std::string, std::string>> headers{};
  };

  explicit Engine(Options options);

  [[nodiscard]] const std::string& host() const noexcept {
    return options_.host;
  }

  /// A connection of one's own, nothing said on it yet.
  [[nodiscard]] sys::UniqueFd dial();

  /// Sends and does not wait.
  [[nodiscard]] Exchange begin(http::Request request);
  /// Waits for the headers; the body is the caller's to read.
  [[nodiscard]] Exchange open(http::Request request);
  /// \returns the whole body
  std::string call(http::Request request);

  Value get(const std::string& path);
  /// Without a body when `body` is null.
  Value post(const std::string& path, const Value& body = {});
  Value remove(const std::string& path);

 private:
  friend class Exchange;
  http::Connection connect();
  sys::UniqueFd connect_tls(sys::UniqueFd socket) const;
  [[noreturn]] void fail_to_connect(int code) const;
  void prepare(http::Request& request) const;

  Options options_;
  http::Address address_;
  std::vector<http::Connection> idle_;
};

/// A request with a JSON body.
[[nodiscard]] http::Request json_request(std::string_view method,
                                         std::string path, const Value& body);

}  // namespace docker_cpp::cli
