// SPDX-License-Identifier: Apache-2.0
#include "support.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tar_builder.hpp"

#include "docker_cpp/images/digest.hpp"
#include "docker_cpp/images/manifest.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::images {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

std::string filtered(const std::string& bytes, const std::string& program) {
  const TempDir dir;
  write_text(dir / "in", bytes);
  EXPECT_EQ(shell(program + " -c < " + dir / "in" + " > " + (dir / "out")), 0);
  return read_text(dir / "out");
}

Json descriptor(const std::string& type, const std::string& content) {
  return {{"mediaType", type},
          {"digest", Digest::of(content).text()},
          {"size", content.size()}};
}

const std::vector<std::string>& plain_of(const ArchiveParts& parts) {
  return parts.plain.empty() ? parts.layers : parts.plain;
}

std::string blob_name(const std::string& content) {
  return "blobs/sha256/" + Digest::of(content).hex();
}

}  // namespace

TempDir::TempDir() {
  std::string name = fs::temp_directory_path() / "dcpp-images-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) {
    throw std::runtime_error("mkdtemp " + name);
  }
  path_ = name;
}

TempDir::~TempDir() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::string read_text(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

void write_text(const std::string& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

TreeState state_of(const std::string& path) {
  TreeState state;
  const auto describe = [&](const fs::path& at) {
    struct stat s{};
    EXPECT_EQ(::lstat(at.c_str(), &s), 0) << at;
    std::ostringstream text;
    text << std::oct << s.st_mode << std::dec << " " << s.st_uid << ":"
         << s.st_gid << " " << s.st_nlink << " " << s.st_size << " "
         << s.st_mtim.tv_sec << "." << s.st_mtim.tv_nsec << " "
         << s.st_ctim.tv_sec << "." << s.st_ctim.tv_nsec << " ";
    if (S_ISLNK(s.st_mode)) {
      text << fs::read_symlink(at).string();
    } else if (S_ISREG(s.st_mode)) {
      text << read_text(at);
    }
    state[at.string()] = text.str();
  };
  describe(path);
  for (const auto& entry : fs::recursive_directory_iterator(path)) {
    describe(entry.path());
  }
  return state;
}

sys::UniqueFd readable(std::string_view bytes) {
  sys::UniqueFd fd(::memfd_create("archive", MFD_CLOEXEC));
  must(sys::write_all(fd.get(), bytes), "write the archive");
  ::lseek(fd.get(), 0, SEEK_SET);
  return fd;
}

int shell(const std::string& command) {
  const int status = std::system(command.c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool have(const std::vector<std::string>& programs) {
  bool all = true;
  for (const std::string& program : programs) {
    all = all && shell("command -v " + program + " >/dev/null") == 0;
  }
  if (!all && std::getenv("DOCKER_CPP_REQUIRE_ALL") != nullptr) {
    ADD_FAILURE() << "a program that this test needs is not installed";
  }
  return all;
}

std::string gzipped(const std::string& bytes) {
  return filtered(bytes, "gzip -n");
}

std::string zstd_compressed(const std::string& bytes) {
  return filtered(bytes, "zstd -q");
}

std::string config_for(const std::vector<std::string>& plain) {
  Json diff_ids = Json::array();
  for (const std::string& layer : plain) {
    diff_ids.push_back(Digest::of(layer).text());
  }
  return Json{{"architecture", host_architecture()},
              {"os", "linux"},
              {"config", {{"Cmd", {"sh"}}}},
              {"rootfs", {{"type", "layers"}, {"diff_ids", diff_ids}}}}
      .dump();
}

std::string oci_archive(const ArchiveParts& parts) {
  const std::string config = config_for(plain_of(parts));
  Json layers = Json::array();
  for (const std::string& layer : parts.layers) {
    layers.push_back(descriptor(parts.layer_type, layer));
  }
  const std::string manifest = Json{
      {"schemaVersion", 2},
      {"config", descriptor(std::string(media_type::oci_config), config)},
      {"layers", layers}}.dump();
  Json manifests = Json::array();
  for (const std::string& name : parts.names) {
    manifests.push_back(
        descriptor(std::string(media_type::oci_manifest), manifest));
    manifests.back()["annotations"] = {{annotation::ref_name, name}};
  }
  if (parts.names.empty()) {
    manifests.push_back(
        descriptor(std::string(media_type::oci_manifest), manifest));
  }
  TarBuilder tar;
  tar.file("oci-layout", R"({"imageLayoutVersion":"1.0.0"})");
  tar.file("index.json",
           Json{{"schemaVersion", 2}, {"manifests", manifests}}.dump());
  tar.file(blob_name(config), config).file(blob_name(manifest), manifest);
  for (const std::string& layer : parts.layers) {
    tar.file(blob_name(layer), layer);
  }
  return tar.finish();
}

std::string docker_archive(const ArchiveParts& parts) {
  const std::string config = config_for(plain_of(parts));
  const std::string config_name = Digest::of(config).hex() + ".json";
  Json layers = Json::array();
  TarBuilder tar;
  for (std::size_t i = 0; i < parts.layers.size(); ++i) {
    const std::string name = std::to_string(i) + "/layer.tar";
    tar.file(name, parts.layers[i]);
    layers.push_back(name);
  }
  tar.file(config_name, config);
  tar.file("manifest.json", Json::array({{{"Config", config_name},
                                          {"RepoTags", parts.names},
                                          {"Layers", layers}}})
                                .dump());
  return tar.finish();
}

ImageStore::Options options_for(const TempDir& root) {
  return {.data_root = root / "data", .worker = STAGE04_WORKER};
}

std::string load_error(ImageStore& store, const std::string& archive) {
  try {
    static_cast<void>(store.load(readable(archive).get()));
    return "";
  } catch (const std::exception& error) {
    return error.what();
  }
}

void expect_clean(const ImageStore& store, const std::string& root) {
  EXPECT_TRUE(fs::is_empty(root + "/data/staging"));
  std::set<std::string> wanted_layers;
  std::set<std::string> ids;
  for (const Image& image : store.list()) {
    ids.insert(image.id.substr(7));
    for (const std::string& chain_id : image.chain_ids) {
      wanted_layers.insert(chain_id.substr(7));
    }
  }
  std::set<std::string> layers;
  for (const auto& entry : fs::directory_iterator(root + "/data/layers")) {
    layers.insert(entry.path().filename());
  }
  EXPECT_EQ(layers, wanted_layers);
  std::set<std::string> records;
  const std::string images = root + "/data/images";
  for (const auto& entry : fs::directory_iterator(images + "/records")) {
    records.insert(entry.path().filename());
  }
  EXPECT_EQ(records, ids);
  if (ids.empty()) {
    EXPECT_TRUE(fs::is_empty(images + "/blobs/sha256"));
  }
}

}  // namespace docker_cpp::images
