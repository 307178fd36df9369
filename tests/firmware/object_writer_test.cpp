// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <scanferry/core/part10.hpp>

#include "test_spool.hpp"

using namespace scanferry;
using namespace scanferry::firmware;

namespace {

std::vector<std::byte> read_all(platform::Store& store, const std::string& path) {
  auto file = store.open(path, platform::OpenMode::read);
  REQUIRE(file);
  std::vector<std::byte> bytes(static_cast<std::size_t>(*(*file)->size()));
  REQUIRE(*(*file)->read_at(0, bytes) == bytes.size());
  return bytes;
}

std::vector<std::byte> write_whole(TestSpool& test, const std::string& path, std::uint32_t announced, std::size_t frames) {
  auto writer = ObjectWriter::create(test.platform.store, path, small_image("2.25.3", announced));
  REQUIRE(writer);
  REQUIRE(writer->append(small_frames(frames)));
  REQUIRE(writer->finish());
  REQUIRE(writer->settle());
  return read_all(test.platform.store, path);
}

}  // namespace

TEST_CASE("an object of unknown length ends up as if its length had been known") {
  TestSpool test;
  const auto known = write_whole(test, test.folder.path() + "/known", 3, 3);
  const auto unknown = write_whole(test, test.folder.path() + "/unknown", 0, 3);
  CHECK(known == unknown);
}

TEST_CASE("a frame that is not whole is dropped") {
  TestSpool test;
  const auto path = test.folder.path() + "/object";
  auto writer = ObjectWriter::create(test.platform.store, path, small_image("2.25.3", 0));
  REQUIRE(writer);
  REQUIRE(writer->append(small_frames(2)));
  REQUIRE(writer->append(core::ByteView{small_frames(1)}.first(5)));
  CHECK(writer->frames() == 2);
  REQUIRE(writer->finish());
  CHECK(read_all(test.platform.store, path) == write_whole(test, test.folder.path() + "/two", 2, 2));
}

TEST_CASE("an object without a whole frame is refused") {
  TestSpool test;
  auto writer = ObjectWriter::create(test.platform.store, test.folder.path() + "/object", small_image("2.25.3", 2));
  REQUIRE(writer);
  REQUIRE(writer->append(core::ByteView{small_frames(1)}.first(7)));
  const auto done = writer->finish();
  REQUIRE_FALSE(done);
  CHECK(done.error().trouble == Trouble::bad_input);
}

TEST_CASE("an object whose writer died is closed with the frames of its last checkpoint") {
  TestSpool test;
  const auto path = test.folder.path() + "/object";
  {
    auto writer = ObjectWriter::create(test.platform.store, path, small_image("2.25.3", 60));
    REQUIRE(writer);
    REQUIRE(writer->append(small_frames(2)));
    REQUIRE(writer->checkpoint());
    REQUIRE(writer->append(small_frames(1)));
  }
  auto file = test.platform.store.open_abandoned(path);
  REQUIRE(file);
  CHECK(recover_object(**file) == 2U);
  REQUIRE(clear_live_note(**file));
  CHECK(read_all(test.platform.store, path) == write_whole(test, test.folder.path() + "/two", 2, 2));
}

TEST_CASE("an object that never reached a checkpoint is not worth keeping") {
  TestSpool test;
  const auto path = test.folder.path() + "/object";
  {
    auto writer = ObjectWriter::create(test.platform.store, path, small_image("2.25.3", 60));
    REQUIRE(writer);
    REQUIRE(writer->append(small_frames(2)));
  }
  auto file = test.platform.store.open_abandoned(path);
  REQUIRE(file);
  CHECK(recover_object(**file) == 0U);
}

TEST_CASE("a JPEG frame that changes its length while it is read is refused") {
  TestSpool test;
  auto image = small_image("2.25.3", 1);
  image.coding = core::PixelCoding::jpeg_baseline;
  image.lossy = true;
  auto writer = ObjectWriter::create(test.platform.store, test.folder.path() + "/object", image);
  REQUIRE(writer);
  REQUIRE(writer->begin_frame(10));
  REQUIRE(writer->append_frame(small_frames(1)));
  CHECK_FALSE(writer->append_frame(small_frames(1)));
  CHECK_FALSE(writer->end_frame());
}
