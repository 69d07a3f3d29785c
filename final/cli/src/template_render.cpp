// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "template_tree.hpp"

#include "docker_cpp/cli/template.hpp"
#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli {
namespace templates {
namespace {

// The daemon writes null where Go's client has an empty map, an empty slice or
// no pointer, and docker prints the three differently. JSON does not tell them
// apart; the field's name does.
constexpr std::array map_fields = {
    "Labels",     "Volumes",  "ExposedPorts", "PortBindings", "Ports",
    "Options",    "Sysctls",  "Tmpfs",        "Annotations",  "StorageOpt",
    "DriverOpts", "Networks", "Config",       "Containers",   "Data"};
/// Nanoseconds, which docker prints as "1m30s".
constexpr std::array duration_fields = {"Interval", "Timeout", "StartPeriod",
                                        "StartInterval"};
constexpr std::array pointer_fields = {"Health",
                                       "Healthcheck",
                                       "Init",
                                       "OomKillDisable",
                                       "MemorySwappiness",
                                       "PidsLimit",
                                       "IPAMConfig",
                                       "StopTimeout",
                                       "KernelMemory",
                                       "Descriptor",
                                       "SizeRw",
                                       "SizeRootFs",
                                       "UsageData",
                                       "ImageManifestDescriptor"};

template <std::size_t Count>
bool is_one_of(const std::array<const char*, Count>& names,
               const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

enum class Flow : std::uint8_t { on, end_loop, next_round };

/// A value, and the field it came from, which tells what its null means.
struct Result {
  Value value;
  std::string field;
  bool missing = false;
};

/// As Go prints a duration: "1h0m0s", "1m30s", "1.5s", "200ms".
std::string go_duration(std::int64_t nanoseconds) {
  constexpr std::int64_t second = 1'000'000'000;
  const auto decimal = [](std::int64_t value, std::int64_t unit) {
    auto text = std::to_string(value % unit + unit).substr(1);
    text.erase(text.find_last_not_of('0') + 1);
    return std::to_string(value / unit) + (text.empty() ? "" : "." + text);
  };
  if (nanoseconds == 0) {
    return "0s";
  }
  if (nanoseconds < second) {
    return nanoseconds < second / 1000
               ? decimal(nanoseconds, 1000) + "µs"
               : decimal(nanoseconds, second / 1000) + "ms";
  }
  const auto minutes = nanoseconds / second / 60;
  return (minutes >= 60 ? std::to_string(minutes / 60) + "h" : "") +
         (minutes > 0 ? std::to_string(minutes % 60) + "m" : "") +
         decimal(nanoseconds % (60 * second), second) + "s";
}

class Renderer {
 public:
  Renderer(const Value& data, Template::Naming naming) : naming_(naming) {
    variables_.push_back({"$", data});
  }

  std::string run(const Block& block) {
    const Value data = variables_.front().value;
    static_cast<void>(render(block, data));
    return std::move(out_);
  }

 private:
  struct Named {
    std::string name;
    Value value;
  };

  Flow render(const Block& block, const Value& dot) {
    const auto scope = variables_.size();
    auto flow = Flow::on;
    for (const auto& node : block.nodes) {
      flow = std::visit([&](const auto& one) { return show(one, dot); }, node);
      if (flow != Flow::on) {
        break;
      }
    }
    variables_.resize(scope);
    return flow;
  }

  Flow show(const Text& text, const Value&) {
    out_ += text.text;
    return Flow::on;
  }

  Flow show(const Leave& leave, const Value&) {
    return leave.kind == Leave::Kind::end_loop ? Flow::end_loop
                                               : Flow::next_round;
  }

  Flow show(const Action& action, const Value& dot) {
    const auto result = evaluate(action.pipeline, dot);
    if (action.pipeline.variables.empty()) {
      out_ += shown(result);
      return Flow::on;
    }
    store(action.pipeline, result.value);
    return Flow::on;
  }

  Flow show(const Branch& branch, const Value& dot) {
    const auto scope = variables_.size();
    const auto value = evaluate(branch.pipeline, dot).value;
    auto flow = Flow::on;
    if (branch.kind == Branch::Kind::range) {
      flow = repeat(branch, value, dot);
    } else {
      if (!branch.pipeline.variables.empty()) {
        store(branch.pipeline, value);
      }
      const bool yes = is_true(value);
      const auto& block = yes ? branch.then : branch.otherwise;
      if (block) {
        flow = render(*block,
                      yes && branch.kind == Branch::Kind::with ? value : dot);
      }
    }
    variables_.resize(scope);
    return flow;
  }

  Flow repeat(const Branch& branch, const Value& value, const Value& dot) {
    const auto& names = branch.pipeline.variables;
    const auto once = [&](const Value& key, const Value& item) {
      const auto scope = variables_.size();
      if (names.size() == 2) {
        variables_.push_back({names[0], key});
      }
      if (!names.empty()) {
        variables_.push_back({names.back(), item});
      }
      const auto flow = render(*branch.then, item);
      variables_.resize(scope);
      return flow != Flow::end_loop;
    };
    if (value.size() == 0 || value.is_string()) {
      return branch.otherwise ? render(*branch.otherwise, dot) : Flow::on;
    }
    std::int64_t index = 0;
    for (const auto& item : value.items()) {
      if (!once(Value(index++), item)) {
        return Flow::on;
      }
    }
    auto members = value.members();  // Go visits a map in the order of keys
    std::ranges::sort(members, {}, &Member::key);
    for (const auto& member : members) {
      if (!once(Value(member.key), member.value)) {
        return Flow::on;
      }
    }
    return Flow::on;
  }

  void store(const Pipeline& pipeline, const Value& value) {
    const auto& name = pipeline.variables.back();
    if (!pipeline.assigns) {
      variables_.push_back({name, value});
      return;
    }
    variable(name) = value;
  }

  Value& variable(const std::string& name) {
    for (auto at = variables_.rbegin(); at != variables_.rend(); ++at) {
      if (at->name == name) {
        return at->value;
      }
    }
    throw Stop{"undefined variable " + quote(name)};
  }

  Result evaluate(const Pipeline& pipeline, const Value& dot) {
    Result result;
    bool piped = false;
    for (const auto& command : pipeline.commands) {
      result = evaluate(command, dot, piped ? &result.value : nullptr);
      piped = true;
    }
    return result;
  }

  /// `{{.Label "name"}}`, the one method of the rows that docker lists.
  static Value label(const Value& row, const std::string& name) {
    for (const auto& one : split(row["Labels"].text(), ",")) {
      if (cut(one, '=').first == name) {
        return cut(one, '=').second;
      }
    }
    return "";
  }

  Result evaluate(const Command& command, const Value& dot,
                  const Value* piped) {
    const auto& first = command.operands.front();
    const auto* function = std::get_if<Operand::Function>(&first.start);
    if (function == nullptr) {
      if (command.operands.size() == 2 && first.fields.size() == 1 &&
          first.fields[0] == "Label") {
        const auto name = evaluate(command.operands[1], dot).value;
        return {.value = label(dot, name.text()), .field = {}};
      }
      if (command.operands.size() > 1 || piped != nullptr) {
        throw Stop{"can't give argument to non-function"};
      }
      return evaluate(first, dot);
    }
    std::vector<Value> arguments;
    for (std::size_t i = 1; i < command.operands.size(); ++i) {
      arguments.push_back(evaluate(command.operands[i], dot).value);
    }
    if (piped != nullptr) {
      arguments.push_back(*piped);
    }
    return {.value = call_function(function->name, arguments), .field = {}};
  }

  Result evaluate(const Operand& operand, const Value& dot) {
    Result result;
    if (const auto* literal = std::get_if<Operand::Literal>(&operand.start)) {
      result.value = literal->value;
    } else if (const auto* name =
                   std::get_if<Operand::Variable>(&operand.start)) {
      result.value = variable(name->name);
    } else if (const auto* nested =
                   std::get_if<Operand::Nested>(&operand.start)) {
      result = evaluate(*nested->pipeline, dot);
    } else if (const auto* function =
                   std::get_if<Operand::Function>(&operand.start)) {
      result.value = call_function(function->name, {});
    } else {
      result.value = dot;
    }
    for (const auto& field : operand.fields) {
      result = member(result, field, operand);
    }
    return result;
  }

  Result member(const Result& of, const std::string& field,
                const Operand& operand) {
    const auto* found = of.value.find(field);
    if (found != nullptr) {
      return {.value = *found, .field = field};
    }
    if (naming_.gaps || is_one_of(map_fields, of.field) || of.value.is_null()) {
      return {.value = {}, .field = field, .missing = true};
    }
    // Go's structs have these always; the daemon leaves them out when unset.
    if (of.value.is_object() && naming_.type.empty() &&
        is_one_of(pointer_fields, field)) {
      return {.value = {}, .field = field};
    }
    throw Stop{where(operand, field)};
  }

  [[nodiscard]] std::string where(const Operand& operand,
                                  const std::string& field) const {
    auto path = std::string("<");
    for (const auto& one : operand.fields) {
      path += "." + one;
    }
    const auto place = "template: :1:" + std::to_string(operand.column) +
                       ": executing \"\" at " + path + ">: ";
    if (naming_.type.empty()) {
      return place + "map has no entry for key " + quote(field);
    }
    return place + "can't evaluate field " + field + " in type " +
           std::string(naming_.type);
  }

  static std::string shown(const Result& result) {
    if (result.missing) {
      return "<no value>";
    }
    if (!result.value.is_null()) {
      return is_one_of(duration_fields, result.field)
                 ? go_duration(result.value.number())
                 : print_go(result.value);
    }
    if (result.field.empty() || is_one_of(pointer_fields, result.field)) {
      return "<nil>";
    }
    return is_one_of(map_fields, result.field) ? "map[]" : "[]";
  }

  Template::Naming naming_;
  std::vector<Named> variables_;
  std::string out_;
};

}  // namespace
}  // namespace templates

Parsed<Template> Template::parse(std::string_view text) {
  try {
    return Template(templates::parse_template(text));
  } catch (const templates::Stop& stop) {
    return std::unexpected("template: :1: " + stop.reason);
  }
}

Parsed<std::string> Template::render(const Value& data, Naming naming) const {
  try {
    return templates::Renderer(data, naming).run(*root_);
  } catch (const templates::Stop& stop) {
    return std::unexpected(stop.reason.starts_with("template:")
                               ? stop.reason
                               : "template: :1: " + stop.reason);
  }
}

std::string print_go(const Value& value) {
  if (value.is_string()) {
    return value.text();
  }
  if (value.is_null()) {
    return "<nil>";
  }
  if (value.is_array()) {
    std::string text = "[";
    for (const auto& item : value.items()) {
      text += &item == value.items().data() ? "" : " ";
      text += print_go(item);
    }
    return text + "]";
  }
  if (value.is_object()) {
    auto members = value.members();
    std::ranges::sort(members, {}, &Member::key);
    std::string text = "map[";
    for (const auto& member : members) {
      text += &member == members.data() ? "" : " ";
      // Where a set is meant, Go has a map to empty structs.
      const bool nothing = member.value.is_object() && member.value.size() == 0;
      text += member.key + ":" + (nothing ? "{}" : print_go(member.value));
    }
    return text + "]";
  }
  return print_json(value);
}

}  // namespace docker_cpp::cli
