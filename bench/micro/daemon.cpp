// SPDX-License-Identifier: Apache-2.0
// Stage 07: what a request passes on its way through the daemon.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <future>
#include <memory>
#include <string>
#include <string_view>

#include <benchmark/benchmark.h>
#include <nlohmann/json.hpp>

#include "scratch.hpp"

#include "docker_cpp/daemon/actor.hpp"
#include "docker_cpp/daemon/executor.hpp"
#include "docker_cpp/daemon/http/exchange.hpp"
#include "docker_cpp/daemon/http/server.hpp"
#include "docker_cpp/daemon/model_json.hpp"
#include "docker_cpp/daemon/registry.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

namespace {

using namespace docker_cpp::daemon;
using docker_cpp::bench::Scratch;
namespace sys = docker_cpp::sys;

class Nobody final : public Actor {
 public:
  using Actor::Actor;
};

void actor_message(benchmark::State& state) {
  Executor executor;
  const auto actor = std::make_shared<Nobody>(executor);
  for (auto _ : state) {
    std::promise<void> done;
    auto answered = done.get_future();
    actor->tell([&] { done.set_value(); });
    answered.wait();
  }
}
BENCHMARK(actor_message)
    ->Name("07 message to an actor and back")
    ->UseRealTime();

Container container(std::int64_t number) {
  Container made;
  made.id = std::string(56, 'a') + std::to_string(10'000'000 + number);
  made.name = "container" + std::to_string(number);
  made.config.image = "busybox";
  made.config.env = {"PATH=/bin", "A=B"};
  return made;
}

void registry_find(benchmark::State& state) {
  Registry registry;
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    registry.insert(container(i));
  }
  for (auto _ : state) {
    benchmark::DoNotOptimize(registry.find("container0"));
  }
}
BENCHMARK(registry_find)
    ->Name("07 find by name, containers")
    ->RangeMultiplier(10)
    ->Range(1, 1000)
    ->UseRealTime();

void registry_list(benchmark::State& state) {
  Registry registry;
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    registry.insert(container(i));
  }
  for (auto _ : state) {
    benchmark::DoNotOptimize(registry.list());
  }
}
BENCHMARK(registry_list)
    ->Name("07 list, containers")
    ->RangeMultiplier(10)
    ->Range(1, 1000)
    ->UseRealTime();

void record(benchmark::State& state) {
  const auto one = container(1);
  for (auto _ : state) {
    benchmark::DoNotOptimize(container_from_record(container_to_record(one)));
  }
}
BENCHMARK(record)->Name("07 container as JSON and back")->UseRealTime();

void create_request(benchmark::State& state) {
  constexpr std::string_view body =
      R"({"Image":"busybox","Cmd":["true"],"Env":["A=B"],"HostConfig":)"
      R"({"NetworkMode":"bridge","PortBindings":{"80/tcp":[{"HostPort":"1"}]}}})";
  for (auto _ : state) {
    benchmark::DoNotOptimize(create_request_from_json(body));
  }
}
BENCHMARK(create_request)
    ->Name("07 body of a create request, read")
    ->UseRealTime();

sys::UniqueFd connect_to(const std::string& path) {
  sys::UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address),
                sizeof address) != 0) {
    return {};
  }
  return socket;
}

/// A kept-alive request and its answer, whole server and all.
void http_round_trip(benchmark::State& state) {
  const Scratch scratch;
  Executor executor;
  http::Server server(
      executor, {.body = [](auto, auto) { return http::Service::Body::whole; },
                 .handle =
                     [](http::Request, const http::ExchangePtr& exchange) {
                       exchange->reply({.content_type = "text/plain"}, "OK");
                     },
                 .refuse =
                     [](int status, std::string why) {
                       return std::pair{http::Head{.status = status},
                                        std::move(why)};
                     }});
  server.listen_unix(scratch / "socket", 0600, static_cast<gid_t>(-1));
  const auto socket = connect_to(scratch / "socket");
  constexpr std::string_view question =
      "GET /_ping HTTP/1.1\r\nHost: d\r\n\r\n";
  std::string answer(4096, '\0');
  for (auto _ : state) {
    if (::write(socket.get(), question.data(), question.size()) < 0 ||
        ::read(socket.get(), answer.data(), answer.size()) < 15) {
      state.SkipWithError("no answer");
      break;
    }
  }
  server.stop();
}
BENCHMARK(http_round_trip)->Name("07 HTTP request and answer")->UseRealTime();

}  // namespace
