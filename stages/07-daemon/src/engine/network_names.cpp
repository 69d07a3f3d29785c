// SPDX-License-Identifier: Apache-2.0
#include "network_names.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <utility>

#include "identifiers.hpp"

#include "docker_cpp/network/ipv4.hpp"

namespace docker_cpp::daemon {
namespace {

using network::DnsAnswer;
using network::DnsCode;
using network::DnsQuery;
using network::DnsType;

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  });
  return out;
}

/// An address as it travels; empty for none.
std::string wire(int family, const std::string& address) {
  in6_addr bytes{};
  if (::inet_pton(family, address.c_str(), &bytes) != 1) {
    return "";
  }
  return {reinterpret_cast<const char*>(&bytes),
          family == AF_INET ? 4U : sizeof bytes};
}

Strings names_of(const Container& container, const Endpoint& endpoint) {
  Strings names = {lower(container.name), short_id(container.id)};
  for (const std::string& alias : endpoint.aliases) {
    names.push_back(lower(alias));
  }
  return names;
}

}  // namespace

void NetworkNames::add(const Network& network, const Container& container,
                       const Endpoint& endpoint) {
  {
    const std::lock_guard lock(mutex_);
    parties_[container.id].endpoints.push_back(
        {.network = std::make_shared<const Network>(network),
         .ip = endpoint.ip_address,
         .ipv6 = endpoint.ipv6_address,
         .gateway = endpoint.gateway,
         .names = names_of(container, endpoint),
         .links = endpoint.links});
  }
  update(container.id);
}

void NetworkNames::remove(const Network& network,
                          const std::string& container) {
  {
    const std::lock_guard lock(mutex_);
    const auto party = parties_.find(container);
    if (party == parties_.end()) {
      return;
    }
    std::erase_if(party->second.endpoints, [&](const Named& one) {
      return one.network->id == network.id;
    });
    if (party->second.endpoints.empty()) {
      parties_.erase(party);
    }
  }
  update(container);
}

void NetworkNames::rename(const Container& container) {
  const std::lock_guard lock(mutex_);
  const auto party = parties_.find(container.id);
  if (party != parties_.end()) {
    for (Named& one : party->second.endpoints) {
      one.names.front() = lower(container.name);
    }
  }
}

bool NetworkNames::has_names(const Party& party) {
  return std::ranges::any_of(party.endpoints, [](const Named& one) {
    return !one.network->predefined;
  });
}

network::DnsForwarding NetworkNames::forwarding(const Party& party) {
  const bool leads_out = std::ranges::any_of(
      party.endpoints, [](const Named& one) { return !one.network->internal; });
  return {.allowed = leads_out, .servers = party.servers};
}

/// After its networks have changed.
void NetworkNames::update(const std::string& container) {
  const std::lock_guard serving(serving_);
  if (!server_ || !server_->is_open(container)) {
    return;
  }
  // One that left its last such network still asks 127.0.0.11: it is told of
  // the world what its other networks allow.
  network::DnsForwarding now{.allowed = false};
  {
    const std::lock_guard lock(mutex_);
    if (const auto party = parties_.find(container); party != parties_.end()) {
      now = forwarding(party->second);
    }
  }
  server_->set_forwarding(container, std::move(now));
}

void NetworkNames::serve(const std::string& container, int netns,
                         std::vector<std::string> servers) {
  const std::lock_guard serving(serving_);
  network::DnsForwarding now;
  {
    const std::lock_guard lock(mutex_);
    const auto party = parties_.find(container);
    if (party == parties_.end() || !has_names(party->second)) {
      return;
    }
    party->second.servers = std::move(servers);
    now = forwarding(party->second);
  }
  if (!server_) {
    server_ = std::make_unique<network::DnsServer>(
        [this](const std::string& asker, const DnsQuery& query) {
          return answer(asker, query);
        });
  }
  if (!server_->is_open(container)) {
    server_->open(container, netns, std::move(now));
  }
}

void NetworkNames::silence(const std::string& container) {
  const std::lock_guard serving(serving_);
  if (server_) {
    server_->close(container);
  }
}

std::vector<const NetworkNames::Named*> NetworkNames::members(
    const std::string& network, std::string_view name) const {
  std::vector<const Named*> found;
  for (const auto& [id, party] : parties_) {
    for (const Named& one : party.endpoints) {
      if (one.network->id == network &&
          std::ranges::find(one.names, name) != one.names.end()) {
        found.push_back(&one);
      }
    }
  }
  return found;
}

/// "web", or "web.network"; and what the asker itself calls a container.
std::vector<const NetworkNames::Named*> NetworkNames::find(
    const Party& asker, std::string_view name) const {
  for (const Named& own : asker.endpoints) {
    if (own.network->predefined) {
      continue;
    }
    std::string wanted(name);
    const std::string suffix = "." + lower(own.network->name);
    if (wanted.ends_with(suffix)) {
      wanted.resize(wanted.size() - suffix.size());
    }
    for (const std::string& link : own.links) {
      const std::size_t colon = link.find(':');
      if (colon != std::string::npos &&
          lower(std::string_view(link).substr(colon + 1)) == wanted) {
        wanted = lower(std::string_view(link).substr(0, colon));
        break;
      }
    }
    if (auto found = members(own.network->id, wanted); !found.empty()) {
      return found;
    }
  }
  return {};
}

std::optional<DnsAnswer> NetworkNames::answer_reverse(
    const Party& asker, const DnsQuery& query) const {
  const auto address = network::dns_reverse_address(query.name);
  if (!address) {
    return std::nullopt;
  }
  for (const Named& own : asker.endpoints) {
    for (const auto& [id, party] : parties_) {
      for (const Named& one : party.endpoints) {
        if (!own.network->predefined && one.network->id == own.network->id &&
            (one.ip == *address || one.ipv6 == *address)) {
          return DnsAnswer{.type = DnsType::ptr,
                           .records = {network::dns_labels(
                               one.names.front() + "." + one.network->name)}};
        }
      }
    }
  }
  return std::nullopt;
}

std::optional<DnsAnswer> NetworkNames::answer(const std::string& container,
                                              const DnsQuery& query) {
  const std::lock_guard lock(mutex_);
  const auto asker = parties_.find(container);
  if (asker == parties_.end()) {
    return DnsAnswer{.code = DnsCode::server_failure};
  }
  if (query.type == static_cast<std::uint16_t>(DnsType::ptr)) {
    return answer_reverse(asker->second, query);
  }
  const bool v6 = query.type == static_cast<std::uint16_t>(DnsType::aaaa);
  const bool v4 = query.type == static_cast<std::uint16_t>(DnsType::a);
  DnsAnswer answer{.type = v6 ? DnsType::aaaa : DnsType::a};
  const auto add = [&](const std::string& address) {
    std::string bytes = wire(v6 ? AF_INET6 : AF_INET, address);
    if ((v4 || v6) && !bytes.empty()) {
      answer.records.push_back(std::move(bytes));
    }
  };
  const auto found = find(asker->second, query.name);
  for (const Named* one : found) {
    add(v6 ? one->ipv6 : one->ip);
  }
  if (found.empty()) {
    if (query.name != "host.docker.internal") {
      return std::nullopt;
    }
    for (const Named& own : asker->second.endpoints) {
      if (!own.network->internal && answer.records.empty()) {
        add(v6 ? "" : own.gateway);
      }
    }
  }
  if (answer.records.size() > 1) {
    std::ranges::rotate(
        answer.records,
        answer.records.begin() +
            static_cast<std::ptrdiff_t>(turn_++ % answer.records.size()));
  }
  return answer;
}

}  // namespace docker_cpp::daemon
