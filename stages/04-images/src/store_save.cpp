// SPDX-License-Identifier: Apache-2.0
// `docker save` as Docker writes it since 25: an OCI image layout that is also
// an archive of the older kind (manifest.json, repositories). The blobs are
// the very bytes that came in, so that a digest survives the round trip.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "json_reader.hpp"
#include "store_state.hpp"
#include "worker_process.hpp"

#include "docker_cpp/images/reference.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::images {
namespace {

/// What of one image goes into the archive.
struct Saved {
  Image image;
  ImageRecord record;
  std::vector<std::string> names;  ///< canonical
};

[[nodiscard]] bool has_tag_or_digest(std::string_view ref) {
  const std::size_t slash = ref.rfind('/') + 1;  // npos + 1 is 0
  return ref.find_first_of(":@", slash) != std::string_view::npos;
}

std::string blob_name(const std::string& digest) {
  return "blobs/sha256/" + digest.substr(7);
}

class Archive {
 public:
  void add_folder(const std::string& name) {
    items_.push_back({{"name", name}});
  }
  void add_text(const std::string& name, const std::string& text) {
    items_.push_back({{"name", name}, {"text", text}});
  }
  void add_blob(const std::string& digest, std::int64_t modified) {
    if (seen_.insert(digest).second) {
      items_.push_back({{"name", blob_name(digest)},
                        {"blob", digest.substr(7)},
                        {"modified", modified}});
    }
  }
  [[nodiscard]] std::string list() const { return items_.dump(); }

 private:
  Json items_ = Json::array();
  std::set<std::string> seen_;
};

Json layer_sources(const Image& image, const Manifest& manifest) {
  Json sources = Json::object();
  for (std::size_t i = 0; i < manifest.layers.size(); ++i) {
    sources[image.diff_ids[i]] = {{"mediaType", manifest.layers[i].media_type},
                                  {"size", manifest.layers[i].size},
                                  {"digest", manifest.layers[i].digest.text()}};
  }
  return sources;
}

/// The documents that say what the blobs are.
class Documents {
 public:
  void add(const Saved& saved, const Manifest& manifest) {
    Json layers = Json::array();
    for (const Descriptor& layer : manifest.layers) {
      layers.push_back(blob_name(layer.digest.text()));
    }
    Json tags = saved.names.empty() ? Json() : Json::array();
    const Json plain = {{"mediaType", saved.record.manifest_type},
                        {"digest", saved.record.manifest},
                        {"size", saved.record.manifest_size}};
    for (const std::string& name : saved.names) {
      const Reference reference = *Reference::parse(name);
      tags.push_back(reference.familiar());
      repositories_[reference.familiar_repository()][reference.tag()] =
          saved.image.chain_ids.empty()
              ? saved.image.id.substr(7)
              : saved.image.chain_ids.back().substr(7);
      Json descriptor = plain;
      descriptor["annotations"] = {{annotation::image_name, name},
                                   {annotation::ref_name, reference.tag()}};
      index_.push_back(std::move(descriptor));
    }
    if (saved.names.empty()) {
      index_.push_back(plain);
    }
    manifests_.push_back(
        {{"Config", blob_name(saved.image.id)},
         {"RepoTags", std::move(tags)},
         {"Layers", std::move(layers)},
         {"LayerSources", layer_sources(saved.image, manifest)}});
  }

  void write(Archive& archive) const {
    archive.add_text("index.json", Json{{"schemaVersion", 2},
                                        {"mediaType", media_type::oci_index},
                                        {"manifests", index_}}
                                       .dump());
    archive.add_text("manifest.json", manifests_.dump());
    archive.add_text("oci-layout",
                     Json{{"imageLayoutVersion", "1.0.0"}}.dump());
    if (!repositories_.empty()) {
      archive.add_text("repositories", repositories_.dump());
    }
  }

 private:
  Json index_ = Json::array();
  Json manifests_ = Json::array();
  Json repositories_ = Json::object();
};

sys::UniqueFd in_memory(const std::string& text) {
  sys::UniqueFd file(static_cast<int>(
      must(sys::check(::memfd_create("list", MFD_CLOEXEC), "memfd_create"),
           "make a list for the worker")));
  must(sys::write_all(file.get(), text), "make a list for the worker");
  must(sys::check_void(::lseek(file.get(), 0, SEEK_SET), "lseek"),
       "make a list for the worker");
  return file;
}

}  // namespace

/// Each name's image; a repository without a tag means all of its tags.
std::vector<std::pair<std::string, std::vector<std::string>>>
ImageStore::State::select_saved(const Content& content,
                                const std::vector<std::string>& refs) {
  std::vector<std::pair<std::string, std::vector<std::string>>> chosen;
  const auto choose = [&](const std::string& id, const std::string& name) {
    auto at = std::ranges::find(chosen, id,
                                [](const auto& one) { return one.first; });
    if (at == chosen.end()) {
      at = chosen.insert(at, {id, {}});
    }
    if (!name.empty() &&
        std::ranges::find(at->second, name) == at->second.end()) {
      at->second.push_back(name);
    }
  };
  for (const std::string& ref : refs) {
    const auto reference = Reference::parse(ref);
    bool found = false;
    if (reference && reference->digest().empty()) {
      for (const auto& [name, id] : content.names) {
        const bool wanted =
            has_tag_or_digest(ref)
                ? name == reference->canonical()
                : name.starts_with(reference->repository() + ":");
        if (wanted) {
          choose(id, name);
          found = true;
        }
      }
    }
    if (found) {
      continue;
    }
    const EntryPtr entry = look_up(content, ref);
    if (!entry) {
      throw ImageError(ImageError::Reason::not_found, "No such image: " + ref);
    }
    choose(entry->image.id, "");
  }
  return chosen;
}

WorkerTask ImageStore::State::save(const std::vector<std::string>& refs,
                                   int output) {
  const auto in_progress = std::make_shared<const InProgress>(*this);
  const Content content = copy();
  Archive archive;
  Documents documents;
  archive.add_folder("blobs/");
  archive.add_folder("blobs/sha256/");
  for (auto& [id, names] : select_saved(content, refs)) {
    const EntryPtr entry = content.images.at(id);
    const std::int64_t created = entry->image.created;
    const Manifest manifest = parse_manifest(layout_.read_blob(
        *Digest::parse(entry->record.manifest), largest_manifest, "manifest"));
    archive.add_blob(id, created);
    archive.add_blob(entry->record.manifest, created);
    for (const Descriptor& layer : manifest.layers) {
      if (!layout_.has_blob(layer.digest)) {
        throw ImageError(ImageError::Reason::failed,
                         "layer " + layer.digest.text() + " of image " + id +
                             " is missing: load or pull the image again");
      }
      archive.add_blob(layer.digest.text(), created);
    }
    documents.add({.image = entry->image,
                   .record = entry->record,
                   .names = std::move(names)},
                  manifest);
  }
  documents.write(archive);
  const sys::UniqueFd list = in_memory(archive.list());
  return WorkerTask(std::make_unique<WorkerProcess>(
      WorkerRun{.program = options_.worker,
                .args = {"save"},
                .input = list.get(),
                .staging = output,
                .trees = {layout_.blob_folder()},
                .keeps = in_progress}));
}

}  // namespace docker_cpp::images
