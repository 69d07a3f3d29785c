// SPDX-License-Identifier: Apache-2.0
#include "build/build_cache.hpp"

#include <unistd.h>

#include "build/build_output.hpp"
#include "build/folder_archive.hpp"
#include "commands/support.hpp"

#include "docker_cpp/cli/reference.hpp"
#include "docker_cpp/cli/registry_login.hpp"
#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli {
namespace {

/// What load says: "Loaded image: name", "Loaded image ID: sha256:…".
std::vector<std::string> load_folder(Context& context,
                                     const std::string& folder) {
  std::vector<std::string> names;
  pack_folder_for(folder, [&](int from) {
    auto exchange = context.engine.open({.method = "POST",
                                         .path = "/images/load?quiet=1",
                                         .content_type = "application/x-tar",
                                         .body_file = from});
    read_json_lines(exchange, [&](const Value& message) {
      const std::string& error = message["errorDetail"]["message"].text();
      if (!error.empty()) {
        throw Failure(error);
      }
      const auto said = trim(message["stream"].text());
      for (const std::string_view start :
           {"Loaded image: ", "Loaded image ID: "}) {
        if (said.starts_with(start)) {
          names.emplace_back(said.substr(start.size()));
        }
      }
    });
  });
  return names;
}

void push_cache(Context& context, const std::string& image,
                const std::string& name) {
  const auto reference = parse_reference(name);
  if (!reference) {
    throw Failure(reference.error());
  }
  const auto tag = reference->tag.empty() ? "latest" : reference->tag;
  http::Query as;
  as.add("repo", reference->full).add("tag", tag);
  context.engine.post("/images/" + image + "/tag" + as.text());
  http::Query query;
  query.add("tag", tag);
  auto exchange = context.engine.open(
      {.method = "POST",
       .path = image_path(reference->full, "/push" + query.text()),
       .headers = {
           {"X-Registry-Auth",
            registry_auth(context.config, cut(reference->full, '/').first)}}});
  show_progress(exchange, STDOUT_FILENO, Verbosity::quiet);
}

}  // namespace

BuildCachePlace parse_build_cache(const std::string& option,
                                  const std::string& text) {
  BuildCachePlace place;
  if (text.find('=') == std::string::npos) {
    place = {.type = "registry", .reference = text, .folder = {}};
  }
  for (const std::string& field : csv_fields(text)) {
    const auto [key, value] = cut(field, '=');
    if (key == "type") {
      place.type = value;
    } else if (key == "ref") {
      place.reference = value;
    } else if (key == (option == "cache-to" ? "dest" : "src")) {
      place.folder = value;
    }
  }
  const bool from = option == "cache-from";
  if (place.type == "registry" && place.reference.empty()) {
    throw Failure("ref is required for the registry cache of --" + option);
  }
  if (place.type == "local" && place.folder.empty()) {
    throw Failure(std::string(from ? "src" : "dest") +
                  " is required for the local cache of --" + option);
  }
  if (place.type != "registry" && place.type != "local" &&
      (from || place.type != "inline")) {
    throw Failure("unknown cache " +
                  std::string(from ? "importer" : "exporter") + ": \"" +
                  place.type + "\"");
  }
  return place;
}

std::vector<std::string> import_build_cache(
    Context& context, const std::vector<BuildCachePlace>& places) {
  std::vector<std::string> names;
  for (const BuildCachePlace& place : places) {
    if (place.type == "registry") {
      names.push_back(place.reference);
    } else {
      const auto loaded = load_folder(context, place.folder);
      names.insert(names.end(), loaded.begin(), loaded.end());
    }
  }
  return names;
}

/// Inline: the image has it already.
void export_build_cache(Context& context, const std::string& image,
                        const std::vector<BuildCachePlace>& places) {
  for (const BuildCachePlace& place : places) {
    if (place.type == "registry") {
      push_cache(context, image, place.reference);
    } else if (place.type == "local") {
      unpack_folder(place.folder, [&](int into) {
        auto exchange = context.engine.open(
            {.method = "GET", .path = "/images/" + image + "/get"});
        copy_body(exchange, into);
      });
    }
  }
}

}  // namespace docker_cpp::cli
