// SPDX-License-Identifier: Apache-2.0
// What a pull reads before it knows of layers, and keeps.
#include <fcntl.h>

#include "blob_download.hpp"
#include "files.hpp"
#include "puller.hpp"

#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/file.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::images {
namespace {

using Reason = ImageError::Reason;

constexpr std::size_t largest_attestation = std::size_t{16} << 20;

}  // namespace

/// Through an index to the manifest for the platform, keeping the index.
FetchedDocument Puller::choose_manifest(const FetchedDocument& top,
                                        LoadReport::Image& image) {
  FetchedDocument at = top;
  for (int depth = 0; media_type::is_index(at.media_type); ++depth) {
    if (depth == deepest_index) {
      throw ImageError(Reason::invalid,
                       "index " + top.digest.text() + " is nested too deeply");
    }
    const Platform wanted = parse_platform(job_.platform);
    const Index index = parse_index(at.text);
    const Descriptor* chosen = choose(index, wanted);
    if (chosen == nullptr) {
      throw ImageError(Reason::not_found, "no matching manifest for " +
                                              print(wanted) +
                                              " in the manifest list entries");
    }
    keep(at);
    image.kept.push_back(at.digest.text());
    keep_attestations(index, chosen->digest, image);
    FetchedDocument next = fetch_document(session_, chosen->digest.text());
    if (next.text.size() != chosen->size) {
      throw ImageError(Reason::invalid,
                       "manifest " + chosen->digest.text() +
                           " has another size than the index says");
    }
    at = std::move(next);
  }
  if (!media_type::is_manifest(at.media_type)) {
    throw ImageError(Reason::failed,
                     "'" + at.media_type + "' is not an image manifest");
  }
  return at;
}

/// What an index says of an image beside the image: who built it, from what.
void Puller::keep_attestations(const Index& index, const Digest& of,
                               LoadReport::Image& image) {
  for (const Descriptor& one : index.manifests) {
    const auto about = one.annotations.find("vnd.docker.reference.digest");
    if (about == one.annotations.end() || about->second != of.text()) {
      continue;
    }
    const FetchedDocument document =
        fetch_document(session_, one.digest.text());
    keep(document);
    image.kept.push_back(document.digest.text());
    for (const Descriptor& blob : parse_artifact(document.text)) {
      static_cast<void>(small_blob(blob, largest_attestation));
      image.kept.push_back(blob.digest.text());
    }
  }
}

void Puller::keep_text(const Digest& digest, std::string_view text) {
  const std::string name = "b" + std::to_string(files_++);
  const sys::UniqueFd file =
      must(sys::open_at(staging_, name.c_str(),
                        O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600),
           "keep a document");
  must(sys::write_all(file.get(), text), "keep a document");
  const std::lock_guard lock(mutex_);
  if (have_blobs_.insert(digest.text()).second) {
    report_.blobs.push_back(
        {.file = name, .digest = digest.text(), .size = text.size()});
  }
}

void Puller::keep(const FetchedDocument& document) {
  if (!have_blobs_.contains(document.digest.text())) {
    keep_text(document.digest, document.text);
  }
}

/// The whole of a blob; what was received stays behind only in memory.
std::string Puller::receive(const Descriptor& blob) {
  const std::string file = BlobDownload::file_name(blob.digest);
  std::string text;
  try {
    BlobDownload download(session_, blob, staging_, [](std::uint64_t) {});
    for (auto piece = download.next(); !piece.empty();
         piece = download.next()) {
      text += piece;
    }
  } catch (...) {
    remove_tree(staging_, file);
    throw;
  }
  remove_tree(staging_, file);
  return text;
}

std::string Puller::small_blob(const Descriptor& blob, std::size_t limit) {
  const std::string name = "blob " + blob.digest.text();
  if (blob.size > limit) {
    throw ImageError(Reason::invalid, name + " is larger than " +
                                          std::to_string(limit) + " bytes");
  }
  if (have_blobs_.contains(blob.digest.text())) {
    if (const auto text =
            sys::read_file_at(blobs_, blob.digest.hex().c_str(), limit)) {
      return *text;
    }
    for (const LoadReport::Blob& one : report_.blobs) {
      if (one.digest == blob.digest.text()) {
        return must(sys::read_file_at(staging_, one.file.c_str(), limit), name);
      }
    }
  }
  std::string text;
  try {
    text = receive(blob);
  } catch (const ImageError&) {
    // What an earlier pull left may be to blame: once more from the start.
    text = receive(blob);
  }
  keep_text(blob.digest, text);
  return text;
}

}  // namespace docker_cpp::images
