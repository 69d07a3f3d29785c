// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "docker_cpp/sys/result.hpp"

/// A record: one small file that is either its old content or its new one,
/// whatever happens. See docs/formats/container-record.md.
namespace docker_cpp::daemon {

/// What a power cut may take: nothing that was acknowledged, or (`run --rm`)
/// everything, which then costs no fsync.
enum class Durability : std::uint8_t { durable, volatile_record };

/// Replaces the record `name` in the folder `dir`: writes beside it, fsyncs,
/// renames, fsyncs the folder.
/// \throws Error naming the record; the old one then still stands
void write_record(int dir, const std::string& name, std::string_view body,
                  Durability durability = Durability::durable);

/// Why a record could not be read.
struct RecordProblem {
  enum class Kind : std::uint8_t { missing, damaged, newer, unreadable } kind;
  std::string reason;
};

/// The body of a record, checked.
[[nodiscard]] std::expected<std::string, RecordProblem> read_record(
    int dir, const std::string& name);

/// Keeps a damaged record for whoever looks into it, out of the way.
[[nodiscard]] sys::Result<void> set_aside(int dir, const std::string& name);

/// The frame around a body, and back: for tests and fuzzers.
[[nodiscard]] std::string frame_record(std::string_view body);
[[nodiscard]] std::expected<std::string_view, RecordProblem> unframe_record(
    std::string_view file);

}  // namespace docker_cpp::daemon
