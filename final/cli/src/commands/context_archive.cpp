// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include "commands/commands.hpp"
#include "context/store.hpp"
#include "context/tar.hpp"
#include "file_io.hpp"

#include "docker_cpp/cli/text.hpp"
#include "docker_cpp/sys/file.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::cli::commands {

namespace {

constexpr std::size_t largest_import = 10U << 20U;  // docker's limit

std::string read_import(const std::string& path) {
  auto text = path == "-" ? sys::read_all(STDIN_FILENO, largest_import)
                          : sys::read_file(path.c_str(), largest_import);
  if (!text) {
    throw Failure("open " + path + ": " + reason_of(text.error().code));
  }
  return *std::move(text);
}

/// "tls/docker/ca.pem" is the file "ca.pem"; nothing else may be written.
std::string tls_file_name(const std::string& entry) {
  constexpr std::string_view prefix = "tls/docker/";
  const auto name =
      entry.starts_with(prefix) ? entry.substr(prefix.size()) : std::string();
  return name.find('/') == std::string::npos && !name.starts_with('.')
             ? name
             : std::string();
}

}  // namespace

int context_export(Context& context, const Arguments& arguments) {
  const auto& name = arguments.words[0];
  const ContextStore store(context.config.directory());
  if (const auto wrong = check_context_name(name); !wrong.empty()) {
    throw Failure(wrong);
  }
  std::vector<TarEntry> entries = {{"meta.json", print_json(store.load(name))},
                                   {"tls/", ""}};
  const auto files = store.tls_files(name);
  if (!files.empty()) {
    entries.push_back({"tls/docker/", ""});
  }
  for (const auto& [file, content] : files) {
    entries.push_back({"tls/docker/" + file, content});
  }
  const auto path =
      arguments.words.size() > 1 ? arguments.words[1] : name + ".dockercontext";
  if (path == "-") {
    if (::isatty(STDOUT_FILENO) != 0) {
      throw Failure(
          "cowardly refusing to export to a terminal, specify a file path");
    }
    print(write_tar(entries));
    return 0;
  }
  const auto file = sys::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL, 0600);
  if (!file) {
    throw Failure("open " + path + ": " + reason_of(file.error().code));
  }
  write_to(file->get(), write_tar(entries));
  print_error("Written file \"" + path + "\"\n");
  return 0;
}

int context_import(Context& context, const Arguments& arguments) {
  const auto& name = arguments.words[0];
  const ContextStore store(context.config.directory());
  if (const auto wrong = check_context_name(name); !wrong.empty()) {
    throw Failure(wrong);
  }
  if (store.exists(name)) {
    throw Failure("context \"" + name + "\" already exists");
  }
  const auto archive = read_import(arguments.words[1]);
  if (archive.starts_with("PK")) {
    throw Failure("a zip archive cannot be imported: make a tar archive of it");
  }
  const auto entries = read_tar(archive);
  if (!entries) {
    throw Failure(entries.error());
  }
  Value meta;
  std::vector<ContextStore::File> files;
  for (const auto& [entry, content] : *entries) {
    if (entry == "meta.json") {
      auto parsed = parse_json(content);
      if (!parsed) {
        throw Failure(parsed.error());
      }
      meta = *std::move(parsed);
    } else if (const auto file = tls_file_name(entry); !file.empty()) {
      files.emplace_back(file, content);
    }
  }
  if (!meta.is_object()) {
    throw Failure("invalid context: no metadata found");
  }
  meta.set("Name", name);
  store.save(meta);
  store.save_tls(name, files);
  print(name + "\n");
  print_error("Successfully imported context \"" + name + "\"\n");
  return 0;
}

}  // namespace docker_cpp::cli::commands
