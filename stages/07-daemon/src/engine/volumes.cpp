// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <set>

#include "folders.hpp"
#include "identifiers.hpp"
#include "size_limit.hpp"
#include "volume_record.hpp"

#include "docker_cpp/daemon/api_error.hpp"
#include "docker_cpp/daemon/record.hpp"
#include "docker_cpp/daemon/volume_manager.hpp"
#include "docker_cpp/rootfs/changes.hpp"
#include "docker_cpp/rootfs/copy_tree.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/failpoint.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::daemon {
namespace {

bool is_proper_name(const std::string& name) {
  const auto good = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '.' || c == '-';
  };
  return name.size() >= 2 && name.size() <= 255 &&
         std::isalnum(static_cast<unsigned char>(name[0])) != 0 &&
         std::ranges::all_of(name, good);
}

void check_volume_name(const std::string& name) {
  if (!is_proper_name(name)) {
    throw ApiError(
        ErrorCode::invalid_argument,
        "create " + name + ": \"" + name +
            "\" includes invalid characters for a local volume name, only "
            "\"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to "
            "pass a host directory, use absolute path");
  }
}

void check_options(const VolumeRequest& request) {
  if (!request.driver.empty() && request.driver != "local" &&
      request.driver != "default") {
    throw ApiError(ErrorCode::not_found, "create " + request.name +
                                             ": error looking up volume "
                                             "plugin " +
                                             request.driver + ": plugin \"" +
                                             request.driver + "\" not found");
  }
  static const std::set<std::string> known = {"type", "o", "device", "size"};
  for (const auto& [key, value] : request.options) {
    if (!known.contains(key)) {
      throw ApiError(
          ErrorCode::invalid_argument,
          "create " + request.name + ": invalid option: \"" + key + "\"");
    }
  }
  const bool has_type = request.options.contains("type");
  if (has_type != request.options.contains("device")) {
    throw ApiError(ErrorCode::invalid_argument,
                   "create " + request.name + ": missing required option: \"" +
                       (has_type ? "device" : "type") + "\"");
  }
}

/// What the option `size` allows; an own file system has its own size.
std::optional<std::uint64_t> volume_size(const Volume& volume) {
  const auto found = volume.options.find("size");
  if (found == volume.options.end() || volume.options.contains("type")) {
    return std::nullopt;
  }
  const auto bytes = parse_size(found->second);
  if (!bytes) {
    throw ApiError(ErrorCode::invalid_argument,
                   "create " + volume.name + ": " + bytes.error());
  }
  return *bytes == 0 ? std::nullopt : std::optional(*bytes);
}

ApiError no_such_volume(const std::string& name) {
  return {ErrorCode::not_found, "get " + name + ": no such volume"};
}

/// One change at a time, whichever manager makes it.
class Lock {
 public:
  explicit Lock(const std::string& folder) : folder_(open_folder(folder)) {
    while (::flock(folder_.get(), LOCK_EX) == -1) {
      if (errno != EINTR) {
        throw Error({.code = errno, .call = "flock"}, "lock " + folder);
      }
    }
  }
  [[nodiscard]] int get() const { return folder_.get(); }

 private:
  sys::UniqueFd folder_;
};

void sync(const Lock& lock, const std::string& doing) {
  must(sys::check_void(::fsync(lock.get()), "fsync"), doing);
}

void refuse_users(const std::string& name, const Strings& users,
                  const std::string& verb) {
  if (users.empty()) {
    return;
  }
  std::string list;
  for (const std::string& id : users) {
    list += (list.empty() ? "" : ", ") + id;
  }
  throw ApiError(ErrorCode::conflict,
                 verb + " " + name + ": volume is in use - [" + list + "]");
}

}  // namespace

