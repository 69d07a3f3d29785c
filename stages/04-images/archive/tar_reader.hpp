// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>
#include <time.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "byte_source.hpp"

namespace docker_cpp::images {

/// One header of a tar, as values.
struct TarEntry {
  std::string name;  ///< as written, any bytes
  std::string link;  ///< target of a symbolic or hard link
  bool hard_link = false;
  mode_t type = 0;  ///< S_IFREG, S_IFDIR...; of no meaning for hard links
  mode_t permissions = 0;  ///< with set-id and sticky bits
  uid_t uid = 0;
  gid_t gid = 0;
  std::int64_t size = 0;
  timespec modified{};
  dev_t device = 0;
  std::vector<std::pair<std::string, std::string>> attributes;
};

/// Reads tar (ustar, pax, GNU) from a source that holds no compression.
class TarReader {
 public:
  /// `what` names the archive in errors; both must outlive this object.
  TarReader(ByteSource& source, std::string_view what);

  /// False at the end. \throws ImageError
  bool next(TarEntry& entry);

  /// Writes the data of the current entry, with its holes, to a new file.
  void write_data(int file, const std::string& name);

  /// Hands on the data of the current entry.
  template <typename Sink>
  void each_block(Sink sink) {
    Block block{};
    while (next_block(block)) {
      sink(block.bytes, block.offset);
    }
  }

 private:
  struct Block {
    std::string_view bytes;
    std::int64_t offset;
  };
  bool next_block(Block& block);

  std::string_view what_;
  ArchiveHandle reader_;
  std::int64_t count_ = 0;
};

}  // namespace docker_cpp::images
