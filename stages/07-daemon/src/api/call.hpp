// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "docker_cpp/daemon/api_error.hpp"
#include "docker_cpp/daemon/container_runtime.hpp"
#include "docker_cpp/daemon/http/exchange.hpp"

namespace docker_cpp::daemon::api {

struct Context;

/// One call of the API on its way through a handler: the request, what its
/// path named, and how to answer. Kept by whatever answers later.
class Call {
 public:
  Call(std::shared_ptr<const Context> within, http::Request asked,
       http::ExchangePtr answer, int minor_version)
      : request(std::move(asked)),
        exchange(std::move(answer)),
        context(std::move(within)),
        api_minor(minor_version) {}

  http::Request request;
  http::ExchangePtr exchange;
  std::shared_ptr<const Context> context;
  int api_minor;  ///< of the API version asked for: 41 of 1.41
  std::map<std::string, std::string> variables;

  [[nodiscard]] const std::string& variable(const std::string& name) const;
  [[nodiscard]] const http::Query& query() const { return request.query; }

  /// The body, which must have been announced as JSON.
  /// \throws ApiError
  [[nodiscard]] std::string_view json_body() const;

  void reply(int status, const nlohmann::json& body);
  void reply_text(int status, std::string_view content_type, std::string body);
  void reply_empty(int status);
  void fail(const ApiError& error);

  /// Runs `work`, and answers for it when it throws. Whatever answers later
  /// runs in here, because nothing above it would catch.
  void guard(const std::function<void()>& work);

  /// Begins a stream of JSON documents, one per line.
  void begin_stream(std::string_view content_type);
  [[nodiscard]] bool send(const nlohmann::json& line);

  [[nodiscard]] http::Head head(int status) const;
};

using CallPtr = std::shared_ptr<Call>;
using Handler = std::function<void(const CallPtr&)>;

/// A Done that answers with an empty reply of that status, or the error.
[[nodiscard]] Done<void> done_with(CallPtr call, int status);

/// The headers that every answer carries.
[[nodiscard]] http::Headers engine_headers(std::string_view version);

/// {"message": ...} and its newline.
[[nodiscard]] std::string error_body(std::string_view message);

}  // namespace docker_cpp::daemon::api
