// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/cli/engine.hpp"

#include <cerrno>
#include <cstring>

#include "daemon_start.hpp"
#include "debug.hpp"
#include "tunnel.hpp"

#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli {
namespace {

constexpr std::size_t largest_answer = 1U << 30U;

[[noreturn]] void fail_on(const http::Broken& broken) {
  throw Failure("error during connect: " + broken.reason);
}

/// The sentence in an error's body, which is JSON or plain text.
std::string message_of(const std::string& body, int status) {
  const auto parsed = parse_json(body);
  if (parsed && !(*parsed)["message"].text().empty()) {
    return (*parsed)["message"].text();
  }
  const auto text = std::string(trim(body));
  return text.empty() ? "status " + std::to_string(status) : text;
}

Value parsed_body(const std::string& body) {
  if (trim(body).empty()) {
    return {};
  }
  auto value = parse_json(body);
  if (!value) {
    throw Failure("the daemon's answer is not JSON: " + value.error());
  }
  return *std::move(value);
}

}  // namespace

Exchange::Exchange(Engine& engine, http::Connection connection,
                   std::string_view method)
    : engine_(&engine), connection_(std::move(connection)), method_(method) {}

Exchange::Exchange(Exchange&& other) noexcept = default;

Exchange::~Exchange() {
  if (received_ && connection_.fd() >= 0 && connection_.reusable()) {
    engine_->idle_.push_back(std::move(connection_));
  }
}

http::Received<http::Head> Exchange::receive() {
  auto head = connection_.receive_head(method_);
  if (head) {
    head_ = *head;
    received_ = true;
  }
  return head;
}

void Exchange::judge() {
  if (head_.status >= 400) {
    throw DaemonFailure(head_.status, message_of(body(), head_.status));
  }
}

const http::Head& Exchange::head() {
  if (!received_) {
    const auto head = receive();
    if (!head) {
      fail_on(head.error());
    }
    judge();
  }
  return head_;
}

bool Exchange::next(std::string& into) {
  head();
  const auto more = connection_.receive_body(into);
  if (!more) {
    fail_on(more.error());
  }
  return *more;
}

std::string Exchange::body() {
  auto body = connection_.receive_all(largest_answer);
  if (!body) {
    fail_on(body.error());
  }
  return *std::move(body);
}

std::pair<sys::UniqueFd, std::string> Exchange::release() {
  received_ = false;
  return connection_.release();
}

Engine::Engine(Options options) : options_(std::move(options)) {
  auto address = http::parse_address(options_.host);
  if (!address) {
    throw Failure(address.error());
  }
  address_ = *std::move(address);
}

void Engine::fail_to_connect(int code) const {
  if (code == EACCES || code == EPERM) {
    throw NoDaemon(
        "permission denied while trying to connect to the Docker daemon socket "
        "at " +
        options_.host + ": " + to_lower(::strerror(code)));
  }
  throw NoDaemon("Cannot connect to the Docker daemon at " + options_.host +
                 ". Is the docker daemon running?");
}

sys::UniqueFd Engine::connect_tls(sys::UniqueFd socket) const {
  auto tunnel = tls_tunnel(std::move(socket), address_.target, *options_.tls);
  if (!tunnel) {
    throw NoDaemon("error during connect: " + options_.host + ": " +
                   tunnel.error());
  }
  return *std::move(tunnel);
}

sys::UniqueFd Engine::dial() {
  return connect().release().first;
}

http::Connection Engine::connect() {
  if (address_.family == http::Address::Family::ssh) {
    auto tunnel = program_tunnel(ssh_command(address_));
    if (!tunnel) {
      throw NoDaemon("error during connect: " + options_.host + ": " +
                     tunnel.error());
    }
    return http::Connection(*std::move(tunnel));
  }
  auto socket = http::connect_to(address_);
  if (!socket && options_.may_start &&
      (socket.error().code == ENOENT || socket.error().code == ECONNREFUSED)) {
    options_.may_start = false;
    start_daemon(address_);
    socket = http::connect_to(address_);
  }
  if (!socket) {
    fail_to_connect(socket.error().code);
  }
  if (options_.tls && address_.family == http::Address::Family::tcp) {
    return http::Connection(connect_tls(*std::move(socket)));
  }
  return http::Connection(*std::move(socket));
}

void Engine::prepare(http::Request& request) const {
  if (!options_.version.empty()) {
    request.path.insert(0, "/v" + options_.version);
  }
  request.headers.insert(request.headers.end(), options_.headers.begin(),
                         options_.headers.end());
  if (tells_requests) {
    print_error("DEBUG: " + std::string(request.method) + " " + request.path +
                "\n");
  }
}

Exchange Engine::begin(http::Request request) {
  prepare(request);
  while (!idle_.empty()) {
    auto connection = std::move(idle_.back());
    idle_.pop_back();
    if (connection.send(request)) {
      return Exchange(*this, std::move(connection), request.method);
    }
  }
  auto connection = connect();
  if (const auto sent = connection.send(request); !sent) {
    fail_on(sent.error());
  }
  return Exchange(*this, std::move(connection), request.method);
}

Exchange Engine::open(http::Request request) {
  const bool kept_alive = !idle_.empty();
  auto exchange = begin(request);
  const auto head = exchange.receive();
  if (!head && kept_alive && head.error().nothing_received &&
      request.body_file < 0) {
    // The daemon closed the idle connection while our request was on its way.
    idle_.clear();
    auto again = begin(std::move(request));
    again.head();
    return again;
  }
  if (!head) {
    fail_on(head.error());
  }
  exchange.judge();
  return exchange;
}

std::string Engine::call(http::Request request) {
  return open(std::move(request)).body();
}

Value Engine::get(const std::string& path) {
  return parsed_body(call({.method = "GET", .path = path}));
}

Value Engine::post(const std::string& path, const Value& body) {
  return parsed_body(call(json_request("POST", path, body)));
}

Value Engine::remove(const std::string& path) {
  return parsed_body(call({.method = "DELETE", .path = path}));
}

http::Request json_request(std::string_view method, std::string path,
                           const Value& body) {
  http::Request request{.method = method, .path = std::move(path)};
  if (!body.is_null()) {
    request.body = print_json(body);
    request.content_type = "application/json";
  }
  return request;
}

}  // namespace docker_cpp::cli
