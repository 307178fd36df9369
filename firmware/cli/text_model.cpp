// SPDX-License-Identifier: Apache-2.0
#include "cli/text_model.hpp"

#include "cli/bulk_uri.hpp"

namespace scanferry::firmware {
namespace {

Result<void> write_to(platform::Store& store, const std::string& file, const WriteModel& write, model::ByteSink& sink) {
  auto opened = open_document(store, file);
  if (!opened) return std::unexpected{opened.error()};
  if (auto done = write(opened->document, sink); !done) return bad_input(describe(file, done.error()));
  return tell_findings(file, opened->document);
}

}  // namespace

void TextModelOptions::add_to(CLI::App& command) {
  command.add_flag("--meta", with_meta, "The File Meta Information, too");
  command.add_option("--bulk", bulk, "Values of bytes: inline (base64), reference (a URI into the file), omit")
      ->check(CLI::IsMember({"inline", "reference", "omit"}))
      ->capture_default_str();
  command.add_option("--inline-max", in_line_bytes_max, "Bytes up to which a value goes in line all the same")->capture_default_str();
  command.add_flag("--compact", is_compact, "No blanks and line ends");
}

model::BulkOptions TextModelOptions::bulk_options() const {
  using How = model::BulkOptions::How;
  return {bulk == "inline" ? How::in_line : bulk == "omit" ? How::omit : How::reference, in_line_bytes_max, bulk_uri(file)};
}

Result<void> write_text_model(platform::Store& store, const TextModelOptions& options, const WriteModel& write) {
  if (options.output.empty()) {
    StandardOutput out;
    return write_to(store, options.file, write, out);
  }
  auto out = FileSink::create(store, options.output);
  if (!out) return std::unexpected{out.error()};
  if (auto done = write_to(store, options.file, write, **out); !done) return done;
  return (*out)->commit();
}

}  // namespace scanferry::firmware
