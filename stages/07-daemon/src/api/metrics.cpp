// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/daemon/metrics.hpp"

#include <sys/sysinfo.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <charconv>
#include <map>
#include <mutex>
#include <sstream>

#include "docker_cpp/daemon/api_error.hpp"
#include "docker_cpp/daemon/http/server.hpp"
#include "docker_cpp/sys/file.hpp"

namespace docker_cpp::daemon {
namespace {

/// One metric's head, as the exposition format has it.
void head(std::string& out, const std::string& name, const std::string& type,
          const std::string& help) {
  out += "# HELP " + name + " " + help + "\n# TYPE " + name + " " + type + "\n";
}

void single(std::string& out, const std::string& name, const std::string& type,
            const std::string& help, const std::string& value) {
  head(out, name, type, help);
  out += name + " " + value + "\n";
}

void add_states(std::string& out, const ContainerRuntime& runtime) {
  std::map<std::string, std::size_t> states = {
      {"paused", 0}, {"running", 0}, {"stopped", 0}};
  std::map<std::string, std::size_t> health;
  std::int64_t restarts = 0;
  for (const auto& container : runtime.list()) {
    const bool running = container->state == State::running ||
                         container->state == State::restarting;
    ++states[running                             ? "running"
             : container->state == State::paused ? "paused"
                                                 : "stopped"];
    restarts += container->restart_count;
    if (container->health) {
      ++health[container->health->status];
    }
  }
  const std::string name = "engine_daemon_container_states_containers";
  head(out, name, "gauge", "The count of containers in various states");
  for (const auto& [state, count] : states) {
    out += name + "{state=\"" + state + "\"} " + std::to_string(count) + "\n";
  }
  head(out, "docker_cpp_container_health", "gauge",
       "The count of containers by what their health check says");
  for (const auto& [status, count] : health) {
    out += "docker_cpp_container_health{status=\"" + status + "\"} " +
           std::to_string(count) + "\n";
  }
  single(out, "docker_cpp_container_restarts", "gauge",
         "How often the containers that exist were restarted",
         std::to_string(restarts));
}

void add_machine(std::string& out, const EngineInfo& info) {
  struct sysinfo memory{};
  ::sysinfo(&memory);
  single(out, "engine_daemon_engine_cpus_cpus", "gauge",
         "The number of cpus that the host system of the engine has",
         std::to_string(::sysconf(_SC_NPROCESSORS_ONLN)));
  single(out, "engine_daemon_engine_memory_bytes", "gauge",
         "The number of bytes of memory that the host system has",
         std::to_string(memory.totalram * memory.mem_unit));
  head(out, "engine_daemon_engine_info", "gauge",
       "The information related to the engine and the OS it is running on");
  out += "engine_daemon_engine_info{architecture=\"x86_64\",commit=\"" +
         info.git_commit + "\",daemon_id=\"" + info.id +
         "\",graphdriver=\"overlay2\",version=\"" + info.version + "\"} 1\n";
}

/// Resident pages, the second number. \man{proc_pid_statm,5}
void add_process(std::string& out, const EngineInfo& info) {
  std::istringstream statm(sys::read_file("/proc/self/statm").value_or(""));
  std::uint64_t pages = 0;
  std::uint64_t resident = 0;
  statm >> pages >> resident;
  single(out, "process_resident_memory_bytes", "gauge",
         "Resident memory size in bytes.",
         std::to_string(resident *
                        static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE))));
  const auto started = std::chrono::duration_cast<std::chrono::seconds>(
      info.started_at.time_since_epoch());
  single(out, "process_start_time_seconds", "gauge",
         "Start time of the process since unix epoch in seconds.",
         std::to_string(started.count()));
}

std::pair<std::string, std::uint16_t> parse_address(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  const char* digits =
      colon == std::string::npos ? end : text.data() + colon + 1;
  const auto [rest, error] = std::from_chars(digits, end, port);
  if (error != std::errc() || rest != end) {
    throw ApiError(ErrorCode::invalid_argument,
                   "--metrics-addr " + text + ": wants ADDRESS:PORT");
  }
  const std::string name = text.substr(0, colon);
  return {name == "localhost" ? "127.0.0.1" : name, port};
}

}  // namespace

struct MetricsServer::Impl {
  Impl(Executor& executor, ContainerRuntime& engine, const EngineInfo& about)
      : runtime(engine), info(about), server(executor, service()) {
    subscription = runtime.subscribe(nullptr, [this](const Event& event) {
      const std::lock_guard lock(mutex);
      // Without what comes after a colon: that is different each time.
      ++events[event.type + "_" +
               event.action.substr(0, event.action.find(':'))];
    });
  }

  http::Service service() {
    return {.body = [](std::string_view,
                       std::string_view) { return http::Service::Body::whole; },
            .handle =
                [this](const http::Request& request,
                       const http::ExchangePtr& exchange) {
                  answer(request, exchange);
                },
            .refuse =
                [](int status, const std::string& why) {
                  return std::pair{http::Head{.status = status,
                                              .content_type = "text/plain"},
                                   why + "\n"};
                }};
  }

  void answer(const http::Request& request, const http::ExchangePtr& exchange) {
    if (request.method != "GET" || request.path != "/metrics") {
      exchange->reply({.status = 404, .content_type = "text/plain"},
                      "404 page not found\n");
      return;
    }
    exchange->reply(
        {.status = 200, .content_type = "text/plain; version=0.0.4"}, text());
  }

  std::string text() {
    std::string out;
    add_states(out, runtime);
    add_machine(out, info);
    add_process(out, info);
    head(out, "engine_daemon_events_total", "counter",
         "The number of events logged");
    const std::lock_guard lock(mutex);
    std::uint64_t total = 0;
    for (const auto& [name, count] : events) {
      total += count;
    }
    out += "engine_daemon_events_total " + std::to_string(total) + "\n";
    head(out, "docker_cpp_events_total", "counter", "Events by what they were");
    for (const auto& [name, count] : events) {
      out += "docker_cpp_events_total{event=\"" + name + "\"} " +
             std::to_string(count) + "\n";
    }
    return out;
  }

  ContainerRuntime& runtime;
  EngineInfo info;
  std::mutex mutex;
  std::map<std::string, std::uint64_t> events;
  http::Server server;
  Subscription subscription;
  std::uint16_t port = 0;
};

MetricsServer::MetricsServer(Executor& executor, ContainerRuntime& runtime,
                             const EngineInfo& info, const std::string& address)
    : impl_(std::make_unique<Impl>(executor, runtime, info)) {
  const auto [name, port] = parse_address(address);
  impl_->port = impl_->server.listen_tcp(name, port);
}

MetricsServer::~MetricsServer() {
  impl_->server.stop();
}

std::uint16_t MetricsServer::port() const noexcept {
  return impl_->port;
}

}  // namespace docker_cpp::daemon
