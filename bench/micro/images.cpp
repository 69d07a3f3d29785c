// SPDX-License-Identifier: Apache-2.0
// Stage 04: what a pull does with every byte, and with every manifest.
#include <zlib.h>

#include <cstdint>
#include <random>
#include <stdexcept>
#include <string>

#include <benchmark/benchmark.h>

#include "byte_source.hpp"
#include "decompressors.hpp"

#include "docker_cpp/images/digest.hpp"
#include "docker_cpp/images/manifest.hpp"
#include "docker_cpp/images/reference.hpp"

namespace {

namespace images = docker_cpp::images;

constexpr std::size_t megabytes = 8;

/// Words in random order, which pack as files do: to about a third.
std::string content() {
  std::minstd_rand source(1);
  std::string text;
  while (text.size() < megabytes << 20U) {
    text += "word" + std::to_string(source() % 5000) + ' ';
  }
  text.resize(megabytes << 20U);
  return text;
}

std::string packed(const std::string& plain) {
  z_stream stream{};
  // 16 more than the window's bits: a gzip header (zlib.h, deflateInit2).
  if (::deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) !=
      Z_OK) {
    throw std::runtime_error("deflateInit2");
  }
  std::string out(::deflateBound(&stream, plain.size()), '\0');
  std::string in = plain;
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  ::deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  ::deflateEnd(&stream);
  return out;
}

void digest(benchmark::State& state) {
  const auto text = content();
  for (auto _ : state) {
    benchmark::DoNotOptimize(images::Digest::of(text));
  }
}
BENCHMARK(digest)->Name("04 digest of 8 MB")->UseRealTime();

void inflate(benchmark::State& state) {
  const auto gzip = packed(content());
  for (auto _ : state) {
    images::TextSource from(gzip);
    images::GzipSource source(from, "a layer");
    std::size_t size = 0;
    for (auto piece = source.next(); !piece.empty(); piece = source.next()) {
      size += piece.size();
    }
    if (size != megabytes << 20U) {
      state.SkipWithError("not all of it came back");
    }
  }
}
BENCHMARK(inflate)->Name("04 inflate to 8 MB")->UseRealTime();

std::string manifest_of(int layers) {
  const auto name = images::Digest::of("x");
  images::Manifest manifest{
      .media_type = std::string(images::media_type::oci_manifest),
      .config = {.media_type = std::string(images::media_type::oci_config),
                 .digest = name,
                 .size = 1}};
  for (int i = 0; i < layers; ++i) {
    manifest.layers.push_back(
        {.media_type = std::string(images::media_type::oci_layer_gzip),
         .digest = name,
         .size = 1});
  }
  return images::print(manifest);
}

void manifest(benchmark::State& state) {
  const auto text = manifest_of(20);
  for (auto _ : state) {
    benchmark::DoNotOptimize(images::parse_manifest(text));
  }
}
BENCHMARK(manifest)->Name("04 manifest of 20 layers, read")->UseRealTime();

void reference(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        images::Reference::parse("registry.example:5000/team/app:1.2.3"));
  }
}
BENCHMARK(reference)->Name("04 reference, parsed")->UseRealTime();

}  // namespace
