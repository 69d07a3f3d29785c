// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <optional>

#include "connection.hpp"

#include "docker_cpp/sys/error.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>

namespace docker_cpp::daemon::http {
namespace {

namespace beast = boost::beast;
using AsioError = boost::system::error_code;
using Parser = beast::http::request_parser<beast::http::buffer_body>;
using HttpError = beast::http::error;
using beast::http::field;

constexpr std::size_t buffer_limit = 64U << 10;
constexpr std::size_t piece = 16U << 10;

struct Refusal {
  int status = 0;
  std::string why;
};

/// What makes a request mean different things to different readers, and so
/// is refused (RFC 9112, 3.2, 6.1, 6.3). Beast has refused bad syntax and a
/// length beside chunks already.
std::optional<Refusal> unsound(const Parser& parser) {
  const auto& head = parser.get();
  const auto count = [&](field name) {
    const auto [begin, end] = head.equal_range(name);
    return std::distance(begin, end);
  };
  if (head.version() != 10 && head.version() != 11) {
    return Refusal{505, "HTTP version not supported"};
  }
  if (count(field::content_length) > 1) {
    return Refusal{400, "more than one Content-Length"};
  }
  // Beast would take "2, 2" for a list of one and the same.
  if (!std::ranges::all_of(std::string_view(head[field::content_length]),
                           [](char c) { return c >= '0' && c <= '9'; })) {
    return Refusal{400, "malformed Content-Length"};
  }
  if (count(field::transfer_encoding) > 0 &&
      (count(field::transfer_encoding) > 1 || head.version() == 10 ||
       !beast::iequals(head[field::transfer_encoding], "chunked"))) {
    return Refusal{501, "unsupported transfer encoding"};
  }
  if (count(field::host) > 1 || (head.version() == 11 && !count(field::host))) {
    return Refusal{400, "missing required Host header"};
  }
  const auto target = head.target();
  if (!target.starts_with('/')) {
    return Refusal{400, "malformed request target"};
  }
  return std::nullopt;
}

Refusal refusal_of(const AsioError& error) {
  if (error == HttpError::header_limit || error == HttpError::buffer_overflow) {
    return {431, "request header fields too large"};
  }
  return {400, "malformed HTTP request: " + error.message()};
}

bool is_malformed(const AsioError& error) {
  return error.category() ==
             make_error_code(HttpError::bad_method).category() &&
         error != HttpError::end_of_stream &&
         error != HttpError::partial_message;
}

Request to_request(const Parser& parser) {
  const auto& head = parser.get();
  Request out;
  out.method = std::string(head.method_string());
  const std::string target(head.target());
  const auto mark = std::min(target.find('?'), target.size());
  out.path = target.substr(0, mark);
  if (mark < target.size()) {
    out.query = Query(std::string_view(target).substr(mark + 1));
  }
  for (const auto& entry : head) {
    out.headers.emplace_back(entry.name_string(), entry.value());
  }
  return out;
}

}  // namespace

struct Connection::Reading {
  beast::flat_buffer buffer{buffer_limit};
  std::optional<Parser> parser;
  std::vector<char> bytes;
  Request request;
  bool streamed = false;
  std::size_t received = 0;

  /// Our end of a streamed body. A socket, because a write to one whose
  /// reader has gone can fail without a signal.
  std::optional<asio::posix::stream_descriptor> sink;
  std::string unsent;
};

Connection::Connection(std::shared_ptr<Hub> hub, Socket socket)
    : hub_(std::move(hub)),
      socket_(std::move(socket)),
      timer_(socket_.get_executor()) {
  ++hub_->count;
}

Connection::~Connection() {
  {
    const std::lock_guard lock(hub_->mutex);
    hub_->open.erase(this);
  }
  --hub_->count;
}

void Connection::drop_reading() noexcept {
  reading_.reset();
}

bool Connection::body_pending() const {
  return reading_ && reading_->parser && !reading_->parser->is_done();
}

bool Connection::input_buffered() const {
  return reading_ && reading_->buffer.size() > 0;
}

std::string Connection::take_buffered() {
  std::string out;
  if (reading_) {
    const auto data = reading_->buffer.data();
    out.assign(static_cast<const char*>(data.data()), data.size());
    reading_.reset();
  }
  return out;
}

void Connection::expect_by(std::chrono::milliseconds delay) {
  timer_.expires_after(delay);
  timer_.async_wait([self = shared_from_this()](const AsioError& error) {
    if (!error && self->phase_ == Phase::reading) {
      self->refuse(408, "the request did not arrive in time");
    }
  });
}

void Connection::read_head() {
  phase_ = Phase::reading;
  has_input_ = false;
  if (!reading_) {
    reading_ = std::make_shared<Reading>();
  }
  reading_->parser.emplace();
  reading_->parser->header_limit(
      static_cast<std::uint32_t>(hub_->limits.header_bytes));
  reading_->parser->body_limit(boost::none);  // counted in on_body()
  reading_->request = {};
  reading_->received = 0;
  reading_->sink.reset();
  expect_by(hub_->limits.header_time);
  beast::http::async_read_header(
      socket_, reading_->buffer, *reading_->parser,
      [self = shared_from_this(), reading = reading_](const AsioError& error,
                                                      std::size_t) {
        if (self->phase_ != Phase::reading || self->reading_ != reading) {
          return;
        }
        if (!error) {
          self->on_head(0, {});
        } else if (is_malformed(error)) {
          const auto [status, why] = refusal_of(error);
          self->on_head(status, why);
        } else {
          self->close_now();
        }
      });
}

void Connection::on_head(int status, const std::string& why) {
  if (status != 0) {
    refuse(status, why);
    return;
  }
  const auto& head = reading_->parser->get();
  keep_alive_ = head.keep_alive();
  http_10_ = head.version() == 10;
  head_only_ = head.method() == beast::http::verb::head;
  if (const auto bad = unsound(*reading_->parser)) {
    refuse(bad->status, bad->why);
    return;
  }
  const auto expects = head[field::expect];
  if (!expects.empty() && !beast::iequals(expects, "100-continue")) {
    refuse(417, "unknown expectation");
    return;
  }
  route();
}

void Connection::route() {
  auto& reading = *reading_;
  const auto& parser = *reading.parser;
  reading.request = to_request(parser);
  reading.streamed =
      !parser.is_done() &&
      hub_->service.body(reading.request.method, reading.request.path) ==
          Service::Body::streamed;
  if (!reading.streamed &&
      parser.content_length().value_or(0) > hub_->limits.body_bytes) {
    refuse(413, "request body too large");
    return;
  }
  if (parser.is_done()) {
    body_complete();
    return;
  }
  if (!parser.get()[field::expect].empty() && !http_10_) {
    enqueue("HTTP/1.1 100 Continue\r\n\r\n");
  }
  reading.bytes.resize(piece);
  if (reading.streamed) {
    reading.buffer.reserve(buffer_limit);  // else it is read by 512 bytes
    reading.bytes.resize(buffer_limit);
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) !=
        0) {
      refuse(503, "no descriptor left for the request's body");
      return;
    }
    reading.request.body_stream = sys::UniqueFd(ends[0]);
    ::shutdown(ends[0], SHUT_WR);
    reading.sink.emplace(socket_.get_executor(), ends[1]);
    hand_over();
  }
  read_body();
}

