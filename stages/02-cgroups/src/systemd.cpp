// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/cgroups/systemd.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "dbus_connection.hpp"
#include "systemd_properties.hpp"

#include "docker_cpp/cgroups/cgroup.hpp"
#include "docker_cpp/sys/error.hpp"

namespace docker_cpp::cgroups {
namespace {

constexpr const char* service = "org.freedesktop.systemd1";
constexpr const char* bus_socket = "/run/dbus/system_bus_socket";
constexpr const char* private_socket = "/run/systemd/private";

struct Place {
  std::string socket;
  DbusConnection::Peer peer;
};

/// DBUS_SYSTEM_BUS_ADDRESS wins; else the bus; else systemd's own socket,
/// which only root may use and which is there before any bus is.
Place find_systemd() {
  const char* named = std::getenv("DBUS_SYSTEM_BUS_ADDRESS");
  constexpr std::string_view unix_path = "unix:path=";
  if (named != nullptr && std::string_view(named).starts_with(unix_path)) {
    std::string path = named + unix_path.size();
    return {.socket = path.substr(0, path.find_first_of(",;")),
            .peer = DbusConnection::Peer::bus};
  }
  if (::access(bus_socket, F_OK) != 0 && ::access(private_socket, F_OK) == 0) {
    return {.socket = private_socket, .peer = DbusConnection::Peer::service};
  }
  return {.socket = bus_socket, .peer = DbusConnection::Peer::bus};
}

/// The manager of units, as far as it is needed.
class Manager {
 public:
  Manager() : Manager(find_systemd()) {}

  /// Starts a transient unit, and returns once it is there.
  void start(const SystemdUnit& unit, std::vector<DbusValue> properties) {
    listen();
    const DbusMessage reply =
        ask("StartTransientUnit",
            {DbusValue::string(unit.name), DbusValue::string("replace"),
             DbusValue::array("(sv)", std::move(properties)),
             DbusValue::array("(sa(sv))", {})});
    await_job(reply, unit.name);
  }

  void stop(const std::string& name) {
    listen();
    await_job(ask("StopUnit",
                  {DbusValue::string(name), DbusValue::string("replace")}),
              name);
  }

  void reset_failed(const std::string& name) {
    ask("ResetFailedUnit", {DbusValue::string(name)});
  }

  void set(const std::string& name, std::vector<DbusValue> properties) {
    ask("SetUnitProperties", {DbusValue::string(name), DbusValue::boolean(true),
                              DbusValue::array("(sv)", std::move(properties))});
  }

 private:
  explicit Manager(const Place& place)
      : peer_(place.peer), connection_(place.socket, place.peer) {}

  DbusMessage ask(const char* method, std::vector<DbusValue> arguments) {
    return connection_.call({.destination = service,
                             .path = "/org/freedesktop/systemd1",
                             .interface = "org.freedesktop.systemd1.Manager",
                             .member = method,
                             .body = std::move(arguments)});
  }

  void listen() {
    if (peer_ == DbusConnection::Peer::bus) {
      connection_.call(
          {.destination = "org.freedesktop.DBus",
           .path = "/org/freedesktop/DBus",
           .interface = "org.freedesktop.DBus",
           .member = "AddMatch",
           .body = {DbusValue::string(
               "type='signal',interface='org.freedesktop.systemd1.Manager',"
               "member='JobRemoved'")}});
    }
    ask("Subscribe", {});
  }

  /// JobRemoved(id, job, unit, result)
  void await_job(const DbusMessage& reply, const std::string& unit) {
    const std::string job = reply.body.empty() ? "" : reply.body[0].text;
    const DbusMessage over =
        connection_.wait_for_signal([&](const DbusMessage& signal) {
          return signal.member == "JobRemoved" && signal.body.size() == 4 &&
                 signal.body[1].text == job;
        });
    const std::string& result = over.body[3].text;
    if (result != "done") {
      throw DbusError("", "the job for " + unit + " ended: " + result);
    }
  }

