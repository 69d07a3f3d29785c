// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <sched.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "dns_impl.hpp"

#include "docker_cpp/sys/syscalls.hpp"

/// Questions for others: sent on as they came, answers likewise.
namespace docker_cpp::network {
namespace {

constexpr std::chrono::milliseconds patience(2'000);
constexpr std::size_t most_forwards = 1'024;
// Of one container: it must not take the others' questions their place.
constexpr std::ptrdiff_t most_of_one = 128;

std::span<const std::uint8_t> bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

Address address_of(const std::string& server) {
  Address out;
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  if (::inet_pton(AF_INET, server.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(53);
    out.size = sizeof v4;
    std::memcpy(&out.storage, &v4, sizeof v4);
  } else if (::inet_pton(AF_INET6, server.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(53);
    out.size = sizeof v6;
    std::memcpy(&out.storage, &v6, sizeof v6);
  }
  return out;
}

/// The host's own loopback is not the container's.
bool of_host(const std::string& server) {
  return server.starts_with("127.") || server == "::1";
}

}  // namespace

void DnsServer::Impl::forward(const DnsClient& client, std::string question) {
  auto one = std::make_shared<DnsForward>();
  one->client = client;
  one->question = std::move(question);
  const DnsForwarding& forwarding = client.sandbox->forwarding;
  const auto waiting = std::ranges::count_if(forwards, [&](const auto& other) {
    return other->client.sandbox == client.sandbox;
  });
  if (!forwarding.allowed || forwarding.servers.empty() ||
      waiting >= most_of_one || forwards.size() >= most_forwards) {
    reply(client, dns_error(bytes_of(one->question),
                            forwarding.allowed ? DnsCode::server_failure
                                               : DnsCode::refused));
    return;
  }
  forwards.push_back(one);
  if (!ask(one, forwarding.servers.front())) {
    ask_next(one);
  }
}

void DnsServer::Impl::ask_next(const std::shared_ptr<DnsForward>& one) {
  drop_socket(*one);
  const auto& servers = one->client.sandbox->forwarding.servers;
  while (++one->server < servers.size()) {
    if (ask(one, servers[one->server])) {
      return;
    }
  }
  finish(one, one->last_answer.empty()
                  ? dns_error(bytes_of(one->question), DnsCode::server_failure)
                  : one->last_answer);
}

sys::Result<sys::UniqueFd> DnsServer::Impl::upstream_socket(
    const DnsSandbox& sandbox, const std::string& server, bool by_tcp) {
  const Address address = address_of(server);
  if (address.size == 0) {
    return std::unexpected(
        sys::SysError{.code = EINVAL, .call = "read the server's address"});
  }
  // This thread serves nobody but containers' questions; should it ever not
  // come back, it answers none of them, rather than from the wrong place.
  const bool inside = !of_host(server);
  if (inside) {
    if (const auto entered =
            sys::join_namespace(sandbox.netns.get(), CLONE_NEWNET);
        !entered) {
      return std::unexpected(entered.error());
    }
  }
  sys::UniqueFd socket(::socket(
      address.storage.ss_family,
      (by_tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (inside) {
    if (const auto back = sys::join_namespace(home.get(), CLONE_NEWNET);
        !back) {
      return std::unexpected(back.error());
    }
  }
  if (!socket) {
    return sys::fail("socket");
  }
  if (::connect(socket.get(),
                reinterpret_cast<const sockaddr*>(&address.storage),
                address.size) == -1 &&
      errno != EINPROGRESS) {
    return sys::fail("connect");
  }
  return socket;
}

bool DnsServer::Impl::ask(const std::shared_ptr<DnsForward>& one,
                          const std::string& server) {
  const bool by_tcp = one->client.by_tcp;
  auto socket = upstream_socket(*one->client.sandbox, server, by_tcp);
  if (!socket) {
    return false;
  }
  one->socket = *std::move(socket);
  one->until = DnsClock::now() + patience;
  one->in.clear();
  one->connecting = by_tcp;
  if (!by_tcp && ::send(one->socket.get(), one->question.data(),
                        one->question.size(), MSG_NOSIGNAL) == -1) {
    one->socket.reset();
    return false;
  }
  one->watch =
      poller.add(one->socket.get(), by_tcp ? EPOLLOUT : EPOLLIN,
                 [this, one](std::uint32_t) {
                   one->client.by_tcp ? on_upstream_tcp(one) : on_upstream(one);
                 });
  return true;
}

void DnsServer::Impl::on_upstream(const std::shared_ptr<DnsForward>& one) {
  std::string answer(65535, '\0');
  const ssize_t got =
      ::recv(one->socket.get(), answer.data(), answer.size(), 0);
  if (got < 0) {
    if (errno != EAGAIN) {  // ECONNREFUSED: nobody there
      ask_next(one);
    }
    return;
  }
  answer.resize(static_cast<std::size_t>(got));
  // What does not answer this question may be a forgery: wait for the answer.
  if (dns_answers(bytes_of(answer), bytes_of(one->question))) {
    answered(one, std::move(answer));
  }
}

void DnsServer::Impl::on_upstream_tcp(const std::shared_ptr<DnsForward>& one) {
  if (one->connecting) {
    std::string framed;
    framed += static_cast<char>(one->question.size() >> 8U);
    framed += static_cast<char>(one->question.size() & 0xffU);
    framed += one->question;
    if (::send(one->socket.get(), framed.data(), framed.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(framed.size())) {
      ask_next(one);
      return;
    }
    one->connecting = false;
    poller.change(one->watch, one->socket.get(), EPOLLIN);
    return;
  }
  std::array<char, 4096> block{};
  const ssize_t got = ::recv(one->socket.get(), block.data(), block.size(), 0);
  if (got <= 0) {
    if (got == 0 || errno != EAGAIN) {
      ask_next(one);
    }
    return;
  }
  one->in.append(block.data(), static_cast<std::size_t>(got));
  if (one->in.size() < 2) {
    return;
  }
  const std::size_t length =
      static_cast<std::size_t>(static_cast<unsigned char>(one->in[0])) << 8U |
      static_cast<unsigned char>(one->in[1]);
  if (one->in.size() - 2 >= length) {
    std::string answer = one->in.substr(2, length);
    if (dns_answers(bytes_of(answer), bytes_of(one->question))) {
      answered(one, std::move(answer));
    } else {
      ask_next(one);
    }
  }
}

/// A server that cannot is no reason not to ask the next.
void DnsServer::Impl::answered(const std::shared_ptr<DnsForward>& one,
                               std::string answer) {
  const DnsCode code = dns_code(bytes_of(answer));
  if (code == DnsCode::server_failure || code == DnsCode::refused ||
      code == DnsCode::not_implemented) {
    one->last_answer = std::move(answer);
    ask_next(one);
    return;
  }
  finish(one, answer);
}

void DnsServer::Impl::drop_socket(DnsForward& one) {
  if (one.socket) {
    poller.remove(one.watch, one.socket.get());
    one.socket.reset();
  }
}

void DnsServer::Impl::finish(const std::shared_ptr<DnsForward>& one,
                             const std::string& answer) {
  drop_socket(*one);
  forwards.remove(one);
  reply(one->client, answer);
}

}  // namespace docker_cpp::network
