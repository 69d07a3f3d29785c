// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/images/load_report.hpp"

#include <algorithm>

#include "json_reader.hpp"

#include "docker_cpp/images/digest.hpp"
#include "docker_cpp/images/image_error.hpp"

namespace docker_cpp::images {
namespace {

constexpr std::size_t longest_line = std::size_t{1} << 20;

void add_line(std::string& text, const Json& json) {
  // Names come from the archive: what is not UTF-8 in them is replaced, and
  // then refused as a name.
  text += json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

[[noreturn]] void refuse(const std::string& why) {
  throw ImageError(ImageError::Reason::invalid,
                   "the worker's report is not proper: " + why);
}

/// Names in the staging folder are ours: a letter and a number.
std::string staged_name(const JsonObject& from, const char* key, char letter) {
  const std::string name = from.text(key);
  const bool proper = name.size() >= 2 && name.size() <= 10 &&
                      name[0] == letter &&
                      std::all_of(name.begin() + 1, name.end(),
                                  [](char c) { return c >= '0' && c <= '9'; });
  if (!proper) {
    from.refuse(key, "not a name in the staging folder");
  }
  return name;
}

std::int64_t count(const JsonObject& from, const char* key) {
  const std::int64_t value = from.integer(key);
  if (value < 0) {
    from.refuse(key, "negative");
  }
  return value;
}

/// A download is named by what it is to become: "p" and the digest's digits.
std::string blob_file(const JsonObject& line) {
  const std::string file = line.text("file");
  return file.starts_with('p') &&
                 "sha256:" + file.substr(1) == line.text("digest") &&
                 is_sha256_hex(std::string_view(file).substr(1))
             ? file
             : staged_name(line, "file", 'b');
}

ImageError::Reason reason_of(const JsonObject& error) {
  if (error.flag("absent")) {
    return ImageError::Reason::not_found;
  }
  return error.flag("machine") ? ImageError::Reason::failed
                               : ImageError::Reason::invalid;
}

void read_line(const JsonObject& line, LoadReport& report) {
  const std::string type = line.text("type");
  if (type == "blob") {
    report.blobs.push_back(
        {.file = blob_file(line),
         .digest = line.text("digest"),
         .size = static_cast<std::uint64_t>(count(line, "size"))});
  } else if (type == "layer") {
    report.layers.push_back({.tree = staged_name(line, "tree", 't'),
                             .chain_id = line.text("chainId"),
                             .diff_id = line.text("diffId"),
                             .blob = line.text("blob"),
                             .size = count(line, "size"),
                             .files = count(line, "files")});
  } else if (type == "image") {
    report.images.push_back({.manifest = line.text("manifest"),
                             .names = line.texts("names"),
                             .digests = line.texts("digests"),
                             .kept = line.texts("kept")});
  } else if (type == "error") {
    throw ImageError(reason_of(line), line.text("message"));
  } else if (type != "done") {
    refuse("unknown type '" + type + "'");
  }
}

}  // namespace

std::string print(const LoadReport& report) {
  std::string text;
  for (const LoadReport::Blob& blob : report.blobs) {
    add_line(text, {{"type", "blob"},
                    {"file", blob.file},
                    {"digest", blob.digest},
                    {"size", blob.size}});
  }
  for (const LoadReport::Layer& layer : report.layers) {
    add_line(text, {{"type", "layer"},
                    {"tree", layer.tree},
                    {"chainId", layer.chain_id},
                    {"diffId", layer.diff_id},
                    {"blob", layer.blob},
                    {"size", layer.size},
                    {"files", layer.files}});
  }
  for (const LoadReport::Image& image : report.images) {
    add_line(text, {{"type", "image"},
                    {"manifest", image.manifest},
                    {"names", image.names},
                    {"digests", image.digests},
                    {"kept", image.kept}});
  }
  add_line(text, {{"type", "done"}});
  return text;
}

std::string print_load_error(std::string_view message, LoadFailure failure) {
  std::string text;
  add_line(text, {{"type", "error"},
                  {"message", message},
                  {"machine", failure == LoadFailure::machine},
                  {"absent", failure == LoadFailure::absent}});
  return text;
}

LoadReport parse_load_report(std::string_view lines) {
  LoadReport report;
  bool done = false;
  while (!lines.empty()) {
    const std::size_t end = lines.find('\n');
    if (end == std::string_view::npos || done) {
      refuse(done ? "it goes on after its end" : "its last line is cut");
    }
    const Json json =
        parse_json(lines.substr(0, end), "worker's report", longest_line);
    const JsonObject line(json, "report");
    read_line(line, report);
    done = line.text("type") == "done";
    lines.remove_prefix(end + 1);
  }
  if (!done) {
    refuse("it does not end");
  }
  return report;
}

}  // namespace docker_cpp::images
