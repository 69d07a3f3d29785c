// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/network/name_files.hpp"

#include <span>

#include "docker_cpp/network/dns_server.hpp"
#include "docker_cpp/sys/file.hpp"

namespace docker_cpp::network {
namespace {

constexpr std::string_view fixed_hosts =
    "127.0.0.1\tlocalhost\n"
    "::1\tlocalhost ip6-localhost ip6-loopback\n"
    "fe00::0\tip6-localnet\n"
    "ff00::0\tip6-mcastprefix\n"
    "ff02::1\tip6-allnodes\n"
    "ff02::2\tip6-allrouters\n";

/// What a resolv.conf says, comments and unknown words left out.
struct Parsed {
  std::vector<std::string> servers;
  std::string search;
  std::string options;
};

std::vector<std::string_view> words(std::string_view line) {
  std::vector<std::string_view> out;
  constexpr std::string_view blanks = " \t\r";
  for (std::size_t at = line.find_first_not_of(blanks);
       at != std::string_view::npos;) {
    const std::size_t end = line.find_first_of(blanks, at);
    out.push_back(line.substr(at, end - at));
    at = end == std::string_view::npos ? end
                                       : line.find_first_not_of(blanks, end);
  }
  return out;
}

/// Servers that a container can reach: not the host's loopback, which would be
/// the container's own, and not IPv6, which the bridge does not carry.
bool reachable(std::string_view server) {
  const auto address = parse_ipv4(server);
  return address && !address->is_loopback();
}

std::string join(std::span<const std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) {
    text += (text.empty() ? "" : " ") + std::string(part);
  }
  return text;
}

std::string join(const std::vector<std::string>& parts) {
  return join(std::vector<std::string_view>(parts.begin(), parts.end()));
}

Parsed parse(std::string_view text) {
  Parsed out;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const auto line = words(text.substr(0, end));
    text = end == std::string_view::npos ? "" : text.substr(end + 1);
    if (line.size() < 2 || line[0].starts_with('#') ||
        line[0].starts_with(';')) {
      continue;
    }
    const std::span rest = std::span(line).subspan(1);
    if (line[0] == "nameserver" && reachable(line[1])) {
      out.servers.emplace_back(line[1]);
    } else if (line[0] == "search" || line[0] == "domain") {
      out.search = join(rest);  // the last one counts: resolv.conf(5)
    } else if (line[0] == "options") {
      out.options += (out.options.empty() ? "" : " ") + join(rest);
    }
  }
  return out;
}

bool only_resolved_stub(std::string_view text) {
  bool stub = false;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    const auto line = words(rest.substr(0, end));
    rest = end == std::string_view::npos ? "" : rest.substr(end + 1);
    if (line.size() >= 2 && line[0] == "nameserver") {
      if (line[1] != "127.0.0.53") {
        return false;
      }
      stub = true;
    }
  }
  return stub;
}

}  // namespace

std::string hosts_file(const HostsOptions& options) {
  std::string text(fixed_hosts);
  for (const HostsEntry& entry : options.extra) {
    text += entry.ip + "\t" + entry.names + "\n";
  }
  if (!options.ip.empty() && !options.hostname.empty()) {
    text += options.ip + "\t";
    if (!options.domainname.empty()) {
      text += options.hostname + "." + options.domainname + " ";
    }
    text += options.hostname + "\n";
  }
  return text;
}

std::string resolv_conf(std::string_view of_host, const ResolverOptions& own) {
  Parsed parsed = parse(of_host);
  if (!own.dns.empty()) {
    parsed.servers = own.dns;
  } else if (parsed.servers.empty()) {
    parsed.servers = {"8.8.8.8", "8.8.4.4"};
  }
  if (!own.search.empty()) {
    parsed.search = join(own.search);
  }
  if (!own.options.empty()) {
    parsed.options = join(own.options);
  }
  if (own.by_engine) {
    parsed.servers = {DnsServer::address};
    // A container's name has no dot: it is to be asked for as it is.
    if (parsed.options.find("ndots:") == std::string::npos) {
      parsed.options += parsed.options.empty() ? "ndots:0" : " ndots:0";
    }
  }
  std::string text;
  // "--dns-search ." is how one asks for no search list at all.
  if (!parsed.search.empty() && parsed.search != ".") {
    text += "search " + parsed.search + "\n";
  }
  for (const std::string& server : parsed.servers) {
    text += "nameserver " + server + "\n";
  }
  if (!parsed.options.empty()) {
    text += "options " + parsed.options + "\n";
  }
  return text;
}

std::vector<Ipv4> name_servers(std::string_view resolv_conf) {
  std::vector<Ipv4> servers;
  for (const std::string& server : parse(resolv_conf).servers) {
    if (const auto address = parse_ipv4(server)) {
      servers.push_back(*address);
    }
  }
  return servers;
}

std::vector<std::string> host_name_servers() {
  std::vector<std::string> servers;
  const std::string text = sys::read_file("/etc/resolv.conf").value_or("");
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    const auto line = words(rest.substr(0, end));
    rest = end == std::string_view::npos ? "" : rest.substr(end + 1);
    if (line.size() >= 2 && line[0] == "nameserver") {
      servers.emplace_back(line[1]);
    }
  }
  return servers;
}

std::string resolv_conf(const ResolverOptions& own) {
  std::string host = sys::read_file("/etc/resolv.conf").value_or("");
  if (only_resolved_stub(host)) {
    // The servers behind the stub: systemd-resolved(8).
    host = sys::read_file("/run/systemd/resolve/resolv.conf").value_or(host);
  }
  return resolv_conf(host, own);
}

}  // namespace docker_cpp::network
