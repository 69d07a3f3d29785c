// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/network/dns_server.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cstdio>

#include "test_host.hpp"

#include "docker_cpp/network/in_namespace.hpp"
#include "docker_cpp/network/links.hpp"

namespace docker_cpp::network::testing {
namespace {

std::string run_in(int netns, const std::string& command) {
  std::string text;
  in_network_namespace(netns, [&] {
    FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
    std::array<char, 4096> block{};
    for (std::size_t got = 0;
         (got = std::fread(block.data(), 1, block.size(), pipe)) > 0;) {
      text.append(block.data(), got);
    }
    ::pclose(pipe);
  });
  return text;
}

/// Another name server, on an address of the container's own loopback: it
/// answers every question with 192.0.2.9, by UDP and TCP, or with a failure.
class Upstream {
 public:
  Upstream(int netns, const char* address, DnsCode code) : code_(code) {
    in_network_namespace(netns, [&] {
      udp_ = bound(address, SOCK_DGRAM);
      tcp_ = bound(address, SOCK_STREAM);
      ::listen(tcp_.get(), 8);
    });
    thread_ = std::thread([this] { serve(); });
  }
  ~Upstream() {
    stop_ = true;
    thread_.join();
  }
  Upstream(const Upstream&) = delete;
  Upstream& operator=(const Upstream&) = delete;
  [[nodiscard]] int asked() const { return asked_; }

 private:
  static sys::UniqueFd bound(const char* address, int type) {
    sys::UniqueFd socket(::socket(AF_INET, type | SOCK_CLOEXEC, 0));
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(53);
    ::inet_pton(AF_INET, address, &to.sin_addr);
    EXPECT_EQ(
        ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to),
        0);
    return socket;
  }

  std::string answer(std::span<const std::uint8_t> question) {
    ++asked_;
    const auto query = parse_dns_query(question);
    DnsAnswer out{.code = code_};
    if (code_ == DnsCode::ok) {
      out.records = {std::string("\xc0\x00\x02\x09", 4)};
    }
    return dns_answer(question, *query, out, 65535);
  }

