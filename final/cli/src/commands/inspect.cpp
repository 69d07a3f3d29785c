// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <optional>

#include "commands/commands.hpp"
#include "commands/support.hpp"

#include "docker_cpp/cli/template.hpp"
#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli::commands {

namespace {

using Finder = std::function<Value(const std::string&)>;

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

std::string size_query(const Arguments& arguments) {
  return arguments.flag("size") ? "?size=1" : "";
}

struct ObjectType {
  std::string_view name;
  std::string (*path)(const std::string& name, const std::string& query);
};

/// In the order in which a name without --type is looked for.
constexpr std::array types = {
    ObjectType{"container",
               [](const std::string& name, const std::string& query) {
                 return container_path(name, "/json" + query);
               }},
    ObjectType{"image",
               [](const std::string& name, const std::string&) {
                 return image_path(name, "/json");
               }},
    ObjectType{"network",
               [](const std::string& name, const std::string&) {
                 return "/networks/" + http::escape(name);
               }},
    ObjectType{"volume",
               [](const std::string& name, const std::string&) {
                 return "/volumes/" + http::escape(name);
               }},
    ObjectType{"plugin", [](const std::string& name, const std::string&) {
                 return "/plugins/" + http::escape_path(name) + "/json";
               }}};

Value find_any(Engine& engine, const Arguments& arguments,
               const std::string& name) {
  for (const auto& type : types) {
    try {
      return engine.get(type.path(name, size_query(arguments)));
    } catch (const DaemonFailure& failure) {
      // 404 asks the next one; so does a kind of object that the daemon does
      // not serve at all.
      if (failure.status() != 404 && failure.status() != 501 &&
          failure.status() != 503) {
        throw;
      }
    }
  }
  throw Failure("Error: No such object: " + name);
}

Value find_typed(Engine& engine, const ObjectType& type,
                 const Arguments& arguments, const std::string& name) {
  return engine.get(type.path(name, size_query(arguments)));
}

int inspect_type(Context& context, const Arguments& arguments,
                 std::string_view wanted) {
  const auto* type = std::ranges::find(types, wanted, &ObjectType::name);
  if (type == types.end()) {
    throw Failure(
        "unknown type: " + quote(wanted) +
        ": must be one of \"config\", \"container\", \"image\", \"network\", "
        "\"node\", \"plugin\", \"secret\", \"service\", \"task\", \"volume\"");
  }
  return Inspection(arguments.text("format"))
      .run(arguments.words, [&](const std::string& name) {
        return find_typed(context.engine, *type, arguments, name);
      });
}

}  // namespace

int inspect(Context& context, const Arguments& arguments) {
  if (const auto type = arguments.text("type"); !type.empty()) {
    return inspect_type(context, arguments, type);
  }
  return Inspection(arguments.text("format"))
      .run(arguments.words, [&](const std::string& name) {
        return find_any(context.engine, arguments, name);
      });
}

int container_inspect(Context& context, const Arguments& arguments) {
  return inspect_type(context, arguments, "container");
}

int network_inspect(Context& context, const Arguments& arguments) {
  return inspect_type(context, arguments, "network");
}

int image_inspect(Context& context, const Arguments& arguments) {
  return inspect_type(context, arguments, "image");
}

}  // namespace docker_cpp::cli::commands
