// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstdio>

#include "connection.hpp"

#include <boost/asio/dispatch.hpp>

/// The calls of an exchange, from any thread: each goes to the connection's
/// strand first.
namespace docker_cpp::daemon::http {
namespace {

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
