// SPDX-License-Identifier: Apache-2.0
// The images that a build begins from.
#include "build.hpp"

#include "docker_cpp/images/image_store.hpp"

namespace docker_cpp::daemon {
namespace {

/// "https://index.docker.io/v1/" and "host:5000" as the host alone.
std::string host_of(std::string address) {
  const std::size_t scheme = address.find("://");
  if (scheme != std::string::npos) {
    address.erase(0, scheme + 3);
  }
  return address.substr(0, address.find('/'));
}

}  // namespace

/// Docker's file has docker.io by the address of its old index. What is asked
/// of one registry never knows the login of another.
images::Credentials Build::login_for(const std::string& domain) const {
  const std::string wanted = domain == "docker.io" ? "index.docker.io" : domain;
  for (const auto& [address, login] : request.logins) {
    const std::string host = host_of(address);
    if (host == wanted || host == domain) {
      return login;
    }
  }
  return {};
}

void Build::pull(const images::Reference& name, const std::string& platform) {
  images::PullRequest wanted;
  wanted.reference = name.canonical();
  wanted.platform = platform;
  wanted.credentials = login_for(name.domain());
  wanted.cancel = &pulls_;
  wanted.listener = [this](const images::Progress& step) {
    out_->progress(step);
  };
  options.pull(wanted);
}

/// One that is not to be had makes a build slower, not impossible.
void Build::find_cache_images() {
  for (const std::string& name : request.cache_from) {
    try {
      auto image = images.find(name);
      const auto parsed = images::Reference::parse(name);
      if (!image && parsed && options.pull) {
        pull(*parsed, request.platform);
        image = images.find(name);
      }
      if (image) {
        cache_images.add(session, *std::move(image));
        continue;
      }
      output_->text("[Warning] no image " + name + " to take steps from\n");
    } catch (const std::exception& error) {
      check();
      output_->text("[Warning] no image " + name +
                    " to take steps from: " + error.what() + "\n");
    }
  }
}

images::Image Build::base_image(const std::string& reference,
                                const std::string& platform) {
  const auto named = request.image_contexts.find(reference);
  const std::string& name =
      named == request.image_contexts.end() ? reference : named->second;
  const auto parsed = images::Reference::parse(name);
  if (!parsed) {
    throw BuildFailure("failed to parse stage name \"" + name +
                       "\": " + parsed.error());
  }
  const auto fits = [&](const images::Image& image) {
    return platform.empty() ||
           platform.starts_with(image.os + "/" + image.architecture);
  };
  auto image = images.find(name);
  const bool wanted = !image || !fits(*image) || request.pull;
  if (wanted && options.pull) {
    try {
      pull(*parsed, platform);
    } catch (const std::exception&) {
      check();
      if (!image || !fits(*image)) {
        throw;
      }
    }
    image = images.find(name);
  }
  if (!image) {
    throw BuildFailure("pull access denied for " +
                       parsed->familiar_repository() +
                       ", repository does not exist or may require 'docker "
                       "login'");
  }
  if (!fits(*image)) {
    throw BuildFailure("image with reference " + parsed->familiar() +
                       " was found but does not match the specified platform: "
                       "wanted " +
                       platform + ", actual: " + image->os + "/" +
                       image->architecture);
  }
  return *std::move(image);
}

}  // namespace docker_cpp::daemon
