// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/daemon/http/exchange.hpp"

#include <utility>

namespace docker_cpp::daemon::http {

Exchange::~Exchange() {
  if (!answered_) {
    transport_->reply({.status = 500, .content_type = "application/json"},
                      R"({"message":"the engine gave no answer"})"
                      "\n");
  } else if (!finished_) {
    transport_->abort();
  }
}

void Exchange::reply(Head head, std::string body) {
  answered_ = finished_ = true;
  transport_->reply(std::move(head), std::move(body));
}

void Exchange::begin_stream(Head head) {
  answered_ = true;
  transport_->begin_stream(std::move(head));
}

bool Exchange::write(std::string bytes) {
  if (gone()) {
    return false;
  }
  if (transport_->queued() + bytes.size() > queue_limit) {
    abort();
    return false;
  }
  if (!bytes.empty()) {
    transport_->write(std::move(bytes));
  }
  return true;
}

void Exchange::finish() {
  finished_ = true;
  transport_->finish();
}

void Exchange::abort() {
  answered_ = finished_ = true;
  transport_->abort();
}

void Exchange::hijack(Head head) {
  answered_ = true;
  transport_->hijack(std::move(head));
}

void Exchange::relay(RelayPlan plan) {
  finished_ = true;
  transport_->relay(std::move(plan));
}

void Exchange::write_raw(std::string bytes) {
  transport_->write(std::move(bytes));
}

void Exchange::on_gone(Task task) {
  transport_->on_gone(std::move(task));
}

void Exchange::on_drained(Task task) {
  transport_->on_drained(std::move(task));
}

}  // namespace docker_cpp::daemon::http
