// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <memory>
#include <string>

#include <scanferry/model/xml_writer.hpp>
#include <scanferry/platform/linux/runtime.hpp>

#include "cli/bulk_uri.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/file_source.hpp"

namespace scanferry::firmware {
namespace {

struct Options {
  std::string file;
  std::string output;
  model::XmlOptions xml;
  std::string bulk{"reference"};
  bool is_compact{false};
};

Result<void> write_xml(platform::Store& store, const Options& options, model::ByteSink& sink) {
  auto opened = open_document(store, options.file);
  if (!opened) return std::unexpected{opened.error()};
  if (auto done = model::write_xml(opened->document, options.xml, sink); !done) return bad_input(describe(options.file, done.error()));
  return tell_findings(options.file, opened->document);
}

Result<void> to_xml(platform::Store& store, const Options& options) {
  if (options.output.empty()) {
    StandardOutput out;
    return write_xml(store, options, out);
  }
  auto out = FileSink::create(store, options.output);
  if (!out) return std::unexpected{out.error()};
  if (auto done = write_xml(store, options, **out); !done) return done;
  return (*out)->commit();
}

int run(Options& options) {
  platform::LinuxRuntime runtime{platform::LogLevel::warning};
  auto platform = runtime.platform();
  using How = model::BulkOptions::How;
  options.xml.bulk.how = options.bulk == "inline" ? How::in_line : options.bulk == "omit" ? How::omit : How::reference;
  options.xml.bulk.uri = bulk_uri(options.file);
  options.xml.is_indented = !options.is_compact;
  const auto done = to_xml(platform.store, options);
  if (done) return kDone;
  std::fflush(stdout);
  print_error(done.error().message);
  return kNotDone;
}

}  // namespace

void add_xml(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand("xml", "Write a DICOM file as the Native DICOM Model in XML (PS3.19 A.1)");
  command->add_option("file", options->file, "DICOM file")->required();
  command->add_option("--output", options->output, "File to write, instead of standard output");
  command->add_flag("--meta", options->xml.with_meta, "The File Meta Information, too");
  command->add_option("--bulk", options->bulk, "Values of bytes: inline (base64), reference (a URI into the file), omit")
      ->check(CLI::IsMember({"inline", "reference", "omit"}))
      ->capture_default_str();
  command->add_option("--inline-max", options->xml.bulk.in_line_bytes_max, "Bytes up to which a value goes in line all the same")
      ->capture_default_str();
  command->add_flag("--compact", options->is_compact, "No blanks and line ends");
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace scanferry::firmware
