// SPDX-License-Identifier: Apache-2.0
// Which hosts are believed, and on what grounds: loaded before the confinement.
#include <arpa/inet.h>
#include <curl/curl.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <optional>
#include <set>

#include "http.hpp"

#include "docker_cpp/images/image_error.hpp"
#include "docker_cpp/sys/file.hpp"

namespace docker_cpp::images {
namespace {

constexpr const char* system_authorities = "/etc/ssl/certs/ca-certificates.crt";
constexpr std::size_t largest_bundle = std::size_t{16} << 20;

/// An address of either family as 16 bytes, IPv4 mapped into IPv6.
using Address = std::array<unsigned char, 16>;

std::optional<Address> address_of(const std::string& text) {
  Address address{};
  if (::inet_pton(AF_INET6, text.c_str(), address.data()) == 1) {
    return address;
  }
  address = {};
  address[10] = address[11] = 0xff;
  if (::inet_pton(AF_INET, text.c_str(), address.data() + 12) == 1) {
    return address;
  }
  return std::nullopt;
}

struct Network {
  Address address;
  int bits;
};

std::optional<Network> network_of(const std::string& text) {
  const auto slash = text.find('/');
  if (slash == std::string::npos) {
    return std::nullopt;
  }
  const auto address = address_of(text.substr(0, slash));
  int bits = -1;
  const char* const end = text.data() + text.size();
  const auto [rest, error] =
      std::from_chars(text.data() + slash + 1, end, bits);
  if (!address || error != std::errc{} || rest != end || bits < 0) {
    return std::nullopt;
  }
  bits += text.find(':') == std::string::npos ? 96 : 0;
  return bits > 128 ? std::nullopt : std::optional(Network{*address, bits});
}

bool holds(const Network& network, const Address& address) {
  for (int bit = 0; bit < network.bits; ++bit) {
    const auto mask = static_cast<unsigned>(0x80 >> (bit % 8));
    const auto at = static_cast<std::size_t>(bit / 8);
    if ((network.address.at(at) & mask) != (address.at(at) & mask)) {
      return false;
    }
  }
  return true;
}

std::string without_port(const std::string& host) {
  if (host.starts_with('[')) {
    return host.substr(1, host.find(']') - 1);
  }
  return host.substr(0, host.find(':'));
}

std::string read_pem(const std::filesystem::path& path) {
  const auto text = sys::read_file(path.c_str(), largest_bundle);
  if (!text) {
    throw ImageError(ImageError::Reason::failed,
                     "cannot read " + path.string() + ": " +
                         std::strerror(text.error().code));
  }
  return *text;
}

void add_folder(const std::filesystem::path& folder, HostTrust& trust) {
  std::error_code error;
  std::set<std::filesystem::path> files;
  for (const auto& one : std::filesystem::directory_iterator(folder, error)) {
    files.insert(one.path());
  }
  for (const auto& file : files) {
    if (file.extension() == ".crt") {
      trust.authorities += read_pem(file) + "\n";
    } else if (file.extension() == ".cert") {
      auto key = file;
      key.replace_extension(".key");
      if (!files.contains(key)) {
        throw ImageError(ImageError::Reason::failed,
                         "missing key " + key.filename().string() +
                             " for client certificate " +
                             file.filename().string());
      }
      trust.certificate = read_pem(file);
      trust.key = read_pem(key);
    } else if (file.extension() == ".key") {
      auto certificate = file;
      certificate.replace_extension(".cert");
      if (!files.contains(certificate)) {
        throw ImageError(ImageError::Reason::failed,
                         "missing client certificate " +
                             certificate.filename().string() + " for key " +
                             file.filename().string());
      }
    }
  }
}

}  // namespace

bool is_insecure(const std::string& host,
                 const std::vector<std::string>& list) {
  if (std::ranges::find(list, host) != list.end()) {
    return true;
  }
  std::string bare = without_port(host);
  if (std::ranges::find(list, bare) != list.end()) {
    return true;
  }
  if (bare == "localhost") {
    bare = "127.0.0.1";
  }
  const auto address = address_of(bare);
  if (!address) {
    return false;
  }
  const auto in = [&](const std::string& text) {
    const auto network = network_of(text);
    return network && holds(*network, *address);
  };
  return in("127.0.0.0/8") || in("::1/128") || std::ranges::any_of(list, in);
}

HostTrust read_trust(const std::vector<std::string>& folders,
                     const std::string& host) {
  HostTrust trust;
  for (const std::string& folder : folders) {
    add_folder(std::filesystem::path(folder) / host, trust);
  }
  if (!trust.authorities.empty()) {  // libcurl takes one set or the other
    const auto system = sys::read_file(system_authorities, largest_bundle);
    trust.authorities += system ? *system : "";
  }
  return trust;
}

std::vector<std::string> prepare_http() {
  curl_global_init(CURL_GLOBAL_DEFAULT);
  // The modules that nsswitch.conf names are loaded at the first look-up.
  addrinfo* found = nullptr;
  if (::getaddrinfo("localhost", nullptr, nullptr, &found) == 0) {
    ::freeaddrinfo(found);
  }
  return {"/etc/resolv.conf", "/etc/hosts",    "/etc/nsswitch.conf",
          "/etc/host.conf",   "/etc/gai.conf", "/etc/services",
          "/etc/ssl/certs",   "/usr/lib/ssl",  "/usr/share/ca-certificates",
          "/dev/urandom"};
}

}  // namespace docker_cpp::images
