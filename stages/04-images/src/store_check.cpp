// SPDX-License-Identifier: Apache-2.0
// Looking at all of it, as a start-up does not: each blob's bytes, each layer
// that an image stands on. What is repaired is what a pull can bring again.
#include <fcntl.h>

#include <algorithm>
#include <utility>

#include "files.hpp"
#include "store_state.hpp"

#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::images {
namespace {

bool is_whole(int folder, const Digest& digest) {
  const auto file =
      sys::open_at(folder, digest.hex().c_str(), O_RDONLY | O_NOFOLLOW);
  if (!file) {
    return false;
  }
  const auto found = digest_of_file(file->get());
  return found && *found == digest;
}

}  // namespace

/// What is wrong with one image; nothing when all it relies on is here.
std::string ImageStore::State::problem_of(
    const Entry& entry, const std::set<std::string>& damaged) const {
  try {
    static_cast<void>(complete(entry.record));
  } catch (const std::exception& error) {
    return error.what();
  }
  for (const std::string& blob : blobs_of(entry)) {
    if (damaged.contains(blob) || !layout_.has_blob(*Digest::parse(blob))) {
      return "blob " + blob + " is " +
             (damaged.contains(blob) ? "damaged" : "missing");
    }
  }
  return {};
}

CheckReport ImageStore::State::check(Repair repair) {
  const InProgress in_progress(*this);  // nothing goes away meanwhile
  CheckReport report;
  std::set<std::string> damaged;
  const sys::UniqueFd folder = layout_.open_blobs();
  for (const Digest& digest : layout_.blobs()) {
    ++report.checked;
    if (!is_whole(folder.get(), digest)) {
      damaged.insert(digest.text());
      report.problems.push_back("blob " + digest.text() + " is damaged");
    }
  }
  std::vector<std::string> broken;
  for (const auto& [id, entry] : copy().images) {
    if (const std::string why = problem_of(*entry, damaged); !why.empty()) {
      broken.push_back(id);
      report.problems.push_back("image " + id + ": " + why);
    }
  }
  if (repair == Repair::yes && !report.problems.empty()) {
    take_away(damaged, broken, report);
  }
  return report;
}

/// A damaged blob is of no use to anybody. An image that lacks one loses its
/// place in the index, so that the next pull or load brings what is missing:
/// what of it is whole stays until then.
void ImageStore::State::take_away(const std::set<std::string>& damaged,
                                  const std::vector<std::string>& broken,
                                  CheckReport& report) {
  const std::lock_guard lock(writer_);
  Content content = copy();
  for (const std::string& id : broken) {
    const auto found = content.images.find(id);
    if (found == content.images.end()) {
      continue;
    }
    const std::vector<std::string> names = found->second->record.names;
    for (const std::string& name : names) {
      take_name(content, name);
    }
    content.images.erase(id);
    layout_.set_aside(layout_.records(), id.substr(7));
    std::string shown = names.empty() ? id : "";
    for (const std::string& name : names) {
      shown += (shown.empty() ? "" : ", ") + name;
    }
    report.repaired.push_back("set aside " + shown + ": pull or load it again");
  }
  write_index(content);
  publish(std::move(content));
  for (const std::string& blob : damaged) {
    layout_.remove_blob(*Digest::parse(blob));
    report.repaired.push_back("removed the damaged blob " + blob);
  }
  layout_.sync_blobs();
}

}  // namespace docker_cpp::images
