// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/dockerfile/graph.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "text.hpp"

#include "docker_cpp/dockerfile/run_mount.hpp"

namespace docker_cpp::dockerfile {
namespace {

std::optional<std::string> value_of(const Variables& from,
                                    std::string_view name) {
  const auto found = from.find(name);
  return found == from.end() ? std::nullopt : std::optional(found->second);
}

class Planner {
 public:
  Planner(const Dockerfile& file, const GraphOptions& options)
      : file_(file),
        options_(options),
        platforms_(platform_variables(options)) {}

  Graph run() {
    for (std::size_t i = 0; i < file_.instructions.size(); ++i) {
      const Instruction& one = file_.instructions[i];
      try {
        read(one, i);
      } catch (Problem& problem) {
        problem.line = problem.line == 0 ? one.line : problem.line;
        throw;
      }
    }
    choose_target();
    mark(graph_.target);
    return std::move(graph_);
  }

 private:
  void read(const Instruction& one, std::size_t at) {
    if (one.keyword == Keyword::from) {
      begin_stage(one, at);
    } else if (graph_.stages.empty()) {
      read_global(one);
    } else {
      read_in_stage(one, at);
    }
  }

  std::optional<std::string> look_up(std::string_view name) const {
    const auto global = value_of(graph_.globals, name);
    return global ? global : value_of(platforms_, name);
  }

  std::string expand(std::string_view text) const {
    return Expander([this](std::string_view name) { return look_up(name); },
                    file_.escape)
        .word(text);
  }

  void read_global(const Instruction& arg) {
    for (const Pair& pair : arg.pairs) {
      graph_.consumed.insert(pair.key);
      if (auto given = value_of(options_.build_args, pair.key)) {
        graph_.globals[pair.key] = *std::move(given);
      } else if (pair.value) {
        graph_.globals[pair.key] = expand(*pair.value);
      }
    }
  }

  void begin_stage(const Instruction& from, std::size_t at) {
    Stage stage{.index = graph_.stages.size(),
                .name = from.words.size() == 3 ? lowered(from.words[2]) : "",
                .base = expand(from.words[0]),
                .base_stage = {},
                .platform = expand(from.value("platform")),
                .from = at,
                .end = at + 1,
                .needs = {}};
    if (stage.base.empty()) {
      throw Problem{
          .message = "base name (" + from.words[0] + ") should not be blank",
          .line = from.line,
          .word = from.words[0],
          .hint = "give its ARG a default above the first FROM"};
    }
    stage.base_stage = named(stage.base, stage.index);
    if (stage.base_stage) {
      stage.needs.insert(*stage.base_stage);
    }
    graph_.stages.push_back(std::move(stage));
  }

  /// FROM knows stages by name only: a number would be an image.
  std::optional<std::size_t> named(std::string_view name,
                                   std::size_t before) const {
    const std::string wanted = lowered(name);
    for (std::size_t i = before; i-- > 0;) {
      if (!graph_.stages[i].name.empty() && graph_.stages[i].name == wanted) {
        return i;
      }
    }
    return std::nullopt;
  }

  void read_in_stage(const Instruction& one, std::size_t at) {
    Stage& stage = graph_.stages.back();
    stage.end = at + 1;
    if (one.keyword == Keyword::arg) {
      for (const Pair& pair : one.pairs) {
        graph_.consumed.insert(pair.key);
      }
    }
    std::vector<std::string> sources;
    if (one.keyword == Keyword::copy) {
      sources.push_back(one.value("from"));
    }
    if (one.keyword == Keyword::run) {
      for (const std::string& text : one.values("mount")) {
        sources.push_back(mount_source(text));
      }
    }
    for (const std::string& source : sources) {
      if (options_.named_contexts.contains(source)) {
        continue;
      }
      if (const auto needed = graph_.find(source, stage.index)) {
        stage.needs.insert(*needed);
      }
    }
  }

  static std::string mount_source(const std::string& text) {
    const std::size_t at = text.starts_with("from=") ? 0 : text.find(",from=");
    if (at == std::string::npos) {
      return {};
    }
    const std::size_t begin = text.find('=', at) + 1;
    return text.substr(begin, text.find(',', begin) - begin);
  }

  void choose_target() {
    graph_.needed.resize(graph_.stages.size());
    graph_.target = graph_.stages.size() - 1;
    if (options_.target.empty()) {
      return;
    }
    const auto found = graph_.find(options_.target, graph_.stages.size());
    if (!found) {
      std::vector<std::string> names;
      for (const Stage& stage : graph_.stages) {
        names.push_back(stage.name);
      }
      const std::string near = nearest(lowered(options_.target), names);
      throw Problem{.message = "target stage \"" + options_.target +
                               "\" could not be found",
                    .line = 0,
                    .word = {},
                    .hint = near.empty() ? "" : "did you mean " + near + "?"};
    }
    graph_.target = *found;
  }

  void mark(std::size_t stage) {
    if (!graph_.needed[stage]) {
      graph_.needed[stage] = true;
      for (const std::size_t other : graph_.stages[stage].needs) {
        mark(other);
      }
    }
  }

  const Dockerfile& file_;
  const GraphOptions& options_;
  Variables platforms_;
  Graph graph_;
};

void add_platform(Variables& into, const std::string& prefix,
                  const std::string& platform) {
  std::array<std::string, 3> parts;
  std::size_t begin = 0;
  for (std::string& part : parts) {
    const std::size_t slash =
        std::min(platform.find('/', begin), platform.size());
    part = platform.substr(begin, slash - begin);
    begin = std::min(slash + 1, platform.size());
  }
  into[prefix + "PLATFORM"] = platform;
  into[prefix + "OS"] = parts[0];
  into[prefix + "ARCH"] = parts[1];
  into[prefix + "VARIANT"] = parts[2];
}

}  // namespace

std::optional<std::size_t> Graph::find(std::string_view name,
                                       std::size_t before) const {
  const std::string wanted = lowered(name);
  if (wanted.empty()) {
    return std::nullopt;
  }
  for (std::size_t i = before; i-- > 0;) {
    if (stages[i].name == wanted) {
      return i;
    }
  }
  std::size_t number = 0;
  const auto [end, error] =
      std::from_chars(wanted.data(), wanted.data() + wanted.size(), number);
  const bool whole =
      error == std::errc{} && end == wanted.data() + wanted.size();
  return whole && number < before ? std::optional(number) : std::nullopt;
}

Variables platform_variables(const GraphOptions& options) {
  Variables all;
  add_platform(all, "TARGET", options.platform);
  add_platform(all, "BUILD", options.host_platform);
  return all;
}

bool is_proxy_variable(std::string_view name) {
  constexpr std::array<std::string_view, 5> known = {
      "http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy"};
  return std::ranges::find(known, lowered(name)) != known.end();
}

std::expected<Graph, Problem> plan_stages(const Dockerfile& file,
                                          const GraphOptions& options) {
  try {
    return Planner(file, options).run();
  } catch (const Problem& problem) {
    return std::unexpected(problem);
  }
}

}  // namespace docker_cpp::dockerfile
