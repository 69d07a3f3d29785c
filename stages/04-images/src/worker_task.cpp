// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/images/worker_task.hpp"

#include <utility>

#include "worker_process.hpp"

#include "docker_cpp/images/image_error.hpp"

namespace docker_cpp::images {
namespace {

constexpr std::size_t most_mounts = 90;  // below the numbers handles come from

}  // namespace

WorkerTask::WorkerTask(std::unique_ptr<WorkerProcess> process)
    : process_(std::move(process)) {}
WorkerTask::~WorkerTask() = default;
WorkerTask::WorkerTask(WorkerTask&&) noexcept = default;
WorkerTask& WorkerTask::operator=(WorkerTask&&) noexcept = default;

std::string WorkerTask::first_line() {
  return process_->line();
}

std::string WorkerTask::finish() {
  return process_->finish();
}

WorkerTask start_tree_worker(const TreeRun& run) {
  if (run.mounts.size() > most_mounts) {
    throw ImageError(ImageError::Reason::failed,
                     "more than " + std::to_string(most_mounts) +
                         " mounts: start the container to copy its files");
  }
  WorkerRun plan{.program = run.worker,
                 .args = run.args,
                 .input = run.input,
                 .staging = run.output,
                 .trees = {run.tree}};
  for (const TreeRun::Mount& mount : run.mounts) {
    plan.args.insert(plan.args.end(), {"--mount", mount.destination});
    plan.trees.push_back(mount.handle);
  }
  return WorkerTask(std::make_unique<WorkerProcess>(plan));
}

}  // namespace docker_cpp::images
