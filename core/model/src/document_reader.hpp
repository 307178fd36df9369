// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <scanferry/core/element_reader.hpp>
#include <scanferry/core/part10.hpp>
#include <scanferry/model/document.hpp>

namespace scanferry::model {

/// Fills a Document from a file. One use.
class DocumentReader {
 public:
  DocumentReader(Document& document, const ByteSource& source, const ReadLimits& limits);

  /// Errors: the source cannot be read, or is no DICOM file at all. Defects within go to the Document.
  Result<void> run();
  /// All of the source is a data set in the Document's transfer syntax. Errors: the source cannot be read.
  Result<void> run_data_set();

 private:
  using Event = core::ElementReader::Event;
  /// A data set that is being read, and the element whose items it is among.
  struct Level {
    DataSet* data_set;
    Element* sequence;  // null for the outermost
  };

  Result<std::uint64_t> read_meta(const core::FileStart& start);
  Result<void> read_data_set(std::uint64_t offset);
  /// Reads elements into `into` until the end or a defect; with `meta_only` until the first that is not of group 0002. Gives
  /// back where that is.
  Result<std::uint64_t> read_elements(const ByteSource& source, core::ElementReader& reader, DataSet& into, bool meta_only);
  Result<void> feed(const ByteSource& source, core::ElementReader& reader);
  void take(core::ElementReader& reader, Event event);
  void begin_element(core::ElementReader& reader);
  [[nodiscard]] std::uint32_t strays_before(const core::ElementHeader& header) const;
  void begin_value(core::ElementReader& reader, Element& element);
  void add_to_value(core::ElementReader& reader);
  void pass_over(core::ElementReader& reader);
  void add_fragment(core::ElementReader& reader);
  void begin_item(const core::ElementHeader& header);
  void end_item(std::uint64_t offset);
  void end_sequence(std::uint64_t offset);
  bool is_sequence_inside(Element& element, std::uint64_t offset, std::uint32_t length);
  void note(const core::Finding& finding);
  [[nodiscard]] std::string path_to(core::Tag tag) const;

  Document& document_;
  const ByteSource& source_;
  ReadLimits limits_;
  std::unique_ptr<std::byte[]> buffer_;
  const ByteSource* from_{nullptr};    // what is being read: the file, or its inflated bytes
  std::uint64_t position_{0};          // of the next byte to be read from the source
  std::uint64_t cursor_{0};            // where the last event ended
  std::uint64_t held_bytes_max_{0};
  std::uint64_t elements_{0};
  std::uint64_t noted_{0};             // findings, also those beyond what the Document takes
  std::vector<Level> levels_;          // data sets that are being read, the innermost last
  std::vector<Element*> sequences_;    // sequences and encapsulated pixels that are, likewise
  Element* element_{nullptr};          // whose value is being read
  core::ByteBuffer room_{};            // for that value
  std::size_t filled_{0};
  bool is_big_endian_{false};
};

}  // namespace scanferry::model
