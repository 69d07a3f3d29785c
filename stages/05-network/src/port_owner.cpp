// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/network/port_owner.hpp"

#include <netinet/in.h>

#include <charconv>
#include <filesystem>
#include <set>
#include <sstream>
#include <vector>

#include "docker_cpp/network/ipv4.hpp"
#include "docker_cpp/network/ipv6.hpp"
#include "docker_cpp/sys/file.hpp"

namespace docker_cpp::network {
namespace {

namespace fs = std::filesystem;

/// "0100007F:1F90", an address as bytes in groups of four, each the other way
/// round on this machine (proc_pid_net(5)), and a port.
struct TableAddress {
  std::string ip;
  std::uint16_t port = 0;
};

std::uint32_t hex(std::string_view text) {
  std::uint32_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value, 16);
  return value;
}

TableAddress table_address(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) {
    return {};
  }
  TableAddress out{
      .ip = {},
      .port = static_cast<std::uint16_t>(hex(text.substr(colon + 1)))};
  if (colon == 8) {
    out.ip = to_string(Ipv4{.value = ntohl(hex(text.substr(0, 8)))});
  } else if (colon == 32) {
    Ipv6 address;
    for (std::size_t i = 0; i < 4; ++i) {
      const std::uint32_t group = ntohl(hex(text.substr(8 * i, 8)));
      for (std::size_t byte = 0; byte < 4; ++byte) {
        address.value[4 * i + byte] =
            static_cast<std::uint8_t>(group >> (24 - 8 * byte));
      }
    }
    out.ip = to_string(address);
  }
  return out;
}

/// The inodes of one table's sockets that are in the way.
void collect(const char* table, bool stream, std::string_view host_ip,
             std::uint16_t port, std::set<std::string>& inodes) {
  const auto text = sys::read_file(table);
  if (!text) {
    return;
  }
  std::istringstream lines(*text);
  std::string line;
  std::getline(lines, line);  // the headings
  while (std::getline(lines, line)) {
    std::istringstream fields(line);
    std::string number;
    std::string local;
    std::string skipped;
    std::string state;
    std::string inode;
    fields >> number >> local >> skipped >> state;
    for (int i = 0; i < 5; ++i) {  // queues, timers, retransmits, uid, timeout
      fields >> skipped;
    }
    fields >> inode;
    const TableAddress address = table_address(local);
    constexpr std::string_view listening = "0A";  // TCP_LISTEN
    if (address.port == port && (!stream || state == listening) &&
        addresses_clash(address.ip, host_ip)) {
      inodes.insert("socket:[" + inode + "]");
    }
  }
}

bool holds_one(const fs::path& folder, const std::set<std::string>& inodes) {
  std::error_code gone;  // whoever ends while we look has no port either
  for (fs::directory_iterator at(folder / "fd", gone), end; !gone && at != end;
       at.increment(gone)) {
    std::error_code closed;
    if (inodes.contains(fs::read_symlink(at->path(), closed).string())) {
      return true;
    }
  }
  return false;
}

}  // namespace

bool addresses_clash(std::string_view one, std::string_view other) {
  const auto is_all = [](std::string_view ip) {
    return ip.empty() || ip == "0.0.0.0" || ip == "::";
  };
  const auto is_v6 = [](std::string_view ip) {
    return ip.find(':') != std::string_view::npos;
  };
  // A socket of [::] takes the port of IPv4 as well, unless it was told not
  // to (ipv6(7), IPV6_V6ONLY), which the table does not say.
  if (is_all(one) || is_all(other)) {
    return one.empty() || other.empty() || one == "::" || other == "::" ||
           is_v6(one) == is_v6(other);
  }
  return one == other;
}

std::optional<PortOwner> find_port_owner(std::uint8_t protocol,
                                         std::string_view host_ip,
                                         std::uint16_t port) {
  const bool stream = protocol == IPPROTO_TCP;
  if (!stream && protocol != IPPROTO_UDP) {
    return std::nullopt;
  }
  std::set<std::string> inodes;
  // Of the thread, not of the process: it may be in another namespace.
  const std::string table =
      std::string("/proc/thread-self/net/") + (stream ? "tcp" : "udp");
  collect(table.c_str(), stream, host_ip, port, inodes);
  collect((table + "6").c_str(), stream, host_ip, port, inodes);
  if (inodes.empty()) {
    return std::nullopt;
  }
  std::error_code error;
  for (fs::directory_iterator at("/proc", error), end; !error && at != end;
       at.increment(error)) {
    const std::string name = at->path().filename();
    pid_t pid = 0;
    const auto parsed =
        std::from_chars(name.data(), name.data() + name.size(), pid);
    if (parsed.ec != std::errc{} || !holds_one(at->path(), inodes)) {
      continue;
    }
    const std::string comm = at->path() / "comm";
    std::string who = sys::read_file(comm.c_str()).value_or("");
    who.erase(who.find_last_not_of('\n') + 1);
    return PortOwner{.pid = pid, .name = std::move(who)};
  }
  return std::nullopt;
}

}  // namespace docker_cpp::network
