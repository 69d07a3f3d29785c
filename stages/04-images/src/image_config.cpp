// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <ctime>

#include "json_reader.hpp"

#include "docker_cpp/images/image.hpp"
#include "docker_cpp/images/image_error.hpp"
#include "docker_cpp/images/manifest.hpp"

namespace docker_cpp::images {
namespace {

Healthcheck read_healthcheck(const JsonObject& from) {
  return {.test = from.texts("Test"),
          .interval = from.integer("Interval"),
          .timeout = from.integer("Timeout"),
          .start_period = from.integer("StartPeriod"),
          .start_interval = from.integer("StartInterval"),
          .retries = static_cast<int>(
              std::clamp<std::int64_t>(from.integer("Retries"), 0, 1'000'000))};
}

ImageConfig read_config(const JsonObject& from) {
  ImageConfig config{.env = from.texts("Env"),
                     .cmd = from.optional_texts("Cmd"),
                     .entrypoint = from.optional_texts("Entrypoint"),
                     .working_dir = from.text("WorkingDir"),
                     .user = from.text("User"),
                     .labels = from.text_map("Labels"),
                     .exposed_ports = from.key_set("ExposedPorts"),
                     .volumes = from.key_set("Volumes"),
                     .stop_signal = from.text("StopSignal"),
                     .stop_timeout = {},
                     .shell = from.texts("Shell"),
                     .on_build = from.texts("OnBuild"),
                     .healthcheck = {}};
  if (from.has("StopTimeout")) {
    config.stop_timeout = static_cast<int>(
        std::clamp<std::int64_t>(from.integer("StopTimeout"), -1, INT32_MAX));
  }
  if (const auto check = from.object("Healthcheck")) {
    config.healthcheck = read_healthcheck(*check);
  }
  return config;
}

std::vector<HistoryEntry> read_history(const JsonObject& root) {
  std::vector<HistoryEntry> all;
  for (const JsonObject& one : root.objects("history")) {
    all.push_back({.created = one.text("created"),
                   .created_by = one.text("created_by"),
                   .author = one.text("author"),
                   .comment = one.text("comment"),
                   .empty_layer = one.flag("empty_layer")});
  }
  return all;
}

/// Seconds of "2024-05-01T10:00:00.5+02:00"; 0 when it is not a time.
std::int64_t seconds_of(const std::string& text) {
  std::tm parts{};
  const char* rest = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  if (rest == nullptr) {
    return 0;
  }
  while (*rest == '.' || (*rest >= '0' && *rest <= '9')) {
    ++rest;
  }
  std::tm zone{};
  std::int64_t offset = 0;
  if ((*rest == '+' || *rest == '-') &&
      ::strptime(rest + 1, "%H:%M", &zone) != nullptr) {
    offset = (zone.tm_hour * 60 + zone.tm_min) * 60;
    offset = *rest == '-' ? -offset : offset;
  }
  const std::int64_t seconds = ::timegm(&parts) - offset;
  return seconds > 0 ? seconds : 0;  // Go's zero time is the year 1
}

std::vector<std::string> read_diff_ids(const JsonObject& root) {
  const auto rootfs = root.object("rootfs");
  if (!rootfs) {
    root.refuse("rootfs", "missing");
  }
  if (rootfs->text("type") != "layers") {
    rootfs->refuse("type", "not 'layers'");
  }
  std::vector<std::string> ids = rootfs->texts("diff_ids");
  for (const std::string& id : ids) {
    if (const auto digest = Digest::parse(id); !digest) {
      rootfs->refuse("diff_ids", digest.error());
    }
  }
  if (ids.size() > most_layers) {
    rootfs->refuse("diff_ids", "more than 500 layers");
  }
  return ids;
}

}  // namespace

Image parse_image_config(std::string_view text) {
  const Json json = parse_json(text, "image configuration", largest_config);
  const JsonObject root(json, "image configuration");
  Image image;
  image.id = Digest::of(text).text();
  image.raw_config = text;
  image.created_text = root.text("created");
  image.created = seconds_of(image.created_text);
  image.architecture = root.text("architecture");
  image.variant = root.text("variant");
  image.os = root.text("os");
  image.author = root.text("author");
  image.comment = root.text("comment");
  image.docker_version = root.text("docker_version");
  image.diff_ids = read_diff_ids(root);
  image.chain_ids = chain_ids(image.diff_ids);
  image.history = read_history(root);
  if (const auto config = root.object("config")) {
    image.config = read_config(*config);
  }
  return image;
}

}  // namespace docker_cpp::images
