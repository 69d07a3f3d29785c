// SPDX-License-Identifier: Apache-2.0
#include "registry/manifest_lists.hpp"

#include <algorithm>
#include <filesystem>

#include "file_io.hpp"
#include "registry/run_filter.hpp"

#include "docker_cpp/cli/failure.hpp"
#include "docker_cpp/cli/registry_login.hpp"
#include "docker_cpp/cli/text.hpp"
#include "docker_cpp/sys/file.hpp"

namespace docker_cpp::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view docker_list =
    "application/vnd.docker.distribution.manifest.list.v2+json";
constexpr std::string_view oci_index =
    "application/vnd.oci.image.index.v1+json";

std::string domain_of(const Reference& reference) {
  return cut(reference.full, '/').first;
}

/// host/x:1 and host/x@sha256:… as a file's name.
std::string file_name(const Reference& reference) {
  auto name = reference.full +
              (reference.digest.empty()
                   ? ":" + (reference.tag.empty() ? "latest" : reference.tag)
                   : "@" + reference.digest);
  std::ranges::replace(name, '/', '_');
  std::ranges::replace(name, ':', '-');
  return name;
}

std::string whole_name(const Reference& reference) {
  return reference.full +
         (reference.digest.empty()
              ? ":" + (reference.tag.empty() ? "latest" : reference.tag)
              : "@" + reference.digest);
}

Value job_for(const ClientConfig& config, const Reference& reference,
              const char* operation, bool insecure) {
  const auto login = find_login(config, server_of_domain(domain_of(reference)));
  auto credentials = Value::object();
  credentials.set("username", login.username)
      .set("password", login.password)
      .set("identityToken", login.identity_token);
  auto options = Value::object();
  options
      .set("insecure",
           Value::strings(insecure ? std::vector{domain_of(reference)}
                                   : std::vector<std::string>()))
      .set("httpProxy", environment("HTTP_PROXY"))
      .set("httpsProxy", environment("HTTPS_PROXY"))
      .set("noProxy", environment("NO_PROXY"))
      .set("certificates",
           Value::strings({"/etc/docker/certs.d", "/etc/docker-cpp/certs.d"}))
      .set("parallel", 1)
      .set("stall", 30)
      .set("attempts", 5)
      .set("backOff", 500);
  auto job = Value::object();
  job.set("operation", operation)
      .set("reference", whole_name(reference))
      .set("credentials", credentials)
      .set("options", options);
  return job;
}

/// The line of that type in what the worker says. \throws Failure
Value run_job(const Value& job, std::string_view type) {
  const auto result = run_filter({own_program("docker-cpp-worker"), "registry"},
                                 print_json(job));
  std::string_view rest = result.output;
  while (!rest.empty()) {
    const auto end = std::min(rest.find('\n'), rest.size());
    const auto line = parse_json(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line && (*line)["type"].text() == "error") {
      throw Failure((*line)["message"].text());
    }
    if (line && (*line)["type"].text() == type) {
      return *line;
    }
  }
  throw Failure("docker-cpp-worker gave no answer (exit code " +
                std::to_string(result.exit_code) + ")");
}

Value to_json(const ManifestEntry& entry) {
  auto value = Value::object();
  value.set("Reference", whole_name(entry.reference))
      .set("MediaType", entry.media_type)
      .set("Digest", entry.digest)
      .set("Size", entry.size)
      .set("Architecture", entry.architecture)
      .set("Os", entry.os)
      .set("Variant", entry.variant)
      .set("OsVersion", entry.os_version)
      .set("OsFeatures", Value::strings(entry.os_features))
      .set("Text", entry.text);
  return value;
}

ManifestEntry from_json(const Value& value) {
  const auto reference = parse_reference(value["Reference"].text());
  if (!reference) {
    throw Failure("a damaged manifest entry: " + reference.error());
  }
  ManifestEntry entry{.reference = *reference,
                      .media_type = value["MediaType"].text(),
                      .digest = value["Digest"].text(),
                      .size = value["Size"].number(),
                      .architecture = value["Architecture"].text(),
                      .os = value["Os"].text(),
                      .variant = value["Variant"].text(),
                      .os_version = value["OsVersion"].text(),
                      .os_features = {},
                      .text = value["Text"].text()};
  for (const auto& one : value["OsFeatures"].items()) {
    entry.os_features.push_back(one.text());
  }
  return entry;
}

Value platform_of(const ManifestEntry& entry) {
  auto platform = Value::object();
  platform.set("architecture", entry.architecture).set("os", entry.os);
  if (!entry.os_version.empty()) {
    platform.set("os.version", entry.os_version);
  }
  if (!entry.os_features.empty()) {
    platform.set("os.features", Value::strings(entry.os_features));
  }
  if (!entry.variant.empty()) {
    platform.set("variant", entry.variant);
  }
  return platform;
}

}  // namespace

