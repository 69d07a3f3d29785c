// SPDX-License-Identifier: Apache-2.0
#include "volumes.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include "folders.hpp"
#include "identifiers.hpp"

#include "docker_cpp/daemon/api_error.hpp"
#include "docker_cpp/daemon/record.hpp"
#include "docker_cpp/rootfs/copy_tree.hpp"
#include "docker_cpp/rootfs/root_fd.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/failpoint.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::daemon {
namespace {

constexpr std::string_view anonymous_mark = R"(,"Anonymous":)";

void check_volume_name(const std::string& name) {
  const auto good = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '.' || c == '-';
  };
  if (name.size() < 2 ||
      std::isalnum(static_cast<unsigned char>(name[0])) == 0 ||
      !std::ranges::all_of(name, good)) {
    throw ApiError(
        ErrorCode::invalid_argument,
        "create " + name + ": \"" + name +
            "\" includes invalid characters for a local volume name, only "
            "\"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to "
            "pass a host directory, use absolute path");
  }
}

}  // namespace

bool VolumeStore::resolve(MountPoint& mount) {
  const bool anonymous = mount.name.empty();
  if (anonymous) {
    mount.name = new_id();
  } else {
    check_volume_name(mount.name);
  }
  const std::string folder = folder_ + "/" + mount.name;
  mount.source = folder + "/_data";
  const std::lock_guard lock(mutex_);
  if (::access((folder + "/record").c_str(), F_OK) == 0) {
    return false;
  }
  make_folder(folder, 0711);
  make_folder(mount.source, 0755);
  DOCKER_CPP_FAILPOINT("volume.create");
  // The record comes last: a volume is there when its record is.
  write_record(open_folder(folder).get(), "record",
               R"({"Name":")" + mount.name + R"(","Driver":"local")" +
                   std::string(anonymous_mark) +
                   (anonymous ? "true}" : "false}"));
  must(sys::check_void(::fsync(open_folder(folder_).get()), "fsync"),
       "make the volume " + mount.name);
  return true;
}

void VolumeStore::remove_anonymous(const std::string& name) {
  const std::lock_guard lock(mutex_);
  const std::string folder = folder_ + "/" + name;
  const auto opened = sys::open(folder.c_str(), O_RDONLY | O_DIRECTORY);
  const auto record = opened ? read_record(opened->get(), "record")
                             : std::expected<std::string, RecordProblem>("");
  if (!record || !record->ends_with(std::string(anonymous_mark) + "true}")) {
    return;
  }
  ::unlink((folder + "/record").c_str());
  remove_folder(folder);
}

void fill_volume(int image, const MountPoint& mount) {
  const rootfs::RootFd root(sys::UniqueFd(
      must(sys::check(::fcntl(image, F_DUPFD_CLOEXEC, 3), "fcntl"),
           "open the image")));
  const auto volume =
      must(rootfs::RootFd::of(mount.source), "open the volume " + mount.name);
  rootfs::copy_up(root, mount.destination, volume);
}

}  // namespace docker_cpp::daemon
