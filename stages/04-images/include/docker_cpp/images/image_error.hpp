// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace docker_cpp::images {

/// An operation on images that failed for a reason the user is to hear, in
/// Docker's words where clients match on them. Other failures of the machine
/// are docker_cpp::Error.
class ImageError : public std::runtime_error {
 public:
  enum class Reason : std::uint8_t {
    not_found,  ///< "No such image: x" (404)
    invalid,    ///< bad reference, damaged or hostile archive (400)
    conflict,   ///< image still named or used (409)
    denied,     ///< a registry does not know who asks (401)
    failed,     ///< this machine could not: a full disk, a dead worker (500)
  };

  ImageError(Reason reason, const std::string& message)
      : std::runtime_error(message), reason_(reason) {}

  [[nodiscard]] Reason reason() const noexcept { return reason_; }

 private:
  Reason reason_;
};

}  // namespace docker_cpp::images
