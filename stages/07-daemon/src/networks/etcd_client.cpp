// SPDX-License-Identifier: Apache-2.0
#include "etcd_client.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include <nlohmann/json.hpp>

#include "docker_cpp/daemon/api_error.hpp"

namespace docker_cpp::daemon {
namespace {

using nlohmann::json;

constexpr std::size_t longest_answer = 16U << 20;

[[noreturn]] void away(const std::string& why) {
  throw ApiError(ErrorCode::unavailable, "the cluster store " + why);
}

constexpr std::string_view digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string to_base64(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += 3) {
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      const bool there = at + i < text.size();
      bits =
          bits << 8U | (there ? static_cast<unsigned char>(text[at + i]) : 0U);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      out += at + i <= text.size() ? digits[bits >> (18U - 6U * i) & 63U] : '=';
    }
  }
  return out;
}

std::string from_base64(std::string_view text) {
  std::string out;
  std::uint32_t bits = 0;
  unsigned have = 0;
  for (const char c : text) {
    const std::size_t digit = digits.find(c);
    if (digit == std::string_view::npos) {
      break;
    }
    bits = bits << 6U | static_cast<std::uint32_t>(digit);
    have += 6;
    if (have >= 8) {
      have -= 8;
      out += static_cast<char>(bits >> have & 0xffU);
    }
  }
  return out;
}

/// The first key that does not begin with `prefix`, to etcd the end of a range.
std::string after_prefix(std::string prefix) {
  ++prefix.back();  // never 0xff: our keys are text
  return prefix;
}

std::string text(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>()
                                                     : "";
}

/// 64 bits are text in protobuf's JSON.
std::int64_t number(const json& object, const char* key) {
  const std::string digits_of = text(object, key);
  std::int64_t out = 0;
  std::from_chars(digits_of.data(), digits_of.data() + digits_of.size(), out);
  return out;
}

StoredValue value_of(const json& kv) {
  return {.key = from_base64(text(kv, "key")),
          .value = from_base64(text(kv, "value"))};
}

}  // namespace

EtcdClient::EtcdClient(std::vector<std::string> endpoints, StoreAccess access)
    : endpoints_(std::move(endpoints)),
      access_(std::move(access)),
      tls_(store_tls(access_)) {}

/// The next one from now on.
void EtcdClient::turn() {
  std::rotate(endpoints_.begin(), endpoints_.begin() + 1, endpoints_.end());
}

EtcdWire EtcdClient::send(const char* path, const std::string& body) {
  // HTTP/1.0: the answer ends with the connection, and is not in chunks.
  const std::string request =
      std::string("POST ") + path +
      " HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: " +
      std::to_string(body.size()) +
      (token_.empty() ? "" : "\r\nAuthorization: " + token_) + "\r\n\r\n" +
      body;
  for (std::size_t i = 0; i < endpoints_.size(); ++i) {
    EtcdWire wire(endpoints_.front(), tls_);
    if (wire && wire.write(request)) {
      return wire;
    }
    turn();
  }
  away("cannot be reached at " + endpoints_.front());
}

/// The answer of one member.
EtcdClient::Answer EtcdClient::ask(const char* path, const std::string& body) {
  EtcdWire wire = send(path, body);
  std::string answer;
  do {
    if (!wire.wait() || answer.size() > longest_answer) {
      return {.trouble = "does not answer"};
    }
  } while (wire.read(answer));
  const std::size_t head = answer.find("\r\n\r\n");
  if (head == std::string::npos) {
    return {.trouble = "does not answer"};
  }
  const json out = json::parse(answer.substr(head + 4), nullptr, false);
  if (!out.is_object() || answer.compare(answer.find(' ') + 1, 3, "200") != 0) {
    return {.trouble =
                "refuses: " + (out.is_object() ? text(out, "error")
                                               : answer.substr(head + 4, 200))};
  }
  return {.body = answer.substr(head + 4), .trouble = {}};
}

void EtcdClient::authenticate() {
  token_.clear();
  const Answer answer =
      ask("/v3/auth/authenticate",
          json{{"name", access_.user}, {"password", access_.password}}.dump());
  if (!answer.trouble.empty()) {
    away(answer.trouble);
  }
  token_ = text(json::parse(answer.body), "token");
}

