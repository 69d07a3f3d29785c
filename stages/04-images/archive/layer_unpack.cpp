// SPDX-License-Identifier: Apache-2.0
#include "layer_unpack.hpp"

#include <fcntl.h>

#include "files.hpp"

#include "docker_cpp/images/image_error.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::images {
namespace {

[[noreturn]] void rethrow_for(const std::string& what,
                              const ImageError& error) {
  const std::string sentence = error.what();
  throw ImageError(error.reason(), sentence.starts_with(what)
                                       ? sentence
                                       : what + ": " + sentence);
}

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

}  // namespace

UnpackedLayer unpack_layer(ByteSource& source, int staging,
                           const std::string& tree, const std::string& what,
                           LayerApply::Position position) {
  const sys::UniqueFd folder = open_folder(staging, tree);
  LayerApply apply(rootfs::RootFd(open_folder(folder.get(), "fs", 0755)),
                   position);
  Decompressed plain(source, what);
  try {
    TarReader tar(plain, what);
    apply.apply(tar);
  } catch (const ImageError& error) {
    rethrow_for(what, error);
  }
  write_opaque(folder.get(), apply.opaque());
  return {.diff_id = plain.finish().text(),
          .size = apply.size(),
          .files = apply.files()};
}

}  // namespace docker_cpp::images
