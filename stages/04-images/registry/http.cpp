// SPDX-License-Identifier: Apache-2.0
#include "http.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

namespace docker_cpp::images {
namespace {

using Clock = std::chrono::steady_clock;
using Kind = HttpError::Kind;

constexpr std::size_t piece_size = std::size_t{256} << 10;
constexpr std::size_t most_headers = 200;
constexpr std::size_t longest_header = std::size_t{64} << 10;
constexpr long most_redirects = 10;
constexpr long connect_milliseconds = 15'000;

struct FreeEasy {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct FreeMulti {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

/// The connections of a thread, kept from request to request.
CURLM* connections() {
  thread_local const std::unique_ptr<CURLM, FreeMulti> multi(curl_multi_init());
  return multi.get();
}

Kind kind_of(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
      return Kind::refused;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CIPHER:
      return Kind::tls;
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_TOO_MANY_REDIRECTS:
    case CURLE_URL_MALFORMAT:
      return Kind::forbidden;
    default:
      return Kind::broken;
  }
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) {
    return static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
  });
  return out;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

curl_blob borrowed(const std::string& text) {
  return {.data = const_cast<char*>(text.data()),
          .len = text.size(),
          .flags = CURL_BLOB_COPY};
}

}  // namespace

std::string HttpHead::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string() : found->second;
}

struct HttpTransfer::State {
  State(HttpRequest asked, const RegistryOptions& how)
      : request(std::move(asked)), options(how), easy(curl_easy_init()) {}

  template <typename Value>
  void set(CURLoption option, Value value) {
    curl_easy_setopt(easy.get(), option, value);
  }

  void plan();
  void plan_body();
  void trust(const HostTrust& host);
  void drive();
  void wait();
  void finish(CURLcode code);
  std::size_t take_header(std::string_view line);
  std::size_t take_body(std::string_view bytes);

  // libcurl is C: nothing may be thrown through it.
  static std::size_t on_header(char* data, std::size_t size, std::size_t count,
                               void* self) {
    return static_cast<State*>(self)->take_header({data, size * count});
  }
  static std::size_t on_body(char* data, std::size_t size, std::size_t count,
                             void* self) {
    return static_cast<State*>(self)->take_body({data, size * count});
  }
  static std::size_t on_read(char* into, std::size_t size, std::size_t count,
                             void* self) {
    State& state = *static_cast<State*>(self);
    state.heard = Clock::now();
    try {
      return state.request.body_source(into, size * count);
    } catch (const std::exception&) {
      return CURL_READFUNC_ABORT;
    }
  }

  HttpRequest request;
  const RegistryOptions& options;
  std::unique_ptr<CURL, FreeEasy> easy;
  std::unique_ptr<curl_slist, FreeList> headers;
  std::array<char, CURL_ERROR_SIZE> words{};
  HttpHead head;
  std::string buffer;  ///< received
  std::string given;   ///< handed out
  bool head_done = false;
  bool done = false;
  bool paused = false;
  bool follows = false;
  Clock::time_point heard = Clock::now();
};

std::size_t HttpTransfer::State::take_header(std::string_view line) {
  heard = Clock::now();
  const std::string_view text = trimmed(line);
  if (text.starts_with("HTTP/")) {  // of each answer: redirects, 100
    head.headers.clear();
    head_done = false;
    return line.size();
  }
  if (text.empty()) {
    long status = 0;
    curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
    head.status = static_cast<int>(status);
    const bool led_on = follows && status >= 300 && status < 400 &&
                        head.headers.contains("location");
    head_done = status >= 200 && !led_on;
    return line.size();
  }
  const auto colon = text.find(':');
  if (head.headers.size() >= most_headers || text.size() > longest_header) {
    return 0;
  }
  if (colon != std::string_view::npos) {
    std::string& value = head.headers[lower(text.substr(0, colon))];
    value += (value.empty() ? "" : ", ");
    value += trimmed(text.substr(colon + 1));
  }
  return line.size();
}

std::size_t HttpTransfer::State::take_body(std::string_view bytes) {
  if (buffer.size() >= piece_size) {
    paused = true;
    return CURL_WRITEFUNC_PAUSE;
  }
  heard = Clock::now();
  if (head_done) {
    buffer += bytes;
  }
  return bytes.size();
}

