// SPDX-License-Identifier: Apache-2.0
#include "config_changes.hpp"

#include <algorithm>
#include <cctype>
#include <string_view>

#include <nlohmann/json.hpp>

#include "docker_cpp/daemon/api_error.hpp"

namespace docker_cpp::daemon {
namespace {

using nlohmann::json;

[[noreturn]] void refuse(const std::string& why) {
  throw ApiError(ErrorCode::invalid_argument, why);
}

std::string_view trimmed(std::string_view text) {
  const auto blank = [](char c) {
    return c == ' ' || c == '\t' || c == '\n';
  };
  while (!text.empty() && blank(text.front())) {
    text.remove_prefix(1);
  }
  while (!text.empty() && blank(text.back())) {
    text.remove_suffix(1);
  }
  return text;
}

std::string upper(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) {
    return static_cast<char>(std::toupper(c));
  });
  return out;
}

/// Words as a shell splits them: quotes and backslashes taken away.
Strings words_of(std::string_view text) {
  Strings words;
  std::string word;
  bool inside = false;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != 0 && c == quote) {
      quote = 0;
    } else if (c == '\\' && quote != '\'' && i + 1 < text.size()) {
      word += text[++i];
      inside = true;
    } else if (quote == 0 && (c == '"' || c == '\'')) {
      quote = c;
      inside = true;
    } else if (quote == 0 && (c == ' ' || c == '\t')) {
      if (inside) {
        words.push_back(std::exchange(word, {}));
      }
      inside = false;
    } else {
      word += c;
      inside = true;
    }
  }
  if (quote != 0) {
    refuse("unexpected end of statement while looking for matching quote: " +
           std::string(text));
  }
  if (inside) {
    words.push_back(std::move(word));
  }
  return words;
}

/// ["a", "b"], or nothing when the text is not such a list.
json json_list(std::string_view text) {
  const json list = json::parse(text, nullptr, false);
  const bool good = list.is_array() &&
                    std::ranges::all_of(
                        list, [](const json& one) { return one.is_string(); });
  return good ? list : json();
}

json command_of(std::string_view rest) {
  if (json list = json_list(rest); !list.is_null()) {
    return list;
  }
  return {"/bin/sh", "-c", rest};
}

/// "K=V" pairs; the old form `K V...` has one.
std::vector<std::pair<std::string, std::string>> pairs_of(
    const std::string& name, std::string_view rest) {
  std::vector<std::pair<std::string, std::string>> pairs;
  const Strings words = words_of(rest);
  if (words.empty()) {
    refuse(name + " requires at least one argument");
  }
  if (words[0].find('=') == std::string::npos) {
    if (words.size() < 2) {
      refuse(name + " must have two arguments");
    }
    const std::string_view value =
        trimmed(rest.substr(rest.find(words[0]) + words[0].size()));
    return {{words[0], std::string(value)}};
  }
  for (const std::string& word : words) {
    const std::size_t equal = word.find('=');
    if (equal == std::string::npos) {
      refuse("Syntax error - can't find = in \"" + word +
             "\". Must be of the form: name=value");
    }
    if (equal == 0) {
      refuse(name + " names can not be blank");
    }
    pairs.emplace_back(word.substr(0, equal), word.substr(equal + 1));
  }
  return pairs;
}

json& object_in(json& config, const char* key) {
  json& value = config[key];
  if (!value.is_object()) {
    value = json::object();
  }
  return value;
}

json& list_in(json& config, const char* key) {
  json& value = config[key];
  if (!value.is_array()) {
    value = json::array();
  }
  return value;
}

std::string key_of(const json& entry) {
  const auto text = entry.get<std::string>();
  return text.substr(0, text.find('='));
}

void set_env(json& list, const std::string& key, const std::string& entry) {
  const auto same = std::ranges::find_if(
      list, [&](const json& one) { return key_of(one) == key; });
  if (same == list.end()) {
    list.push_back(entry);
  } else {
    *same = entry;
  }
}

void set_working_dir(json& config, const std::string& path) {
  const std::string old = config.value("WorkingDir", "");
  config["WorkingDir"] =
      path.starts_with('/')
          ? path
          : (old.empty() || old == "/" ? "" : old) + "/" + path;
}

void set_healthcheck(json& config, std::string_view rest) {
  if (upper(rest) == "NONE") {
    config["Healthcheck"] = {{"Test", {"NONE"}}};
    return;
  }
  const std::size_t at = upper(rest).find("CMD");
  if (at == std::string::npos) {
    refuse("Unknown type \"" + std::string(rest) +
           "\" in HEALTHCHECK (try CMD)");
  }
  const std::string_view command = trimmed(rest.substr(at + 3));
  json test = json_list(command);
  if (test.is_null()) {
    test = {"CMD-SHELL", command};
  } else {
    test.insert(test.begin(), "CMD");
  }
  config["Healthcheck"] = {{"Test", std::move(test)}};
}

