// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/cli/table.hpp"

#include <algorithm>
#include <vector>

#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli {
namespace {

using Row = std::vector<std::string>;

class Aligner {
 public:
  Aligner(std::vector<Row> rows, TableShape shape)
      : rows_(std::move(rows)), shape_(shape) {}

  std::string run() {
    format(0, rows_.size());
    return std::move(out_);
  }

 private:
  [[nodiscard]] bool has_column(std::size_t row, std::size_t column) const {
    return column + 1 < rows_[row].size();
  }

  /// The end of the block of lines that have this column.
  [[nodiscard]] std::size_t block_end(std::size_t row, std::size_t end) const {
    while (row < end && has_column(row, widths_.size())) {
      ++row;
    }
    return row;
  }

  [[nodiscard]] std::size_t width(std::size_t from, std::size_t to) const {
    std::size_t widest = shape_.least_width;
    for (auto row = from; row < to; ++row) {
      widest = std::max(
          widest, display_width(rows_[row][widths_.size()]) + shape_.padding);
    }
    return widest;
  }

  void format(std::size_t from, std::size_t to) {
    auto written = from;
    for (auto row = from; row < to; ++row) {
      if (!has_column(row, widths_.size())) {
        continue;
      }
      write(written, row);
      const auto end = block_end(row, to);
      widths_.push_back(width(row, end));
      format(row, end);
      widths_.pop_back();
      written = end;
      row = end - 1;
    }
    write(written, to);
  }

  void write(std::size_t from, std::size_t to) {
    for (auto row = from; row < to; ++row) {
      for (std::size_t cell = 0; cell < rows_[row].size(); ++cell) {
        out_ += rows_[row][cell];
        if (cell < widths_.size() && has_column(row, cell)) {
          out_.append(widths_[cell] - display_width(rows_[row][cell]), ' ');
        }
      }
      out_ += '\n';
    }
  }

  std::vector<Row> rows_;
  TableShape shape_;
  std::vector<std::size_t> widths_;
  std::string out_;
};

}  // namespace

std::string align(std::string_view lines, TableShape shape) {
  if (lines.ends_with('\n')) {
    lines.remove_suffix(1);
  }
  std::vector<Row> rows;
  for (const auto& line : split(lines, "\n")) {
    rows.push_back(split(line, "\t"));
  }
  return Aligner(std::move(rows), shape).run();
}

}  // namespace docker_cpp::cli
