// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <scanferry/model/file_set.hpp>
#include <scanferry/platform/linux/runtime.hpp>

#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/file_source.hpp"
#include "cli/object_list.hpp"

namespace scanferry::firmware {
namespace {

constexpr std::size_t kChunkBytes = 1024 * 1024;
constexpr std::string_view kObjectFolder = "DICOM";
constexpr std::string_view kMediaStorageDirectory = "1.2.840.10008.1.3.10";

struct Options {
  std::vector<std::string> paths;
  std::string folder;
  std::string file_set_id;
  bool json{false};
};

/// Copies objects into a folder, then writes the directory. What it made is gone again unless all of that succeeds.
class Exporter {
 public:
  Exporter(platform::Platform& platform, const Options& options)
      : platform_{platform},
        store_{platform.store},
        options_{options},
        builder_{options.file_set_id},
        progress_{!options.json},
        chunk_(kChunkBytes) {}
  ~Exporter() {
    if (!is_complete_) remove_made();
  }
  Exporter(const Exporter&) = delete;
  Exporter& operator=(const Exporter&) = delete;

  /// The exit code. Failures: nothing was exported.
  Result<int> run() {
    if (auto free = check_folder(); !free) return std::unexpected{free.error()};
    collect();
    if (objects_.empty()) return bad_input("there is no object to export");
    if (auto fits = check_space(); !fits) return std::unexpected{fits.error()};
    builder_.name_files(std::string{kObjectFolder});
    for (std::size_t i = 0; i < objects_.size(); ++i) {
      progress_.show(platform_.clock.now(), i, objects_.size(), "objects", bytes_);
      if (auto copied = copy(objects_[i], path_in_folder(builder_.file_id(i))); !copied) return std::unexpected{copied.error()};
    }
    if (auto written = write_directory(); !written) return std::unexpected{written.error()};
    is_complete_ = true;
    report();
    return failed_ == 0 ? kDone : kNotDone;
  }

 private:
  [[nodiscard]] std::string path_in_folder(const model::FileId& file_id) const {
    return text(options_.folder, "/", model::path_of(file_id));
  }

  /// An export is a File-set of its own: neither files nor a directory of another one are changed.
  Result<void> check_folder() const {
    const auto directory = path_in_folder({"DICOMDIR"});
    if (store_.info(directory)) {
      return bad_input(directory, ": there is a File-set in this folder; choose another folder, objects are not added to it");
    }
    const auto objects = path_in_folder({std::string{kObjectFolder}});
    if (store_.info(objects)) {
      return bad_input(objects, ": is there already, maybe of an export that was broken off; remove it or choose another folder");
    }
    return {};
  }

  void collect() {
    auto list = collect_objects(store_, options_.paths);
    for (const auto& problem : list.problems) print_error(problem.words);
    failed_ += list.failed;
    for (auto& object : list.objects) {
      progress_.show(platform_.clock.now(), objects_.size(), list.objects.size(), "objects looked at", 0);
      if (auto added = add(object); !added) fail(added.error().message);
    }
  }

  Result<void> add(SendObject& object) {
    if (object.sop_class_uid == kMediaStorageDirectory) return bad_input(object.path, ": is a directory of objects, not one of them");
    auto opened = open_document(store_, object.path, {.stop_before_pixels = true});
    if (!opened) return std::unexpected{opened.error()};
    if (opened->document.defect()) return bad_input(describe(object.path, *opened->document.defect()));
    object.sop_instance_uid = model::sop_instance_uid_of(opened->document);
    if (builder_.has(object.sop_instance_uid)) return skip(object);
    if (const auto number = builder_.add(opened->document); !number) return bad_input(describe(object.path, number.error()));
    objects_.push_back(std::move(object));
    return {};
  }

  Result<void> skip(const SendObject& object) {
    progress_.clear();
    print_error(text(object.path, ": skipped, another file with the same object (", object.sop_instance_uid, ") is exported"));
    return {};
  }

  void fail(const std::string& words) {
    progress_.clear();
    print_error(words);
    ++failed_;
  }

  Result<void> check_space() {
    if (auto made = store_.make_directories(options_.folder); !made) return no_luck(made.error());
    std::uint64_t needed = 0;
    for (const auto& object : objects_) needed += object.data_set_offset + object.data_set_bytes;
    const auto space = store_.space(options_.folder);
    if (!space) return no_luck(space.error());
    if (space->free_bytes >= needed) return {};
    return no_luck(options_.folder, ": has room for ", megabytes(space->free_bytes), ", the objects are ", megabytes(needed));
  }

