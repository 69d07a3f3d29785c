// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/oci/json_view.hpp"
#include "docker_cpp/oci/spec.hpp"
#include "docker_cpp/oci/state.hpp"

namespace docker_cpp::oci {

const char* status_name(Status status) noexcept {
  switch (status) {
    case Status::creating:
      return "creating";
    case Status::created:
      return "created";
    case Status::running:
      return "running";
    case Status::paused:
      return "paused";
    case Status::stopped:
      break;
  }
  return "stopped";
}

std::string print_state(const State& state) {
  std::string json = R"({"ociVersion":")" + std::string(oci_version) +
                     R"(","id":)" + json_quote(state.id) + R"(,"status":")" +
                     status_name(state.status) + "\"";
  if (state.pid > 0) {
    json += R"(,"pid":)" + std::to_string(state.pid);
  }
  json += R"(,"bundle":)" + json_quote(state.bundle);
  if (!state.annotations.empty()) {
    json += R"(,"annotations":{)";
    const char* comma = "";
    for (const auto& [key, value] : state.annotations) {
      json += comma + json_quote(key) + ":" + json_quote(value);
      comma = ",";
    }
    json += "}";
  }
  return json + "}";
}

}  // namespace docker_cpp::oci
