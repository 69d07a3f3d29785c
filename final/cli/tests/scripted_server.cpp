// SPDX-License-Identifier: Apache-2.0
#include "scripted_server.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <stdexcept>
#include <vector>

namespace docker_cpp::cli {

ScriptedServer::ScriptedServer(int connections, Script script)
    : path_("/tmp/docker-cpp-cli-test." + std::to_string(::getpid()) + ".sock"),
      listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  path_.copy(static_cast<char*>(name.sun_path), sizeof(name.sun_path) - 1);
  ::unlink(path_.c_str());
  if (::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&name),
             sizeof(name)) != 0 ||
      ::listen(listener_.get(), 8) != 0) {
    throw std::runtime_error("the scripted server cannot listen");
  }
  thread_ = std::thread([this, connections, script = std::move(script)] {
    std::vector<std::thread> conversations;
    for (int i = 0; i < connections; ++i) {
      const int socket =
          ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
      if (socket == -1) {
        break;
      }
      conversations.emplace_back([&script, socket, i] {
        const sys::UniqueFd owned(socket);
        script(socket, i);
      });
    }
    for (auto& conversation : conversations) {
      conversation.join();
    }
  });
}

ScriptedServer::~ScriptedServer() {
  ::shutdown(listener_.get(), SHUT_RDWR);
  thread_.join();
  ::unlink(path_.c_str());
}

std::string read_request(int socket) {
  std::string text;
  char c = 0;
  while (!text.ends_with("\r\n\r\n") && ::read(socket, &c, 1) == 1) {
    text += c;
  }
  const auto at = text.find("Content-Length: ");
  auto left = at == std::string::npos ? 0 : std::stoi(text.substr(at + 16));
  while (left-- > 0 && ::read(socket, &c, 1) == 1) {
    text += c;
  }
  return text;
}

void send_text(int socket, const std::string& text) {
  static_cast<void>(::send(socket, text.data(), text.size(), MSG_NOSIGNAL));
}

std::string read_to_end(int socket) {
  std::string text;
  std::array<char, 4096> buffer{};
  for (ssize_t got = 1; got > 0;) {
    got = ::read(socket, buffer.data(), buffer.size());
    text.append(buffer.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
  }
  return text;
}

}  // namespace docker_cpp::cli
