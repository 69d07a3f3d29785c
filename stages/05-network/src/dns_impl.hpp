// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <netinet/in.h>

#include <atomic>
#include <chrono>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "poller.hpp"

#include "docker_cpp/network/dns_server.hpp"
#include "docker_cpp/sys/result.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::network {

/// One container that is answered. Everything in here keeps its network
/// namespace alive, so all of it goes in close().
struct DnsSandbox {
  std::string container;
  DnsForwarding forwarding;
  sys::UniqueFd netns;
  sys::UniqueFd udp;
  sys::UniqueFd tcp;
  std::uint64_t udp_watch = 0;
  std::uint64_t tcp_watch = 0;
};

using DnsClock = std::chrono::steady_clock;

/// A caller by TCP: messages with their length in front, RFC 1035, 4.2.2.
struct DnsCall {
  std::shared_ptr<DnsSandbox> sandbox;
  sys::UniqueFd socket;
  std::uint64_t watch = 0;
  std::string in;
  std::string out;
  DnsClock::time_point until;
};

/// Who is to be answered: a caller, or an address by UDP.
struct DnsClient {
  std::shared_ptr<DnsSandbox> sandbox;
  sockaddr_in address{};
  std::weak_ptr<DnsCall> call;
  bool by_tcp = false;
};

/// A question on its way to another server.
struct DnsForward {
  DnsClient client;
  std::string question;
  std::size_t server = 0;
  sys::UniqueFd socket;
  std::uint64_t watch = 0;
  bool connecting = false;  ///< by TCP: not sent yet
  std::string in;
  std::string last_answer;  ///< a server's failure, if all of them fail
  DnsClock::time_point until;
};

struct DnsServer::Impl {
  explicit Impl(Lookup ask);
  ~Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  // dns_server.cpp
  void run();
  void forget(const std::shared_ptr<DnsSandbox>& sandbox);
  void expire();

  // dns_clients.cpp
  void on_datagram(const std::shared_ptr<DnsSandbox>& sandbox);
  void on_call(const std::shared_ptr<DnsSandbox>& sandbox);
  void on_call_ready(const std::shared_ptr<DnsCall>& call);
  void hang_up(const std::shared_ptr<DnsCall>& call);
  void take(const DnsClient& client, std::string question);
  void reply(const DnsClient& client, const std::string& answer);

  // dns_forward.cpp
  using Forwards = std::list<std::shared_ptr<DnsForward>>;
  void forward(const DnsClient& client, std::string question);
  void ask_next(const std::shared_ptr<DnsForward>& one);
  [[nodiscard]] bool ask(const std::shared_ptr<DnsForward>& one,
                         const std::string& server);
  [[nodiscard]] sys::Result<sys::UniqueFd> upstream_socket(
      const DnsSandbox& sandbox, const std::string& server, bool by_tcp);
  void on_upstream(const std::shared_ptr<DnsForward>& one);
  void on_upstream_tcp(const std::shared_ptr<DnsForward>& one);
  void answered(const std::shared_ptr<DnsForward>& one, std::string answer);
  void drop_socket(DnsForward& one);
  void finish(const std::shared_ptr<DnsForward>& one,
              const std::string& answer);

  const Lookup lookup;
  sys::UniqueFd home;  ///< the host's network namespace
  sys::UniqueFd wake;
  mutable std::mutex mutex;  ///< all of the following
  Poller poller;
  std::map<std::string, std::shared_ptr<DnsSandbox>, std::less<>> sandboxes;
  std::list<std::shared_ptr<DnsCall>> calls;
  Forwards forwards;
  bool stop = false;
  std::thread thread;  ///< last: it uses all the others
};

}  // namespace docker_cpp::network
