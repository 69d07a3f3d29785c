// SPDX-License-Identifier: Apache-2.0
#include "worker_main.hpp"

#include <malloc.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <clocale>
#include <csignal>
#include <cstdio>
#include <exception>
#include <new>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>
#include <openssl/crypto.h>

#include "archive_load.hpp"
#include "byte_source.hpp"
#include "confinement.hpp"
#include "embedded.hpp"
#include "http.hpp"
#include "registry_job.hpp"
#include "registry_work.hpp"
#include "worker_handles.hpp"
#include "worker_process.hpp"

#include "docker_cpp/images/image_error.hpp"
#include "docker_cpp/images/load_report.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/file.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::images {
namespace {

constexpr int usage_code = 2;

const EmbeddedImage* find_embedded(std::string_view name) {
  for (const EmbeddedImage& image : embedded_images()) {
    if (image.name == name) {
      return &image;
    }
  }
  return nullptr;
}

}  // namespace

void report_text(std::string_view text) {
  must(sys::write_all(worker_report, text), "report");
}

void report_line(const nlohmann::json& line) {
  report_text(
      line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) +
      "\n");
}

void prepare_worker() {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::umask(0);
  // Names in pax headers are UTF-8: without a UTF-8 locale libarchive cannot
  // hand them on. This one is built into glibc.
  std::setlocale(LC_CTYPE, "C.UTF-8");
  ::OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
  static_cast<void>(Digest::of(""));
  // Each open folder of a deep tree is a descriptor.
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = std::min<rlim_t>(files.rlim_max, 4096);
    ::setrlimit(RLIMIT_NOFILE, &files);
  }
}

bool WorkerWords::has(std::string_view flag) const {
  return std::ranges::any_of(words_,
                             [&](const char* word) { return flag == word; });
}

std::string WorkerWords::value(std::string_view option) const {
  for (std::size_t i = 0; i + 1 < words_.size(); ++i) {
    if (option == words_[i]) {
      return words_[i + 1];
    }
  }
  return "";
}

