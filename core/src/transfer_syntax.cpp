// SPDX-License-Identifier: Apache-2.0
#include <scanferry/core/transfer_syntax.hpp>

#include <algorithm>
#include <array>

namespace scanferry::core {
namespace {

constexpr std::string_view kDicomArc = "1.2.840.10008.1.2";

struct Row {
  std::string_view uid;  // without kDicomArc
  TransferSyntax syntax;
};

constexpr auto kExplicit = Encoding::explicit_little_endian;

// Those that are neither native in Explicit VR nor among the compressed ones of the arc .4.
constexpr auto kRows = std::to_array<Row>({
    {"", {Encoding::implicit_little_endian, false, PixelForm::native}},
    {".1", {kExplicit, false, PixelForm::native}},
    {".1.98", {kExplicit, false, PixelForm::encapsulated}},
    {".1.99", {kExplicit, true, PixelForm::native}},
    {".2", {Encoding::explicit_big_endian, false, PixelForm::native}},
    {".4.94", {kExplicit, false, PixelForm::referenced}},
    {".4.95", {kExplicit, true, PixelForm::referenced}},
    {".4.204", {kExplicit, false, PixelForm::referenced}},
    {".4.205", {kExplicit, true, PixelForm::referenced}},
    {".5", {kExplicit, false, PixelForm::encapsulated}},
    {".7.1", {kExplicit, false, PixelForm::referenced}},
    {".7.2", {kExplicit, false, PixelForm::referenced}},
    {".7.3", {kExplicit, false, PixelForm::referenced}},
    {".8.1", {kExplicit, false, PixelForm::encapsulated}},  // each frame is deflated, the data set is not
});

}  // namespace

std::string_view name_of(Encoding encoding) {
  switch (encoding) {
    case Encoding::explicit_little_endian: return "Explicit VR Little Endian";
    case Encoding::implicit_little_endian: return "Implicit VR Little Endian";
    case Encoding::explicit_big_endian: return "Explicit VR Big Endian";
  }
  return {};
}

TransferSyntax transfer_syntax_of(std::string_view uid) {
  // Papyrus 3, retired: the default encoding under another name.
  if (uid == "1.2.840.10008.1.20") return kRows.front().syntax;
  if (!uid.starts_with(kDicomArc)) return {};
  uid.remove_prefix(kDicomArc.size());
  const auto row = std::ranges::find(kRows, uid, &Row::uid);
  if (row != kRows.end()) return row->syntax;
  // All others of this arc are compressed: JPEG, JPEG-LS, JPEG 2000, JPEG XL, MPEG, HEVC.
  return uid.starts_with(".4.") ? TransferSyntax{kExplicit, false, PixelForm::encapsulated} : TransferSyntax{};
}

}  // namespace scanferry::core
