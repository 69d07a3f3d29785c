// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compose/progress.hpp"
#include "compose/project.hpp"

#include "docker_cpp/cli/command.hpp"

namespace docker_cpp::cli::compose {

/// A container of the project, as GET /containers/json tells of it.
struct Running {
  std::string id;
  std::string name;
  std::string service;
  int number = 0;
  std::string state;
  Value labels;
  Value entry;  ///< all of it
};

/// One `compose` command at work: the daemon, the project, and what is there.
class Session {
 public:
  Session(Context& context, const Arguments& arguments);

  Context& context;
  const Arguments& arguments;
  Progress progress;

  [[nodiscard]] Engine& engine() const { return context.engine; }
  /// Loads the files on first use. \throws Failure
  Project& project();
  /// Like it, but containers alone tell of the project if no file is there
  /// (`compose -p x ps`).
  [[nodiscard]] std::string name();
  /// The words that are services; checked against the project if there is one.
  [[nodiscard]] std::vector<std::string> services();

  enum class Which : unsigned char { running, all };
  /// The project's containers, by service and number. One-off ones only if
  /// asked for.
  [[nodiscard]] std::vector<Running> containers(
      Which which, const std::vector<std::string>& services,
      bool oneoff = false);
  /// The service's container of that --index (0: the first).
  /// \throws Failure "service "x" is not running"
  [[nodiscard]] Running one(const std::string& service, std::int64_t index,
                            Which which = Which::running);

  /// Sends the same request for each, all at once, and waits for the answers;
  /// tells the progress. \returns what failed
  struct Action {
    std::string doing;  ///< "Stopping"
    std::string done;   ///< "Stopped"
    std::string method = "POST";
    std::string rest;     ///< "/stop?t=10"
    int also_fine = 304;  ///< a status that is no failure
  };
  std::vector<std::string> for_each(const std::vector<Running>& containers,
                                    const Action& action);
  /// As above; throws what failed, if anything did.
  void all_of(const std::vector<Running>& containers, const Action& action);

  /// Another command of ours: {"build", "-t", …}. \returns its exit code
  int run_line(const std::vector<std::string>& words);

 private:
  ProjectOptions options_;
  std::optional<Project> project_;
};

[[nodiscard]] ProjectOptions project_options(const Arguments& arguments);

/// "Network x" made if need be, and the volumes of these services.
void ensure_networks(Session& session,
                     const std::vector<std::string>& services);
void ensure_volumes(Session& session, const std::vector<std::string>& services);
/// Pulls or builds what is missing, as `pull_policy` and the options say.
void ensure_images(Session& session, const std::vector<std::string>& services);

/// With the words of `build` and `pull`. \throws Failure
void build_service(Session& session, const std::string& service);
void pull_service(Session& session, const std::string& service);

struct ConvergeOptions {
  bool start = true;
  bool force_recreate = false;
  bool recreate = true;
  bool renew_volumes = false;
  std::string timeout;
};
/// Makes containers as the project says they should be, in the order of the
/// dependencies, each condition waited for. \returns them
std::vector<Running> converge(Session& session,
                              const std::vector<std::string>& services,
                              const ConvergeOptions& options);
/// How many containers: --scale, `scale`, deploy.replicas, or one.
[[nodiscard]] std::int64_t wanted_count(const Session& session,
                                        const std::string& service,
                                        const Value& definition);
/// Creates one container, its networks and files included. \returns its id
std::string create_one(Session& session, const std::string& service,
                       const struct PlanOptions& options,
                       const std::vector<std::string>& keep_volumes = {},
                       Value changes = {});
/// Until its dependencies' conditions hold. \throws Failure
void await_dependencies(Session& session, const std::string& service);
/// Until they are running, and healthy where they have a check.
void await_healthy(Session& session, const std::vector<Running>& containers,
                   std::int64_t seconds);

struct LogOptions {
  bool follow = false;
  bool prefix = true;
  bool colours = true;
  bool timestamps = false;
  std::string tail = "all";
  std::string since;
  std::string until;
  /// Foreground `up`: ends with the containers, and signals stop them.
  bool attached = false;
  bool abort_on_exit = false;
  bool abort_on_failure = false;
  std::string exit_code_from;
};
/// \returns an exit code
int show_logs(Session& session, std::vector<Running> containers,
              const LogOptions& options);

/// Removes containers, after stopping them.
void remove_containers(Session& session, const std::vector<Running>& containers,
                       const std::string& timeout, bool volumes);

}  // namespace docker_cpp::cli::compose
