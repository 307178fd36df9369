// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <scanferry/core/image_description.hpp>
#include <scanferry/core/uid_registry.hpp>

#include "dictionary_rows.hpp"

// Compiled twice: with the full registry and with the trimmed one.

using namespace scanferry::core;
using namespace scanferry::tests;

namespace {

UidType type_of(const std::string& text) {
  static const std::map<std::string, UidType> types = {
      {"Application Context Name", UidType::application_context},
      {"Application Hosting Model", UidType::application_hosting_model},
      {"Coding Scheme", UidType::coding_scheme},
      {"DICOM UIDs as a Coding Scheme", UidType::coding_scheme},
      {"LDAP OID", UidType::ldap_object},
      {"Mapping Resource", UidType::mapping_resource},
      {"Meta SOP Class", UidType::meta_sop_class},
      {"SOP Class", UidType::sop_class},
      {"Service Class", UidType::service_class},
      {"Synchronization Frame of Reference", UidType::frame_of_reference},
      {"Transfer Syntax", UidType::transfer_syntax},
      {"Well-known SOP Instance", UidType::sop_instance},
      {"Well-known frame of reference", UidType::frame_of_reference},
  };
  return types.at(text);
}

void check_entry(const UidEntry& entry, const Line& line) {
  CHECK(entry.uid == line.at("uid"));
  CHECK(entry.keyword == line.at("keyword"));
  CHECK(entry.name == (kIsFull ? line.at("name") : ""));
  CHECK(entry.type == type_of(line.at("type")));
  CHECK(entry.is_retired == (line.at("retired") == "Y"));
  CHECK(entry.is_storage == (line.at("storage") == "Y"));
}

}  // namespace

TEST_CASE("every UID of the registry is found by its characters and by its keyword") {
  std::size_t here = 0;
  for (const Line& line : lines_of("uids.tsv")) {
    CAPTURE(line.at("uid"), line.at("keyword"));
    const auto found = find_uid(line.at("uid"));
    if (kIsFull) REQUIRE(found.has_value());
    if (!found) continue;
    ++here;
    check_entry(*found, line);
    const auto by_keyword = find_uid_keyword(line.at("keyword"));
    REQUIRE(by_keyword.has_value() == !line.at("keyword").empty());
    if (by_keyword) check_entry(*by_keyword, line);
  }
  CHECK(uid_registry_size() == here);
}

TEST_CASE("both registries have the transfer syntaxes, the objects that the encoder writes and the services") {
  for (const Line& line : lines_of("uids.tsv")) {
    if (line.at("type") == "Transfer Syntax") CHECK(find_uid(line.at("uid")).has_value());
  }
  for (int i = 0; i <= static_cast<int>(Iod::multi_frame_true_color_sc); ++i) {
    const auto found = find_uid(sop_class_uid(static_cast<Iod>(i)));
    REQUIRE(found.has_value());
    CHECK(found->is_storage);
  }
  for (const std::string& service : words_of(SCANFERRY_TEST_SERVICES)) CHECK(find_uid_keyword(service).has_value());
  for (const char* keyword : {"Verification", "StorageCommitmentPushModelInstance", "DICOMApplicationContext"}) {
    CHECK(find_uid_keyword(keyword).has_value());
  }
  CHECK(find_uid_keyword("CTImageStorage").has_value() == kIsFull);
}

TEST_CASE("the registry ascends by the characters of the UID") {
  for (std::size_t i = 1; i < uid_registry_size(); ++i) {
    CHECK(uid_registry_entry(i - 1).uid < uid_registry_entry(i).uid);
  }
}

TEST_CASE("what is nearly a UID is none") {
  for (const char* text : {"", "1", "1.2.840.10008.1.", "1.2.840.10008.1.2.", "1.2.840.10008.1.2 ", "1.2.840.10008.1.20.100", "9"}) {
    CAPTURE(text);
    CHECK_FALSE(find_uid(text).has_value());
  }
  CHECK_FALSE(find_uid_keyword("").has_value());
  CHECK_FALSE(find_uid_keyword("implicitVRLittleEndian").has_value());
}
