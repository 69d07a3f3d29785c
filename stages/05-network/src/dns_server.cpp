// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/network/dns_server.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netlink.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

#include "dns_impl.hpp"

#include "docker_cpp/network/in_namespace.hpp"
#include "docker_cpp/network/nft_batch.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::network {
namespace {

constexpr const char* table = "docker-cpp-dns";
constexpr Ipv4 server_address{.value = 127U << 24U | 11U};

struct Opened {
  sys::UniqueFd socket;
  std::uint16_t port = 0;
};

Opened open_socket(int type) {
  Opened out{.socket = sys::UniqueFd(
                 ::socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0))};
  must(sys::check_void(out.socket.get(), "socket"), "open a DNS socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(server_address.value);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  must(sys::check_void(::bind(out.socket.get(), generic, sizeof address),
                       "bind"),
       "answer DNS on 127.0.0.11");
  socklen_t size = sizeof address;
  must(sys::check_void(::getsockname(out.socket.get(), generic, &size),
                       "getsockname"),
       "answer DNS on 127.0.0.11");
  out.port = ntohs(address.sin_port);
  if (type == SOCK_STREAM) {
    must(sys::check_void(::listen(out.socket.get(), 64), "listen"),
         "answer DNS on 127.0.0.11");
  }
  return out;
}

/// Port 53 of 127.0.0.11 leads to where we listen. Of the namespace that the
/// calling thread is in, and made anew for a daemon that came back.
void lead_there(std::uint16_t udp_port, std::uint16_t tcp_port) {
  NftBatch batch;
  batch.add_table(table);
  batch.delete_table(table);
  batch.add_table(table);
  batch.add_chain(table, {.name = "output",
                          .type = "nat",
                          .hook = NF_INET_LOCAL_OUT,
                          .priority = NF_IP_PRI_NAT_DST});
  const auto lead = [&](std::uint8_t protocol, std::uint16_t port) {
    batch.add_rule(NftRule(table, "output")
                       .to({.address = server_address, .prefix_len = 32})
                       .to_port(protocol, 53)
                       .redirect_to(server_address, port));
  };
  lead(IPPROTO_UDP, udp_port);
  lead(IPPROTO_TCP, tcp_port);
  NetlinkSocket socket = must(NetlinkSocket::open(NETLINK_NETFILTER),
                              "open a socket to the container's firewall");
  must(batch.commit(socket), "lead DNS questions to the engine");
}

}  // namespace

DnsServer::Impl::Impl(Lookup ask)
    : lookup(std::move(ask)),
      home(must(sys::open("/proc/thread-self/ns/net", O_RDONLY),
                "open the host's network namespace")),
      wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  poller.add(wake.get(), EPOLLIN, [this](std::uint32_t) {
    std::uint64_t count = 0;
    static_cast<void>(::read(wake.get(), &count, sizeof count));
  });
  thread = std::thread([this] { run(); });
}

DnsServer::Impl::~Impl() {
  {
    const std::lock_guard lock(mutex);
    stop = true;
  }
  const std::uint64_t one = 1;
  static_cast<void>(::write(wake.get(), &one, sizeof one));
  thread.join();
}

void DnsServer::Impl::run() {
  std::unique_lock lock(mutex);
  while (!stop) {
    const bool waiting = !forwards.empty() || !calls.empty();
    const std::chrono::milliseconds patience(waiting ? 200 : -1);
    lock.unlock();
    const int count = poller.wait(patience);
    lock.lock();
    poller.dispatch(count);
    expire();
  }
}

void DnsServer::Impl::expire() {
  const auto now = DnsClock::now();
  const auto waiting = forwards;
  for (const auto& one : waiting) {
    if (one->until < now) {
      ask_next(one);
    }
  }
  const auto open_calls = calls;
  for (const auto& call : open_calls) {
    if (call->until < now) {
      hang_up(call);
    }
  }
}

void DnsServer::Impl::forget(const std::shared_ptr<DnsSandbox>& sandbox) {
  const auto waiting = forwards;
  for (const auto& one : waiting) {
    if (one->client.sandbox == sandbox) {
      drop_socket(*one);
      forwards.remove(one);
    }
  }
  const auto open_calls = calls;
  for (const auto& call : open_calls) {
    if (call->sandbox == sandbox) {
      hang_up(call);
    }
  }
  poller.remove(sandbox->udp_watch, sandbox->udp.get());
  poller.remove(sandbox->tcp_watch, sandbox->tcp.get());
  sandbox->udp.reset();
  sandbox->tcp.reset();
  sandbox->netns.reset();
}

DnsServer::DnsServer(Lookup lookup)
    : impl_(std::make_unique<Impl>(std::move(lookup))) {}

DnsServer::~DnsServer() = default;

void DnsServer::open(const std::string& container, int netns,
                     DnsForwarding forwarding) {
  close(container);
  auto sandbox = std::make_shared<DnsSandbox>();
  sandbox->container = container;
  sandbox->forwarding = std::move(forwarding);
  sandbox->netns = sys::UniqueFd(::fcntl(netns, F_DUPFD_CLOEXEC, 3));
  must(sys::check_void(sandbox->netns.get(), "fcntl F_DUPFD_CLOEXEC"),
       "keep the container's network namespace");
  in_network_namespace(netns, [&] {
    Opened udp = open_socket(SOCK_DGRAM);
    Opened tcp = open_socket(SOCK_STREAM);
    lead_there(udp.port, tcp.port);
    sandbox->udp = std::move(udp.socket);
    sandbox->tcp = std::move(tcp.socket);
  });
  const std::lock_guard lock(impl_->mutex);
  Impl* impl = impl_.get();
  sandbox->udp_watch = impl->poller.add(
      sandbox->udp.get(), EPOLLIN,
      [impl, sandbox](std::uint32_t) { impl->on_datagram(sandbox); });
  sandbox->tcp_watch = impl->poller.add(
      sandbox->tcp.get(), EPOLLIN,
      [impl, sandbox](std::uint32_t) { impl->on_call(sandbox); });
  impl->sandboxes.insert_or_assign(container, std::move(sandbox));
}

void DnsServer::set_forwarding(std::string_view container,
                               DnsForwarding forwarding) {
  const std::lock_guard lock(impl_->mutex);
  const auto found = impl_->sandboxes.find(container);
  if (found != impl_->sandboxes.end()) {
    found->second->forwarding = std::move(forwarding);
  }
}

void DnsServer::close(std::string_view container) {
  const std::lock_guard lock(impl_->mutex);
  const auto found = impl_->sandboxes.find(container);
  if (found != impl_->sandboxes.end()) {
    impl_->forget(found->second);
    impl_->sandboxes.erase(found);
  }
}

bool DnsServer::is_open(std::string_view container) const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->sandboxes.contains(container);
}

}  // namespace docker_cpp::network
