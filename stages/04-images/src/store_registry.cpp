// SPDX-License-Identifier: Apache-2.0
// The store's side of registries: what a worker is asked, and what becomes of
// its answer.
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "files.hpp"
#include "ingest.hpp"
#include "json_reader.hpp"
#include "load_commit.hpp"
#include "push_plan.hpp"
#include "registry_job.hpp"
#include "staging.hpp"
#include "store_state.hpp"
#include "worker_process.hpp"

#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/failpoint.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::images {
namespace {

using Reason = ImageError::Reason;

constexpr std::size_t longest_line = std::size_t{8} << 20;

Reference parsed(const std::string& text) {
  auto reference = Reference::parse(text);
  if (!reference) {
    throw ImageError(Reason::invalid, reference.error());
  }
  return *std::move(reference);
}

/// A job as something to read, which no other process can.
sys::UniqueFd readable(const RegistryJob& job) {
  sys::UniqueFd file(must(
      sys::check(::memfd_create("registry-job", MFD_CLOEXEC), "memfd_create"),
      "write the worker's job"));
  must(sys::write_all(file.get(), print(job)), "write the worker's job");
  must(sys::check_void(::lseek(file.get(), 0, SEEK_SET), "lseek"),
       "write the worker's job");
  return file;
}

/// Hands on what a worker tells on its way.
bool pass_on(std::string_view line, const ProgressListener& listener) {
  if (!line.starts_with(R"({"current":)")) {  // keys are sorted
    return false;
  }
  const Json json = parse_json(line, "worker's report", longest_line);
  const JsonObject step(json, "report");
  if (step.text("type") != "progress") {
    return false;
  }
  if (listener) {
    listener({.id = step.text("id"),
              .status = step.text("status"),
              .current = static_cast<std::uint64_t>(step.integer("current")),
              .total = static_cast<std::uint64_t>(step.integer("total"))});
  }
  return true;
}

WorkerRun run_for(const RegistryRequest& request) {
  WorkerRun run;
  run.args = {"registry"};
  run.cancel = request.cancel == nullptr ? -1 : request.cancel->fd();
  run.on_line = [&listener = request.listener](std::string_view line) {
    return pass_on(line, listener);
  };
  return run;
}

/// The one line of an answer that is of that type.
Json answer_of(const std::string& report, const char* type) {
  for (std::size_t start = 0; start < report.size();) {
    const std::size_t end = std::min(report.find('\n', start), report.size());
    const Json json =
        parse_json(std::string_view(report).substr(start, end - start),
                   "worker's report", longest_line);
    const JsonObject line(json, "report");
    if (line.text("type") == type) {
      return json;
    }
    if (line.text("type") == "error") {
      static_cast<void>(parse_load_report(report.substr(start)));  // throws
    }
    start = end + 1;
  }
  throw ImageError(Reason::failed, "the worker gave no answer");
}

}  // namespace

