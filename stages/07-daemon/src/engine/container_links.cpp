// SPDX-License-Identifier: Apache-2.0
// Docker's first way for containers to find each other, `--link`: lines in
// /etc/hosts (container_names.cpp) and variables in the environment.
#include <algorithm>
#include <cctype>

#include "answer.hpp"
#include "container_actor.hpp"
#include "container_names.hpp"

#include "docker_cpp/daemon/api_error.hpp"

namespace docker_cpp::daemon {
namespace {

/// "db:my-db" is "my-db", and "db" is itself.
std::string alias_of(const std::string& link) {
  return link.substr(link.find(':') + 1);
}

std::string upper(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char letter) {
    return letter == '-' ? '_' : static_cast<char>(std::toupper(letter));
  });
  return text;
}

int number_of(const std::string& port) {
  return std::atoi(port.c_str());
}

/// "80/tcp" of a container at an address.
void add_port(Strings& out, const std::string& prefix, const std::string& port,
              const std::string& address) {
  const std::size_t slash = port.find('/');
  const std::string number = port.substr(0, slash);
  const std::string protocol =
      slash == std::string::npos ? "tcp" : port.substr(slash + 1);
  const std::string name = prefix + "_PORT_" + number + "_" + upper(protocol);
  out.push_back(name + "=" + protocol + "://" + address + ":" + number);
  out.push_back(name + "_ADDR=" + address);
  out.push_back(name + "_PORT=" + number);
  out.push_back(name + "_PROTO=" + protocol);
}

void add_environment(Strings& out, const std::string& prefix,
                     const Strings& environment) {
  for (const std::string& entry : environment) {
    if (entry.find('=') != std::string::npos && !entry.starts_with("HOME=") &&
        !entry.starts_with("PATH=")) {
      out.push_back(prefix + "_ENV_" + entry);
    }
  }
}

void add_link(Strings& out, const Container& other, const std::string& address,
              const std::string& name) {
  const std::string prefix = upper(name.substr(name.rfind('/') + 1));
  Strings ports = other.config.exposed_ports;
  std::ranges::stable_sort(ports, {}, number_of);
  if (!ports.empty()) {
    const std::string& first = ports.front();
    const std::size_t slash = first.find('/');
    out.push_back(
        prefix + "_PORT=" +
        (slash == std::string::npos ? "tcp" : first.substr(slash + 1)) + "://" +
        address + ":" + first.substr(0, slash));
  }
  for (const std::string& port : ports) {
    add_port(out, prefix, port, address);
  }
  out.push_back(prefix + "_NAME=" + name);
  add_environment(out, prefix, other.config.env);
}

}  // namespace

Strings ContainerNames::link_environment() const {
  Strings out;
  for (const std::string& link : now_.host_config.links) {
    const ContainerPtr other =
        context_.registry.find(link.substr(0, link.find(':')));
    for (const Endpoint& endpoint : other->endpoints) {
      if (endpoint.network == "bridge") {
        add_link(out, *other, endpoint.ip_address,
                 "/" + now_.name + "/" + alias_of(link));
      }
    }
  }
  return out;
}

void ContainerActor::remove_link(std::string alias, Done<void> done) {
  tell([this, alias = std::move(alias), done = std::move(done)]() mutable {
    answer(done, [&] {
      Strings& links = now_.host_config.links;
      const auto found = std::ranges::find(links, alias, alias_of);
      if (removed_ || found == links.end()) {
        throw ApiError(ErrorCode::not_found,
                       "No such container: /" + now_.name + "/" + alias);
      }
      const Strings before = links;
      links.erase(found);
      try {
        store(Durability::durable);
      } catch (...) {
        links = before;
        throw;
      }
      publish();
      if (is_running()) {
        store_run();
        try {
          names().write_hosts();
        } catch (const ApiError&) {  // NOLINT(bugprone-empty-catch)
          // Another link leads to what has stopped: this run keeps its file.
        }
      }
    });
  });
}

}  // namespace docker_cpp::daemon
