// SPDX-License-Identifier: Apache-2.0
#include "compose/interpolate.hpp"

#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli::compose {
namespace {

struct Wrong {
  std::string reason;
};

class DotEnv {
 public:
  DotEnv(std::string_view text, const Variables& known)
      : rest_(text), known_(known) {}

  Variables run() {
    while (!rest_.empty()) {
      ++line_;
      entry();
    }
    return std::move(found_);
  }

 private:
  std::string_view take_line() {
    const auto end = rest_.find('\n');
    const auto line = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    return line;
  }

  void entry() {
    auto line = trim(take_line());
    if (line.empty() || line.front() == '#') {
      return;
    }
    if (line.starts_with("export ")) {
      line = trim(line.substr(7));
    }
    const auto equals = line.find_first_of("=:");
    const auto key = std::string(trim(line.substr(0, equals)));
    if (key.empty() || key.find_first_of(" \t\"'") != std::string::npos) {
      throw Wrong{"line " + std::to_string(line_) +
                  ": unexpected character in variable name " + quote(key)};
    }
    if (equals == std::string_view::npos) {
      if (const auto known = known_.find(key); known != known_.end()) {
        found_[key] = known->second;
      }
      return;
    }
    found_[key] = value(trim(line.substr(equals + 1)));
  }

  std::string value(std::string_view text) {
    if (text.starts_with('\'')) {
      return quoted(text, '\'');
    }
    if (text.starts_with('"')) {
      return expanded(unescaped(quoted(text, '"')));
    }
    const auto comment = text.find(" #");
    return expanded(std::string(trim(text.substr(0, comment))));
  }

  /// Up to the closing quote, over several lines if need be.
  std::string quoted(std::string_view text, char mark) {
    std::string out;
    text.remove_prefix(1);
    while (true) {
      for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && mark == '"' && i + 1 < text.size()) {
          out += text[i++];
        } else if (text[i] == mark) {
          return out;
        }
        out += text[i];
      }
      if (rest_.empty()) {
        throw Wrong{"line " + std::to_string(line_) +
                    ": unterminated quoted value"};
      }
      out += '\n';
      text = take_line();
      ++line_;
    }
  }

  static std::string unescaped(const std::string& text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '\\' || i + 1 == text.size()) {
        out += text[i];
        continue;
      }
      const char c = text[++i];
      out += c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
    }
    return out;
  }

  std::string expanded(const std::string& text) {
    auto all = known_;
    for (const auto& [key, value] : found_) {
      all.emplace(key, value);
    }
    std::vector<std::string> missing;
    auto out = interpolate(text, all, missing);
    if (!out) {
      throw Wrong{"line " + std::to_string(line_) + ": " + out.error()};
    }
    return *std::move(out);
  }

  std::string_view rest_;
  const Variables& known_;
  Variables found_;
  int line_ = 0;
};

}  // namespace

Parsed<Variables> parse_dotenv(const std::string& text,
                               const Variables& known) {
  try {
    return DotEnv(text, known).run();
  } catch (const Wrong& wrong) {
    return std::unexpected(wrong.reason);
  }
}

Parsed<std::vector<std::string>> shell_words(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  bool open = false;
  char mark = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\' && mark != '\'') {
      if (++i == text.size()) {
        return std::unexpected("EOF found after escape character");
      }
      const bool kept = mark == '"' && std::string_view("$`\"\\").find(
                                           text[i]) == std::string_view::npos;
      word += kept ? "\\" : "";
      word += text[i];
      open = true;
    } else if (mark != 0) {
      if (c == mark) {
        mark = 0;
      } else {
        word += c;
      }
    } else if (c == '\'' || c == '"') {
      mark = c;
      open = true;
    } else if (c == ' ' || c == '\t' || c == '\n') {
      if (open) {
        words.push_back(std::move(word));
        word.clear();
        open = false;
      }
    } else {
      word += c;
      open = true;
    }
  }
  if (mark != 0) {
    return std::unexpected("EOF found when expecting closing quote");
  }
  if (open) {
    words.push_back(std::move(word));
  }
  return words;
}

}  // namespace docker_cpp::cli::compose