void expose(json& config, std::string_view rest) {
  for (const std::string& port : words_of(rest)) {
    object_in(
        config,
        "ExposedPorts")[port.find('/') == std::string::npos ? port + "/tcp"
                                                            : port] =
        json::object();
  }
}

void add_volumes(json& config, std::string_view rest) {
  json list = json_list(rest);
  if (list.is_null()) {
    list = words_of(rest);
  }
  for (const json& one : list) {
    if (one.get<std::string>().empty()) {
      refuse("VOLUME specified can not be an empty string");
    }
    object_in(config, "Volumes")[one.get<std::string>()] = json::object();
  }
}

void apply(json& config, const std::string& name, std::string_view rest) {
  if (name == "CMD") {
    config["Cmd"] = command_of(rest);
  } else if (name == "ENTRYPOINT") {
    config["Entrypoint"] = command_of(rest);
  } else if (name == "ENV") {
    for (const auto& [key, value] : pairs_of(name, rest)) {
      set_env(list_in(config, "Env"), key, key + "=" + value);
    }
  } else if (name == "LABEL") {
    for (const auto& [key, value] : pairs_of(name, rest)) {
      object_in(config, "Labels")[key] = value;
    }
  } else if (name == "EXPOSE") {
    expose(config, rest);
  } else if (name == "VOLUME") {
    add_volumes(config, rest);
  } else if (name == "WORKDIR") {
    set_working_dir(config, std::string(rest));
  } else if (name == "USER") {
    config["User"] = rest;
  } else if (name == "STOPSIGNAL") {
    config["StopSignal"] = rest;
  } else if (name == "ONBUILD") {
    list_in(config, "OnBuild").push_back(rest);
  } else if (name == "HEALTHCHECK") {
    set_healthcheck(config, rest);
  } else {
    std::string low = name;
    std::ranges::transform(low, low.begin(), [](unsigned char c) {
      return static_cast<char>(std::tolower(c));
    });
    refuse(low + " is not a valid change command");
  }
}

bool is_missing(const json& config, const char* key) {
  const auto found = config.find(key);
  return found == config.end() || found->is_null() ||
         (found->is_string() && found->get<std::string>().empty()) ||
         (found->is_array() && found->empty()) ||
         (found->is_object() && found->empty());
}

void join_objects(json& config, const json& base, const char* key) {
  if (is_missing(base, key)) {
    return;
  }
  json& to = object_in(config, key);
  for (const auto& [name, value] : base[key].items()) {
    if (!to.contains(name)) {
      to[name] = value;
    }
  }
}

}  // namespace

void apply_changes(json& config, const Strings& instructions) {
  for (const std::string& instruction : instructions) {
    // One parameter may carry several lines.
    for (std::string_view left = instruction; !left.empty();) {
      const std::size_t end = std::min(left.find('\n'), left.size());
      const std::string_view line = trimmed(left.substr(0, end));
      left.remove_prefix(std::min(end + 1, left.size()));
      if (line.empty()) {
        continue;
      }
      const std::size_t space =
          std::min(line.find_first_of(" \t"), line.size());
      const std::string name = upper(line.substr(0, space));
      const std::string_view rest = trimmed(line.substr(space));
      if (rest.empty()) {
        refuse(name + " requires at least one argument");
      }
      apply(config, name, rest);
    }
  }
}

void fill_from(json& config, const json& base) {
  const bool no_entrypoint = is_missing(config, "Entrypoint");
  if (no_entrypoint) {
    if (is_missing(config, "Cmd")) {
      config["Cmd"] = base.value("Cmd", json());
    }
    config["Entrypoint"] = base.value("Entrypoint", json());
  }
  for (const char* key : {"User", "WorkingDir", "StopSignal", "StopTimeout",
                          "Healthcheck", "Shell", "OnBuild"}) {
    if (is_missing(config, key) && base.contains(key)) {
      config[key] = base[key];
    }
  }
  if (!is_missing(base, "Env")) {
    json env = base["Env"];
    for (const json& entry : list_in(config, "Env")) {
      set_env(env, key_of(entry), entry.get<std::string>());
    }
    config["Env"] = std::move(env);
  }
  for (const char* key : {"Labels", "ExposedPorts", "Volumes"}) {
    join_objects(config, base, key);
  }
}

}  // namespace docker_cpp::daemon
