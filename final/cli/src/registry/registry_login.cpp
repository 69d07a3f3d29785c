// SPDX-License-Identifier: Apache-2.0
// Credentials where the docker client has them: in config.json, or with a
// helper program. docs.docker.com/reference/cli/docker/login
#include "docker_cpp/cli/registry_login.hpp"

#include <set>

#include "registry/run_filter.hpp"

#include "docker_cpp/cli/failure.hpp"
#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli {
namespace {

constexpr std::string_view hub_server = "https://index.docker.io/v1/";
constexpr std::string_view token_user = "<token>";

std::string helper_for(const ClientConfig& config, const std::string& server) {
  const auto& own = config["credHelpers"][server].text();
  return own.empty() ? config["credsStore"].text() : own;
}

FilterResult ask_helper(const std::string& helper, const char* verb,
                        const std::string& input) {
  return run_filter({"docker-credential-" + helper, verb}, input);
}

/// "https://host/v1/" and "host" are the same registry.
std::string bare(std::string_view server) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (server.starts_with(scheme)) {
      server.remove_prefix(scheme.size());
    }
  }
  return std::string(server.substr(0, server.find('/')));
}

RegistryLogin read_entry(const Value& entry) {
  RegistryLogin login{.username = entry["username"].text(),
                      .password = entry["password"].text(),
                      .identity_token = entry["identitytoken"].text()};
  const auto both = from_base64(entry["auth"].text());
  if (!both.empty()) {
    auto [name, secret] = cut(both, ':');
    login.username = name;
    login.password = secret;
  }
  return login;
}

RegistryLogin from_helper(const std::string& helper,
                          const std::string& server) {
  const auto answer = ask_helper(helper, "get", server);
  const auto value = parse_json(answer.output);
  if (answer.exit_code != 0 || !value || !value->is_object()) {
    return {};
  }
  RegistryLogin login{.username = (*value)["Username"].text(),
                      .password = (*value)["Secret"].text(),
                      .identity_token = {}};
  if (login.username == token_user) {
    login.identity_token = std::exchange(login.password, "");
    login.username.clear();
  }
  return login;
}

Value said_of(const RegistryLogin& login, const std::string& server) {
  auto value = Value::object();
  if (login.known()) {
    value.set("username", login.username).set("password", login.password);
    if (!login.identity_token.empty()) {
      value.set("identitytoken", login.identity_token);
    }
    value.set("serveraddress", server);
  }
  return value;
}

}  // namespace

std::string server_of_domain(std::string_view domain) {
  const bool hub = domain.empty() || domain == "docker.io" ||
                   domain == "index.docker.io" ||
                   domain == "registry-1.docker.io";
  return std::string(hub ? hub_server : domain);
}

RegistryLogin find_login(const ClientConfig& config,
                         const std::string& server) {
  if (const auto helper = helper_for(config, server); !helper.empty()) {
    if (auto login = from_helper(helper, server); login.known()) {
      return login;
    }
  }
  const auto& all = config["auths"];
  if (const auto* exact = all.find(server)) {
    return read_entry(*exact);
  }
  for (const auto& member : all.members()) {
    if (bare(member.key) == bare(server)) {
      return read_entry(member.value);
    }
  }
  return {};
}

std::string store_login(ClientConfig& config, const std::string& server,
                        const RegistryLogin& login) {
  auto all = config["auths"].is_object() ? config["auths"] : Value::object();
  const auto helper = helper_for(config, server);
  const bool token = !login.identity_token.empty();
  auto entry = Value::object();
  if (!helper.empty()) {
    auto said = Value::object();
    said.set("ServerURL", server)
        .set("Username", token ? std::string(token_user) : login.username)
        .set("Secret", token ? login.identity_token : login.password);
    const auto answer = ask_helper(helper, "store", print_json(said));
    if (answer.exit_code != 0) {
      throw Failure(
          "Error saving credentials: error storing credentials - "
          "err: exit status " +
          std::to_string(answer.exit_code) + ", out: `" +
          std::string(trim(answer.output)) + "`");
    }
  } else {
    const auto secret = token ? std::string() : login.password;
    entry.set("auth", base64(login.username + ":" + secret));
    if (token) {
      entry.set("identitytoken", login.identity_token);
    }
  }
  all.set(server, entry);
  config.store("auths", all);
  return helper.empty() ? config.directory() + "/config.json" : "";
}

bool erase_login(ClientConfig& config, const std::string& server) {
  bool had = false;
  if (const auto helper = helper_for(config, server); !helper.empty()) {
    had = ask_helper(helper, "erase", server).exit_code == 0;
  }
  auto left = Value::object();
  for (const auto& member : config["auths"].members()) {
    if (bare(member.key) == bare(server)) {
      had = true;
    } else {
      left.set(member.key, member.value);
    }
  }
  if (had) {
    config.store("auths", left);
  }
  return had;
}

std::string registry_auth(const ClientConfig& config, std::string_view domain) {
  const auto server = server_of_domain(domain);
  return base64_url(print_json(said_of(find_login(config, server), server)));
}

std::string registry_config(const ClientConfig& config) {
  std::set<std::string> servers;
  for (const char* key : {"auths", "credHelpers"}) {
    for (const auto& member : config[key].members()) {
      servers.insert(member.key);
    }
  }
  if (const auto store = config["credsStore"].text(); !store.empty()) {
    const auto known = parse_json(ask_helper(store, "list", "").output);
    const Value none;
    for (const auto& member : (known ? *known : none).members()) {
      servers.insert(member.key);
    }
  }
  auto all = Value::object();
  for (const std::string& server : servers) {
    if (const auto login = find_login(config, server); login.known()) {
      all.set(server, said_of(login, server));
    }
  }
  return base64_url(print_json(all));
}

}  // namespace docker_cpp::cli
