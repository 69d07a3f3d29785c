// SPDX-License-Identifier: Apache-2.0
#include "telling.hpp"

#include <fcntl.h>

#include <exception>

#include "flags.hpp"

#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::runtime {

Telling::Telling(const std::optional<std::string>& how) {
  if (!how) {
    return;
  }
  auto request = oci::parse_explain(*how);
  if (!request) {
    throw UsageError("invalid value for --explain: " + request.error());
  }
  request_ = *std::move(request);
  trace_.emplace();
}

Telling::~Telling() {
  if (!trace_) {
    return;
  }
  try {
    tell();
  } catch (const std::exception& error) {
    static_cast<void>(
        sys::write_all(2, std::string("--explain: ") + error.what() + "\n"));
  }
}

void Telling::tell() const {
  std::string story = oci::explain(trace_->records(), request_.format);
  if (const unsigned lost = trace_->lost();
      lost > 0 && request_.format == oci::ExplainFormat::text) {
    story += std::to_string(lost) + " steps more did not fit\n";
  }
  if (request_.file.empty()) {
    must(sys::write_all(2, story), "tell the story");
    return;
  }
  const auto file =
      must(sys::open(request_.file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644),
           "write " + request_.file);
  must(sys::write_all(file.get(), story), "write " + request_.file);
}

}  // namespace docker_cpp::runtime
