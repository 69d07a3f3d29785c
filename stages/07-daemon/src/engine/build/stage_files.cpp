// SPDX-License-Identifier: Apache-2.0
// COPY, ADD and WORKDIR: what puts files into a stage.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <list>

#include "../folders.hpp"
#include "archive_kind.hpp"
#include "stage_build.hpp"

#include "docker_cpp/dockerfile/glob.hpp"
#include "docker_cpp/images/image_error.hpp"
#include "docker_cpp/security/user_lookup.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/file.hpp"

namespace docker_cpp::daemon {
namespace {

using dockerfile::Keyword;

[[noreturn]] void refuse(const std::string& why) {
  throw images::ImageError(images::ImageError::Reason::invalid, why);
}

/// The number that a name has in lines of name:x:number:…
std::optional<std::uint32_t> number_of(std::string_view lines,
                                       std::string_view name) {
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    const std::string_view line = lines.substr(0, end);
    lines.remove_prefix(std::min(end + 1, lines.size()));
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (second == std::string_view::npos || line.substr(0, first) != name) {
      continue;
    }
    std::uint32_t number = 0;
    const char* from = line.data() + second + 1;
    if (std::from_chars(from, line.data() + line.size(), number).ec ==
        std::errc{}) {
      return number;
    }
  }
  return std::nullopt;
}

std::optional<std::uint32_t> as_number(std::string_view text) {
  std::uint32_t number = 0;
  const char* end = text.data() + text.size();
  const auto [last, error] = std::from_chars(text.data(), end, number);
  return error == std::errc{} && last == end && number <= INT32_MAX
             ? std::optional(number)
             : std::nullopt;
}

}  // namespace

/// What one COPY copies, from however many places.
struct StageBuild::Sources {
  struct One {
    std::unique_ptr<images::CopySource> files;
    images::CopyRules rules;
    int archive = -1;  ///< is unpacked when the step is done
  };
  images::CopyRules rules;
  std::list<rootfs::RootFd> roots;  ///< stay where they are
  std::list<sys::UniqueFd> archives;
  std::vector<One> all;
  Strings key;

  rootfs::RootFd& hold(sys::UniqueFd root) {
    return roots.emplace_back(std::move(root));
  }
};

rootfs::Owner StageBuild::owner_of(const std::string& chown) {
  const std::size_t colon = chown.find(':');
  const std::string user = chown.substr(0, colon);
  const std::string group =
      colon == std::string::npos ? user : chown.substr(colon + 1);
  auto uid = as_number(user);
  auto gid = as_number(group);
  if (uid && gid) {
    return {.uid = *uid, .gid = *gid};
  }
  const sys::UniqueFd root = mount_layers(nullptr);
  const auto files = security::read_account_files(root.get());
  if (!uid) {
    uid = number_of(files.passwd, user);
  }
  if (!gid) {
    gid = number_of(files.group, group);
  }
  if (!gid && uid && colon == std::string::npos) {
    const auto account = security::look_up_user(files, user);
    gid = account ? std::optional<std::uint32_t>(account->gid) : *uid;
  }
  const std::string cannot =
      "unable to convert uid/gid chown string to host mapping: can't find ";
  if (!uid) {
    refuse(cannot + "uid for user " + user + ": no such user: " + user);
  }
  if (!gid) {
    refuse(cannot + "gid for group " + group + ": no such group: " + group);
  }
  return {.uid = *uid, .gid = *gid};
}

images::CopyRules StageBuild::rules_of(const Instruction& in) {
  images::CopyRules rules;
  const std::string chown = expand(in.value("chown"));
  if (!chown.empty()) {
    rules.owner = owner_of(chown);
  }
  rules.chmod = expand(in.value("chmod"));
  static_cast<void>(images::change_mode(rules.chmod, S_IFREG));
  rules.parents = in.is_set("parents");
  Strings exclude;
  for (const std::string& pattern : in.values("exclude")) {
    exclude.push_back(expand(pattern));
  }
  auto list = dockerfile::IgnoreList::of(exclude);
  if (!list) {
    refuse(list.error());
  }
  rules.exclude = *std::move(list);
  return rules;
}

