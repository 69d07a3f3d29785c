// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/network/bridge_network.hpp"

#include <utility>

#include "bridge_state.hpp"

namespace docker_cpp::network {

BridgeNetwork::BridgeNetwork(Options options)
    : state_(std::make_unique<State>(std::move(options))) {}

BridgeNetwork::~BridgeNetwork() = default;

EndpointInfo BridgeNetwork::connect(int netns_fd,
                                    const EndpointRequest& request) {
  return state_->connect(netns_fd, request);
}

std::vector<PublishedPort> BridgeNetwork::publish(
    std::string_view container_id, const std::vector<PublishedPort>& ports) {
  return state_->publish(container_id, ports);
}

void BridgeNetwork::disconnect(std::string_view container_id) {
  state_->disconnect(container_id);
}

void BridgeNetwork::settle() {
  state_->settle();
}

void BridgeNetwork::adopt(std::string_view container_id,
                          const EndpointInfo& info) {
  state_->adopt(container_id, info);
}

void BridgeNetwork::reconcile() {
  state_->reconcile();
}

void BridgeNetwork::remove() {
  state_->remove();
}

int BridgeNetwork::change_fd() const noexcept {
  return state_->change_fd();
}

void BridgeNetwork::on_change() {
  state_->on_change();
}

const std::string& BridgeNetwork::subnet() const noexcept {
  return state_->subnet();
}

const std::string& BridgeNetwork::gateway() const noexcept {
  return state_->gateway();
}

const std::string& BridgeNetwork::bridge() const noexcept {
  return state_->options().bridge;
}

}  // namespace docker_cpp::network
