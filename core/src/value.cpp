// SPDX-License-Identifier: Apache-2.0
#include <scanferry/core/value.hpp>

#include <algorithm>

#include <scanferry/core/utf8.hpp>
#include <scanferry/core/value_text.hpp>

#include "text_cursor.hpp"
#include "value_syntax.hpp"
#include "vr_texts.hpp"

namespace scanferry::core {
namespace {

/// PS3.5 7.1.2: the most that an even 16-bit length says.
constexpr std::size_t kShortFormBytesMax = 65534;
/// ESC begins the code extensions of ISO 2022, PS3.5 6.1.2.4.
constexpr char kEscape = '\x1B';

/// Values that are one run of words whatever their number, PS3.5 6.4.
constexpr std::uint64_t kStreams =
    detail::vr_set({Vr::unknown, Vr::ob, Vr::od, Vr::of, Vr::ol, Vr::ov, Vr::ow, Vr::sq, Vr::un});
/// Text in which a space is padding and nothing else.
constexpr std::uint64_t kWithoutSpaces =
    detail::vr_set({Vr::as, Vr::da, Vr::ds, Vr::dt, Vr::is, Vr::tm, Vr::ui, Vr::ur});

/// A tag is one value of two words.
std::size_t value_bytes(Vr vr) { return vr == Vr::at ? 4 : word_bytes(vr); }

std::string_view whole_values_text(std::size_t bytes) {
  if (bytes == 2) return "the values of this VR have 2 bytes each";
  return bytes == 4 ? "the values of this VR have 4 bytes each" : "the values of this VR have 8 bytes each";
}

/// What is allowed instead of `code` in `vr`.
std::string_view text_for(ValueFault code, Vr vr) {
  switch (code) {
    case ValueFault::odd_length: return "a value has an even length";
    case ValueFault::bad_length: return whole_values_text(value_bytes(vr));
    case ValueFault::bad_multiplicity: return "the attribute has another number of values";
    case ValueFault::bad_encoding: return "text must be well-formed UTF-8";
    case ValueFault::bad_padding: return "text is padded with a space, a UID with one NUL";
    case ValueFault::blank: return "an unknown value is empty, not blank";
    case ValueFault::legacy_form: return "this form is older than DICOM: dates are YYYYMMDD, times HHMMSS";
    case ValueFault::long_for_explicit: return "in Explicit VR this VR has at most 65534 bytes";
    default: return allowed_text(vr);
  }
}

/// Findings for one field, as many as there is room for.
class Report {
 public:
  Report(Vr vr, std::span<ValueFinding> room) : vr_{vr}, room_{room} {}

  void begin_value(std::size_t index, std::size_t offset) {
    index_ = index;
    value_offset_ = offset;
  }
  void add(ValueFault code, std::size_t offset) {
    if (is_full()) return;
    room_[size_++] = {code, index_, value_offset_, offset, text_for(code, vr_)};
  }
  [[nodiscard]] bool is_full() const { return size_ == room_.size(); }
  [[nodiscard]] std::span<const ValueFinding> findings() const { return room_.first(size_); }

