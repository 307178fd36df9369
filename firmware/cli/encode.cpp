// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>
#include <vector>

#include "agent/acquisition_writer.hpp"
#include "agent/frame_set.hpp"
#include "agent/text_file.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/file_source.hpp"
#include "cli/folder_sink.hpp"
#include "cli/host.hpp"

namespace scanferry::firmware {
namespace {

struct Options {
  std::vector<std::string> sidecars;
  std::string folder{"."};
  std::string config;
  bool json{false};
};

Result<std::vector<Instance>> encode_one(platform::Platform& platform, FolderSink& sink, const DeviceConfig& device,
                                         const std::string& sidecar, Progress& progress) {
  auto content = read_text_file(platform.store, sidecar);
  if (!content) return std::unexpected{content.error()};
  auto acquisition = parse_sidecar(*content, sidecar);
  if (!acquisition) return std::unexpected{acquisition.error()};
  auto frames = examine_frames(platform.store, folder_of(sidecar), *acquisition);
  if (!frames) return std::unexpected{frames.error()};
  const auto now = platform.clock.wall_now();
  acquisition->stamp(now, platform.clock.utc_offset(now));
  AcquisitionWriter writer{sink, platform.store, std::move(*acquisition), std::move(*frames), device, sidecar};
  if (auto valid = writer.check(); !valid) return bad_input(sidecar, ": ", valid.error().message);
  for (;;) {
    auto whole = writer.step();
    if (!whole) {
      writer.abandon();
      return std::unexpected{whole.error()};
    }
    progress.show(platform.clock.now(), writer.instances().size(), 0, "objects", writer.bytes());
    if (*whole) return writer.instances();
  }
}

int run(const Options& options) {
  platform::LinuxRuntime runtime{platform::LogLevel::warning};
  auto platform = runtime.platform();
  DeviceConfig device;
  if (!options.config.empty()) {
    auto config = load_config(platform.store, options.config);
    if (!config) {
      print_error(config.error().message);
      return kWrongUsage;
    }
    device = config->device;
  }
  FolderSink sink{platform, options.folder};
  int code = kDone;
  for (const auto& sidecar : options.sidecars) {
    Progress progress{!options.json};
    auto instances = encode_one(platform, sink, device, sidecar, progress);
    progress.clear();
    if (!instances) {
      print_error(instances.error().message);
      code = kNotDone;
      continue;
    }
    for (const auto& instance : *instances) {
      const auto path = sink.object_path(instance.sop_instance_uid);
      print(options.json ? text("{\"file\":", json_string(path), ",\"sop_instance_uid\":", json_string(instance.sop_instance_uid), ",\"bytes\":",
                                instance.file_bytes, "}")
                         : path);
    }
  }
  return code;
}

}  // namespace

void add_encode(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand("encode", "Turn acquisitions (a sidecar and its frames) into DICOM files, without the queue");
  command->add_option("sidecars", options->sidecars, "JSON or TOML files beside their frames")->required();
  command->add_option("--output", options->folder, "Folder for the DICOM files; made when missing")->capture_default_str();
  command->add_option("--config", options->config, "Configuration of the agent, for what it says of the device");
  command->add_flag("--json", options->json, "One JSON object a line for each file");
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace scanferry::firmware
