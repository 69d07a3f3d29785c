// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

namespace docker_cpp::daemon {

// [published]
/// A value that many read and few replace: readers share what was published
/// last and never wait, not even for a writer (two places, one in use, each
/// with a count of those who are just looking; \a left-right).
///
/// Not std::atomic<std::shared_ptr>: libstdc++'s is a lock in disguise.
template <typename T>
class Published {
 public:
  using Pointer = std::shared_ptr<const T>;

  explicit Published(Pointer value) { places_[0].value = std::move(value); }
  Published(const Published&) = delete;
  Published& operator=(const Published&) = delete;
  ~Published() = default;

  [[nodiscard]] Pointer load() const {
    for (;;) {
      const unsigned used = used_.load();
      Place& place = places_.at(used);
      place.readers.fetch_add(1);
      // A writer may have moved on before it could see us: then try again.
      Pointer copy = used_.load() == used ? place.value : Pointer();
      place.readers.fetch_sub(1);
      if (copy) {
        return copy;
      }
    }
  }

  /// Never null. Writers wait for each other.
  void store(Pointer value) {
    const std::lock_guard lock(writers_);
    publish(std::move(value));
  }

  /// Publishes what `change` makes of the present value.
  template <typename Change>
  void update(Change change) {
    const std::lock_guard lock(writers_);
    publish(change(std::as_const(*places_.at(used_.load()).value)));
  }

 private:
  struct Place {
    std::atomic<unsigned> readers = 0;
    Pointer value;
  };

  void publish(Pointer value) {
    const unsigned old = used_.load();
    Place& next = places_.at(1 - old);
    wait_for_readers(next);
    next.value = std::move(value);
    used_.store(1 - old);
    wait_for_readers(places_.at(old));
    places_.at(old).value.reset();
  }

  static void wait_for_readers(const Place& place) {
    while (place.readers.load() != 0) {
      std::this_thread::yield();
    }
  }

  mutable std::array<Place, 2> places_;
  std::atomic<unsigned> used_ = 0;
  std::mutex writers_;
};
// [published]

}  // namespace docker_cpp::daemon
