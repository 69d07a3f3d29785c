// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "cluster.hpp"
#include "overlay_keys.hpp"

/// The cluster's part of encryption: a secret that all hosts read, and what
/// each host says of itself. All of it on the cluster's thread, but secure().
namespace docker_cpp::daemon {
namespace {

using nlohmann::json;

const std::string secret_key = "/docker-cpp/v1/keys/overlay";
const std::string hosts = "/docker-cpp/v1/hosts/";

}  // namespace

void Cluster::secure(bool wanted) {
  const std::lock_guard lock(mutex_);
  wanted_life_ = wanted ? ++lives_ : 0;
}

/// Of whoever was first. Under asking_.
std::string Cluster::secret() {
  for (;;) {
    for (const StoredValue& one : client_.list(secret_key).values) {
      if (one.key == secret_key) {
        return one.value;
      }
    }
    static_cast<void>(client_.put_new({{secret_key, new_secret()}}));
  }
}

/// Says who we are, if it has to be said.
void Cluster::tell_who_we_are() {
  int wanted = 0;
  {
    const std::lock_guard lock(mutex_);
    wanted = wanted_life_;
  }
  if (wanted == told_life_) {
    return;
  }
  const std::lock_guard asking(asking_);
  const std::string key = hosts + options_.advertise;
  if (wanted == 0) {
    {
      const std::lock_guard lock(mutex_);
      ours_.erase(key);
    }
    client_.remove(key);
    told_life_ = 0;
    return;
  }
  secret_ = secret();
  nonce_ = new_secret();
  const std::string value = json{{"Nonce", nonce_}}.dump();
  {
    const std::lock_guard lock(mutex_);
    ours_[key] = value;
  }
  client_.put(key, value, lease());
  told_life_ = wanted;
  for (const auto& [address, nonce] : nonces_) {
    meet(address, nonce);
  }
}

/// The store may have begun anew, with another secret.
void Cluster::check_secret() {
  const std::lock_guard asking(asking_);
  if (told_life_ != 0 && secret() != secret_) {
    told_life_ = -1;
  }
}

/// A host that goes away keeps its flows: were they made once more when it is
/// back, their counters would begin again with the same keys.
bool Cluster::learn_host(const StoredValue& value) {
  if (!value.key.starts_with(hosts)) {
    return false;
  }
  const std::string address = value.key.substr(hosts.size());
  const json fields = json::parse(value.value, nullptr, false);
  if (value.gone || address == options_.advertise || !fields.is_object() ||
      !network::parse_ipv4(address)) {
    return true;
  }
  const auto nonce = fields.find("Nonce");
  if (nonce == fields.end() || !nonce->is_string() ||
      nonces_[address] == nonce->get<std::string>()) {
    return true;
  }
  nonces_[address] = nonce->get<std::string>();
  if (told_life_ > 0) {
    meet(address, nonces_[address]);
  }
  return true;
}

void Cluster::meet(const std::string& address, const std::string& nonce) {
  const KeyHolder us{.address = options_.advertise, .nonce = nonce_};
  const KeyHolder them{.address = address, .nonce = nonce};
  try {
    hooks_.host_met(flow_between(secret_, us, them),
                    flow_between(secret_, them, us));
  } catch (const std::exception& error) {
    options_.warn(error.what());
  }
}

}  // namespace docker_cpp::daemon
