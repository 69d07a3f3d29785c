// SPDX-License-Identifier: Apache-2.0
#include <thread>

#include "api_fixture.hpp"

namespace docker_cpp::daemon::testing_support {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string without_date(std::string reply) {
  const auto at = reply.find("Date: ");
  if (at != std::string::npos) {
    reply.erase(at, reply.find("\r\n", at) + 2 - at);
  }
  return reply;
}

TEST_F(ApiTest, PingIsDockersByte) {
  EXPECT_EQ(without_date(call("GET", "/_ping")),
            "HTTP/1.1 200 OK\r\n"
            "Api-Version: 1.44\r\n"
            "Builder-Version: 1\r\n"
            "Cache-Control: no-cache, no-store, must-revalidate\r\n"
            "Connection: close\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "Docker-Experimental: false\r\n"
            "Ostype: linux\r\n"
            "Pragma: no-cache\r\n"
            "Server: docker-cpp/1.2.3 (linux)\r\n"
            "Swarm: inactive\r\n"
            "Content-Length: 2\r\n\r\nOK");
  EXPECT_THAT(call("HEAD", "/v1.41/_ping"),
              EndsWith("Content-Length: 0\r\n\r\n"));
}

TEST_F(ApiTest, VersionsAreNegotiatedInDockersWords) {
  EXPECT_THAT(call("GET", "/v1.24/version"), StartsWith("HTTP/1.1 200 "));
  EXPECT_EQ(body_of(call("GET", "/v1.99/version")),
            "{\"message\":\"client version 1.99 is too new. Maximum supported "
            "API version is 1.44\"}\n");
  const auto old = call("GET", "/v1.10/version");
  EXPECT_THAT(old, StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(old, HasSubstr("Content-Type: text/plain; charset=utf-8\r\n"));
  EXPECT_EQ(body_of(old),
            "client version 1.10 is too old. Minimum supported API version is "
            "1.24, please upgrade your client to a newer version\n");
  const auto version = json_of(call("GET", "/version"));
  EXPECT_EQ(version.at("ApiVersion"), "1.44");
  EXPECT_EQ(version.at("Components").at(0).at("Name"), "Engine");
}

TEST_F(ApiTest, APathThatIsNotThereIsDockers404) {
  const auto reply = call("GET", "/v1.41/nosuch");
  EXPECT_THAT(reply, StartsWith("HTTP/1.1 404 Not Found\r\n"));
  EXPECT_EQ(body_of(reply), "{\"message\":\"page not found\"}\n");
  EXPECT_THAT(reply, Not(HasSubstr("Api-Version")));
  for (const auto* path : {"/", "//", "/v1.41", "/v1.41/", "/containers/",
                           "/containers//json", "/containers/%00/json"}) {
    EXPECT_THAT(call("GET", path), StartsWith("HTTP/1.1 404 ")) << path;
  }
}

TEST_F(ApiTest, ErrorsAreDockersMessages) {
  EXPECT_EQ(body_of(call("GET", "/v1.41/containers/nosuch/json")),
            "{\"message\":\"No such container: nosuch\"}\n");
  EXPECT_EQ(body_of(call("POST", "/v1.41/containers/create", "{",
                         "application/x-www-form-urlencoded")),
            "{\"message\":\"Content-Type specified "
            "(application/x-www-form-urlencoded) must be "
            "'application/json'\"}\n");
  EXPECT_EQ(body_of(call("POST", "/v1.41/containers/create", "{}")),
            "{\"message\":\"Config cannot be empty in order to create a "
            "container\"}\n");
  EXPECT_THAT(call("POST", "/v1.41/containers/create", "{"),
              StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(call("POST", "/v1.41/containers/create"),
              HasSubstr("got EOF while reading request body"));
  EXPECT_THAT(call("GET", "/v1.41/services"), StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(call("GET", "/v1.41/nodes/x"),
              HasSubstr("This node is not a swarm manager"));
  EXPECT_EQ(body_of(call("GET", "/v1.41/plugins")), "[]\n");
  EXPECT_THAT(call("GET", "/v1.41/images/nosuch/json"),
              HasSubstr("No such image: nosuch"));
  EXPECT_THAT(call("GET", "/v1.41/images/a.b/c/d:e/json"),
              HasSubstr("No such image: a.b/c/d:e"));
  EXPECT_EQ(body_of(call("DELETE", "/v1.41/networks/bridge")),
            "{\"message\":\"bridge is a pre-defined network and cannot be "
            "removed\"}\n");
  EXPECT_THAT(call("GET", "/v1.41/networks/nosuch"),
              HasSubstr("network nosuch not found"));
}

TEST_F(ApiTest, CreatesWithANameFromTheQuery) {
  const auto reply = call("POST", "/v1.41/containers/create?name=n%2B1",
                          R"({"Image":"busybox","Cmd":["true"],
                              "HostConfig":{"AutoRemove":true}})",
                          "application/json; charset=utf-8");
  EXPECT_THAT(reply, StartsWith("HTTP/1.1 201 Created\r\n"));
  EXPECT_EQ(body_of(reply),
            "{\"Id\":\"" + std::string(64, 'c') + "\",\"Warnings\":[]}\n");
  EXPECT_EQ(runtime_.last_create().name, "n+1");
  EXPECT_TRUE(runtime_.last_create().host_config.auto_remove);
}

TEST_F(ApiTest, LifeCycleCallsReachTheEngineAndItsErrorsTheClient) {
  runtime_.put(container('a'));
  EXPECT_THAT(call("POST", "/containers/name_a/start"),
              StartsWith("HTTP/1.1 204 No Content\r\n"));
  EXPECT_THAT(call("POST", "/containers/name_a/stop?t=3"),
              StartsWith("HTTP/1.1 204 "));
  EXPECT_THAT(call("POST", "/containers/name_a/kill?signal=TERM"),
              StartsWith("HTTP/1.1 204 "));
  EXPECT_THAT(call("POST", "/containers/aaaa/rename?name=b"),
              StartsWith("HTTP/1.1 204 "));
  EXPECT_THAT(call("DELETE", "/containers/name_a?force=1"),
              StartsWith("HTTP/1.1 204 "));
  EXPECT_THAT(call("POST", "/containers/name_a/resize?h=24&w=80"),
              StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(runtime_.asked(),
              ElementsAre("start", "stop t=3", "kill TERM", "rename b",
                          "remove force", "resize 24x80"));
  runtime_.fail_next({ErrorCode::not_modified, ""});
  const auto same = call("POST", "/containers/name_a/start");
  EXPECT_THAT(same, StartsWith("HTTP/1.1 304 Not Modified\r\n"));
  EXPECT_EQ(body_of(same), "");
  EXPECT_THAT(same, Not(HasSubstr("Content-Length")));
  runtime_.fail_next({ErrorCode::conflict, "said \"no\"\n"});
  EXPECT_EQ(body_of(call("POST", "/containers/name_a/pause")),
            "{\"message\":\"said \\\"no\\\"\\n\"}\n");
  EXPECT_THAT(call("POST", "/containers/name_a/stop?t=soon"),
              StartsWith("HTTP/1.1 400 "));
}

TEST_F(ApiTest, ListsByStateLimitAndFilters) {
  runtime_.put(container('a'));
  runtime_.put(container('b', State::exited));
  auto labelled = container('c', State::paused);
  labelled.config.labels = {{"tier", "web"}, {"x", ""}};
  labelled.ports = {{"80/tcp", {{"0.0.0.0", "8080"}}}, {"53/udp", {}}};
  runtime_.put(labelled);
  const auto names = [&](const std::string& query) {
    std::string out;
    const auto list = json_of(call("GET", "/containers/json" + query));
    for (const auto& entry : list) {
      out += entry.at("Names").at(0).get<std::string>().back();
    }
    return out;
  };
  EXPECT_EQ(names(""), "ca");
  EXPECT_EQ(names("?all=1"), "cba");
  EXPECT_EQ(names("?all=0"), "ca");
  EXPECT_EQ(names("?limit=2"), "cb");
  EXPECT_EQ(names("?filters={\"status\":[\"exited\"]}"), "b");
  EXPECT_EQ(names("?filters={\"name\":{\"_a\":true}}"), "a");
  EXPECT_EQ(names("?filters={\"name\":{\"^/name_a$\":true}}"), "a");
  EXPECT_EQ(names("?filters={\"label\":[\"tier=web\",\"x\"]}"), "c");
  EXPECT_EQ(names("?filters={\"label\":[\"tier=db\"]}"), "");
  EXPECT_EQ(names("?filters={\"since\":[\"name_a\"]}"), "cb");
  EXPECT_EQ(names("?filters={\"publish\":[\"8080\"]}"), "c");
  EXPECT_EQ(names("?filters={\"expose\":[\"53/udp\"]}"), "c");
  EXPECT_EQ(names("?filters={\"expose\":[\"53\"]}"), "");
  EXPECT_EQ(names("?all=1&filters={\"exited\":[\"0\"]}"), "b");
  EXPECT_THAT(call("GET", "/containers/json?filters={\"bogus\":[\"x\"]}"),
              HasSubstr("invalid filter 'bogus'"));
  EXPECT_THAT(
      call("GET", "/containers/json?filters=garbage"),
      HasSubstr("invalid character 'g' looking for beginning of value"));
  EXPECT_THAT(call("GET", "/containers/json?filters={\"status\":[\"up\"]}"),
              StartsWith("HTTP/1.1 400 "));
}

TEST_F(ApiTest, InspectHasTheShapesThatClientsIndex) {
  auto one = container('a');
  one.endpoints = {{.network = "bridge", .ip_address = "10.0.0.2"}};
  one.ports = {{"80/tcp", {{"0.0.0.0", "8080"}}}};
  one.pid = 7;
  runtime_.put(one);
  const auto view = json_of(call("GET", "/containers/name_a/json"));
  EXPECT_EQ(view.at("Name"), "/name_a");
  EXPECT_EQ(view.at("Path"), "sh");
  EXPECT_EQ(view.at("Args"), nlohmann::json({"-c", "sleep 1"}));
  EXPECT_TRUE(view.at("State").at("Running"));
  EXPECT_EQ(view.at("State").at("FinishedAt").get<std::string>().back(), 'Z');
  EXPECT_EQ(view.at("NetworkSettings").at("IPAddress"), "10.0.0.2");
  EXPECT_EQ(
      view.at("NetworkSettings").at("Ports").at("80/tcp").at(0).at("HostPort"),
      "8080");
  EXPECT_EQ(view.at("Mounts"), nlohmann::json::array());
  EXPECT_TRUE(view.at("ExecIDs").is_null());
  EXPECT_EQ(view.at("HostConfig").at("RestartPolicy").at("Name"), "no");
  EXPECT_FALSE(view.contains("SizeRw"));
  EXPECT_TRUE(json_of(call("GET", "/containers/name_a/json?size=1"))
                  .contains("SizeRw"));
}

TEST_F(ApiTest, WaitSendsItsHeadBeforeThereIsAnything) {
  runtime_.put(container('a'));
  RawClient client(path_);
  client.say(
      request("POST", "/v1.41/containers/name_a/wait?condition=removed"));
  EXPECT_THAT(client.until("\r\n\r\n"),
              HasSubstr("Transfer-Encoding: chunked"));
  EXPECT_EQ(runtime_.waiting(), 1U);
  EXPECT_TRUE(client.silent_for(50ms));
  runtime_.end_waits({.exit_code = 5});
  EXPECT_EQ(client.until_end(),
            "1e\r\n{\"Error\":null,\"StatusCode\":5}\n\r\n0\r\n\r\n");
  EXPECT_THAT(call("POST", "/containers/name_a/wait?condition=never"),
              StartsWith("HTTP/1.1 400 "));
}

TEST_F(ApiTest, AttachUpgradesOrAnswersAsTheOldProtocol) {
  runtime_.put(container('a'));
  RawClient client(path_);
  client.say(
      "POST /v1.41/containers/name_a/attach?stream=1&stdin=1&stdout=1 "
      "HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n");
  EXPECT_EQ(client.until("\r\n\r\n"),
            "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\n"
            "Content-Type: application/vnd.docker.raw-stream\r\n"
            "Upgrade: tcp\r\n\r\n");
  EXPECT_THAT(runtime_.asked(), ElementsAre("attach stdin stdout"));
  (void)runtime_.take_container_end();
  EXPECT_EQ(client.until_end(), "");

  RawClient old(path_);
  old.say(
      "POST /v1.42/containers/name_a/attach?stream=1&stdout=1 HTTP/1.1\r\n"
      "Host: d\r\n\r\n");
  const auto head = old.until("\r\n\r\n");
  EXPECT_THAT(head, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(head, HasSubstr("application/vnd.docker.multiplexed-stream"));
  (void)runtime_.take_container_end();
  EXPECT_EQ(old.until_end(), "");

  EXPECT_THAT(call("POST", "/containers/nosuch/attach?stream=1"),
              StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(call("POST", "/containers/name_a/attach?detachKeys=ctrl-1"),
              HasSubstr("Invalid detach keys (ctrl-1) provided"));
  runtime_.put(container('p', State::paused));
  EXPECT_THAT(call("POST", "/containers/name_p/attach?stream=1"),
              StartsWith("HTTP/1.1 409 "));
}

TEST_F(ApiTest, AnExecIsMadeStartedAndSeen) {
  runtime_.put(container('a'));
  const auto made =
      json_of(call("POST", "/containers/name_a/exec", R"({"Cmd":["sh"]})"));
  const auto id = made.at("Id").get<std::string>();
  RawClient client(path_);
  const std::string body = R"({"Detach":false,"Tty":false})";
  client.say("POST /v1.41/exec/" + id +
             "/start HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: "
             "tcp\r\nContent-Type: application/json\r\nContent-Length: " +
             std::to_string(body.size()) + "\r\n\r\n" + body);
  const auto head = client.until("\r\n\r\n");
  EXPECT_THAT(head, StartsWith("HTTP/1.1 101 UPGRADED\r\n"));
  EXPECT_THAT(head, HasSubstr("Api-Version: 1.44\r\n"));
  for (int i = 0; i < 100; ++i) {
    if (auto end = runtime_.take_container_end()) {
      break;
    }
    std::this_thread::sleep_for(10ms);
  }
  EXPECT_EQ(client.until_end(), "");
  EXPECT_THAT(call("POST", "/exec/" + id + "/start", R"({"Detach":true})"),
              StartsWith("HTTP/1.1 200 "));
  const auto view = json_of(call("GET", "/exec/" + id + "/json"));
  EXPECT_EQ(view.at("ProcessConfig").at("entrypoint"), "sh");
  EXPECT_TRUE(view.at("ExitCode").is_null());
  EXPECT_THAT(call("GET", "/exec/nosuch/json"),
              HasSubstr("No such exec instance: nosuch"));
}

TEST_F(ApiTest, AnExecThatCannotStartSaysSoInItsStream) {
  runtime_.put(container('a'));
  runtime_.put_exec({.id = "x", .container_id = std::string(64, 'a')});
  runtime_.fail_next({ErrorCode::invalid_argument, "why"});
  RawClient client(path_);
  client.say(
      "POST /exec/x/start HTTP/1.1\r\nHost: d\r\nUpgrade: tcp\r\n"
      "Connection: Upgrade\r\n\r\n");
  client.until("\r\n\r\n");
  EXPECT_EQ(client.until_end(), std::string("\x01\0\0\0\0\0\0\x05why\r\n", 13));
}

TEST_F(ApiTest, EventsComeAsLinesOldAndNew) {
  runtime_.publish({.type = "container",
                    .action = "start",
                    .actor_id = "c1",
                    .attributes = {{"image", "busybox"}, {"name", "n"}}});
  RawClient client(path_);
  client.say(request("GET", "/events?since=1"));
  auto line = client.until("}\n");
  EXPECT_THAT(line, HasSubstr("Content-Type: application/json"));
  EXPECT_THAT(line, HasSubstr(R"("status":"start")"));
  EXPECT_THAT(line, HasSubstr(R"("from":"busybox")"));
  runtime_.publish({.type = "network", .action = "connect", .actor_id = "n1"});
  line = client.until("}\n");
  EXPECT_THAT(line, HasSubstr(R"("Type":"network")"));
  EXPECT_THAT(line, Not(HasSubstr("status")));
  EXPECT_EQ(line.find("c1"), std::string::npos) << "told once";
}

TEST_F(ApiTest, EventsOfThePastEndAndFiltersHold) {
  for (const auto* action : {"create", "start", "exec_start: sh", "die"}) {
    runtime_.publish({.type = "container", .action = action, .actor_id = "c1"});
  }
  const auto future = std::to_string(::time(nullptr) + 1);
  const auto all = call("GET", "/events?since=0&until=" + future);
  EXPECT_THAT(all, EndsWith("0\r\n\r\n"));
  EXPECT_THAT(all, HasSubstr("\"die\""));
  const auto some = call("GET", "/events?since=1&until=" + future +
                                    "&filters={\"event\":[\"exec_start\"]}");
  EXPECT_THAT(some, HasSubstr("exec_start: sh"));
  EXPECT_THAT(some, Not(HasSubstr("\"die\"")));
  EXPECT_THAT(call("GET", "/events?since=yesterday"),
              StartsWith("HTTP/1.1 400 "));
}

TEST_F(ApiTest, PruneRemovesWhatStoppedAndNothingElse) {
  runtime_.put(container('a'));
  runtime_.put(container('b', State::exited));
  const auto reply = json_of(call("POST", "/containers/prune"));
  EXPECT_EQ(reply.at("ContainersDeleted"),
            nlohmann::json({std::string(64, 'b')}));
  EXPECT_THAT(runtime_.asked(), ElementsAre("remove"));
}

TEST_F(ApiTest, NetworksAndInfoAreThere) {
  EXPECT_EQ(json_of(call("GET", "/networks")).size(), 3U);
  EXPECT_EQ(json_of(call("GET", "/networks/host")).at("Driver"), "host");
  runtime_.put(container('a'));
  runtime_.put(container('b', State::exited));
  const auto info = json_of(call("GET", "/info"));
  EXPECT_EQ(info.at("Containers"), 2);
  EXPECT_EQ(info.at("ContainersRunning"), 1);
  EXPECT_EQ(info.at("ContainersStopped"), 1);
  EXPECT_EQ(info.at("DriverStatus").at(0).size(), 2U) << "a list of pairs";
  EXPECT_EQ(info.at("Swarm").at("LocalNodeState"), "inactive");
  EXPECT_GT(info.at("MemTotal").get<std::uint64_t>(), 1U << 20);
}

TEST_F(ApiTest, AnArchiveThatIsNoneIsRefused) {
  EXPECT_THAT(call("POST", "/images/load"), StartsWith("HTTP/1.1 400 "));
  const auto reply = call("POST", "/images/load", std::string(100'000, 'x'),
                          "application/x-tar");
  EXPECT_THAT(reply, testing::AnyOf(StartsWith("HTTP/1.1 400 "),
                                    StartsWith("HTTP/1.1 500 ")));
}

}  // namespace
}  // namespace docker_cpp::daemon::testing_support
