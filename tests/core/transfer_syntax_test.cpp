// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <scanferry/core/transfer_syntax.hpp>

using namespace scanferry::core;

TEST_CASE("a transfer syntax says how the data set is encoded") {
  struct Row {
    const char* uid;
    TransferSyntax syntax;
  };
  constexpr auto kExplicit = Encoding::explicit_little_endian;
  const Row rows[] = {
      {"1.2.840.10008.1.2", {Encoding::implicit_little_endian, false, PixelForm::native}},
      {"1.2.840.10008.1.2.1", {kExplicit, false, PixelForm::native}},
      {"1.2.840.10008.1.2.1.98", {kExplicit, false, PixelForm::encapsulated}},
      {"1.2.840.10008.1.2.1.99", {kExplicit, true, PixelForm::native}},
      {"1.2.840.10008.1.2.2", {Encoding::explicit_big_endian, false, PixelForm::native}},
      {"1.2.840.10008.1.2.4.50", {kExplicit, false, PixelForm::encapsulated}},
      {"1.2.840.10008.1.2.4.95", {kExplicit, true, PixelForm::referenced}},
      {"1.2.840.10008.1.2.4.205", {kExplicit, true, PixelForm::referenced}},
      {"1.2.840.10008.1.2.4.94", {kExplicit, false, PixelForm::referenced}},
      {"1.2.840.10008.1.2.4.100.1", {kExplicit, false, PixelForm::encapsulated}},
      {"1.2.840.10008.1.2.4.203", {kExplicit, false, PixelForm::encapsulated}},
      {"1.2.840.10008.1.2.5", {kExplicit, false, PixelForm::encapsulated}},
      {"1.2.840.10008.1.2.7.2", {kExplicit, false, PixelForm::referenced}},
      {"1.2.840.10008.1.2.8.1", {kExplicit, false, PixelForm::encapsulated}},
      {"1.2.840.10008.1.20", {Encoding::implicit_little_endian, false, PixelForm::native}},
      {"1.2.840.10008.1.2.6.2", {kExplicit, false, PixelForm::unknown}},
      {"1.2.3.4.5", {kExplicit, false, PixelForm::unknown}},
      {"", {kExplicit, false, PixelForm::unknown}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.uid);
    CHECK(transfer_syntax_of(row.uid) == row.syntax);
  }
}

TEST_CASE("each encoding has the name of its uncompressed transfer syntax") {
  CHECK(name_of(Encoding::implicit_little_endian) == "Implicit VR Little Endian");
  CHECK(name_of(Encoding::explicit_little_endian) == "Explicit VR Little Endian");
  CHECK(name_of(Encoding::explicit_big_endian) == "Explicit VR Big Endian");
}
