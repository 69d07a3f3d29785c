// SPDX-License-Identifier: Apache-2.0
#include "test_host.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "docker_cpp/network/in_namespace.hpp"
#include "docker_cpp/network/links.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::network::testing {
namespace {

constexpr int patience_ms = 400;

sockaddr_in address_of(const std::string& ip, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  ::inet_pton(AF_INET, ip.c_str(), &address.sin_addr);
  return address;
}

sys::UniqueFd new_socket(Transport transport) {
  const int type = transport == Transport::tcp ? SOCK_STREAM : SOCK_DGRAM;
  return sys::UniqueFd(
      must(sys::check(::socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0),
                      "socket"),
           "make a socket"));
}

bool wait_for(int fd, short events) {
  pollfd one{.fd = fd, .events = events, .revents = 0};
  return ::poll(&one, 1, patience_ms) == 1;
}

std::string output_of(const char* command) {
  std::string text;
  FILE* pipe = ::popen(command, "r");
  std::array<char, 4096> block{};
  while (pipe != nullptr) {
    const std::size_t got = std::fread(block.data(), 1, block.size(), pipe);
    if (got == 0) {
      break;
    }
    text.append(block.data(), got);
  }
  if (pipe == nullptr || ::pclose(pipe) != 0) {
    ADD_FAILURE() << command << " failed";
  }
  return text;
}

}  // namespace

sys::UniqueFd new_netns() {
  sys::UniqueFd made;
  std::thread([&] {
    must(sys::unshare(CLONE_NEWNET), "make a network namespace");
    made = must(sys::open("/proc/thread-self/ns/net", O_RDONLY),
                "open the network namespace");
    Links::open().set_up(1);
  }).join();
  return made;
}

void HostTest::SetUp() {
  must(sys::unshare(CLONE_NEWNET), "make the test's host");
  host_ = must(sys::open("/proc/thread-self/ns/net", O_RDONLY),
               "open the test's host");
  Links::open().set_up(1);
}

sys::UniqueFd HostTest::add_neighbour() {
  sys::UniqueFd neighbour = new_netns();
  Links links = Links::open();
  links.create_veth({.name = "lan0",
                     .bridge = 0,
                     .peer_name = "eth0",
                     .peer_netns = neighbour.get(),
                     .peer_mac = {2, 0, 0, 0, 0, 2}});
  const int index = links.find("lan0")->index;
  links.set_address(index, *parse_subnet("10.77.0.1/24"));
  links.set_up(index);
  in_network_namespace(neighbour.get(), [] {
    Links inside = Links::open();
    inside.set_up_endpoint(inside.find("eth0")->index,
                           *parse_subnet("10.77.0.2/24"),
                           *parse_ipv4("10.77.0.1"));
    inside.wait_until_operational("eth0");
  });
  links.wait_until_operational("lan0");
  return neighbour;
}

std::string HostTest::rules() {
  return output_of("nft list ruleset");
}

Server::Server(int netns, std::uint16_t port, Transport transport)
    : transport_(transport) {
  in_network_namespace(netns, [&] {
    socket_ = new_socket(transport);
    const int on = 1;
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    const sockaddr_in address = address_of("0.0.0.0", port);
    must(sys::check_void(
             ::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address),
                    sizeof address),
             "bind"),
         "start the server");
    if (transport == Transport::tcp) {
      must(sys::check_void(::listen(socket_.get(), 16), "listen"),
           "start the server");
    }
  });
  thread_ = std::thread([this] { serve(); });
}

Server::~Server() {
  stop_ = true;
  thread_.join();
}

void Server::serve() const {
  while (!stop_) {
    pollfd one{.fd = socket_.get(), .events = POLLIN, .revents = 0};
    if (::poll(&one, 1, 20) != 1) {
      continue;
    }
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    auto* generic = reinterpret_cast<sockaddr*>(&peer);
    if (transport_ == Transport::tcp) {
      const sys::UniqueFd caller(
          ::accept4(socket_.get(), generic, &size, SOCK_CLOEXEC));
      const std::string text =
          to_string(Ipv4::from_bytes(&peer.sin_addr.s_addr));
      ::send(caller.get(), text.data(), text.size(), MSG_NOSIGNAL);
    } else {
      char byte = 0;
      ::recvfrom(socket_.get(), &byte, 1, 0, generic, &size);
      const std::string text =
          to_string(Ipv4::from_bytes(&peer.sin_addr.s_addr));
      ::sendto(socket_.get(), text.data(), text.size(), 0, generic, size);
    }
  }
}

std::string call(int netns, const std::string& ip, std::uint16_t port,
                 Transport transport) {
  std::string answer = "silence";
  in_network_namespace(netns, [&] {
    const sys::UniqueFd socket = new_socket(transport);
    const sockaddr_in address = address_of(ip, port);
    const int connected =
        ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address),
                  sizeof address);
    if (connected == -1 && errno != EINPROGRESS) {
      answer = std::strerror(errno);
      return;
    }
    if (transport == Transport::udp) {
      ::send(socket.get(), "?", 1, 0);
    } else if (!wait_for(socket.get(), POLLOUT)) {
      return;
    }
    std::array<char, 64> text{};
    if (!wait_for(socket.get(), POLLIN)) {
      return;
    }
    const ssize_t got = ::recv(socket.get(), text.data(), text.size(), 0);
    answer = got > 0 ? std::string(text.data(), static_cast<std::size_t>(got))
             : errno == ECONNREFUSED ? "refused"
                                     : std::strerror(errno);
  });
  return answer;
}

std::string ledger() {
  std::string text;
  for (const Link& link : Links::open().list()) {
    text += link.name + " ";
  }
  std::size_t descriptors = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator("/proc/self/fd")) {
    descriptors += entry.exists() ? 1 : 1;
  }
  return text + "\n" + std::to_string(descriptors) + " descriptors\n" +
         output_of("nft list ruleset");
}

}  // namespace docker_cpp::network::testing
