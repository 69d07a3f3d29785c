// SPDX-License-Identifier: Apache-2.0
#include "socket_plugin.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <utility>

#include <nlohmann/json.hpp>

#include "docker_cpp/daemon/api_error.hpp"
#include "docker_cpp/sys/file.hpp"
#include "docker_cpp/sys/syscalls.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::daemon {
namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

constexpr std::size_t longest_answer = 1U << 20;

[[noreturn]] void fail(const std::string& name, const std::string& why) {
  throw ApiError(ErrorCode::internal, "plugin " + name + ": " + why);
}

bool is_socket(const std::string& path) {
  struct stat info{};
  return ::stat(path.c_str(), &info) == 0 && S_ISSOCK(info.st_mode);
}

/// "unix:///path" in NAME.spec.
std::string spec_path(const std::string& file) {
  std::string text = sys::read_file(file.c_str()).value_or("");
  while (text.ends_with('\n') || text.ends_with(' ')) {
    text.pop_back();
  }
  return text.starts_with("unix://") ? text.substr(7) : "";
}

std::string find_socket(const std::vector<std::string>& folders,
                        const std::string& name) {
  for (const std::string& folder : folders) {
    const std::string base = folder + "/" + name;
    for (const std::string& path : {base + ".sock", base + "/" + name + ".sock",
                                    spec_path(base + ".spec")}) {
      if (!path.empty() && is_socket(path)) {
        return path;
      }
    }
  }
  throw ApiError(ErrorCode::not_found, "plugin \"" + name + "\" not found");
}

sys::UniqueFd connect_to(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  sys::UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address),
                sizeof address) == -1) {
    return {};
  }
  return fd;
}

/// Everything until the plugin closes; nothing when it takes too long.
std::string read_answer(int socket, Clock::time_point end) {
  std::string out;
  std::array<char, 8192> bytes{};
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        end - Clock::now());
    pollfd wanted{.fd = socket, .events = POLLIN, .revents = 0};
    if (left.count() <= 0 ||
        ::poll(&wanted, 1, static_cast<int>(left.count())) != 1) {
      return {};
    }
    const ssize_t got = ::recv(socket, bytes.data(), bytes.size(), 0);
    if (got <= 0) {
      return out;
    }
    out.append(bytes.data(), static_cast<std::size_t>(got));
    if (out.size() > longest_answer) {
      return {};
    }
  }
}

}  // namespace

SocketPlugin::SocketPlugin(const std::vector<std::string>& folders,
                           std::string name, std::chrono::milliseconds patience)
    : name_(std::move(name)),
      path_(find_socket(folders, name_)),
      patience_(patience) {}

std::vector<std::string> SocketPlugin::activate() const {
  const json answer = call("/Plugin.Activate", json::object());
  std::vector<std::string> out;
  for (const json& one : answer.value("Implements", json::array())) {
    out.push_back(one.is_string() ? one.get<std::string>() : "");
  }
  return out;
}

json SocketPlugin::call(const std::string& method, const json& body) const {
  const auto end = Clock::now() + patience_;
  const sys::UniqueFd socket = connect_to(path_);
  if (!socket) {
    fail(name_, "nobody listens on " + path_);
  }
  const std::string text = body.dump();
  // HTTP/1.0: the answer ends with the connection, and is not in chunks.
  const std::string request =
      "POST " + method +
      " HTTP/1.0\r\nHost: plugin\r\nAccept: "
      "application/vnd.docker.plugins.v1.2+json\r\nContent-Type: "
      "application/json\r\nConnection: close\r\nContent-Length: " +
      std::to_string(text.size()) + "\r\n\r\n" + text;
  if (!sys::write_all(socket.get(), request)) {
    fail(name_, "does not take a request");
  }
  const std::string answer = read_answer(socket.get(), end);
  const std::size_t head = answer.find("\r\n\r\n");
  if (head == std::string::npos) {
    fail(name_, "does not answer " + method);
  }
  const std::size_t space = answer.find(' ');
  const bool good = answer.compare(space + 1, 3, "200") == 0;
  json out = json::parse(answer.substr(head + 4), nullptr, false);
  if (!good || !out.is_object()) {
    fail(name_, "answers " + method + " with " + answer.substr(space + 1, 3) +
                    " and no sense");
  }
  return out;
}

}  // namespace docker_cpp::daemon
