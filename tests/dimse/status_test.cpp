// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <array>
#include <set>
#include <string>
#include <utility>

#include <scanferry/dimse/status.hpp>

using namespace scanferry::dimse;
using scanferry::core::Outcome;

TEST_CASE("a C-STORE status is classified by what it means for the object") {
  struct Row {
    std::uint16_t first;
    std::uint16_t last;
    Outcome outcome;
    Blame blame;
  };
  using enum Outcome;
  for (const auto& row : {
           Row{0x0000, 0x0000, stored, Blame::nobody},      Row{0x0001, 0x0001, stored_with_warning, Blame::nobody},
           Row{0x0002, 0x0106, hold, Blame::object},        Row{0x0107, 0x0107, stored_with_warning, Blame::nobody},
           Row{0x0110, 0x0110, retry_later, Blame::object}, Row{0x0111, 0x0111, stored_with_warning, Blame::nobody},
           Row{0x0112, 0x0115, hold, Blame::object},        Row{0x0116, 0x0116, stored_with_warning, Blame::nobody},
           Row{0x0117, 0x020F, hold, Blame::object},        Row{0x0210, 0x0210, retry_later, Blame::object},
           Row{0x0211, 0x0212, hold, Blame::object},        Row{0x0213, 0x0213, retry_later, Blame::peer},
           Row{0x0214, 0xA6FF, hold, Blame::object},        Row{0xA700, 0xA7FF, retry_later, Blame::peer},
           Row{0xA800, 0xAFFF, hold, Blame::object},        Row{0xB000, 0xBFFF, stored_with_warning, Blame::nobody},
           Row{0xC000, 0xFDFF, hold, Blame::object},        Row{0xFE00, 0xFE00, retry_later, Blame::object},
           Row{0xFE01, 0xFFFF, hold, Blame::object},
       }) {
    for (unsigned status = row.first; status <= row.last; ++status) {
      const auto meaning = explain_store_status(static_cast<std::uint16_t>(status));
      if (meaning.outcome == row.outcome && meaning.blame == row.blame && !meaning.text.empty()) continue;
      FAIL("status " << std::hex << status);
    }
  }
}

TEST_CASE("what a person has to do is in the words") {
  CHECK(std::string{explain_store_status(0xA700).text}.find("disk") != std::string::npos);
  CHECK(std::string{explain_store_status(0x0124).text}.find("AE title") != std::string::npos);
  CHECK(std::string{explain_reject(1, 1, 3)}.find("`aet`") != std::string::npos);
  CHECK(std::string{explain_abort(2, 1)}.find("TLS") != std::string::npos);
}

TEST_CASE("every status of every operation has words, and success needs none") {
  for (const auto explain : {explain_find_status, explain_retrieve_status, explain_normalized_status}) {
    CHECK(explain(0).empty());
    for (unsigned status = 1; status <= 0xFFFF; ++status) {
      if (explain(static_cast<std::uint16_t>(status)).empty()) FAIL(std::hex << status);
    }
  }
  for (unsigned reason = 0; reason <= 0xFFFF; ++reason) {
    if (explain_commitment_failure(static_cast<std::uint16_t>(reason)).empty()) FAIL(std::hex << reason);
  }
}

TEST_CASE("the statuses of the standard differ in their words from those that it does not define") {
  // PS3.4 C.4.2.1.5 and C.4.3.1.4; PS3.7 C.5; PS3.3 C.14.1.1.
  for (const auto status : std::to_array<std::uint16_t>({0x0122, 0x0124, 0x0211, 0xA701, 0xA702, 0xA801, 0xA900, 0xB000, 0xC000, 0xCFFF, 0xFE00})) {
    CHECK(explain_retrieve_status(status) != explain_retrieve_status(0x7777));
  }
  for (const auto status : std::to_array<std::uint16_t>({0x0001, 0x0105, 0x0106, 0x0107, 0x0110, 0x0111, 0x0112, 0x0113, 0x0114, 0x0115, 0x0116, 0x0117, 0x0118, 0x0119,
                                     0x0120, 0x0121, 0x0122, 0x0123, 0x0124, 0x0210, 0x0211, 0x0212, 0x0213})) {
    CHECK(explain_normalized_status(status) != explain_normalized_status(0x7777));
  }
  CHECK(explain_retrieve_status(0xA801) != explain_retrieve_status(0xA702));
  CHECK(explain_normalized_status(0x0111) != explain_normalized_status(0x0112));
  for (const auto status : {0x0000, 0x0001, 0x0107, 0x0116}) CHECK(is_normalized_success(static_cast<std::uint16_t>(status)));
  for (const auto status : {0x0106, 0x0110, 0x0111, 0xB000, 0xFFFF}) CHECK_FALSE(is_normalized_success(static_cast<std::uint16_t>(status)));
  std::set<std::string_view> reasons;
  for (const auto reason : std::to_array<std::uint16_t>({0x0110, 0x0112, 0x0119, 0x0122, 0x0131, 0x0213, 0x7777})) reasons.insert(explain_commitment_failure(reason));
  CHECK(reasons.size() == 7);
}

