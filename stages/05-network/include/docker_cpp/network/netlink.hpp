// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "docker_cpp/sys/result.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

struct nlattr;
struct nlmsghdr;

namespace docker_cpp::network {

/// Several netlink messages that go to the kernel with one system call.
/// Filled in with libmnl and libnftnl, which write straight into it.
class NetlinkBatch {
 public:
  static constexpr int any_error = -1;

  /// Begins the next message; the one before is finished. `doing` is a
  /// literal that names the step in an error; `tolerated` is an errno that
  /// counts as success, or any_error. At most `room` bytes may be put into it.
  nlmsghdr* begin(std::uint16_t type, std::uint16_t flags, const char* doing,
                  int tolerated = 0);

  [[nodiscard]] std::span<const char> bytes() noexcept;
  [[nodiscard]] bool empty() const noexcept { return steps_.empty(); }

  struct Step {
    const char* doing;
    int tolerated;
  };
  /// The message with this sequence number; they count from 1.
  [[nodiscard]] const Step* step(std::uint32_t sequence) const noexcept;

  static constexpr std::size_t room = 16384;

 private:
  void finish() noexcept;

  std::vector<char> buffer_;
  std::size_t used_ = 0;
  nlmsghdr* open_ = nullptr;
  std::vector<Step> steps_;
};

/// A conversation with the kernel, in the network namespace of the thread that
/// opened it. \man{netlink,7}
///
/// Not thread safe.
class NetlinkSocket {
 public:
  /// `protocol` is NETLINK_ROUTE, NETLINK_NETFILTER...
  static sys::Result<NetlinkSocket> open(int protocol) noexcept;

  /// Sends all messages; the first failure that was not tolerated.
  [[nodiscard]] sys::Result<void> transact(NetlinkBatch& batch);

  /// Sends one question and returns the messages of the answer, joined.
  [[nodiscard]] sys::Result<std::vector<char>> ask(NetlinkBatch& batch);

  /// What has arrived so far without having been asked for.
  [[nodiscard]] sys::Result<std::vector<char>> pending();

  [[nodiscard]] int fd() const noexcept { return fd_.get(); }
  /// The address under which the kernel knows this socket.
  [[nodiscard]] std::uint32_t port() const noexcept { return port_; }

 private:
  explicit NetlinkSocket(sys::UniqueFd fd) : fd_(std::move(fd)) {}
  [[nodiscard]] sys::Result<void> send(NetlinkBatch& batch) noexcept;
  [[nodiscard]] sys::Result<std::span<const char>> receive(int flags);

  sys::UniqueFd fd_;
  std::uint32_t port_ = 0;
  std::vector<char> answer_;
};

/// Calls `visit` for each message.
void each_message(std::span<const char> messages,
                  const std::function<void(const nlmsghdr&)>& visit);

using AttributeVisitor = std::function<void(const nlattr&)>;

/// The attributes of a message, after its own header of `header` bytes.
void each_attribute(const nlmsghdr& message, std::size_t header,
                    const AttributeVisitor& visit);
/// The attributes inside an attribute.
void each_attribute(const nlattr& nest, const AttributeVisitor& visit);

}  // namespace docker_cpp::network
