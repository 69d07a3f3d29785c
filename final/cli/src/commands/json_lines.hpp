// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "docker_cpp/cli/value.hpp"

namespace docker_cpp::cli {

/// Takes JSON documents, one per line, out of pieces of a stream.
class JsonLines {
 public:
  /// \returns the documents that are complete by now; what is no JSON is
  /// passed over
  [[nodiscard]] std::vector<Value> feed(std::string_view piece) {
    kept_.append(piece);
    std::vector<Value> found;
    std::size_t from = 0;
    for (auto end = kept_.find('\n'); end != std::string::npos;
         end = kept_.find('\n', from)) {
      if (auto value = parse_json(kept_.substr(from, end - from))) {
        found.push_back(*std::move(value));
      }
      from = end + 1;
    }
    kept_.erase(0, from);
    return found;
  }

 private:
  std::string kept_;
};

}  // namespace docker_cpp::cli
