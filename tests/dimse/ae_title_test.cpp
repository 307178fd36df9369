// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <scanferry/dimse/ae_title.hpp>

using scanferry::dimse::is_valid_ae_title;

TEST_CASE("an AE title has 1 to 16 printable characters, no backslash, and is not blank") {
  struct Row {
    const char* title;
    bool valid;
  };
  for (const auto& row : {Row{"A", true}, Row{"SCANFERRY", true}, Row{"1234567890123456", true}, Row{"US ROOM 1", true},
                          Row{"", false}, Row{"12345678901234567", false}, Row{" ", false}, Row{"                ", false},
                          Row{"A\\B", false}, Row{"A\tB", false}, Row{"A\x7F", false}, Row{"\xC3\x84", false}}) {
    INFO(row.title);
    CHECK(is_valid_ae_title(row.title) == row.valid);
  }
}