std::optional<Volume> VolumeManager::read(const std::string& name) const {
  const auto folder =
      sys::open(path(name).c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (!folder) {
    return std::nullopt;
  }
  const auto record = read_record(folder->get(), "record");
  if (!record) {
    return std::nullopt;
  }
  auto volume = parse_volume_record(*record);
  if (!volume || volume->name != name) {
    return std::nullopt;
  }
  volume->mountpoint = path(name) + "/_data";
  return volume;
}

void VolumeManager::write(const Volume& volume) const {
  write_record(open_folder(path(volume.name)).get(), "record",
               print_volume_record(volume));
}

VolumeManager::Outcome VolumeManager::create(const VolumeRequest& request) {
  VolumeRequest wanted = request;
  const bool anonymous = wanted.name.empty();
  if (anonymous) {
    wanted.name = new_id();
  }
  check_volume_name(wanted.name);
  check_options(wanted);
  const Lock lock(folder_);
  if (auto there = read(wanted.name)) {
    return {.volume = *std::move(there), .fresh = false};
  }
  if (::access((path(wanted.name) + "/_data").c_str(), F_OK) == 0 &&
      ::access((path(wanted.name) + "/record").c_str(), F_OK) == 0) {
    throw ApiError(ErrorCode::conflict,
                   "create " + wanted.name +
                       ": a volume of this name is there, but its record is "
                       "damaged: `system check --repair` makes it anew");
  }
  Volume volume{.name = wanted.name,
                .mountpoint = path(wanted.name) + "/_data",
                .labels = wanted.labels,
                .options = wanted.options,
                .created = std::chrono::system_clock::now(),
                .anonymous = anonymous};
  make_folder(path(volume.name), 0711);
  try {
    make_folder(volume.mountpoint, 0755);
    if (const auto size = volume_size(volume)) {
      limit_folder(volume.mountpoint, project_of(volume.name), *size,
                   "create " + volume.name +
                       ": quota size requested but no quota support");
    }
    DOCKER_CPP_FAILPOINT("volume.create");
    // The record comes last: a volume is there when its record is.
    write(volume);
  } catch (...) {
    ::rmdir(volume.mountpoint.c_str());
    ::rmdir(path(volume.name).c_str());
    throw;
  }
  sync(lock, "make the volume " + volume.name);
  return {.volume = std::move(volume), .fresh = true};
}

std::optional<Volume> VolumeManager::find(const std::string& name) const {
  return is_proper_name(name) ? read(name) : std::nullopt;
}

std::vector<Volume> VolumeManager::list() const {
  std::vector<Volume> all;
  std::error_code error;
  for (std::filesystem::directory_iterator at(folder_, error), end;
       !error && at != end; at.increment(error)) {
    if (auto volume = find(at->path().filename().string())) {
      all.push_back(*std::move(volume));
    }
  }
  std::ranges::sort(all, {}, &Volume::name);
  return all;
}

std::vector<std::string> VolumeManager::damaged() const {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator at(folder_, error), end;
       !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    std::error_code ignored;
    if (std::filesystem::is_directory(at->path() / "_data", ignored) &&
        !find(name)) {
      names.push_back(name);
    }
  }
  std::ranges::sort(names);
  return names;
}

void VolumeManager::remove(const std::string& name,
                           const std::function<Strings()>& users) {
  const Lock lock(folder_);
  if (!find(name)) {
    throw no_such_volume(name);
  }
  refuse_users(name, users(), "remove");
  detach(name);
  if (const auto volume = find(name); volume->options.contains("size")) {
    forget_limit(folder_, project_of(name));
  }
  // Without its record it is no volume; what is left of it after a crash is
  // taken up by the next one of that name.
  must(sys::check_void(::unlink((path(name) + "/record").c_str()), "unlink"),
       "remove the volume " + name);
  sync(lock, "remove the volume " + name);
  DOCKER_CPP_FAILPOINT("volume.remove");
  remove_folder(path(name));
}

void VolumeManager::rename(const std::string& from, const std::string& to,
                           const std::function<Strings()>& users) {
  check_volume_name(to);
  const Lock lock(folder_);
  auto volume = find(from);
  if (!volume) {
    throw no_such_volume(from);
  }
  refuse_users(from, users(), "rename");
  if (::access(path(to).c_str(), F_OK) == 0) {
    throw ApiError(ErrorCode::conflict,
                   "rename " + from + ": there is a volume " + to);
  }
  detach(from);
  must(
      sys::check_void(::rename(path(from).c_str(), path(to).c_str()), "rename"),
      "rename the volume " + from);
  volume->name = to;
  volume->anonymous = false;
  write(*volume);
  sync(lock, "rename the volume " + from);
}

std::int64_t VolumeManager::size(const Volume& volume) const {
  const auto root = rootfs::RootFd::of(volume.mountpoint);
  return root ? rootfs::tree_size(*root) : 0;
}

bool VolumeManager::resolve(MountPoint& mount, const VolumeRequest& request) {
  VolumeRequest wanted = request;
  wanted.name = mount.name;
  const Outcome made = create(wanted);
  mount.name = made.volume.name;
  mount.source = made.volume.mountpoint;
  return made.fresh;
}

void VolumeManager::remove_anonymous(const std::string& name) {
  const auto volume = find(name);
  if (volume && volume->anonymous) {
    remove(name, [] { return Strings(); });
  }
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
