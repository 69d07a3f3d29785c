// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "etcd_wire.hpp"

#include "docker_cpp/daemon/cluster_place.hpp"

namespace docker_cpp::daemon {

/// A key and its value, as the store has it.
struct StoredValue {
  std::string key;
  std::string value;
  bool gone = false;  ///< of a watch: deleted, or its lease is over
};

/// As much of etcd as one needs to agree on who has what: version 3 of its
/// interface, through its JSON gateway. Not thread safe.
/// https://etcd.io/docs/v3.4/dev-guide/api_grpc_gateway/
class EtcdClient {
 public:
  /// "10.0.0.1:2379" each; the first that answers is asked.
  /// \throws ApiError invalid_argument for a file that cannot be used
  EtcdClient(std::vector<std::string> endpoints, StoreAccess access);

  /// A lease of so many seconds. \throws ApiError unavailable
  [[nodiscard]] std::string grant(std::chrono::seconds time);
  /// False when the lease is over.
  [[nodiscard]] bool keep_alive(const std::string& lease);

  void put(std::string_view key, std::string_view value,
           const std::string& lease = {});
  void remove(std::string_view key);

  /// Puts all, if there is none of the keys; false when there is one.
  struct Entry {
    std::string key;
    std::string value;
  };
  [[nodiscard]] bool put_new(const std::vector<Entry>& entries,
                             const std::string& lease = {});

  struct Listing {
    std::vector<StoredValue> values;
    std::int64_t revision = 0;  ///< of the store, when it was listed
  };
  /// All whose key begins with `prefix`.
  [[nodiscard]] Listing list(std::string_view prefix);

  /// Begins to tell of changes after a revision; watch_fd() is readable when
  /// there is something to read.
  void watch(std::string_view prefix, std::int64_t after);
  [[nodiscard]] int watch_fd() const noexcept { return watch_.fd(); }
  /// What has been told so far. \throws ApiError when the store is gone
  [[nodiscard]] std::vector<StoredValue> told();

 private:
  struct Answer {
    std::string body;
    std::string trouble;  ///< why there is none; empty: there is
  };

  nlohmann::json call(const char* path, const nlohmann::json& body);
  [[nodiscard]] Answer ask(const char* path, const std::string& body);
  [[nodiscard]] EtcdWire send(const char* path, const std::string& body);
  void authenticate();
  void turn();

  std::vector<std::string> endpoints_;
  StoreAccess access_;
  std::shared_ptr<SSL_CTX> tls_;
  std::string token_;
  EtcdWire watch_;
  std::string unread_;
  bool head_read_ = false;
};

}  // namespace docker_cpp::daemon
