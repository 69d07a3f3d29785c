// SPDX-License-Identifier: Apache-2.0
#include "daemon_choice.hpp"

#include <unistd.h>

#include "context/store.hpp"
#include "file_io.hpp"

#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli {
namespace {

constexpr const char* default_host = "unix:///run/docker-cpp/docker-cpp.sock";

/// The option, else the file of that name in the certificates' folder, which
/// is used where it is there.
std::string certificate(const Arguments& global, std::string_view option,
                        const std::string& path) {
  if (global.given(option)) {
    return global.text(option);
  }
  return ::access(path.c_str(), F_OK) == 0 ? path : std::string();
}

/// Of -H and DOCKER_HOST; a context has its own.
std::optional<http::Tls> tls_of(const Arguments& global,
                                const ClientConfig& config) {
  const bool verify =
      global.flag("tlsverify", !environment("DOCKER_TLS_VERIFY").empty());
  const bool some = verify || global.flag("tls") || global.given("tlscacert") ||
                    global.given("tlscert") || global.given("tlskey") ||
                    !environment("DOCKER_TLS").empty();
  if (!some) {
    return std::nullopt;
  }
  auto folder = environment("DOCKER_CERT_PATH");
  folder = folder.empty() ? config.directory() : folder;
  http::Tls tls{.verify = verify,
                .ca = certificate(global, "tlscacert", folder + "/ca.pem"),
                .cert = certificate(global, "tlscert", folder + "/cert.pem"),
                .key = certificate(global, "tlskey", folder + "/key.pem")};
  if (verify && tls.ca.empty()) {
    throw Failure(
        "Failed to initialize: unable to resolve docker endpoint: "
        "open " +
        folder + "/ca.pem: no such file or directory");
  }
  return tls;
}

void use_context(const ContextStore& store, DaemonChoice& choice) {
  Value meta;
  try {
    meta = store.load(choice.context);
  } catch (const Failure& failure) {
    throw Failure("Failed to initialize: unable to resolve docker endpoint: " +
                  failure.message());
  }
  const auto& endpoint = meta["Endpoints"]["docker"];
  choice.options.host = endpoint["Host"].text();
  const auto folder = store.tls_folder(choice.context) + "/docker/";
  const auto there = [&](const char* file) {
    const auto path = folder + file;
    return ::access(path.c_str(), F_OK) == 0 ? path : std::string();
  };
  http::Tls tls{.verify = !endpoint["SkipTLSVerify"].flag(),
                .ca = there("ca.pem"),
                .cert = there("cert.pem"),
                .key = there("key.pem")};
  if (!tls.ca.empty() || !tls.cert.empty() || !tls.verify) {
    choice.options.tls = std::move(tls);
  }
}

/// --host, --context, DOCKER_HOST, DOCKER_CONTEXT, currentContext. \returns
/// the host; a context goes into `context`
std::string named_host(const Arguments& global, const ClientConfig& config,
                       std::string& context) {
  const auto hosts = global.list("host");
  if (hosts.size() > 1) {
    throw Failure("Specify only one -H");
  }
  context = global.text("context");
  if (!hosts.empty() && !context.empty()) {
    throw Failure(
        "conflicting options: cannot specify both --host and --context");
  }
  if (!hosts.empty() || !context.empty()) {
    return hosts.empty() ? std::string() : hosts.front();
  }
  if (auto host = environment("DOCKER_HOST"); !host.empty()) {
    return host;
  }
  context = environment("DOCKER_CONTEXT");
  if (context.empty()) {
    context = config["currentContext"].text();
  }
  return {};
}

}  // namespace

std::string current_context(const Arguments& global,
                            const ClientConfig& config) {
  std::string context;
  named_host(global, config, context);
  return context.empty() ? "default" : context;
}

DaemonChoice choose_daemon(const Arguments& global,
                           const ClientConfig& config) {
  DaemonChoice choice;
  choice.options.version = environment("DOCKER_API_VERSION");
  for (const auto& [name, value] : config["HttpHeaders"].members()) {
    choice.options.headers.emplace_back(name, value.text());
  }
  choice.options.host = named_host(global, config, choice.context);
  if (choice.context.empty()) {
    choice.context = "default";
  }
  if (choice.context != "default") {
    use_context(ContextStore(config.directory()), choice);
    return choice;
  }
  choice.options.tls = tls_of(global, config);
  choice.options.may_start = choice.options.host.empty();
  if (choice.options.host.empty()) {
    choice.options.host = default_host;
  }
  return choice;
}

}  // namespace docker_cpp::cli
