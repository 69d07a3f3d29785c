// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/daemon/daemon.hpp"

#include <grp.h>
#include <malloc.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <utility>

#include "data_lock.hpp"
#include "folders.hpp"
#include "identifiers.hpp"
#include "reload.hpp"

#include "docker_cpp/daemon/api_server.hpp"
#include "docker_cpp/daemon/engine.hpp"
#include "docker_cpp/daemon/event_journal.hpp"
#include "docker_cpp/daemon/metrics.hpp"
#include "docker_cpp/daemon/record.hpp"
#include "docker_cpp/images/image_store.hpp"
#include "docker_cpp/network/bridge_network.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/file.hpp"
#include "docker_cpp/sys/startup_pages.hpp"

namespace docker_cpp::daemon {
namespace {

constexpr std::string_view format_version = "1";

[[noreturn]] void refuse(const std::string& why) {
  throw ApiError(ErrorCode::invalid_argument, why);
}

/// With its parents; only the last one gets the mode.
void make_root(const std::string& path, unsigned mode) {
  if (!path.starts_with('/')) {
    refuse("'" + path + "' is not an absolute path");
  }
  for (std::size_t at = path.find('/', 1); at != std::string::npos;
       at = path.find('/', at + 1)) {
    make_folder(path.substr(0, at), 0755);
  }
  make_folder(path, mode);
  must(sys::check_void(::chmod(path.c_str(), mode), "chmod"),
       "set the mode of " + path);
}

void check_format(const std::string& data_root) {
  const std::string path = data_root + "/version";
  const auto found = sys::read_file(path.c_str());
  if (!found) {
    write_file(path, std::string(format_version) + "\n");
  } else if (found->substr(0, found->find('\n')) != format_version) {
    refuse("the data root " + data_root +
           " was written by another version of docker-cpp (format " +
           found->substr(0, found->find('\n')) + ")");
  }
}

/// An identity that stays: made once, then read.
std::string lasting_id(const std::string& folder, const std::string& name) {
  const auto dir = open_folder(folder);
  if (const auto known = read_record(dir.get(), name)) {
    return *known;
  }
  std::string id = new_id();
  write_record(dir.get(), name, id);
  return id;
}

gid_t group_id(const std::string& name, const Log& log) {
  if (const group* entry = ::getgrnam(name.c_str())) {
    return entry->gr_gid;
  }
  if (name != "docker" && !name.empty()) {
    refuse("group " + name + " not found");
  }
  log(LogLevel::debug, "no group docker: the socket is root's alone");
  return 0;
}

void listen_tcp(ApiServer& api, const std::string& where, const Log& log) {
  const std::size_t colon = where.rfind(':');
  const std::string address =
      colon == std::string::npos ? where : where.substr(0, colon);
  std::uint16_t port = 2375;
  if (colon != std::string::npos) {
    const char* end = where.data() + where.size();
    const auto [rest, error] =
        std::from_chars(where.data() + colon + 1, end, port);
    if (error != std::errc{} || rest != end) {
      refuse("invalid bind address (" + where + "): not a port");
    }
  }
  if (address != "127.0.0.1" && address != "localhost") {
    log(LogLevel::warn, "binding to " + where +
                            " without TLS gives root on this machine to "
                            "everybody who can reach it");
  }
  api.listen_tcp(address == "localhost" ? "127.0.0.1" : address, port);
}

/// sd_listen_fds(3), without the library.
void listen_activated(ApiServer& api) {
  const char* pid = std::getenv("LISTEN_PID");
  const char* count = std::getenv("LISTEN_FDS");
  if (pid == nullptr || count == nullptr || std::to_string(::getpid()) != pid ||
      std::atoi(count) < 1) {
    refuse(
        "no sockets found via socket activation: -H fd:// is for a daemon "
        "that systemd starts; give unix:// or tcp://");
  }
  for (int i = 0; i < std::atoi(count); ++i) {
    api.listen_fd(sys::UniqueFd(3 + i));
  }
}

void listen(ApiServer& api, const std::string& host,
            const DaemonOptions& options, const Log& log) {
  if (host.starts_with("unix://")) {
    api.listen_unix(host.substr(7), 0660, group_id(options.group, log));
  } else if (host.starts_with("tcp://")) {
    listen_tcp(api, host.substr(6), log);
  } else if (host.starts_with("fd://")) {
    listen_activated(api);
  } else {
    refuse("invalid bind address (" + host +
           "): give unix://PATH or tcp://ADDRESS:PORT");
  }
  log(LogLevel::info, "API listen on " + host);
}

/// sd_notify(3), without the library.
void notify(std::string_view state) {
  const char* path = std::getenv("NOTIFY_SOCKET");
  const std::string_view name = path == nullptr ? "" : path;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (name.empty() || name.size() >= sizeof address.sun_path) {
    return;
  }
  name.copy(address.sun_path, name.size());
  if (address.sun_path[0] == '@') {
    address.sun_path[0] = '\0';
  }
  const sys::UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ::sendto(
      socket.get(), state.data(), state.size(), MSG_NOSIGNAL,
      reinterpret_cast<const sockaddr*>(&address),
      static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size()));
}

sigset_t ending_signals() {
  sigset_t set{};
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGHUP);
  return set;
}

