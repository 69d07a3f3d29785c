// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "../command.hpp"

#include "docker_cpp/oci/json_view.hpp"

namespace docker_cpp::runtime {
namespace {

std::string line(const char* key, const std::string& json) {
  return std::string("  \"") + key + "\": " + json;
}

std::string annotations(const oci::State& state) {
  std::string json = "{\n";
  const char* comma = "";
  for (const auto& [key, value] : state.annotations) {
    json +=
        comma + ("    " + oci::json_quote(key)) + ": " + oci::json_quote(value);
    comma = ",\n";
  }
  return json + "\n  }";
}

}  // namespace

// The specification's properties, and those that runc adds, in runc's order.
int state(Context& context, Arguments arguments) {
  Flags flags;
  const std::string id = only_id("state", flags.parse(arguments));
  const Container container = Container::open(context.root, id, Access::look);
  const oci::State state = container.state(container.status());
  const Record& record = container.record();
  std::string json =
      "{\n" + line("ociVersion", oci::json_quote(oci::oci_version)) + ",\n" +
      line("id", oci::json_quote(state.id)) + ",\n" +
      line("pid", std::to_string(state.pid)) + ",\n" +
      line("status", oci::json_quote(oci::status_name(state.status))) + ",\n" +
      line("bundle", oci::json_quote(state.bundle)) + ",\n" +
      line("rootfs", oci::json_quote(record.rootfs)) + ",\n" +
      line("created", oci::json_quote(record.created));
  if (!state.annotations.empty()) {
    json += ",\n" + line("annotations", annotations(state));
  }
  std::printf("%s,\n%s\n}\n", json.c_str(),
              line("owner", oci::json_quote("")).c_str());
  return 0;
}

}  // namespace docker_cpp::runtime
