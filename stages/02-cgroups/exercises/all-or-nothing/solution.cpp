// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <ranges>
#include <sstream>
#include <stdexcept>

#include "exercise.hpp"

namespace {

void put(const std::string& file, const std::string& value) {
  std::ofstream(file) << value;
}

class Undo {
 public:
  Undo() = default;
  Undo(const Undo&) = delete;
  Undo& operator=(const Undo&) = delete;
  ~Undo() {
    for (const auto& [file, value] : std::views::reverse(done_)) {
      put(file, value);
    }
  }
  void remember(const std::string& file, std::string old) {
    done_.emplace_back(file, std::move(old));
  }
  void commit() { done_.clear(); }

 private:
  std::vector<Setting> done_;
};

}  // namespace

void write_settings(const std::vector<Setting>& settings) {
  Undo undo;
  for (const auto& [file, value] : settings) {
    const std::ifstream before(file);
    if (!before) {
      throw std::runtime_error("cannot write " + file);
    }
    std::ostringstream old;
    old << before.rdbuf();
    undo.remember(file, old.str());
    put(file, value);
  }
  undo.commit();
}
