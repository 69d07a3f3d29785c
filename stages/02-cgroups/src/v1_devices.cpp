// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include "backend.hpp"
#include "control_file.hpp"

#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::cgroups {
namespace {

std::string number_or_any(std::int64_t number) {
  return number < 0 ? std::string("*") : std::to_string(number);
}

std::string line_of(const DeviceList::Device& device, std::uint8_t access) {
  return std::string(1, device.type) + " " + number_or_any(device.major) + ":" +
         number_or_any(device.minor) + " " + device_access_letters(access);
}

sys::Result<void> write_list(const ControlDirectory& devices,
                             const DeviceList& list, std::string& line) {
  // "a" empties the list of exceptions and decides for all others.
  line = "a";
  const bool all = list.allows_all_but();
  if (const auto put =
          write(devices, all ? "devices.allow" : "devices.deny", line);
      !put) {
    return put;
  }
  if (list.exceptions().empty()) {
    return {};
  }
  const auto file = sys::open_at(
      devices.fd.get(), all ? "devices.deny" : "devices.allow", O_WRONLY);
  if (!file) {
    return std::unexpected(file.error());
  }
  for (const auto& [device, access] : list.exceptions()) {
    line = line_of(device, access);
    // Each write(2) is a command to the kernel: one line each.
    if (::write(file->get(), line.data(), line.size()) == -1) {
      return sys::fail("write");
    }
  }
  return {};
}

/// What the kernel printed before, to be written again; "a *:* rwm" means
/// that everything was allowed.
void restore(const ControlDirectory& devices, const std::string& before) {
  const bool all = before.starts_with("a ");
  static_cast<void>(
      write(devices, all ? "devices.allow" : "devices.deny", "a"));
  const std::string_view lines = all ? std::string_view() : before;
  for (const std::string_view line : split(lines, "\n")) {
    static_cast<void>(write(devices, "devices.allow", line));
  }
}

}  // namespace

void V1Backend::apply_devices(const DeviceList& devices) const {
  const ControlDirectory* controller = find("devices");
  if (controller == nullptr) {
    throw Error({.code = ENOTSUP, .call = "find the devices"},
                "limit the devices: no devices controller is mounted");
  }
  const std::string before = text_of(controller, "devices.list");
  std::string line;
  if (const auto put = write_list(*controller, devices, line); !put) {
    restore(*controller, before);
    throw Error(put.error(), "limit the devices: write \"" + line + "\" to " +
                                 controller->path + "/devices.allow");
  }
}

}  // namespace docker_cpp::cgroups
