// SPDX-License-Identifier: Apache-2.0
#include "connection.hpp"

#include <sys/socket.h>

#include <array>
#include <cstdio>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

namespace docker_cpp::daemon::http {
namespace {

using AsioError = boost::system::error_code;

constexpr std::chrono::seconds lingering{1};

std::string chunk(std::string_view bytes) {
  std::array<char, 20> size{};
  std::snprintf(size.data(), size.size(), "%zx\r\n", bytes.size());
  std::string out = size.data();
  out += bytes;
  return out + "\r\n";
}

bool has_no_body(int status) {
  return status == 204 || status == 304 || status < 200;
}

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

void Connection::reply(Head head, std::string body) {
  asio::dispatch(socket_.get_executor(),
                 [self = shared_from_this(), head = std::move(head),
                  body = std::move(body)]() mutable {
                   if (self->phase_ != Phase::answering) {
                     return;
                   }
                   if (!self->keep_alive_ || self->body_pending()) {
                     self->keep_alive_ = false;
                     head.headers.emplace_back("Connection", "close");
                   }
                   const std::string framing =
                       has_no_body(head.status)
                           ? std::string{}
                           : "Content-Length: " + std::to_string(body.size());
                   auto bytes = serialize(head, framing);
                   if (!self->head_only_ && !framing.empty()) {
                     bytes += body;
                   }
                   self->end_after_send_ = true;
                   self->enqueue(std::move(bytes));
                 });
}

void Connection::begin_stream(Head head) {
  asio::dispatch(socket_.get_executor(), [self = shared_from_this(),
                                          head = std::move(head)]() mutable {
    if (self->phase_ != Phase::answering) {
      return;
    }
    self->phase_ = Phase::streaming;
    self->chunked_ = !self->http_10_;
    if (!self->keep_alive_ || self->http_10_) {
      self->keep_alive_ = false;
      head.headers.emplace_back("Connection", "close");
    }
    self->enqueue(
        serialize(head, self->chunked_ ? "Transfer-Encoding: chunked" : ""));
  });
}

void Connection::write(std::string bytes) {
  asio::dispatch(socket_.get_executor(), [self = shared_from_this(),
                                          bytes = std::move(bytes)]() mutable {
    if (self->phase_ == Phase::hijacked) {
      self->enqueue(std::move(bytes));
    } else if (self->phase_ == Phase::streaming && !self->head_only_) {
      self->enqueue(self->chunked_ ? chunk(bytes) : std::move(bytes));
    }
  });
}

void Connection::finish() {
  asio::dispatch(socket_.get_executor(), [self = shared_from_this()] {
    if (self->phase_ == Phase::closed) {
      return;
    }
    self->end_after_send_ = true;
    const bool last_chunk =
        self->phase_ == Phase::streaming && self->chunked_ && !self->head_only_;
    self->enqueue(last_chunk ? "0\r\n\r\n" : "");
  });
}

void Connection::abort() {
  asio::dispatch(socket_.get_executor(), [self = shared_from_this()] {
    if (self->phase_ == Phase::answering || self->phase_ == Phase::streaming ||
        self->phase_ == Phase::hijacked) {
      self->close_now();
    }
  });
}

void Connection::hijack(Head head) {
  asio::dispatch(socket_.get_executor(),
                 [self = shared_from_this(), head = std::move(head)]() mutable {
                   if (self->phase_ != Phase::answering) {
                     return;
                   }
                   self->phase_ = Phase::hijacked;
                   self->wait_hangup();
                   self->enqueue(serialize(head, ""));
                 });
}

void Connection::relay(RelayPlan plan) {
  asio::dispatch(socket_.get_executor(),
                 [self = shared_from_this(), plan = std::move(plan)]() mutable {
                   if (self->phase_ != Phase::hijacked) {
                     if (plan.on_end) {
                       plan.on_end();
                     }
                     return;
                   }
                   self->plan_ = std::make_unique<RelayPlan>(std::move(plan));
                   self->send();
                 });
}

void Connection::on_gone(Task task) {
  asio::dispatch(socket_.get_executor(),
                 [self = shared_from_this(), task = std::move(task)]() mutable {
                   if (self->gone_) {
                     task();
                   } else {
                     self->gone_task_ = std::move(task);
                   }
                 });
}

void Connection::on_drained(Task task) {
  asio::dispatch(socket_.get_executor(),
                 [self = shared_from_this(), task = std::move(task)]() mutable {
                   self->drained_task_ = std::move(task);
                   if (self->phase_ == Phase::closed ||
                       (!self->sending_now_ && self->next_.empty())) {
                     std::exchange(self->drained_task_, nullptr)();
                   }
                 });
}

std::size_t Connection::queued() const noexcept {
  return queued_;
}

bool Connection::gone() const noexcept {
  return gone_;
}

}  // namespace docker_cpp::daemon::http
