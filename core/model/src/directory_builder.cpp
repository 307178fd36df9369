// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include <scanferry/model/file_set.hpp>
#include <scanferry/model/part10_writer.hpp>
#include <scanferry/model/tag_path.hpp>

#include "directory_keys.hpp"
#include "directory_tree.hpp"

namespace scanferry::model {
namespace {

namespace at = core::attribute;
using core::Vr;

constexpr std::string_view kExplicitLittleEndian = "1.2.840.10008.1.2.1";
constexpr std::size_t kFileSetIdMax = 16;
constexpr std::uint64_t kItemHeaderBytes = 8;
constexpr std::uint16_t kInUse = 0xFFFF;  // PS3.3 F.3.2.2

class CountingSink final : public ByteSink {
 public:
  Result<void> write(core::ByteView bytes) override {
    count += bytes.size();
    return {};
  }
  std::uint64_t count{0};
};

/// PA000001: two letters that say what it is, six digits.
std::string component(std::string_view letters, std::size_t number) {
  constexpr std::size_t kDigits = 6;
  std::string digits = std::to_string(number);
  digits.insert(0, kDigits - std::min(digits.size(), kDigits), '0');
  return std::string{letters} + digits;
}

Element plain(core::Attribute attribute, core::ByteView value) { return {.tag = attribute.tag, .vr = attribute.vr, .value = value}; }

std::string joined(const FileId& file_id) {
  std::string all;
  for (const std::string& part : file_id) all.append(all.empty() ? "" : "\\").append(part);
  return all;
}

}  // namespace

/// What the builder holds: the directory's tree, and its objects in the order of adding.
class DirectoryBuilder::Tree {
 public:
  explicit Tree(std::string file_set_id) : file_set_id_{std::move(file_set_id)} {}

  Result<std::size_t> add(const Document& object, FileId file_id);
  [[nodiscard]] bool has(std::string_view uid) const { return uids_.contains(uid); }
  [[nodiscard]] std::size_t size() const { return objects_.size(); }
  void name_files(const std::string& folder);
  [[nodiscard]] const FileId& file_id(std::size_t object) const { return objects_.at(object)->file_id; }
  Result<void> write(ByteSink& sink);
  [[nodiscard]] const std::vector<std::string>& notes() const { return notes_; }

 private:
  DirectoryNode& series_of(KeyCopier& keys);
  void name_below(DirectoryNode& node, FileId& folder, std::size_t depth);
  [[nodiscard]] Result<void> check_file_ids() const;
  void complete(DirectoryNode& node);
  void put_links(DirectoryNode& node);
  Result<void> lay_out(Document& directory);
  void put_file_set(Document& directory);
  void link(const std::vector<std::unique_ptr<DirectoryNode>>& nodes);
  void tell();

