// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>

#include "image_record.hpp"

#include "docker_cpp/images/image.hpp"

namespace docker_cpp::images {

struct StoreEntry {
  Image image;
  ImageRecord record;
};

/// What readers of the store see; replaced as a whole.
struct StoreContent {
  using EntryPtr = std::shared_ptr<const StoreEntry>;
  std::map<std::string, EntryPtr> images;    ///< by id
  std::map<std::string, EntryPtr> held;      ///< removed from under containers
  std::map<std::string, std::string> names;  ///< canonical name to id
};

}  // namespace docker_cpp::images
