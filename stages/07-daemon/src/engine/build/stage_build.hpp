// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "build.hpp"

#include "docker_cpp/dockerfile/words.hpp"
#include "docker_cpp/images/build_copy.hpp"
#include "docker_cpp/images/digest.hpp"

namespace docker_cpp::daemon {

/// Carries out the instructions of one stage, one after the other.
class StageBuild {
 public:
  StageBuild(Build& build, const dockerfile::Stage& stage)
      : build_(build), stage_(stage) {}

  StageResult run();

 private:
  using Instruction = dockerfile::Instruction;

  // stage_build.cpp
  void begin();
  void begin_from_image(const std::string& reference);
  void run_triggers();
  void step(const Instruction& in);
  void dispatch(const Instruction& in);
  void say(std::string_view text) { build_.text(stage_, text); }
  void say_id();
  [[nodiscard]] std::optional<std::string> variable(std::string_view n) const;
  [[nodiscard]] dockerfile::Expander expander() const;
  [[nodiscard]] std::string expand(std::string_view text) const;

  // stage_config.cpp: what changes the configuration only
  void configure(const Instruction& in);
  void set_arg(const Instruction& in);
  void set_env(const Instruction& in);
  void set_labels(const Instruction& in);
  [[nodiscard]] std::string expanded_pairs(const Instruction& in) const;
  void set_command(const Instruction& in);
  void expose(const Instruction& in);
  void set_volumes(const Instruction& in);
  void set_healthcheck(const Instruction& in);
  void set_stop_signal(const Instruction& in);
  void note(const std::string& created_by, bool empty_layer);
  void recall_metadata(const std::string& line);
  [[nodiscard]] Strings shell() const;

  // stage_files.cpp: COPY, ADD, WORKDIR
  void copy(const Instruction& in);
  void workdir(const Instruction& in);
  [[nodiscard]] images::CopyRules rules_of(const Instruction& in);
  [[nodiscard]] rootfs::Owner owner_of(const std::string& chown);
  [[nodiscard]] std::string destination_of(const Instruction& in) const;
  struct Sources;
  void gather(const Instruction& in, Sources& sources);
  void gather_heredocs(const Instruction& in, Sources& sources);
  void gather_remote(const std::string& url, const Instruction& in,
                     Sources& sources);
  void put(const Sources& sources, const rootfs::RootFd& into,
           const std::string& destination);
  [[nodiscard]] sys::UniqueFd mount_other(const std::string& from);
  [[nodiscard]] std::string fresh_name() {
    return "a" + std::to_string(stage_.index) + "." + std::to_string(names_++);
  }

  // stage_run.cpp
  void run(const Instruction& in);
  [[nodiscard]] Strings command_of(const Instruction& in) const;
  [[nodiscard]] std::map<std::string, std::string> run_arguments() const;
  [[nodiscard]] CreateRequest container_of(const Instruction& in,
                                           const Strings& command) const;
  void execute(CreateRequest request, const Strings& command);
  void listen(int stream);

  // Steps that change files: found by a key of all that decides the result.
  /// `created_by`: its line in the history; empty: of no other image's.
  [[nodiscard]] bool recall(const std::string& key,
                            const std::string& created_by);
  void keep(const std::string& key, const std::string& description,
            images::BuildLayers layers);
  [[nodiscard]] std::string key_of(const Strings& parts) const;
  [[nodiscard]] sys::UniqueFd mount_layers(
      const images::BuildSession::Step* step) const;

  friend class RunMounts;

  Build& build_;
  const dockerfile::Stage& stage_;
  StageResult now_;
  dockerfile::Variables args_;  ///< that ARG has declared in this stage
  std::string time_;            ///< of the steps so far; RFC 3339
  bool command_set_ = false;    ///< by this stage, not by its base
  bool last_was_empty_ = true;
  int names_ = 0;
};

}  // namespace docker_cpp::daemon
