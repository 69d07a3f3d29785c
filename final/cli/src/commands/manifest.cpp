// SPDX-License-Identifier: Apache-2.0
#include "commands/commands.hpp"
#include "commands/support.hpp"
#include "registry/manifest_lists.hpp"

#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli::commands {

namespace {

Reference parsed(const std::string& name) {
  const auto reference = parse_reference(name);
  if (!reference) {
    throw Failure(reference.error());
  }
  return *reference;
}

/// A document as docker prints it, whatever blanks it came with.
void print_document(const std::string& text) {
  const auto value = parse_json(text);
  if (!value) {
    throw Failure("the manifest is not JSON: " + value.error());
  }
  print(print_indented(*value, "", "\t") + "\n");
}

Value verbose(const ManifestEntry& entry) {
  auto platform = Value::object();
  platform.set("architecture", entry.architecture).set("os", entry.os);
  if (!entry.variant.empty()) {
    platform.set("variant", entry.variant);
  }
  auto descriptor = Value::object();
  descriptor.set("mediaType", entry.media_type)
      .set("digest", entry.digest)
      .set("size", entry.size)
      .set("platform", platform);
  auto out = Value::object();
  out.set("Ref",
          entry.reference.full + ":" +
              (entry.reference.tag.empty() ? "latest" : entry.reference.tag))
      .set("Descriptor", descriptor);
  if (const auto document = parse_json(entry.text)) {
    out.set("SchemaV2Manifest", *document);
  }
  return out;
}

}  // namespace

int manifest_inspect(Context& context, const Arguments& arguments) {
  const ManifestLists lists(context.config);
  const auto name = parsed(arguments.words.back());
  if (arguments.words.size() == 2) {
    print_document(lists.get(parsed(arguments.words[0]), name).text);
    return 0;
  }
  if (lists.has(name)) {
    std::string type;
    print_document(print_list(lists.all(name), type));
    return 0;
  }
  const auto found =
      fetch_manifest(context.config, name, arguments.flag("insecure"));
  if (arguments.flag("verbose")) {
    print(print_indented(verbose(found), "", "\t") + "\n");
  } else {
    print_document(found.text);
  }
  return 0;
}

namespace {

void print_field(const std::string& indent, const std::string& name,
                 const std::string& text) {
  if (!text.empty()) {
    print(indent + name + ":" + std::string(14 - name.size(), ' ') + text +
          "\n");
  }
}

void print_descriptor(const std::string& repository, const Value& one) {
  print("\n");
  print_field("  ", "Name", repository + "@" + one["digest"].text());
  print_field("  ", "MediaType", one["mediaType"].text());
  print_field("  ", "ArtifactType", one["artifactType"].text());
  if (const auto& platform = one["platform"]; platform.is_object()) {
    const auto variant = platform["variant"].text();
    print_field("  ", "Platform",
                platform["os"].text() + "/" + platform["architecture"].text() +
                    (variant.empty() ? "" : "/" + variant));
  }
  for (const auto& [name, value] : one["annotations"].members()) {
    print_field("  ", "Annotation", name + "=" + value.text());
  }
}

}  // namespace

/// As `docker buildx imagetools inspect` shows it, and what refers to it.
int manifest_ls(Context& context, const Arguments& arguments) {
  const auto name = parsed(arguments.words[0]);
  const bool insecure = arguments.flag("insecure");
  const auto found = fetch_manifest(context.config, name, insecure);
  auto exact = name;
  exact.digest = found.digest;
  const auto about = fetch_referrers(context.config, exact,
                                     arguments.text("artifact-type"), insecure);
  const auto document = parse_json(found.text);
  const auto manifests = document ? (*document)["manifests"] : Value();
  if (arguments.text("format") == "json") {
    auto out = Value::object();
    out.set("name", arguments.words[0])
        .set("mediaType", found.media_type)
        .set("digest", found.digest)
        .set("size", found.size)
        .set("manifests", manifests.is_array() ? manifests : Value::array())
        .set("referrers", about);
    print(print_indented(out, "", "    ") + "\n");
    return 0;
  }
  print_field("", "Name", arguments.words[0]);
  print_field("", "MediaType", found.media_type);
  print_field("", "Digest", found.digest);
  const auto list = [&](const char* title, const Value& all) {
    if (!all.items().empty()) {
      print("\n" + std::string(title) + ":");
      for (const auto& one : all.items()) {
        print_descriptor(name.full, one);
      }
    }
  };
  list("Manifests", manifests);
  list("Referrers", about);
  return 0;
}

int manifest_create(Context& context, const Arguments& arguments) {
  const ManifestLists lists(context.config);
  const auto list = parsed(arguments.words[0]);
  if (lists.has(list) && !arguments.flag("amend")) {
    throw Failure(
        "refusing to amend an existing manifest list with no "
        "--amend flag");
  }
  std::vector<ManifestEntry> entries;
  for (std::size_t i = 1; i < arguments.words.size(); ++i) {
    entries.push_back(fetch_manifest(context.config, parsed(arguments.words[i]),
                                     arguments.flag("insecure")));
  }
  for (const auto& entry : entries) {
    lists.put(list, entry);
  }
  print("Created manifest list " + list.full + ":" +
        (list.tag.empty() ? "latest" : list.tag) + "\n");
  return 0;
}

int manifest_annotate(Context& context, const Arguments& arguments) {
  const ManifestLists lists(context.config);
  const auto list = parsed(arguments.words[0]);
  auto entry = lists.get(list, parsed(arguments.words[1]));
  const auto take = [&](const char* option, std::string& into) {
    if (arguments.given(option)) {
      into = arguments.text(option);
    }
  };
  take("arch", entry.architecture);
  take("os", entry.os);
  take("variant", entry.variant);
  take("os-version", entry.os_version);
  if (arguments.given("os-features")) {
    entry.os_features = arguments.list("os-features");
  }
  if (entry.os.empty() || entry.architecture.empty()) {
    throw Failure(
        "manifest entry for image has unsupported os/arch "
        "combination: " +
        entry.os + "/" + entry.architecture);
  }
  lists.put(list, entry);
  return 0;
}

int manifest_push(Context& context, const Arguments& arguments) {
  const ManifestLists lists(context.config);
  const auto list = parsed(arguments.words[0]);
  const auto entries = lists.all(list);
  if (entries.empty()) {
    throw Failure(list.full + " not found");
  }
  print(push_list(context.config, list, entries, arguments.flag("insecure")) +
        "\n");
  if (arguments.flag("purge")) {
    lists.remove(list);
  }
  return 0;
}

int manifest_rm(Context& context, const Arguments& arguments) {
  const ManifestLists lists(context.config);
  return for_each_word(arguments, [&](const std::string& word) {
    lists.remove(parsed(word));
    return word;
  });
}

}  // namespace docker_cpp::cli::commands
