// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <optional>

#include "docker_cpp/cli/create_parts.hpp"
#include "docker_cpp/cli/text.hpp"

// `--mount` takes comma-separated values, each "key=value" or a bare flag.
namespace docker_cpp::cli {
namespace {

class MountParser {
 public:
  /// \returns what is wrong
  std::optional<std::string> take(const std::string& field) {
    const auto [key, value] = cut(field, '=');
    const bool has_value = field.find('=') != std::string::npos;
    const auto name = to_lower(key);
    if (name == "readonly" || name == "ro" || name == "volume-nocopy" ||
        name == "bind-nonrecursive") {
      return take_flag(name, has_value, value);
    }
    if (!has_value) {
      return "invalid field '" + field + "' must be a key=value pair";
    }
    if (take_plain(name, value)) {
      return std::nullopt;
    }
    if (name.starts_with("bind-")) {
      return take_bind(name, value, field);
    }
    if (name.starts_with("volume-") && take_volume(name, value)) {
      return std::nullopt;
    }
    if (name == "tmpfs-size" || name == "tmpfs-mode") {
      return take_tmpfs(name, value);
    }
    return "unexpected key '" + key + "' in '" + field + "'";
  }

  Parsed<Value> finish() {
    if (mount_["Target"].text().empty()) {
      return std::unexpected("target is required");
    }
    for (const auto& [kind, member] : {std::pair{"bind", "BindOptions"},
                                       std::pair{"volume", "VolumeOptions"},
                                       std::pair{"tmpfs", "TmpfsOptions"}}) {
      if (mount_.find(member) != nullptr && mount_["Type"].text() != kind) {
        return std::unexpected("cannot mix '" + std::string(kind) +
                               "-*' options with mount type '" +
                               mount_["Type"].text() + "'");
      }
    }
    return std::move(mount_);
  }

 private:
  bool take_plain(const std::string& name, const std::string& value) {
    if (name == "type") {
      mount_.set("Type", to_lower(value));
    } else if (name == "source" || name == "src") {
      mount_.set("Source", value);
    } else if (name == "target" || name == "dst" || name == "destination") {
      mount_.set("Target", value);
    } else if (name == "consistency") {
      mount_.set("Consistency", to_lower(value));
    } else {
      return false;
    }
    return true;
  }

  std::optional<std::string> take_flag(const std::string& name, bool has_value,
                                       const std::string& value) {
    const auto flag = has_value ? parse_bool(value) : Parsed<bool>(true);
    if (!flag) {
      return "invalid value for " + name + ": " + value;
    }
    if (name == "volume-nocopy") {
      mount_.member("VolumeOptions").set("NoCopy", *flag);
    } else if (name == "bind-nonrecursive") {
      mount_.member("BindOptions").set("NonRecursive", *flag);
    } else {
      mount_.set("ReadOnly", *flag);
    }
    return std::nullopt;
  }

  std::optional<std::string> take_bind(const std::string& name,
                                       const std::string& value,
                                       const std::string& field) {
    auto& options = mount_.member("BindOptions");
    if (name == "bind-propagation") {
      options.set("Propagation", to_lower(value));
      return std::nullopt;
    }
    if (name != "bind-recursive") {
      return "unexpected key '" + name + "' in '" + field + "'";
    }
    if (value == "disabled") {
      options.set("NonRecursive", true);
    } else if (value == "writable") {
      options.set("ReadOnlyNonRecursive", true);
    } else if (value == "readonly") {
      options.set("ReadOnlyForceRecursive", true);
    } else if (value != "enabled") {
      return "invalid value for bind-recursive: " + value +
             " (must be \"enabled\", \"disabled\", \"writable\", or "
             "\"readonly\")";
    }
    return std::nullopt;
  }

  bool take_volume(const std::string& name, const std::string& value) {
    auto& options = mount_.member("VolumeOptions");
    if (name == "volume-label") {
      const auto [key, text] = cut(value, '=');
      options.member("Labels").set(key, text);
    } else if (name == "volume-driver") {
      options.member("DriverConfig").set("Name", value);
    } else if (name == "volume-opt") {
      const auto [key, text] = cut(value, '=');
      options.member("DriverConfig").member("Options").set(key, text);
    } else if (name == "volume-subpath") {
      options.set("Subpath", value);
    } else {
      return false;
    }
    return true;
  }

  std::optional<std::string> take_tmpfs(const std::string& name,
                                        const std::string& value) {
    auto& options = mount_.member("TmpfsOptions");
    if (name == "tmpfs-size") {
      const auto size = parse_bytes(value);
      if (!size) {
        return "invalid value for " + name + ": " + value;
      }
      options.set("SizeBytes", *size);
      return std::nullopt;
    }
    std::uint32_t mode = 0;
    const auto* end = value.data() + value.size();
    const auto [stop, error] = std::from_chars(value.data(), end, mode, 8);
    if (error != std::errc{} || stop != end) {
      return "invalid value for " + name + ": " + value;
    }
    options.set("Mode", mode);
    return std::nullopt;
  }

  Value mount_ = Value::object().set("Type", "volume");
};

}  // namespace

Parsed<Value> parse_mount(const std::string& text) {
  if (trim(text).empty()) {
    return std::unexpected("value is empty");
  }
  MountParser parser;
  for (const auto& field : csv_fields(text)) {
    if (auto wrong = parser.take(field)) {
      return std::unexpected(*wrong);
    }
  }
  return parser.finish();
}

}  // namespace docker_cpp::cli
