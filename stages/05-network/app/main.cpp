// SPDX-License-Identifier: Apache-2.0
// Containers on a bridge of their own, that know each other by name.
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "docker_cpp/namespaces/exec_error.hpp"
#include "docker_cpp/namespaces/namespaces.hpp"
#include "docker_cpp/namespaces/process.hpp"
#include "docker_cpp/network/bridge_network.hpp"
#include "docker_cpp/network/isolations.hpp"
#include "docker_cpp/network/name_files.hpp"
#include "docker_cpp/rootfs/root_fd.hpp"
#include "docker_cpp/rootfs/root_filesystem.hpp"

namespace fs = std::filesystem;
namespace net = docker_cpp::network;
namespace ns = docker_cpp::namespaces;
namespace rootfs = docker_cpp::rootfs;

namespace {

constexpr const char* usage =
    "usage: stage05 [--publish [IP:]HOST:CONTAINER[/udp]]... NAME=COMMAND...\n"
    "Starts each COMMAND with /bin/sh in a container called NAME, over a copy\n"
    "of this machine's files; ends when the last of them has ended. Ports are\n"
    "published from the first.\n";

struct Container {
  std::string name;
  std::string command;
  std::string ip;
};

struct CommandLine {
  std::vector<net::PublishedPort> ports;
  std::vector<Container> containers;
};

std::uint16_t port_number(std::string_view text) {
  std::uint16_t number = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  if (parsed.ec != std::errc{} || parsed.ptr != end || number == 0) {
    throw std::invalid_argument("invalid port: " + std::string(text));
  }
  return number;
}

net::PublishedPort parse_publish(std::string_view text) {
  net::PublishedPort port;
  if (const std::size_t slash = text.find('/');
      slash != std::string_view::npos) {
    port.protocol = text.substr(slash + 1);
    text = text.substr(0, slash);
  }
  const std::size_t last = text.rfind(':');
  if (last == std::string_view::npos) {
    throw std::invalid_argument("--publish wants HOST:CONTAINER");
  }
  port.container_port = port_number(text.substr(last + 1));
  text = text.substr(0, last);
  if (const std::size_t colon = text.rfind(':');
      colon != std::string_view::npos) {
    port.host_ip = text.substr(0, colon);
    text = text.substr(colon + 1);
  }
  port.host_port = port_number(text);
  return port;
}

CommandLine parse(int argc, char** argv) {
  CommandLine line;
  for (int at = 1; at < argc; ++at) {
    const std::string_view word = argv[at];
    if (word == "--publish" && at + 1 < argc) {
      line.ports.push_back(parse_publish(argv[++at]));
      continue;
    }
    const std::size_t equals = word.find('=');
    if (equals == std::string_view::npos || equals == 0 || word[0] == '-') {
      throw std::invalid_argument(usage);
    }
    line.containers.push_back({.name = std::string(word.substr(0, equals)),
                               .command = std::string(word.substr(equals + 1)),
                               .ip = {}});
  }
  if (line.containers.empty()) {
    throw std::invalid_argument(usage);
  }
  return line;
}

/// A directory for the containers' files, gone at the end.
class Workshop {
 public:
  Workshop() {
    if (::mkdtemp(path_.data()) == nullptr) {
      throw std::runtime_error("cannot make a directory in /tmp");
    }
  }
  Workshop(const Workshop&) = delete;
  Workshop& operator=(const Workshop&) = delete;
  ~Workshop() {
    if (const auto root = rootfs::RootFd::of(path_)) {
      static_cast<void>(root->remove_tree("/"));
    }
    std::error_code ignored;
    fs::remove(path_, ignored);
  }

  std::string folder(const std::string& name) const {
    fs::create_directories(path_ + "/" + name);
    return path_ + "/" + name;
  }
  std::string file(const std::string& name, const std::string& text) const {
    std::ofstream(path_ + "/" + name) << text;
    return path_ + "/" + name;
  }