  DbusConnection::Peer peer_;
  DbusConnection connection_;
};

[[noreturn]] void tell(const std::string& doing, const DbusError& error) {
  throw Error({.code = EIO, .call = "D-Bus"},
              doing + ": systemd says: " + error.what());
}

bool is_plain_unit_name(const std::string& name) {
  return !name.empty() && name.size() < 256 &&
         name.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
             "0123456789:-_.\\@") == std::string::npos;
}

std::vector<DbusValue> properties_of(const SystemdUnit& unit,
                                     const Resources& resources,
                                     Version version, pid_t pid) {
  const auto yes = [](const char* name) {
    return systemd_property(name, DbusValue::boolean(true));
  };
  std::vector<DbusValue> all = {
      systemd_property("Description", DbusValue::string(unit.description)),
      systemd_property("Slice", DbusValue::string(unit.slice)),
      systemd_property(
          "PIDs", DbusValue::array("u", {DbusValue::uint32(
                                            static_cast<std::uint32_t>(pid))})),
      systemd_property("DefaultDependencies", DbusValue::boolean(false)),
      // What is below the scope is ours: systemd keeps its hands off.
      yes("Delegate"), yes("MemoryAccounting"), yes("CPUAccounting"),
      yes("TasksAccounting"),
      yes(version == Version::v2 ? "IOAccounting" : "BlockIOAccounting")};
  for (DbusValue& limit : systemd_limits(resources, version)) {
    all.push_back(std::move(limit));
  }
  for (const auto& [name, value] : unit.properties) {
    if (auto property = parse_systemd_property(name, value)) {
      all.push_back(*std::move(property));
    }
  }
  return all;
}

}  // namespace

std::string SystemdUnit::cgroup_path() const {
  if (slice == "-.slice") {
    return "/" + name;
  }
  std::string path;
  for (std::size_t dash = slice.find('-'); dash != std::string::npos;
       dash = slice.find('-', dash + 1)) {
    path += "/" + slice.substr(0, dash) + ".slice";
  }
  return path + "/" + slice + "/" + name;
}

std::expected<SystemdUnit, std::string> parse_systemd_unit(
    const std::string& cgroups_path, const std::string& id) {
  SystemdUnit unit{.slice = "system.slice",
                   .name = "docker-cpp-" + id + ".scope",
                   .description = "container " + id};
  if (!cgroups_path.empty()) {
    const std::size_t first = cgroups_path.find(':');
    const std::size_t second = cgroups_path.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) {
      return std::unexpected(
          "expected cgroupsPath to be of format \"slice:prefix:name\" for "
          "systemd cgroups, got \"" +
          cgroups_path + "\" instead");
    }
    if (first != 0) {
      unit.slice = cgroups_path.substr(0, first);
    }
    const std::string prefix =
        cgroups_path.substr(first + 1, second - first - 1);
    unit.name = (prefix.empty() ? "" : prefix + "-") +
                cgroups_path.substr(second + 1) + ".scope";
  }
  const std::string plain = unit.slice.substr(0, unit.slice.find(".slice"));
  const bool good_slice =
      unit.slice == "-.slice" ||
      (unit.slice == plain + ".slice" && is_plain_unit_name(plain) &&
       !plain.starts_with('-') && !plain.ends_with('-') &&
       plain.find("--") == std::string::npos);
  if (!good_slice) {
    return std::unexpected("invalid slice name: " + unit.slice);
  }
  if (!is_plain_unit_name(unit.name) || unit.name.ends_with(":.scope") ||
      unit.name == ".scope") {
    return std::unexpected("invalid unit name: " + unit.name);
  }
  return unit;
}

std::expected<void, std::string> check_systemd_property(
    const std::string& name, const std::string& value) {
  if (auto parsed = parse_systemd_property(name, value); !parsed) {
    return std::unexpected(parsed.error());
  }
  return {};
}

SystemdScope::SystemdScope(SystemdUnit unit, Resources resources)
    : unit_(std::move(unit)), resources_(std::move(resources)) {}

const char* SystemdScope::name() const noexcept {
  return "join the cgroup that systemd makes";
}

void SystemdScope::from_parent(const namespaces::ChildHandle& child) {
  const Version version = Hierarchies::detect().version();
  try {
    Manager().start(unit_,
                    properties_of(unit_, resources_, version, child.pid));
  } catch (const DbusError& error) {
    tell("start the unit " + unit_.name, error);
  }
  Cgroup::adopt(unit_.cgroup_path(), resources_, child.pid);
}

void update_systemd_unit(const std::string& name, const Resources& resources) {
  auto limits = systemd_limits(resources, Hierarchies::detect().version());
  if (limits.empty()) {
    return;
  }
  try {
    Manager().set(name, std::move(limits));
  } catch (const DbusError& error) {
    tell("change the unit " + name, error);
  }
}

void stop_systemd_unit(const std::string& name) {
  constexpr std::string_view none = "org.freedesktop.systemd1.NoSuchUnit";
  for (const bool stopping : {true, false}) {
    try {
      Manager manager;
      stopping ? manager.stop(name) : manager.reset_failed(name);
    } catch (const DbusError& error) {
      if (error.name() != none && stopping) {
        tell("stop the unit " + name, error);
      }
    }
  }
}

}  // namespace docker_cpp::cgroups
