// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <string>
#include <tuple>

#include <scanferry/model/xml_writer.hpp>

#include "example_object.hpp"

using namespace scanferry;
using namespace scanferry::model;
using namespace scanferry::tests;

namespace {

using How = BulkOptions::How;

constexpr std::string_view kHead =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<NativeDicomModel xmlns=\"http://dicom.nema.org/PS3.19/models/NativeDICOM\" xml:space=\"preserve\">";
constexpr std::string_view kTail = "</NativeDicomModel>\n";

std::string xml_of(const std::string& file, const XmlOptions& options = {.is_indented = false}) {
  const MemorySource source{core::bytes_of(file)};
  const auto document = Document::read(source);
  REQUIRE(document);
  StringSink sink;
  REQUIRE(write_xml(*document, options, sink));
  return std::move(sink.text);
}

/// What stands for the data set's elements.
std::string content_of(const std::string& data_set, const XmlOptions& options = {.is_indented = false}) {
  const std::string xml = xml_of(file_with(kExplicitLittleEndian, data_set), options);
  REQUIRE(xml.starts_with(kHead));
  REQUIRE(xml.ends_with(kTail));
  return xml.substr(kHead.size(), xml.size() - kHead.size() - kTail.size());
}

std::string attribute(const std::string& names, const std::string& content) {
  return "<DicomAttribute " + names + ">" + content + "</DicomAttribute>";
}

}  // namespace

TEST_CASE("an object becomes a Native DICOM Model") {
  const std::string expected = std::string{kHead} + R"(
  <DicomAttribute tag="00080016" vr="UI" keyword="SOPClassUID">
    <Value number="1">1.2.840.10008.5.1.4.1.1.7</Value>
  </DicomAttribute>
  <DicomAttribute tag="00080018" vr="UI" keyword="SOPInstanceUID">
    <Value number="1">1.2.3</Value>
  </DicomAttribute>
  <DicomAttribute tag="00081140" vr="SQ" keyword="ReferencedImageSequence">
    <Item number="1">
      <DicomAttribute tag="00081155" vr="UI" keyword="ReferencedSOPInstanceUID">
        <Value number="1">1.2.1</Value>
      </DicomAttribute>
    </Item>
    <Item number="2">
      <DicomAttribute tag="00081155" vr="UI" keyword="ReferencedSOPInstanceUID">
        <Value number="1">1.2.2</Value>
      </DicomAttribute>
    </Item>
  </DicomAttribute>
  <DicomAttribute tag="00090010" vr="LO">
    <Value number="1">ACME</Value>
  </DicomAttribute>
  <DicomAttribute tag="00090001" vr="FD" privateCreator="ACME">)";
  const std::string xml = xml_of(example_file(), {});
  CHECK(xml.substr(0, expected.size()) == expected);
  CHECK(xml == xml_of(example_file(true), {}));  // how lengths are written is no content
  CHECK(xml.find("<Value number=\"1\">00181063</Value>") != std::string::npos);
  CHECK(xml.ends_with("\n</NativeDicomModel>\n"));
}

