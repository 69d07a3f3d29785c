// SPDX-License-Identifier: Apache-2.0
// overlayfs takes its layers as one string, of which fsconfig(2) passes 255
// bytes: fifteen layers at best. Since Linux 6.8 they can be given one by one
// ("lowerdir+"). Before, a long list goes through the old mount(2), which
// takes a page, in a mount namespace that nobody sees.
#include "docker_cpp/rootfs/overlay.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <future>

#include "overlay_detail.hpp"

#include "docker_cpp/rootfs/mount_api.hpp"
#include "docker_cpp/rootfs/root_fd.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::rootfs {
namespace {

constexpr std::size_t longest_value = 255;  // of fsconfig(2), without the NUL

/// In a list of layers, a colon separates and a backslash protects.
std::string escaped(const std::string& path) {
  std::string text;
  for (const char each : path) {
    if (each == ':' || each == '\\') {
      text += '\\';
    }
    text += each;
  }
  return text;
}

std::string joined(const std::vector<std::string>& layers) {
  std::string text;
  for (const std::string& layer : layers) {
    text += (text.empty() ? "" : ":") + escaped(layer);
  }
  return text;
}

void require_directory(const std::string& path, const char* what) {
  struct stat info{};
  if (::stat(path.c_str(), &info) == -1) {
    throw Error({.code = errno, .call = "stat"},
                std::string(what) + " " + path + " of the root");
  }
  if (!S_ISDIR(info.st_mode)) {
    throw Error({.code = ENOTDIR, .call = "stat"},
                std::string(what) + " " + path + " of the root");
  }
}

/// Only once something has failed: the kernel does not say which it was.
[[noreturn]] void explain(const OverlayRoot& root, const sys::SysError& cause) {
  for (const std::string& layer : root.lower) {
    require_directory(layer, "layer");
  }
  if (!root.upper.empty()) {
    require_directory(root.upper, "upper directory");
    require_directory(root.work, "work directory");
  }
  throw Error(cause, "mount the layers of the root");
}

void set(int context, const char* key, const std::string& value) {
  must(fs_set(context, key, value.c_str()),
       std::string("give overlayfs ") + key + " " + value);
}

sys::Result<void> set_layers(int context, const OverlayRoot& root) {
  const std::string list = joined(root.lower);
  if (list.size() <= longest_value) {
    return fs_set(context, "lowerdir", list.c_str());
  }
  for (const std::string& layer : root.lower) {
    if (const auto added = fs_set(context, "lowerdir+", layer.c_str());
        !added) {
      return added;
    }
  }
  return {};
}

sys::Result<void> set_upper(int context, const OverlayRoot& root) {
  const auto upper = fs_set(context, "upperdir", escaped(root.upper).c_str());
  return upper ? fs_set(context, "workdir", escaped(root.work).c_str()) : upper;
}

sys::Result<sys::UniqueFd> configure(const OverlayRoot& root) {
  sys::UniqueFd context =
      must(fs_open("overlay"), "open the overlay file system");
  set(context.get(), "source", "overlay");
  if (!root.upper.empty()) {
    if (const auto upper = set_upper(context.get(), root); !upper) {
      return std::unexpected(upper.error());
    }
    if (!root.durable) {
      must(fs_set(context.get(), "volatile", nullptr),
           "give overlayfs volatile");
    }
  }
  // Whatever the kernel was built with: an upper directory must be readable
  // without knowledge of the layers below, as `diff` and `commit` read it.
  set(context.get(), "index", "off");
  set(context.get(), "metacopy", "off");
  set(context.get(), "redirect_dir", "off");
  return context;
}

/// A volatile upper directory carries a mark that keeps it from being used
/// again, because after a crash it may be damaged. It is used again by a
/// container that is restarted, on a machine that did not crash meanwhile.
bool clear_volatile_mark(const OverlayRoot& root) {
  const auto work = RootFd::of(root.work);
  return work && work->exists("work/incompat/volatile") &&
         work->remove_tree("work/incompat");
}

/// overlayfs wants two layers at least, or something to write to.
sys::UniqueFd single_layer(const std::string& layer) {
  const sys::UniqueFd directory =
      must(sys::open(layer.c_str(), O_PATH | O_DIRECTORY),
           "open the layer " + layer);
  sys::UniqueFd mount = must(clone_tree(directory.get(), "", Tree::one_mount),
                             "mount the layer " + layer);
  must(set_mount_attributes(
           mount.get(), {.set = MOUNT_ATTR_RDONLY, .propagation = MS_PRIVATE},
           Tree::one_mount),
       "make the layer " + layer + " read-only");
  return mount;
}

sys::Result<sys::UniqueFd> try_mount(const OverlayRoot& root) {
  const auto context = configure(root);
  if (!context) {
    return std::unexpected(context.error());
  }
  if (const auto layers = set_layers(context->get(), root); !layers) {
    return std::unexpected(layers.error());
  }
  if (const auto made = fs_create(context->get()); !made) {
    return std::unexpected(made.error());
  }
  return fs_mount(context->get(), 0);
}

/// Values that fsconfig(2) does not pass on to every kernel's overlayfs: too
/// long, or with a comma in them, which ended an option before Linux 6.5.
bool wants_classic_mount(const OverlayRoot& root) {
  const std::string lower = joined(root.lower);
  return lower.size() > longest_value ||
         (lower + root.upper + root.work).find(',') != std::string::npos;
}

}  // namespace

