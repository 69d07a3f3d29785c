// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <charconv>
#include <cmath>

#include "docker_cpp/cli/value.hpp"

namespace docker_cpp::cli {
namespace {

enum class Html : bool { keep, escape };

class Printer {
 public:
  Printer(Html html, std::string_view prefix, std::string_view indent)
      : html_(html), prefix_(prefix), indent_(indent) {}

  void print(const Value& value) {
    std::visit([this](const auto& data) { write(data); }, value.data());
  }

  std::string out;

 private:
  void write(std::nullptr_t) { out += "null"; }
  void write(bool flag) { out += flag ? "true" : "false"; }
  void write(std::int64_t number) { out += std::to_string(number); }
  void write(std::uint64_t number) { out += std::to_string(number); }
  void write(double number);
  void write(const std::string& text);
  void write(const Value::Array& items);
  void write(const Value::Object& members);
  void escape(unsigned char byte);

  void new_line() {
    if (!indent_.empty()) {
      out += '\n';
      out += prefix_;
      for (int i = 0; i < depth_; ++i) {
        out += indent_;
      }
    }
  }

  Html html_;
  std::string_view prefix_;
  std::string_view indent_;
  int depth_ = 0;
};

void Printer::write(double number) {
  std::array<char, 32> text{};
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), number).ptr;
  out += std::isfinite(number) ? std::string(text.data(), end) : "null";
}

void Printer::escape(unsigned char byte) {
  switch (byte) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    default:
      break;
  }
  constexpr std::string_view digits = "0123456789abcdef";
  out += "\\u00";
  out += digits[byte >> 4U];
  out += digits[byte & 15U];
}

void Printer::write(const std::string& text) {
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool html =
        html_ == Html::escape && (c == '<' || c == '>' || c == '&');
    if (byte < 0x20 || c == '"' || c == '\\' || html) {
      escape(byte);
    } else {
      out += c;
    }
  }
  out += '"';
}

void Printer::write(const Value::Array& items) {
  out += '[';
  ++depth_;
  for (std::size_t i = 0; i < items.size(); ++i) {
    out += i == 0 ? "" : ",";
    new_line();
    print(items[i]);
  }
  --depth_;
  if (!items.empty()) {
    new_line();
  }
  out += ']';
}

void Printer::write(const Value::Object& members) {
  out += '{';
  ++depth_;
  for (std::size_t i = 0; i < members.size(); ++i) {
    out += i == 0 ? "" : ",";
    new_line();
    write(members[i].key);
    out += indent_.empty() ? ":" : ": ";
    print(members[i].value);
  }
  --depth_;
  if (!members.empty()) {
    new_line();
  }
  out += '}';
}

}  // namespace

std::string print_json(const Value& value) {
  Printer printer(Html::escape, "", "");
  printer.print(value);
  return std::move(printer.out);
}

std::string print_indented(const Value& value, std::string_view prefix,
                           std::string_view indent) {
  Printer printer(Html::keep, prefix, indent);
  printer.print(value);
  return std::move(printer.out);
}

}  // namespace docker_cpp::cli
