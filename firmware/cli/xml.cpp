// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include <scanferry/model/xml_writer.hpp>
#include <scanferry/platform/linux/runtime.hpp>

#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/text_model.hpp"

namespace scanferry::firmware {
namespace {

int run(const TextModelOptions& options) {
  platform::LinuxRuntime runtime{platform::LogLevel::warning};
  auto platform = runtime.platform();
  const model::XmlOptions xml{options.bulk_options(), options.with_meta, !options.is_compact};
  const auto done = write_text_model(platform.store, options, [&xml](const model::Document& document, model::ByteSink& sink) {
    return model::write_xml(document, xml, sink);
  });
  if (done) return kDone;
  print_error(done.error().message);
  return kNotDone;
}

}  // namespace

void add_xml(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<TextModelOptions>();
  auto* command = app.add_subcommand("xml", "Write a DICOM file as the Native DICOM Model in XML (PS3.19 A.1)");
  command->add_option("file", options->file, "DICOM file")->required();
  command->add_option("--output", options->output, "File to write, instead of standard output");
  options->add_to(*command);
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace scanferry::firmware
