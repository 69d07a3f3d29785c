// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace docker_cpp::images {

/// One way to authenticate that a server offers: RFC 9110, section 11.6.1.
struct Challenge {
  std::string scheme;                             ///< lower case: "bearer"
  std::map<std::string, std::string> parameters;  ///< keys in lower case
};

/// The challenges of one WWW-Authenticate header. What is not proper ends the
/// list: a stranger wrote it.
[[nodiscard]] std::vector<Challenge> parse_challenges(std::string_view header);

}  // namespace docker_cpp::images
