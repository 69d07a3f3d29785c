// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::daemon::http {

/// %41 as A and, in a query, + as a space.
enum class Plus : bool { is_plus, is_space };

/// Empty when an escape is broken or makes a NUL.
[[nodiscard]] std::optional<std::string> decode_percent(std::string_view text,
                                                        Plus plus);

/// The parameters after the question mark, decoded.
class Query {
 public:
  Query() = default;
  explicit Query(std::string_view text);

  /// The first value given, or what is empty.
  [[nodiscard]] std::string get(const std::string& key) const;
  [[nodiscard]] bool has(const std::string& key) const;
  [[nodiscard]] std::vector<std::string> all(const std::string& key) const;

  /// Docker's boolean: "", "0", "no", "false" and "none" in any case are not.
  [[nodiscard]] bool flag(const std::string& key, bool missing = false) const;

  /// \throws ApiError invalid_argument for what is no whole number
  [[nodiscard]] std::optional<int> number(const std::string& key) const;

 private:
  std::multimap<std::string, std::string> values_;
};

/// A request whose headers are complete and sound.
struct Request {
  std::string method;
  std::string path;  ///< as sent, still encoded, from the first slash
  Query query;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;  ///< unless it is streamed

  /// The read end of a pipe from which a streamed body comes, in blocking
  /// mode; end of file is the end of the body, or of the client.
  sys::UniqueFd body_stream;

  /// The first header of that name, in any case; empty when there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const;
};

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Head {
  int status = 200;
  std::string content_type;  ///< none when empty
  Headers headers;           ///< more of them
};

/// "Not Found" for 404.
[[nodiscard]] std::string_view reason_phrase(int status) noexcept;

/// The bytes of a response's head, up to and with the empty line: headers
/// sorted by name, then Date, then `framing` ("Content-Length: 5").
[[nodiscard]] std::string serialize(const Head& head, std::string_view framing);

}  // namespace docker_cpp::daemon::http
