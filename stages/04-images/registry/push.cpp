// SPDX-License-Identifier: Apache-2.0
// Blobs go first, several at a time, each only if the registry has it nowhere;
// then the manifests, as the bytes that they are, so that digests stay.
// \oci{distribution,push}
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <memory>
#include <thread>

#include "registry_session.hpp"
#include "registry_work.hpp"

#include "docker_cpp/images/digest.hpp"
#include "docker_cpp/images/manifest.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/file.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::images {
namespace {

using Reason = ImageError::Reason;

constexpr std::size_t small_answer = std::size_t{1} << 20;

[[noreturn]] void refused(const RegistrySession::Answer& answer) {
  const ErrorBody error = read_error_body(answer.head.status, answer.body);
  throw RegistryError(Reason::failed, answer.head.status, error.code,
                      error.words);
}

/// A blob of the store, from some place on.
struct BlobBody {
  sys::UniqueFd file;
  std::uint64_t start = 0;
  std::uint64_t at = 0;
};

class BlobUpload {
 public:
  BlobUpload(RegistrySession& session, const RegistryJob::Blob& blob, int blobs,
             Reporter& reporter)
      : session_(session), blob_(blob), blobs_(blobs), reporter_(reporter) {}

  void run() {
    tell("Preparing");
    if (exists()) {
      return tell("Layer already exists");
    }
    for (const std::string& repository : blob_.mount) {
      if (begin("?mount=" + blob_.digest + "&from=" + repository)) {
        return tell("Mounted from " + repository);
      }
      if (!location_.empty()) {  // it would rather have an upload
        break;
      }
    }
    if (location_.empty()) {
      begin("");
    }
    send_all();
    finish();
    tell("Pushed");
  }

 private:
  void tell(const std::string& status) {
    if (!blob_.id.empty()) {
      reporter_.progress({.id = blob_.id, .status = status});
    }
  }

  bool exists() {
    const auto answer =
        session_.ask({.method = "HEAD"}, "blobs/" + blob_.digest, small_answer);
    if (answer.head.status == 401 || answer.head.status == 403) {
      refused(answer);
    }
    return answer.head.status == 200;
  }

  /// True when the registry has found the blob elsewhere. \man{mount}
  bool begin(const std::string& query) {
    const auto answer = session_.ask({.method = "POST"},
                                     "blobs/uploads/" + query, small_answer);
    if (answer.head.status == 201) {
      return true;
    }
    if (answer.head.status != 202) {
      refused(answer);
    }
    move_to(answer.head);
    return false;
  }

  void move_to(const HttpHead& head) {
    const std::string next = head.header("location");
    if (!next.empty()) {
      location_ = next;
    }
  }

  HttpRequest patch_from(std::uint64_t start) {
    const auto body = std::make_shared<BlobBody>(BlobBody{
        .file = must(sys::open_at(blobs_, blob_.digest.substr(7).c_str(),
                                  O_RDONLY | O_NOFOLLOW),
                     "open blob " + blob_.digest),
        .start = start,
        .at = start});
    HttpRequest request{.method = "PATCH",
                        .headers = {"Content-Type: application/octet-stream"}};
    if (start != 0) {
      request.headers.push_back("Content-Range: " + std::to_string(start) +
                                "-" + std::to_string(blob_.size - 1));
    }
    request.body_size = blob_.size - start;
    request.rewind = [body] {
      body->at = body->start;
    };
    request.body_source = [this, body](char* into, std::size_t size) {
      const ssize_t got =
          ::pread(body->file.get(), into, size, static_cast<off_t>(body->at));
      must(sys::check_void(got, "pread"), "read blob " + blob_.digest);
      body->at += static_cast<std::uint64_t>(got);
      if (!blob_.id.empty()) {
        reporter_.moving({.id = blob_.id,
                          .status = "Pushing",
                          .current = body->at,
                          .total = blob_.size});
      }
      return static_cast<std::size_t>(got);
    };
    return request;
  }

  void send_all() {
    std::uint64_t start = 0;
    for (int attempt = 1;; ++attempt) {
      try {
        const auto transfer = session_.open(patch_from(start), location_);
        RegistrySession::Answer answer{.head = transfer->head(), .body = {}};
        answer.body = transfer->body(small_answer);
        if (answer.head.status != 202 && answer.head.status != 204) {
          refused(answer);
        }
        return move_to(answer.head);
      } catch (const HttpError& error) {
        if (error.kind() != HttpError::Kind::broken ||
            !session_.back_off(attempt)) {
          throw ImageError(
              Reason::failed,
              "blob " + blob_.digest + " could not be sent: " + error.what());
        }
        start = sent_so_far();
      }
    }
  }

