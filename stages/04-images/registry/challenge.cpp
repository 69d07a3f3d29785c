// SPDX-License-Identifier: Apache-2.0
#include "challenge.hpp"

#include <algorithm>

namespace docker_cpp::images {
namespace {

constexpr std::string_view token_marks = "!#$%&'*+-.^_`|~";

bool is_token_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') ||
         token_marks.find(c) != std::string_view::npos;
}

/// What is left of the header, taken from its front.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool done() const { return rest_.empty(); }
  bool take(char c) {
    if (rest_.empty() || rest_[0] != c) {
      return false;
    }
    rest_.remove_prefix(1);
    return true;
  }
  void blanks() {
    const auto first = rest_.find_first_not_of(" \t");
    rest_.remove_prefix(std::min(first, rest_.size()));
  }
  void commas() {
    do {
      blanks();
    } while (take(','));
  }
  std::string token() {
    const auto* const end = std::ranges::find_if_not(rest_, is_token_char);
    const std::string word(rest_.begin(), end);
    rest_.remove_prefix(word.size());
    return word;
  }
  /// A parameter follows: a token and, after blanks, an equals sign that is
  /// not the padding of a token68.
  [[nodiscard]] bool at_parameter() const {
    Scanner ahead(rest_);
    if (ahead.token().empty()) {
      return false;
    }
    ahead.blanks();
    if (!ahead.take('=')) {
      return false;
    }
    ahead.blanks();
    return !ahead.done() && ahead.rest_[0] != '=' && ahead.rest_[0] != ',';
  }
  bool value(std::string& into) {
    if (!take('"')) {
      into = token();
      return !into.empty();
    }
    while (!rest_.empty() && rest_[0] != '"') {
      if (rest_[0] == '\\' && rest_.size() > 1) {
        rest_.remove_prefix(1);
      }
      into += rest_[0];
      rest_.remove_prefix(1);
    }
    return take('"');
  }
  void skip_token68() {
    const auto end = rest_.find_first_of(" \t,");
    rest_.remove_prefix(std::min(end, rest_.size()));
  }

 private:
  std::string_view rest_;
};

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  });
  return text;
}

/// False when what follows is not proper.
bool read_parameters(Scanner& scanner, Challenge& challenge) {
  while (scanner.at_parameter()) {
    const std::string name = lower(scanner.token());
    scanner.blanks();
    scanner.take('=');
    scanner.blanks();
    std::string value;
    if (!scanner.value(value)) {
      return false;
    }
    challenge.parameters.emplace(name, std::move(value));
    scanner.commas();
  }
  return true;
}

}  // namespace

std::vector<Challenge> parse_challenges(std::string_view header) {
  std::vector<Challenge> all;
  Scanner scanner(header);
  for (scanner.commas(); !scanner.done(); scanner.commas()) {
    Challenge challenge{.scheme = lower(scanner.token()), .parameters = {}};
    if (challenge.scheme.empty()) {
      break;
    }
    const bool more = scanner.take(' ');
    scanner.blanks();
    if (more && !scanner.at_parameter()) {
      scanner.skip_token68();
    }
    if (!read_parameters(scanner, challenge)) {
      break;
    }
    all.push_back(std::move(challenge));
  }
  return all;
}

}  // namespace docker_cpp::images