void HttpTransfer::State::plan() {
  set(CURLOPT_URL, request.url.c_str());
  set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
  set(CURLOPT_NOBODY, request.method == "HEAD" ? 1L : 0L);
  const bool secure = request.url.starts_with("https://");
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  // What began secured may not be led into the open.
  set(CURLOPT_REDIR_PROTOCOLS_STR, secure ? "https" : "http,https");
  // libcurl keeps an Authorization header of ours from other hosts, ports and
  // protocols when it follows a redirect. \man{CURLOPT_HTTPHEADER,3}
  follows = request.method == "GET" || request.method == "HEAD";
  set(CURLOPT_FOLLOWLOCATION, follows ? 1L : 0L);
  set(CURLOPT_MAXREDIRS, most_redirects);
  set(CURLOPT_CONNECTTIMEOUT_MS, connect_milliseconds);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_BUFFERSIZE, static_cast<long>(piece_size));
  set(CURLOPT_ERRORBUFFER, words.data());
  set(CURLOPT_USERAGENT, "docker-cpp/0.1");
  set(CURLOPT_HEADERFUNCTION, on_header);
  set(CURLOPT_HEADERDATA, this);
  set(CURLOPT_WRITEFUNCTION, on_body);
  set(CURLOPT_WRITEDATA, this);
  const std::string& proxy = secure ? options.https_proxy : options.http_proxy;
  set(CURLOPT_PROXY, proxy.c_str());
  set(CURLOPT_NOPROXY, options.no_proxy.c_str());
  for (const std::string& header : request.headers) {
    headers.reset(curl_slist_append(headers.release(), header.c_str()));
  }
  plan_body();
  set(CURLOPT_HTTPHEADER, headers.get());
}

void HttpTransfer::State::plan_body() {
  if (follows) {
    return;
  }
  headers.reset(curl_slist_append(headers.release(), "Expect:"));
  if (request.body_source) {
    set(CURLOPT_UPLOAD, 1L);
    set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(request.body_size));
    set(CURLOPT_READFUNCTION, on_read);
    set(CURLOPT_READDATA, this);
  } else {
    set(CURLOPT_POSTFIELDS, request.body.data());
    set(CURLOPT_POSTFIELDSIZE_LARGE,
        static_cast<curl_off_t>(request.body.size()));
  }
}

void HttpTransfer::State::trust(const HostTrust& host) {
  set(CURLOPT_SSL_VERIFYPEER, host.verify ? 1L : 0L);
  set(CURLOPT_SSL_VERIFYHOST, host.verify ? 2L : 0L);
  if (!host.authorities.empty()) {
    const curl_blob blob = borrowed(host.authorities);
    set(CURLOPT_CAINFO_BLOB, &blob);
  }
  if (!host.certificate.empty()) {
    const curl_blob certificate = borrowed(host.certificate);
    const curl_blob key = borrowed(host.key);
    set(CURLOPT_SSLCERT_BLOB, &certificate);
    set(CURLOPT_SSLKEY_BLOB, &key);
  }
}

void HttpTransfer::State::finish(CURLcode code) {
  done = true;
  if (code != CURLE_OK) {
    throw HttpError(kind_of(code),
                    words[0] != '\0' ? words.data() : curl_easy_strerror(code));
  }
  head_done = true;
}

/// What can be done now.
void HttpTransfer::State::drive() {
  if (std::exchange(paused, false)) {
    curl_easy_pause(easy.get(), CURLPAUSE_CONT);
  }
  int running = 0;
  curl_multi_perform(connections(), &running);
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(connections(), &left)) {
    if (message->msg == CURLMSG_DONE && message->easy_handle == easy.get()) {
      finish(message->data.result);
    }
  }
}

/// For more to do; not for ever.
void HttpTransfer::State::wait() {
  constexpr int step_milliseconds = 250;
  curl_multi_poll(connections(), nullptr, 0, step_milliseconds, nullptr);
  if (Clock::now() - heard > std::chrono::seconds(options.stall_seconds)) {
    throw HttpError(Kind::broken, "nothing was received for " +
                                      std::to_string(options.stall_seconds) +
                                      " seconds");
  }
}

HttpTransfer::HttpTransfer(HttpRequest request, const HostTrust& trust,
                           const RegistryOptions& options)
    : state_(std::make_unique<State>(std::move(request), options)) {
  state_->plan();
  state_->trust(trust);
  curl_multi_add_handle(connections(), state_->easy.get());
}

HttpTransfer::~HttpTransfer() {
  curl_multi_remove_handle(connections(), state_->easy.get());
}

const HttpHead& HttpTransfer::head() {
  state_->heard = Clock::now();
  while (state_->drive(), !state_->head_done) {
    state_->wait();
  }
  const char* url = nullptr;
  curl_easy_getinfo(state_->easy.get(), CURLINFO_EFFECTIVE_URL, &url);
  state_->head.url = url == nullptr ? "" : url;
  return state_->head;
}

std::string_view HttpTransfer::next() {
  State& state = *state_;
  state.given.clear();
  state.heard = Clock::now();  // while nobody asked, nobody was to be heard
  while (state.buffer.empty() && !state.done) {
    state.drive();
    if (state.buffer.empty() && !state.done) {
      state.wait();
    }
  }
  std::swap(state.given, state.buffer);
  return state.given;
}

std::string HttpTransfer::body(std::size_t limit) {
  head();
  std::string all;
  for (std::string_view piece = next(); !piece.empty(); piece = next()) {
    all += piece;
    if (all.size() > limit) {
      throw HttpError(Kind::forbidden, "the answer is longer than " +
                                           std::to_string(limit) + " bytes");
    }
  }
  return all;
}

}  // namespace docker_cpp::images
