// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "docker_cpp/daemon/http/exchange.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

#include <boost/asio/any_io_executor.hpp>

namespace docker_cpp::daemon::http {

/// Looks for the keys that end a session in what a client types. Keys that
/// only begin the sequence are held back until it is clear what they are.
class DetachFilter {
 public:
  explicit DetachFilter(std::string keys) : keys_(std::move(keys)) {}

  /// What may pass, from what was typed.
  [[nodiscard]] std::string filter(std::string_view typed);
  [[nodiscard]] bool detached() const noexcept { return detached_; }
  [[nodiscard]] bool active() const noexcept { return !keys_.empty(); }

 private:
  std::string keys_;
  std::size_t matched_ = 0;
  bool detached_ = false;
};

/// Carries bytes between a client and a container in both directions until
/// the container's side ends or the client is gone. An end of what one side
/// sends is passed on as just that.
class Relay : public std::enable_shared_from_this<Relay> {
 public:
  static std::shared_ptr<Relay> start(boost::asio::any_io_executor executor,
                                      sys::UniqueFd client, std::string early,
                                      RelayPlan plan);
  virtual ~Relay() = default;

  /// Ends it at once. On the executor's strand only.
  virtual void end() = 0;
};

}  // namespace docker_cpp::daemon::http
