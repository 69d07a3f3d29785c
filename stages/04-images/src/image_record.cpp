// SPDX-License-Identifier: Apache-2.0
#include "image_record.hpp"

#include <algorithm>

#include "json_reader.hpp"
#include "record_file.hpp"

#include "docker_cpp/images/digest.hpp"
#include "docker_cpp/images/image_error.hpp"
#include "docker_cpp/images/reference.hpp"

namespace docker_cpp::images {
namespace {

constexpr std::string_view kind = "image";
constexpr std::size_t largest_record = std::size_t{1} << 20;

ImageRecord read(const JsonObject& root) {
  ImageRecord record{
      .id = root.text("id"),
      .manifest = root.text("manifest"),
      .manifest_size = static_cast<std::uint64_t>(root.integer("manifestSize")),
      .manifest_type = root.text("manifestType"),
      .names = root.texts("names"),
      .digests = root.texts("digests"),
      .kept = root.texts("kept"),
      .size = root.integer("size"),
      .last_tagged = root.integer("lastTagged"),
      .sequence = root.integer("sequence"),
      .held = root.has("held")};
  for (const std::string& digest : {record.id, record.manifest}) {
    if (const auto parsed = Digest::parse(digest); !parsed) {
      root.refuse("id", parsed.error());
    }
  }
  for (const std::string& digest : record.kept) {
    if (const auto parsed = Digest::parse(digest); !parsed) {
      root.refuse("kept", parsed.error());
    }
  }
  return record;
}

}  // namespace

std::string print(const ImageRecord& record) {
  Json json = {{"id", record.id},
               {"manifest", record.manifest},
               {"manifestSize", record.manifest_size},
               {"manifestType", record.manifest_type},
               {"names", record.names},
               {"digests", record.digests},
               {"kept", record.kept},
               {"size", record.size},
               {"lastTagged", record.last_tagged},
               {"sequence", record.sequence}};
  if (record.held) {
    json["held"] = 1;
  }
  return frame_record(kind, json.dump());
}

std::expected<ImageRecord, std::string> parse_image_record(
    std::string_view file) {
  const auto text = unframe_record(kind, file);
  if (!text) {
    return std::unexpected(text.error());
  }
  try {
    const Json json = parse_json(*text, "image record", largest_record);
    return read(JsonObject(json, "image record"));
  } catch (const ImageError& error) {
    return std::unexpected(std::string(error.what()));
  }
}

std::vector<std::string> familiar_digests(
    const std::vector<std::string>& digests) {
  std::vector<std::string> all;
  for (const std::string& one : digests) {
    if (const auto name = Reference::parse(one)) {
      all.push_back(name->familiar());
    }
  }
  std::ranges::sort(all);
  return all;
}

}  // namespace docker_cpp::images
