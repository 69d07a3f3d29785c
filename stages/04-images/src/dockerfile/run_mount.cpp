// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/dockerfile/run_mount.hpp"

#include <charconv>
#include <utility>
#include <vector>

#include "text.hpp"

namespace docker_cpp::dockerfile {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

/// CSV as the flag has it: a field with a comma stands between quotes.
Fields split_fields(std::string_view text) {
  Fields fields;
  std::string field;
  bool quoted = false;
  const auto end = [&] {
    const std::size_t equals = field.find('=');
    fields.emplace_back(
        lowered(trim(field.substr(0, equals))),
        equals == std::string::npos ? "true" : field.substr(equals + 1));
    field.clear();
  };
  for (const char c : text) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      end();
    } else {
      field += c;
    }
  }
  end();
  return fields;
}

bool number(std::string_view text, int base, std::uint32_t& value) {
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, value, base);
  return error == std::errc{} && end == last;
}

bool bytes(std::string_view text, std::int64_t& value) {
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, value);
  const std::string unit = lowered({end, last});
  const unsigned shift = unit == "k" || unit == "kb"   ? 10
                         : unit == "m" || unit == "mb" ? 20
                         : unit == "g" || unit == "gb" ? 30
                                                       : 0;
  if (error != std::errc{} || value < 0 || value > (std::int64_t{1} << 32U) ||
      (shift == 0 && !unit.empty() && unit != "b")) {
    return false;
  }
  value <<= shift;
  return true;
}

bool truth(std::string_view text, bool& value) {
  const std::string word = lowered(text);
  value = word == "true" || word == "1";
  return value || word == "false" || word == "0";
}

bool set_type(RunMount& mount, std::string_view text) {
  using Type = RunMount::Type;
  const std::pair<std::string_view, Type> types[] = {{"bind", Type::bind},
                                                     {"cache", Type::cache},
                                                     {"tmpfs", Type::tmpfs},
                                                     {"secret", Type::secret},
                                                     {"ssh", Type::ssh}};
  for (const auto& [name, type] : types) {
    if (name == text) {
      mount.type = type;
      return true;
    }
  }
  return false;
}

bool set_sharing(RunMount& mount, std::string_view text) {
  using Sharing = RunMount::Sharing;
  mount.sharing = text == "private"  ? Sharing::exclusive
                  : text == "locked" ? Sharing::locked
                                     : Sharing::shared;
  return text == "shared" || text == "private" || text == "locked";
}

bool set_access(RunMount& mount, std::string_view key, std::string_view value) {
  bool yes = false;
  if (!truth(value, yes)) {
    return false;
  }
  mount.writable = (key == "rw" || key == "readwrite") == yes;
  return true;
}

enum class Known : std::uint8_t { good, bad_value, no_such_key };

Known set(RunMount& mount, const std::string& key, const std::string& value) {
  const auto judged = [](bool good) {
    return good ? Known::good : Known::bad_value;
  };
  if (key == "from") {
    mount.from = value;
  } else if (key == "source" || key == "src") {
    mount.source = value;
  } else if (key == "target" || key == "dst" || key == "destination") {
    mount.target = value;
  } else if (key == "id") {
    mount.id = value;
  } else if (key == "env") {
    mount.env = value;
  } else if (key == "uid") {
    return judged(number(value, 10, mount.uid));
  } else if (key == "gid") {
    return judged(number(value, 10, mount.gid));
  } else if (key == "mode") {
    std::uint32_t mode = 0;
    const bool good = number(value, 8, mode) && mode <= 07777;
    mount.mode = mode;
    return judged(good);
  } else if (key == "size") {
    return judged(bytes(value, mount.size));
  } else if (key == "sharing") {
    return judged(set_sharing(mount, value));
  } else if (key == "required") {
    return judged(truth(value, mount.required));
  } else if (key == "rw" || key == "readwrite" || key == "ro" ||
             key == "readonly") {
    return judged(set_access(mount, key, value));
  } else {
    return Known::no_such_key;
  }
  return Known::good;
}

std::string base_name(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

std::expected<RunMount, std::string> completed(RunMount mount) {
  using Type = RunMount::Type;
  if (mount.type == Type::secret) {
    if (mount.id.empty()) {
      mount.id = mount.source.empty() ? base_name(mount.target)
                                      : base_name(mount.source);
    }
    if (mount.id.empty()) {
      return std::unexpected(
          "invalid secret mount. one of source, target "
          "required");
    }
    if (mount.target.empty() && mount.env.empty()) {
      mount.target = "/run/secrets/" + mount.id;
    }
  } else if (mount.type == Type::ssh) {
    if (mount.id.empty()) {
      mount.id = "default";
    }
    if (mount.target.empty()) {
      mount.target = "/run/buildkit/ssh_agent.0";
    }
  } else if (mount.target.empty()) {
    return std::unexpected("target is required");
  } else if (mount.type == Type::cache && mount.id.empty()) {
    mount.id = mount.target;
  }
  return mount;
}

}  // namespace

std::expected<RunMount, std::string> parse_run_mount(std::string_view text) {
  RunMount mount;
  const Fields fields = split_fields(text);
  for (const auto& [key, value] : fields) {
    if (key == "type" && !set_type(mount, value)) {
      return std::unexpected("unsupported mount type \"" + value + "\"");
    }
  }
  mount.writable = mount.type == RunMount::Type::cache ||
                   mount.type == RunMount::Type::tmpfs;
  for (const auto& [key, value] : fields) {
    if (key == "type") {
      continue;
    }
    switch (set(mount, key, value)) {
      case Known::no_such_key:
        return std::unexpected("unexpected key '" + key + "' in '" +
                               std::string(text) + "'");
      case Known::bad_value:
        return std::unexpected("invalid value for " + key + ": " + value);
      case Known::good:
        break;
    }
  }
  return completed(std::move(mount));
}

}  // namespace docker_cpp::dockerfile
