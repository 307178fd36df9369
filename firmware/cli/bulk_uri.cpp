// SPDX-License-Identifier: Apache-2.0
#include "cli/bulk_uri.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>

#include "cli/file_source.hpp"

namespace scanferry::firmware {
namespace {

constexpr std::string_view kScheme = "file://";
constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";

std::string unescaped(std::string_view text) {
  std::string plain;
  while (!text.empty()) {
    unsigned char byte = 0;
    const auto digits = text.substr(1, 2);
    const bool is_escape = text.front() == '%' && digits.size() == 2 &&
                           std::from_chars(digits.data(), digits.data() + 2, byte, 16).ptr == digits.data() + 2;
    plain += is_escape ? static_cast<char>(byte) : text.front();
    text.remove_prefix(is_escape ? 3 : 1);
  }
  return plain;
}

std::optional<std::uint64_t> number_behind(std::string_view query, std::string_view name) {
  const auto at = query.find(name);
  if (at == std::string_view::npos) return std::nullopt;
  query.remove_prefix(at + name.size());
  std::uint64_t number = 0;
  if (std::from_chars(query.data(), query.data() + query.size(), number).ec != std::errc{}) return std::nullopt;
  return number;
}

bool is_below(const std::filesystem::path& file, const std::filesystem::path& folder) {
  return std::ranges::mismatch(folder, file).in1 == folder.end();
}

}  // namespace

std::string bulk_uri(const std::string& path) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::error_code ignored;
  std::string uri{kScheme};
  for (const char c : std::filesystem::absolute(path, ignored).lexically_normal().string()) {
    const auto byte = static_cast<unsigned char>(c);
    if (kPlain.find(c) != std::string_view::npos) {
      uri += c;
    } else {
      uri.append("%").append(1, kDigits[byte >> 4U]).append(1, kDigits[byte & 0xFU]);
    }
  }
  return uri;
}

model::Result<std::vector<std::byte>> load_bulk(platform::Store& store, std::string_view uri, const std::string& folder) {
  const auto fail = [uri](std::string_view why) {
    return std::unexpected{model::Error{std::string{"BulkDataURI "}.append(uri).append(": ").append(why), 0, {}}};
  };
  if (!uri.starts_with(kScheme)) return fail("only file:// is read");
  const auto question = std::min(uri.find('?'), uri.size());
  const auto query = uri.substr(question);
  std::error_code failed;
  const auto file = std::filesystem::canonical(unescaped(uri.substr(kScheme.size(), question - kScheme.size())), failed);
  if (failed) return fail(failed.message());
  const auto allowed = std::filesystem::canonical(folder, failed);
  if (failed || !is_below(file, allowed)) return fail("is not in " + folder + "; --bulk-folder allows another folder");
  auto source = FileSource::open(store, file.string());
  if (!source) return fail(source.error().message);
  const std::uint64_t size = (*source)->size();
  const std::uint64_t offset = number_behind(query, "offset=").value_or(0);
  const std::uint64_t length = number_behind(query, "length=").value_or(size - std::min(size, offset));
  if (offset > size || length > size - offset) return fail("the file is shorter than that");
  std::vector<std::byte> bytes(static_cast<std::size_t>(length));
  const auto got = (*source)->read_at(offset, bytes);
  if (!got) return std::unexpected{got.error()};
  return *got == bytes.size() ? model::Result<std::vector<std::byte>>{std::move(bytes)} : fail("the file shrank while it was read");
}

}  // namespace scanferry::firmware
