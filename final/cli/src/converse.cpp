// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <vector>

#include "docker_cpp/cli/failure.hpp"
#include "docker_cpp/cli/streams.hpp"
#include "docker_cpp/cli/text.hpp"

// One thread and poll(2). What goes to the container waits in a buffer of ours
// while its socket is full, and stdin is not read meanwhile: a container that
// prints while we write (`cat`) can then never make both sides wait.
namespace docker_cpp::cli {
namespace {

constexpr std::size_t piece = 64U << 10U;
constexpr const char* default_keys = "ctrl-p,ctrl-q";

class Talk {
 public:
  Talk(Conversation& conversation, SignalCatcher* signals)
      : talk_(conversation),
        signals_(signals),
        frames_([](int fd, std::string_view bytes) { write_to(fd, bytes); }),
        reading_(conversation.input),
        buffer_(piece, '\0') {
    if (talk_.tty && talk_.input) {
      auto keys = DetachKeys::parse(
          talk_.detach_keys.empty() ? default_keys : talk_.detach_keys);
      if (!keys) {
        throw Failure("invalid detach keys: " + keys.error());
      }
      keys_ = *std::move(keys);
    }
  }

  Ending run() {
    deliver(talk_.first);
    while (true) {
      wait();
      if (signals_ != nullptr && (polled_[2].revents & POLLIN) != 0) {
        serve_signal();
      }
      if ((polled_[1].revents & (POLLIN | POLLHUP | POLLERR | POLLNVAL)) != 0 &&
          !read_input()) {
        return Ending::detached;
      }
      if (!pending_.empty() && (polled_[0].revents & POLLOUT) != 0) {
        flush();
      }
      if ((polled_[0].revents & (POLLIN | POLLHUP | POLLERR)) != 0 &&
          !read_output()) {
        return Ending::closed;
      }
    }
  }

 private:
  void wait() {
    const auto out = static_cast<short>(pending_.empty() ? 0 : POLLOUT);
    polled_[0] = {.fd = talk_.socket.get(),
                  .events = static_cast<short>(POLLIN | out),
                  .revents = 0};
    polled_[1] = {.fd = reading_ && pending_.empty() ? STDIN_FILENO : -1,
                  .events = POLLIN,
                  .revents = 0};
    polled_[2] = {.fd = signals_ == nullptr ? -1 : signals_->fd(),
                  .events = POLLIN,
                  .revents = 0};
    while (::poll(polled_.data(), polled_.size(), -1) == -1 && errno == EINTR) {
    }
  }

  void serve_signal() {
    const int signal = signals_->take();
    if (signal == SIGWINCH && talk_.resized) {
      talk_.resized(screen_size());
    } else if (signal != 0 && signal != SIGWINCH && talk_.signalled) {
      talk_.signalled(signal);
    }
  }

  /// False when the user detached.
  bool read_input() {
    const auto got = ::read(STDIN_FILENO, buffer_.data(), buffer_.size());
    if (got == -1 && (errno == EINTR || errno == EAGAIN)) {
      return true;
    }
    if (got <= 0) {
      reading_ = false;
      closing_ = true;
      flush();
      return true;
    }
    const std::string_view typed(buffer_.data(), static_cast<std::size_t>(got));
    if (!keys_) {
      pending_.append(typed);
    } else if (auto send = keys_->filter(typed)) {
      pending_.append(*send);
    } else {
      return false;
    }
    flush();
    return true;
  }

  void flush() {
    const auto sent = ::send(talk_.socket.get(), pending_.data(),
                             pending_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      pending_.erase(0, static_cast<std::size_t>(sent));
    } else if (sent == -1 && errno != EAGAIN && errno != EINTR) {
      // Nobody reads any more; what the container still prints is to come.
      pending_.clear();
      reading_ = false;
    }
    if (closing_ && pending_.empty()) {
      ::shutdown(talk_.socket.get(), SHUT_WR);
      closing_ = false;
    }
  }

  /// False at the end of the stream.
  bool read_output() {
    const auto got = ::recv(talk_.socket.get(), buffer_.data(), buffer_.size(),
                            MSG_DONTWAIT);
    if (got == -1 && (errno == EINTR || errno == EAGAIN)) {
      return true;
    }
    if (got <= 0) {
      return false;
    }
    deliver({buffer_.data(), static_cast<std::size_t>(got)});
    return true;
  }

  void deliver(std::string_view bytes) {
    if (talk_.tty) {
      write_to(STDOUT_FILENO, bytes);
      return;
    }
    if (auto wrong = frames_.feed(bytes)) {
      throw Failure(*wrong);
    }
  }

  Conversation& talk_;
  SignalCatcher* signals_;
  FrameReader frames_;
  std::optional<DetachKeys> keys_;
  bool reading_;
  bool closing_ = false;
  std::string pending_;
  std::string buffer_;
  std::array<pollfd, 3> polled_{};
};

}  // namespace

Ending converse(Conversation& conversation, SignalCatcher* signals) {
  return Talk(conversation, signals).run();
}

void await_readable(int fd, SignalCatcher* signals,
                    const std::function<void(int)>& signalled) {
  std::array<pollfd, 2> polled{};
  while ((polled[0].revents & (POLLIN | POLLHUP | POLLERR)) == 0) {
    polled[0] = {.fd = fd, .events = POLLIN, .revents = 0};
    polled[1] = {.fd = signals == nullptr ? -1 : signals->fd(),
                 .events = POLLIN,
                 .revents = 0};
    if (::poll(polled.data(), polled.size(), -1) == -1 && errno != EINTR) {
      return;
    }
    if ((polled[1].revents & POLLIN) != 0) {
      const int signal = signals->take();
      if (signal != 0 && signal != SIGWINCH && signalled) {
        signalled(signal);
      }
    }
  }
}

}  // namespace docker_cpp::cli