  /// Where an upload that broke goes on. \oci{distribution,push-chunked}
  std::uint64_t sent_so_far() {
    const auto answer = session_.ask({}, location_, small_answer);
    const std::string range = answer.head.header("range");
    const auto dash = range.find('-');
    if (answer.head.status != 204 || dash == std::string::npos) {
      location_.clear();
      begin("");
      return 0;
    }
    move_to(answer.head);
    const std::uint64_t last =
        std::strtoull(range.c_str() + dash + 1, nullptr, 10);
    return last == 0 || last >= blob_.size ? 0 : last + 1;
  }

  void finish() {
    const char join = location_.find('?') == std::string::npos ? '?' : '&';
    const auto answer =
        session_.ask({.method = "PUT"},
                     location_ + join + "digest=" + blob_.digest, small_answer);
    if (answer.head.status != 201) {
      refused(answer);
    }
  }

  RegistrySession& session_;
  const RegistryJob::Blob& blob_;
  int blobs_;
  Reporter& reporter_;
  std::string location_;
};

void upload_all(const RegistryJob& job, RegistrySession& session, int blobs,
                Reporter& reporter) {
  std::atomic<std::size_t> next = 0;
  std::atomic<bool> stop = false;
  std::exception_ptr failure;
  std::mutex failed;
  const auto work = [&] {
    for (std::size_t i = next++; i < job.blobs.size() && !stop; i = next++) {
      try {
        BlobUpload(session, job.blobs[i], blobs, reporter).run();
      } catch (...) {
        stop = true;
        const std::lock_guard lock(failed);
        failure = failure ? failure : std::current_exception();
      }
    }
  };
  {
    std::vector<std::jthread> threads;
    const auto wanted =
        static_cast<std::size_t>(std::clamp(job.options.parallel, 1, 16));
    while (threads.size() + 1 < std::min(wanted, job.blobs.size())) {
      threads.emplace_back(work);
    }
    work();
  }
  if (failure) {
    std::rethrow_exception(failure);
  }
}

void put_manifest(RegistrySession& session, const RegistryJob::Manifest& one,
                  const std::string& text) {
  const auto answer = session.ask(
      {.method = "PUT",
       .headers = {"Content-Type: " + one.media_type},
       .body = text},
      "manifests/" + (one.tag.empty() ? one.digest : one.tag), small_answer);
  if (answer.head.status != 201 && answer.head.status != 200) {
    refused(answer);
  }
  const std::string said = answer.head.header("docker-content-digest");
  if (!said.empty() && said != one.digest) {
    throw ImageError(Reason::failed, "the registry took manifest " +
                                         one.digest + " for " + said);
  }
}

RegistrySession session_for(const RegistryJob& job) {
  const auto parsed = Reference::parse(job.reference);
  if (!parsed) {
    throw ImageError(Reason::invalid, parsed.error());
  }
  return {job, *parsed, RegistrySession::Access::push};
}

}  // namespace

void push(const RegistryJob& job, int blobs, Reporter& reporter) {
  RegistrySession session = session_for(job);
  for (const RegistryJob::Blob& blob : job.blobs) {
    for (const std::string& repository : blob.mount) {
      session.add_scope(repository);
    }
  }
  session.connect();
  upload_all(job, session, blobs, reporter);
  for (const RegistryJob::Manifest& one : job.manifests) {
    put_manifest(session, one,
                 must(sys::read_file_at(blobs, one.digest.substr(7).c_str(),
                                        largest_manifest),
                      "read manifest " + one.digest));
  }
  reporter.line(R"({"type":"done"})");
}

void put_manifests(const RegistryJob& job, Reporter& reporter) {
  RegistrySession session = session_for(job);
  for (const RegistryJob::Blob& blob : job.blobs) {
    for (const std::string& repository : blob.mount) {
      session.add_scope(repository);
    }
  }
  session.connect();
  upload_all(job, session, -1, reporter);
  std::string last;
  for (RegistryJob::Manifest one : job.manifests) {
    one.digest = last = Digest::of(one.text).text();
    put_manifest(session, one, one.text);
  }
  reporter.line(R"({"digest":")" + last + R"(","type":"put"})");
  reporter.line(R"({"type":"done"})");
}

}  // namespace docker_cpp::images
