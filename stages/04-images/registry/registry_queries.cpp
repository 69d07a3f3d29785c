// SPDX-License-Identifier: Apache-2.0
// What can be asked of a registry without moving images.
#include <algorithm>

#include "json_reader.hpp"
#include "manifest_fetch.hpp"
#include "registry_work.hpp"

#include "docker_cpp/images/image.hpp"

namespace docker_cpp::images {
namespace {

using Reason = ImageError::Reason;

constexpr std::size_t largest_page = std::size_t{4} << 20;
constexpr std::size_t most_repositories = 10'000;
constexpr const char* hub_search = "https://index.docker.io/v1/search";

Reference parsed(const std::string& text) {
  auto reference = Reference::parse(text);
  if (!reference) {
    throw ImageError(Reason::invalid, reference.error());
  }
  return *std::move(reference);
}

void say(Reporter& reporter, const Json& json) {
  reporter.line(json.dump(-1, ' ', false, Json::error_handler_t::replace));
}

Json platform_json(const Platform& platform) {
  Json json = {{"architecture", platform.architecture}, {"os", platform.os}};
  if (!platform.variant.empty()) {
    json["variant"] = platform.variant;
  }
  return json;
}

Json platforms_of(RegistrySession& session, const FetchedDocument& document) {
  Json all = Json::array();
  if (media_type::is_index(document.media_type)) {
    for (const Descriptor& one : parse_index(document.text).manifests) {
      if (one.platform) {
        all.push_back(platform_json(*one.platform));
      }
    }
    return all;
  }
  const Manifest manifest = parse_manifest(document.text);
  const auto answer =
      session.ask({}, "blobs/" + manifest.config.digest.text(), largest_config);
  if (answer.head.status == 200 &&
      Digest::of(answer.body) == manifest.config.digest) {
    const Image image = parse_image_config(answer.body);
    all.push_back(platform_json({.architecture = image.architecture,
                                 .os = image.os,
                                 .variant = image.variant}));
  }
  return all;
}

Json catalogue(RegistrySession& session, const std::string& host,
               const RegistryJob& job) {
  const std::string term = job.term.substr(job.term.find('/') + 1);
  Json found = Json::array();
  std::size_t seen = 0;
  std::string path = "/v2/_catalog?n=1000";
  std::size_t bytes = 0;
  while (!path.empty() && seen < most_repositories) {
    const auto answer = session.ask({}, path, largest_page);
    if (answer.head.status != 200) {
      const ErrorBody error = read_error_body(answer.head.status, answer.body);
      throw RegistryError(Reason::failed, answer.head.status, error.code,
                          error.words);
    }
    count_page(bytes, answer.body.size());
    const Json json = parse_json(answer.body, "catalog", largest_page);
    const auto names = JsonObject(json, "catalog").texts("repositories");
    for (const std::string& name : names) {
      if (name.find(term) != std::string::npos &&
          found.size() < static_cast<std::size_t>(job.limit)) {
        found.push_back({{"name", host + "/" + name}});
      }
    }
    seen += names.size();
    const std::string next = next_page(answer.head.header("link"));
    path = names.empty() || next == path ? "" : next;
  }
  return found;
}

Json on_the_hub(const RegistryJob& job, const std::string& query) {
  HttpTransfer transfer({.url = std::string(hub_search) + "?q=" + query +
                                "&n=" + std::to_string(job.limit)},
                        {}, job.options);
  std::string body;
  int status = 0;
  try {
    status = transfer.head().status;
    body = transfer.body(largest_page);
  } catch (const HttpError& error) {
    throw ImageError(Reason::failed, "Get \"" + std::string(hub_search) +
                                         "\": " + error.what());
  }
  if (status != 200) {
    throw ImageError(Reason::failed,
                     "Unexpected status code " + std::to_string(status));
  }
  const Json json = parse_json(body, "search", largest_page);
  Json found = Json::array();
  for (const JsonObject& one : JsonObject(json, "search").objects("results")) {
    found.push_back({{"name", one.text("name")},
                     {"description", one.text("description")},
                     {"stars", one.integer("star_count")},
                     {"official", one.flag("is_official")},
                     {"automated", one.flag("is_automated")}});
  }
  return found;
}

std::string query_text(const std::string& term) {
  std::string out;
  for (const char c : term) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       (c >= '0' && c <= '9') || c == '-' || c == '_' ||
                       c == '.' || c == '/' || c == ':';
    if (!plain) {
      throw ImageError(Reason::invalid, "invalid search term: '" + term + "'");
    }
    out += c;
  }
  return out;
}

}  // namespace

void log_in(const RegistryJob& job, Reporter& reporter) {
  const Reference reference = parsed(job.reference);
  RegistrySession session(job, reference, RegistrySession::Access::pull);
  std::string problem;
  try {
    session.connect();
    const auto answer = session.ask({}, "/v2/", largest_page);
    if (answer.head.status != 200) {
      problem = read_error_body(answer.head.status, answer.body).words;
    }
  } catch (const RegistryError& error) {
    problem = error.what();
  }
  if (!problem.empty()) {
    const bool bare = problem.find("Get \"") == std::string::npos;
    problem = bare ? "Get \"" + session.base() + "/v2/\": " + problem : problem;
  }
  say(reporter, {{"type", "login"},
                 {"problem", problem},
                 {"token", session.identity_token()}});
  reporter.line(R"({"type":"done"})");
}

void describe(const RegistryJob& job, Reporter& reporter) {
  const Reference reference = parsed(job.reference);
  RegistrySession session(job, reference, RegistrySession::Access::pull);
  session.connect();
  const FetchedDocument document =
      fetch_document(session, reference.digest().empty() ? reference.tag()
                                                         : reference.digest());
  say(reporter, {{"type", "distribution"},
                 {"mediaType", document.media_type},
                 {"digest", document.digest.text()},
                 {"size", document.text.size()},
                 {"platforms", platforms_of(session, document)},
                 {"text", document.text}});
  reporter.line(R"({"type":"done"})");
}

void search(const RegistryJob& job, Reporter& reporter) {
  const std::string term = query_text(job.term);
  const auto slash = job.term.find('/');
  const auto reference = Reference::parse(job.term + "x");
  Json found;
  if (slash != std::string::npos && reference &&
      reference->domain() != "docker.io") {
    RegistrySession session(job, *reference, RegistrySession::Access::pull);
    session.connect();
    found = catalogue(session, reference->domain(), job);
  } else {
    found = on_the_hub(job, term);
  }
  say(reporter, {{"type", "search"}, {"results", std::move(found)}});
  reporter.line(R"({"type":"done"})");
}

}  // namespace docker_cpp::images