TEST_CASE("every rejection and abort has words, whatever the peer puts into the fields") {
  for (unsigned source = 0; source < 256; ++source) {
    for (unsigned reason = 0; reason < 256; ++reason) {
      const auto s = static_cast<std::uint8_t>(source);
      const auto r = static_cast<std::uint8_t>(reason);
      if (explain_reject(1, s, r).empty() || explain_reject(2, s, r).empty() || explain_abort(s, r).empty())
        FAIL(source << " " << reason);
    }
  }
}

TEST_CASE("the rejections of the standard differ in their words") {
  std::set<std::string_view> words;
  constexpr std::array<std::pair<std::uint8_t, std::uint8_t>, 8> kDefined{
      {{1, 1}, {1, 2}, {1, 3}, {1, 7}, {2, 1}, {2, 2}, {3, 1}, {3, 2}}};
  for (const auto& [source, reason] : kDefined) words.insert(explain_reject(1, source, reason));
  CHECK(words.size() == 8);
}

TEST_CASE("what the standard reserves is told apart from what it does not know, for now and for good") {
  const auto says = [](std::string_view text, std::string_view what) { return text.find(what) != std::string_view::npos; };
  const auto defined = [](unsigned source, unsigned reason) {
    if (source == 1) return reason == 1 || reason == 2 || reason == 3 || reason == 7;
    return (source == 2 || source == 3) && (reason == 1 || reason == 2);
  };
  // PS3.8 table 9-21, as source and reason.
  const std::set<std::pair<unsigned, unsigned>> reserved{{1, 4}, {1, 5}, {1, 6}, {1, 8}, {1, 9}, {1, 10}, {3, 0},
                                                         {3, 3}, {3, 4}, {3, 5}, {3, 6}, {3, 7}};
  for (unsigned source = 0; source < 256; ++source) {
    for (unsigned reason = 0; reason < 256; ++reason) {
      if (defined(source, reason)) continue;
      const auto s = static_cast<std::uint8_t>(source);
      const auto r = static_cast<std::uint8_t>(reason);
      const auto what = reserved.contains({source, reason}) ? "reserves" : "does not define";
      if (!says(explain_reject(1, s, r), "for good") || !says(explain_reject(1, s, r), what) ||
          !says(explain_reject(2, s, r), "for now") || !says(explain_reject(2, s, r), what) ||
          !says(explain_reject(0, s, r), "does not define"))
        FAIL(source << " " << reason);
    }
  }
}

TEST_CASE("the aborts of the standard differ in their words, and the reserved ones say so") {
  std::set<std::string_view> words;
  for (std::uint8_t reason = 0; reason <= 7; ++reason) words.insert(explain_abort(2, reason));
  CHECK(words.size() == 8);
  CHECK(explain_abort(0, 0) == explain_abort(0, 255));
  CHECK(std::string{explain_abort(2, 3)}.find("reserves") != std::string::npos);
  CHECK(std::string{explain_abort(1, 0)}.find("reserves") != std::string::npos);
}

TEST_CASE("a rejection is transient when it says so, or when it is for congestion") {
  CHECK(is_transient_reject(2, 1, 1));
  CHECK(is_transient_reject(1, 3, 1));
  CHECK(is_transient_reject(1, 3, 2));
  CHECK_FALSE(is_transient_reject(1, 1, 3));
  CHECK_FALSE(is_transient_reject(1, 3, 0));
}