namespace detail {

std::string classic_options(const OverlayRoot& root,
                            std::vector<sys::UniqueFd>& handles) {
  const auto by_handle = [&handles](const std::string& path) {
    handles.push_back(must(sys::open(path.c_str(), O_PATH | O_DIRECTORY),
                           "open the layer " + path));
    return "/proc/self/fd/" + std::to_string(handles.back().get());
  };
  std::vector<std::string> lower;
  lower.reserve(root.lower.size());
  for (const std::string& layer : root.lower) {
    lower.push_back(by_handle(layer));
  }
  std::string options =
      "index=off,metacopy=off,redirect_dir=off,lowerdir=" + joined(lower);
  if (!root.upper.empty()) {
    options += ",upperdir=" + by_handle(root.upper);
    options += ",workdir=" + by_handle(root.work);
    options += root.durable ? "" : ",volatile";
  }
  return options;
}

sys::UniqueFd mount_overlay_classic(const OverlayRoot& root) {
  const auto work = [&root] {
    must(sys::unshare(CLONE_FS | CLONE_NEWNS), "make a mount namespace");
    must(sys::check_void(
             ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr),
             "mount private"),
         "make a mount namespace");
    // Opened here: layers must be in the namespace in which they are mounted.
    std::vector<sys::UniqueFd> handles;
    const std::string options = classic_options(root, handles);
    const char* const place = root.lower.front().c_str();  // surely exists
    if (::mount("overlay", place, "overlay", 0, options.c_str()) == -1) {
      explain(root, {.code = errno, .call = "mount overlay"});
    }
    return must(clone_tree(AT_FDCWD, place, Tree::one_mount),
                "take the mounted layers");
  };
  // A thread, because only all of a process could otherwise change namespaces.
  return std::async(std::launch::async, work).get();
}

}  // namespace detail

sys::UniqueFd mount_overlay(const OverlayRoot& root) {
  if (root.lower.empty()) {
    throw Error({.code = EINVAL, .call = "overlay"},
                "mount a root without layers");
  }
  if (root.upper.empty() && root.lower.size() == 1) {
    return single_layer(root.lower.front());
  }
  auto mount = try_mount(root);
  if (!mount && mount.error().code == EINVAL && clear_volatile_mark(root)) {
    mount = try_mount(root);
  }
  if (!mount && mount.error().code == EINVAL && wants_classic_mount(root)) {
    return detail::mount_overlay_classic(root);
  }
  if (!mount) {
    explain(root, mount.error());
  }
  return *std::move(mount);
}

}  // namespace docker_cpp::rootfs
