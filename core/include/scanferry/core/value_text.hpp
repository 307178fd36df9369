// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <iterator>
#include <optional>
#include <string_view>

#include <scanferry/core/vr.hpp>

namespace scanferry::core {

/// PS3.5 6.1.2.3: the VRs whose text is in the character sets that Specific Character Set (0008,0005) names; other text is in
/// the default repertoire always.
constexpr bool has_character_set(Vr vr) {
  return detail::is_in(detail::vr_set({Vr::lo, Vr::lt, Vr::pn, Vr::sh, Vr::st, Vr::uc, Vr::ut}), vr);
}
/// PS3.5 6.4: text that is one value, in which a backslash separates nothing.
constexpr bool is_single_text(Vr vr) { return detail::is_in(detail::vr_set({Vr::lt, Vr::st, Vr::ur, Vr::ut}), vr); }
/// PS3.5 6.2: text whose leading spaces mean nothing.
constexpr bool ignores_leading_spaces(Vr vr) {
  return detail::is_in(detail::vr_set({Vr::ae, Vr::cs, Vr::ds, Vr::is, Vr::lo, Vr::sh}), vr);
}

/// One value without what means nothing in its VR: trailing spaces and NULs, and leading spaces where they are not significant.
std::string_view trimmed(Vr vr, std::string_view value);

/// The values of a text field one after another, each as it stands, padding included:
/// `for (std::string_view value : TextValues{vr, text})`. An empty field has no values; "A\\" has two, one of them empty.
/// Text in character sets is decoded first: in some of them a backslash is half of another character.
class TextValues {
 public:
  class Iterator {
   public:
    using value_type = std::string_view;
    using difference_type = std::ptrdiff_t;
    using iterator_concept = std::forward_iterator_tag;

    Iterator() = default;
    std::string_view operator*() const { return {rest_.data(), size_}; }
    Iterator& operator++();
    Iterator operator++(int) {
      Iterator before = *this;
      ++*this;
      return before;
    }
    /// Of two iterators over the same field: the later one has less before it. The end has nothing, not even an empty value.
    friend bool operator==(const Iterator& a, const Iterator& b) {
      return a.is_end_ == b.is_end_ && a.rest_.size() == b.rest_.size();
    }
    friend bool operator==(const Iterator& i, std::default_sentinel_t) { return i.is_end_; }
    /// True for the value that the field's padding follows.
    [[nodiscard]] bool is_last() const { return size_ == rest_.size(); }

   private:
    friend class TextValues;
    Iterator(Vr vr, std::string_view field);
    void measure();

    std::string_view rest_;  ///< from the present value on
    std::size_t size_{0};    ///< of the present value
    bool is_split_{false};
    bool is_end_{true};
  };

  TextValues(Vr vr, std::string_view field) : vr_{vr}, field_{field} {}

  [[nodiscard]] Iterator begin() const { return {vr_, field_}; }
  [[nodiscard]] static std::default_sentinel_t end() { return {}; }
  [[nodiscard]] bool empty() const { return field_.empty(); }
  /// The number of values; counts them.
  [[nodiscard]] std::size_t count() const;
  /// The value at `index`, from 0; nothing where there are fewer.
  [[nodiscard]] std::optional<std::string_view> at(std::size_t index) const;

 private:
  Vr vr_;
  std::string_view field_;
};

/// The component groups of a PN value, PS3.5 6.2.1.2; empty where absent. What follows a third "=" stays in `phonetic`.
struct PersonName {
  std::string_view alphabetic;
  std::string_view ideographic;
  std::string_view phonetic;
};
/// Splits one decoded PN value; the views are into it.
PersonName split_person_name(std::string_view value);

/// The components of one component group, PS3.5 6.2.1.1; empty where absent. What follows a fifth "^" stays in `suffix`.
struct NameComponents {
  std::string_view family;
  std::string_view given;
  std::string_view middle;
  std::string_view prefix;
  std::string_view suffix;
};
/// Splits one component group; the views are into it.
NameComponents split_name_group(std::string_view group);

}  // namespace scanferry::core
