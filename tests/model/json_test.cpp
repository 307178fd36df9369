// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <string>

#include <scanferry/model/json_reader.hpp>
#include <scanferry/model/json_writer.hpp>

#include "example_object.hpp"

using namespace scanferry;
using namespace scanferry::model;
using namespace scanferry::tests;

namespace {

Result<std::vector<std::byte>> no_bulk(std::string_view) { return std::unexpected{Error{"there is no bulk data here", 0, {}}}; }

std::string json_of(const std::string& file, JsonOptions options = {}, const ReadLimits& limits = {}) {
  options.is_indented = false;
  const MemorySource source{core::bytes_of(file)};
  const auto document = Document::read(source, limits);
  REQUIRE(document);
  StringSink sink;
  REQUIRE(write_json(*document, options, sink));
  sink.text.pop_back();  // the line's end
  return sink.text;
}

/// Of a data set in Explicit VR.
std::string json_of_elements(const std::string& data_set) { return json_of(file_with(kExplicitLittleEndian, data_set)); }

}  // namespace

TEST_CASE("each kind of value has its form in JSON") {
  struct Row {
    std::string bytes;
    const char* json;
  };
  const Row rows[] = {
      {short_element(0x0010, 0x0020, "LO", ""), R"({"00100020":{"vr":"LO"}})"},
      {short_element(0x0010, 0x0020, "LO", "a\"b\n"), R"({"00100020":{"vr":"LO","Value":["a\"b\u000a"]}})"},
      {short_element(0x0008, 0x0008, "CS", "A\\\\B"), R"({"00080008":{"vr":"CS","Value":["A",null,"B"]}})"},
      {short_element(0x0010, 0x4000, "LT", "a\\b"), R"({"00104000":{"vr":"LT","Value":["a\\b"]}})"},
      {short_element(0x0010, 0x0010, "PN", "Doe^J=x=y "), R"({"00100010":{"vr":"PN","Value":[{"Alphabetic":"Doe^J","Ideographic":"x","Phonetic":"y"}]}})"},
      {short_element(0x0010, 0x0010, "PN", "=x"), R"({"00100010":{"vr":"PN","Value":[{"Ideographic":"x"}]}})"},
      {short_element(0x0020, 0x0013, "IS", "+007"), R"({"00200013":{"vr":"IS","Value":[7]}})"},
      {short_element(0x0020, 0x0013, "IS", "many"), R"({"00200013":{"vr":"IS","Value":["many"]}})"},
      {short_element(0x0028, 0x0030, "DS", "1.500\\-.25 "), R"({"00280030":{"vr":"DS","Value":[1.500,-0.25]}})"},
      {short_element(0x0028, 0x0030, "DS", "1E+2\\2. "), R"({"00280030":{"vr":"DS","Value":[100,2]}})"},
      {short_element(0x0028, 0x0009, "AT", tag_bytes(0x0018, 0x10A3)), R"({"00280009":{"vr":"AT","Value":["001810A3"]}})"},
      {short_element(0x0028, 0x0010, "US", le16(65535)), R"({"00280010":{"vr":"US","Value":[65535]}})"},
      {short_element(0x0018, 0x602C, "FD", std::string{"\0\0\0\0\0\0\xF8\x7F", 8}), R"({"0018602C":{"vr":"FD","Value":["NaN"]}})"},
      {long_element(0x0008, 0x1140, "SQ", 8) + item(0), R"({"00081140":{"vr":"SQ","Value":[{}]}})"},
      {long_element(0x0008, 0x1140, "SQ", 0), R"({"00081140":{"vr":"SQ"}})"},
      {long_element(0x0009, 0x1001, "UN", 2) + "\x01\x02", R"({"00091001":{"vr":"UN","InlineBinary":"AQI="}})"},
      {short_element(0x0008, 0x0000, "UL", le32(10)), R"({})"},
  };
  for (const Row& row : rows) CHECK(json_of_elements(row.bytes) == row.json);
}

TEST_CASE("a value that is no whole numbers is written whole, held or not") {
  const auto be16 = [](unsigned value) { return std::string{static_cast<char>(value >> 8U), static_cast<char>(value & 0xFFU)}; };
  const std::string file = file_with(kExplicitBigEndian, be16(0x0008) + be16(0x0060) + "CS" + be16(2) + "OT" + be16(0x0018) + be16(0x602C) + "FD" +
                                                             be16(10) + "12345678AB");
  JsonOptions options;
  options.bulk.how = BulkOptions::How::in_line;
  for (const std::uint64_t held : {4U, 64U}) CHECK(json_of(file, options, {.held_value_bytes = held}).ends_with(R"("InlineBinary":"ODc2NTQzMjFBQg=="}})"));
}

TEST_CASE("text is UTF-8 whatever the file has, and says so") {
  CHECK(json_of_elements(short_element(0x0008, 0x0005, "CS", "ISO_IR 100") + short_element(0x0010, 0x0010, "PN", "M\xFCller")) ==
        "{\"00080005\":{\"vr\":\"CS\",\"Value\":[\"ISO_IR 192\"]},\"00100010\":{\"vr\":\"PN\",\"Value\":[{\"Alphabetic\":\"M\u00fcller\"}]}}");
}