/// A member without a leader refuses, and one that is cut off says nothing:
/// then another one may know. A transaction is told once only, for it may
/// have been done by who did not answer.
json EtcdClient::call(const char* path, const json& body) {
  const std::string text_of = body.dump();
  const bool once = std::string_view(path) == "/v3/kv/txn";
  if (!access_.user.empty() && token_.empty()) {
    authenticate();
  }
  Answer answer = ask(path, text_of);
  if (!access_.user.empty() &&
      answer.trouble.find("auth token") != std::string::npos) {
    authenticate();  // it had grown old
    answer = ask(path, text_of);
  }
  for (std::size_t i = 1; !answer.trouble.empty() && i < endpoints_.size();
       ++i) {
    turn();
    if (once) {
      break;
    }
    answer = ask(path, text_of);
  }
  if (!answer.trouble.empty()) {
    away(answer.trouble);
  }
  return json::parse(answer.body);
}

std::string EtcdClient::grant(std::chrono::seconds time) {
  return text(call("/v3/lease/grant", {{"TTL", time.count()}}), "ID");
}

bool EtcdClient::keep_alive(const std::string& lease) {
  const json answer = call("/v3/lease/keepalive", {{"ID", lease}});
  const auto result = answer.find("result");
  return result != answer.end() && number(*result, "TTL") > 0;
}

void EtcdClient::put(std::string_view key, std::string_view value,
                     const std::string& lease) {
  json body = {{"key", to_base64(key)}, {"value", to_base64(value)}};
  if (!lease.empty()) {
    body["lease"] = lease;
  }
  call("/v3/kv/put", body);
}

void EtcdClient::remove(std::string_view key) {
  call("/v3/kv/deleterange", {{"key", to_base64(key)}});
}

bool EtcdClient::put_new(const std::vector<Entry>& entries,
                         const std::string& lease) {
  json compare = json::array();
  json success = json::array();
  for (const auto& [key, value] : entries) {
    compare.push_back({{"key", to_base64(key)},
                       {"target", "CREATE"},
                       {"result", "EQUAL"},
                       {"create_revision", "0"}});
    json put = {{"key", to_base64(key)}, {"value", to_base64(value)}};
    if (!lease.empty()) {
      put["lease"] = lease;
    }
    success.push_back({{"request_put", std::move(put)}});
  }
  return call("/v3/kv/txn", {{"compare", std::move(compare)},
                             {"success", std::move(success)}})
      .value("succeeded", false);
}

EtcdClient::Listing EtcdClient::list(std::string_view prefix) {
  const json answer =
      call("/v3/kv/range",
           {{"key", to_base64(prefix)},
            {"range_end", to_base64(after_prefix(std::string(prefix)))}});
  Listing out;
  if (const auto header = answer.find("header"); header != answer.end()) {
    out.revision = number(*header, "revision");
  }
  for (const json& kv : answer.value("kvs", json::array())) {
    out.values.push_back(value_of(kv));
  }
  return out;
}

void EtcdClient::watch(std::string_view prefix, std::int64_t after) {
  unread_.clear();
  head_read_ = false;
  if (!access_.user.empty()) {
    authenticate();
  }
  watch_ =
      send("/v3/watch",
           json{{"create_request",
                 {{"key", to_base64(prefix)},
                  {"range_end", to_base64(after_prefix(std::string(prefix)))},
                  {"start_revision", std::to_string(after + 1)}}}}
               .dump());
}

std::vector<StoredValue> EtcdClient::told() {
  if (!watch_.read(unread_) || unread_.size() > longest_answer) {
    watch_ = {};
    turn();
    away("has gone");
  }
  if (!head_read_) {
    const std::size_t head = unread_.find("\r\n\r\n");
    if (head == std::string::npos) {
      return {};
    }
    unread_.erase(0, head + 4);
    head_read_ = true;
  }
  std::vector<StoredValue> out;
  for (std::size_t end = unread_.find('\n'); end != std::string::npos;
       end = unread_.find('\n')) {
    const json line = json::parse(unread_.substr(0, end), nullptr, false);
    unread_.erase(0, end + 1);
    const auto result = line.is_object() ? line.find("result") : line.end();
    if (!line.is_object() || result == line.end() ||
        result->value("canceled", false)) {
      away("ended the watch");
    }
    for (const json& event : result->value("events", json::array())) {
      out.push_back(value_of(event.value("kv", json::object())));
      out.back().gone = text(event, "type") == "DELETE";
    }
  }
  return out;
}

}  // namespace docker_cpp::daemon