std::string StageBuild::destination_of(const Instruction& in) const {
  const std::string said = expand(in.words.back());
  const bool folder = said.ends_with('/') || said == "." || said == ".." ||
                      said.ends_with("/.") || said.ends_with("/..");
  const std::string& workdir = now_.image.config.working_dir;
  std::string path = dockerfile::clean_path(
      said.starts_with('/') ? said : "/" + workdir + "/" + said);
  if (folder && path != "/") {
    path += '/';
  }
  return path;
}

void StageBuild::gather_heredocs(const Instruction& in, Sources& sources) {
  if (in.heredocs.empty()) {
    return;
  }
  const std::string folder = build_.fresh_folder();
  rootfs::RootFd& root = sources.hold(open_folder(folder));
  for (const dockerfile::Heredoc& doc : in.heredocs) {
    const std::string text =
        doc.expand ? expander().raw(doc.content) : doc.content;
    if (doc.name.find('/') != std::string::npos) {
      refuse("a heredoc's name is a file name: " + doc.name);
    }
    must(root.write_file("/" + doc.name, text, 0644), "write " + doc.name);
    sources.all.push_back({.files = std::make_unique<images::CopySource>(root),
                           .rules = sources.rules});
    sources.all.back().files->add(doc.name, sources.rules);
  }
}

void StageBuild::gather(const Instruction& in, Sources& sources) {
  sources.rules = rules_of(in);
  const rootfs::RootFd* root = build_.context("");
  const std::string from = in.value("from");
  if (!from.empty()) {
    root = build_.context(from);
    sources.rules.keep_owner = root == nullptr;
  }
  if (root == nullptr) {
    root = &sources.hold(mount_other(from));
  }
  gather_heredocs(in, sources);
  for (std::size_t i = 0; i + 1 < in.words.size(); ++i) {
    if (in.words[i].starts_with("<<") && !in.heredocs.empty()) {
      continue;
    }
    const std::string word = expand(in.words[i]);
    if (in.keyword == Keyword::add && (is_http_url(word) || is_git_url(word))) {
      gather_remote(word, in, sources);
      continue;
    }
    Sources::One one{.files = std::make_unique<images::CopySource>(*root),
                     .rules = sources.rules};
    one.files->add(word, sources.rules);
    const bool may_unpack =
        in.keyword == Keyword::add && one.files->size() == 1 &&
        one.files->is_file(0) &&
        (in.flag("unpack") == nullptr || in.is_set("unpack"));
    if (may_unpack) {
      auto file =
          must(root->open_regular("/" + one.files->first()), "open " + word);
      if (looks_like_archive(file.get())) {
        one.archive = sources.archives.emplace_back(std::move(file)).get();
      }
    }
    sources.all.push_back(std::move(one));
  }
}

/// A file that only an URL knows: brought by the worker, named as its path
/// ends.
void StageBuild::gather_remote(const std::string& url, const Instruction& in,
                               Sources& sources) {
  const std::string folder = build_.fresh_folder();
  images::CopyRules rules = sources.rules;
  if (is_git_url(url)) {
    build_.session.clone(url, open_folder(folder).get(),
                         in.is_set("keep-git-dir"));
  } else {
    const std::string checksum = expand(in.value("checksum"));
    std::string path = url.substr(0, url.find_first_of("?#"));
    path.erase(0, path.find("://") + 3);
    const std::size_t slash = path.rfind('/');
    std::string name = slash == std::string::npos ? "" : path.substr(slash + 1);
    if (name.empty()) {
      if (in.words.back().ends_with('/')) {
        refuse("cannot determine filename from url: " + url);
      }
      name = "index";
    }
    build_.session.download(url, open_folder(folder).get(), name, checksum);
    rules.chmod = rules.chmod.empty() ? "0600" : rules.chmod;
  }
  rootfs::RootFd& root = sources.hold(open_folder(folder));
  Sources::One one{.files = std::make_unique<images::CopySource>(root),
                   .rules = rules};
  one.files->add(is_git_url(url) ? "/" : "*", rules);
  if (in.is_set("unpack") && !is_git_url(url)) {
    auto file =
        must(root.open_regular("/" + one.files->first()), "open " + url);
    one.archive = sources.archives.emplace_back(std::move(file)).get();
  }
  sources.all.push_back(std::move(one));
}

