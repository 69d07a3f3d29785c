// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <ranges>
#include <utility>

#include "control_file.hpp"
#include "setting.hpp"

#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/trace.hpp"

namespace docker_cpp::cgroups {
namespace {

/// Writes settings, remembering how to take them back.
class Writer {
 public:
  explicit Writer(const FindDirectory& find) : find_(find) {}

  ~Writer() {
    for (const auto& undo : std::views::reverse(done_)) {
      for (const std::string_view line : split(undo.old, "\n")) {
        // The kernel took this very value before; there is nobody to tell.
        static_cast<void>(cgroups::write(*undo.directory, undo.file, line));
      }
    }
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  Writer(Writer&&) = delete;
  Writer& operator=(Writer&&) = delete;

  sys::Result<void> write(const Setting& setting) {
    const sys::TraceStep trace(setting.what.c_str());
    const ControlDirectory* directory = find_(setting.controller);
    if (directory == nullptr) {
      return absent(setting);
    }
    auto put = write_file(*directory, setting, setting.file, setting.value);
    if (!put && put.error().code == ENOENT && !setting.other_file.empty()) {
      put = write_file(*directory, setting, setting.other_file,
                       setting.other_value);
    }
    return !put && put.error().code == ENOENT ? absent(setting) : put;
  }

  void commit() { done_.clear(); }

 private:
  struct Undo {
    const ControlDirectory* directory;
    std::string file;
    std::string old;
  };

  static sys::Result<void> absent(const Setting& setting) {
    if (setting.lifts) {
      return {};
    }
    return std::unexpected(sys::SysError{.code = ENOENT, .call = "open"});
  }

  static std::string previous(const Setting& setting, const std::string& text) {
    if (setting.file == "memory.oom_control") {
      const auto words = split(text, " \n");
      return words.size() > 1 ? std::string(words[1]) : "0";
    }
    if (setting.undo.empty()) {
      return text;
    }
    const std::string key(split(setting.value, " ").front());
    for (const std::string_view line : split(text, "\n")) {
      if (line.starts_with(key + " ")) {
        return std::string(line);
      }
    }
    return setting.undo;
  }

  sys::Result<void> write_file(const ControlDirectory& directory,
                               const Setting& setting, const std::string& file,
                               const std::string& value) {
    const auto text = read(directory, file);
    const auto put = cgroups::write(directory, file, value);
    if (put && text) {
      done_.push_back({&directory, file, previous(setting, *text)});
    }
    return put;
  }

  const FindDirectory& find_;
  std::vector<Undo> done_;
};

/// What may help the reader of the message: the numbers the kernel compared.
std::string circumstances(const Setting& setting,
                          const ControlDirectory* directory) {
  if (setting.controller == "memory") {
    const char* usage = directory->hierarchy.unified ? "memory.current"
                                                     : "memory.usage_in_bytes";
    if (const auto used = number_of(directory, usage)) {
      return "; " + std::to_string(*used) + " bytes are in use";
    }
  }
  if (setting.controller == "cpuset") {
    const std::string file = directory->hierarchy.unified
                                 ? "../" + setting.file + ".effective"
                                 : "../" + setting.file;
    const std::string parent = text_of(directory, file);
    return "; there are " + parent.substr(0, parent.find('\n'));
  }
  return setting.bounds.empty() ? "" : "; the kernel takes " + setting.bounds;
}

[[noreturn]] void tell(const Setting& setting, const FindDirectory& find,
                       const sys::SysError& error) {
  const ControlDirectory* directory = find(setting.controller);
  const std::string doing = "set the " + setting.what + " to " + setting.value;
  if (directory == nullptr) {
    throw Error(error, doing + ": no " + setting.controller +
                           " controller for " + setting.file);
  }
  throw Error(error, doing + ": write " + directory->path + "/" + setting.file +
                         circumstances(setting, directory));
}

}  // namespace

void refuse(const std::string& what, const std::string& value,
            const std::string& bounds) {
  throw Error(
      {.code = EINVAL, .call = "check"},
      "set the " + what + " to " + value + "; the kernel takes " + bounds);
}

void write_settings(const std::vector<Setting>& settings,
                    const FindDirectory& find,
                    const std::function<void()>& last) {
  Writer writer(find);
  std::vector<const Setting*> again;
  for (const Setting& setting : settings) {
    const auto put = writer.write(setting);
    if (!put && put.error().code == EINVAL) {
      // Memory against memory plus swap, quota against period: which of the
      // two has to move first depends on where both stand.
      again.push_back(&setting);
    } else if (!put) {
      tell(setting, find, put.error());
    }
  }
  for (const Setting* setting : again) {
    if (const auto put = writer.write(*setting); !put) {
      tell(*setting, find, put.error());
    }
  }
  last();
  writer.commit();
}

}  // namespace docker_cpp::cgroups