TEST_CASE("names are split into groups and components") {
  const std::string names = "keyword=\"PatientName\"";
  for (const auto& [name, content] : {
           std::pair{"Doe^Jane", "<Alphabetic><FamilyName>Doe</FamilyName><GivenName>Jane</GivenName></Alphabetic>"},
           {"A^B^C^D^E",
            "<Alphabetic><FamilyName>A</FamilyName><GivenName>B</GivenName><MiddleName>C</MiddleName>"
            "<NamePrefix>D</NamePrefix><NameSuffix>E</NameSuffix></Alphabetic>"},
           {"^^C", "<Alphabetic><MiddleName>C</MiddleName></Alphabetic>"},
           {"A=B=C",
            "<Alphabetic><FamilyName>A</FamilyName></Alphabetic><Ideographic><FamilyName>B</FamilyName></Ideographic>"
            "<Phonetic><FamilyName>C</FamilyName></Phonetic>"},
           {"==C", "<Phonetic><FamilyName>C</FamilyName></Phonetic>"},
       }) {
    CAPTURE(name);
    CHECK(content_of(short_element(0x0010, 0x0010, "PN", padded(name))) ==
          attribute("tag=\"00100010\" vr=\"PN\" " + names, std::string{"<PersonName number=\"1\">"} + content + "</PersonName>"));
  }
  CHECK(content_of(short_element(0x0010, 0x1001, "PN", "A\\\\B ")) ==
        attribute("tag=\"00101001\" vr=\"PN\" keyword=\"OtherPatientNames\"",
                  "<PersonName number=\"1\"><Alphabetic><FamilyName>A</FamilyName></Alphabetic></PersonName><PersonName number=\"2\"/>"
                  "<PersonName number=\"3\"><Alphabetic><FamilyName>B</FamilyName></Alphabetic></PersonName>"));
}

TEST_CASE("text comes in UTF-8, and what XML forbids is kept in another form") {
  for (const auto& [term, value, text] : {
           std::tuple{"ISO_IR 100",
                      "Gr\xF6\xDF"
                      "e",
                      "Größe"},
           {"ISO_IR 192", "<a> & \"b\"", "&lt;a&gt; &amp; &quot;b&quot;"},
           {"ISO_IR 192", "a\tb\r\nc", "a&#9;b&#13;&#10;c"},
           {"ISO_IR 192",
            "a\x01"
            "b\x0C",
            "a\uFFFD01b\uFFFD0C"},
           {"ISO_IR 192", "\uFFFE\uFFFF\uFFFB", "\uFFFDEF\uFFFDBF\uFFFDBE\uFFFDEF\uFFFDBF\uFFFDBF\uFFFB"},
           {"ISO_IR 192", "a\x7F", "a\x7F"},  // XML allows it
           {"ISO_IR 192", "a\xC2\x9B" "31m\xC2\xA0", "a&#x9B;31m\xC2\xA0"},
       }) {
    CAPTURE(text);
    CHECK(content_of(short_element(0x0008, 0x0005, "CS", padded(term)) + short_element(0x0010, 0x4000, "LT", padded(value))) ==
          attribute("tag=\"00080005\" vr=\"CS\" keyword=\"SpecificCharacterSet\"", "<Value number=\"1\">ISO_IR 192</Value>") +
              attribute("tag=\"00104000\" vr=\"LT\" keyword=\"PatientComments\"", std::string{"<Value number=\"1\">"} + text + "</Value>"));
  }
}

TEST_CASE("values are numbered, also empty ones") {
  CHECK(content_of(short_element(0x0008, 0x0008, "CS", "A\\\\B ")) ==
        attribute("tag=\"00080008\" vr=\"CS\" keyword=\"ImageType\"",
                  "<Value number=\"1\">A</Value><Value number=\"2\"></Value><Value number=\"3\">B</Value>"));
  CHECK(content_of(short_element(0x0008, 0x0020, "DA", "")) == "<DicomAttribute tag=\"00080020\" vr=\"DA\" keyword=\"StudyDate\"/>");
  CHECK(content_of(long_element(0x0008, 0x1140, "SQ", 8) + item(0)) ==
        attribute("tag=\"00081140\" vr=\"SQ\" keyword=\"ReferencedImageSequence\"", "<Item number=\"1\"/>"));
  CHECK(content_of(short_element(0x0008, 0x0000, "UL", le32(10)) + short_element(0x0008, 0x0020, "DA", "")) ==
        "<DicomAttribute tag=\"00080020\" vr=\"DA\" keyword=\"StudyDate\"/>");  // a group length is no content
  const std::string numbers{"\0\0\x80\x7F\0\0\x80\xFF\0\0\xC0\x7F\0\0\xC0\x3F", 16};
  CHECK(content_of(short_element(0x0018, 0x9321, "FL", numbers))
            .find("<Value number=\"1\">INF</Value><Value number=\"2\">-INF</Value><Value number=\"3\">NaN</Value><Value "
                  "number=\"4\">1.5</Value>") != std::string::npos);
  CHECK(
      content_of(short_element(0x0028, 0x1050, "DS", "+01.50\\2 ")) ==
      attribute("tag=\"00281050\" vr=\"DS\" keyword=\"WindowCenter\"", "<Value number=\"1\">+01.50</Value><Value number=\"2\">2</Value>"));
}

