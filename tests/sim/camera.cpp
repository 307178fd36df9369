// SPDX-License-Identifier: Apache-2.0
#include "camera.hpp"

#include <algorithm>

namespace scanferry::tests {
namespace {

using platform::sim::Micros;
using platform::sim::Prng;

Bytes noise(Prng& prng, std::size_t size) {
  Bytes bytes(size);
  for (auto& b : bytes) b = static_cast<std::byte>(prng.next() & 0xFFU);
  return bytes;
}

/// Something with the outside of a baseline JPEG stream, ISO/IEC 10918-1 annex B; nobody here decodes it.
Bytes fake_jpeg(Prng& prng, std::uint16_t rows, std::uint16_t columns, std::uint8_t components) {
  Wire frame_header;
  frame_header.u8(8).be16(rows).be16(columns).u8(components);
  for (std::uint8_t c = 1; c <= components; ++c) frame_header.u8(c).u8(0x11).u8(0);
  Wire scan_header;
  scan_header.u8(components);
  for (std::uint8_t c = 1; c <= components; ++c) scan_header.u8(c).u8(0);
  scan_header.u8(0).u8(63).u8(0);
  auto scan = noise(prng, prng.size_between(100, 3'000));
  for (auto& b : scan) b &= std::byte{0x7F};  // no marker in it
  const auto segment = [](Wire& out, std::uint8_t marker, const Bytes& content) {
    out.u8(0xFF).u8(marker).be16(static_cast<std::uint16_t>(content.size() + 2)).bytes(content);
  };
  Wire jpeg;
  jpeg.u8(0xFF).u8(0xD8);
  segment(jpeg, 0xC0, frame_header.data());
  segment(jpeg, 0xDA, scan_header.data());
  return jpeg.bytes(scan).u8(0xFF).u8(0xD9).data();
}

Bytes padded(Bytes frame) {
  if (frame.size() % 2 != 0) frame.push_back(std::byte{0});
  return frame;
}

std::string names_of(const CameraAcquisition& a) {
  std::string names;
  for (const auto& [name, content] : a.files) names += (names.empty() ? "\"" : ", \"") + name + "\"";
  return "[" + names + "]";
}

}  // namespace

Camera::Camera(platform::sim::SimNode& device, const RunOptions& options)
    : device_{device}, options_{options}, prng_{device.world().prng().fork()} {
  acquisitions_.reserve(options.acquisitions);
  for (std::uint32_t id = 0; id < options.acquisitions; ++id) make(id);
}

void Camera::make(std::uint32_t id) {
  auto& a = acquisitions_.emplace_back();
  a.id = id;
  a.directory = kFolder;
  if (prng_.below(3) == 0) a.directory += "/exam" + std::to_string(id % 3);
  a.sidecar = "a" + std::to_string(id) + ".json";
  std::string sidecar;
  if (prng_.coin()) {
    make_native(a, sidecar);
  } else {
    make_jpeg(a, sidecar);
  }
  if (prng_.chance(options_.broken_per_million)) spoil(a, sidecar);
  if (a.good) {
    for (std::uint32_t i = 0; i < a.frames.size(); ++i) frames_.emplace(a.frames[i], FrameId{id, i});
  }
  add_steps(id, sidecar);
}

void Camera::make_native(CameraAcquisition& a, std::string& sidecar) {
  static constexpr const char* kObjects[] = {"us-multiframe", "sc-multiframe", "us", "sc"};
  const auto object = prng_.below(std::size(kObjects));
  const bool color = prng_.coin();
  const bool deep = !color && (object == 1 || object == 3) && prng_.coin();
  const auto rows = prng_.size_between(5, 60);
  const auto columns = prng_.size_between(5, 60);
  const auto frame_bytes = rows * columns * (color ? 3U : 1U) * (deep ? 2U : 1U);
  const auto frames = prng_.between(1, options_.frames_max);
  for (std::uint64_t i = 0; i < frames; ++i) a.frames.push_back(noise(prng_, frame_bytes));
  // A file holds one frame or several.
  for (std::size_t i = 0; i < a.frames.size(); ++i) {
    if (a.files.empty() || prng_.coin()) a.files.push_back({"a" + std::to_string(a.id) + "-" + std::to_string(i) + ".raw", {}});
    auto& content = a.files.back().second;
    content.insert(content.end(), a.frames[i].begin(), a.frames[i].end());
  }
  a.objects = object < 2 ? 1 : static_cast<std::uint32_t>(frames);
  sidecar = "{\"object\": \"" + std::string{kObjects[object]} + "\", \"format\": \"raw\", \"rows\": " + std::to_string(rows) +
            ", \"columns\": " + std::to_string(columns) + ", \"photometric\": \"" + (color ? "RGB" : "MONOCHROME2") +
            "\", \"bits_allocated\": " + (deep ? "16" : "8") + ", \"frame_time_ms\": 40, \"frames\": " + names_of(a) + "}";
}

void Camera::make_jpeg(CameraAcquisition& a, std::string& sidecar) {
  static constexpr const char* kObjects[] = {"us-multiframe", "sc-multiframe", "us", "sc"};
  const auto object = prng_.below(std::size(kObjects));
  const auto rows = static_cast<std::uint16_t>(prng_.between(8, 600));
  const auto columns = static_cast<std::uint16_t>(prng_.between(8, 600));
  const std::uint8_t components = prng_.coin() ? 3 : 1;
  const auto frames = prng_.between(1, options_.frames_max);
  for (std::uint64_t i = 0; i < frames; ++i) {
    auto jpeg = fake_jpeg(prng_, rows, columns, components);
    a.frames.push_back(padded(jpeg));
    a.files.emplace_back("a" + std::to_string(a.id) + "-" + std::to_string(i) + ".jpg", std::move(jpeg));
  }
  a.objects = object < 2 ? 1 : static_cast<std::uint32_t>(frames);
  sidecar = "{\"object\": \"" + std::string{kObjects[object]} +
            "\", \"format\": \"jpeg\", \"frame_time_ms\": 33.3, \"patient\": {\"id\": \"P" + std::to_string(a.id) + "\"}, \"frames\": " +
            names_of(a) + "}";
}

void Camera::spoil(CameraAcquisition& a, std::string& sidecar) {
  a.good = false;
  auto& last = a.files.back().second;
  switch (prng_.below(4)) {
    case 0: sidecar.resize(sidecar.size() / 2); break;
    case 1: last.clear(); break;
    case 2: last.erase(last.end() - 3, last.end()); break;
    default: sidecar.insert(1, "\"colour\": 1, "); break;
  }
}

void Camera::add_steps(std::uint32_t id, const std::string& sidecar) {
  auto& steps = steps_[id];
  const auto& a = acquisitions_[id];
  auto& disk = device_.disk();
  for (const auto& [name, content] : a.files) {
    const auto path = a.directory + "/" + name;
    // In two pieces: the agent must not take half a file. The first never ends with a whole frame of several: nobody could
    // tell that from a file that is complete.
    auto half = prng_.below(content.size() + 1);
    if (half != 0 && half != content.size() && half % a.frames.front().size() == 0) --half;
    const Bytes first(content.begin(), content.begin() + static_cast<std::ptrdiff_t>(half));
    const Bytes second(content.begin() + static_cast<std::ptrdiff_t>(half), content.end());
    steps.push_back([&disk, path, first] { disk.outside_write(path, first); });
    if (!second.empty()) steps.push_back([&disk, path, second] { disk.outside_append(path, second); });
  }
  const auto path = a.directory + "/" + a.sidecar;
  const Step describe = [&disk, path, sidecar] { disk.outside_write(path, core::bytes_of(sidecar)); };
  if (prng_.coin()) {
    steps.push_back(describe);
  } else {
    steps.push_front(describe);
  }
}

void Camera::begin() {
  const auto span = static_cast<std::uint64_t>(options_.trouble_lasts.count()) * 2 / 3;
  for (const auto& a : acquisitions_) {
    const core::Millis at{static_cast<std::int64_t>(prng_.below(span))};
    device_.world().after(at, [this, id = a.id] { next_step(id); });
  }
}

void Camera::next_step(std::uint32_t id) {
  auto& steps = steps_[id];
  // The camera is a part of the device: both have power or none has.
  if (device_.is_on()) {
    steps.front()();
    steps.pop_front();
  }
  if (steps.empty()) {
    acquisitions_[id].complete = true;
    ++complete_;
    return;
  }
  const core::Millis pause{static_cast<std::int64_t>(prng_.below(static_cast<std::uint64_t>(options_.camera_pause_max.count())))};
  device_.world().after(pause + core::Millis{1}, [this, id] { next_step(id); });
}

std::optional<FrameId> Camera::recognize(const Bytes& frame) const {
  const auto found = frames_.find(frame);
  if (found == frames_.end()) return std::nullopt;
  return found->second;
}

}  // namespace scanferry::tests
