// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "setting.hpp"

#include "docker_cpp/cgroups/cgroup.hpp"

namespace docker_cpp::cgroups {

enum class Freezer : std::uint8_t { frozen, thawed };

/// What differs between the two generations of cgroups. One object per
/// Cgroup; owns its folders.
class Backend {
 public:
  explicit Backend(std::vector<ControlDirectory> directories);
  virtual ~Backend();
  Backend(const Backend&) = delete;
  Backend& operator=(const Backend&) = delete;
  Backend(Backend&&) = delete;
  Backend& operator=(Backend&&) = delete;

  [[nodiscard]] const std::vector<ControlDirectory>& directories() const {
    return directories_;
  }
  /// Where a controller's files are; nullptr when it has none here.
  [[nodiscard]] virtual const ControlDirectory* find(
      std::string_view controller) const = 0;
  /// The v2 folder, also the one of a hybrid machine; or nullptr.
  [[nodiscard]] const ControlDirectory* unified() const;

  [[nodiscard]] virtual std::vector<Setting> plan(
      const Resources& resources) const = 0;
  virtual void apply_devices(const DeviceList& devices) const = 0;
  [[nodiscard]] virtual Statistics statistics() const = 0;
  virtual void set(Freezer wanted) const = 0;
  [[nodiscard]] virtual bool frozen() const = 0;
  [[nodiscard]] virtual std::uint64_t oom_kills() const = 0;
  [[nodiscard]] virtual sys::UniqueFd oom_event_fd() const = 0;

 private:
  std::vector<ControlDirectory> directories_;
};

class V1Backend final : public Backend {
 public:
  using Backend::Backend;
  [[nodiscard]] const ControlDirectory* find(
      std::string_view controller) const override;
  [[nodiscard]] std::vector<Setting> plan(
      const Resources& resources) const override;
  void apply_devices(const DeviceList& devices) const override;
  [[nodiscard]] Statistics statistics() const override;
  void set(Freezer wanted) const override;
  [[nodiscard]] bool frozen() const override;
  [[nodiscard]] std::uint64_t oom_kills() const override;
  [[nodiscard]] sys::UniqueFd oom_event_fd() const override;
};

class V2Backend final : public Backend {
 public:
  using Backend::Backend;
  [[nodiscard]] const ControlDirectory* find(
      std::string_view controller) const override;
  [[nodiscard]] std::vector<Setting> plan(
      const Resources& resources) const override;
  void apply_devices(const DeviceList& devices) const override;
  [[nodiscard]] Statistics statistics() const override;
  void set(Freezer wanted) const override;
  [[nodiscard]] bool frozen() const override;
  [[nodiscard]] std::uint64_t oom_kills() const override;
  [[nodiscard]] sys::UniqueFd oom_event_fd() const override;
};

}  // namespace docker_cpp::cgroups
