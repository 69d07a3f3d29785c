// SPDX-License-Identifier: Apache-2.0
// A layer out of a directory of changes, or out of a foreign archive: the blob
// b0 (a plain tar, whose digest is the diff id) and the tree t0 in the staging
// folder. The tree comes from the blob, so that an image made here is what the
// same image would be after a load.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include <nlohmann/json.hpp>

#include "byte_source.hpp"
#include "confinement.hpp"
#include "files.hpp"
#include "layer_apply.hpp"
#include "layer_unpack.hpp"
#include "tar_writer.hpp"
#include "tree_pack.hpp"
#include "worker_handles.hpp"
#include "worker_process.hpp"

#include "docker_cpp/images/load_report.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::images {
namespace {

sys::UniqueFd create_blob() {
  return must(sys::open_at(worker_staging, "b0",
                           O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0600),
              "stage the layer");
}

/// Unpacks b0, which `blob` is a handle of, and reports.
void unpack_and_report(int blob, const Digest& digest, std::uint64_t size,
                       LayerApply::Position position) {
  must(sys::check_void(::lseek(blob, 0, SEEK_SET), "lseek"), "read the layer");
  FileSource source(blob);
  const UnpackedLayer layer =
      unpack_layer(source, worker_staging, "t0", "the layer", position);
  const std::string text = digest.text();
  LoadReport report;
  report.blobs.push_back({.file = "b0", .digest = text, .size = size});
  report.layers.push_back({.tree = "t0",
                           .chain_id = "",
                           .diff_id = layer.diff_id,
                           .blob = text,
                           .size = layer.size,
                           .files = layer.files});
  report_text(print(report));
}

LayerApply::Position position_of(const WorkerWords& words) {
  return words.has("--lowest") ? LayerApply::Position::lowest
                               : LayerApply::Position::upper;
}

}  // namespace

int make_layer(const WorkerWords& words) {
  prepare_worker();
  const std::set<std::string> opaque = find_opaque(worker_first_tree);
  confine(std::array{worker_staging, worker_first_tree});
  const sys::UniqueFd blob = create_blob();
  HashingSink sink(blob.get());
  TarWriter tar(sink);
  TreePacker packer(tar, TreePacker::Form::changes);
  packer.set_opaque(opaque);
  packer.pack_content(worker_first_tree);
  tar.finish();
  unpack_and_report(blob.get(), sink.finish(), sink.size(), position_of(words));
  return 0;
}

int import_layer(const WorkerWords&) {
  prepare_worker();
  confine(std::array{worker_staging});
  const sys::UniqueFd blob = create_blob();
  FileSource source(worker_input);
  Decompressed plain(source, "the archive");
  HashingSink sink(blob.get());
  for (std::string_view piece = plain.next(); !piece.empty();
       piece = plain.next()) {
    sink.put(piece);
  }
  unpack_and_report(blob.get(), sink.finish(), sink.size(),
                    LayerApply::Position::lowest);
  return 0;
}

}  // namespace docker_cpp::images