void wait_for_the_end(const Log& log, const std::function<void()>& reload) {
  const sigset_t set = ending_signals();
  for (;;) {
    int signal = 0;
    ::sigwait(&set, &signal);
    if (signal == SIGHUP) {
      notify("RELOADING=1");
      reload();
      notify("READY=1");
      continue;
    }
    log(LogLevel::info, std::string("Processing signal '") +
                            (signal == SIGTERM ? "terminated" : "interrupt") +
                            "'");
    return;
  }
}

void prepare_process() {
  const sigset_t set = ending_signals();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);  // for the threads to come
  ::signal(SIGPIPE, SIG_IGN);
  ::mallopt(M_ARENA_MAX, 2);  // few threads, small answers
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
  }
}

EngineInfo describe(const DaemonOptions& options, const std::string& id,
                    const network::BridgeNetwork* bridge) {
  EngineInfo info;
  info.id = id;
  info.bridge_network_id =
      lasting_id(options.data_root + "/networks", "bridge");
  info.data_root = options.data_root;
  info.exec_root = options.exec_root;
  info.cgroup_parent = options.cgroup_parent;
  info.labels = options.labels;
  info.bridge_mtu = options.mtu;
  if (bridge != nullptr) {
    info.bridge_name = bridge->bridge();
    info.bridge_subnet = bridge->subnet();
    info.bridge_gateway = bridge->gateway();
  }
  return info;
}

/// What was not said, the environment may say.
images::RegistryOptions registry_options(images::RegistryOptions options) {
  const auto from = [](std::string& value,
                       std::initializer_list<const char*> names) {
    for (const char* name : names) {
      if (const char* set = std::getenv(name);
          value.empty() && set != nullptr) {
        value = set;
      }
    }
  };
  from(options.http_proxy, {"HTTP_PROXY", "http_proxy"});
  from(options.https_proxy, {"HTTPS_PROXY", "https_proxy"});
  from(options.no_proxy, {"NO_PROXY", "no_proxy"});
  return options;
}

/// Whoever flushes the rules must not leave containers open to the neighbours.
FdWatch watch_firewall(Executor& executor, network::BridgeNetwork* bridge,
                       const Log& log) {
  if (bridge == nullptr || bridge->change_fd() == -1) {
    return {};
  }
  return executor.watch(bridge->change_fd(), POLLIN, [bridge, &log] {
    try {
      bridge->on_change();
    } catch (const std::exception& error) {
      log(LogLevel::error, error.what());
    }
    return true;
  });
}

EngineOptions engine_options(const DaemonOptions& options, const Log& log) {
  const std::string networks = options.data_root + "/networks";
  make_folder(networks, 0710);
  return {.data_root = options.data_root,
          .exec_root = options.exec_root,
          .monitor = options.monitor,
          .cgroup_parent = options.cgroup_parent,
          .dns = options.dns,
          .dns_search = options.dns_search,
          .dns_options = options.dns_options,
          .bridge_network_id = lasting_id(networks, "bridge"),
          .defaults = options.defaults,
          .warn = [&log](const std::string& what) {
            log(LogLevel::warn, what);
          }};
}

}  // namespace

// [run-daemon]
void run_daemon(const DaemonOptions& options, const Log& log) {
  prepare_process();
  make_root(options.data_root, 0710);
  make_root(options.exec_root, 0711);
  const FolderLock data_lock(options.data_root);
  const FolderLock exec_lock(options.exec_root);
  check_format(options.data_root);
  const PidFile pid(options.pidfile.empty()
                        ? options.exec_root + "/docker-cppd.pid"
                        : options.pidfile);

  Executor executor({.on_error = [&](const std::string& what) {
    log(LogLevel::error, what);
  }});
  EventSystem events;
  const EventJournal journal(options.data_root + "/events", events);
  images::ImageStore images({.data_root = options.data_root,
                             .worker = options.worker,
                             .registry = registry_options(options.registry)});
  for (const std::string& problem : images.problems()) {
    log(LogLevel::warn, problem);
  }
  std::optional<network::BridgeNetwork> bridge;
  if (options.bridge != "none") {
    bridge.emplace(
        network::BridgeNetwork::Options{.bridge = options.bridge,
                                        .subnet = options.bip,
                                        .pools = options.address_pools,
                                        .mtu = options.mtu});
  }
  network::BridgeNetwork* network = bridge ? &*bridge : nullptr;
  const FdWatch firewall = watch_firewall(executor, network, log);
  Engine engine(executor, images, network, events,
                engine_options(options, log));
  engine.recover();
  const std::string id = lasting_id(options.data_root, "engine-id");
  ApiServer api(executor, engine, images, describe(options, id, network));
  std::vector<std::string> hosts = options.hosts;
  if (hosts.empty()) {
    hosts.push_back("unix://" + options.exec_root + "/docker-cpp.sock");
  }
  for (const std::string& host : hosts) {
    listen(api, host, options, log);
  }
  std::optional<MetricsServer> metrics;
  if (!options.metrics_address.empty()) {
    metrics.emplace(executor, engine, describe(options, id, network),
                    options.metrics_address);
  }
  log(LogLevel::info, "Daemon has completed initialization");
  notify("READY=1");
  sys::forget_startup_pages();
  std::optional<ConfigurationWatch> watch;
  if (options.config_file.starts_with("/") &&
      !options.config_file.starts_with("/dev/")) {
    watch.emplace(executor, options.config_file);
  }
  wait_for_the_end(
      log, [&] { reload_configuration(options, engine, events, id, log); });
  notify("STOPPING=1");
  api.stop();
  executor.stop();
}
// [run-daemon]

}  // namespace docker_cpp::daemon
