// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <stdexcept>

#include "exercise.hpp"

void write_settings(const std::vector<Setting>& settings) {
  for (const auto& [file, value] : settings) {
    if (!std::ifstream(file)) {
      throw std::runtime_error("cannot write " + file);
    }
    std::ofstream(file) << value;
  }
}
