// SPDX-License-Identifier: Apache-2.0
#include "cli/file_pattern.hpp"

#include <map>

#include <scanferry/core/tag.hpp>

namespace scanferry::firmware {
namespace {

constexpr std::size_t kPartCharsMax = 64;
constexpr std::string_view kCaller = "calling_aet";

const std::map<std::string, core::Tag, std::less<>> kPlaceholders{
    {"sop_instance_uid", {0x0008, 0x0018}}, {"sop_class_uid", {0x0008, 0x0016}},   {"study_instance_uid", {0x0020, 0x000D}},
    {"series_instance_uid", {0x0020, 0x000E}}, {"patient_id", {0x0010, 0x0020}},   {"accession_number", {0x0008, 0x0050}},
    {"modality", {0x0008, 0x0060}},         {"study_date", {0x0008, 0x0020}},      {"instance_number", {0x0020, 0x0013}},
};

/// In whatever character set the value is: more could not be shown, or opened, everywhere.
bool is_kept(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' || c == '-' || c == '_';
}

std::string part_of(std::string_view value) {
  std::string part;
  for (const char c : value) {
    if (is_kept(c) && part.size() < kPartCharsMax) part += c;
  }
  return part.empty() || part == "." || part == ".." ? "_" : part;
}

std::string_view value_of(const model::Document& object, core::Tag tag) {
  const auto* element = object.data_set().find(tag);
  return element == nullptr ? std::string_view{} : core::text_of(element->bytes());
}

}  // namespace

Result<FilePattern> FilePattern::parse(std::string pattern) {
  bool is_unique = false;
  for (std::size_t at = 0; (at = pattern.find('{', at)) != std::string::npos;) {
    const auto end = pattern.find('}', at);
    if (end == std::string::npos) return bad_input("'{' without '}' in \"", pattern, "\"");
    const auto name = std::string_view{pattern}.substr(at + 1, end - at - 1);
    if (name != kCaller && !kPlaceholders.contains(name)) return bad_input("{", name, "} is nothing that a file can be named after");
    is_unique = is_unique || name == "sop_instance_uid";
    at = end;
  }
  if (!is_unique) return bad_input("without {sop_instance_uid} objects would have the same name");
  if (pattern.ends_with('/') || pattern.ends_with(".part")) return bad_input("a file is not named that way; \".part\" has what is not complete");
  if (pattern.starts_with('/') || pattern.find("..") != std::string::npos) return bad_input("the name must stay below the folder");
  return FilePattern{std::move(pattern)};
}

std::string FilePattern::apply(const model::Document& object, std::string_view caller) const {
  std::string path;
  for (std::size_t at = 0; at < pattern_.size();) {
    if (pattern_[at] != '{') {
      path += pattern_[at++];
      continue;
    }
    const auto end = pattern_.find('}', at);
    const auto name = std::string_view{pattern_}.substr(at + 1, end - at - 1);
    path += part_of(name == kCaller ? caller : value_of(object, kPlaceholders.find(name)->second));
    at = end + 1;
  }
  return path;
}

}  // namespace scanferry::firmware
