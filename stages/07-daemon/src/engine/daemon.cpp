// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/daemon/daemon.hpp"

#include <malloc.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "data_lock.hpp"
#include "dump.hpp"
#include "folders.hpp"
#include "identifiers.hpp"
#include "listen.hpp"
#include "reload.hpp"

#include "docker_cpp/daemon/api_server.hpp"
#include "docker_cpp/daemon/engine.hpp"
#include "docker_cpp/daemon/event_journal.hpp"
#include "docker_cpp/daemon/metrics.hpp"
#include "docker_cpp/daemon/networks.hpp"
#include "docker_cpp/daemon/plugin_registry.hpp"
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

/// True when there was nothing yet.
bool check_format(const std::string& data_root) {
  const std::string path = data_root + "/version";
  const auto found = sys::read_file(path.c_str());
  if (!found) {
    write_file(path, std::string(format_version) + "\n");
    return true;
  }
  if (found->substr(0, found->find('\n')) != format_version) {
    refuse("the data root " + data_root +
           " was written by another version of docker-cpp (format " +
           found->substr(0, found->find('\n')) + ")");
  }
  return false;
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

sigset_t ending_signals() {
  sigset_t set{};
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGHUP);
  sigaddset(&set, SIGUSR1);
  return set;
}

/// Signals that are no end, and what they ask for.
struct Requests {
  std::function<void()> reload;
  std::function<void()> dump;
};

