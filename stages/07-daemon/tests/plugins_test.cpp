// SPDX-License-Identifier: Apache-2.0
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "docker_cpp/daemon/api_error.hpp"
#include "docker_cpp/daemon/plugin_registry.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::daemon {
namespace {

using testing::HasSubstr;

class Plugins : public testing::Test {
 protected:
  Plugins() {
    std::string name = "/tmp/dcpp-plugins-XXXXXX";
    folder_ = ::mkdtemp(name.data());
    registry_ = std::make_unique<PluginRegistry>(
        PluginRegistry::Options{.socket_folders = {folder_},
                                .patience = std::chrono::milliseconds(300),
                                .warn = [this](const std::string& what) {
                                  warnings_ += what;
                                }});
  }
  ~Plugins() override {
    registry_.reset();
    std::filesystem::remove_all(folder_);
  }

  std::string complaint(const std::string& path,
                        const std::string& configuration = "{}") {
    try {
      registry_->load(path, configuration);
    } catch (const ApiError& error) {
      return error.what();
    }
    return "";
  }
  std::string ask(const std::string& method) {
    return registry_->refusal({.user = "", .method = method, .uri = "/x"});
  }
  [[nodiscard]] std::string state(std::size_t index = 0) const {
    return registry_->list().at(index).state;
  }

  std::string folder_;
  std::string warnings_;
  std::unique_ptr<PluginRegistry> registry_;
};

TEST_F(Plugins, ASharedObjectDecides) {
  EXPECT_FALSE(registry_->authorizes());
  ASSERT_EQ(complaint(PLUGIN_READ_ONLY), "");
  EXPECT_TRUE(registry_->authorizes());
  EXPECT_EQ(ask("GET"), "");
  EXPECT_EQ(ask("POST"),
            "authorization denied by plugin read-only: this daemon is "
            "read-only");
  EXPECT_THAT(complaint(PLUGIN_READ_ONLY), HasSubstr("is loaded already"));
  EXPECT_TRUE(registry_->unload("read-only"));
  EXPECT_FALSE(registry_->unload("read-only"));
  EXPECT_EQ(ask("POST"), "");
}

TEST_F(Plugins, ASharedObjectHearsEvents) {
  const std::string path = folder_ + "/events";
  ASSERT_EQ(complaint(PLUGIN_EVENT_LOG, R"({"path":")" + path + R"("})"), "");
  registry_->tell({.type = "container", .action = "start", .actor_id = "x"});
  ASSERT_TRUE(registry_->unload("event-log"));  // after what waits
  std::ifstream file(path);
  std::string line;
  ASSERT_TRUE(std::getline(file, line));
  EXPECT_THAT(line, HasSubstr(R"("Action":"start")"));
}

TEST_F(Plugins, WhatCannotBeUsedIsRefused) {
  EXPECT_THAT(complaint(folder_ + "/nosuch.so"), HasSubstr("nosuch.so"));
  std::ofstream(folder_ + "/text.so") << "no object at all";
  EXPECT_THAT(complaint(folder_ + "/text.so"), HasSubstr("text.so"));
  EXPECT_THAT(complaint(PLUGIN_OLD),
              HasSubstr("was made for version 2 of the interface, this daemon "
                        "has version 1"));
  EXPECT_THAT(complaint(PLUGIN_REFUSING), HasSubstr("it refused to start"));
  EXPECT_THAT(complaint(PLUGIN_EVENT_LOG, "{}"),
              HasSubstr("it refused to start"));
  EXPECT_TRUE(registry_->list().empty());
}

TEST_F(Plugins, AFolderIsLoadedAsFarAsItCanBe) {
  std::filesystem::copy(PLUGIN_READ_ONLY, folder_ + "/b.so");
  std::ofstream(folder_ + "/a.so") << "no object at all";
  registry_->load_folder(folder_);
  EXPECT_THAT(warnings_, HasSubstr("a.so"));
  ASSERT_EQ(registry_->list().size(), 1U);
  EXPECT_EQ(registry_->list()[0].name, "read-only");
}

TEST_F(Plugins, OneThatThrowsIsGivenUpAndRefuses) {
  ASSERT_EQ(complaint(PLUGIN_THROWING), "");
  EXPECT_THAT(ask("GET"), HasSubstr("it threw an exception"));
  EXPECT_EQ(state(), "it threw an exception");
  EXPECT_THAT(ask("GET"), HasSubstr("it threw an exception"));
  EXPECT_TRUE(registry_->unload("misbehaving"));
}

TEST_F(Plugins, OneThatHangsCostsItsTimeOnce) {
  ASSERT_EQ(complaint(PLUGIN_HANGING), "");
  EXPECT_THAT(ask("GET"), HasSubstr("it does not answer"));
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_THAT(ask("GET"), HasSubstr("it does not answer"));
  EXPECT_TRUE(registry_->unload("misbehaving"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin,
            std::chrono::milliseconds(250));
}

/// A program that speaks Docker's protocol, as far as two answers go.
class Program {
 public:
  Program(const std::string& path, std::vector<std::string> answers)
      : listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    ::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address),
           sizeof address);
    ::listen(listener_.get(), 4);
    thread_ = std::thread([this, answers = std::move(answers)] {
      for (const std::string& answer : answers) {
        const sys::UniqueFd peer(
            ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        std::array<char, 4096> bytes{};
        const ssize_t got = ::recv(peer.get(), bytes.data(), bytes.size(), 0);
        heard_.append(bytes.data(),
                      static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        const std::string text =
            "HTTP/1.0 200 OK\r\nContent-Type: x\r\n\r\n" + answer;
        ::send(peer.get(), text.data(), text.size(), MSG_NOSIGNAL);
      }
    });
  }
  ~Program() { thread_.join(); }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  [[nodiscard]] const std::string& heard() const { return heard_; }

 private:
  sys::UniqueFd listener_;
  std::string heard_;
  std::thread thread_;
};

TEST_F(Plugins, AProgramDecidesByDockersProtocol) {
  const Program program(folder_ + "/gate.sock",
                        {R"({"Implements":["authz"]})", R"({"Allow":true})",
                         R"({"Allow":false,"Msg":"not today"})", "no JSON"});
  registry_->use_for_authorization("gate");
  EXPECT_EQ(ask("GET"), "");
  EXPECT_EQ(ask("POST"), "authorization denied by plugin gate: not today");
  EXPECT_THAT(ask("POST"), HasSubstr("and no sense"));
  EXPECT_THAT(program.heard(), HasSubstr("POST /AuthZPlugin.AuthZReq "));
  EXPECT_THAT(program.heard(), HasSubstr(R"("RequestMethod":"POST")"));
}

TEST_F(Plugins, AProgramThatIsGoneOrForSomethingElse) {
  EXPECT_THROW(registry_->use_for_authorization("nosuch"), ApiError);
  {
    const Program program(folder_ + "/volume.sock",
                          {R"({"Implements":["VolumeDriver"]})"});
    EXPECT_THROW(registry_->use_for_authorization("volume"), ApiError);
  }
  {
    const Program program(folder_ + "/gate.sock",
                          {R"({"Implements":["authz"]})"});
    std::ofstream(folder_ + "/other.spec")
        << "unix://" + folder_ + "/gate.sock\n";
    registry_->use_for_authorization("other");
  }
  EXPECT_THAT(ask("GET"), HasSubstr("nobody listens on"));
}

}  // namespace
}  // namespace docker_cpp::daemon
