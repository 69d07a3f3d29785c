// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/cli/create_body.hpp"

#include <stdlib.h>
#include <unistd.h>

#include <algorithm>

#include <gtest/gtest.h>

#include "docker_cpp/cli/command.hpp"
#include "docker_cpp/cli/text.hpp"
#include "docker_cpp/sys/file.hpp"

// What docker 28.2 sent for the same words (data/create_bodies.json) and what
// it refused (data/create_refusals.json), recorded from the real client. Both
// bodies are compared without the members that hold their Go zero value.
namespace docker_cpp::cli {
namespace {

const std::string data_folder = std::string(DOCKER_CPP_TEST_DATA);

Value read_data(const std::string& name) {
  const auto text = sys::read_file((data_folder + "/" + name).c_str());
  EXPECT_TRUE(text);
  auto value = parse_json(*text);
  EXPECT_TRUE(value);
  return *value;
}

bool keeps_empty_values(const std::string& key) {
  return key == "ExposedPorts" || key == "Volumes" || key == "Labels" ||
         key == "Tmpfs" || key == "MaskedPaths" || key == "ReadonlyPaths" ||
         key == "EndpointsConfig";
}

bool is_zero(const Value& value) {
  return value.is_null() || print_json(value) == "0" ||
         print_json(value) == "false" ||
         ((value.is_string() || value.is_array() || value.is_object()) &&
          value.size() == 0);
}

Value normalized(const Value& value);

/// {"80/tcp": {}} as [["80/tcp", "empty"]], as the recording has it.
Value normalized_map(const std::string& key, const Value& value) {
  if (value.is_array()) {
    return value.size() == 0 ? Value::strings({"empty"}) : value;
  }
  auto result = Value::array();
  auto members = value.members();
  std::ranges::sort(members, {}, &Member::key);
  if (key == "EndpointsConfig") {
    auto endpoints = Value::object();
    for (const auto& member : members) {
      auto settings = normalized(member.value);
      endpoints.set(member.key, settings.size() == 0 ? "empty" : settings);
    }
    return endpoints;
  }
  for (const auto& member : members) {
    result.append(
        Value::array()
            .append(member.key)
            .append(is_zero(member.value) ? Value("empty") : member.value));
  }
  return result;
}

Value normalized(const Value& value) {
  if (value.is_array()) {
    auto result = Value::array();
    for (const auto& item : value.items()) {
      result.append(normalized(item));
    }
    return result;
  }
  if (!value.is_object()) {
    return value;
  }
  auto members = value.members();
  std::ranges::sort(members, {}, &Member::key);
  auto result = Value::object();
  for (const auto& member : members) {
    auto one = keeps_empty_values(member.key)
                   ? normalized_map(member.key, member.value)
                   : normalized(member.value);
    if (!is_zero(one)) {
      result.set(member.key, std::move(one));
    }
  }
  return result;
}

/// The order of Ulimits is that of a Go map: sorted by name in the recording.
Value sorted_ulimits(Value body) {
  auto& host = body.member("HostConfig");
  if (host.find("Ulimits") != nullptr) {
    auto items = host["Ulimits"].items();
    std::ranges::sort(items, {},
                      [](const Value& v) { return v["Name"].text(); });
    host.set("Ulimits", Value(items));
  }
  return body;
}

/// Objects in the order of their keys, so that text can be compared.
Value ordered(const Value& value) {
  if (value.is_array()) {
    auto result = Value::array();
    for (const auto& item : value.items()) {
      result.append(ordered(item));
    }
    return result;
  }
  if (!value.is_object()) {
    return value;
  }
  auto members = value.members();
  std::ranges::sort(members, {}, &Member::key);
  auto result = Value::object();
  for (const auto& member : members) {
    result.set(member.key, ordered(member.value));
  }
  return result;
}

std::vector<std::string> words_of(const Value& list) {
  std::vector<std::string> words;
  for (const auto& word : list.items()) {
    words.push_back(word.text());
  }
  return words;
}

CreateBody created(const std::vector<std::string>& words) {
  const auto* command = find_command("create");
  return create_body(parse_arguments(words, command->options, command->order),
                     "/run/docker-cpp/docker-cpp.sock");
}

class CreateBodyTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(::chdir(data_folder.c_str()), 0);
    ::setenv("FROMHOST", "from the host", 1);
    ::unsetenv("NOSUCHVAR");
    ::unsetenv("Q");
  }
};

TEST_F(CreateBodyTest, IsWhatDockerSends) {
  const auto tests = data_folder.substr(0, data_folder.rfind('/'));
  const auto samples = read_data("create_bodies.json");
  for (const auto& sample : samples.items()) {
    const auto words = words_of(sample["args"]);
    SCOPED_TRACE(join(words, " "));
    auto wanted = print_json(ordered(sorted_ulimits(sample["body"])));
    for (auto at = wanted.find("@TESTS@"); at != std::string::npos;
         at = wanted.find("@TESTS@")) {
      wanted.replace(at, 7, tests);
    }
    const auto body = sorted_ulimits(normalized(created(words).body));
    EXPECT_EQ(print_json(ordered(body)), wanted);
  }
}

TEST_F(CreateBodyTest, RefusesWhatDockerRefuses) {
  const auto samples = read_data("create_refusals.json");
  for (const auto& sample : samples.items()) {
    const auto words = words_of(sample["args"]);
    SCOPED_TRACE(join(words, " "));
    try {
      static_cast<void>(created(words));
      ADD_FAILURE() << "was taken; docker says: " << sample["message"].text();
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.message(), sample["message"].text());
    }
  }
}

TEST_F(CreateBodyTest, DetachedContainersHaveNoStreams) {
  const auto* command = find_command("run");
  const std::vector<std::string> words = {"-di", "busybox"};
  const auto request = create_body(
      parse_arguments(words, command->options, command->order), "/s");
  EXPECT_FALSE(request.attach_stdin);
  EXPECT_FALSE(request.attach_stdout);
  EXPECT_TRUE(request.open_stdin);
}

}  // namespace
}  // namespace docker_cpp::cli
