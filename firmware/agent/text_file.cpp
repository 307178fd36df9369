// SPDX-License-Identifier: Apache-2.0
#include "agent/text_file.hpp"

#include <cstdint>
#include <span>

namespace scanferry::firmware {
namespace {

constexpr std::uint64_t kTextFileBytesMax = 4 * 1024 * 1024;

}  // namespace

Result<std::string> read_text_file(platform::Store& store, const std::string& path) {
  auto file = store.open(path, platform::OpenMode::read);
  if (!file) return no_luck(file.error());
  auto size = (*file)->size();
  if (!size) return no_luck(size.error());
  if (*size > kTextFileBytesMax) return bad_input(path, ": is too large");
  std::string content(static_cast<std::size_t>(*size), '\0');
  auto got = (*file)->read_at(0, std::as_writable_bytes(std::span{content}));
  if (!got) return no_luck(got.error());
  content.resize(*got);
  return content;
}

}  // namespace scanferry::firmware
