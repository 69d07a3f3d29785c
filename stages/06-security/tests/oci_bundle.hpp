// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

/// A bundle in a temporary folder, with busybox as its root, for tests.
class Bundle {
 public:
  Bundle();
  ~Bundle();
  Bundle(const Bundle&) = delete;
  Bundle& operator=(const Bundle&) = delete;

  /// Writes config.json: the template of `spec` without a terminal, running
  /// these words, with a JSON merge patch on top.
  void configure(const std::vector<std::string>& args,
                 const std::string& patch = "{}") const;
  /// The text that configure() would write.
  [[nodiscard]] static std::string config(const std::vector<std::string>& args,
                                          const std::string& patch = "{}");

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string root() const { return path_ + "/rootfs"; }
  /// A container id that no other test uses.
  [[nodiscard]] const std::string& id() const { return id_; }

 private:
  std::string path_;
  std::string id_;
};

[[nodiscard]] std::string slurp(const std::string& path);
void spill(const std::string& path, const std::string& content,
           unsigned mode = 0644);

/// How many cgroups, in all hierarchies, are named so.
[[nodiscard]] int count_cgroups(const std::string& name);

/// A JSON value looked up by a pointer ("/linux/namespaces/0"), as text.
[[nodiscard]] std::string json_at(const std::string& json,
                                  const std::string& pointer);
