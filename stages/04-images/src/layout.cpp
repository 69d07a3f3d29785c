// SPDX-License-Identifier: Apache-2.0
#include "layout.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "files.hpp"

#include "docker_cpp/images/image_error.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/failpoint.hpp"
#include "docker_cpp/sys/file.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::images {
namespace {

constexpr const char* marker_name = "oci-layout";
constexpr const char* index_name = "index.json";
constexpr std::string_view marker_text = "{\"imageLayoutVersion\":\"1.0.0\"}";

/// The index holds one descriptor per name: allow for many.
constexpr std::size_t largest_own_index = largest_manifest;

[[noreturn]] void damaged(const std::string& sentence) {
  throw ImageError(ImageError::Reason::invalid, sentence);
}

}  // namespace

Layout::Layout(int data_root) : folder_(open_folder(data_root, "images")) {
  const sys::UniqueFd blobs = open_folder(folder_.get(), "blobs");
  blobs_ = open_folder(blobs.get(), "sha256");
  records_ = open_folder(folder_.get(), "records");
  const auto marker = sys::read_file_at(folder_.get(), marker_name);
  if (!marker || *marker != marker_text) {
    replace_file(folder_.get(), marker_name, marker_text, "image.layout");
  }
}

bool Layout::has_blob(const Digest& digest) const {
  struct stat status{};
  return ::fstatat(blobs_.get(), digest.hex().c_str(), &status,
                   AT_SYMLINK_NOFOLLOW) == 0 &&
         S_ISREG(status.st_mode);
}

std::optional<std::uint64_t> Layout::blob_size(const Digest& digest) const {
  struct stat status{};
  if (::fstatat(blobs_.get(), digest.hex().c_str(), &status,
                AT_SYMLINK_NOFOLLOW) == -1 ||
      !S_ISREG(status.st_mode)) {
    return std::nullopt;
  }
  return static_cast<std::uint64_t>(status.st_size);
}

std::string Layout::read_blob(const Digest& digest, std::size_t limit,
                              std::string_view what) const {
  const auto text =
      sys::read_file_at(blobs_.get(), digest.hex().c_str(), limit);
  if (!text && text.error().code == ENOENT) {
    damaged(std::string(what) + " " + digest.text() + " is missing");
  }
  std::string content =
      must(text, "read " + std::string(what) + " " + digest.text());
  if (Digest::of(content) != digest) {
    damaged(std::string(what) + " " + digest.text() +
            " is damaged: its content has another digest");
  }
  return content;
}

void Layout::add_blob(int staging, const std::string& file,
                      const Digest& digest) {
  DOCKER_CPP_FAILPOINT("image.blob.rename");
  must(sys::check_void(::renameat(staging, file.c_str(), blobs_.get(),
                                  digest.hex().c_str()),
                       "rename"),
       "keep blob " + digest.text());
}

void Layout::sync_blobs() {
  DOCKER_CPP_FAILPOINT("image.blob.sync");
  sync_folder(blobs_.get(), "keep the blobs");
}

sys::UniqueFd Layout::open_blobs() const {
  return must(sys::open_at(blobs_.get(), ".", O_RDONLY | O_DIRECTORY),
              "open the blobs");
}

void Layout::remove_blob(const Digest& digest) {
  remove_tree(blobs_.get(), digest.hex());
}

std::vector<Digest> Layout::blobs() const {
  std::vector<Digest> all;
  for (const std::string& name : list_folder(blobs_.get())) {
    if (const auto digest = Digest::parse("sha256:" + name)) {
      all.push_back(*digest);
    }
  }
  return all;
}

Index Layout::read_index() const {
  const auto text =
      sys::read_file_at(folder_.get(), index_name, largest_own_index);
  if (!text && text.error().code == ENOENT) {
    damaged("index.json is missing");
  }
  return parse_index(must(text, "read index.json"));
}

void Layout::write_index(const Index& index) {
  replace_file(folder_.get(), index_name, print(index), "image.index");
}

std::string Layout::set_aside(int folder, const std::string& name) {
  const sys::UniqueFd damaged_folder = open_folder(folder_.get(), "damaged");
  for (int n = 1;; ++n) {
    const std::string aside = name + "." + std::to_string(n);
    if (::renameat2(folder, name.c_str(), damaged_folder.get(), aside.c_str(),
                    RENAME_NOREPLACE) == 0) {
      return "damaged/" + aside;
    }
    if (errno != EEXIST) {
      throw Error({.code = errno, .call = "renameat2"}, "set aside " + name);
    }
  }
}

bool Layout::has_damaged_records() const {
  const auto folder =
      sys::open_at(folder_.get(), "damaged", O_RDONLY | O_DIRECTORY);
  return folder && std::ranges::any_of(
                       list_folder(folder->get()), [](const std::string& name) {
                         return is_sha256_hex(name.substr(0, name.find('.')));
                       });
}

void Layout::forget_damaged(const std::string& record) {
  const auto folder =
      sys::open_at(folder_.get(), "damaged", O_RDONLY | O_DIRECTORY);
  if (!folder) {
    return;
  }
  for (const std::string& name : list_folder(folder->get())) {
    if (name.starts_with(record + ".")) {
      remove_tree(folder->get(), name);
    }
  }
}

}  // namespace docker_cpp::images
