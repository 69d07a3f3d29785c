// SPDX-License-Identifier: Apache-2.0
// A sample plugin: appends every event to the file that its configuration
// names, {"path": "/var/log/docker-cpp-events"}.
#include <fstream>
#include <stdexcept>

#include "docker_cpp/daemon/plugin.hpp"

namespace {

constexpr std::string_view key = R"("path":")";

/// The plugin links nothing of the daemon, so it reads its one string itself.
std::string path_of(std::string_view configuration) {
  const std::size_t begin = configuration.find(key);
  if (begin == std::string_view::npos) {
    throw std::runtime_error("no path given");
  }
  configuration.remove_prefix(begin + key.size());
  return std::string(configuration.substr(0, configuration.find('"')));
}

class EventLog : public docker_cpp::plugin::Plugin {
 public:
  explicit EventLog(std::string_view configuration)
      : file_(path_of(configuration), std::ios::app) {}

  void on_event(std::string_view event) override {
    file_ << event << std::endl;
  }

 private:
  std::ofstream file_;
};

}  // namespace

DOCKER_CPP_PLUGIN(EventLog, "event-log", "1.0")
