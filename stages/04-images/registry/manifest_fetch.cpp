// SPDX-License-Identifier: Apache-2.0
#include "manifest_fetch.hpp"

#include <algorithm>

#include "json_reader.hpp"

namespace docker_cpp::images {
namespace {

using Reason = ImageError::Reason;

constexpr std::size_t largest_list = std::size_t{4} << 20;
constexpr std::size_t most_tags = 10'000;

/// Schema 1 is named so that its refusal can say what it is.
constexpr const char* accepted =
    "Accept: application/vnd.oci.image.index.v1+json, "
    "application/vnd.docker.distribution.manifest.list.v2+json, "
    "application/vnd.oci.image.manifest.v1+json, "
    "application/vnd.docker.distribution.manifest.v2+json, "
    "application/vnd.docker.distribution.manifest.v1+prettyjws;q=0.1";

std::string without_parameters(std::string type) {
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ')) {
    type.pop_back();
  }
  return type;
}

/// What the document says it is wins over the header, which proxies change.
std::string type_of(const std::string& header, std::string_view text) {
  const Json json = parse_json(text, "manifest", largest_manifest);
  const JsonObject root(json, "manifest");
  if (root.integer("schemaVersion") == 1) {
    return "application/vnd.docker.distribution.manifest.v1+json";
  }
  const std::string own = root.text("mediaType");
  if (!own.empty()) {
    return own;
  }
  if (media_type::is_index(header) || media_type::is_manifest(header)) {
    return header;
  }
  return std::string(root.has("manifests") ? media_type::oci_index
                                           : media_type::oci_manifest);
}

}  // namespace

FetchedDocument fetch_document(RegistrySession& session,
                               const std::string& which) {
  const auto answer = session.ask({.headers = {accepted}}, "manifests/" + which,
                                  largest_manifest);
  if (answer.head.status != 200) {
    throw refusal(session.reference(), answer.head.status, answer.body);
  }
  FetchedDocument document{
      .digest = Digest::of(answer.body),
      .media_type = type_of(
          without_parameters(answer.head.header("content-type")), answer.body),
      .text = answer.body};
  const bool by_digest = which.starts_with("sha256:");
  const std::string said = answer.head.header("docker-content-digest");
  const std::string wanted = by_digest ? which : said;
  if (!wanted.empty() && wanted != document.digest.text()) {
    throw ImageError(Reason::invalid,
                     "manifest verification failed for digest " + wanted +
                         ": what came has the digest " +
                         document.digest.text());
  }
  if (document.media_type.find("distribution.manifest.v1") !=
      std::string::npos) {
    throw ImageError(
        Reason::failed,
        session.reference().familiar() +
            " is an image manifest of version 2, schema 1, which is not "
            "supported: push it again with a tool of this decade");
  }
  return document;
}

Platform parse_platform(const std::string& text) {
  if (text.empty()) {
    return {.architecture = host_architecture(), .os = "linux", .variant = ""};
  }
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == '/') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  const bool empty = std::ranges::any_of(
      parts, [](const std::string& part) { return part.empty(); });
  if (empty || parts.size() > 3) {
    throw ImageError(Reason::invalid,
                     "\"" + text +
                         "\": unknown operating system or architecture: "
                         "invalid platform");
  }
  if (parts.size() == 1) {  // "linux", or "arm64"
    const bool os = parts[0] == "linux" || parts[0] == "windows";
    return {.architecture = os ? host_architecture() : parts[0],
            .os = os ? parts[0] : "linux",
            .variant = ""};
  }
  const auto usual = [](const std::string& name) -> std::string {
    return name == "x86_64" || name == "x86-64" ? "amd64"
           : name == "aarch64"                  ? "arm64"
                                                : name;
  };
  return {.architecture = usual(parts[1]),
          .os = parts[0],
          .variant = parts.size() == 3 ? parts[2] : ""};
}

std::string print(const Platform& platform) {
  return platform.os + "/" + platform.architecture +
         (platform.variant.empty() ? "" : "/" + platform.variant);
}

const Descriptor* choose(const Index& index, const Platform& platform) {
  const Descriptor* best = nullptr;
  for (const Descriptor& one : index.manifests) {
    if (!one.platform || one.platform->os != platform.os ||
        one.platform->architecture != platform.architecture) {
      continue;
    }
    const std::string& variant = one.platform->variant;
    // v8 is what arm64 is without saying so.
    if (variant == platform.variant ||
        (platform.architecture == "arm64" && platform.variant.empty() &&
         variant == "v8")) {
      return &one;
    }
    const bool will_do = platform.variant.empty() || variant.empty();
    best = best == nullptr && will_do ? &one : best;
  }
  return best;
}

std::string next_page(const std::string& link) {
  const auto open = link.find('<');
  const auto close = link.find('>', open == std::string::npos ? 0 : open);
  if (open == std::string::npos || close == std::string::npos ||
      link.find("rel=\"next\"", close) == std::string::npos) {
    return {};
  }
  return link.substr(open + 1, close - open - 1);
}

void count_page(std::size_t& bytes, std::size_t page) {
  constexpr std::size_t largest_listing = std::size_t{32} << 20;
  bytes += page;
  if (bytes > largest_listing) {
    throw ImageError(Reason::failed,
                     "the registry lists without end: more than 32 MiB");
  }
}

std::vector<std::string> fetch_tags(RegistrySession& session) {
  std::vector<std::string> tags;
  std::string path = "tags/list?n=1000";
  std::size_t bytes = 0;
  while (!path.empty() && tags.size() < most_tags) {
    const auto answer = session.ask({}, path, largest_list);
    if (answer.head.status != 200) {
      throw refusal(session.reference(), answer.head.status, answer.body);
    }
    count_page(bytes, answer.body.size());
    const Json json = parse_json(answer.body, "list of tags", largest_list);
    const auto page = JsonObject(json, "list of tags").texts("tags");
    tags.insert(tags.end(), page.begin(), page.end());
    const std::string next = next_page(answer.head.header("link"));
    path = page.empty() || next == path ? "" : next;
  }
  return tags;
}

}  // namespace docker_cpp::images
