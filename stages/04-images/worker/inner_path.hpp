// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "docker_cpp/rootfs/root_fd.hpp"

namespace docker_cpp::images {

/// A path in a container as `docker cp` writes it. What ends in a slash or in
/// "/." means the folder that a link leads to; else the link itself is meant.
class InnerPath {
 public:
  /// Relative paths begin at the root; `..` goes by text, as in Docker.
  explicit InnerPath(std::string_view text);

  /// Clean and absolute, without the end's slash: "/", "/etc".
  [[nodiscard]] const std::string& text() const { return text_; }
  /// What the archive calls it: "etc", "." after "/.", "/" for the root.
  [[nodiscard]] const std::string& name() const { return name_; }

  /// The folder and the name in it to act on; "." for what is followed.
  [[nodiscard]] sys::Result<rootfs::RootFd::Entry> open_in(
      const rootfs::RootFd& root) const;

 private:
  std::string text_;
  std::string name_;
  bool followed_ = false;
};

/// X-Docker-Container-Path-Stat: name, size, mode (in Go's bits), mtime,
/// linkTarget.
[[nodiscard]] sys::Result<nlohmann::json> look_at(const rootfs::RootFd& root,
                                                  const InnerPath& path);

}  // namespace docker_cpp::images
