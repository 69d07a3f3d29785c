// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "docker_cpp/images/digest.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::images {

/// What is known of one unpacked layer. See docs/formats/layer-record.md.
struct LayerRecord {
  std::string chain_id;
  std::string diff_id;
  std::string parent;      ///< chain id below; empty for the lowest
  std::string blob;        ///< digest of the archive it was unpacked from
  std::int64_t size = 0;   ///< bytes of its regular files
  std::int64_t files = 0;  ///< entries of any type
};

[[nodiscard]] std::string print(const LayerRecord& record);
[[nodiscard]] std::expected<LayerRecord, std::string> parse_layer_record(
    std::string_view file);

/// The folder `<data_root>/layers`: one folder per chain id, there only when
/// whole, for it comes by a rename of something already durable.
class Layers {
 public:
  Layers(int data_root, std::string path);

  [[nodiscard]] std::expected<LayerRecord, std::string> read(
      const std::string& chain_id) const;
  [[nodiscard]] bool has(const std::string& chain_id) const;

  /// Takes over `staging/<tree>`, which holds fs/ and record and is durable.
  /// Another load may have brought the same layer meanwhile; then that one
  /// stays.
  void add(int staging, const std::string& tree, const LayerRecord& record);
  void sync();

  /// Out of sight at once, into `staging/<name>`, which the caller deletes.
  void take_out(const std::string& chain_id, int staging,
                const std::string& name);

  /// Chain ids of all folders, whatever is in them.
  [[nodiscard]] std::vector<std::string> list() const;

  /// What to give overlayfs.
  [[nodiscard]] std::string directory(const std::string& chain_id) const;

 private:
  sys::UniqueFd folder_;
  std::string path_;
};

/// Writes `record` beside the `fs` of a staged tree; not durable by itself.
void write_layer_record(int tree, const LayerRecord& record);

/// Gives the folders named in `staging/<tree>/opaque` (each ended by NUL) the
/// attribute that hides what lower layers have there. The worker cannot:
/// trusted.* belongs to CAP_SYS_ADMIN. \man{overlayfs}
void mark_opaque(int tree);

}  // namespace docker_cpp::images
