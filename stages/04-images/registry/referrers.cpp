// SPDX-License-Identifier: Apache-2.0
// What says of itself that it is about a manifest: signatures, bills of
// materials, attestations. A registry lists them; one that cannot keeps an
// index under a tag made of the digest, which whoever pushed them wrote.
// \oci{distribution,listing-referrers}
#include <algorithm>

#include "json_reader.hpp"
#include "manifest_fetch.hpp"
#include "registry_work.hpp"

namespace docker_cpp::images {
namespace {

using Reason = ImageError::Reason;

constexpr std::size_t largest_page = std::size_t{4} << 20;
constexpr std::size_t most_referrers = 10'000;
constexpr const char* index_only =
    "Accept: application/vnd.oci.image.index.v1+json";

/// %XX for everything that a media type may hold and a query may not.
std::string in_query(const std::string& text) {
  constexpr const char* digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       (c >= '0' && c <= '9') || c == '-' || c == '.' ||
                       c == '_';
    const auto byte = static_cast<unsigned char>(c);
    out += plain ? std::string(1, c)
                 : std::string{'%', digits[byte >> 4], digits[byte & 15]};
  }
  return out;
}

/// The entries of one page that are of the wanted type, which a registry may
/// or may not have looked at.
std::size_t take_page(const std::string& body, const std::string& wanted,
                      Json& found) {
  const Json json = parse_json(body, "referrers", largest_page);
  const auto entries = JsonObject(json, "referrers").objects("manifests");
  for (const JsonObject& one : entries) {
    const auto digest = Digest::parse(one.text("digest"));
    if (!digest) {
      one.refuse("digest", digest.error());
    }
    const std::string type = one.text("artifactType");
    if (wanted.empty() || type == wanted) {
      found.push_back({{"mediaType", one.text("mediaType")},
                       {"digest", digest->text()},
                       {"size", one.integer("size")},
                       {"artifactType", type},
                       {"annotations", one.text_map("annotations")}});
    }
  }
  return entries.size();
}

/// False when the registry does not know such a request.
bool by_request(RegistrySession& session, const Digest& subject,
                const std::string& wanted, Json& found) {
  std::string path =
      "referrers/" + subject.text() +
      (wanted.empty() ? "" : "?artifactType=" + in_query(wanted));
  std::size_t seen = 0;
  std::size_t bytes = 0;
  while (!path.empty() && seen < most_referrers) {
    const auto answer =
        session.ask({.headers = {index_only}}, path, largest_page);
    if (answer.head.status == 404 && seen == 0) {
      return false;
    }
    if (answer.head.status != 200) {
      throw refusal(session.reference(), answer.head.status, answer.body);
    }
    count_page(bytes, answer.body.size());
    const std::size_t page = take_page(answer.body, wanted, found);
    seen += page;
    const std::string next = next_page(answer.head.header("link"));
    path = page == 0 || next == path ? "" : next;
  }
  return true;
}

void by_tag(RegistrySession& session, const Digest& subject,
            const std::string& wanted, Json& found) {
  const auto answer =
      session.ask({.headers = {index_only}},
                  "manifests/sha256-" + subject.hex(), largest_page);
  if (answer.head.status == 200) {
    take_page(answer.body, wanted, found);
  } else if (answer.head.status != 404) {
    throw refusal(session.reference(), answer.head.status, answer.body);
  }
}

}  // namespace

void referrers(const RegistryJob& job, Reporter& reporter) {
  auto reference = Reference::parse(job.reference);
  if (!reference) {
    throw ImageError(Reason::invalid, reference.error());
  }
  RegistrySession session(job, *reference, RegistrySession::Access::pull);
  session.connect();
  const auto named = Digest::parse(reference->digest());
  const Digest subject =
      named ? *named : fetch_document(session, reference->tag()).digest;
  Json found = Json::array();
  if (!by_request(session, subject, job.term, found)) {
    by_tag(session, subject, job.term, found);
  }
  const Json line = {{"type", "referrers"},
                     {"subject", subject.text()},
                     {"manifests", std::move(found)}};
  reporter.line(line.dump(-1, ' ', false, Json::error_handler_t::replace));
  reporter.line(R"({"type":"done"})");
}

}  // namespace docker_cpp::images
