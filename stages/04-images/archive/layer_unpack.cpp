// SPDX-License-Identifier: Apache-2.0
#include "layer_unpack.hpp"

#include <fcntl.h>

#include <vector>

#include "files.hpp"
#include "layer_apply.hpp"
#include "tar_reader.hpp"

#include "docker_cpp/images/image_error.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::images {
namespace {

void write_opaque(int folder, const std::vector<std::string>& paths) {
  const sys::UniqueFd file =
      must(sys::open_at(folder, "opaque", O_WRONLY | O_CREAT | O_EXCL, 0600),
           "list the opaque folders");
  std::string list;
  for (const std::string& path : paths) {
    list += path;
    list += '\0';
  }
  must(sys::write_all(file.get(), list), "list the opaque folders");
}

[[noreturn]] void rethrow_for(const std::string& what,
                              const ImageError& error) {
  const std::string sentence = error.what();
  throw ImageError(error.reason(), sentence.starts_with(what)
                                       ? sentence
                                       : what + ": " + sentence);
}

}  // namespace

LoadReport::Layer unpack_layer(ByteSource& compressed, int staging,
                               const LayerToUnpack& layer) {
  const std::string what = "layer " + layer.blob;
  const sys::UniqueFd folder = open_folder(staging, layer.tree);
  LayerApply apply(rootfs::RootFd(open_folder(folder.get(), "fs", 0755)),
                   layer.lowest ? LayerApply::Position::lowest
                                : LayerApply::Position::upper);
  Decompressed plain(compressed, what);
  try {
    TarReader tar(plain, what);
    apply.apply(tar);
  } catch (const ImageError& error) {
    rethrow_for(what, error);
  }
  if (const std::string diff_id = plain.finish().text();
      diff_id != layer.diff_id) {
    throw ImageError(ImageError::Reason::invalid,
                     what + " is damaged: it unpacks to " + diff_id +
                         ", not to " + layer.diff_id);
  }
  write_opaque(folder.get(), apply.opaque());
  return {.tree = layer.tree,
          .chain_id = layer.chain_id,
          .diff_id = layer.diff_id,
          .blob = layer.blob,
          .size = apply.size(),
          .files = apply.files()};
}

}  // namespace docker_cpp::images