  Result<void> copy(const SendObject& object, const std::string& to) {
    if (auto made = make_folders(to); !made) return made;
    auto from = store_.open(object.path, platform::OpenMode::read);
    if (!from) return no_luck(from.error());
    auto file = store_.create(to);
    if (!file) return no_luck(file.error());
    made_files_.push_back(to);
    const std::uint64_t size = object.data_set_offset + object.data_set_bytes;
    for (std::uint64_t at = 0; at < size;) {
      const auto got = (*from)->read_at(at, chunk_);
      if (!got) return no_luck(got.error());
      if (*got == 0) return bad_input(object.path, ": shrank while it was copied");
      if (auto written = (*file)->write_at(at, core::ByteView{chunk_}.first(*got)); !written) return no_luck(written.error());
      at += *got;
      bytes_ += *got;
    }
    if (auto synced = (*file)->sync(); !synced) return no_luck(synced.error());
    return {};
  }

  /// Of the folders above `path` those in the export, outermost first.
  Result<void> make_folders(const std::string& path) {
    std::vector<std::string> missing;
    for (auto folder = folder_of(path); folder != options_.folder && !made_folders_.contains(folder); folder = folder_of(folder)) {
      missing.push_back(folder);
    }
    std::ranges::reverse(missing);
    for (const auto& folder : missing) {
      if (auto made = store_.make_directories(folder); !made) return no_luck(made.error());
      made_folders_.insert(folder);
    }
    return {};
  }

  /// Last, and only when all it names is on the disk for good.
  Result<void> write_directory() {
    for (const auto& folder : made_folders_) {
      if (auto synced = store_.sync_directory(folder); !synced) return no_luck(synced.error());
    }
    const auto path = path_in_folder({"DICOMDIR"});
    auto sink = FileSink::create(store_, path);
    if (!sink) return std::unexpected{sink.error()};
    if (auto written = builder_.write(**sink); !written) return no_luck(describe(path, written.error()));
    return (*sink)->commit();
  }

  void report() {
    progress_.clear();
    for (const auto& note : builder_.notes()) print_error(note);
    for (std::size_t i = 0; options_.json && i < objects_.size(); ++i) {
      print(text("{\"file\":", json_string(objects_[i].path), ",\"exported_as\":", json_string(path_in_folder(builder_.file_id(i))),
                 ",\"sop_instance_uid\":", json_string(objects_[i].sop_instance_uid), "}"));
    }
    if (!options_.json) {
      print(text(objects_.size(), objects_.size() == 1 ? " object, " : " objects, ", megabytes(bytes_), ", in ", options_.folder));
    }
  }

  void remove_made() {
    // The failure that led here is the one to tell.
    for (const auto& file : made_files_) (void)store_.remove(file);
    for (auto folder = made_folders_.rbegin(); folder != made_folders_.rend(); ++folder) (void)store_.remove(*folder);
  }

  platform::Platform& platform_;
  platform::Store& store_;
  const Options& options_;
  model::DirectoryBuilder builder_;
  Progress progress_;
  std::vector<std::byte> chunk_;
  std::vector<SendObject> objects_;     // by their numbers in the builder
  std::set<std::string> made_folders_;  // each after the one that it is in
  std::vector<std::string> made_files_;
  std::uint64_t bytes_{0};
  std::uint64_t failed_{0};
  bool is_complete_{false};
};

int run(Options& options) {
  platform::LinuxRuntime runtime{platform::LogLevel::warning};
  auto platform = runtime.platform();
  while (options.folder.size() > 1 && options.folder.ends_with('/')) options.folder.pop_back();
  if (!model::DirectoryBuilder::is_legal_file_set_id(options.file_set_id)) {
    print_error(text("\"", options.file_set_id, "\" is no File-set ID: at most 16 characters out of A-Z, 0-9, _ and blank"));
    return kWrongUsage;
  }
  const auto code = Exporter{platform, options}.run();
  if (code) return *code;
  print_error(text(code.error().message, "; nothing was exported"));
  return kNotDone;
}

}  // namespace

void add_export(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand("export", "Copy DICOM files to a medium (USB, CD) with a DICOMDIR; 'dicomdir' shows what is on one");
  command->add_option("paths", options->paths, "Files and folders; folders are searched to the bottom")->required();
  command->add_option("--output", options->folder, "Folder for DICOMDIR and DICOM/; made when missing")->required();
  command->add_option("--file-set-id", options->file_set_id, "A label for people: at most 16 characters out of A-Z, 0-9, _ and blank");
  command->add_flag("--json", options->json, "One JSON object a line for each file");
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace scanferry::firmware
