// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <memory>
#include <string>

#include <scanferry/model/part10_writer.hpp>
#include <scanferry/platform/linux/runtime.hpp>

#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/file_source.hpp"

namespace scanferry::firmware {
namespace {

const std::map<std::string, std::string> kSyntaxes{
    {"implicit", "1.2.840.10008.1.2"},
    {"explicit", "1.2.840.10008.1.2.1"},
    {"deflated", "1.2.840.10008.1.2.1.99"},
    {"big-endian", "1.2.840.10008.1.2.2"},
    {"rle", "1.2.840.10008.1.2.5"},
};

struct Options {
  std::string file;
  std::string output;
  std::string syntax;
};

Result<void> convert(platform::Store& store, const Options& options) {
  auto opened = open_document(store, options.file);
  if (!opened) return std::unexpected{opened.error()};
  const auto& document = opened->document;
  if (auto allowed = refuse_directory(options.file, document); !allowed) return allowed;
  if (auto whole = tell_findings(options.file, document); !whole) return whole;
  auto out = FileSink::create(store, options.output);
  if (!out) return std::unexpected{out.error()};
  std::string uid{document.transfer_syntax().empty() ? kSyntaxes.at("explicit") : document.transfer_syntax()};
  if (!options.syntax.empty()) uid = kSyntaxes.at(options.syntax);
  if (auto done = model::write_part10(document, uid, **out); !done) return bad_input(describe(options.file, done.error()));
  return (*out)->commit();
}

int run(const Options& options) {
  platform::LinuxRuntime runtime{platform::LogLevel::warning};
  auto platform = runtime.platform();
  const auto done = convert(platform.store, options);
  if (done) return kDone;
  print_error(done.error().message);
  return kNotDone;
}

}  // namespace

void add_convert(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand("convert", "Write a DICOM file anew, in canonical form, in another transfer syntax: uncompressed, deflated or RLE Lossless");
  command->add_option("file", options->file, "DICOM file, with or without a preamble")->required();
  command->add_option("--output", options->output, "File to write")->required();
  command->add_option("--transfer-syntax", options->syntax, "implicit, explicit, deflated, big-endian, rle; without it the file's own")
      ->check(CLI::IsMember({"implicit", "explicit", "deflated", "big-endian", "rle"}));
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace scanferry::firmware
