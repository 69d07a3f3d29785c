// SPDX-License-Identifier: Apache-2.0
#include "lexer.hpp"

#include <algorithm>
#include <optional>

#include "text.hpp"

#include "docker_cpp/dockerfile/problem.hpp"
#include "docker_cpp/dockerfile/words.hpp"

namespace docker_cpp::dockerfile {
namespace {

bool is_comment(std::string_view line) {
  return trim_left(line).starts_with('#');
}

struct Marker {
  Heredoc heredoc;
  bool strip_tabs = false;
};

/// `3<<-"EOF"` is a here-document, `<<<` is not.
std::optional<Marker> marker_of(std::string_view word, char escape) {
  while (!word.empty() && is_digit(word.front())) {
    word.remove_prefix(1);
  }
  if (!word.starts_with("<<")) {
    return std::nullopt;
  }
  word.remove_prefix(2);
  Marker marker;
  if (word.starts_with('-')) {
    marker.strip_tabs = true;
    word.remove_prefix(1);
  }
  if (word.empty() || word.find('<') != std::string_view::npos) {
    return std::nullopt;
  }
  const Expander quotes([](std::string_view) { return std::string(); }, escape);
  marker.heredoc.expand = word.find_first_of("'\"") == std::string_view::npos;
  marker.heredoc.name =
      marker.heredoc.expand ? std::string(word) : quotes.word(word);
  if (marker.heredoc.name.empty()) {
    return std::nullopt;
  }
  return marker;
}

bool may_have_heredocs(std::string_view text) {
  const auto keyword = keyword_of(take_word(text));
  if (keyword == Keyword::onbuild) {
    return may_have_heredocs(text);
  }
  return keyword == Keyword::run || keyword == Keyword::copy ||
         keyword == Keyword::add;
}

}  // namespace

Lexer::Lexer(std::string_view text) : rest_(text) {
  if (rest_.starts_with("\xef\xbb\xbf")) {
    rest_.remove_prefix(3);
  }
  read_directives();
}

std::string_view Lexer::take() {
  ++number_;
  return take_line(rest_);
}

/// Directives stand before everything else, comments too.
void Lexer::read_directives() {
  while (!rest_.empty()) {
    std::string_view ahead = rest_;
    if (!take_directive(take_line(ahead), number_ + 1)) {
      return;
    }
    static_cast<void>(take());
  }
}

bool Lexer::take_directive(std::string_view line, int number) {
  line = trim(line);
  if (!line.starts_with('#')) {
    return false;
  }
  line = trim(line.substr(1));
  const std::size_t equals = line.find('=');
  if (equals == std::string_view::npos) {
    return false;
  }
  const std::string key = lowered(trim(line.substr(0, equals)));
  const std::string value(trim(line.substr(equals + 1)));
  if ((key != "syntax" && key != "escape" && key != "check") || value.empty()) {
    return false;
  }
  if (std::ranges::find(seen_, key) != seen_.end()) {
    throw Problem{
        .message = "only one " + key + " parser directive can be used",
        .line = number,
        .word = key,
        .hint = {}};
  }
  seen_.push_back(key);
  if (key == "syntax") {
    syntax_ = value;
  } else if (key == "check") {
    check_ = value;
  } else if (value == "\\" || value == "`") {
    escape_ = value.front();
  } else {
    throw Problem{
        .message = "invalid ESCAPE '" + value + "' does not match ` or \\",
        .line = number,
        .word = value,
        .hint = "write # escape=` or leave it out"};
  }
  return true;
}

/// Ends the line in an escape that is not itself escaped? Blanks behind it do
/// not count.
bool Lexer::continues(std::string_view& line) const {
  std::string_view text = line;
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) {
    text.remove_suffix(1);
  }
  if (!text.ends_with(escape_)) {
    return false;
  }
  text.remove_suffix(1);
  if (text.ends_with(escape_)) {
    return false;
  }
  line = text;
  return true;
}

bool Lexer::next(LogicalLine& line) {
  while (!rest_.empty()) {
    const std::string_view first = take();
    if (is_comment(first) || trim(first).empty()) {
      continue;
    }
    line = {.line = number_, .text = {}, .heredocs = {}};
    std::string_view part = trim_left(first);
    const bool more = continues(part);
    line.text = part;
    if (more) {
      join_continuations(line);
    }
    line.text = trim(line.text);
    if (may_have_heredocs(line.text)) {
      read_heredocs(line);
    }
    if (!line.text.empty()) {
      return true;
    }
  }
  return false;
}

void Lexer::join_continuations(LogicalLine& line) {
  bool empty_line = false;
  while (!rest_.empty()) {
    std::string_view part = take();
    if (is_comment(part)) {
      continue;
    }
    if (trim(part).empty()) {
      empty_line = true;
      continue;
    }
    const bool more = continues(part);
    line.text += part;
    if (!more) {
      break;
    }
  }
  if (empty_line) {
    warnings_.push_back("line " + std::to_string(line.line) +
                        ": empty continuation line; it will become an error "
                        "in a future release");
  }
}

void Lexer::read_heredocs(LogicalLine& line) {
  if (line.text.find("<<") == std::string::npos) {
    return;
  }
  const int begun = line.line;
  std::vector<std::string> words;
  try {
    words = split_words(line.text, escape_);
  } catch (const Problem&) {
    return;  // an open quote belongs to the shell, which will complain
  }
  for (const std::string& word : words) {
    if (auto marker = marker_of(word, escape_)) {
      marker->heredoc.content =
          heredoc_body(marker->heredoc, marker->strip_tabs, begun);
      line.heredocs.push_back(std::move(marker->heredoc));
    }
  }
}

std::string Lexer::heredoc_body(const Heredoc& heredoc, bool strip, int begun) {
  std::string body;
  while (!rest_.empty()) {
    std::string_view line = take();
    if (strip) {
      line.remove_prefix(std::min(line.find_first_not_of('\t'), line.size()));
    }
    if (line == heredoc.name) {
      return body;
    }
    body += line;
    body += '\n';
  }
  throw Problem{.message = "unterminated heredoc",
                .line = begun,
                .word = heredoc.name,
                .hint = "end it with a line that is '" + heredoc.name +
                        "' and nothing else"};
}

}  // namespace docker_cpp::dockerfile
