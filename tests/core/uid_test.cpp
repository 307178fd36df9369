// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <cstdint>
#include <set>
#include <string>

#include <scanferry/core/implementation.hpp>
#include <scanferry/core/uid.hpp>

using namespace scanferry::core;

TEST_CASE("a UID has digits and dots, no empty component and no leading zero") {
  const std::string longest = "1." + std::string(62, '2');
  for (const std::string& good : {std::string{"1"}, std::string{"0"}, std::string{"1.2.840.10008.1.2"}, std::string{"1.0.3"}, longest}) {
    CAPTURE(good);
    CHECK(is_valid_uid(good));
  }
  for (const std::string& bad : {std::string{}, std::string{"."}, std::string{"1."}, std::string{".1"}, std::string{"1..2"},
                                 std::string{"1.02"}, std::string{"00"}, std::string{"1.a"}, std::string{"1.2 "}, longest + "3"}) {
    CAPTURE(bad);
    CHECK_FALSE(is_valid_uid(bad));
  }
}

TEST_CASE("128 bits become a decimal UID of version 8") {
  struct Row {
    std::uint64_t high;
    std::uint64_t low;
    const char* uid;
  };
  // The expected decimals were worked out with arbitrary-precision arithmetic.
  const Row rows[] = {
      {0, 0, "2.25.604472133179351442128896"},
      {~0ULL, ~0ULL, "2.25.340282366920937934553716840013076889599"},
      {0x0123456789ABCDEFULL, 0xFEDCBA9876543210ULL, "2.25.1512366075203868711265765693962072592"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.high, row.low);
    CHECK(uid_from_bits(row.high, row.low).view() == row.uid);
    CHECK(is_valid_uid(uid_from_bits(row.high, row.low)));
  }
}

TEST_CASE("a name keeps its UID, and another name or salt has another") {
  std::set<std::string> seen;
  for (const std::uint64_t salt : {0ULL, 1ULL, 2ULL, ~0ULL}) {
    for (std::string name; name.size() < 40; name.push_back('a')) {
      const Uid uid = uid_from_name(salt, ~salt, name);
      CHECK(uid == uid_from_name(salt, ~salt, name));
      CHECK(is_valid_uid(uid));
      CHECK(seen.emplace(uid.view()).second);
    }
  }
  CHECK(uid_from_name(1, 2, std::string{"a\0", 2}) != uid_from_name(1, 2, "a"));
  CHECK(uid_from_name(1, 2, "x") != uid_from_name(2, 1, "x"));
}

TEST_CASE("the UID of a name is the same on every machine") {
  CHECK(uid_from_name(0x0011223344556677ULL, 0x8899AABBCCDDEEFFULL, "exam-7/study").view() ==
        "2.25.92610659338085761950113879400206615226");
}

TEST_CASE("a hundred thousand similar names do not meet") {
  std::set<Uid> seen;
  for (int i = 0; i < 100000; ++i) seen.insert(uid_from_name(7, 9, "acquisition/" + std::to_string(i)));
  CHECK(seen.size() == 100000);
}

TEST_CASE("the implementation names itself within the limits of the standard") {
  CHECK(is_valid_uid(kImplementationClassUid));
  CHECK(kImplementationVersionName.size() <= 16);
}
