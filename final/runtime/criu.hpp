// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "flags.hpp"
#include "protobuf.hpp"

#include "docker_cpp/namespaces/process.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

/// Checkpoint and restore by criu, which is asked over its RPC: `criu swrk`
/// serves one request on a socket that it inherits.
/// https://criu.org/RPC
namespace docker_cpp::runtime {

/// The flags that checkpoint and restore share.
struct CriuOptions {
  std::string image_path = "checkpoint";
  std::string work_path;
  std::string parent_path;
  std::string page_server;
  std::string manage_cgroups = "soft";
  std::string lsm_profile;
  std::string lsm_mount_context;
  std::vector<std::string> empty_namespaces;
  std::int64_t status_fd = -1;
  bool tcp_established = false;
  bool tcp_skip_in_flight = false;
  bool link_remap = false;
  bool ext_unix_sockets = false;
  bool shell_job = false;
  bool lazy_pages = false;
  bool file_locks = false;
  bool auto_dedup = false;
};

void add_criu_flags(Flags& flags, CriuOptions& options);

/// A folder that criu gets by its number. \throws Error
[[nodiscard]] sys::UniqueFd open_for_criu(const std::string& folder);

/// criu_opts as far as both ways need them; `log` is a name below the work
/// folder. \throws UsageError
[[nodiscard]] ProtoWriter criu_options(const CriuOptions& options, int images,
                                       int work, const std::string& log);

class Criu {
 public:
  enum class Request : std::uint8_t { dump = 1, restore = 2, pre_dump = 4 };

  /// What criu tells on its way: a word, a pid, perhaps a descriptor.
  using Notify = std::function<void(std::string_view, pid_t, sys::UniqueFd)>;

  /// Starts it. \throws Refusal when there is no criu
  explicit Criu(const std::vector<int>& handed_over);

  [[nodiscard]] pid_t pid() const noexcept { return process_->pid(); }

  /// Asks, and sees it through. Returns the pid of what was restored, or 0.
  /// \throws Refusal naming the log when criu says no
  pid_t ask(Request request, const ProtoWriter& options, const std::string& log,
            const Notify& notify);

 private:
  void send(const ProtoWriter& message) const;

  sys::UniqueFd socket_;
  std::optional<namespaces::Process> process_;
};

}  // namespace docker_cpp::runtime
