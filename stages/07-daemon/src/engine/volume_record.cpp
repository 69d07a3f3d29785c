// SPDX-License-Identifier: Apache-2.0
#include "volume_record.hpp"

#include <nlohmann/json.hpp>

#include "../json_fields.hpp"

#include "docker_cpp/daemon/model_json.hpp"

namespace docker_cpp::daemon {

std::string print_volume_record(const Volume& volume) {
  return dump({{"Name", volume.name},
               {"Driver", "local"},
               {"Labels", volume.labels},
               {"Options", volume.options},
               {"CreatedAt", format_time(volume.created)},
               {"Anonymous", volume.anonymous}});
}

std::optional<Volume> parse_volume_record(std::string_view text) {
  try {
    const nlohmann::json parsed = parse_json(text);
    const Fields fields(parsed, "Volume");
    Volume volume;
    std::string created;
    fields.read("Name", volume.name);
    fields.read("Labels", volume.labels);
    fields.read("Options", volume.options);
    fields.read("CreatedAt", created);
    fields.read("Anonymous", volume.anonymous);
    if (const auto time = parse_time(created)) {
      volume.created = *time;
    }
    return volume;
  } catch (const ApiError&) {
    return std::nullopt;
  }
}

}  // namespace docker_cpp::daemon
