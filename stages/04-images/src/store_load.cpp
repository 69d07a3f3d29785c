// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <exception>
#include <utility>

#include "load_commit.hpp"
#include "staging.hpp"
#include "store_state.hpp"
#include "worker_process.hpp"

#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/failpoint.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::images {
ImageStore::State::InProgress::InProgress(State& state) : state_(state) {
  const std::lock_guard lock(state_.writer_);
  ++state_.loads_;
}

ImageStore::State::InProgress::~InProgress() {
  const std::lock_guard lock(state_.writer_);
  if (--state_.loads_ != 0 || !std::exchange(state_.garbage_waits_, false)) {
    return;
  }
  try {
    state_.collect_garbage();
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch)
    // The next removal or start-up collects it.
  }
}

/// Tells the worker which layers need not be unpacked again.
void ImageStore::State::write_have(int staging) const {
  const sys::UniqueFd file =
      must(sys::open_at(staging, have_file, O_WRONLY | O_CREAT | O_EXCL, 0600),
           "list the layers that are here");
  std::string lines;
  for (const std::string& chain_id : layers_.list()) {
    if (layers_.has(chain_id)) {
      lines += chain_id + "\n";
    }
  }
  must(sys::write_all(file.get(), lines), "list the layers that are here");
}

std::vector<std::string> ImageStore::State::load(
    const std::vector<std::string>& how, int archive) {
  const InProgress in_progress(*this);
  const Staging staging(root_.get());
  write_have(staging.get());
  const std::string lines = run_worker({.program = options_.worker,
                                        .args = how,
                                        .input = archive,
                                        .staging = staging.get()});
  LoadCommit commit(*this, staging.get(), parse_load_report(lines));
  commit.verify();
  const std::lock_guard lock(writer_);
  DOCKER_CPP_FAILPOINT("image.load.commit");
  std::vector<std::string> names = commit.commit();
  DOCKER_CPP_FAILPOINT("image.load.done");
  return names;
}

}  // namespace docker_cpp::images
