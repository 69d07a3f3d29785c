// SPDX-License-Identifier: Apache-2.0
#include "relay.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <functional>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

namespace docker_cpp::daemon::http {
namespace {

namespace asio = boost::asio;
using Descriptor = asio::posix::stream_descriptor;
using AsioError = boost::system::error_code;

constexpr std::size_t piece = 64U << 10;
constexpr std::chrono::seconds last_words{1};

/// A program that never reads must not be able to kill the daemon: sockets
/// are written with MSG_NOSIGNAL, and what is no socket is not accepted.
ssize_t put(int fd, std::string_view bytes) {
  return ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

/// One direction. Holds no buffer while nothing is on its way.
struct Pump {
  Pump(Descriptor& source, Descriptor& sink) : from(&source), to(&sink) {}

  Descriptor* from;
  Descriptor* to;
  std::string pending;  ///< read, and not yet taken by the other side
  bool source_ended = false;
  bool sink_ended = false;  ///< nothing more can be delivered
};

class Session final : public Relay {
 public:
  Session(const asio::any_io_executor& executor, sys::UniqueFd client,
          RelayPlan plan)
      : client_(executor, client.release()),
        stream_(executor, plan.stream.release()),
        timer_(executor),
        in_(client_, stream_),
        out_(stream_, client_),
        keys_(std::move(plan.detach_keys)),
        dress_(std::move(plan.dress)),
        on_detach_(std::move(plan.on_detach)),
        on_end_(std::move(plan.on_end)) {
    client_.native_non_blocking(true);
    stream_.native_non_blocking(true);
  }

  void begin(std::string early) {
    read_from(out_);
    if (early.empty()) {
      read_from(in_);
    } else {
      take(in_, early);
    }
  }

  void end() override {
    if (ended_) {
      return;
    }
    ended_ = true;
    AsioError ignored;
    client_.close(ignored);
    stream_.close(ignored);
    timer_.cancel();
    if (on_end_) {
      std::exchange(on_end_, nullptr)();
    }
  }

 private:
  [[nodiscard]] std::shared_ptr<Session> self() {
    return std::static_pointer_cast<Session>(shared_from_this());
  }

  void read_from(Pump& pump) {
    pump.from->async_wait(Descriptor::wait_read,
                          [me = self(), &pump](const AsioError& error) {
                            if (!error && !me->ended_) {
                              me->on_readable(pump);
                            }
                          });
  }

  void on_readable(Pump& pump) {
    std::array<char, piece> bytes;
    const auto got =
        ::read(pump.from->native_handle(), bytes.data(), bytes.size());
    if (got > 0) {
      take(pump, {bytes.data(), static_cast<std::size_t>(got)});
    } else if (got == -1 && (errno == EAGAIN || errno == EINTR)) {
      read_from(pump);
    } else {
      source_end(pump);
    }
  }

  void take(Pump& pump, std::string_view bytes) {
    std::string filtered;
    if (&pump == &in_ && keys_.active()) {
      filtered = keys_.filter(bytes);
      bytes = filtered;
    } else if (&pump == &out_ && dress_) {
      filtered = dress_(bytes);
      bytes = filtered;
    }
    if (!pump.sink_ended && !deliver(pump, bytes)) {
      return;
    }
    if (keys_.detached()) {
      detach();
      return;
    }
    read_from(pump);
  }

  /// False when the rest waits for the other side to become writable.
  bool deliver(Pump& pump, std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = put(pump.to->native_handle(), bytes);
      if (sent >= 0) {
        bytes.remove_prefix(static_cast<std::size_t>(sent));
      } else if (errno == EAGAIN) {
        pump.pending = std::string(bytes);
        write_to(pump);
        return false;
      } else if (errno != EINTR) {
        return !sink_end(pump);
      }
    }
    return true;
  }

  void write_to(Pump& pump) {
    pump.to->async_wait(Descriptor::wait_write,
                        [me = self(), &pump](const AsioError& error) {
                          const bool wanted = !me->ended_ && !pump.sink_ended;
                          if (!error && wanted) {
                            const auto rest = std::exchange(pump.pending, {});
                            if (me->deliver(pump, rest)) {
                              me->go_on(pump);
                            }
                          }
                        });
  }

  void go_on(Pump& pump) {
    if (keys_.detached()) {
      detach();
    } else {
      read_from(pump);
    }
  }

  /// The other side no longer takes anything. A client that is gone ends it
  /// all; a program that closed its stdin still prints, so what is typed on
  /// is thrown away. True when the session is over.
  bool sink_end(Pump& pump) {
    pump.sink_ended = true;
    if (&pump == &out_) {
      end();
      return true;
    }
    return false;
  }

  void source_end(Pump& pump) {
    pump.source_ended = true;
    if (&pump == &in_) {
      ::shutdown(stream_.native_handle(), SHUT_WR);
      if (out_.source_ended) {
        end();
      } else {
        watch_hangup();
      }
      return;
    }
    // All that the container printed is with the client's kernel. Closing
    // with input unread would turn the client's end of file into a reset.
    ::shutdown(client_.native_handle(), SHUT_WR);
    in_.sink_ended = true;
    if (in_.source_ended) {
      end();
      return;
    }
    timer_.expires_after(last_words);
    timer_.async_wait([me = self()](const AsioError& error) {
      if (!error) {
        me->end();
      }
    });
    if (!in_.pending.empty()) {  // it waited for a reader that is gone
      in_.pending.clear();
      read_from(in_);
    }
  }

  /// A client that ended its input may still listen, or be gone: the second
  /// shows as a hang-up.
  void watch_hangup() {
    client_.async_wait(Descriptor::wait_error,
                       [me = self()](const AsioError& error) {
                         if (!error) {
                           me->end();
                         }
                       });
  }

  void detach() {
    if (on_detach_) {
      std::exchange(on_detach_, nullptr)();
    }
    end();
  }

  Descriptor client_;
  Descriptor stream_;
  asio::steady_timer timer_;
  Pump in_;
  Pump out_;
  DetachFilter keys_;
  std::function<std::string(std::string_view)> dress_;
  Task on_detach_;
  Task on_end_;
  bool ended_ = false;
};

}  // namespace

std::shared_ptr<Relay> Relay::start(asio::any_io_executor executor,
                                    sys::UniqueFd client, std::string early,
                                    RelayPlan plan) {
  auto session =
      std::make_shared<Session>(executor, std::move(client), std::move(plan));
  session->begin(std::move(early));
  return session;
}

}  // namespace docker_cpp::daemon::http
