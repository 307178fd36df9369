// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <span>
#include <string>

#include <scanferry/model/json_reader.hpp>
#include <scanferry/model/json_writer.hpp>
#include <scanferry/model/part10_writer.hpp>
#include <scanferry/platform/linux/runtime.hpp>

#include "cli/bulk_uri.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/text_model.hpp"

namespace scanferry::firmware {
namespace {

constexpr std::string_view kExplicitLittleEndian = "1.2.840.10008.1.2.1";

struct Options {
  TextModelOptions model;
  bool reads{false};
  std::string bulk_folder;  ///< empty: that of the JSON file
};

Result<void> to_json(platform::Store& store, const TextModelOptions& options) {
  const model::JsonOptions json{options.bulk_options(), options.with_meta, !options.is_compact};
  return write_text_model(store, options, [&json](const model::Document& document, model::ByteSink& sink) {
    return model::write_json(document, json, sink);
  });
}

Result<std::string> read_json_file(platform::Store& store, const std::string& path) {
  constexpr std::uint64_t kBytesMax = std::uint64_t{1} << 30U;
  auto source = FileSource::open(store, path);
  if (!source) return std::unexpected{source.error()};
  if ((*source)->size() > kBytesMax) return bad_input(path, ": is larger than 1 GiB, which is as much JSON as is read");
  std::string json(static_cast<std::size_t>((*source)->size()), '\0');
  const auto got = (*source)->read_at(0, std::as_writable_bytes(std::span{json}));
  if (!got) return no_luck(got.error().what);
  json.resize(*got);
  return json;
}

Result<void> from_json(platform::Store& store, const TextModelOptions& options, const std::string& bulk_folder) {
  const std::string folder = bulk_folder.empty() ? folder_of(options.file) : bulk_folder;
  auto json = read_json_file(store, options.file);
  if (!json) return std::unexpected{json.error()};
  auto document = model::read_json(*json, [&](std::string_view uri) { return load_bulk(store, uri, folder); });
  if (!document) return bad_input(describe(options.file, document.error()));
  auto out = FileSink::create(store, options.output);
  if (!out) return std::unexpected{out.error()};
  const std::string syntax{document->transfer_syntax().empty() ? kExplicitLittleEndian : document->transfer_syntax()};
  if (auto done = model::write_part10(*document, syntax, **out); !done) return bad_input(describe(options.file, done.error()));
  return (*out)->commit();
}

int run(const Options& options) {
  platform::LinuxRuntime runtime{platform::LogLevel::warning};
  auto platform = runtime.platform();
  const auto done = options.reads ? from_json(platform.store, options.model, options.bulk_folder) : to_json(platform.store, options.model);
  if (done) return kDone;
  print_error(done.error().message);
  return kNotDone;
}

}  // namespace

void add_json(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand("json", "Write a DICOM file as the DICOM JSON Model, or read one back (PS3.18 F)");
  command->add_option("file", options->model.file, "DICOM file; with --read the JSON file")->required();
  auto* output = command->add_option("--output", options->model.output, "File to write, instead of standard output");
  command->add_flag("--read", options->reads, "From JSON to DICOM; for compressed pixels it must have been written with --meta")->needs(output);
  command->add_option("--bulk-folder", options->bulk_folder, "With --read: where the files that BulkDataURI names may be (default: the JSON file's folder)")
      ->check(CLI::ExistingDirectory);
  options->model.add_to(*command);
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace scanferry::firmware
