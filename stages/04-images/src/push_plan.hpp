// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "image_record.hpp"
#include "layout.hpp"
#include "registry_job.hpp"

#include "docker_cpp/images/image.hpp"
#include "docker_cpp/images/reference.hpp"

namespace docker_cpp::images {

/// What a push of one tag sends: from the bottom up.
class PushPlan {
 public:
  PushPlan(const Layout& layout, RegistryJob& job)
      : layout_(layout), job_(job) {}

  /// The manifest, or the index that it came with if all of that is here.
  PushedImage add(const Image& image, const ImageRecord& record,
                  const std::string& tag);

 private:
  [[nodiscard]] std::optional<Index> whole_index(
      const std::string& digest) const;
  [[nodiscard]] bool has_all_of(const Descriptor& manifest) const;
  [[nodiscard]] std::string read(const std::string& digest) const;
  void add_index(const Index& index, const Image& image);
  void add_blobs(const std::string& manifest, const Image& image);
  PushedImage put(const std::string& digest, std::string type,
                  const std::string& tag);

  const Layout& layout_;
  RegistryJob& job_;
};

/// Other repositories of the same registry, by the digests it knows an image
/// by, that have some of these blobs: it need not be sent what it can mount.
void add_mounts(RegistryJob& job, const Reference& target,
                const std::vector<std::string>& digests,
                const std::set<std::string>& blobs);

}  // namespace docker_cpp::images