void Connection::read_body() {
  if (!reading_ || !reading_->parser || phase_ == Phase::closed ||
      phase_ == Phase::closing) {
    return;
  }
  auto& reading = *reading_;
  if (!reading.streamed) {
    expect_by(hub_->limits.body_stall);
  }
  auto& body = reading.parser->get().body();
  body.data = reading.bytes.data();
  body.size = reading.bytes.size();
  body.more = true;
  beast::http::async_read_some(
      socket_, reading.buffer, *reading.parser,
      [self = shared_from_this(), held = reading_](AsioError error,
                                                   std::size_t) {
        if (self->reading_ != held || self->phase_ == Phase::closed) {
          return;
        }
        if (!error || error == HttpError::need_buffer) {
          self->on_body(held->bytes.size() - held->parser->get().body().size);
        } else if (is_malformed(error) && !held->streamed) {
          const auto [status, why] = refusal_of(error);
          self->refuse(status, why);
        } else {
          self->client_left();
        }
      });
}

void Connection::on_body(std::size_t size) {
  auto& reading = *reading_;
  const std::string_view got(reading.bytes.data(), size);
  if (reading.streamed) {
    reading.unsent = got;
    pass_on();
    return;
  }
  reading.received += size;
  if (reading.received > hub_->limits.body_bytes) {
    refuse(413, "request body too large");
    return;
  }
  reading.request.body += got;
  reading.parser->is_done() ? body_complete() : read_body();
}

/// Gives the body's reader what came, and reads on when it has taken it.
void Connection::pass_on() {
  auto& reading = *reading_;
  timer_.cancel();
  while (!reading.unsent.empty()) {
    const auto sent =
        ::send(reading.sink->native_handle(), reading.unsent.data(),
               reading.unsent.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      reading.unsent.erase(0, static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      reading.sink->async_wait(
          asio::posix::stream_descriptor::wait_write,
          [self = shared_from_this(), held = reading_](const AsioError& error) {
            if (!error && self->reading_ == held) {
              self->pass_on();
            }
          });
      return;
    } else if (errno != EINTR) {
      return;  // it wants no more: the reply closes the connection
    }
  }
  reading.parser->is_done() ? body_complete() : read_body();
}

void Connection::body_complete() {
  timer_.cancel();
  reading_->sink.reset();
  reading_->bytes = {};
  if (!reading_->streamed) {
    hand_over();
  }
  if (phase_ != Phase::answering && phase_ != Phase::streaming) {
    return;
  }
  if (input_buffered()) {
    has_input_ = true;
  } else {
    drop_reading();
    wait_input();
  }
}

void Connection::hand_over() {
  phase_ = Phase::answering;
  timer_.cancel();
  auto exchange = std::make_shared<Exchange>(shared_from_this());
  try {
    hub_->service.handle(std::move(reading_->request), exchange);
  } catch (const std::exception& error) {
    if (!exchange->answered()) {
      auto [head, body] = hub_->service.refuse(500, error.what());
      exchange->reply(std::move(head), std::move(body));
    }
  }
}

void Connection::refuse(int status, const std::string& why) {
  timer_.cancel();
  phase_ = Phase::answering;
  keep_alive_ = false;
  auto [head, body] = hub_->service.refuse(status, why);
  reply(std::move(head), std::move(body));
}

}  // namespace docker_cpp::daemon::http
