// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/network/netlink.hpp"

#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace docker_cpp::network {
namespace {

// What the kernel fills at most in one go: netlink(7), af_netlink.c.
constexpr std::size_t answer_size = 32768;

/// The errno a NLMSG_ERROR message carries; 0 is an acknowledgement.
int error_of(const nlmsghdr& message) noexcept {
  nlmsgerr error{};
  std::memcpy(&error, mnl_nlmsg_get_payload(&message), sizeof error);
  return -error.error;
}

/// A listing that failed halfway says so in its last message.
int error_at_end_of(const nlmsghdr& message) noexcept {
  int code = 0;
  if (mnl_nlmsg_get_payload_len(&message) >= sizeof code) {
    std::memcpy(&code, mnl_nlmsg_get_payload(&message), sizeof code);
  }
  return -code;
}

int visit_attribute(const nlattr* attribute, void* visitor) {
  (*static_cast<const AttributeVisitor*>(visitor))(*attribute);
  return MNL_CB_OK;
}

}  // namespace

nlmsghdr* NetlinkBatch::begin(std::uint16_t type, std::uint16_t flags,
                              const char* doing, int tolerated) {
  finish();
  if (buffer_.size() - used_ < room) {
    buffer_.resize(buffer_.size() * 2 + room);
  }
  // libmnl writes the header and leaves the rest to be appended in place.
  open_ = mnl_nlmsg_put_header(buffer_.data() + used_);
  open_->nlmsg_type = type;
  open_->nlmsg_flags = flags;
  steps_.push_back({.doing = doing, .tolerated = tolerated});
  open_->nlmsg_seq = static_cast<std::uint32_t>(steps_.size());
  return open_;
}

void NetlinkBatch::finish() noexcept {
  if (open_ != nullptr) {
    used_ += MNL_ALIGN(open_->nlmsg_len);
    open_ = nullptr;
  }
}

std::span<const char> NetlinkBatch::bytes() noexcept {
  finish();
  return {buffer_.data(), used_};
}

const NetlinkBatch::Step* NetlinkBatch::step(
    std::uint32_t sequence) const noexcept {
  return sequence == 0 || sequence > steps_.size() ? nullptr
                                                   : &steps_[sequence - 1];
}

sys::Result<NetlinkSocket> NetlinkSocket::open(int protocol) noexcept {
  const int fd = ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
  if (fd == -1) {
    return sys::fail("socket AF_NETLINK");
  }
  NetlinkSocket socket{sys::UniqueFd(fd)};
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(fd, generic, sizeof address) == -1) {
    return sys::fail("bind AF_NETLINK");
  }
  socklen_t length = sizeof address;
  if (::getsockname(fd, generic, &length) == -1) {
    return sys::fail("getsockname");
  }
  socket.port_ = address.nl_pid;
  return socket;
}

sys::Result<void> NetlinkSocket::send(NetlinkBatch& batch) noexcept {
  const std::span<const char> bytes = batch.bytes();
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  return sys::check_void(
      ::sendto(fd_.get(), bytes.data(), bytes.size(), 0,
               reinterpret_cast<const sockaddr*>(&kernel), sizeof kernel),
      "send to netlink");
}

sys::Result<std::span<const char>> NetlinkSocket::receive(int flags) {
  answer_.resize(answer_size);
  ssize_t got = 0;
  do {
    got = ::recv(fd_.get(), answer_.data(), answer_.size(), flags);
  } while (got == -1 && errno == EINTR);
  if (got == -1) {
    return sys::fail("receive from netlink");
  }
  return std::span<const char>(answer_.data(), static_cast<std::size_t>(got));
}

sys::Result<void> NetlinkSocket::transact(NetlinkBatch& batch) {
  if (const auto sent = send(batch); !sent) {
    return sent;
  }
  // The kernel has done all of it before send returns, and its answers wait
  // already: read until there are none.
  sys::Result<void> outcome;
  std::size_t answers = 0;
  for (;;) {
    const auto block = receive(MSG_DONTWAIT);
    if (!block) {
      if (block.error().code != EAGAIN) {
        return std::unexpected(block.error());
      }
      break;
    }
    each_message(*block, [&](const nlmsghdr& message) {
      if (message.nlmsg_type != NLMSG_ERROR) {
        return;
      }
      ++answers;
      const int code = error_of(message);
      const auto* step = batch.step(message.nlmsg_seq);
      const bool tolerated =
          step != nullptr && (step->tolerated == NetlinkBatch::any_error ||
                              step->tolerated == code);
      if (code != 0 && !tolerated && outcome) {
        outcome = std::unexpected(sys::SysError{
            .code = code, .call = step == nullptr ? "netlink" : step->doing});
      }
    });
  }
  if (answers == 0) {
    return std::unexpected(sys::SysError{.code = EIO, .call = "netlink"});
  }
  return outcome;
}

sys::Result<std::vector<char>> NetlinkSocket::ask(NetlinkBatch& batch) {
  if (const auto sent = send(batch); !sent) {
    return std::unexpected(sent.error());
  }
  std::vector<char> all;
  bool done = false;
  int code = 0;
  while (!done) {
    const auto block = receive(0);
    if (!block) {
      return std::unexpected(block.error());
    }
    each_message(*block, [&](const nlmsghdr& message) {
      if ((message.nlmsg_flags & NLM_F_DUMP_INTR) != 0) {
        code = EINTR;  // the table changed under the listing: netlink(7)
      }
      if (message.nlmsg_type == NLMSG_ERROR) {
        code = error_of(message);
        done = true;
      } else if (message.nlmsg_type == NLMSG_DONE) {
        done = true;
        code = std::max(code, error_at_end_of(message));
      } else {
        const auto* raw = reinterpret_cast<const char*>(&message);
        all.insert(all.end(), raw, raw + MNL_ALIGN(message.nlmsg_len));
        done = done || (message.nlmsg_flags & NLM_F_MULTI) == 0;
      }
    });
  }
  if (code != 0) {
    return std::unexpected(
        sys::SysError{.code = code, .call = batch.step(1)->doing});
  }
  return all;
}

sys::Result<std::vector<char>> NetlinkSocket::pending() {
  std::vector<char> all;
  for (;;) {
    const auto block = receive(MSG_DONTWAIT);
    if (!block) {
      if (block.error().code == EAGAIN) {
        return all;
      }
      return std::unexpected(block.error());
    }
    all.insert(all.end(), block->begin(), block->end());
  }
}

void each_message(std::span<const char> messages,
                  const std::function<void(const nlmsghdr&)>& visit) {
  int left = static_cast<int>(messages.size());
  const auto* message = reinterpret_cast<const nlmsghdr*>(messages.data());
  while (mnl_nlmsg_ok(message, left)) {
    visit(*message);
    message = mnl_nlmsg_next(message, &left);
  }
}

void each_attribute(const nlmsghdr& message, std::size_t header,
                    const AttributeVisitor& visit) {
  mnl_attr_parse(&message, static_cast<unsigned>(header), visit_attribute,
                 const_cast<AttributeVisitor*>(&visit));
}

void each_attribute(const nlattr& nest, const AttributeVisitor& visit) {
  mnl_attr_parse_nested(&nest, visit_attribute,
                        const_cast<AttributeVisitor*>(&visit));
}

}  // namespace docker_cpp::network
