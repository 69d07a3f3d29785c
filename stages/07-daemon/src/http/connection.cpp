// SPDX-License-Identifier: Apache-2.0
#include "connection.hpp"

#include <sys/socket.h>

#include <array>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

namespace docker_cpp::daemon::http {
namespace {

using AsioError = boost::system::error_code;

constexpr std::chrono::seconds lingering{1};

}  // namespace

void Connection::start() {
  {
    const std::lock_guard lock(hub_->mutex);
    if (hub_->stopped) {
      return;
    }
    hub_->open.emplace(this, weak_from_this());
  }
  asio::dispatch(socket_.get_executor(), [self = shared_from_this()] {
    AsioError ignored;
    self->socket_.native_non_blocking(true, ignored);
    self->wait_input();
  });
}

void Connection::close() {
  asio::post(socket_.get_executor(),
             [self = shared_from_this()] { self->close_now(); });
}

void Connection::wait_input() {
  if (waiting_ || phase_ == Phase::closed) {
    return;
  }
  waiting_ = true;
  socket_.async_wait(Socket::wait_read,
                     [self = shared_from_this()](const AsioError& error) {
                       if (!error) {
                         self->waiting_ = false;
                         self->on_input();
                       }
                     });
}

Connection::Peek Connection::peek() {
  char byte = 0;
  const auto got =
      ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (got > 0) {
    return Peek::data;
  }
  const bool again = got == -1 && (errno == EAGAIN || errno == EINTR);
  return again ? Peek::nothing : Peek::end;
}

void Connection::on_input() {
  if (phase_ == Phase::closing) {
    discard();
    return;
  }
  if (phase_ != Phase::idle && phase_ != Phase::answering &&
      phase_ != Phase::streaming) {
    return;
  }
  switch (peek()) {
    case Peek::nothing:
      wait_input();
      break;
    case Peek::end:
      on_input_end();
      break;
    case Peek::data:
      has_input_ = true;
      if (phase_ == Phase::idle) {
        read_head();
      }
      break;
  }
}

/// A client may close its sending side and still wait for one reply. Of a
/// stream it is taken to have left, as Go's server and so Docker does.
void Connection::on_input_end() {
  keep_alive_ = false;
  if (phase_ == Phase::idle) {
    close_now();
  } else if (phase_ == Phase::streaming) {
    client_left();
  } else {
    wait_hangup();
  }
}

void Connection::client_left() {
  gone_ = true;
  if (auto task = std::exchange(gone_task_, nullptr)) {
    task();
  }
  close_now();
}

void Connection::enqueue(std::string bytes) {
  if (phase_ == Phase::closed) {
    return;
  }
  queued_ += bytes.size();
  if (next_.empty()) {
    next_ = std::move(bytes);
  } else {
    next_ += bytes;
  }
  send();
}

void Connection::send() {
  if (sending_now_) {
    return;
  }
  if (next_.empty()) {
    drained();
    return;
  }
  sending_now_ = true;
  sending_ = std::exchange(next_, {});
  asio::async_write(
      socket_, asio::buffer(sending_),
      [self = shared_from_this()](const AsioError& error, std::size_t) {
        self->sending_now_ = false;
        self->queued_ -= self->sending_.size();
        self->sending_ = {};
        if (self->phase_ == Phase::closed) {
          return;
        }
        error ? self->client_left() : self->send();
      });
}

void Connection::drained() {
  if (auto task = std::exchange(drained_task_, nullptr)) {
    task();
    if (!next_.empty()) {
      return;
    }
  }
  if (plan_) {
    start_relay();
  } else if (end_after_send_) {
    answer_complete();
  }
}

/// The answer is with the client's kernel: on to the next request, or end.
void Connection::answer_complete() {
  end_after_send_ = false;
  gone_task_ = nullptr;
  const bool more = keep_alive_ && phase_ != Phase::hijacked &&
                    phase_ != Phase::closing && !body_pending();
  if (!more) {
    linger();
    return;
  }
  phase_ = Phase::idle;
  if (has_input_ || input_buffered()) {
    // Not from inside the handler of the last one: many requests sent at
    // once must not become a deep stack.
    asio::post(socket_.get_executor(), [self = shared_from_this()] {
      if (self->phase_ == Phase::idle) {
        self->read_head();
      }
    });
    return;
  }
  drop_reading();
  wait_input();
}

/// Closing while input is unread makes the kernel reset the connection, and a
/// reset may overtake the last reply.
void Connection::linger() {
  phase_ = Phase::closing;
  drop_reading();
  AsioError ignored;
  socket_.cancel(ignored);
  waiting_ = false;
  ::shutdown(socket_.native_handle(), SHUT_WR);
  timer_.expires_after(lingering);
  timer_.async_wait([self = shared_from_this()](const AsioError& error) {
    if (!error) {
      self->close_now();
    }
  });
  wait_input();
}

void Connection::discard() {
  std::array<char, 16U << 10> rubbish;
  const auto got = ::recv(socket_.native_handle(), rubbish.data(),
                          rubbish.size(), MSG_DONTWAIT);
  if (got > 0 || (got == -1 && errno == EAGAIN)) {
    wait_input();
  } else {
    close_now();
  }
}

void Connection::close_now() {
  if (phase_ == Phase::closed) {
    return;
  }
  phase_ = Phase::closed;
  gone_ = true;
  timer_.cancel();
  AsioError ignored;
  socket_.close(ignored);
  drop_reading();
  if (const auto plan = std::exchange(plan_, nullptr); plan && plan->on_end) {
    plan->on_end();
  }
  if (const auto session = std::exchange(relay_, nullptr)) {
    session->end();
  }
  // What waits for the client hears that there is none any more.
  for (auto* waiter : {&gone_task_, &drained_task_}) {
    if (auto task = std::exchange(*waiter, nullptr)) {
      task();
    }
  }
}

void Connection::start_relay() {
  timer_.cancel();
  auto plan = std::move(*std::exchange(plan_, nullptr));
  gone_task_ = nullptr;
  plan.on_end = [self = shared_from_this(),
                 then = std::move(plan.on_end)]() mutable {
    self->relay_.reset();
    self->close_now();
    if (then) {
      then();
    }
  };
  AsioError ignored;
  sys::UniqueFd client(socket_.release(ignored));
  relay_ = Relay::start(socket_.get_executor(), std::move(client),
                        take_buffered(), std::move(plan));
}

void Connection::wait_hangup() {
  socket_.async_wait(Socket::wait_error,
                     [self = shared_from_this()](const AsioError& error) {
                       if (!error && !self->relay_) {
                         self->client_left();
                       }
                     });
}

}  // namespace docker_cpp::daemon::http
