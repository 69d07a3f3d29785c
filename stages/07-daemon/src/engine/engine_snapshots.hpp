// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine_impl.hpp"

namespace docker_cpp::daemon {

class EngineSnapshots final : public Snapshots {
 public:
  explicit EngineSnapshots(Engine::Impl& engine)
      : engine_(engine), context_(engine.context) {}

  void create(std::string_view ref, std::string name,
              Done<Snapshot> done) override;
  void restore(std::string_view ref, std::string snapshot,
               Done<void> done) override;
  void remove(std::string_view ref, std::string snapshot,
              Done<void> done) override;
  void clone(std::string_view ref, CloneRequest request,
             Done<Created> done) override;
  [[nodiscard]] std::vector<Snapshot> list(std::string_view ref) const override;

 private:
  using Pending = SnapshotStore::PendingPtr;

  void make(const ContainerPtr& container, std::string name,
            Done<Pending> done);
  void copy(const ContainerPtr& container, std::string name,
            Done<Pending> done);
  [[nodiscard]] Snapshot named(const Container& container,
                               const std::string& ref) const;
  void create_clone(const Container& source, std::string name, Strings frozen,
                    Done<Created>& done);

  Engine::Impl& engine_;
  Context& context_;
};

}  // namespace docker_cpp::daemon
