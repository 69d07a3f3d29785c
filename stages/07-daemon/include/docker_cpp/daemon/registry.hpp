// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "docker_cpp/daemon/model.hpp"
#include "docker_cpp/daemon/published.hpp"

namespace docker_cpp::daemon {

/// All containers, by id and by name. Readers get snapshots and wait for
/// nobody: `ps` never waits for a `stop`. Thread safe.
///
/// Who changes a container is its actor; who adds, renames or erases one wins
/// or loses here, and nowhere else.
class Registry {
 public:
  using ContainerPtr = std::shared_ptr<const Container>;

  Registry();

  /// By id, by name (with or without a slash), or by unique prefix of an id.
  /// \throws ApiError not_found, or invalid_argument when a prefix fits two
  [[nodiscard]] ContainerPtr find(std::string_view ref) const;

  /// By exact id; null when there is none.
  [[nodiscard]] ContainerPtr by_id(std::string_view id) const;

  /// All, newest first.
  [[nodiscard]] std::vector<ContainerPtr> list() const;

  /// \throws ApiError conflict, in Docker's words, when the name is taken
  void insert(Container container);

  /// Publishes a new state of a container that is here; else does nothing.
  void publish(const Container& container);

  /// \throws ApiError conflict when the new name is another container's
  void rename(std::string_view id, const std::string& new_name);

  void erase(std::string_view id);

 private:
  struct Entry {
    std::string id;
    std::string name;
    std::shared_ptr<Published<Container>> cell;
  };
  struct Index {
    std::vector<Entry> by_id;                                ///< sorted
    std::vector<std::pair<std::string, std::string>> names;  ///< name, id
  };

  static const Entry* entry(const Index& index, std::string_view id);
  static const std::string* id_of(const Index& index, std::string_view name);
  static const Entry* by_prefix(const Index& index, std::string_view prefix);
  static void take_name(Index& index, const std::string& name,
                        const std::string& id);

  Published<Index> index_;
};

}  // namespace docker_cpp::daemon