TEST_CASE("control characters of C0, DEL and C1 are escaped, what is beside them is not") {
  const auto json = json_of_elements(short_element(0x0008, 0x0005, "CS", "ISO_IR 192") + short_element(0x0010, 0x0020, "LO", "\x7F\xC2\x80\xC2\x9B" "m\xC2\x9F\xC2\xA0\xC3\x9B"));
  CHECK(json.ends_with("{\"vr\":\"LO\",\"Value\":[\"\\u007f\\u0080\\u009bm\\u009f\xC2\xA0\xC3\x9B\"]}}"));
}

TEST_CASE("what was read from JSON is what was written to it") {
  const std::string file = example_file();
  JsonOptions options;
  options.bulk.how = BulkOptions::How::in_line;
  options.with_meta = true;
  const auto document = read_json(json_of(file, options), no_bulk);
  REQUIRE(document);
  const MemorySource source{core::bytes_of(file)};
  CHECK(written(*document, kExplicitLittleEndian) == written(*Document::read(source), kExplicitLittleEndian));
}

TEST_CASE("decimal strings keep their digits through JSON") {
  const std::string data_set = short_element(0x0028, 0x0030, "DS", "1.500\\0.10000000");
  const auto document = read_json(json_of_elements(data_set), no_bulk);
  REQUIRE(document);
  CHECK(core::text_of(document->data_set().elements()[0].bytes()) == "1.500\\0.10000000");
}

TEST_CASE("bytes without a meaning, long text and an item's character set come through JSON") {
  const std::string latin = short_element(0x0008, 0x0005, "CS", "ISO_IR 100");
  const std::string long_text = std::string(70'000, 'x') + "\xFCyz";
  const std::string own = latin + short_element(0x0008, 0x0104, "LO", "\xE9t\xE9 ");
  const std::string file = file_with(kExplicitLittleEndian, short_element(0x0010, 0x0010, "PN", "A\xE9") +
                                                                long_element(0x0040, 0xA043, "SQ", static_cast<std::uint32_t>(own.size() + 8)) +
                                                                item(static_cast<std::uint32_t>(own.size())) + own);
  const auto document = read_json(json_of(file), no_bulk);
  REQUIRE(document);
  CHECK(core::text_of(document->data_set().find({0x0010, 0x0010})->bytes()) == "A\xE9");
  const DataSet& in_item = document->data_set().find({0x0040, 0xA043})->items()[0].data_set;
  CHECK(trimmed_text(in_item.find({0x0008, 0x0005})) == "ISO_IR 192");
  CHECK(trimmed_text(in_item.find({0x0008, 0x0104})) == "\u00e9t\u00e9");

  const std::string json = json_of(file_with(kExplicitLittleEndian, latin + long_element(0x0040, 0xA160, "UT", 70'003) + long_text));
  CHECK(json.find("x\u00fcyz\"") != std::string::npos);
}

TEST_CASE("large values are referred to by their place in the file") {
  const std::string file = example_file();
  JsonOptions options;
  options.bulk = {BulkOptions::How::reference, 4, "file:///x.dcm"};
  const std::string place = "?offset=" + std::to_string(file.size() - 8) + "&length=8";
  CHECK(json_of(file, options).find("\"7FE00010\":{\"vr\":\"OW\",\"BulkDataURI\":\"file:///x.dcm" + place + "\"}") != std::string::npos);
  options.bulk.how = BulkOptions::How::omit;
  CHECK(json_of(file, options).find("\"7FE00010\":{\"vr\":\"OW\"}") != std::string::npos);
}

TEST_CASE("what is no DICOM in JSON is refused with its place") {
  struct Row {
    const char* json;
    const char* what;
  };
  const Row rows[] = {
      {"", "no JSON"},
      {"{", "no JSON"},
      {"{} x", "behind"},
      {"[1]", "a JSON object"},
      {R"({"x":{"vr":"LO"}})", "\"x\" is no tag"},
      {R"({"00100020":{}})", "\"vr\" is missing, in PatientID"},
      {R"({"00100020":{"vr":"ZZ"}})", "no value representation"},
      {R"({"00100020":{"vr":"LO","Value":"x"}})", "is an array"},
      {R"({"00100020":{"vr":"LO","Value":[[]]}})", "a value is"},
      {R"({"00280010":{"vr":"US","Value":[70000]}})", "no value of VR US, in Rows"},
      {R"({"00280010":{"vr":"US","Value":["x"]}})", "no value of VR US"},
      {R"({"7FE00010":{"vr":"OW","InlineBinary":"?"}})", "no base64"},
      {R"({"7FE00010":{"vr":"OW","BulkDataURI":"x"}})", "no bulk data"},
      {R"({"7FE00010":{"vr":"OW","Value":[1]}})", "InlineBinary"},
      {"{\"00080060\":{\"vr\":\"CS\",\"Value\":[\"\u00fc\"]}}", "default repertoire"},
      {R"({"00081140":{"vr":"SQ","Value":[{},{"00081155":{"vr":"QQ"}}]}})", "in ReferencedImageSequence[1].ReferencedSOPInstanceUID"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.json);
    const auto document = read_json(row.json, no_bulk);
    REQUIRE_FALSE(document);
    CHECK_THAT(document.error().text(), Catch::Contains(row.what));
  }
}

TEST_CASE("JSON that is nested without end is refused") {
  std::string deep;
  for (int i = 0; i < 10'000; ++i) deep += R"({"00081140":{"vr":"SQ","Value":[)";
  CHECK_FALSE(read_json(deep, no_bulk));
  CHECK_FALSE(read_json(std::string(100'000, '['), no_bulk));
}