ManifestEntry fetch_manifest(const ClientConfig& config,
                             const Reference& reference, bool insecure) {
  const auto answer = run_job(
      job_for(config, reference, "distribution", insecure), "distribution");
  const auto& platform = answer["platforms"].at(0);
  return {.reference = reference,
          .media_type = answer["mediaType"].text(),
          .digest = answer["digest"].text(),
          .size = answer["size"].number(),
          .architecture = platform["architecture"].text(),
          .os = platform["os"].text(),
          .variant = platform["variant"].text(),
          .os_version = {},
          .os_features = {},
          .text = answer["text"].text()};
}

Value fetch_referrers(const ClientConfig& config, const Reference& reference,
                      const std::string& artifact_type, bool insecure) {
  auto job = job_for(config, reference, "referrers", insecure);
  job.set("term", artifact_type);
  return run_job(job, "referrers")["manifests"];
}

std::string ManifestLists::folder_of(const Reference& list) const {
  return folder_ + "/" + file_name(list);
}

bool ManifestLists::has(const Reference& list) const {
  std::error_code error;
  return fs::is_directory(folder_of(list), error);
}

void ManifestLists::put(const Reference& list,
                        const ManifestEntry& entry) const {
  make_folders(folder_of(list), 0755);
  replace_file(folder_of(list) + "/" + file_name(entry.reference),
               print_json(to_json(entry)), 0644);
}

ManifestEntry ManifestLists::get(const Reference& list,
                                 const Reference& entry) const {
  const auto path = folder_of(list) + "/" + file_name(entry);
  const auto text = sys::read_file(path.c_str());
  const auto value = text ? parse_json(*text) : parse_json("");
  if (!value) {
    throw Failure("No such manifest: " + whole_name(entry));
  }
  return from_json(*value);
}

std::vector<ManifestEntry> ManifestLists::all(const Reference& list) const {
  std::vector<std::string> paths;
  std::error_code error;
  for (const auto& one : fs::directory_iterator(folder_of(list), error)) {
    paths.push_back(one.path());
  }
  std::ranges::sort(paths);
  std::vector<ManifestEntry> entries;
  for (const auto& path : paths) {
    const auto text = sys::read_file(path.c_str());
    if (const auto value = text ? parse_json(*text) : parse_json("")) {
      entries.push_back(from_json(*value));
    }
  }
  return entries;
}

void ManifestLists::remove(const Reference& list) const {
  if (!has(list)) {
    throw Failure("No such manifest: " + whole_name(list));
  }
  std::error_code error;
  fs::remove_all(folder_of(list), error);
}

std::string print_list(const std::vector<ManifestEntry>& entries,
                       std::string& media_type) {
  const bool oci = std::ranges::any_of(entries, [](const auto& entry) {
    return entry.media_type.find("oci.image") != std::string::npos;
  });
  media_type = oci ? oci_index : docker_list;
  auto manifests = Value::array();
  for (const auto& entry : entries) {
    auto descriptor = Value::object();
    descriptor.set("mediaType", entry.media_type)
        .set("size", entry.size)
        .set("digest", entry.digest)
        .set("platform", platform_of(entry));
    manifests.append(descriptor);
  }
  auto list = Value::object();
  list.set("schemaVersion", 2)
      .set("mediaType", media_type)
      .set("manifests", manifests);
  return print_indented(list, "", "   ");
}

std::string push_list(const ClientConfig& config, const Reference& list,
                      const std::vector<ManifestEntry>& entries,
                      bool insecure) {
  auto job = job_for(config, list, "put", insecure);
  auto manifests = Value::array();
  const auto add = [&](const std::string& digest, const std::string& type,
                       const std::string& text, const std::string& tag) {
    auto one = Value::object();
    one.set("digest", digest)
        .set("mediaType", type)
        .set("size", static_cast<std::int64_t>(text.size()))
        .set("tag", tag)
        .set("text", text);
    manifests.append(one);
  };
  auto blobs = Value::array();
  for (const auto& entry : entries) {
    if (entry.reference.full == list.full) {
      continue;  // it is there
    }
    if (domain_of(entry.reference) != domain_of(list)) {
      throw Failure(
          "cannot use source images from a different registry than the target "
          "image: " +
          domain_of(entry.reference) + " != " + domain_of(list));
    }
    const auto manifest = parse_json(entry.text);
    const auto from = cut(entry.reference.full, '/').second;
    const auto mount = [&](const Value& descriptor) {
      auto blob = Value::object();
      blob.set("digest", descriptor["digest"].text())
          .set("size", descriptor["size"].number())
          .set("id", "")
          .set("mount", Value::strings({from}));
      blobs.append(blob);
    };
    if (manifest) {
      mount((*manifest)["config"]);
      for (const auto& layer : (*manifest)["layers"].items()) {
        mount(layer);
      }
    }
    add(entry.digest, entry.media_type, entry.text, "");
  }
  std::string type;
  const auto text = print_list(entries, type);
  add("", type, text, list.tag.empty() ? "latest" : list.tag);
  job.set("blobs", blobs).set("manifests", manifests);
  return run_job(job, "put")["digest"].text();
}

}  // namespace docker_cpp::cli
