// SPDX-License-Identifier: Apache-2.0
// Files into and out of a tree that may be in use: `docker cp`, `export`. The
// tree is the handle 4; further handles are mounts that belong into it, which
// are attached in a mount namespace of this process's own.
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <array>
#include <cerrno>
#include <charconv>

#include <nlohmann/json.hpp>

#include "byte_source.hpp"
#include "confinement.hpp"
#include "inner_path.hpp"
#include "layer_apply.hpp"
#include "tar_writer.hpp"
#include "tree_pack.hpp"
#include "worker_handles.hpp"
#include "worker_process.hpp"

#include "docker_cpp/images/image_error.hpp"
#include "docker_cpp/rootfs/mount_api.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::images {
namespace {

using nlohmann::json;

/// `--mount DESTINATION` for each handle after the tree's, in their order.
void attach_mounts(const rootfs::RootFd& root, const WorkerWords& words) {
  int handle = worker_first_tree + 1;
  const auto all = words.all();
  for (std::size_t i = 0; i + 1 < all.size(); ++i) {
    if (std::string_view(all[i]) != "--mount") {
      continue;
    }
    if (handle == worker_first_tree + 1) {
      must(sys::unshare(CLONE_FS | CLONE_NEWNS), "make a mount namespace");
      const sys::UniqueFd place =
          must(sys::open("/", O_PATH | O_DIRECTORY), "open /");
      must(
          rootfs::set_mount_attributes(place.get(), {.propagation = MS_PRIVATE},
                                       rootfs::Tree::recursive),
          "make a mount namespace");
      must(rootfs::attach_mount(root.get(), place.get()), "attach the tree");
    }
    const std::string destination = all[i + 1];
    const sys::UniqueFd mount(handle++);
    struct stat info{};
    must(sys::check_void(::fstat(mount.get(), &info), "fstat"), destination);
    const sys::UniqueFd target =
        must(S_ISDIR(info.st_mode) ? root.make_directories(destination)
                                   : root.make_file(destination, 0755),
             "find the place of the mount " + destination);
    must(rootfs::attach_mount(mount.get(), target.get()),
         "attach the mount " + destination);
  }
}

/// The tree, ready and confined.
rootfs::RootFd open_tree(const WorkerWords& words) {
  prepare_worker();
  rootfs::RootFd root{sys::UniqueFd(worker_first_tree)};
  attach_mounts(root, words);
  confine(std::array{worker_first_tree});
  return root;
}

int refuse(std::string_view kind, std::string_view message) {
  report_line({{"type", "error"}, {"kind", kind}, {"message", message}});
  return 1;
}

/// What of the path is wrong, as the daemon's answer depends on it.
int refuse_path(const std::string& path, int code) {
  if (code == ENOENT || code == ENAMETOOLONG) {
    return refuse("not_found", path);
  }
  if (code == ENOTDIR || code == ELOOP) {
    return refuse("not_a_directory", path);
  }
  throw Error({.code = code, .call = "open"}, "find " + path);
}

template <typename Number>
Number number(std::string_view text) {
  Number value{};
  const auto [end, failed] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc{} || end != text.data() + text.size()) {
    throw ImageError(ImageError::Reason::invalid,
                     "'" + std::string(text) + "' is not an owner");
  }
  return value;
}

OwnerRule owner_of(const WorkerWords& words) {
  OwnerRule rule;
  if (words.has("--no-owner")) {
    rule.from = OwnerRule::From::nobody;
  }
  const std::string given = words.value("--owner");
  if (const std::size_t colon = given.find(':'); colon != std::string::npos) {
    rule = {.from = OwnerRule::From::given,
            .uid = number<uid_t>(std::string_view(given).substr(0, colon)),
            .gid = number<gid_t>(std::string_view(given).substr(colon + 1))};
  }
  return rule;
}

/// Filled up to a whole block: docker's client, when it is given a Dockerfile
/// on stdin, ends the context's archive with the last byte of the last file.
class WholeBlocks final : public ByteSource {
 public:
  explicit WholeBlocks(ByteSource& source) : source_(source) {}
  std::string_view next() override {
    const std::string_view piece = source_.next();
    if (!piece.empty()) {
      over_ = (over_ + piece.size()) % zeros_.size();
      return piece;
    }
    const std::size_t missing = over_ == 0 ? 0 : zeros_.size() - over_;
    over_ = 0;
    return {zeros_.data(), missing};
  }

 private:
  ByteSource& source_;
  std::size_t over_ = 0;
  std::array<char, 512> zeros_{};
};

bool is_read_only(int folder) {
  struct statvfs about{};
  return ::fstatvfs(folder, &about) == 0 && (about.f_flag & ST_RDONLY) != 0;
}

}  // namespace

int stat_path(const WorkerWords& words) {
  const InnerPath path(words.value("--path"));
  const rootfs::RootFd root = open_tree(words);
  const auto found = look_at(root, path);
  if (!found) {
    return refuse_path(path.text(), found.error().code);
  }
  report_line(*found);
  return 0;
}

int pack_tree(const WorkerWords& words) {
  const InnerPath path(words.value("--path"));
  const rootfs::RootFd root = open_tree(words);
  const auto found = look_at(root, path);
  if (!found) {
    return refuse_path(path.text(), found.error().code);
  }
  report_line(*found);
  FileSink sink(worker_output);
  TarWriter tar(sink);
  if (words.has("--export")) {
    TreePacker(tar, TreePacker::Form::one).pack_content(root.get());
  } else {
    const auto at = must(path.open_in(root), "find " + path.text());
    const std::string name = words.value("--name");
    TreePacker(tar, TreePacker::Form::plain)
        .pack(at.folder.get(), at.name, name.empty() ? path.name() : name);
  }
  tar.finish();
  report_line({{"type", "done"}});
  return 0;
}

int unpack_tree(const WorkerWords& words) {
  const InnerPath path(words.value("--path"));
  const rootfs::RootFd root = open_tree(words);
  const auto target = root.open(path.text(), O_RDONLY | O_DIRECTORY);
  if (!target) {
    return refuse_path(path.text(), target.error().code);
  }
  if (is_read_only(target->get())) {
    struct stat top{};
    struct stat here{};
    ::fstat(root.get(), &top);
    ::fstat(target->get(), &here);
    return refuse(
        top.st_dev == here.st_dev ? "read_only_root" : "read_only_volume",
        path.text());
  }
  LayerApply apply(
      rootfs::RootFd(
          must(root.open("/", O_PATH | O_DIRECTORY), "open the tree")),
      LayerApply::Position::files,
      {.owner = owner_of(words),
       .clash = words.has("--no-overwrite") ? LayerApply::Clash::refuse
                                            : LayerApply::Clash::replace,
       .base = path.text(),
       .top = words.value("--top")});
  FileSource source(worker_input);
  Decompressed plain(source, "the archive");
  WholeBlocks whole(plain);
  const bool short_end = words.has("--short-end");
  TarReader tar(short_end ? static_cast<ByteSource&>(whole) : plain,
                "the archive");
  apply.apply(tar);
  static_cast<void>(plain.finish());
  report_line({{"type", "done"}});
  return 0;
}

}  // namespace docker_cpp::images
