// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>
#include <vector>

#include <scanferry/model/edit.hpp>
#include <scanferry/model/part10_writer.hpp>
#include <scanferry/platform/linux/runtime.hpp>

#include "cli/assignment.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/file_source.hpp"

namespace scanferry::firmware {
namespace {

struct Options {
  std::vector<std::string> files;
  std::vector<std::string> inserted;
  std::vector<std::string> modified;
  std::vector<std::string> erased;
  std::string output;
  bool in_place{false};
  bool ignores_missing{false};
};

/// What is to be done, in the order erase, modify, insert: one command can move a value out of the way of another.
struct Work {
  std::vector<model::TagPath> erased;
  std::vector<Assignment> modified;
  std::vector<Assignment> inserted;
};

Result<Work> read_work(const Options& options) {
  Work work;
  for (const auto& word : options.erased) {
    auto path = model::TagPath::parse(word);
    if (!path) return bad_input(path.error().what);
    work.erased.push_back(std::move(*path));
  }
  for (const auto& [words, into] : {std::pair{&options.modified, &work.modified}, std::pair{&options.inserted, &work.inserted}}) {
    for (const auto& word : *words) {
      auto assignment = parse_assignment(word);
      if (!assignment) return std::unexpected{assignment.error()};
      if (!assignment->value) return bad_input("\"", word, "\": PATH=VALUE was expected, for example PatientID=12345");
      into->push_back(std::move(*assignment));
    }
  }
  return work;
}

Result<void> apply(model::Document& document, const Work& work, bool ignores_missing) {
  for (const auto& path : work.erased) {
    if (model::erase(document, path) == 0 && !ignores_missing) return bad_input(path.text(), ": there is no such element");
  }
  for (const auto& [assignments, mode] : {std::pair{&work.modified, model::SetMode::modify}, std::pair{&work.inserted, model::SetMode::insert}}) {
    for (const auto& assignment : *assignments) {
      const auto done = model::set_value(document, assignment.path, *assignment.value, mode, assignment.vr);
      if (!done && !(ignores_missing && done.error().what == "there is no such element")) return bad_input(done.error().text());
    }
  }
  return {};
}

Result<void> edit_one(platform::Store& store, const std::string& path, const std::string& output, const Work& work, bool ignores_missing) {
  auto opened = open_document(store, path);
  if (!opened) return std::unexpected{opened.error()};
  if (auto allowed = refuse_directory(path, opened->document); !allowed) return allowed;
  if (auto whole = tell_findings(path, opened->document); !whole) return whole;
  if (auto done = apply(opened->document, work, ignores_missing); !done) return bad_input(path, ": ", done.error().message);
  auto out = FileSink::create(store, output);
  if (!out) return std::unexpected{out.error()};
  if (auto done = model::write_changed(opened->document, **out); !done) return bad_input(describe(path, done.error()));
  return (*out)->commit();
}

int run(const Options& options) {
  platform::LinuxRuntime runtime{platform::LogLevel::warning};
  auto platform = runtime.platform();
  const auto work = read_work(options);
  if (!work) {
    print_error(work.error().message);
    return kWrongUsage;
  }
  if (options.in_place == !options.output.empty() || (!options.output.empty() && options.files.size() > 1)) {
    print_error("say --in-place to change the files themselves, or --output FILE to leave a single one as it is");
    return kWrongUsage;
  }
  int code = kDone;
  for (const auto& path : options.files) {
    const auto done = edit_one(platform.store, path, options.in_place ? path : options.output, *work, options.ignores_missing);
    if (done) continue;
    print_error(done.error().message);
    code = kNotDone;
  }
  return code;
}

}  // namespace

void add_edit(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand("edit", "Change elements of DICOM files; all else stays byte for byte");
  command->add_option("files", options->files, "DICOM files")->required();
  command->add_option("-i,--insert", options->inserted, "PATH[:VR]=VALUE: set, and make what is missing. Several values with \\ between")
      ->take_all();
  command->add_option("-m,--modify", options->modified, "PATH[:VR]=VALUE: set what is there; an error where it is not")->take_all();
  command->add_option("-e,--erase", options->erased, "PATH: remove an element, or, as PATH[N], an item")->take_all();
  command->add_option("--output", options->output, "File to write");
  command->add_flag("--in-place", options->in_place, "Replace the files themselves, each at once when it is whole");
  command->add_flag("--ignore-missing", options->ignores_missing, "What is to be modified or erased may be missing");
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace scanferry::firmware