 private:
  Vr vr_;
  std::span<ValueFinding> room_;
  std::size_t size_{0};
  std::size_t index_{0};
  std::size_t value_offset_{0};
};

void check_length(Vr vr, std::size_t bytes, Report& report) {
  if (bytes % 2 != 0) report.add(ValueFault::odd_length, bytes);
  const std::size_t rest = bytes % value_bytes(vr);
  if (rest != 0 && bytes % 2 == 0) report.add(ValueFault::bad_length, bytes - rest);
  if (!has_long_length(vr) && bytes > kShortFormBytesMax) report.add(ValueFault::long_for_explicit, kShortFormBytesMax);
}

void check_multiplicity(std::size_t values, const ValueContext& context, Report& report) {
  // A query may list several values for what has one, PS3.4 C.2.2.2.
  if (values == 0 || context.is_query || context.multiplicity.allows(values)) return;
  report.add(ValueFault::bad_multiplicity, 0);
}

/// The value without its padding. What is not the padding of its VR is reported.
std::string_view without_padding(Vr vr, std::string_view value, Report& report) {
  const bool is_uid = vr == Vr::ui;
  const bool has_spaces = !detail::is_in(kWithoutSpaces, vr);
  std::size_t size = value.size();
  std::size_t strange = size;
  for (; size > 0; --size) {
    const char last = value[size - 1];
    if (last != '\0' && (last != ' ' || has_spaces)) break;
    if (is_uid || last == '\0') strange = size - 1;
  }
  if (size == 0 && !has_spaces) {
    report.add(ValueFault::blank, 0);
  } else if (strange < value.size()) {
    report.add(ValueFault::bad_padding, strange);
  }
  return part(value, 0, size);
}

/// One value of a padded field.
void check_one(Vr vr, std::string_view value, bool is_last, const ValueContext& context, Report& report) {
  // One character that makes the field's length even does not count.
  if (is_last && !value.empty() && value.back() == static_cast<char>(padding_of(vr))) value.remove_suffix(1);
  if (value.empty()) return;
  if (context.is_query && trimmed(vr, value) == "\"\"") return;
  const std::string_view content = without_padding(vr, value, report);
  if (content.empty()) return;
  if (const auto fault = find_fault(vr, content, context.is_query)) return report.add(fault->code, fault->offset);
  const auto bytes_max = value_bytes_max(vr, context.is_query);
  if (bytes_max && value.size() > *bytes_max) report.add(ValueFault::too_long, *bytes_max);
}

/// Text of an unknown repertoire: in some a backslash is half of a character, and characters cannot be counted. In none does a
/// character have a byte of C0.
void check_opaque(Vr vr, std::string_view field, Report& report) {
  if (field.back() == ' ') field.remove_suffix(1);
  const std::string_view text = without_padding(vr, field, report);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<std::uint8_t>(text[i]);
    const bool is_allowed = byte >= 0x20 || text[i] == kEscape || (is_paragraphs(vr) && is_layout(byte));
    if (!is_allowed) return report.add(ValueFault::bad_character, i);
  }
}

void check_text_field(Vr vr, std::string_view field, const ValueContext& context, Report& report) {
  const bool is_charset_text = has_character_set(vr);
  const bool is_decoded = is_charset_text && context.text == TextForm::utf8;
  if (!is_decoded) check_length(vr, field.size(), report);
  if (is_charset_text && !is_decoded && (!is_ascii(field) || field.contains(kEscape))) return check_opaque(vr, field, report);
  const TextValues values{vr, field};
  check_multiplicity(values.count(), context, report);
  std::size_t index = 0;
  for (auto value = values.begin(); value != values.end() && !report.is_full(); ++value, ++index) {
    report.begin_value(index, static_cast<std::size_t>((*value).data() - field.data()));
    check_one(vr, *value, value.is_last(), context, report);
  }
}

}  // namespace

std::span<const ValueFinding> check_value(Vr vr, ByteView field, const ValueContext& context, std::span<ValueFinding> room) {
  Report report{vr, room};
  if (field.empty()) return report.findings();
  if (is_text(vr)) {
    check_text_field(vr, text_of(field), context, report);
  } else {
    check_length(vr, field.size(), report);
    check_multiplicity(detail::is_in(kStreams, vr) ? 1 : field.size() / value_bytes(vr), context, report);
  }
  return report.findings();
}

std::string_view allowed_text(Vr vr) {
  using namespace vr_text;
  switch (vr) {
    case Vr::ae: return kAe;
    case Vr::as: return kAs;
    case Vr::cs: return kCs;
    case Vr::da: return kDa;
    case Vr::ds: return kDs;
    case Vr::dt: return kDt;
    case Vr::is: return kIs;
    case Vr::lo: return kLo;
    case Vr::lt: return kLt;
    case Vr::pn: return kPn;
    case Vr::sh: return kSh;
    case Vr::st: return kSt;
    case Vr::tm: return kTm;
    case Vr::uc: return kUc;
    case Vr::ui: return kUi;
    case Vr::ur: return kUr;
    case Vr::ut: return kUt;
    default: return {};
  }
}

Result<void> check_text(const Attribute& attribute, std::string_view value) {
  const auto wrong = [&attribute](std::string_view what, std::size_t offset) {
    return std::unexpected{Error{Errc::bad_value, what, offset, attribute.tag}};
  };
  if (value.empty()) return {};
  if (!utf8_length(value)) return wrong(text_for(ValueFault::bad_encoding, attribute.vr), 0);
  if (!is_text(attribute.vr)) return wrong("this value representation is not text", 0);
  const std::size_t backslash = is_single_text(attribute.vr) ? value.size() : std::min(value.find('\\'), value.size());
  if (backslash < value.size()) return wrong(allowed_text(attribute.vr), backslash);
  if (const auto fault = find_fault(attribute.vr, value, false)) return wrong(allowed_text(attribute.vr), fault->offset);
  const auto bytes_max = value_bytes_max(attribute.vr, false);
  if (bytes_max && value.size() > *bytes_max) return wrong(allowed_text(attribute.vr), *bytes_max);
  return {};
}

}  // namespace scanferry::core
