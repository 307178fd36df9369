// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "agent/acquisition.hpp"

using namespace scanferry;
using namespace scanferry::firmware;

namespace {

constexpr const char* kJson = R"({
  "object": "us-multiframe", "format": "raw", "frames": ["a.raw", "b.raw"],
  "rows": 480, "columns": 640, "photometric": "RGB", "frame_time_ms": 33.3,
  "patient": {"name": "Doe^Jane", "id": "123", "birth_date": "19800101", "sex": "F"},
  "study": {"accession_number": "A1"}, "series": {"number": 3}
})";

constexpr const char* kToml = R"(
object = "us-multiframe"
format = "raw"
frames = ["a.raw", "b.raw"]
rows = 480
columns = 640
photometric = "RGB"
frame_time_ms = 33.3
patient = {name = "Doe^Jane", id = "123", birth_date = "19800101", sex = "F"}
[study]
accession_number = "A1"
[series]
number = 3
)";

}  // namespace

TEST_CASE("a sidecar says the same in JSON and in TOML") {
  const auto [sidecar, name] = GENERATE(table<const char*, const char*>({{kJson, "x.json"}, {kToml, "x.toml"}}));
  const auto a = parse_sidecar(sidecar, name);
  REQUIRE(a);
  CHECK(a->kind == ObjectKind::ultrasound_multi_frame);
  CHECK(a->coding == core::PixelCoding::native);
  CHECK(a->frame_files == std::vector<std::string>{"a.raw", "b.raw"});
  CHECK(a->rows == 480);
  CHECK(a->columns == 640);
  CHECK(a->photometric == core::Photometric::rgb);
  CHECK(a->frame_time_us == 33'300);
  CHECK(a->patient_name == "Doe^Jane");
  CHECK(a->accession_number == "A1");
  CHECK(a->series_number == 3);
}

TEST_CASE("a broken sidecar is refused with file and key") {
  const auto [sidecar, what] = GENERATE(table<const char*, const char*>({
      {"", "no valid JSON"},
      {"{\n\"frames\": [", "x.json:2"},
      {"{} tail", "no valid JSON"},
      {"[]", "one object"},
      {"{}", "'frames' is missing"},
      {R"({"frames": []})", "1 to"},
      {R"({"frames": ["../x"]})", "without '/'"},
      {R"({"frames": ["a"], "rows": 2, "columns": 2})", "'photometric' is missing"},
      {R"({"frames": ["a"], "photometric": "RGB", "rows": 0, "columns": 2})", "'rows' must be a whole number"},
      {R"({"frames": ["a"], "photometric": "RGB", "rows": "2", "columns": 2})", "'rows' must be a whole number"},
      {R"({"frames": ["a"], "photometric": "CMYK", "rows": 2, "columns": 2})", "MONOCHROME2"},
      {R"({"frames": ["a"], "format": "png"})", "raw, jpeg"},
      {R"({"frames": ["a"], "format": "jpeg", "object": "ct"})", "us-multiframe"},
      {R"({"frames": ["a"], "format": "jpeg", "patients": {}})", "'patients' is not known"},
      {R"({"frames": ["a"], "format": "jpeg", "patient": {"nme": "x"}})", "'patient.nme' is not known"},
      {R"({"frames": ["a"], "format": "jpeg", "patient": "x"})", "'patient' must be an object"},
      {R"({"frames": ["a"], "format": "jpeg", "patient": {"id": 7}})", "'patient.id' must be text"},
  }));
  const auto a = parse_sidecar(sidecar, "x.json");
  REQUIRE_FALSE(a);
  CHECK(a.error().trouble == Trouble::bad_input);
  CHECK_THAT(a.error().message, Catch::Contains(what) && Catch::Contains("x.json"));
}

TEST_CASE("a sidecar nested too deep is refused") {
  const auto a = parse_sidecar(std::string(100'000, '['), "x.json");
  CHECK_FALSE(a);
}
