// SPDX-License-Identifier: Apache-2.0
// Images made here: `docker commit`, `docker import`, and each step of a build.
// The worker makes the layer; then it is kept exactly as what was loaded.
#include <fcntl.h>

#include <utility>

#include "json_reader.hpp"
#include "load_commit.hpp"
#include "staging.hpp"
#include "store_state.hpp"
#include "worker_process.hpp"

#include "docker_cpp/images/reference.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/failpoint.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::images {
namespace {

/// Of a tar without entries: not worth a layer.
constexpr std::string_view empty_layer =
    "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef";

void add_file(int staging, const std::string& name, std::string_view content,
              LoadReport& report) {
  const sys::UniqueFd file =
      must(sys::open_at(staging, name.c_str(),
                        O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600),
           "stage a document");
  must(sys::write_all(file.get(), content), "stage a document");
  report.blobs.push_back({.file = name,
                          .digest = Digest::of(content).text(),
                          .size = content.size()});
}

Json history_line(const HistoryEntry& entry) {
  Json line = {{"created", entry.created}};
  const auto add = [&](const char* key, const std::string& value) {
    if (!value.empty()) {
      line[key] = value;
    }
  };
  add("created_by", entry.created_by);
  add("author", entry.author);
  add("comment", entry.comment);
  if (entry.empty_layer) {
    line["empty_layer"] = true;
  }
  return line;
}

/// The new image's configuration: what the caller says, on top of what the
/// parent's layers and history are.
std::string config_of(const NewImage& request, const Image* parent,
                      const std::string& diff_id) {
  Json config =
      parse_json(request.config, "image configuration", largest_config);
  Json diff_ids = Json::array();
  Json history = Json::array();
  if (parent != nullptr) {
    diff_ids = parent->diff_ids;
    const Json whole =
        parse_json(parent->raw_config, "image configuration", largest_config);
    if (const auto found = whole.find("history");
        found != whole.end() && found->is_array()) {
      history = *found;
    }
  }
  HistoryEntry entry = request.history;
  entry.empty_layer = diff_id.empty();
  if (!diff_id.empty()) {
    diff_ids.push_back(diff_id);
  }
  history.push_back(history_line(entry));
  config["rootfs"] = {{"type", "layers"}, {"diff_ids", diff_ids}};
  config["history"] = history;
  return config.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Manifest manifest_of(const std::string& config, std::vector<Descriptor> layers,
                     const LoadReport& report) {
  if (!report.layers.empty()) {
    layers.push_back({.media_type = std::string(media_type::oci_layer),
                      .digest = *Digest::parse(report.layers[0].blob),
                      .size = report.blobs[0].size,
                      .annotations = {},
                      .platform = {}});
  }
  return {.media_type = std::string(media_type::oci_manifest),
          .config = {.media_type = std::string(media_type::oci_config),
                     .digest = Digest::of(config),
                     .size = config.size(),
                     .annotations = {},
                     .platform = {}},
          .layers = std::move(layers)};
}

}  // namespace

LoadReport ImageStore::State::make_layer(const NewImage& request, int staging,
                                         bool lowest) const {
  if (request.changes == -1 && request.archive == -1) {
    return {};
  }
  const bool import = request.changes == -1;
  WorkerRun run{.program = options_.worker,
                .args = {import ? "import" : "layer"},
                .input = request.archive,
                .staging = staging};
  if (!import) {
    run.trees = {request.changes};
  }
  if (lowest) {
    run.args.emplace_back("--lowest");
  }
  LoadReport report = parse_load_report(run_worker(run));
  if (report.layers.size() != 1 || report.blobs.size() != 1 ||
      !Digest::parse(report.layers[0].blob)) {
    throw ImageError(ImageError::Reason::failed,
                     "the worker made no proper layer");
  }
  if (report.layers[0].diff_id == empty_layer && !lowest) {
    return {};
  }
  return report;
}

std::string ImageStore::State::create(const NewImage& request) {
  const InProgress in_progress(*this);
  std::optional<Image> parent;
  std::vector<Descriptor> layers;
  if (!request.parent.empty()) {
    EntryPtr found = look_up(request.parent);
    if (const Content all = copy();
        !found && all.held.contains(request.parent)) {
      found = all.held.at(request.parent);  // what a container stands on
    }
    if (!found) {
      throw ImageError(ImageError::Reason::not_found,
                       "No such image: " + request.parent);
    }
    parent = found->image;
    layers =
        parse_manifest(layout_.read_blob(*Digest::parse(found->record.manifest),
                                         largest_manifest, "manifest"))
            .layers;
  }
  const Staging staging(root_.get());
  LoadReport report = make_layer(request, staging.get(), layers.empty());
  const std::string diff_id =
      report.layers.empty() ? "" : report.layers[0].diff_id;
  const std::string config =
      config_of(request, parent ? &*parent : nullptr, diff_id);
  if (!report.layers.empty()) {
    report.layers[0].chain_id = parse_image_config(config).chain_ids.back();
  }
  const std::string manifest =
      print(manifest_of(config, std::move(layers), report));
  add_file(staging.get(), "b1", config, report);
  add_file(staging.get(), "b2", manifest, report);
  report.images.push_back(
      {.manifest = Digest::of(manifest).text(), .names = request.names});
  LoadCommit commit(*this, staging.get(), std::move(report));
  commit.verify();
  const std::lock_guard lock(writer_);
  DOCKER_CPP_FAILPOINT("image.create.commit");
  static_cast<void>(commit.commit());
  return Digest::of(config).text();
}

}  // namespace docker_cpp::images
