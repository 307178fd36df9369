// SPDX-License-Identifier: Apache-2.0
// Random data sets, spelled out without the product's writer: what is read is what was written, in every encoding and in JSON.
#include <catch2/catch.hpp>

#include <cstring>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <scanferry/model/json_reader.hpp>
#include <scanferry/model/json_writer.hpp>

#include "example_object.hpp"

using namespace scanferry;
using namespace scanferry::model;
using namespace scanferry::tests;

namespace {

constexpr int kSeeds = 2000;
constexpr int kDepthMax = 4;

struct Node;
using Nodes = std::map<std::pair<unsigned, unsigned>, Node>;

/// An element as it should be read: of a sequence its items, of others the bytes of its value.
struct Node {
  std::string vr;
  bool is_long{false};  // its length takes 32 bits in Explicit VR
  std::string value;
  std::vector<Nodes> items;
};

/// One data set after the other, from a seed.
class Generator {
 public:
  explicit Generator(unsigned seed) : random_{seed} {}

  Nodes nodes(int depth) {
    Nodes nodes;
    for (unsigned i = 0, count = below(8); i < count; ++i) {
      const auto vr = static_cast<core::Vr>(1 + below(34));
      const std::string code{core::code_of(vr)};
      if (vr == core::Vr::sq && depth == kDepthMax) continue;
      const auto entry = core::find_keyword("Selector" + (vr == core::Vr::sq ? "CodeSequence" : code) + "Value");
      REQUIRE(entry);
      const bool is_private = below(4) == 0;
      if (is_private) nodes[{0x0073, 0x0010}] = {"LO", false, "SCANFERRY TEST", {}};
      nodes[is_private ? std::pair{0x0073U, 0x1000U + entry->tag.element} : std::pair{0U + entry->tag.group, 0U + entry->tag.element}] = node(vr, depth);
      has_private_ |= is_private;
    }
    return nodes;
  }

  /// In Explicit VR Little Endian, lengths defined or not.
  std::string bytes_of(const Nodes& nodes) {
    std::string bytes;
    for (const auto& [tag, node] : nodes) {
      if (node.vr == "SQ") {
        const std::string items = items_of(node);
        const bool is_open = below(2) == 0;
        bytes += long_element(tag.first, tag.second, "SQ", is_open ? kUndefined : static_cast<std::uint32_t>(items.size())) + items;
        if (is_open) bytes += sequence_delimiter();
      } else if (node.is_long) {
        bytes += long_element(tag.first, tag.second, node.vr, static_cast<std::uint32_t>(node.value.size())) + node.value;
      } else {
        bytes += short_element(tag.first, tag.second, node.vr, node.value);
      }
    }
    return bytes;
  }

  [[nodiscard]] bool has_private() const { return has_private_; }

 private:
  unsigned below(unsigned end) { return static_cast<unsigned>(random_() % end); }

  Node node(core::Vr vr, int depth) {
    Node made{std::string{core::code_of(vr)}, core::has_long_length(vr), {}, {}};
    if (vr == core::Vr::sq) {
      for (unsigned i = below(4); i > 0; --i) made.items.push_back(nodes(depth + 1));
    } else {
      made.value = value(vr);
    }
    return made;
  }

  std::string value(core::Vr vr) {
    if (below(8) == 0) return {};
    switch (vr) {
      case core::Vr::as: return "0" + std::to_string(10 + below(90)) + "M";
      case core::Vr::at: return tag_bytes(below(0x10000), below(0x10000));
      case core::Vr::da: return "202" + std::to_string(below(10)) + "0229";
      case core::Vr::dt: return "20260228" + std::to_string(10 + below(14));
      case core::Vr::tm: return padded(std::to_string(10 + below(14)) + "3015.5");
      case core::Vr::ds: return padded(std::to_string(below(1000)) + ".25\\-" + std::to_string(1 + below(9)));
      case core::Vr::is: return padded(std::to_string(below(100000)) + "\\-7");
      case core::Vr::ui: return uid_value("1.2." + std::to_string(below(1000)));
      case core::Vr::fl:
      case core::Vr::of: return floating(static_cast<float>(below(100000)) / 8);
      case core::Vr::fd:
      case core::Vr::od: return floating(static_cast<double>(below(100000)) / 64);
      default: return core::is_text(vr) ? padded(text()) : words(core::word_bytes(vr));
    }
  }