 private:
  std::string path_ = "/tmp/stage05-XXXXXX";
};

rootfs::RootPlan plan_of(const Container& container, const Workshop& shop,
                         const std::vector<net::HostsEntry>& others) {
  const std::string& name = container.name;
  const auto bind = [](std::string to, std::string from) {
    return rootfs::MountSpec{.destination = std::move(to),
                             .type = "bind",
                             .source = std::move(from),
                             .options = {"bind", "ro"}};
  };
  rootfs::RootPlan plan{
      .root = rootfs::OverlayRoot{.lower = {"/"},
                                  .upper = shop.folder(name + "/upper"),
                                  .work = shop.folder(name + "/work"),
                                  .durable = false},
      .propagation = "rprivate",
      .mounts = rootfs::default_mounts(),
      .devices = rootfs::default_devices()};
  std::erase_if(plan.mounts, [](const rootfs::MountSpec& mount) {
    return mount.type == "cgroup";  // stage 02's subject
  });
  plan.mounts.push_back(bind(
      "/etc/hosts",
      shop.file(name + "/hosts",
                net::hosts_file(
                    {.hostname = name, .ip = container.ip, .extra = others}))));
  plan.mounts.push_back(
      bind("/etc/resolv.conf",
           shop.file(name + "/resolv.conf", net::resolv_conf())));
  return plan;
}

// [start]
ns::Process start(const Container& container, net::BridgeNetwork& network,
                  const std::vector<net::PublishedPort>& ports,
                  rootfs::RootPlan root) {
  ns::Isolations isolations;
  isolations.push_back(std::make_unique<ns::NewNamespaces>(
      std::vector{ns::Kind::pid, ns::Kind::uts, ns::Kind::ipc, ns::Kind::mount,
                  ns::Kind::network}));
  isolations.push_back(std::make_unique<ns::Hostname>(container.name));
  isolations.push_back(std::make_unique<net::VethEndpoint>(
      network, net::EndpointRequest{.container_id = container.name,
                                    .ports = ports,
                                    .mac = {},
                                    .ip = container.ip}));
  isolations.push_back(
      std::make_unique<rootfs::RootFilesystem>(std::move(root)));
  return ns::Process::start({.args = {"/bin/sh", "-c", container.command}},
                            isolations);
}
// [start]

/// The exit code of `process`, or 130 when the user had enough of waiting.
int wait_for(ns::Process& process, int interrupted) {
  std::array<pollfd, 2> events{{{.fd = process.pidfd(), .events = POLLIN},
                                {.fd = interrupted, .events = POLLIN}}};
  while (::poll(events.data(), events.size(), -1) < 0) {
  }
  return events[1].revents != 0 ? 128 + SIGINT : process.wait();
}

int run(CommandLine line) {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGINT);
  ::sigaddset(&signals, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  const docker_cpp::sys::UniqueFd interrupted(
      ::signalfd(-1, &signals, SFD_CLOEXEC));

  net::BridgeNetwork network({.bridge = "stage05"});
  network.reconcile();
  net::Ipv4 next = net::parse_ipv4(network.gateway()).value();
  std::vector<net::HostsEntry> names;
  for (Container& container : line.containers) {
    ++next.value;
    container.ip = net::to_string(next);
    names.push_back({.ip = container.ip, .names = container.name});
  }
  const auto others_than = [&](const Container& container) {
    auto others = names;
    std::erase_if(others, [&](const net::HostsEntry& entry) {
      return entry.names == container.name;
    });
    return others;
  };
  const Workshop shop;
  int code = 0;
  try {
    std::vector<ns::Process> processes;
    for (const Container& container : line.containers) {
      processes.push_back(start(
          container, network,
          processes.empty() ? line.ports : std::vector<net::PublishedPort>{},
          plan_of(container, shop, others_than(container))));
    }
    code = wait_for(processes.back(), interrupted.get());
  } catch (...) {
    network.remove();
    throw;
  }
  network.remove();
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(parse(argc, argv));
  } catch (const ns::ExecError& error) {
    std::fprintf(stderr, "stage05: %s\n", error.what());
    return error.exit_code();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "stage05: %s\n", error.what());
    return 125;
  }
}
