// SPDX-License-Identifier: Apache-2.0
#include "streams.hpp"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "docker_cpp/namespaces/terminal.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::monitor {
namespace {

/// One buffer for all: there is one thread, and it never holds two pieces.
constexpr std::size_t piece = 32U << 10;
std::array<char, piece> buffer;

/// Input waiting for the program, beyond which clients are not read.
constexpr std::size_t input_bound = 64U << 10;

void set_nonblocking(int fd) {
  const int flags = ::fcntl(fd, F_GETFL);
  ::fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

}  // namespace

Streams::Streams(Loop& loop, const MonitorConfig& config)
    : loop_(loop),
      tty_(config.tty),
      open_stdin_(config.open_stdin),
      stdin_once_(config.stdin_once),
      log_(config.log_path, {.max_size = config.log_max_size,
                             .max_file = config.log_max_file,
                             .compress = config.log_compress}),
      remote_(loop, config),
      attributes_(log_attributes(config.log_attributes)) {
  remote_.on_room([this] { balance(); });
  make_input();
  if (tty_) {
    return;
  }
  for (const Stream stream :
       {Stream::standard_output, Stream::standard_error}) {
    sys::Pipe pipe = must(sys::pipe_cloexec(), "open an output pipe");
    set_nonblocking(pipe.read_end.get());
    sources_.push_back({.fd = std::move(pipe.read_end),
                        .stream = stream,
                        .lines = lines_of(stream)});
    child_ends_.at(static_cast<std::size_t>(stream)) =
        std::move(pipe.write_end);
  }
}

Streams::~Streams() = default;

LineCutter Streams::lines_of(Stream stream) {
  LineCutter::Listener listener;
  if (remote_.active()) {
    listener = [this, stream](std::string_view text,
                              std::chrono::system_clock::time_point time,
                              bool whole) {
      remote_.send(
          {.text = text, .stream = stream, .time = time, .whole = whole});
    };
  }
  return LineCutter(stream, attributes_, std::move(listener));
}

void Streams::make_input() {
  if (tty_ || !open_stdin_) {
    child_ends_[0] = must(sys::open("/dev/null", O_RDWR), "open /dev/null");
    return;
  }
  sys::Pipe pipe = must(sys::pipe_cloexec(), "open the input pipe");
  set_nonblocking(pipe.write_end.get());
  child_ends_[0] = std::move(pipe.read_end);
  input_ = std::move(pipe.write_end);
}

std::array<int, 3> Streams::child_ends() const noexcept {
  if (tty_) {
    const int null = child_ends_[0].get();
    return {null, null, null};
  }
  return {child_ends_[0].get(), child_ends_[1].get(), child_ends_[2].get()};
}

void Streams::begin(sys::UniqueFd console) {
  for (sys::UniqueFd& end : child_ends_) {
    end.reset();
  }
  if (console) {
    set_nonblocking(console.get());
    if (open_stdin_) {
      input_ = sys::UniqueFd(
          must(sys::check(::fcntl(console.get(), F_DUPFD_CLOEXEC, 3), "fcntl"),
               "duplicate the terminal"));
    }
    sources_.push_back({.fd = std::move(console),
                        .stream = Stream::standard_output,
                        .lines = lines_of(Stream::standard_output)});
    if (size_) {
      resize(*size_);
    }
  }
  watch_sources();
  write_input();
}

void Streams::watch_sources() {
  for (Source& source : sources_) {
    loop_.watch(source.fd.get(), paused_ ? 0U : std::uint32_t{EPOLLIN},
                [this, &source](std::uint32_t) {
                  if (!paused_) {
                    read_source(source);
                  }
                });
  }
}

bool Streams::read_source(Source& source) {
  if (!source.fd) {
    return false;
  }
  const ssize_t got = ::read(source.fd.get(), buffer.data(), buffer.size());
  if (got > 0) {
    hand_out(source, {buffer.data(), static_cast<std::size_t>(got)});
    return true;
  }
  if (got == -1 && (errno == EAGAIN || errno == EINTR)) {
    return errno == EINTR;
  }
  close_source(source);  // end of file; of a terminal: EIO
  return false;
}

void Streams::close_source(Source& source) {
  if (source.fd) {
    loop_.forget(source.fd.get());
    source.fd.reset();
    source.lines.finish(log_lines_);
    log_.write(log_lines_);
    log_lines_.clear();
  }
}

void Streams::hand_out(Source& source, std::string_view bytes) {
  source.lines.feed(bytes, log_lines_);
  log_.write(log_lines_);
  log_lines_.clear();
  for (Client& client : clients_) {
    if (client.wants().has(source.stream)) {
      client.send(source.stream, bytes);
      loop_.change(client.fd(), events_of(client));
    }
  }
  balance();
}

void Streams::balance() {
  const bool full =
      remote_.full() || std::ranges::any_of(clients_, [](const Client& c) {
        return c.full() && !c.gone();
      });
  if (std::exchange(paused_, full) != full) {
    for (const Source& source : sources_) {
      if (source.fd) {
        loop_.change(source.fd.get(), full ? 0U : std::uint32_t{EPOLLIN});
      }
    }
  }
}

void Streams::attach(sys::UniqueFd socket, Wants wants) {
  wants.input = wants.input && open_stdin_;
  const int fd = socket.get();
  set_nonblocking(fd);
  clients_.emplace_back(std::move(socket), wants, !tty_);
  const auto client = std::prev(clients_.end());
  loop_.watch(fd, events_of(*client), [this, client](std::uint32_t events) {
    on_client(client, events);
  });
}

std::uint32_t Streams::events_of(const Client& client) const noexcept {
  std::uint32_t events = 0;
  if (client.wants().input && input_queue_.size() < input_bound) {
    events |= EPOLLIN;
  }
  if (!client.idle()) {
    events |= EPOLLOUT;
  }
  return events;
}

void Streams::on_client(std::list<Client>::iterator client,
                        std::uint32_t events) {
  if ((events & EPOLLOUT) != 0) {
    client->flush();
  }
  if ((events & (EPOLLIN | EPOLLHUP)) != 0 && client->wants().input) {
    do {  // a client that has gone is read to its end: it has a socket full
      read_client(*client);
    } while ((events & EPOLLHUP) != 0 && client->wants().input);
  }
  if ((events & (EPOLLHUP | EPOLLERR)) != 0) {
    client->set_gone();
  }
  if (client->gone()) {
    drop(client);
  } else {
    loop_.change(client->fd(), events_of(*client));
  }
  balance();
}

void Streams::read_client(Client& client) {
  const ssize_t got = ::recv(client.fd(), buffer.data(), buffer.size(), 0);
  if (got > 0) {
    if (input_ || child_ends_[0]) {
      input_queue_.append(buffer.data(), static_cast<std::size_t>(got));
      write_input();
    }
  } else if (got == 0 || errno != EAGAIN) {
    input_ended(client);
  }
}

void Streams::input_ended(Client& client) {
  client.stop_input();
  if (stdin_once_ && !tty_) {
    input_ending_ = true;
    write_input();
  }
}

void Streams::drop(std::list<Client>::iterator client) {
  loop_.forget(client->fd());
  if (client->wants().input) {
    input_ended(*client);
  }
  clients_.erase(client);
}

void Streams::write_input() {
  if (!input_ || (tty_ && child_ends_[0])) {
    return;  // closed, or the terminal is not there yet
  }
  while (!input_queue_.empty()) {
    const ssize_t n =
        ::write(input_.get(), input_queue_.data(), input_queue_.size());
    if (n > 0) {
      input_queue_.erase(0, static_cast<std::size_t>(n));
    } else if (errno == EAGAIN) {
      break;
    } else if (errno != EINTR) {  // EPIPE: nobody reads it
      close_input();
      return;
    }
  }
  if (input_queue_.empty() && input_ending_) {
    close_input();
    return;
  }
  if (input_queue_.empty() == input_watched_) {
    input_watched_ = !input_watched_;
    if (input_watched_) {
      loop_.watch(input_.get(), EPOLLOUT,
                  [this](std::uint32_t) { write_input(); });
    } else {
      loop_.forget(input_.get());
    }
    for (const Client& client : clients_) {
      loop_.change(client.fd(), events_of(client));
    }
  }
}

void Streams::close_input() {
  if (input_watched_) {
    loop_.forget(input_.get());
    input_watched_ = false;
  }
  input_.reset();
  input_queue_ = std::string();
}

void Streams::resize(namespaces::WindowSize size) {
  size_ = size;
  if (tty_ && !sources_.empty() && sources_.front().fd) {
    namespaces::resize(sources_.front().fd.get(), size);
  }
}

void Streams::drain() {
  for (Source& source : sources_) {
    while (read_source(source)) {
    }
    close_source(source);
  }
  close_input();
  remote_.drain(std::chrono::seconds(2));
}

bool Streams::delivered() const noexcept {
  return std::ranges::all_of(
      clients_, [](const Client& c) { return c.idle() || c.gone(); });
}

void Streams::close_clients() {
  for (const Client& client : clients_) {
    loop_.forget(client.fd());
  }
  clients_.clear();
}

}  // namespace docker_cpp::monitor
