// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <fstream>

#include "agent/frame_set.hpp"
#include "test_spool.hpp"

using namespace scanferry;
using namespace scanferry::firmware;

namespace {

struct FrameSetTest {
  TestFolder folder;
  platform::LinuxRuntime runtime{platform::LogLevel::error};
  Acquisition acquisition;

  FrameSetTest() {
    acquisition.rows = 2;
    acquisition.columns = 3;
    acquisition.frame_files = {"a", "b"};
  }
  void write(const char* name, std::size_t bytes) { std::ofstream{folder.path() + "/" + name} << std::string(bytes, 'p'); }
  Result<FrameSet> examine() { return examine_frames(runtime.platform().store, folder.path(), acquisition); }
};

}  // namespace

TEST_CASE_METHOD(FrameSetTest, "native files hold one or more whole frames") {
  write("a", 6);
  write("b", 12);
  const auto set = examine();
  REQUIRE(set);
  CHECK(set->frames == 3);
  CHECK(set->bytes == 18);
}

TEST_CASE_METHOD(FrameSetTest, "a frame that is missing, empty or of the wrong size is named") {
  const auto [bytes, what] = GENERATE(table<int, const char*>({{-1, "/b"}, {0, "is empty"}, {7, "expected 6"}}));
  write("a", 6);
  if (bytes >= 0) write("b", static_cast<std::size_t>(bytes));
  const auto set = examine();
  REQUIRE_FALSE(set);
  CHECK(set.error().trouble == Trouble::bad_input);
  CHECK_THAT(set.error().message, Catch::Contains(what) && Catch::Contains("/b"));
}

TEST_CASE_METHOD(FrameSetTest, "a file that is no JPEG is refused as one") {
  acquisition.coding = core::PixelCoding::jpeg_baseline;
  write("a", 100);
  write("b", 100);
  const auto set = examine();
  REQUIRE_FALSE(set);
  CHECK_THAT(set.error().message, Catch::Contains("/a"));
}
