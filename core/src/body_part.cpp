// SPDX-License-Identifier: Apache-2.0
#include "body_part.hpp"

#include <algorithm>
#include <array>

namespace scanferry::core {
namespace {

constexpr auto kUnpaired = std::to_array<std::string_view>({
    "ABDOMEN", "ABDOMENPELVIS", "AORTA", "BACK", "BLADDER", "BRAIN", "CHEST", "CHESTABDOMEN", "CHESTABDPELVIS", "COCCYX",
    "COLON", "CSPINE", "DUODENUM", "ESOPHAGUS", "GALLBLADDER", "HEAD", "HEADNECK", "HEART", "JAW", "LARYNX", "LIVER",
    "LSPINE", "MAXILLA", "MEDIASTINUM", "MOUTH", "NECK", "NECKCHEST", "NOSE", "PANCREAS", "PELVIS", "PENIS", "PHARYNX",
    "PROSTATE", "RECTUM", "SKULL", "SPINE", "SPLEEN", "SSPINE", "STERNUM", "STOMACH", "THYROID", "TONGUE", "TRACHEA",
    "TSPINE", "UTERUS", "VAGINA", "WHOLEBODY",
});
static_assert(std::ranges::is_sorted(kUnpaired));

}  // namespace

bool is_unpaired(std::string_view body_part) { return std::ranges::binary_search(kUnpaired, body_part); }

}  // namespace scanferry::core
