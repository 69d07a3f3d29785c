// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/cli/template.hpp"

#include <ostream>

#include <gtest/gtest.h>

namespace docker_cpp::cli {
namespace {

const char* const document = R"({
  "Name": "/web", "Id": "d847ec715ff6", "Created": null,
  "State": {"Status": "running", "Running": true, "Paused": false, "Pid": 4242},
  "Config": {"Env": ["PATH=/bin", "A=1 2"], "Volumes": null, "Entrypoint": null,
             "Labels": {"b": "2", "a": "1"}},
  "HostConfig": {"PidsLimit": null, "Memory": 67108864},
  "Mounts": [{"Source": "/tmp", "Destination": "/z"}],
  "NetworkSettings": {"Ports": {"80/tcp": [{"HostIp": "0.0.0.0",
                                            "HostPort": "8080"}]}}})";

std::string rendered(const std::string& text) {
  const auto parsed = Template::parse(text);
  if (!parsed) {
    return "parse: " + parsed.error();
  }
  const auto data = parse_json(document);
  EXPECT_TRUE(data);
  const auto result = parsed->render(*data);
  return result ? *result : "render: " + result.error();
}

struct Sample {
  const char* text;
  const char* wanted;
};

void PrintTo(const Sample& sample, std::ostream* stream) {
  *stream << sample.text;  // names the test; addresses would change its name
}

// The right-hand sides are what docker 28.2 printed for the same container.
class TemplateTest : public testing::TestWithParam<Sample> {};

TEST_P(TemplateTest, PrintsWhatDockerPrints) {
  EXPECT_EQ(rendered(GetParam().text), GetParam().wanted) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    Fields, TemplateTest,
    testing::Values(
        Sample{"{{.Name}}", "/web"}, Sample{"{{.State.Status}}", "running"},
        Sample{"{{.State.Pid}}", "4242"}, Sample{"plain", "plain"},
        Sample{"", ""}, Sample{"{{.HostConfig.Memory}}", "67108864"},
        Sample{"{{.Config.Env}}", "[PATH=/bin A=1 2]"},
        Sample{"{{.Config.Labels}}", "map[a:1 b:2]"},
        Sample{"{{.Config.Labels.a}}", "1"},
        Sample{"{{.Config.Labels.zz}}", "<no value>"},
        Sample{"{{.Config.Volumes}}", "map[]"},
        Sample{"{{.Config.Entrypoint}}", "[]"},
        Sample{"{{.HostConfig.PidsLimit}}", "<nil>"},
        Sample{"{{.State.Health}}", "<nil>"},
        Sample{"{{.State.Status}} {{- .Name}}", "running/web"},
        Sample{"{{.Name -}}  x", "/webx"}, Sample{"{{/* c */}}x", "x"}));

INSTANTIATE_TEST_SUITE_P(
    Functions, TemplateTest,
    testing::Values(
        Sample{"{{json .State.Running}}", "true"},
        Sample{"{{json .Mounts}}", R"([{"Source":"/tmp","Destination":"/z"}])"},
        Sample{"{{index .Config.Env 0}}", "PATH=/bin"},
        Sample{"{{index .Config.Labels \"a\"}}", "1"},
        Sample{"{{index .Config.Labels \"zz\"}}", ""},
        Sample{"{{len .Config.Env}}", "2"},
        Sample{"{{join .Config.Env \",\"}}", "PATH=/bin,A=1 2"},
        Sample{"{{.State.Status | upper}}", "RUNNING"},
        Sample{"{{lower \"ABC\"}}", "abc"},
        Sample{"{{title .State.Status}}", "Running"},
        Sample{"{{println .Name}}", "/web\n"},
        Sample{"{{split .Name \"e\"}}", "[/w b]"},
        Sample{"{{slice .Id 0 5}}", "d847e"},
        Sample{"{{truncate .Id 4}}", "d847"},
        Sample{"{{pad \"x\" 1 2}}", " x  "},
        Sample{"{{printf \"%.5s|%q\" .Id .Name}}", "d847e|\"/web\""},
        Sample{"{{eq .State.Status \"running\"}}", "true"},
        Sample{"{{ne .Name \"x\"}}", "true"},
        Sample{"{{gt .State.Pid 5}}", "true"}, Sample{"{{or \"\" \"x\"}}", "x"},
        Sample{
            "{{(index (index .NetworkSettings.Ports \"80/tcp\") 0).HostPort}}",
            "8080"}));

INSTANTIATE_TEST_SUITE_P(
    Blocks, TemplateTest,
    testing::Values(
        Sample{"{{if .State.Running}}up{{else}}down{{end}}", "up"},
        Sample{"{{if .State.Paused}}p{{else if .State.Running}}r{{end}}", "r"},
        Sample{"{{if and .State.Running (not .State.Paused)}}ok{{end}}", "ok"},
        Sample{"{{range .Config.Env}}<{{.}}>{{end}}", "<PATH=/bin><A=1 2>"},
        Sample{"{{range $k,$v := .Config.Labels}}{{$k}}={{$v}};{{end}}",
               "a=1;b=2;"},
        Sample{"{{range $i, $e := .Config.Env}}{{if $i}},{{end}}{{$e}}{{end}}",
               "PATH=/bin,A=1 2"},
        Sample{"{{range .Config.Entrypoint}}x{{else}}none{{end}}", "none"},
        Sample{"{{range .Config.Env}}{{.}}{{break}}{{end}}", "PATH=/bin"},
        Sample{"{{with .State}}{{.Pid}}{{end}}", "4242"},
        Sample{"{{$x := .Name}}{{$x}}{{$x = \"y\"}}{{$x}}", "/weby"}));

INSTANTIATE_TEST_SUITE_P(
    Refusals, TemplateTest,
    testing::Values(
        Sample{"{{.Nope}}",
               "render: template: :1:2: executing \"\" at <.Nope>: map has no "
               "entry for key \"Nope\""},
        Sample{"{{.Foo", "parse: template: :1: unclosed action"},
        Sample{"{{foo}}", "parse: template: :1: function \"foo\" not defined"},
        Sample{"{{end}}", "parse: template: :1: unexpected {{end}}"},
        Sample{"{{else}}", "parse: template: :1: unexpected {{else}}"},
        Sample{"{{range .Mounts}}", "parse: template: :1: unexpected EOF"},
        Sample{"{{\"a}}", "parse: template: :1: unclosed action"},
        Sample{"{{printf \"%99999999999d\" 1}}",
               "render: template: :1: bad printf verb"}));

TEST(TemplateNamingTest, NamesTheTypeOfARow) {
  const auto parsed = Template::parse("{{.Foo}}");
  ASSERT_TRUE(parsed);
  const auto result = parsed->render(Value::object().set("ID", "1"),
                                     {.type = "*formatter.ContainerContext"});
  ASSERT_FALSE(result);
  EXPECT_EQ(
      result.error(),
      "template: :1:2: executing \"\" at <.Foo>: can't evaluate field Foo "
      "in type *formatter.ContainerContext");
}

}  // namespace
}  // namespace docker_cpp::cli