TEST_CASE("a private element names its creator, and keeps its tag where there is none") {
  CHECK(content_of(short_element(0x0009, 0x0011, "LO", "A<B>") + short_element(0x0009, 0x1102, "LO", "x ") +
                   short_element(0x0009, 0x1202, "LO", "y ")) ==
        attribute("tag=\"00090011\" vr=\"LO\"", "<Value number=\"1\">A&lt;B&gt;</Value>") +
            attribute("tag=\"00090002\" vr=\"LO\" privateCreator=\"A&lt;B&gt;\"", "<Value number=\"1\">x</Value>") +
            attribute("tag=\"00091202\" vr=\"LO\"", "<Value number=\"1\">y</Value>"));
}

TEST_CASE("bytes go in line, by reference, or not at all") {
  const std::string file = file_with(kExplicitLittleEndian, long_element(0x7FE0, 0x0010, "OW", 8) + "abcdefgh");
  const auto pixels = [](const std::string& content) {
    return std::string{kHead} + attribute("tag=\"7FE00010\" vr=\"OW\" keyword=\"PixelData\"", content) + std::string{kTail};
  };
  const std::string reference = "<BulkData uri=\"file:///x?offset=" + std::to_string(file.size() - 8) + "&amp;length=8\"/>";
  for (const auto& [how, in_line_max, content] : {
           std::tuple{How::in_line, 0U, std::string{"<InlineBinary>YWJjZGVmZ2g=</InlineBinary>"}},
           {How::reference, 8U, std::string{"<InlineBinary>YWJjZGVmZ2g=</InlineBinary>"}},
           {How::reference, 7U, reference},
           {How::omit, 1024U, std::string{}},
       }) {
    CAPTURE(content);
    CHECK(xml_of(file, {.bulk = {how, in_line_max, "file:///x"}, .is_indented = false}) == pixels(content));
  }
}

TEST_CASE("a value that stayed in the file, and fragments, go in line piece by piece") {
  const std::string large(100'000, 'a');
  const std::string plain = file_with(kExplicitLittleEndian, long_element(0x7FE0, 0x0010, "OB", 100'000) + large);
  const std::string xml = xml_of(plain, {.bulk = {How::in_line, 0, {}}, .is_indented = false});
  std::string digits;
  for (int i = 0; i < 33'333; ++i) digits += "YWFh";
  CHECK(xml.find("<InlineBinary>" + digits + "YQ==</InlineBinary>") != std::string::npos);

  const std::string fragments = item(0) + item(2) + "xy" + sequence_delimiter();
  const std::string encapsulated = file_with("1.2.840.10008.1.2.4.50", long_element(0x7FE0, 0x0010, "OB", 0xFFFFFFFF) + fragments);
  const std::size_t offset = encapsulated.size() - fragments.size();
  CHECK(xml_of(encapsulated, {.bulk = {How::reference, 0, "u"}, .is_indented = false})
            .find("<BulkData uri=\"u?offset=" + std::to_string(offset) + "&amp;length=18\"/>") != std::string::npos);
}

TEST_CASE("File Meta Information is there when it is asked for") {
  const std::string meta = "tag=\"00020010\" vr=\"UI\" keyword=\"TransferSyntaxUID\"";
  CHECK(xml_of(example_file(), {.with_meta = true, .is_indented = false}).find(meta) != std::string::npos);
  CHECK(xml_of(example_file()).find(meta) == std::string::npos);
}
