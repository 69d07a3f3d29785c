// SPDX-License-Identifier: Apache-2.0
#include "call.hpp"

#include <nlohmann/json.hpp>

#include "context.hpp"

#include "docker_cpp/daemon/model_json.hpp"
#include "docker_cpp/images/image_error.hpp"

namespace docker_cpp::daemon::api {
namespace {

/// "application/json; charset=utf-8" without its parameters.
std::string_view media_type(std::string_view header) {
  auto type = header.substr(0, header.find(';'));
  while (type.ends_with(' ')) {
    type.remove_suffix(1);
  }
  return type;
}

ApiError translate(const images::ImageError& error) {
  using Reason = images::ImageError::Reason;
  switch (error.reason()) {
    case Reason::not_found:
      return {ErrorCode::not_found, error.what()};
    case Reason::conflict:
      return {ErrorCode::conflict, error.what()};
    case Reason::invalid:
      return {ErrorCode::invalid_argument, error.what()};
    case Reason::denied:
      return {ErrorCode::unauthorized, error.what()};
    case Reason::failed:
      break;
  }
  return {ErrorCode::internal, error.what()};
}

}  // namespace

const std::string& Call::variable(const std::string& name) const {
  static const std::string none;
  const auto found = variables.find(name);
  return found == variables.end() ? none : found->second;
}

std::string_view Call::json_body() const {
  const auto type = request.header("Content-Type");
  if (type.empty() && request.body.empty()) {
    return request.body;
  }
  if (media_type(type) != "application/json") {
    throw ApiError(
        ErrorCode::invalid_argument,
        type.empty() ? std::string("malformed Content-Type header (): mime: no "
                                   "media type")
                     : "Content-Type specified (" + std::string(type) +
                           ") must be 'application/json'");
  }
  return request.body;
}

http::Head Call::head(int status) const {
  return {.status = status, .headers = engine_headers(context->info.version)};
}

void Call::reply(int status, const nlohmann::json& body) {
  reply_text(status, "application/json", dump(body) + "\n");
}

void Call::reply_text(int status, std::string_view content_type,
                      std::string body) {
  auto with = head(status);
  with.content_type = content_type;
  exchange->reply(std::move(with), std::move(body));
}

void Call::reply_empty(int status) {
  exchange->reply(head(status));
}

void Call::fail(const ApiError& error) {
  if (exchange->answered()) {
    exchange->abort();
  } else if (error.code() == ErrorCode::not_modified) {
    reply_empty(304);
  } else {
    reply_text(error.status(), "application/json", error_body(error.what()));
  }
}

void Call::guard(const std::function<void()>& work) {
  try {
    work();
  } catch (const ApiError& error) {
    fail(error);
  } catch (const images::ImageError& error) {
    fail(translate(error));
  } catch (const std::exception& error) {
    fail(ApiError(ErrorCode::internal, error.what()));
  }
}

void Call::begin_stream(std::string_view content_type) {
  auto with = head(200);
  with.content_type = content_type;
  exchange->begin_stream(std::move(with));
}

bool Call::send(const nlohmann::json& line) {
  return exchange->write(dump(line) + "\n");
}

Done<void> done_with(CallPtr call, int status) {
  return [call = std::move(call), status](Outcome<void> outcome) {
    outcome ? call->reply_empty(status) : call->fail(outcome.error());
  };
}

http::Headers engine_headers(std::string_view version) {
  return {{"Api-Version", std::string(api_version)},
          {"Docker-Experimental", "false"},
          {"Ostype", "linux"},
          {"Server", "docker-cpp/" + std::string(version) + " (linux)"}};
}

std::string error_body(std::string_view message) {
  return dump({{"message", message}}) + "\n";
}

}  // namespace docker_cpp::daemon::api