  std::string file_set_id_;
  DirectoryNode root_;
  std::vector<DirectoryNode*> objects_;
  std::set<std::string, std::less<>> uids_;
  MadeUp made_up_;
  std::vector<std::string> notes_;
  std::vector<DirectoryNode*> in_order_;
  Document arena_;  // holds the bytes of all keys
};

Result<std::size_t> DirectoryBuilder::Tree::add(const Document& object, FileId file_id) {
  KeyCopier keys{object, arena_, made_up_};
  const std::string uid = sop_instance_uid_of(object);
  if (uid.empty() || keys.sop_class_uid().empty()) {
    return std::unexpected{Error{"the object has no SOP Class UID or no SOP Instance UID", 0, {}}};
  }
  if (keys.sop_class_uid() == kMediaStorageDirectoryUid) {
    return std::unexpected{Error{"this is a directory of objects, not one of them", 0, {}}};
  }
  if (has(uid)) return std::unexpected{Error{"the File-set has an object with this SOP Instance UID: " + uid, 0, {}}};
  if (!file_id.empty() && !is_legal_file_id(file_id)) return std::unexpected{Error{"no legal File ID: " + path_of(file_id), 0, {}}};
  const RecordType& type = record_type_for(keys.sop_class_uid(), object.data_set().find(at::kRows.tag) != nullptr);
  DirectoryNode& above = type.is_below_series ? series_of(keys) : root_;
  DirectoryNode& node = above.add(uid, type);
  keys.copy(node);
  keys.put_reference(node);
  node.order.rank = type.is_below_series ? 0 : 1;  // in the root patients come first
  if (!type.is_below_series) node.order.text = type.name;
  node.order.number = number_in(node.keys, at::kInstanceNumber);
  node.file_id = std::move(file_id);
  uids_.insert(uid);
  objects_.push_back(&node);
  return objects_.size() - 1;
}

/// Finds the records above an object, or makes them.
DirectoryNode& DirectoryBuilder::Tree::series_of(KeyCopier& keys) {
  const std::string patient_name = keys.patient_identity();
  DirectoryNode* patient = root_.find(patient_name);
  if (patient == nullptr) {
    patient = &root_.add(patient_name, kPatientRecord);
    keys.copy(*patient);
    patient->order.text = trimmed_text(patient->keys.find(at::kPatientID.tag));
  }
  const std::string study_uid = keys.study_uid();
  DirectoryNode* study = patient->find(study_uid);
  if (study == nullptr) {
    study = &patient->add(study_uid, kStudyRecord);
    keys.copy(*study);
    keys.put_uid(*study, at::kStudyInstanceUID, study_uid);
    study->order.text.append(trimmed_text(study->keys.find(at::kStudyDate.tag))).append(trimmed_text(study->keys.find(at::kStudyTime.tag)));
  }
  const std::string series_uid = keys.series_uid(study_uid);
  DirectoryNode* series = study->find(series_uid);
  if (series == nullptr) {
    series = &study->add(series_uid, kSeriesRecord);
    keys.copy(*series);
    keys.put_uid(*series, at::kSeriesInstanceUID, series_uid);
    series->order.number = number_in(series->keys, at::kSeriesNumber);
  }
  return *series;
}

void DirectoryBuilder::Tree::name_files(const std::string& folder) {
  root_.sort();
  FileId path;
  if (!folder.empty()) path.push_back(folder);
  name_below(root_, path, 0);
}

void DirectoryBuilder::Tree::name_below(DirectoryNode& node, FileId& folder, std::size_t depth) {
  constexpr std::string_view kLetters[] = {"PA", "ST", "SE"};
  std::size_t folders = 0;
  std::size_t files = 0;
  for (const auto& lower : node.lower) {
    const bool is_object = !lower->reference.empty();
    folder.push_back(is_object ? component("IN", ++files) : component(kLetters[depth], ++folders));
    if (is_object && lower->file_id.empty()) lower->file_id = folder;
    name_below(*lower, folder, depth + 1);
    folder.pop_back();
  }
}

Result<void> DirectoryBuilder::Tree::check_file_ids() const {
  std::set<std::string> taken;
  for (const DirectoryNode* const object : objects_) {
    if (!is_legal_file_id(object->file_id)) return std::unexpected{Error{"no legal File ID: \"" + path_of(object->file_id) + "\"", 0, {}}};
    if (!taken.insert(path_of(object->file_id)).second) {
      return std::unexpected{Error{"two objects have the File ID " + path_of(object->file_id), 0, {}}};
    }
  }
  return {};
}

Result<void> DirectoryBuilder::Tree::write(ByteSink& sink) {
  if (auto legal = check_file_ids(); !legal) return legal;
  root_.sort();
  in_order_.clear();
  complete(root_);
  Document directory;
  if (auto done = lay_out(directory); !done) return done;
  tell();
  return write_part10(directory, kExplicitLittleEndian, sink);
}

/// Fills in what the keys lack, and lists the records in the order of the file: each before those below it.
void DirectoryBuilder::Tree::complete(DirectoryNode& node) {
  fill_missing(node, arena_, made_up_);
  for (const auto& lower : node.lower) {
    put_links(*lower);
    in_order_.push_back(lower.get());
    complete(*lower);
  }
}

/// The elements of group 0004, whose sizes are known before their values are.
void DirectoryBuilder::Tree::put_links(DirectoryNode& node) {
  node.links = arena_.reserve(2 * sizeof(std::uint32_t));
  std::ranges::fill(node.links, std::byte{0});
  const core::ByteBuffer in_use = arena_.reserve(sizeof(std::uint16_t));
  core::store_le16(in_use.data(), kInUse);
  DataSet record;
  record.append(plain(at::kOffsetOfTheNextDirectoryRecord, core::ByteView{node.links.first(4)}));
  record.append(plain(at::kRecordInUseFlag, core::ByteView{in_use}));
  record.append(plain(at::kOffsetOfReferencedLowerLevelDirectoryEntity, core::ByteView{node.links.last(4)}));
  record.append(plain(at::kDirectoryRecordType, core::bytes_of(node.type->name)));
  const std::string file_id = joined(node.file_id);
  for (Element& element : node.reference.elements()) {
    if (element.tag == at::kReferencedSOPClassUIDInFile.tag) {
      record.append(plain(at::kReferencedFileID, arena_.keep(core::bytes_of(file_id))));
    }
    record.append(element);
  }
  for (Element& element : node.keys.elements()) record.append(std::move(element));
  node.keys = std::move(record);
}

/// Measures the records and sets their offsets, PS3.3 F.3.2.2: from the first byte of the file, the preamble included.
Result<void> DirectoryBuilder::Tree::lay_out(Document& directory) {
  put_file_set(directory);
  CountingSink header;
  if (auto done = write_part10(directory, kExplicitLittleEndian, header); !done) return done;
  std::uint64_t offset = header.count;
  for (DirectoryNode* const node : in_order_) {
    CountingSink record;
    if (auto done = write_data_set(directory, node->keys, core::Encoding::explicit_little_endian, record); !done) return done;
    node->offset = offset;
    offset += kItemHeaderBytes + record.count;
  }
  if (offset > core::kUndefinedLength) {
    return std::unexpected{Error{"the directory is too large for its offsets (PS3.3 F.3.2.2): 4 GiB", 0, {}}};
  }
  link(root_.lower);
  if (!root_.lower.empty()) {
    core::store_le32(&root_.links[0], static_cast<std::uint32_t>(root_.lower.front()->offset));
    core::store_le32(&root_.links[4], static_cast<std::uint32_t>(root_.lower.back()->offset));
  }
  std::vector<Item> items(in_order_.size());
  for (std::size_t i = 0; i < items.size(); ++i) items[i].data_set = std::move(in_order_[i]->keys);
  directory.data_set().find(at::kDirectoryRecordSequence.tag)->value = std::move(items);
  return {};
}

void DirectoryBuilder::Tree::link(const std::vector<std::unique_ptr<DirectoryNode>>& nodes) {
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    DirectoryNode& node = *nodes[i];
    if (i + 1 < nodes.size()) core::store_le32(&node.links[0], static_cast<std::uint32_t>(nodes[i + 1]->offset));
    if (!node.lower.empty()) core::store_le32(&node.links[4], static_cast<std::uint32_t>(node.lower.front()->offset));
    link(node.lower);
  }
}

