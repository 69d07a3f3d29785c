// SPDX-License-Identifier: Apache-2.0
#include "registry_auth.hpp"

#include <cstdint>
#include <string>

#include <nlohmann/json.hpp>

#include "docker_cpp/daemon/api_error.hpp"

namespace docker_cpp::daemon::api {
namespace {

using nlohmann::json;

int digit_of(char c) {
  if (c >= 'A' && c <= 'Z') {
    return c - 'A';
  }
  if (c >= 'a' && c <= 'z') {
    return c - 'a' + 26;
  }
  if (c >= '0' && c <= '9') {
    return c - '0' + 52;
  }
  if (c == '+' || c == '-') {
    return 62;
  }
  return c == '/' || c == '_' ? 63 : -1;
}

std::string text_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>()
                                                     : std::string();
}

images::Credentials credentials_of(const json& object) {
  images::Credentials who{.username = text_of(object, "username"),
                          .password = text_of(object, "password"),
                          .identity_token = text_of(object, "identitytoken"),
                          .registry_token = text_of(object, "registrytoken")};
  const auto both = decode_base64(text_of(object, "auth"));
  if (const auto colon = both.find(':');
      who.username.empty() && colon != std::string::npos) {
    who.username = both.substr(0, colon);
    who.password = both.substr(colon + 1);
  }
  return who;
}

}  // namespace

std::string decode_base64(std::string_view text) {
  std::string bytes;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const int digit = digit_of(c);
    if (digit == -1) {
      break;
    }
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes += static_cast<char>(bits >> count & 0xff);
    }
  }
  return bytes;
}

images::Credentials read_registry_auth(std::string_view header) {
  const auto object = json::parse(decode_base64(header), nullptr, false);
  return object.is_object() ? credentials_of(object) : images::Credentials{};
}

images::Credentials need_registry_auth(std::string_view header) {
  const auto object = json::parse(decode_base64(header), nullptr, false);
  if (!object.is_object()) {
    throw ApiError(ErrorCode::invalid_argument,
                   std::string("Bad parameters and missing X-Registry-Auth: ") +
                       (header.empty() ? "EOF"
                                       : "invalid X-Registry-Auth "
                                         "header"));
  }
  return credentials_of(object);
}

std::map<std::string, images::Credentials> read_registry_config(
    std::string_view header) {
  std::map<std::string, images::Credentials> all;
  const auto object = json::parse(decode_base64(header), nullptr, false);
  if (object.is_object()) {
    for (const auto& [address, who] : object.items()) {
      if (who.is_object()) {
        all[address] = credentials_of(who);
      }
    }
  }
  return all;
}

}  // namespace docker_cpp::daemon::api