namespace {

LoadReport load_from(std::string_view embedded) {
  if (embedded.empty()) {
    FileSource source(worker_input);
    return load_archive(source, worker_staging);
  }
  const EmbeddedImage* image = find_embedded(embedded);
  if (image == nullptr) {
    throw ImageError(ImageError::Reason::not_found,
                     "No such image: " + std::string(embedded));
  }
  TextSource source(image->archive);
  return load_archive(source, worker_staging);
}

int load(std::string_view embedded) {
  prepare_worker();
  confine(std::array{worker_staging});
  report_text(print(load_from(embedded)));
  return 0;
}

/// Runs a command, and reports what it throws.
template <typename Command>
int reporting(Command command) {
  try {
    return command();
  } catch (const ImageError& error) {
    report_text(print_load_error(error.what(), LoadFailure::archive));
  } catch (const std::bad_alloc&) {
    report_text(
        print_load_error("the archive needs more memory than a proper one",
                         LoadFailure::archive));
  } catch (const std::exception& error) {
    report_text(print_load_error(error.what(), LoadFailure::machine));
  }
  return 1;
}

RegistryJob read_job() {
  constexpr std::size_t largest_job = std::size_t{16} << 20;
  return parse_registry_job(
      must(sys::read_all(worker_input, largest_job), "read the job"));
}

/// The work with registries: the network, the configuration of its use, and
/// what the job itself is about.
void confine_for(const RegistryJob& job) {
  Reach reach{.network = Reach::Network::client,
              .files = Reach::Files::own,
              .readable = prepare_http(),
              .readable_folders = {}};
  for (const std::string& folder : job.options.certificates) {
    reach.readable.push_back(folder);
  }
  const bool pulls = job.operation == "pull";
  if (pulls) {
    reach.files = Reach::Files::of_anybody;
  }
  if (pulls || job.operation == "push") {
    reach.readable_folders.push_back(worker_blobs);
  }
  ::mallopt(M_ARENA_MAX, 2);
  const std::array folders = {worker_staging};
  confine(std::span<const int>(folders).first(pulls ? 1 : 0), reach);
}

void work_with_registry(const RegistryJob& job) {
  Reporter reporter(worker_report);
  if (job.operation == "pull") {
    const LoadReport report = pull(job, worker_staging, worker_blobs, reporter);
    report_text(print(report));
  } else if (job.operation == "push") {
    push(job, worker_blobs, reporter);
  } else if (job.operation == "login") {
    log_in(job, reporter);
  } else if (job.operation == "distribution") {
    describe(job, reporter);
  } else if (job.operation == "search") {
    search(job, reporter);
  } else if (job.operation == "referrers") {
    referrers(job, reporter);
  } else if (job.operation == "put") {
    put_manifests(job, reporter);
  } else {
    throw ImageError(ImageError::Reason::invalid,
                     "unknown operation '" + job.operation + "'");
  }
}

int registry() {
  try {
    prepare_worker();
    const RegistryJob job = read_job();
    confine_for(job);
    work_with_registry(job);
    return 0;
  } catch (const ImageError& error) {
    const auto reason = error.reason();
    report_text(print_load_error(
        error.what(),
        reason == ImageError::Reason::not_found ? LoadFailure::absent
        : reason == ImageError::Reason::failed  ? LoadFailure::machine
                                                : LoadFailure::archive));
  } catch (const std::exception& error) {
    report_text(print_load_error(error.what(), LoadFailure::machine));
  }
  return 1;
}

int list_embedded() {
  std::string lines;
  for (const EmbeddedImage& image : embedded_images()) {
    lines += std::string(image.name) + "\n";
  }
  report_text(lines);
  return 0;
}

int cat_embedded(std::string_view name) {
  const EmbeddedImage* image = find_embedded(name);
  if (image == nullptr) {
    std::fprintf(stderr, "docker-cpp-worker: no embedded image '%.*s'\n",
                 static_cast<int>(name.size()), name.data());
    return 1;
  }
  report_text(image->archive);
  return 0;
}

struct TreeCommand {
  std::string_view name;
  int (*run)(const WorkerWords&);
};
constexpr std::array commands = {
    TreeCommand{"layer", make_layer}, TreeCommand{"import", import_layer},
    TreeCommand{"pack", pack_tree},   TreeCommand{"unpack", unpack_tree},
    TreeCommand{"stat", stat_path},   TreeCommand{"save", save_blobs},
    TreeCommand{"fetch", fetch_file}, TreeCommand{"clone", clone_repository}};

}  // namespace

int worker_main(std::span<char* const> args) {
  const auto is = [&](std::size_t i, std::string_view text) {
    return i < args.size() && text == args[i];
  };
  try {
    if (is(0, "load") && args.size() == 1) {
      return reporting([] { return load(""); });
    }
    if (is(0, "load") && is(1, "--embedded") && args.size() == 3) {
      return reporting([&] { return load(args[2]); });
    }
    if (is(0, "registry") && args.size() == 1) {
      return registry();
    }
    if (is(0, "embedded") && is(1, "list") && args.size() == 2) {
      return list_embedded();
    }
    if (is(0, "embedded") && is(1, "cat") && args.size() == 3) {
      return cat_embedded(args[2]);
    }
    for (const auto& [name, command] : commands) {
      if (is(0, name)) {
        const WorkerWords words(args.subspan(1));
        return reporting([&] { return command(words); });
      }
    }
    std::fputs(
        "usage: docker-cpp-worker load [--embedded NAME] | registry | embedded "
        "list | embedded cat NAME | layer | import | pack | unpack | stat | "
        "save\n",
        stderr);
    return usage_code;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "docker-cpp-worker: %s\n", error.what());
    return 1;
  }
}

}  // namespace docker_cpp::images