/// All but the records. The offsets of the first and the last are set when `lay_out` knows them: they have places in the arena.
void DirectoryBuilder::Tree::put_file_set(Document& directory) {
  std::string identity = "directory " + file_set_id_;
  for (const DirectoryNode* const object : objects_) identity.append("\n").append(object->uid).append("=").append(path_of(object->file_id));
  const std::string uid = made_up_uid(identity);
  const auto put = [this](DataSet& data_set, core::Attribute attribute, std::string_view text) {
    data_set.put(plain(attribute, arena_.keep(core::bytes_of(text))));
  };
  put(directory.meta(), at::kMediaStorageSOPClassUID, kMediaStorageDirectoryUid);
  put(directory.meta(), at::kMediaStorageSOPInstanceUID, uid);
  DataSet& file_set = directory.data_set();
  put(file_set, at::kFileSetID, file_set_id_);
  root_.links = arena_.reserve(2 * sizeof(std::uint32_t));
  std::ranges::fill(root_.links, std::byte{0});
  file_set.put(plain(at::kOffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity, core::ByteView{root_.links.first(4)}));
  file_set.put(plain(at::kOffsetOfTheLastDirectoryRecordOfTheRootDirectoryEntity, core::ByteView{root_.links.last(4)}));
  put(file_set, at::kFileSetConsistencyFlag, std::string_view{"\0\0", 2});
  file_set.put({.tag = at::kDirectoryRecordSequence.tag, .vr = Vr::sq, .value = std::vector<Item>{}});
}

void DirectoryBuilder::Tree::tell() {
  notes_.clear();
  for (const auto& [where, count] : made_up_) {
    notes_.push_back(TagPath{{{where, {}, {}}}}.text() + " is missing where the directory must have it (" + std::to_string(count) +
                     (count == 1 ? " record" : " records") + "): a value was made up, in the directory only");
  }
}

DirectoryBuilder::DirectoryBuilder(std::string file_set_id) : tree_{std::make_unique<Tree>(std::move(file_set_id))} {}
DirectoryBuilder::~DirectoryBuilder() = default;

bool DirectoryBuilder::is_legal_file_set_id(std::string_view text) {
  const auto is_legal_character = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == ' '; };
  return text.size() <= kFileSetIdMax && std::ranges::all_of(text, is_legal_character);
}

Result<std::size_t> DirectoryBuilder::add(const Document& object, FileId file_id) { return tree_->add(object, std::move(file_id)); }
bool DirectoryBuilder::has(std::string_view sop_instance_uid) const { return tree_->has(sop_instance_uid); }
std::size_t DirectoryBuilder::size() const { return tree_->size(); }
void DirectoryBuilder::name_files(const std::string& folder) { tree_->name_files(folder); }
const FileId& DirectoryBuilder::file_id(std::size_t object) const { return tree_->file_id(object); }
Result<void> DirectoryBuilder::write(ByteSink& sink) { return tree_->write(sink); }
const std::vector<std::string>& DirectoryBuilder::notes() const { return tree_->notes(); }

}  // namespace scanferry::model
