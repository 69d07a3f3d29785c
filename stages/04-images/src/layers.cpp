// SPDX-License-Identifier: Apache-2.0
#include "layers.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cstdio>
#include <utility>

#include "files.hpp"
#include "json_reader.hpp"
#include "record_file.hpp"

#include "docker_cpp/images/image_error.hpp"
#include "docker_cpp/rootfs/root_fd.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/failpoint.hpp"
#include "docker_cpp/sys/file.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::images {
namespace {

constexpr std::string_view kind = "layer";
constexpr std::size_t largest_record = 64 << 10;
constexpr std::size_t largest_opaque_list = std::size_t{16} << 20;

/// The folder's name: a colon would end the path in overlayfs's options.
std::string folder_name(const std::string& chain_id) {
  const auto digest = Digest::parse(chain_id);
  if (!digest) {
    throw ImageError(ImageError::Reason::invalid, digest.error());
  }
  return digest->hex();
}

}  // namespace

std::string print(const LayerRecord& record) {
  const Json json = {{"chainId", record.chain_id}, {"diffId", record.diff_id},
                     {"parent", record.parent},    {"blob", record.blob},
                     {"size", record.size},        {"files", record.files}};
  return frame_record(kind, json.dump());
}

std::expected<LayerRecord, std::string> parse_layer_record(
    std::string_view file) {
  const auto text = unframe_record(kind, file);
  if (!text) {
    return std::unexpected(text.error());
  }
  try {
    const Json json = parse_json(*text, "layer record", largest_record);
    const JsonObject root(json, "layer record");
    return LayerRecord{.chain_id = root.text("chainId"),
                       .diff_id = root.text("diffId"),
                       .parent = root.text("parent"),
                       .blob = root.text("blob"),
                       .size = root.integer("size"),
                       .files = root.integer("files")};
  } catch (const ImageError& error) {
    return std::unexpected(std::string(error.what()));
  }
}

Layers::Layers(int data_root, std::string path)
    : folder_(open_folder(data_root, "layers", 0710)), path_(std::move(path)) {}

std::expected<LayerRecord, std::string> Layers::read(
    const std::string& chain_id) const {
  const std::string folder = folder_name(chain_id);
  const auto file = sys::read_file_at(
      folder_.get(), (folder + "/record").c_str(), largest_record);
  if (!file) {
    return std::unexpected(file.error().code == ENOENT
                               ? std::string("its record is missing")
                               : std::string("its record cannot be read"));
  }
  auto record = parse_layer_record(*file);
  if (record && record->chain_id != chain_id) {
    return std::unexpected(std::string("its record is of another layer"));
  }
  struct stat status{};
  if (record && (::fstatat(folder_.get(), (folder + "/fs").c_str(), &status,
                           AT_SYMLINK_NOFOLLOW) == -1 ||
                 !S_ISDIR(status.st_mode))) {
    return std::unexpected(std::string("its files are missing"));
  }
  return record;
}

bool Layers::has(const std::string& chain_id) const {
  return read(chain_id).has_value();
}

void write_layer_record(int tree, const LayerRecord& record) {
  const std::string doing = "write the record of layer " + record.chain_id;
  DOCKER_CPP_FAILPOINT("image.layer.record");
  const sys::UniqueFd file =
      must(sys::open_at(tree, "record",
                        O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600),
           doing);
  must(sys::write_all(file.get(), print(record)), doing);
}

void Layers::add(int staging, const std::string& tree,
                 const LayerRecord& record) {
  const std::string doing = "keep layer " + record.chain_id;
  const std::string name = folder_name(record.chain_id);
  DOCKER_CPP_FAILPOINT("image.layer.rename");
  if (::renameat(staging, tree.c_str(), folder_.get(), name.c_str()) == 0) {
    return;
  }
  if (errno != EEXIST && errno != ENOTEMPTY) {
    throw Error({.code = errno, .call = "rename"}, doing);
  }
  if (has(record.chain_id)) {
    return;
  }
  take_out(record.chain_id, staging, tree + "-damaged");
  must(sys::check_void(
           ::renameat(staging, tree.c_str(), folder_.get(), name.c_str()),
           "rename"),
       doing);
}

void Layers::sync() {
  DOCKER_CPP_FAILPOINT("image.layer.sync");
  sync_folder(folder_.get(), "keep the layers");
}

void Layers::take_out(const std::string& chain_id, int staging,
                      const std::string& name) {
  const std::string folder = folder_name(chain_id);
  if (::renameat(folder_.get(), folder.c_str(), staging, name.c_str()) == -1 &&
      errno != ENOENT) {
    throw Error({.code = errno, .call = "rename"}, "remove layer " + chain_id);
  }
}

std::vector<std::string> Layers::list() const {
  std::vector<std::string> all;
  for (const std::string& name : list_folder(folder_.get())) {
    if (is_sha256_hex(name)) {
      all.push_back("sha256:" + name);
    }
  }
  return all;
}

std::string Layers::directory(const std::string& chain_id) const {
  return path_ + "/layers/" + folder_name(chain_id) + "/fs";
}

void mark_opaque(int tree) {
  const std::string list =
      must(sys::read_file_at(tree, "opaque", largest_opaque_list),
           "read the list of opaque folders");
  const rootfs::RootFd root(
      must(sys::open_at(tree, "fs", O_PATH | O_DIRECTORY | O_NOFOLLOW),
           "open the layer"));
  std::size_t start = 0;
  for (std::size_t end = list.find('\0'); end != std::string::npos;
       end = list.find('\0', start)) {
    const std::string path = list.substr(start, end - start);
    start = end + 1;
    const auto folder = root.open(path, O_RDONLY | O_DIRECTORY);
    if (!folder) {
      continue;  // replaced by something else later in the same layer
    }
    must(sys::check_void(
             ::fsetxattr(folder->get(), "trusted.overlay.opaque", "y", 1, 0),
             "fsetxattr"),
         "mark a folder of the layer opaque");
  }
  must(sys::check_void(::unlinkat(tree, "opaque", 0), "unlinkat"),
       "remove the list of opaque folders");
}

}  // namespace docker_cpp::images
