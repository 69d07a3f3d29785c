// SPDX-License-Identifier: Apache-2.0
// Containers by a pattern of their ids, as crun's --regex has it.
#include <regex.h>

#include <memory>

#include "container.hpp"
#include "flags.hpp"

namespace docker_cpp::runtime {

std::vector<std::string> matching_ids(const std::string& root,
                                      const std::string& pattern) {
  regex_t compiled{};
  if (::regcomp(&compiled, pattern.c_str(), REG_EXTENDED | REG_NOSUB) != 0) {
    throw UsageError("--regex: \"" + pattern +
                     "\" is not a regular expression");
  }
  const std::unique_ptr<regex_t, void (*)(regex_t*)> owner(&compiled,
                                                           &::regfree);
  std::vector<std::string> found;
  for (const std::string& id : list_ids(root)) {
    if (::regexec(&compiled, id.c_str(), 0, nullptr, 0) == 0) {
      found.push_back(id);
    }
  }
  return found;
}

}  // namespace docker_cpp::runtime
