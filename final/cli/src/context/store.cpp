// SPDX-License-Identifier: Apache-2.0
#include "context/store.hpp"

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>

#include <openssl/sha.h>

#include "file_io.hpp"

#include "docker_cpp/cli/failure.hpp"
#include "docker_cpp/cli/text.hpp"
#include "docker_cpp/sys/file.hpp"

namespace docker_cpp::cli {
namespace {

std::vector<std::string> entries_of(const std::string& folder) {
  const auto close = [](DIR* open) {
    ::closedir(open);
  };
  const std::unique_ptr<DIR, decltype(close)> open(::opendir(folder.c_str()),
                                                   close);
  std::vector<std::string> names;
  while (const auto* entry = open ? ::readdir(open.get()) : nullptr) {
    const std::string name = static_cast<const char*>(entry->d_name);
    if (!name.starts_with('.')) {
      names.push_back(name);
    }
  }
  std::ranges::sort(names);
  return names;
}

bool allowed_in_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '+' || c == '-';
}

}  // namespace

std::string sha256(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  ::SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
           digest.data());
  std::string hex;
  for (const auto byte : digest) {
    hex += digits[byte >> 4U];
    hex += digits[byte & 15U];
  }
  return hex;
}

std::string check_context_name(const std::string& name) {
  if (name.empty()) {
    return "context name cannot be empty";
  }
  if (name == "default") {
    return "\"default\" is a reserved context name";
  }
  const bool starts =
      allowed_in_name(name.front()) &&
      std::string_view("_.+-").find(name.front()) == std::string_view::npos;
  if (name.size() < 2 || !starts ||
      !std::ranges::all_of(name, allowed_in_name)) {
    return "context name \"" + name +
           "\" is invalid, names are validated against regexp "
           "\"^[a-zA-Z0-9][a-zA-Z0-9_.+-]+$\"";
  }
  return {};
}

std::string ContextStore::meta_folder(const std::string& name) const {
  return root_ + "/meta/" + sha256(name);
}

std::string ContextStore::tls_folder(const std::string& name) const {
  return root_ + "/tls/" + sha256(name);
}

bool ContextStore::exists(const std::string& name) const {
  return ::access((meta_folder(name) + "/meta.json").c_str(), F_OK) == 0;
}

Value ContextStore::load(const std::string& name) const {
  const auto path = meta_folder(name) + "/meta.json";
  const auto text = sys::read_file(path.c_str());
  if (!text) {
    throw Failure("context \"" + name + "\": context not found: open " + path +
                  ": " + reason_of(text.error().code));
  }
  auto meta = parse_json(*text);
  if (!meta) {
    throw Failure("context \"" + name + "\": " + path + ": " + meta.error());
  }
  return *std::move(meta);
}

std::vector<Value> ContextStore::list() const {
  std::vector<Value> all;
  for (const auto& entry : entries_of(root_ + "/meta")) {
    const auto path = root_ + "/meta/" + entry + "/meta.json";
    if (const auto text = sys::read_file(path.c_str())) {
      if (auto meta = parse_json(*text)) {
        all.push_back(*std::move(meta));
      }
    }
  }
  std::ranges::sort(all, {}, [](const Value& meta) -> const std::string& {
    return meta["Name"].text();
  });
  return all;
}

void ContextStore::save(const Value& meta) const {
  const auto folder = meta_folder(meta["Name"].text());
  make_folders(folder, 0755);
  replace_file(folder + "/meta.json", print_json(meta), 0644);
}

void ContextStore::remove(const std::string& name) const {
  for (const auto& [file, content] : tls_files(name)) {
    ::unlink((tls_folder(name) + "/docker/" + file).c_str());
  }
  ::rmdir((tls_folder(name) + "/docker").c_str());
  ::rmdir(tls_folder(name).c_str());
  ::unlink((meta_folder(name) + "/meta.json").c_str());
  if (::rmdir(meta_folder(name).c_str()) != 0) {
    throw Failure("failed to remove metadata: " + reason_of(errno));
  }
}

std::vector<ContextStore::File> ContextStore::tls_files(
    const std::string& name) const {
  std::vector<File> files;
  const auto folder = tls_folder(name) + "/docker";
  for (const auto& entry : entries_of(folder)) {
    if (auto text = sys::read_file((folder + "/" + entry).c_str())) {
      files.emplace_back(entry, *std::move(text));
    }
  }
  return files;
}

void ContextStore::save_tls(const std::string& name,
                            const std::vector<File>& files) const {
  if (files.empty()) {
    return;
  }
  const auto folder = tls_folder(name) + "/docker";
  make_folders(folder, 0700);
  for (const auto& [file, content] : files) {
    replace_file(folder + "/" + file, content, 0600);
  }
}

}  // namespace docker_cpp::cli
