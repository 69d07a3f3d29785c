// SPDX-License-Identifier: Apache-2.0
#include "image_view.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include <nlohmann/json.hpp>

#include "container_list.hpp"
#include "views.hpp"

#include "docker_cpp/daemon/model_json.hpp"
#include "docker_cpp/images/image_store.hpp"
#include "docker_cpp/images/reference.hpp"

namespace docker_cpp::daemon::api {
namespace {

using nlohmann::json;

/// VirtualSize went in 1.44; dangling images are plain empty since 1.43.
constexpr int virtual_size_until = 43;
constexpr int plain_dangling_since = 43;

/// A `reference` leaves an image only the names that match it, as Docker does.
void narrow_to_references(const Filters& filters, images::Image& image) {
  const auto matches = [&](const std::string& name) {
    const auto bare = name.substr(0, name.rfind(':'));
    return std::ranges::any_of(
        filters.values("reference"), [&](const std::string& pattern) {
          return ::fnmatch(pattern.c_str(), name.c_str(), FNM_PATHNAME) == 0 ||
                 ::fnmatch(pattern.c_str(), bare.c_str(), FNM_PATHNAME) == 0;
        });
  };
  std::erase_if(image.repo_tags,
                [&](const std::string& name) { return !matches(name); });
}

/// Neither a tag nor a digest leads to it.
bool is_dangling(const images::Image& image) {
  return image.repo_tags.empty() && image.repo_digests.empty();
}

std::int64_t seconds(Time time) {
  return std::chrono::duration_cast<std::chrono::seconds>(
             time.time_since_epoch())
      .count();
}

/// Creation times between which an image must lie, exclusive.
struct Window {
  std::int64_t after = std::numeric_limits<std::int64_t>::min();
  std::int64_t before = std::numeric_limits<std::int64_t>::max();
};

Window window(const Context& context, const Filters& filters) {
  Window out;
  const auto created = [&](const std::string& name) {
    const auto image = context.images.find_stored(name);
    if (!image) {
      const auto whole = images::Reference::parse(name);
      throw ApiError(ErrorCode::not_found,
                     "No such image: " + (whole ? whole->familiar() : name));
    }
    return image->created;
  };
  for (const auto& name : filters.values("since")) {
    out.after = std::max(out.after, created(name));
  }
  for (const auto& name : filters.values("before")) {
    out.before = std::min(out.before, created(name));
  }
  for (const auto& text : filters.values("until")) {
    if (const auto until = parse_moment(text)) {
      out.before = std::min(out.before, seconds(*until));
    }
  }
  return out;
}

Config to_config(const images::ImageConfig& image) {
  Config out;
  out.user = image.user;
  out.exposed_ports = image.exposed_ports;
  out.env = image.env;
  out.cmd = image.cmd;
  out.entrypoint = image.entrypoint;
  out.volumes = image.volumes;
  out.working_dir = image.working_dir;
  out.labels = image.labels;
  out.stop_signal = image.stop_signal;
  out.stop_timeout = image.stop_timeout;
  return out;
}

json health_view(const images::Healthcheck& check) {
  json out = {{"Test", check.test},
              {"Interval", check.interval},
              {"Timeout", check.timeout},
              {"StartPeriod", check.start_period},
              {"Retries", check.retries}};
  if (check.start_interval != 0) {
    out["StartInterval"] = check.start_interval;
  }
  return out;
}

json config_view(const images::ImageConfig& image) {
  auto out = config_to_json(to_config(image));
  if (image.labels.empty()) {
    out["Labels"] = nullptr;
  }
  if (!image.on_build.empty()) {
    out["OnBuild"] = image.on_build;
  }
  if (!image.shell.empty()) {
    out["Shell"] = image.shell;
  }
  if (image.healthcheck) {
    out["Healthcheck"] = health_view(*image.healthcheck);
  }
  return out;
}

/// The layers of an overlay, as Docker's overlay2 driver names them.
json graph_driver(const std::vector<std::string>& layers) {
  json data = json::object();
  std::string lower;
  for (std::size_t i = 1; i < layers.size(); ++i) {
    lower += (lower.empty() ? "" : ":") + layers[i];
  }
  if (!layers.empty()) {
    data["UpperDir"] = layers[0];
  }
  if (!lower.empty()) {
    data["LowerDir"] = lower;
  }
  return {{"Name", "overlay2"}, {"Data", std::move(data)}};
}

std::int64_t created_seconds(const std::string& text) {
  const auto time = parse_time(text);
  return time ? seconds(*time) : 0;
}

}  // namespace

std::vector<images::Image> select_images(const Context& context,
                                         const Filters& filters) {
  const auto between = window(context, filters);
  auto out = context.images.list();
  if (filters.has("reference")) {
    for (auto& image : out) {
      narrow_to_references(filters, image);
    }
    std::erase_if(out,
                  [](const auto& image) { return image.repo_tags.empty(); });
  }
  std::erase_if(out, [&](const images::Image& image) {
    const bool dangling = is_dangling(image);
    return image.created <= between.after || image.created >= between.before ||
           (filters.has("dangling") &&
            dangling != filters.flag("dangling", false)) ||
           !filters.accepts_labels("label", image.config.labels);
  });
  return out;
}

namespace {

/// Not Docker's: `keep=3` spares the three newest of each repository.
std::set<std::string> newest(std::vector<images::Image> all, std::size_t keep) {
  std::ranges::stable_sort(all, std::ranges::greater(),
                           &images::Image::created);
  std::map<std::string, std::size_t> counts;
  std::set<std::string> spared;
  for (const images::Image& image : all) {
    for (const std::string& name : image.repo_tags) {
      if (counts[name.substr(0, name.rfind(':'))]++ < keep) {
        spared.insert(image.id);
      }
    }
  }
  return spared;
}

std::size_t number_to_keep(const Filters& filters) {
  std::size_t keep = 0;
  for (const std::string& text : filters.values("keep")) {
    const char* end = text.data() + text.size();
    const auto [last, error] = std::from_chars(text.data(), end, keep);
    if (error != std::errc{} || last != end) {
      throw ApiError(ErrorCode::invalid_argument,
                     "invalid filter 'keep=" + text + "'");
    }
  }
  return keep;
}

}  // namespace

std::vector<images::Image> prunable_images(const Context& context,
                                           const Filters& filters) {
  const bool dangling_only = filters.flag("dangling", true);
  const auto between = window(context, filters);
  auto out = context.images.list();
  const auto spared = newest(out, number_to_keep(filters));
  std::erase_if(out, [&](const images::Image& image) {
    const auto& labels = image.config.labels;
    return spared.contains(image.id) ||
           (dangling_only && !is_dangling(image)) ||
           image.created >= between.before ||
           !filters.accepts_labels("label", labels) ||
           (filters.has("label!") && filters.accepts_labels("label!", labels));
  });
  return out;
}

json image_list_view(const images::Image& image, int minor) {
  json tags = image.repo_tags;
  json digests = image.repo_digests;
  if (minor < plain_dangling_since && image.repo_tags.empty()) {
    tags = {"<none>:<none>"};
    if (image.repo_digests.empty()) {
      digests = {"<none>@<none>"};
    }
  }
  json out = {{"Id", image.id},
              {"ParentId", ""},
              {"RepoTags", std::move(tags)},
              {"RepoDigests", std::move(digests)},
              {"Created", image.created},
              {"Size", image.size},
              {"SharedSize", -1},
              {"Labels", nullptr},
              {"Containers", -1}};
  if (!image.config.labels.empty()) {
    out["Labels"] = image.config.labels;
  }
  if (minor <= virtual_size_until) {
    out["VirtualSize"] = image.size;
  }
  return out;
}

json image_inspect_view(const images::Image& image,
                        const std::vector<std::string>& layers, int minor) {
  json out = {
      {"Id", image.id},
      {"RepoTags", image.repo_tags},
      {"RepoDigests", image.repo_digests},
      {"Parent", ""},
      {"Comment", image.comment},
      {"Created", image.created_text},
      {"Container", ""},
      {"ContainerConfig", config_to_json(Config{})},
      {"DockerVersion", image.docker_version},
      {"Author", image.author},
      {"Config", config_view(image.config)},
      {"Architecture", image.architecture},
      {"Os", image.os},
      {"Size", image.size},
      {"GraphDriver", graph_driver(layers)},
      {"RootFS", {{"Type", "layers"}, {"Layers", image.diff_ids}}},
      {"Metadata",
       {{"LastTagTime",
         format_time(Time{std::chrono::seconds{image.last_tagged}})}}},
  };
  if (!image.variant.empty()) {
    out["Variant"] = image.variant;
  }
  if (minor <= virtual_size_until) {
    out["VirtualSize"] = image.size;
  }
  return out;
}

json image_history_view(const images::Image& image) {
  json out = json::array();
  auto layer = image.layer_sizes.rbegin();
  for (auto at = image.history.rbegin(); at != image.history.rend(); ++at) {
    const bool sized = !at->empty_layer && layer != image.layer_sizes.rend();
    out.push_back({{"Id", "<missing>"},
                   {"Created", created_seconds(at->created)},
                   {"CreatedBy", at->created_by},
                   {"Comment", at->comment},
                   {"Size", sized ? *layer++ : 0},
                   {"Tags", nullptr}});
  }
  if (!out.empty()) {
    out[0]["Id"] = image.id;
    if (!image.repo_tags.empty()) {
      out[0]["Tags"] = image.repo_tags;
    }
  }
  return out;
}

std::map<std::string, std::int64_t> shared_sizes(
    const std::vector<images::Image>& all) {
  std::map<std::string, int> users;  // of a layer
  for (const auto& image : all) {
    for (const auto& chain_id : image.chain_ids) {
      ++users[chain_id];
    }
  }
  std::map<std::string, std::int64_t> out;
  for (const auto& image : all) {
    auto& shared = out[image.id];
    for (std::size_t i = 0; i < image.chain_ids.size(); ++i) {
      shared += users[image.chain_ids[i]] > 1 ? image.layer_sizes[i] : 0;
    }
  }
  return out;
}

}  // namespace docker_cpp::daemon::api
