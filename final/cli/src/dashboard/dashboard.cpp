// SPDX-License-Identifier: Apache-2.0
// A page in a browser is a program of strangers' pages, too: each of them can
// send requests to 127.0.0.1. So the address has a token that counts once and
// becomes a cookie that no script reads and no other site sends; the Host must
// be ours (DNS rebinding); and what changes something needs a header that no
// form can set.
#include "dashboard/dashboard.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <span>
#include <thread>
#include <tuple>
#include <utility>

#include "commands/support.hpp"
#include "commands/wishes.hpp"
#include "dashboard/explain.hpp"

#include "docker_cpp/cli/text.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::cli::dashboard {

std::optional<Request> parse_request(std::string_view text) {
  Request out;
  const auto lines = split(text, "\r\n");
  const auto words = split(lines[0], " ");
  if (words.size() != 3 || !words[1].starts_with('/') ||
      !words[2].starts_with("HTTP/1.")) {
    return std::nullopt;
  }
  out.method = words[0];
  std::tie(out.path, out.query) = cut(words[1], '?');
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const auto [name, value] = cut(lines[i], ':');
    out.headers.emplace_back(to_lower(name), std::string(trim(value)));
  }
  return out;
}

std::string Request::header(std::string_view name) const {
  const auto found = std::ranges::find(
      headers, name, &std::pair<std::string, std::string>::first);
  return found == headers.end() ? "" : found->second;
}

namespace {

bool is_one_of(std::string_view word, std::span<const std::string_view> all) {
  return std::ranges::find(all, word) != all.end();
}

constexpr std::array<std::string_view, 4> container_views = {"json", "stats",
                                                             "logs", "top"};
constexpr std::array<std::string_view, 6> container_changes = {
    "start", "stop", "restart", "pause", "unpause", "kill"};
constexpr std::array<std::string_view, 5> views = {
    "/containers/json", "/events", "/info", "/version", "/images/json"};

/// An id or a name, nothing that would lead elsewhere.
bool is_plain(std::string_view word) {
  return !word.empty() && std::ranges::all_of(word, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.';
  }) && !word.starts_with('.');
}

}  // namespace

bool is_allowed(std::string_view method, std::string_view path,
                Changes changes) {
  const auto words = split(path, "/");
  const bool of_container = words.size() == 4 && words[0].empty() &&
                            words[1] == "containers" && is_plain(words[2]);
  if (method == "GET") {
    return is_one_of(path, views) ||
           (of_container && is_one_of(words[3], container_views));
  }
  return method == "POST" && changes == Changes::allowed && of_container &&
         is_one_of(words[3], container_changes);
}

bool Door::knows_host(const Request& request) const {
  const auto host = request.header("host");
  return host == "127.0.0.1:" + port_ || host == "localhost:" + port_;
}

bool Door::opens(const Request& request) {
  const std::string wanted = "token=" + token_;
  const std::lock_guard lock(mutex_);
  if (used_ || request.path != "/" || request.query != wanted) {
    return false;
  }
  used_ = true;
  return true;
}

bool Door::knows(const Request& request) const {
  const std::string mine = cookie_name() + "=" + session_;
  for (const auto& one : split(request.header("cookie"), ";")) {
    if (trim(one) == mine) {
      return true;
    }
  }
  return false;
}

