// SPDX-License-Identifier: Apache-2.0
#include "relay.hpp"

namespace docker_cpp::daemon::http {

std::string DetachFilter::filter(std::string_view typed) {
  std::string out;
  for (const char c : typed) {
    if (c == keys_[matched_]) {
      if (++matched_ == keys_.size()) {
        detached_ = true;
        return out;
      }
      continue;
    }
    // Not the sequence after all: what was held back belongs to the program.
    out.append(keys_, 0, matched_);
    matched_ = 0;
    if (c == keys_[0]) {
      matched_ = 1;
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace docker_cpp::daemon::http
