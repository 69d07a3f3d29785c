// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "relay.hpp"

#include "docker_cpp/daemon/http/exchange.hpp"
#include "docker_cpp/daemon/http/server.hpp"

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>

namespace docker_cpp::daemon::http {

namespace asio = boost::asio;
using Strand = asio::strand<asio::io_context::executor_type>;
using Socket =
    asio::basic_stream_socket<asio::generic::stream_protocol, Strand>;

class Connection;

/// What all connections of one server share.
struct Hub {
  Hub(Service given, Limits limit) : service(std::move(given)), limits(limit) {}

  const Service service;
  const Limits limits;
  std::atomic<std::size_t> count = 0;
  std::mutex mutex;
  bool stopped = false;
  std::unordered_map<Connection*, std::weak_ptr<Connection>> open;
};

/// One client. Everything happens on the connection's strand; the Transport
/// calls may come from anywhere and go there first.
///
/// Between requests nothing is held but the socket and one pending wait for
/// readability; during an answer the same wait tells that the client left.
class Connection final : public Transport,
                         public std::enable_shared_from_this<Connection> {
 public:
  Connection(std::shared_ptr<Hub> hub, Socket socket);
  ~Connection() override;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void start();
  void close();  ///< from any thread, now

  void reply(Head head, std::string body) override;
  void begin_stream(Head head) override;
  void write(std::string bytes) override;
  void finish() override;
  void abort() override;
  void hijack(Head head) override;
  void relay(RelayPlan plan) override;
  void on_gone(Task task) override;
  void on_drained(Task task) override;
  [[nodiscard]] std::size_t queued() const noexcept override;
  [[nodiscard]] bool gone() const noexcept override;

 private:
  struct Reading;  ///< the buffers and the parser of one request
  enum class Phase : std::uint8_t {
    idle,       ///< between requests
    reading,    ///< a request's head or body
    answering,  ///< the handler has it
    streaming,  ///< a body in pieces
    hijacked,   ///< no longer HTTP
    closing,    ///< the last bytes, then nothing
    closed
  };
  enum class Peek : std::uint8_t { nothing, data, end };

  // connection.cpp
  void wait_input();
  void on_input();
  void on_input_end();
  [[nodiscard]] Peek peek();
  void enqueue(std::string bytes);
  void send();
  void on_sent();
  void drained();
  void answer_complete();
  void wait_hangup();
  void client_left();
  void linger();
  void discard();
  void close_now();
  void start_relay();

  // connection_read.cpp
  void read_head();
  void on_head(int status, const std::string& why);
  void route();
  void read_body();
  void on_body(std::size_t size);
  void pass_on();
  void body_complete();
  void hand_over();
  void refuse(int status, const std::string& why);
  void expect_by(std::chrono::milliseconds delay);
  [[nodiscard]] bool body_pending() const;
  [[nodiscard]] bool input_buffered() const;
  [[nodiscard]] std::string take_buffered();
  void drop_reading() noexcept;

  std::shared_ptr<Hub> hub_;
  Socket socket_;
  asio::steady_timer timer_;
  std::shared_ptr<Reading> reading_;  ///< shared with reads under way
  Phase phase_ = Phase::idle;
  bool waiting_ = false;    ///< a wait for input is pending
  bool has_input_ = false;  ///< it fired during an answer
  bool keep_alive_ = true;  ///< what the request asks for
  bool head_only_ = false;  ///< HEAD: no body in the reply
  bool http_10_ = false;
  bool chunked_ = false;
  bool sending_now_ = false;
  bool end_after_send_ = false;
  std::string sending_;
  std::string next_;
  std::atomic<std::size_t> queued_ = 0;
  std::atomic<bool> gone_ = false;
  Task gone_task_;
  Task drained_task_;
  std::unique_ptr<RelayPlan> plan_;
  std::shared_ptr<Relay> relay_;
};

}  // namespace docker_cpp::daemon::http
