// SPDX-License-Identifier: Apache-2.0
// `docker save`: the blobs of a store and a few documents as one archive. The
// list on 0 is JSON, made by the daemon: [{"name", "text"} or {"name",
// "blob"}, ...]; the store's folder of blobs is the handle 4.
#include <fcntl.h>
#include <sys/stat.h>

#include <array>

#include <nlohmann/json.hpp>

#include "confinement.hpp"
#include "tar_writer.hpp"
#include "worker_handles.hpp"
#include "worker_process.hpp"

#include "docker_cpp/images/image_error.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/file.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::images {
namespace {

using nlohmann::json;
constexpr std::size_t largest_list = std::size_t{64} << 20;

TarEntry header(const std::string& name, std::int64_t modified) {
  TarEntry entry;
  entry.name = name;
  entry.type = name.ends_with('/') ? S_IFDIR : S_IFREG;
  entry.permissions = name.ends_with('/') ? 0755 : 0644;
  entry.modified.tv_sec = modified;
  return entry;
}

void add_blob(TarWriter& tar, const json& item) {
  const std::string digest = item.at("blob");
  const sys::UniqueFd file = must(
      sys::open_at(worker_first_tree, digest.c_str(), O_RDONLY | O_NOFOLLOW),
      "read blob " + digest);
  struct stat info{};
  must(sys::check_void(::fstat(file.get(), &info), "fstat"), digest);
  TarEntry entry = header(item.at("name"), item.value("modified", 0));
  entry.size = info.st_size;
  tar.add_file(entry, file.get());
}

}  // namespace

int save_blobs(const WorkerWords&) {
  prepare_worker();
  confine(std::array{worker_first_tree});
  const json list = json::parse(
      must(sys::read_all(worker_input, largest_list), "read the list"));
  FileSink sink(worker_output);
  TarWriter tar(sink);
  for (const json& item : list) {
    if (item.contains("blob")) {
      add_blob(tar, item);
    } else {
      tar.add_text(header(item.at("name"), item.value("modified", 0)),
                   item.value("text", ""));
    }
  }
  tar.finish();
  report_line({{"type", "done"}});
  return 0;
}

}  // namespace docker_cpp::images
