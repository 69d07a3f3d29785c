// SPDX-License-Identifier: Apache-2.0
#include "build/context_pack.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include "docker_cpp/cli/failure.hpp"
#include "docker_cpp/cli/text.hpp"
#include "docker_cpp/sys/file.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::cli {
namespace {

struct CloseFolder {
  void operator()(DIR* folder) const noexcept { ::closedir(folder); }
};

class Packer {
 public:
  Packer(TarStream& tar, const std::string& prefix,
         const dockerfile::IgnoreList& ignore,
         const std::vector<std::string>& always)
      : tar_(tar), prefix_(prefix), ignore_(ignore), always_(always) {}

  void content(int folder, const std::string& path) {
    for (const std::string& name : names(folder, path)) {
      entry(folder, name, path.empty() ? name : path + "/" + name);
    }
  }

 private:
  static std::vector<std::string> names(int folder, const std::string& path) {
    const std::unique_ptr<DIR, CloseFolder> open(
        ::fdopendir(::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)));
    if (!open) {
      fail(path, errno);
    }
    std::vector<std::string> all;
    while (const dirent* one = ::readdir(open.get())) {
      const std::string name = one->d_name;
      if (name != "." && name != "..") {
        all.push_back(name);
      }
    }
    std::ranges::sort(all);
    return all;
  }

  [[noreturn]] static void fail(const std::string& path, int code) {
    throw Failure("error from sender: open " + path + ": " +
                  to_lower(::strerror(code)));
  }

  [[nodiscard]] bool is_wanted(const std::string& path) const {
    return !ignore_.excludes(path) ||
           std::ranges::find(always_, path) != always_.end();
  }

  /// Is something below an excluded folder wanted all the same?
  [[nodiscard]] bool may_hold_wanted(const std::string& path) const {
    return ignore_.has_exceptions() ||
           std::ranges::any_of(always_, [&](const std::string& one) {
             return one.starts_with(path + "/");
           });
  }

  void entry(int folder, const std::string& name, const std::string& path) {
    struct stat status{};
    if (::fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
      return;  // gone meanwhile
    }
    const bool wanted = is_wanted(path);
    if (S_ISDIR(status.st_mode)) {
      if (!wanted && !may_hold_wanted(path)) {
        return;
      }
      const auto below = sys::open_at(folder, name.c_str(),
                                      O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
      if (!below) {
        fail(path, below.error().code);
      }
      if (wanted) {
        tar_.folder(prefix_ + path, status.st_mode, status.st_mtim.tv_sec);
      }
      content(below->get(), path);
    } else if (wanted) {
      leaf(folder, name, path, status);
    }
  }

  void leaf(int folder, const std::string& name, const std::string& path,
            const struct stat& status) {
    if (S_ISLNK(status.st_mode)) {
      std::array<char, 4096> target{};
      const ssize_t size =
          ::readlinkat(folder, name.c_str(), target.data(), target.size());
      if (size > 0) {
        tar_.link(prefix_ + path,
                  {target.data(), static_cast<std::size_t>(size)},
                  status.st_mtim.tv_sec);
      }
    } else if (S_ISREG(status.st_mode)) {
      const auto file =
          sys::open_at(folder, name.c_str(), O_RDONLY | O_NOFOLLOW);
      if (!file) {
        fail(path, file.error().code);
      }
      tar_.file(prefix_ + path, file->get(), status);
    }
  }

  TarStream& tar_;
  const std::string& prefix_;
  const dockerfile::IgnoreList& ignore_;
  const std::vector<std::string>& always_;
};

}  // namespace

void pack_folder(TarStream& tar, const std::string& folder,
                 const std::string& prefix,
                 const dockerfile::IgnoreList& ignore,
                 const std::vector<std::string>& always) {
  const auto top = sys::open(folder.c_str(), O_RDONLY | O_DIRECTORY);
  if (!top) {
    throw Failure("unable to prepare context: path \"" + folder +
                  "\" not found");
  }
  Packer(tar, prefix, ignore, always).content(top->get(), "");
}

dockerfile::IgnoreList read_ignore_file(const std::string& folder,
                                        const std::string& dockerfile) {
  auto text = sys::read_file((dockerfile + ".dockerignore").c_str());
  if (!text) {
    text = sys::read_file((folder + "/.dockerignore").c_str());
  }
  if (!text) {
    return {};
  }
  auto list = dockerfile::IgnoreList::parse(*text);
  if (!list) {
    throw Failure("error checking context: .dockerignore: " + list.error());
  }
  return *std::move(list);
}

}  // namespace docker_cpp::cli
