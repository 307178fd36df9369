// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include <scanferry/core/bytes.hpp>
#include <scanferry/core/dictionary.hpp>
#include <scanferry/core/tag.hpp>
#include <scanferry/core/vr.hpp>

namespace scanferry::model {

struct Element;

/// A run of bytes in the ByteSource that an object was read from.
struct SourceRange {
  std::uint64_t offset{0};
  std::uint64_t size{0};
  std::uint32_t strays{0};  ///< bytes right before it that belong to nothing: delimiters that end nothing
};

/// Data Elements in the order of their tags; what was read keeps the order of the file, also a wrong one.
/// A value of its own; the bytes of its values are borrowed from the Document.
class DataSet {
 public:
  [[nodiscard]] std::span<const Element> elements() const;
  [[nodiscard]] std::span<Element> elements();
  [[nodiscard]] bool empty() const { return elements_.empty(); }

  /// The first element with `tag`, or null.
  [[nodiscard]] const Element* find(core::Tag tag) const;
  Element* find(core::Tag tag);
  /// Puts `element` where its tag belongs, in place of one with the same tag. Returns it in its place.
  Element& put(Element element);
  /// Appends as a reader does, without a look at the order.
  Element& append(Element element);
  /// Removes all elements with `tag`; says whether there was one.
  bool erase(core::Tag tag);

 private:
  std::vector<Element> elements_;
  bool is_sorted_{true};
};

/// An item of a sequence, PS3.5 7.5.
struct Item {
  DataSet data_set;
  SourceRange source{};            ///< its header and all that is in it; empty when it was not read
  bool has_undefined_length{false};
  bool is_changed{false};          ///< something in it is no longer as it was read
};

/// A value that stayed in the source: its bytes are as they are there, not swapped.
struct StoredValue {
  SourceRange range;
};

/// Encapsulated Pixel Data, PS3.5 A.4: the Basic Offset Table first, then the fragments. The bytes stay in the source
/// or, of what was made, in memory.
struct Fragments {
  std::vector<std::variant<core::ByteView, StoredValue>> items;
};

/// A Data Element, PS3.5 7.1.
struct Element {
  using Value = std::variant<core::ByteView,       ///< in memory, little endian, with its padding; borrowed from the Document
                             StoredValue,          ///< larger than the Document holds
                             std::vector<Item>,    ///< of a sequence, also of one that was written as UN (PS3.5 6.2.2)
                             Fragments>;

  core::Tag tag;
  core::Vr vr{core::Vr::un};          ///< as in the file; in Implicit VR as in the dictionary
  bool has_undefined_length{false};
  bool is_implicit{false};            ///< written without a VR, there
  bool is_changed{false};             ///< not as it was read: it, or something in it
  Value value;
  SourceRange source{};               ///< header and value; empty when it was not read

  [[nodiscard]] bool is_sequence() const { return std::holds_alternative<std::vector<Item>>(value); }
  [[nodiscard]] bool is_encapsulated() const { return std::holds_alternative<Fragments>(value); }
  /// The items of a sequence; none for others.
  [[nodiscard]] std::span<const Item> items() const;
  std::span<Item> items();
  /// The bytes in memory; none for others. See `value_size` for what is elsewhere.
  [[nodiscard]] core::ByteView bytes() const;
  /// Of a plain value, in memory or stored.
  [[nodiscard]] std::uint64_t value_size() const;
};

/// The elements that reserve private blocks, PS3.5 7.8.1, by tag; of several with one tag the first. For who asks often:
/// looking each up in a hostile data set, which is out of order, would take quadratic time.
std::map<core::Tag, const Element*> private_creators(const DataSet& data_set);

/// A text value without its padding; of several values all, with backslashes between. Empty when there is none in memory.
std::string_view trimmed_text(const Element* element);

}  // namespace scanferry::model
