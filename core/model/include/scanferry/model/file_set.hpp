// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <scanferry/model/byte_source.hpp>
#include <scanferry/model/document.hpp>

namespace scanferry::model {

/// The name of a file in a File-set, PS3.10 8.2: folders from the File-set's root on, the file last.
using FileId = std::vector<std::string>;

/// PS3.10 8.2 and 8.5: up to 8 components, each of 1 to 8 characters out of A-Z, 0-9 and "_".
bool is_legal_file_id(const FileId& file_id);

/// With slashes between; empty for none.
std::string path_of(const FileId& file_id);

/// Of the data set; where it has none, of File Meta Information. The two differ where somebody de-identified the data set alone.
std::string sop_instance_uid_of(const Document& object);

/// A record of a directory, PS3.3 F.3.2.2. Borrows from the Document that it was read from.
struct DirectoryRecord {
  std::string_view type;           ///< PATIENT, STUDY, SERIES, IMAGE, ...; empty when the record has none
  const DataSet* keys{nullptr};    ///< all of the record; never null
  FileId file_id;                  ///< of the file that it stands for; empty for none. No component leads out of the File-set
  std::string_view sop_class_uid;  ///< in that file
  std::string_view sop_instance_uid;
  std::string_view transfer_syntax_uid;
  std::uint64_t offset{0};  ///< in the file, of the record
  std::vector<DirectoryRecord> lower;
};

/// A File-set's directory, the DICOMDIR.
struct Directory {
  std::string_view file_set_id;
  std::vector<DirectoryRecord> records;  ///< of the root
  std::vector<Error> findings;           ///< what was wrong and how it was taken; at most kFindingsMax

  static constexpr std::size_t kFindingsMax = 1000;
  /// Records lie at most this deep below the root; a directory has 4 levels, the oldest had 6.
  static constexpr std::size_t kDepthMax = 12;
};

/// Follows the offsets of a DICOMDIR's records, PS3.3 F.2.2.2. Each record comes once: one that is reached again, and an offset
/// that leads to none, end their chain and are findings. Records in use that no offset leads to are put below the nearest record
/// before them in the file that can have them, else into the root. Takes time and memory in proportion to the records.
/// Errors: this is no directory at all. The result borrows from `document`.
Result<Directory> read_directory(const Document& document);

/// Makes the DICOMDIR of a File-set, PS3.3 F: PATIENT, STUDY, SERIES and the record that fits each object, by its SOP class.
/// The first object added of a patient, study or series speaks for it. Patients are sorted by ID, studies by date and time, series
/// and objects by number, and by UID where that is equal; the same objects in the same order make the same bytes.
/// Where an object lacks a key that its record must have (type 1), a value is made up, and told in `notes`.
class DirectoryBuilder {
 public:
  /// `file_set_id`: a label for people, of at most 16 characters out of A-Z, 0-9, "_" and blank; may be empty.
  explicit DirectoryBuilder(std::string file_set_id);
  ~DirectoryBuilder();
  DirectoryBuilder(const DirectoryBuilder&) = delete;
  DirectoryBuilder& operator=(const DirectoryBuilder&) = delete;

  /// Says whether `text` can be a File-set ID, PS3.3 F.3.2.1.
  static bool is_legal_file_set_id(std::string_view text);

  /// Takes over what the directory says of `object`; nothing of it is borrowed. `file_id` may come later, see `name_files`. Gives
  /// back the object's number, in the order of adding. Errors: no SOP Class or Instance UID, one that is in the set already, a
  /// DICOMDIR, an illegal file ID; nothing has changed then.
  Result<std::size_t> add(const Document& object, FileId file_id = {});
  [[nodiscard]] bool has(std::string_view sop_instance_uid) const;
  [[nodiscard]] std::size_t size() const;

  /// Gives each object without a file ID one by its place in the directory: `folder`/PA000001/ST000001/SE000001/IN000001.
  void name_files(const std::string& folder);
  /// Of the object with that number. Borrowed until the next `add`.
  [[nodiscard]] const FileId& file_id(std::size_t object) const;

  /// Writes the DICOMDIR in Explicit VR Little Endian, once: the builder is spent then. Errors: an object without a file ID, more records
  /// than offsets can reach (4 GiB), what `sink` says.
  Result<void> write(ByteSink& sink);
  /// One sentence for each attribute that was made up; filled by `write`.
  [[nodiscard]] const std::vector<std::string>& notes() const;

 private:
  class Tree;
  std::unique_ptr<Tree> tree_;
};

}  // namespace scanferry::model
