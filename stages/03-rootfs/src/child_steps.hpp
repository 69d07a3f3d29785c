// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <vector>

#include "docker_cpp/rootfs/mount_api.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

/// What the child does, as flat arrays that the parent has planned. All texts
/// live in ChildSteps::texts, all handles are open before the clone.
namespace docker_cpp::rootfs {

/// Where something goes: a path below the root, or below a mount which the
/// steps before have made, and which was empty then.
struct Place {
  enum class Want : std::uint8_t { directory, ordinary_directory, file };

  std::size_t base = 0;   ///< an index into ChildSteps::bases; 0 is the root
  const char* path = "";  ///< "": the base itself
  std::span<const char* const> prefixes;  ///< each ancestor, then `path`
  std::span<const char* const> names;     ///< the last name of each prefix
  Want want = Want::directory;
  bool fresh = false;  ///< the base is empty: expect that it must be made
  bool no_follow = false;
  bool may_be_root = false;  ///< a working directory, but no mount
  const char* doing = "";    ///< for errors
  /// Null, or what to say when it is a link instead of a directory.
  const char* not_ordinary = nullptr;
  /// Null, or what to say when it is in a procfs.
  const char* inside_proc = nullptr;
};

struct Parameter {
  const char* key;
  const char* value;  ///< null: a flag
};

struct MountStep {
  enum class Action : std::uint8_t { attach, create, remount };

  Action action = Action::attach;
  Place place;
  int tree = -1;               ///< attach: what; create: if not permitted
  const char* type = nullptr;  ///< create: the file system
  std::span<const Parameter> parameters;
  std::uint64_t attributes = 0;  ///< create
  AttributeChange change;        ///< create: afterwards; remount
  Tree change_extent = Tree::one_mount;
  std::size_t becomes_base = 0;  ///< 0: nobody's base
  const char* doing = "";
};

struct DeviceStep {
  Place folder;
  const char* name = "";
  mode_t type_and_mode = 0;
  dev_t number = 0;
  uid_t uid = 0;
  gid_t gid = 0;
  const char* host_path = "";  ///< to be bound where mknod is not permitted
  const char* doing = "";
};

struct LinkStep {
  Place folder;
  const char* name = "";
  const char* target = "";
  bool exact = false;  ///< what is there already must be this very link
  const char* doing = "";
};

/// A path to mask or to make read-only; missing ones are passed over.
struct PathStep {
  const char* path = "";
  const char* doing = "";
};

struct ConsoleStep {
  bool wanted = false;
  Place place;
  std::size_t devpts = 0;   ///< base to clone from; 0: `tree` is ready
  const char* number = "";  ///< its name there
  int tree = -1;
  const char* doing = "";
};

struct ChildSteps {
  // What is owned, and kept where it is.
  std::deque<std::string> texts;
  std::deque<std::vector<const char*>> lists;
  std::deque<std::vector<Parameter>> parameter_lists;
  std::vector<sys::UniqueFd> handles;

  // What is walked.
  int root = -1;
  std::vector<MountStep> mounts;
  std::vector<DeviceStep> devices;
  std::vector<LinkStep> links;
  ConsoleStep console;
  std::vector<PathStep> read_only_paths;
  std::vector<PathStep> masked_paths;
  std::vector<std::size_t> read_only_later;  ///< bases
  bool read_only_root = false;
  unsigned long propagation = 0;  ///< of the new root, after the pivot
  bool no_pivot = false;
  bool change_root_later = false;   ///< by ChangeOfRoot
  const char* attach_at = nullptr;  ///< null: over the old root
  Place working_directory;

  /// Scratch space of the child: the handle of each base.
  std::vector<int> base_fds;
  std::span<int> bases;
};

/// The steps by concern; each is in its own *.child.cpp.
[[nodiscard]] sys::Result<sys::UniqueFd> open_place(
    const ChildSteps& steps, const Place& place) noexcept;
[[nodiscard]] sys::Result<void> make_mounts(const ChildSteps& steps) noexcept;
[[nodiscard]] sys::Result<void> make_devices(const ChildSteps& steps) noexcept;
[[nodiscard]] sys::Result<void> make_console(const ChildSteps& steps) noexcept;
[[nodiscard]] sys::Result<void> protect_paths(const ChildSteps& steps) noexcept;

}  // namespace docker_cpp::rootfs
