// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>

#include "client.hpp"
#include "json_log.hpp"
#include "loop.hpp"
#include "remote_log.hpp"

#include "docker_cpp/daemon/monitor_config.hpp"
#include "docker_cpp/namespaces/terminal.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::monitor {

/// Where the container's three streams go: into the log, to those attached,
/// and back from those attached into its stdin.
class Streams {
 public:
  /// Makes the pipes. \throws Error
  Streams(Loop& loop, const MonitorConfig& config);
  ~Streams();
  Streams(const Streams&) = delete;
  Streams& operator=(const Streams&) = delete;

  /// What the program is to have as 0, 1 and 2 (without a terminal).
  [[nodiscard]] std::array<int, 3> child_ends() const noexcept;

  /// The program has its ends: begin to copy. `console` with a terminal.
  void begin(sys::UniqueFd console);

  void attach(sys::UniqueFd socket, Wants wants);
  /// Remembered when the terminal is not there yet.
  void resize(namespaces::WindowSize size);

  /// The program has ended: takes what the pipes still hold, whoever else
  /// may have them open.
  void drain();
  /// \throws Error when whom the log is sent to is not there
  void connect_log() { remote_.begin(); }
  /// Somebody emptied the log's file.
  void log_cleared() { log_.look_again(); }
  /// Whether every client has got everything.
  [[nodiscard]] bool delivered() const noexcept;
  /// End of file for all clients.
  void close_clients();

 private:
  struct Source {
    sys::UniqueFd fd;
    Stream stream;
    LineCutter lines;
  };

  void make_input();
  [[nodiscard]] LineCutter lines_of(Stream stream);
  void watch_sources();
  /// False when there is nothing (more) to read.
  bool read_source(Source& source);
  void close_source(Source& source);
  void hand_out(Source& source, std::string_view bytes);
  void balance();

  void on_client(std::list<Client>::iterator client, std::uint32_t events);
  void read_client(Client& client);
  void input_ended(Client& client);
  void drop(std::list<Client>::iterator client);
  [[nodiscard]] std::uint32_t events_of(const Client& client) const noexcept;

  void write_input();
  void close_input();

  Loop& loop_;
  bool tty_;
  std::optional<namespaces::WindowSize> size_;
  bool open_stdin_;
  bool stdin_once_;
  LogFile log_;
  RemoteLog remote_;
  std::string attributes_;
  std::string log_lines_;
  std::list<Source> sources_;
  std::list<Client> clients_;
  sys::UniqueFd input_;  ///< into the container's stdin
  std::string input_queue_;
  bool input_ending_ = false;
  bool input_watched_ = false;
  bool paused_ = false;  ///< some client is full
  std::array<sys::UniqueFd, 3> child_ends_;
};

}  // namespace docker_cpp::monitor
