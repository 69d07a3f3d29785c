// SPDX-License-Identifier: Apache-2.0
// Removing a tree that somebody else has built, and may still be changing.
// Every directory is entered by handle, never through a link and never into
// another mount. A tree may be deeper than the number of descriptors there
// are: what lies too deep is first moved up to the top.
#include <fcntl.h>
#include <linux/openat2.h>
#include <unistd.h>

#include <string>

#include "root_fd_detail.hpp"

#include "docker_cpp/rootfs/root_fd.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::rootfs {
namespace {

constexpr int deepest = 64;

class TreeRemover {
 public:
  explicit TreeRemover(int top) : top_(top) {}

  sys::Result<void> empty_top() {
    do {  // once more for what was moved up
      moved_ = false;
      if (const auto done = empty(top_, 0); !done) {
        return done;
      }
    } while (moved_);
    return {};
  }

 private:
  sys::Result<void> empty(int folder, int depth) {
    auto readable =
        sys::open_at(folder, ".", O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    if (!readable) {
      return std::unexpected(readable.error());
    }
    const auto names = detail::names_in(*std::move(readable));
    if (!names) {
      return std::unexpected(names.error());
    }
    for (const std::string& name : *names) {
      if (const auto done = remove(folder, name.c_str(), depth); !done) {
        return done;
      }
    }
    return {};
  }

  sys::Result<void> remove(int folder, const char* name, int depth) {
    if (::unlinkat(folder, name, 0) == 0 || errno == ENOENT) {
      return {};
    }
    if (errno != EISDIR) {
      return sys::fail("unlinkat");
    }
    if (::unlinkat(folder, name, AT_REMOVEDIR) == 0 || errno == ENOENT) {
      return {};
    }
    if (errno != ENOTEMPTY && errno != EEXIST) {
      return sys::fail("unlinkat");
    }
    return depth == deepest ? move_up(folder, name)
                            : remove_full(folder, name, depth);
  }

  sys::Result<void> remove_full(int folder, const char* name, int depth) {
    {
      const auto inner = sys::open_beneath(
          folder, name, O_PATH | O_DIRECTORY | O_NOFOLLOW, 0,
          RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS);
      if (!inner) {
        return std::unexpected(inner.error());
      }
      if (const auto done = empty(inner->get(), depth + 1); !done) {
        return done;
      }
    }
    return sys::check_void(::unlinkat(folder, name, AT_REMOVEDIR), "unlinkat");
  }

  sys::Result<void> move_up(int folder, const char* name) {
    std::string free_name;
    do {
      free_name = ".docker-cpp-deep-" + std::to_string(++counter_);
    } while (::faccessat(top_, free_name.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) ==
             0);
    moved_ = true;
    return sys::check_void(::renameat(folder, name, top_, free_name.c_str()),
                           "renameat");
  }

  int top_;
  bool moved_ = false;
  unsigned long counter_ = 0;
};

}  // namespace

sys::Result<void> RootFd::remove(const std::string& path) const {
  const auto at = entry(path);
  if (!at) {
    return std::unexpected(at.error());
  }
  if (::unlinkat(at->folder.get(), at->name.c_str(), 0) == 0) {
    return {};
  }
  if (errno != EISDIR) {
    return sys::fail("unlinkat");
  }
  return sys::check_void(
      ::unlinkat(at->folder.get(), at->name.c_str(), AT_REMOVEDIR), "unlinkat");
}

sys::Result<void> RootFd::remove_tree(const std::string& path) const {
  if (path.find_first_not_of('/') == std::string::npos) {
    return TreeRemover(directory_.get()).empty_top();
  }
  const auto removed = remove(path);
  if (removed || removed.error().code == ENOENT) {
    return {};
  }
  if (removed.error().code != ENOTEMPTY && removed.error().code != EEXIST) {
    return removed;
  }
  const auto at = entry(path);
  if (!at) {
    return std::unexpected(at.error());
  }
  const auto tree = sys::open_at(at->folder.get(), at->name.c_str(),
                                 O_PATH | O_DIRECTORY | O_NOFOLLOW);
  if (!tree) {
    return std::unexpected(tree.error());
  }
  if (const auto done = TreeRemover(tree->get()).empty_top(); !done) {
    return done;
  }
  return sys::check_void(
      ::unlinkat(at->folder.get(), at->name.c_str(), AT_REMOVEDIR), "unlinkat");
}

}  // namespace docker_cpp::rootfs
