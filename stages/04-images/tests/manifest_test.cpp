// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/images/manifest.hpp"

#include <string>

#include <gtest/gtest.h>

#include "docker_cpp/images/image.hpp"
#include "docker_cpp/images/image_error.hpp"

namespace docker_cpp::images {
namespace {

const std::string digest = "sha256:" + std::string(64, 'a');

std::string object(const std::string& type, const std::string& digest_text) {
  return R"({"mediaType":")" + type + R"(","digest":")" + digest_text +
         R"(","size":3})";
}

std::string manifest_with(const std::string& layer, const std::string& extra) {
  return R"({"schemaVersion":2,"config":)" +
         object(std::string(media_type::oci_config), digest) +
         R"(,"layers":[)" + layer + "]" + extra + "}";
}

std::string error_of(const std::string& text) {
  try {
    static_cast<void>(parse_manifest(text));
    return "";
  } catch (const ImageError& error) {
    return error.what();
  }
}

TEST(Manifest, ReadsOciAndDocker) {
  for (const char* type :
       {"application/vnd.oci.image.layer.v1.tar+gzip",
        "application/vnd.docker.image.rootfs.diff.tar.gzip"}) {
    const Manifest manifest =
        parse_manifest(manifest_with(object(type, digest), ""));
    ASSERT_EQ(manifest.layers.size(), 1U);
    EXPECT_EQ(manifest.layers[0].digest.text(), digest);
    EXPECT_EQ(manifest.layers[0].size, 3U);
  }
}

TEST(Manifest, PrintedReadsTheSame) {
  const Manifest manifest = parse_manifest(manifest_with(
      object(std::string(media_type::oci_layer), digest),
      R"(,"mediaType":")" + std::string(media_type::docker_manifest) + "\""));
  EXPECT_EQ(print(parse_manifest(print(manifest))), print(manifest));
}

TEST(Manifest, ErrorsNameTheProperty) {
  const std::string layer = object(std::string(media_type::oci_layer), digest);
  const std::pair<std::string, std::string> table[] = {
      {"", "manifest is damaged"},
      {"[]", "manifest: not a JSON object"},
      {"{}", "manifest.schemaVersion"},
      {R"({"schemaVersion":2})", "manifest.config: missing"},
      {R"({"schemaVersion":1,"config":{}})", "manifest.schemaVersion"},
      {R"({"schemaVersion":2,"config":3})", "manifest.config: not a JSON"},
      {R"({"schemaVersion":2,"config":{}})", "manifest.config.digest"},
      {manifest_with(layer, R"(,"manifests":[])"), "manifest.manifests"},
      {manifest_with(layer, R"(,"mediaType":"x")"), "manifest.mediaType"},
      {manifest_with(object("text/plain", digest), ""),
       "manifest.layers[0].mediaType"},
      {manifest_with(
           layer + "," +
               object(std::string(media_type::oci_layer), "sha256:zz"),
           ""),
       "manifest.layers[1].digest"},
      {std::string(100'000, '['), "nested too deeply"},
      {std::string(largest_manifest + 1, ' '), "larger than"},
      {"{\"a\":\"\xff\"}", "manifest is damaged"},
  };
  for (const auto& [text, sentence] : table) {
    EXPECT_NE(error_of(text).find(sentence), std::string::npos)
        << sentence << " is not in: " << error_of(text);
  }
}

TEST(Index, MayNotAlsoBeAManifest) {
  EXPECT_THROW(static_cast<void>(parse_index(
                   R"({"schemaVersion":2,"manifests":[],"layers":[]})")),
               ImageError);
  EXPECT_THROW(static_cast<void>(parse_index(
                   R"({"schemaVersion":2,"manifests":[],"config":{}})")),
               ImageError);
}

TEST(ImageConfiguration, ReadsWhatDockerWrites) {
  const Image image = parse_image_config(R"({
    "architecture":"amd64","os":"linux","created":"2024-05-01T10:00:00.5+02:00",
    "config":{"Env":["A=b"],"Cmd":null,"Entrypoint":["/e","x"],"User":"1:2",
      "ExposedPorts":{"80/tcp":{},"53/udp":{}},"Volumes":{"/v":{}},
      "WorkingDir":"/w","Labels":{"k":"v"},"StopSignal":"SIGINT",
      "Healthcheck":{"Test":["CMD","true"],"Interval":1000000000}},
    "history":[{"created_by":"x","empty_layer":true}],
    "rootfs":{"type":"layers","diff_ids":[")" +
                                         digest + R"("]}})");
  EXPECT_EQ(image.created, 1714550400);
  EXPECT_EQ(image.config.env, std::vector<std::string>{"A=b"});
  EXPECT_FALSE(image.config.cmd.has_value());
  EXPECT_EQ(image.config.entrypoint->at(1), "x");
  EXPECT_EQ(image.config.exposed_ports.size(), 2U);
  EXPECT_EQ(image.config.volumes.at(0), "/v");
  EXPECT_EQ(image.config.labels.at("k"), "v");
  EXPECT_EQ(image.config.healthcheck->interval, 1'000'000'000);
  EXPECT_TRUE(image.history.at(0).empty_layer);
  EXPECT_EQ(image.chain_ids, image.diff_ids);
}

TEST(ImageConfiguration, ErrorsNameTheProperty) {
  const auto error = [](const std::string& text) -> std::string {
    try {
      static_cast<void>(parse_image_config(text));
      return "";
    } catch (const ImageError& failure) {
      return failure.what();
    }
  };
  EXPECT_NE(error("{}").find("rootfs: missing"), std::string::npos);
  EXPECT_NE(error(R"({"rootfs":{"type":"layers","diff_ids":["x"]}})")
                .find("rootfs.diff_ids"),
            std::string::npos);
  EXPECT_NE(error(R"({"rootfs":{"type":"layers"},"config":{"Env":"x"}})")
                .find("config.Env: not a list"),
            std::string::npos);
}

}  // namespace
}  // namespace docker_cpp::images