sys::UniqueFd StageBuild::mount_other(const std::string& from) {
  StageResult other;
  if (const auto stage = build_.graph.find(from, stage_.index)) {
    other = build_.result_of(*stage);
  } else {
    other.image = build_.base_image(from, build_.request.platform);
    other.layers = build_.session.layers_of(other.image);
  }
  std::swap(other.layers, now_.layers);
  sys::UniqueFd root;
  try {
    root = mount_layers(nullptr);
  } catch (...) {
    std::swap(other.layers, now_.layers);
    throw;
  }
  std::swap(other.layers, now_.layers);
  return root;
}

void StageBuild::copy(const Instruction& in) {
  Sources sources;
  gather(in, sources);
  const std::string destination = destination_of(in);
  const std::string keyword(name_of(in.keyword));
  std::size_t count = 0;
  images::Hasher hasher;
  for (const Sources::One& one : sources.all) {
    count += one.files->size();
    hasher.update(one.files->digest(one.rules).text());
    hasher.update(one.archive == -1 ? "f" : "a");
  }
  if (count == 0) {
    refuse("no source files were specified");
  }
  if (count > 1 && !destination.ends_with('/') && !sources.rules.parents) {
    refuse("When using " + keyword +
           " with more than one source file, the destination must be a "
           "directory and end with a /");
  }
  const std::string content = hasher.finish().hex();
  const rootfs::Owner owner = sources.rules.owner.value_or(rootfs::Owner{});
  const std::string key =
      key_of({keyword, destination, content, sources.rules.chmod,
              std::to_string(owner.uid) + ":" + std::to_string(owner.gid) +
                  (sources.rules.owner ? "" : "-"),
              sources.rules.parents ? "parents" : ""});
  const std::string kind =
      count == 1 && sources.all[0].files->is_file(0) ? "file:" : "multi:";
  const std::string line = "/bin/sh -c #(nop) " + keyword + " " + kind +
                           content + " in " + destination + " ";
  // The history knows neither who the files belong to nor their modes.
  const bool plain = !sources.rules.owner && sources.rules.chmod.empty() &&
                     !sources.rules.parents;
  if (!recall(key, plain ? line : "")) {
    const auto step = build_.session.begin_step(now_.layers);
    {
      const rootfs::RootFd into(mount_layers(&step));
      put(sources, into, destination);
    }
    keep(key, in.original,
         build_.session.seal(step, now_.layers, build_.epoch));
  }
  note(line, last_was_empty_);
}

void StageBuild::put(const Sources& sources, const rootfs::RootFd& into,
                     const std::string& destination) {
  for (const Sources::One& one : sources.all) {
    if (one.archive == -1) {
      one.files->copy(into, destination, one.rules);
      continue;
    }
    // Unpacked aside first: what only looked like an archive is a file.
    const std::string folder = build_.session.path() + "/" + fresh_name();
    make_folder(folder, 0755);
    const rootfs::RootFd unpacked(open_folder(folder));
    try {
      build_.session.unpack(one.archive, unpacked.get(), "/");
    } catch (const images::ImageError&) {
      one.files->copy(into, destination, one.rules);
      remove_folder(folder);
      continue;
    }
    images::CopyRules rules = one.rules;
    rules.keep_owner = true;
    images::CopySource content(unpacked);
    content.add("/", rules);
    content.copy(into, destination, rules);
    remove_folder(folder);
  }
}

void StageBuild::workdir(const Instruction& in) {
  std::string& current = now_.image.config.working_dir;
  const std::string said = expand(in.rest);
  if (said.empty()) {
    throw BuildFailure("WORKDIR requires exactly one argument");
  }
  const std::string path = dockerfile::clean_path(
      said.starts_with('/') ? said : "/" + current + "/" + said);
  const std::string key = key_of({"WORKDIR", path});
  const std::string line = "/bin/sh -c #(nop) WORKDIR " + path;
  if (!recall(key, line)) {
    const auto step = build_.session.begin_step(now_.layers);
    {
      const rootfs::RootFd into(mount_layers(&step));
      must(into.make_directories(path), "make the working directory " + path);
    }
    keep(key, in.original,
         build_.session.seal(step, now_.layers, build_.epoch));
  }
  current = path;
  note(line, last_was_empty_);
}

}  // namespace docker_cpp::daemon
