// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <utility>

#include "docker_cpp/namespaces/isolation.hpp"

namespace docker_cpp::oci {

/// The list in the making: `order.add<Isolation>(arguments...)`.
class Order {
 public:
  explicit Order(namespaces::Isolations& list) : list_(&list) {}

  template <typename Kind, typename... Arguments>
  Kind& add(Arguments&&... arguments) {
    auto made = std::make_unique<Kind>(std::forward<Arguments>(arguments)...);
    Kind& reference = *made;
    list_->push_back(std::move(made));
    return reference;
  }

  void add(std::unique_ptr<namespaces::Isolation> made) {
    list_->push_back(std::move(made));
  }

 private:
  namespaces::Isolations* list_;
};

}  // namespace docker_cpp::oci
