// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "docker_cpp/images/image_store.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

/// What the tests of this stage share.
namespace docker_cpp::images {

/// A folder that is gone when the test ends.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string operator/(std::string_view name) const {
    return path_ + "/" + std::string(name);
  }

 private:
  std::string path_;
};

/// Everything stat and read can tell of a tree, by path: type, mode, owner,
/// size, times, link target, content. Equal before and after, or it was
/// touched.
using TreeState = std::map<std::string, std::string>;
[[nodiscard]] TreeState state_of(const std::string& path);

[[nodiscard]] std::string read_text(const std::string& path);
void write_text(const std::string& path, std::string_view text);

/// A descriptor from which `bytes` can be read.
[[nodiscard]] sys::UniqueFd readable(std::string_view bytes);

/// Runs a shell command; its exit code.
int shell(const std::string& command);
/// True when all programs are here; with DOCKER_CPP_REQUIRE_ALL they must be.
[[nodiscard]] bool have(const std::vector<std::string>& programs);

[[nodiscard]] std::string gzipped(const std::string& bytes);
[[nodiscard]] std::string zstd_compressed(const std::string& bytes);

/// Image archives around layers given as plain tar.
struct ArchiveParts {
  std::vector<std::string> layers;      ///< as they go into the archive
  std::vector<std::string> plain = {};  ///< uncompressed; empty: `layers`
  std::vector<std::string> names = {"test/image:1"};
  std::string layer_type = "application/vnd.oci.image.layer.v1.tar";
};
[[nodiscard]] std::string config_for(const std::vector<std::string>& plain);
[[nodiscard]] std::string oci_archive(const ArchiveParts& parts);
[[nodiscard]] std::string docker_archive(const ArchiveParts& parts);

/// A store with the stage's worker.
[[nodiscard]] ImageStore::Options options_for(const TempDir& root);

/// Loads, and returns the sentence of the error; empty when there was none.
[[nodiscard]] std::string load_error(ImageStore& store,
                                     const std::string& archive);

/// Nothing left from operations, and no blob or layer without an image.
void expect_clean(const ImageStore& store, const std::string& root);

}  // namespace docker_cpp::images
