// SPDX-License-Identifier: Apache-2.0
#include "tls_gate.hpp"

#include <array>
#include <utility>

#include "docker_cpp/daemon/api_error.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/write.hpp>

namespace docker_cpp::daemon::http {
namespace {

namespace asio = boost::asio;
using AsioError = boost::system::error_code;
using Strand = asio::strand<asio::io_context::executor_type>;
using Local = asio::local::stream_protocol;

constexpr std::chrono::seconds handshake_time(10);

void require(const AsioError& error, const std::string& doing) {
  if (error) {
    throw ApiError(ErrorCode::invalid_argument, doing + ": " + error.message());
  }
}

asio::ssl::context make_context(const TlsOptions& options) {
  asio::ssl::context context(asio::ssl::context::tls_server);
  // As Docker: nothing older than TLS 1.2.
  context.set_options(asio::ssl::context::default_workarounds |
                      asio::ssl::context::no_tlsv1 |
                      asio::ssl::context::no_tlsv1_1);
  AsioError error;
  context.use_certificate_chain_file(options.certificate, error);
  require(error, "could not load the certificate " + options.certificate);
  context.use_private_key_file(options.key, asio::ssl::context::pem, error);
  require(error, "could not load the key " + options.key);
  if (options.verify_clients) {
    context.load_verify_file(options.authority, error);
    require(error, "could not read the CA certificate " + options.authority);
    context.set_verify_mode(asio::ssl::verify_peer |
                            asio::ssl::verify_fail_if_no_peer_cert);
  }
  return context;
}

/// One client: bytes go both ways, each way with one buffer.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(asio::ip::tcp::socket socket, const Strand& strand,
          asio::ssl::context& context, std::string target)
      : tls_(std::move(socket), context),
        local_(strand),
        timer_(strand),
        target_(std::move(target)) {}

  void start() {
    timer_.expires_after(handshake_time);
    timer_.async_wait([self = shared_from_this()](const AsioError& error) {
      if (!error) {
        self->close();
      }
    });
    tls_.async_handshake(asio::ssl::stream_base::server,
                         [self = shared_from_this()](const AsioError& error) {
                           self->timer_.cancel();
                           error ? self->close() : self->begin();
                         });
  }

 private:
  void begin() {
    AsioError error;
    local_.connect(Local::endpoint(target_), error);
    if (error) {
      close();
      return;
    }
    read_client();
    read_server();
  }

  void read_client() {
    tls_.async_read_some(
        asio::buffer(up_),
        [self = shared_from_this()](const AsioError& error, std::size_t size) {
          if (error == asio::error::eof) {  // close_notify: it only listens now
            AsioError ignored;
            self->local_.shutdown(Local::socket::shutdown_send, ignored);
          } else if (error) {
            self->close();
          } else {
            self->write_server(size);
          }
        });
  }

  void write_server(std::size_t size) {
    asio::async_write(
        local_, asio::buffer(up_, size),
        [self = shared_from_this()](const AsioError& error, std::size_t) {
          error ? self->close() : self->read_client();
        });
  }

  void read_server() {
    local_.async_read_some(
        asio::buffer(down_),
        [self = shared_from_this()](const AsioError& error, std::size_t size) {
          error ? self->end() : self->write_client(size);
        });
  }

  void write_client(std::size_t size) {
    asio::async_write(
        tls_, asio::buffer(down_, size),
        [self = shared_from_this()](const AsioError& error, std::size_t) {
          error ? self->close() : self->read_server();
        });
  }

  /// The server has said all: so does this side, properly.
  void end() {
    timer_.expires_after(handshake_time);
    timer_.async_wait([self = shared_from_this()](const AsioError& error) {
      if (!error) {
        self->close();
      }
    });
    tls_.async_shutdown(
        [self = shared_from_this()](const AsioError&) { self->close(); });
  }

  void close() {
    AsioError ignored;
    timer_.cancel();
    tls_.lowest_layer().close(ignored);
    local_.close(ignored);
  }

  asio::ssl::stream<asio::ip::tcp::socket> tls_;
  Local::socket local_;
  asio::steady_timer timer_;
  std::string target_;
  std::array<char, 16384> up_{};
  std::array<char, 16384> down_{};
};

}  // namespace

struct TlsGate::Impl : std::enable_shared_from_this<Impl> {
  Impl(Executor& run_on, const TlsOptions& options)
      : executor(run_on),
        context(make_context(options)),
        target(options.target),
        acceptor(asio::make_strand(run_on.context())) {
    AsioError error;
    const auto address = asio::ip::make_address(options.address, error);
    require(error, "listen on " + options.address);
    const asio::ip::tcp::endpoint where(address, options.port);
    const std::string doing =
        "listen on " + options.address + ":" + std::to_string(options.port);
    acceptor.open(where.protocol(), error);
    require(error, doing);
    acceptor.set_option(asio::ip::tcp::acceptor::reuse_address(true), error);
    acceptor.bind(where, error);
    require(error, doing);
    acceptor.listen(asio::socket_base::max_listen_connections, error);
    require(error, doing);
  }

  void accept() {
    const Strand strand = asio::make_strand(executor.context());
    acceptor.async_accept(
        strand, [self = shared_from_this(), strand](
                    const AsioError& error, asio::ip::tcp::socket socket) {
          if (error == asio::error::operation_aborted) {
            return;
          }
          if (!error) {
            AsioError ignored;
            socket.set_option(asio::ip::tcp::no_delay(true), ignored);
            std::make_shared<Session>(std::move(socket), strand, self->context,
                                      self->target)
                ->start();
          }
          self->accept_soon(error);
        });
  }

  /// Out of descriptors, the listener would be ready for ever: pause.
  void accept_soon(const AsioError& error) {
    if (!error) {
      accept();
      return;
    }
    retry = executor.after(std::chrono::milliseconds(100),
                           [self = shared_from_this()] { self->accept(); });
  }

  Executor& executor;
  asio::ssl::context context;
  std::string target;
  asio::basic_socket_acceptor<asio::ip::tcp, Strand> acceptor;
  Timer retry;
};

TlsGate::TlsGate(Executor& executor, const TlsOptions& options)
    : impl_(std::make_shared<Impl>(executor, options)) {
  impl_->accept();
}

TlsGate::~TlsGate() {
  AsioError ignored;
  impl_->acceptor.close(ignored);
}

std::uint16_t TlsGate::port() const {
  return impl_->acceptor.local_endpoint().port();
}

}  // namespace docker_cpp::daemon::http
