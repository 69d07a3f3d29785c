// SPDX-License-Identifier: Apache-2.0
#include "registry_job.hpp"

#include "json_reader.hpp"

namespace docker_cpp::images {
namespace {

constexpr std::size_t largest_job = std::size_t{16} << 20;

Json to_json(const Credentials& who) {
  return {{"username", who.username},
          {"password", who.password},
          {"identityToken", who.identity_token},
          {"registryToken", who.registry_token}};
}

Json to_json(const RegistryOptions& options) {
  return {{"insecure", options.insecure},
          {"mirrors", options.mirrors},
          {"httpProxy", options.http_proxy},
          {"httpsProxy", options.https_proxy},
          {"noProxy", options.no_proxy},
          {"certificates", options.certificates},
          {"parallel", options.parallel},
          {"stall", options.stall_seconds},
          {"attempts", options.attempts},
          {"backOff", options.back_off_milliseconds}};
}

Credentials read_credentials(const JsonObject& from) {
  return {.username = from.text("username"),
          .password = from.text("password"),
          .identity_token = from.text("identityToken"),
          .registry_token = from.text("registryToken")};
}

RegistryOptions read_options(const JsonObject& from) {
  const auto number = [&](const char* key) {
    return static_cast<int>(from.integer(key));
  };
  return {.insecure = from.texts("insecure"),
          .mirrors = from.texts("mirrors"),
          .http_proxy = from.text("httpProxy"),
          .https_proxy = from.text("httpsProxy"),
          .no_proxy = from.text("noProxy"),
          .certificates = from.texts("certificates"),
          .parallel = number("parallel"),
          .stall_seconds = number("stall"),
          .attempts = number("attempts"),
          .back_off_milliseconds = number("backOff")};
}

}  // namespace

std::string print(const RegistryJob& job) {
  Json blobs = Json::array();
  for (const RegistryJob::Blob& blob : job.blobs) {
    blobs.push_back({{"digest", blob.digest},
                     {"size", blob.size},
                     {"id", blob.id},
                     {"mount", blob.mount}});
  }
  Json manifests = Json::array();
  for (const RegistryJob::Manifest& one : job.manifests) {
    manifests.push_back({{"digest", one.digest},
                         {"mediaType", one.media_type},
                         {"size", one.size},
                         {"tag", one.tag},
                         {"text", one.text}});
  }
  const Json json = {{"operation", job.operation},
                     {"reference", job.reference},
                     {"platform", job.platform},
                     {"allTags", job.all_tags},
                     {"credentials", to_json(job.credentials)},
                     {"options", to_json(job.options)},
                     {"blobs", std::move(blobs)},
                     {"manifests", std::move(manifests)},
                     {"term", job.term},
                     {"limit", job.limit}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

RegistryJob parse_registry_job(std::string_view text) {
  const Json json = parse_json(text, "registry job", largest_job);
  const JsonObject root(json, "registry job");
  RegistryJob job{.operation = root.text("operation"),
                  .reference = root.text("reference"),
                  .platform = root.text("platform"),
                  .all_tags = root.flag("allTags"),
                  .credentials = {},
                  .options = {},
                  .blobs = {},
                  .manifests = {},
                  .term = root.text("term"),
                  .limit = static_cast<int>(root.integer("limit"))};
  if (const auto who = root.object("credentials")) {
    job.credentials = read_credentials(*who);
  }
  if (const auto options = root.object("options")) {
    job.options = read_options(*options);
  }
  for (const JsonObject& one : root.objects("blobs")) {
    job.blobs.push_back(
        {.digest = one.text("digest"),
         .size = static_cast<std::uint64_t>(one.integer("size")),
         .id = one.text("id"),
         .mount = one.texts("mount")});
  }
  for (const JsonObject& one : root.objects("manifests")) {
    job.manifests.push_back(
        {.digest = one.text("digest"),
         .media_type = one.text("mediaType"),
         .size = static_cast<std::uint64_t>(one.integer("size")),
         .tag = one.text("tag"),
         .text = one.text("text")});
  }
  return job;
}

}  // namespace docker_cpp::images
