// SPDX-License-Identifier: Apache-2.0
#include "daemon_choice.hpp"

#include <dirent.h>

#include <cstdlib>
#include <memory>

#include "docker_cpp/sys/file.hpp"

namespace docker_cpp::cli {
namespace {

constexpr const char* default_host = "unix:///run/docker-cpp/docker-cpp.sock";

std::string environment(const char* name) {
  const auto* value = std::getenv(name);
  return value == nullptr ? std::string() : value;
}

std::string config_directory(const Arguments& global) {
  if (global.given("config")) {
    return global.text("config");
  }
  const auto given = environment("DOCKER_CONFIG");
  return given.empty() ? environment("HOME") + "/.docker" : given;
}

/// The host that a context's meta.json names, if it is that context's.
std::string host_in(const std::string& path, const std::string& name) {
  const auto text = sys::read_file(path.c_str());
  if (!text) {
    return {};
  }
  const auto meta = parse_json(*text);
  return meta && (*meta)["Name"].text() == name
             ? (*meta)["Endpoints"]["docker"]["Host"].text()
             : std::string();
}

/// docker files a context under the SHA-256 of its name; looking into each
/// needs no digest.
std::string host_of_context(const std::string& directory,
                            const std::string& name) {
  const auto folder = directory + "/contexts/meta";
  const auto close = [](DIR* open) {
    ::closedir(open);
  };
  const std::unique_ptr<DIR, decltype(close)> open(::opendir(folder.c_str()),
                                                   close);
  while (const auto* entry = open ? ::readdir(open.get()) : nullptr) {
    const auto host = host_in(
        folder + "/" + static_cast<const char*>(entry->d_name) + "/meta.json",
        name);
    if (!host.empty()) {
      return host;
    }
  }
  throw Failure(
      "Failed to initialize: unable to resolve docker endpoint: "
      "context \"" +
      name + "\": context not found");
}

}  // namespace

DaemonChoice choose_daemon(const Arguments& global) {
  if (global.flag("tls") || global.flag("tlsverify") ||
      !environment("DOCKER_TLS_VERIFY").empty()) {
    throw Failure(
        "connections with TLS are not supported by this client: use "
        "the unix socket, or a tunnel");
  }
  DaemonChoice choice;
  choice.options.version = environment("DOCKER_API_VERSION");
  const auto hosts = global.list("host");
  if (hosts.size() > 1) {
    throw Failure("Specify only one -H");
  }
  auto host = hosts.empty() ? std::string() : hosts.front();
  choice.context = global.text("context");
  if (!host.empty() && !choice.context.empty()) {
    throw Failure(
        "conflicting options: cannot specify both --host and "
        "--context");
  }
  if (host.empty() && choice.context.empty()) {
    host = environment("DOCKER_HOST");
    choice.context =
        host.empty() ? environment("DOCKER_CONTEXT") : std::string();
  }
  if (!choice.context.empty() && choice.context != "default") {
    host = host_of_context(config_directory(global), choice.context);
  } else {
    choice.context = "default";
  }
  choice.options.may_start = host.empty();
  choice.options.host = host.empty() ? default_host : host;
  return choice;
}

}  // namespace docker_cpp::cli
