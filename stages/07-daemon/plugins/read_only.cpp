// SPDX-License-Identifier: Apache-2.0
// A sample plugin: whoever may reach the daemon may look, and nothing more.
#include "docker_cpp/daemon/plugin.hpp"

namespace {

class ReadOnly : public docker_cpp::plugin::Plugin {
 public:
  explicit ReadOnly(std::string_view) {}

  std::optional<std::string> authorize(std::string_view request) override {
    const bool looks =
        request.find(R"("requestMethod":"GET")") != std::string_view::npos ||
        request.find(R"("requestMethod":"HEAD")") != std::string_view::npos;
    if (looks) {
      return std::nullopt;
    }
    return "this daemon is read-only";
  }
};

}  // namespace

DOCKER_CPP_PLUGIN(ReadOnly, "read-only", "1.0")
