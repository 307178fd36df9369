// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include <stdlib.h>

#include <scanferry/platform/linux/runtime.hpp>

#include "agent/spool.hpp"

namespace scanferry::firmware {

/// A folder of its own on the real disk, gone with the test.
class TestFolder {
 public:
  TestFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "scanferry-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~TestFolder() { std::filesystem::remove_all(path_); }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// A platform and a spool configuration over a TestFolder.
struct TestSpool {
  TestFolder folder;
  platform::LinuxRuntime runtime{platform::LogLevel::error};
  platform::Platform platform{runtime.platform()};
  SpoolConfig config{folder.path() + "/spool", 1'000'000'000, 0, core::Millis{0}};

  std::unique_ptr<Spool> open(Spool::Role role = Spool::Role::owner) {
    auto spool = Spool::open(platform, config, role);
    return spool ? std::move(*spool) : nullptr;
  }
};

/// 4 x 2 pixels of grey in frames of 8 bytes.
inline core::ImageDescription small_image(std::string_view uid, std::uint32_t frames) {
  core::ImageDescription image;
  image.iod = core::Iod::ultrasound_multi_frame;
  image.rows = 2;
  image.columns = 4;
  image.frames = frames;
  image.frame_time_us = 33'000;
  image.sop_instance_uid = uid;
  image.study_instance_uid = "2.25.1";
  image.series_instance_uid = "2.25.2";
  image.manufacturer = "Test";
  return image;
}

inline std::vector<std::byte> small_frames(std::size_t frames) {
  std::vector<std::byte> pixels(frames * 8);
  for (std::size_t n = 0; n < pixels.size(); ++n) pixels[n] = static_cast<std::byte>(n % 251);
  return pixels;
}

}  // namespace scanferry::firmware
