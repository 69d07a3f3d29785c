// SPDX-License-Identifier: Apache-2.0
#include "commands/inspection.hpp"

#include <optional>

#include "docker_cpp/cli/failure.hpp"
#include "docker_cpp/cli/template.hpp"
#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli {
namespace {

/// Since API 1.50 an image's configuration has only what is set; a template
/// may ask for the rest, too, as Go's fields are always there.
void complete_image(Value& image) {
  Value* config =
      image.find("RootFS") == nullptr ? nullptr : &image.member("Config");
  if (config == nullptr || !config->is_object()) {
    return;
  }
  for (const char* text : {"User", "WorkingDir", "StopSignal"}) {
    if (config->find(text) == nullptr) {
      config->set(text, "");
    }
  }
  for (const char* none :
       {"ExposedPorts", "Env", "Cmd", "Entrypoint", "Volumes", "Labels",
        "OnBuild", "Shell", "Healthcheck"}) {
    if (config->find(none) == nullptr) {
      config->set(none, Value());
    }
  }
}

/// Collects what was found, as one JSON array or through a template, and what
/// was not.
class Inspection {
 public:
  explicit Inspection(const std::string& format) {
    if (format.empty()) {
      return;
    }
    auto parsed = Template::parse(format == "json" ? "{{json .}}" : format);
    if (!parsed) {
      throw Failure("template parsing error: " + parsed.error(), 64);
    }
    template_ = *std::move(parsed);
  }

  int run(const std::vector<std::string>& names, const Finder& find) {
    for (const auto& name : names) {
      try {
        add(find(name));
      } catch (const NoDaemon&) {
        throw;
      } catch (const Failure& failure) {
        failures_.push_back(failure.message());
      }
    }
    if (!template_) {
      out_ = found_.size() == 0 ? "[]\n"
                                : print_indented(found_, "", "    ") + "\n";
    }
    print(out_);
    if (failures_.empty()) {
      return 0;
    }
    print_error(join(failures_, "\n") + "\n");
    return 1;
  }

 private:
  void add(Value value) {
    if (!template_) {
      found_.append(std::move(value));
      return;
    }
    complete_image(value);
    const auto text = template_->render(value);
    if (!text) {
      out_ += "\n";
      throw Failure("template parsing error: " + text.error());
    }
    out_ += *text + "\n";
  }

  std::optional<Template> template_;
  Value found_ = Value::array();
  std::string out_;
  std::vector<std::string> failures_;
};

}  // namespace

int inspect_all(const std::string& format,
                const std::vector<std::string>& names, const Finder& find) {
  return Inspection(format).run(names, find);
}

}  // namespace docker_cpp::cli
