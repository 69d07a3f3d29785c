// SPDX-License-Identifier: Apache-2.0
#include "byte_stream.hpp"

#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <memory>
#include <mutex>

#include "docker_cpp/sys/error.hpp"

namespace docker_cpp::daemon::api {
namespace {

constexpr std::size_t block_size = std::size_t{1} << 20;

/// Shared with the connection, which may outlive the wait.
struct Drained {
  std::mutex mutex;
  std::condition_variable wake;
  bool done = false;
};

void wait_until_drained(http::Exchange& exchange) {
  const auto drained = std::make_shared<Drained>();
  exchange.on_drained([drained] {
    const std::lock_guard lock(drained->mutex);
    drained->done = true;
    drained->wake.notify_one();
  });
  std::unique_lock lock(drained->mutex);
  drained->wake.wait(lock, [&] { return drained->done; });
}

/// As much as is there, up to a block.
std::string read_block(int from) {
  std::string block(block_size, '\0');
  std::size_t filled = 0;
  while (filled < block.size()) {
    const ssize_t got =
        ::read(from, block.data() + filled, block.size() - filled);
    if (got == -1 && errno == EINTR) {
      continue;
    }
    must(sys::check_void(got, "read"), "read what is to be sent");
    if (got == 0) {
      break;
    }
    filled += static_cast<std::size_t>(got);
  }
  block.resize(filled);
  return block;
}

}  // namespace

bool send_bytes(const CallPtr& call, int from) {
  for (;;) {
    std::string block = read_block(from);
    if (block.empty()) {
      return !call->exchange->gone();
    }
    if (!call->exchange->write(std::move(block))) {
      return false;
    }
    wait_until_drained(*call->exchange);
    if (call->exchange->gone()) {
      return false;
    }
  }
}

}  // namespace docker_cpp::daemon::api