void wait_for_the_end(const Log& log, const Requests& requests) {
  const sigset_t set = ending_signals();
  for (;;) {
    int signal = 0;
    ::sigwait(&set, &signal);
    if (signal == SIGHUP) {
      notify("RELOADING=1");
      requests.reload();
      notify("READY=1");
      continue;
    }
    if (signal == SIGUSR1) {
      requests.dump();
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

EngineInfo describe(const DaemonOptions& options, const std::string& id) {
  EngineInfo info;
  info.version = options.version;
  info.git_commit = options.git_commit;
  info.build_time = options.build_time;
  info.id = id;
  info.data_root = options.data_root;
  info.exec_root = options.exec_root;
  info.cgroup_parent = options.cgroup_parent;
  info.labels = options.labels;
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

/// As Docker, and one of our own.
std::vector<std::string> plugin_folders(const DaemonOptions& options) {
  return {options.exec_root + "/plugins", "/run/docker/plugins",
          "/etc/docker/plugins", "/usr/lib/docker/plugins"};
}

/// A gate that somebody asked for and that is not there keeps the daemon from
/// starting; a shared object that cannot be used does not.
std::shared_ptr<PluginRegistry> load_plugins(const DaemonOptions& options,
                                             const Log& log) {
  auto plugins = std::make_shared<PluginRegistry>(
      PluginRegistry::Options{.socket_folders = plugin_folders(options),
                              .warn = [log](const std::string& what) {
                                log(LogLevel::warn, what);
                              }});
  if (!options.plugin_folder.empty()) {
    plugins->load_folder(options.plugin_folder);
  }
  for (const std::string& name : options.authorization_plugins) {
    plugins->use_for_authorization(name);
  }
  return plugins;
}

/// Whoever flushes the rules must not leave containers open to the neighbours.
class FirewallWatches {
 public:
  FirewallWatches(Executor& executor, const Log& log)
      : executor_(executor), log_(log) {}

  void add(const std::string& id, NetworkManager::Watch watch) {
    const std::lock_guard lock(mutex_);
    watches_.insert_or_assign(
        id, executor_.watch(watch.fd, POLLIN,
                            [ready = std::move(watch.ready), &log = log_] {
                              try {
                                ready();
                              } catch (const std::exception& error) {
                                log(LogLevel::error, error.what());
                              }
                              return true;
                            }));
  }

  void remove(const std::string& id) {
    const std::lock_guard lock(mutex_);
    watches_.erase(id);
  }

 private:
  Executor& executor_;
  const Log& log_;
  std::mutex mutex_;
  std::map<std::string, FdWatch> watches_;
};

void add_bridge_choices(const DaemonOptions& options,
                        network::BridgeNetwork::Options& bridge) {
  if (options.ipv6 && options.fixed_cidr_v6.empty()) {
    refuse("--ipv6 needs --fixed-cidr-v6: the subnet of the default bridge");
  }
  bridge.ip_range = options.fixed_cidr;
  bridge.subnet6 = options.ipv6 ? options.fixed_cidr_v6 : "";
  bridge.isolate_members = !options.icc;
  bridge.masquerade = options.ip_masq;
  bridge.host_ip = options.host_ip;
}

NetworkManager::Options network_options(const DaemonOptions& options,
                                        EventSystem& events, const Log& log) {
  const std::string folder = options.data_root + "/networks";
  make_folder(folder, 0710);
  NetworkManager::Options out{
      .folder = folder,
      .bridge = std::nullopt,
      .bridge_id = lasting_id(folder, "bridge"),
      .engine_id = lasting_id(options.data_root, "engine-id"),
      .plugin_folders = plugin_folders(options),
      .events = &events,
      .warn = [&log](const std::string& what) {
        log(LogLevel::warn, what);
      }};
  if (options.bridge != "none") {
    out.bridge = network::BridgeNetwork::Options{.bridge = options.bridge,
                                                 .subnet = options.bip,
                                                 .pools = options.address_pools,
                                                 .mtu = options.mtu};
    add_bridge_choices(options, *out.bridge);
  }
  if (!options.cluster_store.empty()) {
    out.cluster =
        parse_cluster(options.cluster_store, options.cluster_advertise,
                      options.cluster_store_options);
  }
  return out;
}

EngineOptions engine_options(const DaemonOptions& options, const Log& log) {
  return {.data_root = options.data_root,
          .exec_root = options.exec_root,
          .monitor = options.monitor,
          .cgroup_parent = options.cgroup_parent,
          .dns = options.dns,
          .dns_search = options.dns_search,
          .dns_options = options.dns_options,
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
  const bool fresh = check_format(options.data_root);
  if (!take_clean_marker(options.data_root) && !fresh) {
    log(LogLevel::info,
        "the daemon before this one did not end in order: recovering");
  }
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
  NetworkManager networks(network_options(options, events, log));
  FirewallWatches firewall(executor, log);
  networks.on_new_watch(
      [&](const std::string& id, NetworkManager::Watch watch) {
        firewall.add(id, std::move(watch));
      },
      [&](const std::string& id) { firewall.remove(id); });
  Engine engine(executor, images, &networks, events,
                engine_options(options, log));
  engine.recover();
  const std::string id = lasting_id(options.data_root, "engine-id");
  const auto plugins = load_plugins(options, log);
  const Subscription told = events.subscribe(
      nullptr, [plugins](const Event& event) { plugins->tell(event); });
  EngineInfo info = describe(options, id);
  info.plugins = plugins;
  ApiServer api(executor, engine, images, info);
  const auto gates = listen_on_hosts(executor, api, options, log);
  std::optional<MetricsServer> metrics;
  if (!options.metrics_address.empty()) {
    metrics.emplace(executor, engine, describe(options, id),
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
  const auto dump = [&] {
    try {
      log(LogLevel::info,
          "state written to " + write_dump(options.exec_root, engine));
    } catch (const std::exception& error) {
      log(LogLevel::error, error.what());
    }
  };
  const auto reload = [&] {
    reload_configuration(options, engine, events, id, log);
  };
  wait_for_the_end(log, {.reload = reload, .dump = dump});
  notify("STOPPING=1");
  api.stop();
  executor.stop();
  leave_clean_marker(options.data_root);
}
// [run-daemon]

}  // namespace docker_cpp::daemon