namespace {

std::string random_word() {
  std::array<unsigned char, 24> bytes{};
  if (std::cmp_not_equal(::getrandom(bytes.data(), bytes.size(), 0),
                         bytes.size())) {
    throw Failure("the kernel gives no random bytes");
  }
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const unsigned char byte : bytes) {
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

std::string answer(std::string_view status, std::string_view type,
                   std::string_view body, std::string_view more = "") {
  return "HTTP/1.1 " + std::string(status) +
         "\r\nContent-Type: " + std::string(type) +
         "\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff"
         "\r\nReferrer-Policy: no-referrer\r\nContent-Security-Policy: "
         "default-src 'none'; script-src 'unsafe-inline'; style-src "
         "'unsafe-inline'; connect-src 'self'; frame-ancestors 'none'"
         "\r\nConnection: close\r\n" +
         std::string(more) + "\r\n" + std::string(body);
}

std::string refusal(std::string_view status, const std::string& why) {
  Value body;
  body.set("message", why);
  return answer(status, "application/json", print_json(body));
}

/// The head of a request; empty when it is none in time.
std::string read_head(int client) {
  constexpr std::size_t longest = 16384;
  const timeval patience{.tv_sec = 10, .tv_usec = 0};
  ::setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  std::string text;
  std::array<char, 4096> buffer;
  while (text.size() < longest) {
    const auto got = ::recv(client, buffer.data(), buffer.size(), 0);
    if (got <= 0) {
      return "";
    }
    text.append(buffer.data(), static_cast<std::size_t>(got));
    if (const auto end = text.find("\r\n\r\n"); end != std::string::npos) {
      return text.substr(0, end);
    }
  }
  return "";
}

bool send_all(int to, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) {
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

/// What the engine says goes to the page as it is, until one of them ends.
void relay(int engine, int client) {
  std::array<char, 65536> buffer;
  std::array<pollfd, 2> polled = {
      pollfd{.fd = engine, .events = POLLIN},
      pollfd{.fd = client, .events = POLLIN | POLLRDHUP}};
  while (::poll(polled.data(), polled.size(), -1) > 0) {
    if (polled[1].revents != 0) {
      return;  // the page has nothing more to say: it left
    }
    const auto got = ::recv(engine, buffer.data(), buffer.size(), 0);
    if (got <= 0 ||
        !send_all(client, {buffer.data(), static_cast<std::size_t>(got)})) {
      return;
    }
  }
}

class Dashboard {
 public:
  Dashboard(Context& context, Changes changes, std::string port)
      : context_(context),
        changes_(changes),
        door_(std::move(port), random_word(), random_word()) {}

  [[nodiscard]] const Door& door() const { return door_; }

  void serve(int client) {
    const auto request = parse_request(read_head(client));
    if (!request) {
      return;
    }
    std::string text = reply(*request, client);
    if (!text.empty()) {
      send_all(client, text);
    }
  }

 private:
  /// Empty when it was answered by the engine itself.
  std::string reply(const Request& request, int client) {
    if (!door_.knows_host(request)) {
      return refusal("403 Forbidden", "another host was meant");
    }
    if (door_.opens(request)) {
      return answer("303 See Other", "text/plain", "", door_.entrance());
    }
    if (!door_.knows(request)) {
      return refusal("401 Unauthorized",
                     "the address with its token opens this page once: start "
                     "`docker-cpp dashboard` again for another one");
    }
    if (request.path == "/") {
      return answer("200 OK", "text/html; charset=utf-8", page);
    }
    if (request.path == "/mode") {
      Value mode;
      mode.set("changes", changes_ == Changes::allowed);
      return answer("200 OK", "application/json", print_json(mode));
    }
    return ask(request, client);
  }

  std::string ask(const Request& request, int client) {
    try {
      if (request.path.starts_with("/explain/")) {
        return explain(request.path.substr(9));
      }
      const bool ours =
          request.method == "GET" || request.header("x-docker-cpp") == "1";
      const std::string path = request.path.starts_with("/api/")
                                   ? request.path.substr(4)
                                   : std::string();
      if (!ours || !is_allowed(request.method, path, changes_)) {
        return refusal("403 Forbidden", "this page may not do that");
      }
      pass_on(request, path, client);
      return "";
    } catch (const Failure& failure) {
      return refusal("502 Bad Gateway", failure.message());
    }
  }

  sys::UniqueFd dial() {
    const std::lock_guard lock(mutex_);
    return context_.engine.dial();
  }

  void pass_on(const Request& request, const std::string& path, int client) {
    const auto engine = dial();
    const std::string query = request.query.empty() ? "" : "?" + request.query;
    send_all(engine.get(), request.method + " " + path + query +
                               " HTTP/1.1\r\nHost: docker\r\nConnection: "
                               "close\r\nContent-Length: 0\r\n\r\n");
    relay(engine.get(), client);
  }

  std::string explain(const std::string& name) {
    if (!is_plain(name)) {
      return refusal("404 Not Found", "no such container");
    }
    Value lines = Value::array();
    const std::lock_guard lock(mutex_);
    for (const auto& [topic, text] : explain_container(
             context_.engine.get(container_path(name, "/json")))) {
      lines.append(Value::strings({topic, text}));
    }
    return answer("200 OK", "application/json", print_json(lines));
  }

  Context& context_;
  Changes changes_;
  Door door_;
  std::mutex mutex_;  ///< of the engine's connections
};

sys::UniqueFd listen_on(std::uint16_t port, std::uint16_t& bound) {
  sys::UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (!socket || ::bind(socket.get(), generic, size) == -1 ||
      ::listen(socket.get(), 64) == -1 ||
      ::getsockname(socket.get(), generic, &size) == -1) {
    throw Failure("listen on 127.0.0.1:" + std::to_string(port) + ": " +
                  std::strerror(errno));
  }
  bound = ntohs(address.sin_port);
  return socket;
}

/// Until it is interrupted.
[[noreturn]] void run_dashboard(Context& context, std::uint16_t port,
                                Changes changes) {
  std::uint16_t bound = 0;
  const auto listener = listen_on(port, bound);
  std::atomic<int> served = 0;
  Dashboard board(context, changes, std::to_string(bound));
  print(board.door().address() + "\n");
  while (true) {
    sys::UniqueFd client(
        ::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    constexpr int most = 128;
    if (!client || served >= most) {
      continue;
    }
    ++served;
    std::thread([&board, &served, client = std::move(client)] {
      board.serve(client.get());
      --served;
    }).detach();
  }
}

}  // namespace

}  // namespace docker_cpp::cli::dashboard

namespace docker_cpp::cli::commands {

int show_dashboard(Context& context, const Arguments& arguments) {
  context.engine.get("/version");
  const auto port = arguments.text("port");
  dashboard::run_dashboard(
      context,
      static_cast<std::uint16_t>(
          port.empty() ? 0 : std::strtoul(port.c_str(), nullptr, 10)),
      arguments.flag("allow-changes") ? dashboard::Changes::allowed
                                      : dashboard::Changes::refused);
}

int explain(Context& context, const Arguments& arguments) {
  return for_each_word(arguments, [&](const std::string& name) {
    const auto container = context.engine.get(container_path(name, "/json"));
    std::string text = std::string(trim(container["Name"].text())) + "\n";
    text.erase(0, text.starts_with('/') ? 1 : 0);
    for (const auto& [topic, line] : explain_container(container)) {
      text += "  " + topic +
              std::string(14 - std::min<std::size_t>(13, topic.size()), ' ') +
              line + "\n";
    }
    text.pop_back();
    return text;
  });
}

}  // namespace docker_cpp::cli::commands
