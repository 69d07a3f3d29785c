// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace docker_cpp::cli::compose {

/// What is being done to which object, on stderr: a block of lines that change
/// in place on a terminal, a line per change elsewhere.
class Progress {
 public:
  enum class Mode : unsigned char { automatic, plain, quiet };
  explicit Progress(Mode mode);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// "Container web-1", "Creating".
  void working(const std::string& object, const std::string& doing);
  void done(const std::string& object, const std::string& what);
  void failed(const std::string& object, const std::string& what);
  /// What follows is not ours: the block stays as it is, a new one begins.
  void pause();

 private:
  enum class State : unsigned char { working, done, failed };
  struct Line {
    std::string object;
    std::string text;
    State state;
    std::chrono::steady_clock::time_point since;
    std::chrono::steady_clock::time_point until;
  };
  void change(const std::string& object, const std::string& text, State state);
  void paint();
  [[nodiscard]] std::string painted(const Line& line, std::size_t width) const;

  bool terminal_;
  bool quiet_;
  bool colours_;
  std::size_t painted_lines_ = 0;
  std::vector<Line> lines_;
};

}  // namespace docker_cpp::cli::compose
