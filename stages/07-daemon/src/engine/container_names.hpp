// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "context.hpp"

#include "docker_cpp/daemon/model.hpp"
#include "docker_cpp/network/name_files.hpp"

namespace docker_cpp::daemon {

/// /etc/hosts, hostname and resolv.conf of a container: files in the folder of
/// its run. Looks at what it was given; to be made where it is used.
class ContainerNames {
 public:
  ContainerNames(const Context& context, const Container& container)
      : context_(context), now_(container) {}

  /// Before the container begins: its hosts may still want an address.
  void write_all() const;
  void write_hosts() const;
  void write_resolver_file() const;
  /// What others wrote into it meanwhile stays.
  void add_to_hosts(const Endpoint& endpoint) const;
  void remove_from_hosts(const Endpoint& endpoint) const;

  [[nodiscard]] std::string hostname() const;
  /// What --link tells by variables: DB_PORT, DB_PORT_80_TCP_ADDR, DB_NAME...
  [[nodiscard]] Strings link_environment() const;
  /// Asked about names that are nobody's here.
  [[nodiscard]] std::vector<std::string> name_servers() const;
  /// The folder of the container whose network this one joins; or empty.
  [[nodiscard]] std::string joined_files() const;

 private:
  [[nodiscard]] std::string own_names() const;
  [[nodiscard]] std::vector<network::HostsEntry> extra_hosts() const;
  [[nodiscard]] bool asks_the_engine() const;

  const Context& context_;
  const Container& now_;
};

}  // namespace docker_cpp::daemon
