// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <scanferry/model/element_text.hpp>
#include <scanferry/model/file_set.hpp>
#include <scanferry/platform/linux/runtime.hpp>

#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/file_source.hpp"

namespace scanferry::firmware {
namespace {

namespace at = core::attribute;

struct Options {
  std::string path;
  bool json{false};
};

/// What is shown of a record, in this order, as far as it is there.
constexpr core::Attribute kShown[] = {
    at::kPatientName,     at::kPatientID, at::kStudyDate,    at::kStudyTime,         at::kStudyDescription,
    at::kAccessionNumber, at::kModality,  at::kSeriesNumber, at::kSeriesDescription, at::kInstanceNumber,
};

std::string lower_case(std::string_view text) {
  std::string lower{text};
  std::ranges::transform(lower, lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower;
}

/// In UTF-8.
std::string value_of(const model::DataSet& keys, core::Attribute attribute) {
  const auto* const element = keys.find(attribute.tag);
  if (element == nullptr) return {};
  const auto characters = model::character_set_in(keys, model::CharacterSet{});
  std::string joined;
  for (const auto& value : model::text_values(*element, characters)) joined.append(joined.empty() ? "" : "\\").append(value);
  return joined;
}

class Lister {
 public:
  Lister(platform::Store& store, std::string root, bool json) : store_{store}, root_{std::move(root)}, json_{json} {}

  void show(const std::vector<model::DirectoryRecord>& records, std::size_t depth) {
    for (const auto& record : records) {
      json_ ? show_json(record) : show_line(record, depth);
      show(record.lower, depth + 1);
    }
  }

  void summary() const {
    if (!json_) print(text(files_, files_ == 1 ? " file" : " files", missing_ == 0 ? std::string{} : text(", ", missing_, " MISSING")));
  }

  [[nodiscard]] bool is_complete() const { return missing_ == 0; }

 private:
  /// Media in ISO 9660 and FAT are often mounted with their names in small letters.
  bool is_there(const model::DirectoryRecord& record) {
    const auto path = model::path_of(record.file_id);
    const bool found = store_.info(text(root_, "/", path)) || store_.info(text(root_, "/", lower_case(path)));
    ++files_;
    missing_ += found ? 0 : 1;
    return found;
  }

  void show_line(const model::DirectoryRecord& record, std::size_t depth) {
    std::string line = text(std::string(2 * depth, ' '), record.type.empty() ? "(NO TYPE)" : record.type);
    for (const auto attribute : kShown) {
      if (const auto value = value_of(*record.keys, attribute); !value.empty()) line.append("  ").append(value);
    }
    if (!record.file_id.empty()) line.append("  ").append(model::path_of(record.file_id)).append(is_there(record) ? "" : "  MISSING");
    print(harmless(line));
  }

  void show_json(const model::DirectoryRecord& record) {
    if (record.type == "PATIENT") patient_ = value_of(*record.keys, at::kPatientID);
    if (record.type == "STUDY") study_ = value_of(*record.keys, at::kStudyInstanceUID);
    if (record.type == "SERIES") series_ = value_of(*record.keys, at::kSeriesInstanceUID);
    if (record.file_id.empty()) return;
    print(text("{\"type\":", json_string(record.type), ",\"file\":", json_string(model::path_of(record.file_id)),
               ",\"missing\":", is_there(record) ? "false" : "true", ",\"patient_id\":", json_string(patient_),
               ",\"study_instance_uid\":", json_string(study_), ",\"series_instance_uid\":", json_string(series_), ",\"sop_class_uid\":",
               json_string(record.sop_class_uid), ",\"sop_instance_uid\":", json_string(record.sop_instance_uid), "}"));
  }

  platform::Store& store_;
  std::string root_;
  bool json_;
  std::string patient_;
  std::string study_;
  std::string series_;
  std::uint64_t files_{0};
  std::uint64_t missing_{0};
};

/// The DICOMDIR itself, or the one in a folder.
std::string directory_path(platform::Store& store, const std::string& path) {
  const auto info = store.info(path);
  if (!info || !info->is_directory) return path;
  for (const std::string_view name : {"DICOMDIR", "dicomdir"}) {
    if (auto inner = text(path, "/", name); store.info(inner)) return inner;
  }
  return text(path, "/DICOMDIR");
}

Result<int> list(platform::Store& store, const Options& options) {
  const auto path = directory_path(store, options.path);
  auto opened = open_document(store, path);
  if (!opened) return std::unexpected{opened.error()};
  const auto directory = model::read_directory(opened->document);
  if (!directory) return bad_input(describe(path, directory.error()));
  if (!options.json) print(harmless(text("FILE-SET  ", directory->file_set_id, directory->file_set_id.empty() ? "" : "  ", path)));
  Lister lister{store, folder_of(path), options.json};
  lister.show(directory->records, 1);
  lister.summary();
  for (const auto& finding : opened->document.findings()) print_error(describe(path, finding));
  for (const auto& finding : directory->findings) print_error(describe(path, finding));
  if (opened->document.defect()) return bad_input(describe(path, *opened->document.defect()));
  return lister.is_complete() && directory->findings.empty() ? kDone : kNotDone;
}

int run(const Options& options) {
  platform::LinuxRuntime runtime{platform::LogLevel::warning};
  auto platform = runtime.platform();
  const auto code = list(platform.store, options);
  if (code) return *code;
  print_error(code.error().message);
  return kNotDone;
}

}  // namespace

void add_dicomdir(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand("dicomdir", "List what a DICOMDIR names; files that are not there are marked. 'export' makes one");
  command->add_option("path", options->path, "DICOMDIR, or the folder that it is in")->required();
  command->add_flag("--json", options->json, "One JSON object a line for each file");
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace scanferry::firmware
