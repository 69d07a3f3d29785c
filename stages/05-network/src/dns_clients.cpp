// SPDX-License-Identifier: Apache-2.0
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <utility>

#include "dns_impl.hpp"

/// Those who ask, from inside the containers.
namespace docker_cpp::network {
namespace {

constexpr std::size_t largest_datagram = 4096;
constexpr std::size_t largest_message = 65535;
constexpr std::size_t most_calls = 256;
constexpr std::ptrdiff_t most_of_one = 32;  ///< container
constexpr std::chrono::seconds call_patience(10);

std::span<const std::uint8_t> bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

void DnsServer::Impl::on_datagram(const std::shared_ptr<DnsSandbox>& sandbox) {
  // Not until it is empty: one container that floods must not keep the others
  // from their turn.
  for (int turn = 0; turn < 16; ++turn) {
    std::string question(largest_datagram, '\0');
    DnsClient client{.sandbox = sandbox};
    socklen_t size = sizeof client.address;
    const ssize_t got =
        ::recvfrom(sandbox->udp.get(), question.data(), question.size(), 0,
                   reinterpret_cast<sockaddr*>(&client.address), &size);
    if (got < 0) {
      return;
    }
    question.resize(static_cast<std::size_t>(got));
    take(client, std::move(question));
  }
}

void DnsServer::Impl::on_call(const std::shared_ptr<DnsSandbox>& sandbox) {
  auto call = std::make_shared<DnsCall>();
  call->sandbox = sandbox;
  call->socket = sys::UniqueFd(::accept4(sandbox->tcp.get(), nullptr, nullptr,
                                         SOCK_CLOEXEC | SOCK_NONBLOCK));
  const auto open = std::ranges::count_if(
      calls, [&](const auto& other) { return other->sandbox == sandbox; });
  if (!call->socket || open >= most_of_one || calls.size() >= most_calls) {
    return;
  }
  call->until = DnsClock::now() + call_patience;
  call->watch =
      poller.add(call->socket.get(), EPOLLIN,
                 [this, call](std::uint32_t) { on_call_ready(call); });
  calls.push_back(call);
}

void DnsServer::Impl::hang_up(const std::shared_ptr<DnsCall>& call) {
  poller.remove(call->watch, call->socket.get());
  call->socket.reset();
  calls.remove(call);
}

void DnsServer::Impl::on_call_ready(const std::shared_ptr<DnsCall>& call) {
  std::array<char, 4096> block{};
  const ssize_t got = ::recv(call->socket.get(), block.data(), block.size(), 0);
  if (got == 0 || (got < 0 && errno != EAGAIN)) {
    hang_up(call);
    return;
  }
  call->in.append(block.data(),
                  static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  call->until = DnsClock::now() + call_patience;
  while (call->in.size() >= 2 && call->socket) {
    const std::size_t length =
        static_cast<std::size_t>(static_cast<unsigned char>(call->in[0]))
            << 8U |
        static_cast<unsigned char>(call->in[1]);
    if (call->in.size() - 2 < length) {
      return;
    }
    std::string question = call->in.substr(2, length);
    call->in.erase(0, 2 + length);
    take({.sandbox = call->sandbox, .call = call, .by_tcp = true},
         std::move(question));
  }
}

void DnsServer::Impl::take(const DnsClient& client, std::string question) {
  const auto query = parse_dns_query(bytes_of(question));
  if (!query) {
    const std::string error =
        dns_error(bytes_of(question), DnsCode::format_error);
    if (!error.empty()) {
      reply(client, error);
    }
    return;
  }
  if (query->record_class == 1) {
    if (const auto answer = lookup(client.sandbox->container, *query)) {
      const std::size_t room = client.by_tcp ? largest_message : query->room;
      reply(client, dns_answer(bytes_of(question), *query, *answer, room));
      return;
    }
  }
  forward(client, std::move(question));
}

void DnsServer::Impl::reply(const DnsClient& client,
                            const std::string& answer) {
  if (!client.by_tcp) {
    ::sendto(client.sandbox->udp.get(), answer.data(), answer.size(),
             MSG_NOSIGNAL | MSG_DONTWAIT,
             reinterpret_cast<const sockaddr*>(&client.address),
             sizeof client.address);
    return;
  }
  const auto call = client.call.lock();
  if (!call || !call->socket || answer.size() > largest_message) {
    return;
  }
  std::string framed;
  framed += static_cast<char>(answer.size() >> 8U);
  framed += static_cast<char>(answer.size() & 0xffU);
  framed += answer;
  // A caller who does not read what he asked for loses his connection: the
  // kernel's buffer holds many answers.
  if (::send(call->socket.get(), framed.data(), framed.size(),
             MSG_NOSIGNAL | MSG_DONTWAIT) !=
      static_cast<ssize_t>(framed.size())) {
    hang_up(call);
  }
}

}  // namespace docker_cpp::network
