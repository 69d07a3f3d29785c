// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "byte_source.hpp"

#include "docker_cpp/images/digest.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::images {

/// The files of an image archive, put into the staging folder as b0, b1, ...
/// in one pass, each hashed on its way. The archive's own names stay in a
/// table: none of them ever becomes a path.
class StagedArchive {
 public:
  struct File {
    std::string name;  ///< in the staging folder
    Digest digest;
    std::uint64_t size;
  };

  StagedArchive(ByteSource& source, int staging);

  /// A file by its name in the archive, through the archive's own links.
  [[nodiscard]] const File* find(std::string_view name) const;
  [[nodiscard]] const File* find(const Digest& digest) const;
  [[nodiscard]] bool has(std::string_view name) const {
    return find(name) != nullptr;
  }

  /// A small document. \throws ImageError when larger than `limit`
  [[nodiscard]] std::string read(const File& file, std::size_t limit,
                                 std::string_view what) const;
  [[nodiscard]] sys::UniqueFd open(const File& file) const;

  /// A file that the archive does not have but its image needs.
  const File& add(std::string_view content);

 private:
  void stage(class TarReader& tar, const std::string& name);
  [[nodiscard]] sys::UniqueFd create(const std::string& name) const;
  const File& remember(File file);

  int staging_;
  std::vector<std::unique_ptr<const File>> files_;
  std::map<std::string, const File*, std::less<>> by_name_;
  std::map<Digest, const File*> by_digest_;
  std::map<std::string, std::string, std::less<>> links_;
};

}  // namespace docker_cpp::images
