// SPDX-License-Identifier: Apache-2.0
#include "cache_images.hpp"

#include <algorithm>
#include <utility>

namespace docker_cpp::daemon {
namespace {

bool same_line(const images::HistoryEntry& one,
               const images::HistoryEntry& other) {
  return one.created_by == other.created_by &&
         one.empty_layer == other.empty_layer;
}

}  // namespace

void CacheImages::add(const images::BuildSession& session,
                      images::Image image) {
  images::BuildLayers layers = session.layers_of(image);
  const auto lines = std::ranges::count_if(
      image.history, [](const auto& line) { return !line.empty_layer; });
  // An image whose history does not tell its layers apart says nothing.
  if (std::cmp_equal(lines, layers.size())) {
    images_.push_back({std::move(image), std::move(layers)});
  }
}

std::optional<CacheImages::Found> CacheImages::find(
    const images::Image& now, const images::BuildLayers& below,
    const std::string& created_by) const {
  const std::size_t done = now.history.size();
  for (const One& one : images_) {
    const auto& history = one.image.history;
    if (history.size() <= done || history[done].created_by != created_by ||
        one.layers.size() < below.size() ||
        !std::equal(now.history.begin(), now.history.end(), history.begin(),
                    same_line)) {
      continue;
    }
    const std::size_t layers =
        below.size() + (history[done].empty_layer ? 0 : 1);
    const bool same_below =
        below.empty() ||
        one.layers[below.size() - 1].chain_id == below.back().chain_id;
    if (same_below && layers <= one.layers.size()) {
      const auto end = one.layers.begin() + static_cast<std::ptrdiff_t>(layers);
      return Found{.layers = {one.layers.begin(), end},
                   .created = history[done].created};
    }
  }
  return std::nullopt;
}

}  // namespace docker_cpp::daemon