  void serve() {
    while (!stop_) {
      std::array<pollfd, 2> fds{
          {{udp_.get(), POLLIN, 0}, {tcp_.get(), POLLIN, 0}}};
      ::poll(fds.data(), fds.size(), 20);
      std::array<std::uint8_t, 4096> block{};
      if (fds[0].revents != 0) {
        sockaddr_in peer{};
        socklen_t size = sizeof peer;
        auto* generic = reinterpret_cast<sockaddr*>(&peer);
        const ssize_t got = ::recvfrom(udp_.get(), block.data(), block.size(),
                                       0, generic, &size);
        const std::string out =
            answer({block.data(), static_cast<std::size_t>(got)});
        ::sendto(udp_.get(), out.data(), out.size(), 0, generic, size);
      }
      if (fds[1].revents != 0) {
        const sys::UniqueFd caller(
            ::accept4(tcp_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        const ssize_t got = ::recv(caller.get(), block.data(), block.size(), 0);
        std::string out =
            answer({block.data() + 2, static_cast<std::size_t>(got) - 2});
        out.insert(0, {static_cast<char>(out.size() >> 8U),
                       static_cast<char>(out.size() & 0xffU)});
        ::send(caller.get(), out.data(), out.size(), MSG_NOSIGNAL);
      }
    }
  }

  DnsCode code_;
  sys::UniqueFd udp_;
  sys::UniqueFd tcp_;
  std::atomic<bool> stop_ = false;
  std::atomic<int> asked_ = 0;
  std::thread thread_;
};

class Dns : public HostTest {
 protected:
  void SetUp() override {
    HostTest::SetUp();
    container_ = new_netns();
    server_.emplace([](const std::string& container,
                       const DnsQuery& query) -> std::optional<DnsAnswer> {
      if (query.name != "web" || container != "c1") {
        return std::nullopt;
      }
      DnsAnswer answer;
      if (query.type == static_cast<std::uint16_t>(DnsType::a)) {
        answer.records = {"\x0a\x01\x02\x03", "\x0a\x01\x02\x04"};
      }
      return answer;
    });
  }

  std::string dig(const std::string& question) {
    return run_in(container_.get(),
                  "dig @127.0.0.11 +time=3 +tries=1 " + question);
  }

  sys::UniqueFd container_;
  std::optional<DnsServer> server_;
};

TEST_F(Dns, AnswersWithAllAddressesOfAName) {
  server_->open("c1", container_.get(), {});
  EXPECT_EQ(dig("+short web"), "10.1.2.3\n10.1.2.4\n");
  EXPECT_EQ(dig("+short +tcp WEB"), "10.1.2.3\n10.1.2.4\n");
  EXPECT_EQ(dig("+short +noedns web"), "10.1.2.3\n10.1.2.4\n");
  const std::string v6 = dig("web AAAA");
  EXPECT_NE(v6.find("status: NOERROR"), std::string::npos) << v6;
  EXPECT_NE(v6.find("ANSWER: 0"), std::string::npos) << v6;
  const std::string busybox =
      run_in(container_.get(), "busybox nslookup web 127.0.0.11");
  EXPECT_NE(busybox.find("10.1.2.4"), std::string::npos) << busybox;
}

TEST_F(Dns, AsksOthersForTheRest) {
  const Upstream world(container_.get(), "127.5.5.5", DnsCode::ok);
  // Of the container's loopback here, so that it is asked from inside.
  server_->open("c1", container_.get(), {.servers = {"127.5.5.5"}});
  const std::string first = dig("+short example.com");
  // Servers on 127.0.0.0/8 are the host's, where there is none.
  EXPECT_EQ(first.find("192.0.2.9"), std::string::npos);
  in_network_namespace(container_.get(), [] {
    ASSERT_EQ(::system("ip addr add 203.0.113.5/32 dev lo"), 0);
  });
  const Upstream outside(container_.get(), "203.0.113.5", DnsCode::ok);
  server_->set_forwarding("c1", {.servers = {"203.0.113.5"}});
  EXPECT_EQ(dig("+short example.com"), "192.0.2.9\n");
  EXPECT_EQ(dig("+short +tcp example.com"), "192.0.2.9\n");
  EXPECT_EQ(dig("+short example.com TXT").find("timed out"), std::string::npos);
  EXPECT_GE(outside.asked(), 3);
}

TEST_F(Dns, AServerThatFailsIsNotTheLast) {
  in_network_namespace(container_.get(), [] {
    ASSERT_EQ(::system("ip addr add 203.0.113.5/32 dev lo;"
                       "ip addr add 203.0.113.6/32 dev lo;"
                       "ip addr add 203.0.113.7/32 dev lo"),
              0);
  });
  const Upstream broken(container_.get(), "203.0.113.6",
                        DnsCode::server_failure);
  const Upstream good(container_.get(), "203.0.113.7", DnsCode::ok);
  // The first one refuses, the second fails, the third answers.
  server_->open("c1", container_.get(),
                {.servers = {"203.0.113.5", "203.0.113.6", "203.0.113.7"}});
  EXPECT_EQ(dig("+short example.com"), "192.0.2.9\n");
  EXPECT_EQ(broken.asked(), 1);
  EXPECT_EQ(dig("+short +tcp example.com"), "192.0.2.9\n");
  server_->set_forwarding("c1", {.servers = {"203.0.113.6"}});
  EXPECT_NE(dig("example.com").find("SERVFAIL"), std::string::npos);
}

TEST_F(Dns, WithoutAWayOutItRefuses) {
  in_network_namespace(container_.get(), [] {
    ASSERT_EQ(::system("ip addr add 203.0.113.7/32 dev lo"), 0);
  });
  const Upstream world(container_.get(), "203.0.113.7", DnsCode::ok);
  server_->open("c1", container_.get(),
                {.allowed = false, .servers = {"203.0.113.7"}});
  EXPECT_NE(dig("example.com").find("REFUSED"), std::string::npos);
  EXPECT_EQ(world.asked(), 0);
  EXPECT_EQ(dig("+short web"), "10.1.2.3\n10.1.2.4\n");
}

TEST_F(Dns, LeavesPort53ToTheContainer) {
  server_->open("c1", container_.get(), {});
  const Upstream own(container_.get(), "0.0.0.0", DnsCode::ok);
  EXPECT_EQ(run_in(container_.get(), "dig @127.0.0.1 +short +time=3 x.y"),
            "192.0.2.9\n");
  EXPECT_EQ(dig("+short web"), "10.1.2.3\n10.1.2.4\n");
}

TEST_F(Dns, GarbageGetsNoAnswerOrAnError) {
  server_->open("c1", container_.get(), {});
  const std::string answer = run_in(
      container_.get(),
      "printf 'abcdefghijklmnopqrstuvwxyz' | busybox nc -u -w 1 127.0.0.11 53"
      " | od -An -tx1");
  EXPECT_EQ(dig("+short web"), "10.1.2.3\n10.1.2.4\n") << answer;
}

TEST_F(Dns, ClosedItIsSilentAndHoldsNothing) {
  server_->open("warm", new_netns().get(), {});
  server_->close("warm");
  const std::string before = ledger();
  server_->open("c1", container_.get(), {});
  EXPECT_EQ(dig("+short web"), "10.1.2.3\n10.1.2.4\n");
  server_->close("c1");
  EXPECT_NE(dig("+short web"), "10.1.2.3\n10.1.2.4\n");
  EXPECT_EQ(ledger(), before);
  // And again, as a daemon does that came back.
  server_->open("c1", container_.get(), {});
  server_->open("c1", container_.get(), {});
  EXPECT_EQ(dig("+short web"), "10.1.2.3\n10.1.2.4\n");
}

sys::UniqueFd socket_to(const char* ip, int type) {
  sys::UniqueFd out(::socket(AF_INET, type | SOCK_CLOEXEC, 0));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(53);
  ::inet_pton(AF_INET, ip, &to.sin_addr);
  ::connect(out.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to);
  return out;
}

/// Asks what nobody answers until the server has enough of it.
bool flood(int netns) {
  bool refused = false;
  in_network_namespace(netns, [&] {
    const sys::UniqueFd asker = socket_to("127.0.0.11", SOCK_DGRAM);
    const std::string question("\0\1\1\0\0\1\0\0\0\0\0\0\1x\0\0\1\0\1", 19);
    for (int i = 0; i < 100'000 && !refused; ++i) {
      ::send(asker.get(), question.data(), question.size(), 0);
      pollfd one{.fd = asker.get(), .events = POLLIN, .revents = 0};
      refused = ::poll(&one, 1, i % 16 == 0 ? 1 : 0) == 1;
    }
  });
  return refused;
}

TEST_F(Dns, AContainerThatFloodsIsAloneWithIt) {
  const auto other = new_netns();
  for (const int netns : {container_.get(), other.get()}) {
    in_network_namespace(netns, [] {
      ASSERT_EQ(::system("ip addr add 203.0.113.7/32 dev lo"), 0);
    });
  }
  sys::UniqueFd silent;
  in_network_namespace(container_.get(), [&] {
    silent = sys::UniqueFd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_in all{};
    all.sin_family = AF_INET;
    all.sin_port = htons(53);
    ASSERT_EQ(::bind(silent.get(), reinterpret_cast<const sockaddr*>(&all),
                     sizeof all),
              0);
  });
  const Upstream world(other.get(), "203.0.113.7", DnsCode::ok);
  server_->open("c1", container_.get(), {.servers = {"203.0.113.7"}});
  server_->open("c2", other.get(), {.servers = {"203.0.113.7"}});
  std::vector<sys::UniqueFd> calls;
  in_network_namespace(container_.get(), [&] {
    for (int i = 0; i < 300; ++i) {
      calls.push_back(socket_to("127.0.0.11", SOCK_STREAM));
    }
  });
  ASSERT_TRUE(flood(container_.get()));
  EXPECT_EQ(run_in(other.get(), "dig @127.0.0.11 +short +time=3 +tries=1 a.b"),
            "192.0.2.9\n");
  EXPECT_EQ(
      run_in(other.get(), "dig @127.0.0.11 +short +tcp +time=3 +tries=1 a.b"),
      "192.0.2.9\n");
}

}  // namespace
}  // namespace docker_cpp::network::testing
