// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "context.hpp"
#include "filters.hpp"

#include "docker_cpp/images/image.hpp"

namespace docker_cpp::daemon::api {

/// The images that GET /images/json asks for.
/// \throws ApiError
[[nodiscard]] std::vector<images::Image> select_images(const Context& context,
                                                       const Filters& filters);

/// Those that POST /images/prune may remove, unless a container has one.
[[nodiscard]] std::vector<images::Image> prunable_images(
    const Context& context, const Filters& filters);

[[nodiscard]] nlohmann::json image_list_view(const images::Image& image,
                                             int minor);
[[nodiscard]] nlohmann::json image_inspect_view(
    const images::Image& image, const std::vector<std::string>& layers,
    int minor);

[[nodiscard]] nlohmann::json image_history_view(const images::Image& image);

/// By image id, the bytes of layers that another image has, too.
[[nodiscard]] std::map<std::string, std::int64_t> shared_sizes(
    const std::vector<images::Image>& all);

}  // namespace docker_cpp::daemon::api
