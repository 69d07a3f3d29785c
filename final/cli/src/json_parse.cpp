// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "docker_cpp/cli/value.hpp"

// The one translation unit that pays for nlohmann's header: its SAX parser
// feeds our tree, which keeps the order of members.
namespace docker_cpp::cli {
namespace {

constexpr std::size_t deepest = 512;  // a stack is not endless

class Builder {
 public:
  using json = nlohmann::json;

  bool null() { return put(Value()); }
  bool boolean(bool flag) { return put(Value(flag)); }
  bool number_integer(json::number_integer_t number) {
    return put(Value(number));
  }
  bool number_unsigned(json::number_unsigned_t number) {
    return put(number > INT64_MAX ? Value(number)
                                  : Value(static_cast<std::int64_t>(number)));
  }
  bool number_float(json::number_float_t number, const std::string&) {
    return put(Value(number));
  }
  bool string(std::string& text) { return put(Value(std::move(text))); }
  bool binary(json::binary_t&) { return false; }
  bool start_object(std::size_t) { return open(Value::object()); }
  bool start_array(std::size_t) { return open(Value::array()); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool key(std::string& name) {
    open_.back().key = std::move(name);
    return true;
  }
  bool parse_error(std::size_t, const std::string&,
                   const nlohmann::detail::exception& cause) {
    error = cause.what();
    return false;
  }

  Value root;
  std::string error;

 private:
  struct Level {
    Value value;
    std::string key;
  };

  bool open(Value value) {
    if (open_.size() >= deepest) {
      error = "nested too deeply";
      return false;
    }
    open_.push_back({.value = std::move(value), .key = {}});
    return true;
  }

  bool close() {
    auto value = std::move(open_.back().value);
    open_.pop_back();
    return put(std::move(value));
  }

  bool put(Value value) {
    if (open_.empty()) {
      root = std::move(value);
    } else if (open_.back().value.is_array()) {
      open_.back().value.append(std::move(value));
    } else {
      auto& level = open_.back();
      level.value.set(level.key, std::move(value));
    }
    return true;
  }

  std::vector<Level> open_;
};

}  // namespace

std::expected<Value, std::string> parse_json(std::string_view text) {
  Builder builder;
  if (!nlohmann::json::sax_parse(text.begin(), text.end(), &builder)) {
    return std::unexpected(builder.error.empty() ? "not JSON" : builder.error);
  }
  return std::move(builder.root);
}

}  // namespace docker_cpp::cli
