// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "fake_runtime.hpp"
#include "http_client.hpp"

#include "docker_cpp/daemon/api_server.hpp"
#include "docker_cpp/images/image_store.hpp"

namespace docker_cpp::daemon::testing_support {

/// The API on a socket, over containers that the test puts there.
class ApiTest : public testing::Test {
 protected:
  ApiTest() { server_.listen_unix(path_, 0600, static_cast<gid_t>(-1)); }
  ~ApiTest() override {
    server_.stop();
    executor_.stop();
  }

  /// One call on a connection of its own; the whole reply.
  std::string call(const std::string& method, const std::string& target,
                   const std::string& body = {},
                   const std::string& type = "application/json") {
    RawClient client(path_);
    client.say(request(method, target, body, type));
    return client.until_end();
  }

  static std::string request(const std::string& method,
                             const std::string& target,
                             const std::string& body = {},
                             const std::string& type = "application/json") {
    std::string out =
        method + " " + target + " HTTP/1.1\r\nHost: d\r\nConnection: close\r\n";
    if (!body.empty()) {
      out += "Content-Type: " + type +
             "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
    }
    return out + "\r\n" + body;
  }

  static std::string body_of(const std::string& reply) {
    const auto at = reply.find("\r\n\r\n");
    return at == std::string::npos ? std::string{} : reply.substr(at + 4);
  }

  nlohmann::json json_of(const std::string& reply) {
    return nlohmann::json::parse(body_of(reply));
  }

  Container container(char letter, State state = State::running) {
    Container out;
    out.id = std::string(64, letter);
    out.name = std::string("name_") + letter;
    out.created = Time{std::chrono::seconds{1'700'000'000 + letter}};
    out.image_id = "sha256:" + std::string(64, '9');
    out.config.image = "busybox";
    out.args = {"sh", "-c", "sleep 1"};
    out.state = state;
    out.started_at = std::chrono::system_clock::now();
    out.finished_at = std::chrono::system_clock::now();
    return out;
  }

  TemporaryFolder folder_;
  std::string path_ = folder_.file("socket");
  Executor executor_;
  images::ImageStore images_{{.data_root = folder_.file("data"),
                              .worker = "/nonexistent/docker-cpp-worker"}};
  FakeRuntime runtime_{executor_};
  ApiServer server_{executor_, runtime_, images_,
                    EngineInfo{.version = "1.2.3", .id = "test"}};
};

}  // namespace docker_cpp::daemon::testing_support