Cancellation::Cancellation()
    : event_(
          must(sys::check(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd"),
               "make a cancellation")) {}

void Cancellation::cancel() noexcept {
  const std::uint64_t one = 1;
  static_cast<void>(::write(event_.get(), &one, sizeof one));
}

void ImageStore::State::write_have_blobs(int staging) const {
  const sys::UniqueFd file = must(
      sys::open_at(staging, have_blobs_file, O_WRONLY | O_CREAT | O_EXCL, 0600),
      "list the blobs that are here");
  std::string lines;
  for (const Digest& digest : layout_.blobs()) {
    lines += digest.text() + "\n";
  }
  must(sys::write_all(file.get(), lines), "list the blobs that are here");
}

std::vector<PulledImage> ImageStore::State::pull(const PullRequest& request) {
  const Reference reference = parsed(request.reference);
  const RegistryJob job{.operation = "pull",
                        .reference = reference.canonical(),
                        .platform = request.platform,
                        .all_tags = request.all_tags,
                        .credentials = request.credentials,
                        .options = options_.registry};
  const InProgress in_progress(*this);
  const Staging staging(root_.get());
  write_have(staging.get());
  write_have_blobs(staging.get());
  // Declared after the folder: rescues what came before that is deleted.
  const Ingest ingest(root_.get(), staging.get());
  const sys::UniqueFd input = readable(job);
  const sys::UniqueFd blobs = layout_.open_blobs();
  WorkerRun run = run_for(request);
  run.program = options_.worker;
  run.input = input.get();
  run.staging = staging.get();
  run.trees = {blobs.get()};
  const LoadReport report = parse_load_report(run_worker(run));
  LoadCommit commit(*this, staging.get(), report);
  commit.verify();
  const std::lock_guard lock(writer_);
  DOCKER_CPP_FAILPOINT("image.pull.commit");
  const Content before = copy();
  commit.commit();
  DOCKER_CPP_FAILPOINT("image.pull.done");
  std::vector<PulledImage> pulled;
  const Content after = copy();
  for (const LoadReport::Image& image : report.images) {
    const std::string digest = parsed(image.digests.at(0)).digest();
    const std::string name =
        image.names.empty() ? image.digests[0] : image.names[0];
    const EntryPtr old = look_up(before, name);
    const EntryPtr now = look_up(after, name);
    const auto known = [&](const EntryPtr& entry) {
      return std::ranges::find(entry->record.digests, image.digests[0]) !=
             entry->record.digests.end();
    };
    pulled.push_back({.name = parsed(name).familiar(),
                      .digest = digest,
                      .id = now ? now->image.id : "",
                      .changed = !old || !now ||
                                 old->image.id != now->image.id ||
                                 !known(old)});
  }
  return pulled;
}

std::set<std::string> ImageStore::State::blobs_of(const Entry& entry) const {
  std::set<std::string> blobs = {entry.image.id};
  const std::string manifest = layout_.read_blob(
      *Digest::parse(entry.record.manifest), largest_manifest, "manifest");
  for (const Descriptor& layer : parse_manifest(manifest).layers) {
    blobs.insert(layer.digest.text());
  }
  return blobs;
}

std::vector<PushedImage> ImageStore::State::push(const PushRequest& request) {
  const Reference target = parsed(request.reference);
  RegistryJob job{.operation = "push",
                  .reference = target.canonical(),
                  .credentials = request.credentials,
                  .options = options_.registry};
  const InProgress in_progress(*this);
  const Content content = copy();
  std::vector<PushedImage> pushed;
  std::vector<std::pair<std::string, EntryPtr>> done;
  PushPlan plan(layout_, job);
  for (const auto& [name, id] : content.names) {
    const bool wanted = request.all_tags
                            ? parsed(name).repository() == target.repository()
                            : name == target.canonical();
    if (wanted) {
      const EntryPtr entry = content.images.at(id);
      pushed.push_back(
          plan.add(entry->image, entry->record, parsed(name).tag()));
      done.emplace_back(target.repository() + "@" + pushed.back().digest,
                        entry);
    }
  }
  if (pushed.empty()) {
    throw ImageError(Reason::not_found,
                     "An image does not exist locally with the tag: " +
                         target.familiar_repository());
  }
  for (const auto& [id, entry] : content.images) {
    if (!entry->record.digests.empty()) {
      add_mounts(job, target, entry->record.digests, blobs_of(*entry));
    }
  }
  const sys::UniqueFd input = readable(job);
  const sys::UniqueFd blobs = layout_.open_blobs();
  WorkerRun run = run_for(request);
  run.program = options_.worker;
  run.input = input.get();
  run.trees = {blobs.get()};
  static_cast<void>(parse_load_report(run_worker(run)));
  for (const auto& [digest, entry] : done) {
    remember_digest(entry->image.id, digest);
  }
  return pushed;
}

/// From now on a registry knows the image by that digest, too.
void ImageStore::State::remember_digest(const std::string& id,
                                        const std::string& digest) {
  const std::lock_guard lock(writer_);
  Content content = copy();
  const auto found = content.images.find(id);
  if (found == content.images.end()) {
    return;
  }
  Entry entry = *found->second;
  std::vector<std::string>& digests = entry.record.digests;
  if (std::ranges::find(digests, digest) != digests.end()) {
    return;
  }
  digests.push_back(digest);
  entry.image.repo_digests = familiar_digests(digests);
  found->second = std::make_shared<const Entry>(std::move(entry));
  write_record(content, id);
  publish(std::move(content));
}

std::string ImageStore::State::ask_registry(RegistryJob job,
                                            const RegistryRequest& request) {
  job.options = options_.registry;
  job.credentials = request.credentials;
  const sys::UniqueFd input = readable(job);
  WorkerRun run = run_for(request);
  run.program = options_.worker;
  run.input = input.get();
  return run_worker(run);
}

std::string ImageStore::State::log_in(const RegistryRequest& request) {
  const std::string report = ask_registry(
      {.operation = "login", .reference = request.reference}, request);
  const Json json = answer_of(report, "login");
  const JsonObject answer(json, "login");
  if (!answer.text("problem").empty()) {
    throw ImageError(Reason::denied, answer.text("problem"));
  }
  return answer.text("token");
}

Distribution ImageStore::State::distribution(const RegistryRequest& request) {
  const std::string report =
      ask_registry({.operation = "distribution",
                    .reference = parsed(request.reference).canonical()},
                   request);
  const Json json = answer_of(report, "distribution");
  const JsonObject answer(json, "distribution");
  Distribution out{.media_type = answer.text("mediaType"),
                   .digest = answer.text("digest"),
                   .size = static_cast<std::uint64_t>(answer.integer("size")),
                   .platforms = {},
                   .text = answer.text("text")};
  for (const JsonObject& one : answer.objects("platforms")) {
    out.platforms.push_back({.architecture = one.text("architecture"),
                             .os = one.text("os"),
                             .variant = one.text("variant")});
  }
  return out;
}

std::vector<FoundRepository> ImageStore::State::search(
    const RegistryRequest& request, int limit) {
  const std::string report = ask_registry(
      {.operation = "search", .term = request.reference, .limit = limit},
      request);
  const Json json = answer_of(report, "search");
  std::vector<FoundRepository> found;
  for (const JsonObject& one : JsonObject(json, "search").objects("results")) {
    found.push_back({.name = one.text("name"),
                     .description = one.text("description"),
                     .stars = one.integer("stars"),
                     .official = one.flag("official"),
                     .automated = one.flag("automated")});
  }
  return found;
}

}  // namespace docker_cpp::images