  std::string text() {
    std::string text;
    for (unsigned i = 1 + below(12); i > 0; --i) text += static_cast<char>('A' + below(26));
    return text;
  }

  std::string words(std::size_t word) {
    std::string bytes(2 * std::max<std::size_t>(word, 1) * (1 + below(3)), '\0');
    for (char& byte : bytes) byte = static_cast<char>(below(256));
    return bytes;
  }

  template <class T>
  std::string floating(T value) {
    std::string bytes(sizeof value, '\0');
    std::memcpy(bytes.data(), &value, sizeof value);
    return bytes;
  }

  std::string items_of(const Node& node) {
    std::string bytes;
    for (const Nodes& nodes : node.items) {
      const std::string content = bytes_of(nodes);
      const bool is_open = below(2) == 0;
      bytes += item(is_open ? kUndefined : static_cast<std::uint32_t>(content.size())) + content;
      if (is_open) bytes += item_delimiter();
    }
    return bytes;
  }

  std::mt19937 random_;
  bool has_private_{false};
};

/// What was read, in words: by tag, VR and value, nesting included.
std::string words_of(const Nodes& nodes) {
  std::string words;
  for (const auto& [tag, node] : nodes) {
    words += tag_bytes(tag.first, tag.second) + node.vr + node.value;
    for (const Nodes& item : node.items) words += "[" + words_of(item) + "]";
  }
  return words;
}
std::string words_of(const DataSet& data_set) {
  std::string words;
  for (const Element& element : data_set.elements()) {
    words += tag_bytes(element.tag.group, element.tag.element) + std::string{core::code_of(element.vr)} + std::string{core::text_of(element.bytes())};
    for (const Item& item : element.items()) words += "[" + words_of(item.data_set) + "]";
  }
  return words;
}

void check_encodings(const Document& document, const std::string& words, bool has_private) {
  const std::string canonical = written(document, kExplicitLittleEndian);
  for (const auto syntax : {kImplicitLittleEndian, kExplicitLittleEndian, kExplicitBigEndian, kDeflated}) {
    CAPTURE(syntax);
    if (syntax == kImplicitLittleEndian && has_private) continue;  // it has no place for the VR of private data
    const std::string other = written(document, syntax);
    const MemorySource source{core::bytes_of(other)};
    const auto again = Document::read(source);
    REQUIRE(again);
    REQUIRE_FALSE(again->defect());
    CHECK(again->findings().empty());
    CHECK((words_of(again->data_set()) == words));
    CHECK((written(*again, syntax) == other));
    CHECK((written(*again, kExplicitLittleEndian) == canonical));
  }
}

void check_json(const Document& document) {
  JsonOptions options;
  options.bulk.how = BulkOptions::How::in_line;
  StringSink json;
  REQUIRE(write_json(document, options, json));
  const auto no_bulk = [](std::string_view) { return Result<std::vector<std::byte>>{std::unexpected{Error{"there is no bulk data here", 0, {}}}}; };
  const auto again = read_json(json.text, no_bulk);
  REQUIRE(again);
  StringSink expected;
  StringSink got;
  REQUIRE(write_data_set(document, document.data_set(), core::Encoding::explicit_little_endian, expected));
  REQUIRE(write_data_set(*again, again->data_set(), core::Encoding::explicit_little_endian, got));
  CHECK((got.text == expected.text));
}

}  // namespace

TEST_CASE("a random data set is read as it was written, in every encoding and in JSON") {
  for (unsigned seed = 1; seed <= kSeeds; ++seed) {
    CAPTURE(seed);
    Generator generator{seed};
    const Nodes nodes = generator.nodes(0);
    const std::string file = file_with(kExplicitLittleEndian, generator.bytes_of(nodes));
    const MemorySource source{core::bytes_of(file)};
    const auto document = Document::read(source);
    if (nodes.empty()) continue;
    REQUIRE(document);
    REQUIRE_FALSE(document->defect());
    CHECK(document->findings().empty());
    const std::string words = words_of(nodes);
    CHECK((words_of(document->data_set()) == words));
    CHECK((changed(*document) == file));
    check_encodings(*document, words, generator.has_private());
    check_json(*document);
  }
}
