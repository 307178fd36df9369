// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <scanferry/model/json_reader.hpp>
#include <scanferry/model/json_writer.hpp>
#include <scanferry/model/part10_writer.hpp>
#include <scanferry/platform/linux/runtime.hpp>

#include "cli/bulk_uri.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/file_source.hpp"

namespace scanferry::firmware {
namespace {

constexpr std::string_view kExplicitLittleEndian = "1.2.840.10008.1.2.1";

struct Options {
  std::string file;
  std::string output;
  model::JsonOptions json;
  std::string bulk{"reference"};
  bool is_compact{false};
  bool reads{false};
};

Result<void> write_json(platform::Store& store, const Options& options, model::ByteSink& sink) {
  auto opened = open_document(store, options.file);
  if (!opened) return std::unexpected{opened.error()};
  if (auto done = model::write_json(opened->document, options.json, sink); !done) return bad_input(describe(options.file, done.error()));
  return tell_findings(options.file, opened->document);
}

Result<void> to_json(platform::Store& store, const Options& options) {
  if (options.output.empty()) {
    StandardOutput out;
    return write_json(store, options, out);
  }
  auto out = FileSink::create(store, options.output);
  if (!out) return std::unexpected{out.error()};
  if (auto done = write_json(store, options, **out); !done) return done;
  return (*out)->commit();
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

Result<void> from_json(platform::Store& store, const Options& options) {
  auto json = read_json_file(store, options.file);
  if (!json) return std::unexpected{json.error()};
  auto document = model::read_json(*json, [&store](std::string_view uri) { return load_bulk(store, uri); });
  if (!document) return bad_input(describe(options.file, document.error()));
  auto out = FileSink::create(store, options.output);
  if (!out) return std::unexpected{out.error()};
  const std::string syntax{document->transfer_syntax().empty() ? kExplicitLittleEndian : document->transfer_syntax()};
  if (auto done = model::write_part10(*document, syntax, **out); !done) return bad_input(describe(options.file, done.error()));
  return (*out)->commit();
}

int run(Options& options) {
  platform::LinuxRuntime runtime{platform::LogLevel::warning};
  auto platform = runtime.platform();
  using How = model::BulkOptions::How;
  options.json.bulk.how = options.bulk == "inline" ? How::in_line : options.bulk == "omit" ? How::omit : How::reference;
  options.json.bulk.uri = bulk_uri(options.file);
  options.json.is_indented = !options.is_compact;
  const auto done = options.reads ? from_json(platform.store, options) : to_json(platform.store, options);
  if (done) return kDone;
  std::fflush(stdout);
  print_error(done.error().message);
  return kNotDone;
}

}  // namespace

void add_json(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand("json", "Write a DICOM file as the DICOM JSON Model, or read one back (PS3.18 F)");
  command->add_option("file", options->file, "DICOM file; with --read the JSON file")->required();
  auto* output = command->add_option("--output", options->output, "File to write, instead of standard output");
  command->add_flag("--read", options->reads, "From JSON to DICOM")->needs(output);
  command->add_flag("--meta", options->json.with_meta, "The File Meta Information, too: --read needs it for compressed pixels");
  command->add_option("--bulk", options->bulk, "Values of bytes: inline (base64), reference (a URI into the file), omit")
      ->check(CLI::IsMember({"inline", "reference", "omit"}))
      ->capture_default_str();
  command->add_option("--inline-max", options->json.bulk.in_line_bytes_max, "Bytes up to which a value goes in line all the same")
      ->capture_default_str();
  command->add_flag("--compact", options->is_compact, "No blanks and line ends");
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace scanferry::firmware
