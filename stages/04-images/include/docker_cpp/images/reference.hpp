// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace docker_cpp::images {

/// The name of an image as people write it, made whole the way Docker does:
/// `busybox` is docker.io/library/busybox:latest.
///
/// Grammar: github.com/distribution/reference. A value of this type has been
/// checked: each part is safe to become part of a URL.
class Reference {
 public:
  /// Without tag and digest, the tag becomes `latest`.
  [[nodiscard]] static std::expected<Reference, std::string> parse(
      std::string_view text);

  [[nodiscard]] const std::string& domain() const { return domain_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] const std::string& tag() const { return tag_; }
  /// "sha256:..." or empty.
  [[nodiscard]] const std::string& digest() const { return digest_; }

  /// docker.io/library/busybox
  [[nodiscard]] std::string repository() const { return domain_ + "/" + path_; }
  /// docker.io/library/busybox:latest, with @digest when there is one.
  [[nodiscard]] std::string canonical() const;
  /// What Docker prints: busybox:latest
  [[nodiscard]] std::string familiar() const;
  /// What Docker prints of the repository alone: busybox
  [[nodiscard]] std::string familiar_repository() const;

 private:
  Reference() = default;

  std::string domain_;
  std::string path_;
  std::string tag_;
  std::string digest_;
};

}  // namespace docker_cpp::images
