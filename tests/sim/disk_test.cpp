// SPDX-License-Identifier: Apache-2.0
#include <set>

#include <catch2/catch.hpp>

#include <scanferry/platform/sim/disk.hpp>

using namespace scanferry;
using namespace scanferry::platform::sim;
using platform::Errc;
using platform::OpenMode;

namespace {

std::string text_at(const SimDisk& disk, std::string_view path) {
  const auto content = disk.outside_read(path);
  return content ? std::string{core::text_of(*content)} : std::string{"(absent)"};
}

void write(SimDisk& disk, std::string_view path, std::string_view text, bool sync) {
  auto file = disk.create(path);
  REQUIRE(file);
  REQUIRE((*file)->write_at(0, core::bytes_of(text)));
  if (sync) REQUIRE((*file)->sync());
}

/// What may be under `path` after a power cut that follows `act`, over many rolls of the dice.
template <class Act>
std::set<std::string> outcomes(Act act, std::string_view path) {
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    World world{seed};
    SimDisk disk{world};
    REQUIRE(disk.make_directories("/d"));
    REQUIRE(disk.make_directories("/e"));
    act(disk);
    disk.power_fails();
    disk.restart(CutMode::random);
    seen.insert(text_at(disk, path));
  }
  return seen;
}

using Outcomes = std::set<std::string>;
// As long as a block that was allocated and never written may show.
const std::string kZeros(3, '\0');

}  // namespace

TEST_CASE("a file that was synced is there after a power cut only if its directory was synced, too") {
  CHECK(outcomes([](SimDisk& d) { write(d, "/d/f", "abc", true); }, "/d/f") == Outcomes{"abc", "(absent)"});
  CHECK(outcomes([](SimDisk& d) { write(d, "/d/f", "abc", true); (void)d.sync_directory("/d"); }, "/d/f") == Outcomes{"abc"});
}

TEST_CASE("content that was not synced may be whole, gone or a block of something else") {
  const auto seen = outcomes([](SimDisk& d) { write(d, "/d/f", "abc", false); (void)d.sync_directory("/d"); }, "/d/f");
  CHECK(seen.contains("abc"));
  CHECK(seen.contains(""));
  CHECK(seen.contains(kZeros));
}

TEST_CASE("what was overwritten without a sync is old or new, sector by sector") {
  const std::string old(3 * kSectorBytes, 'o');
  const std::string fresh(3 * kSectorBytes, 'n');
  const auto seen = outcomes(
      [&](SimDisk& d) {
        write(d, "/d/f", old, true);
        (void)d.sync_directory("/d");
        auto file = d.open("/d/f", OpenMode::read_write);
        REQUIRE((*file)->write_at(0, core::bytes_of(fresh)));
      },
      "/d/f");
  CHECK(seen.size() == 8);
  for (const auto& content : seen) {
    REQUIRE(content.size() == old.size());
    for (std::size_t at = 0; at < content.size(); at += kSectorBytes) {
      CHECK(content.substr(at, kSectorBytes).find_first_not_of(content[at]) == std::string::npos);
    }
  }
}

TEST_CASE("a rename needs both directories synced, and is whole while neither is") {
  const auto moved = [](SimDisk& d) {
    write(d, "/d/f", "abc", true);
    (void)d.sync_directory("/d");
    REQUIRE(d.rename("/d/f", "/e/g"));
  };
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    World world{seed};
    SimDisk disk{world};
    REQUIRE(disk.make_directories("/d"));
    REQUIRE(disk.make_directories("/e"));
    moved(disk);
    disk.power_fails();
    disk.restart(CutMode::random);
    CHECK((text_at(disk, "/d/f") == "abc") != (text_at(disk, "/e/g") == "abc"));
  }
  const auto target_synced = [&](SimDisk& d) { moved(d); (void)d.sync_directory("/e"); };
  CHECK(outcomes(target_synced, "/e/g") == Outcomes{"abc"});
  CHECK(outcomes(target_synced, "/d/f") == Outcomes{"abc", "(absent)"});
  const auto source_synced = [&](SimDisk& d) { moved(d); (void)d.sync_directory("/d"); };
  CHECK(outcomes(source_synced, "/e/g") == Outcomes{"abc", "(absent)"});
  const auto both = [&](SimDisk& d) { target_synced(d); (void)d.sync_directory("/d"); };
  CHECK(outcomes(both, "/d/f") == Outcomes{"(absent)"});
}

TEST_CASE("a removal that was not synced may come undone") {
  const auto removed = [](SimDisk& d) {
    write(d, "/d/f", "abc", true);
    (void)d.sync_directory("/d");
    REQUIRE(d.remove("/d/f"));
  };
  CHECK(outcomes(removed, "/d/f") == Outcomes{"abc", "(absent)"});
  CHECK(outcomes([&](SimDisk& d) { removed(d); (void)d.sync_directory("/d"); }, "/d/f") == Outcomes{"(absent)"});
}

TEST_CASE("files of the camera survive, whatever the agent left unsynced beside them") {
  const auto act = [](SimDisk& d) {
    write(d, "/d/ours", "abc", true);
    d.outside_write("/d/camera", core::bytes_of("frame"));
  };
  CHECK(outcomes(act, "/d/camera") == Outcomes{"frame"});
  CHECK(outcomes(act, "/d/ours") == Outcomes{"abc", "(absent)"});
}

TEST_CASE("the two extremes of a power cut keep nothing or all") {
  for (const auto mode : {CutMode::lose_all, CutMode::keep_all}) {
    World world{1};
    SimDisk disk{world};
    REQUIRE(disk.make_directories("/d"));
    write(disk, "/d/f", "abc", false);
    disk.power_fails();
    disk.restart(mode);
    CHECK(text_at(disk, "/d/f") == (mode == CutMode::keep_all ? "abc" : "(absent)"));
  }
}

TEST_CASE("the disk dies at the change it was told and stays dead until it is restarted") {
  World world{1};
  SimDisk disk{world};
  REQUIRE(disk.make_directories("/d"));
  disk.behaviour().cut_at_change = disk.changes() + 2;
  auto file = disk.create("/d/f");
  REQUIRE(file);
  CHECK_FALSE((*file)->write_at(0, core::bytes_of("abc")));
  CHECK(disk.dead());
  CHECK_FALSE((*file)->sync());
  CHECK_FALSE(disk.list("/d"));
  disk.restart(CutMode::keep_all);
  CHECK(text_at(disk, "/d/f") == "abc");
  CHECK_FALSE((*file)->size());  // opened before the cut
}

TEST_CASE("a sync during which the power fails has promised nothing") {
  World world{1};
  SimDisk disk{world};
  REQUIRE(disk.make_directories("/d"));
  auto file = disk.create("/d/f");
  REQUIRE(disk.sync_directory("/d"));
  REQUIRE((*file)->write_at(0, core::bytes_of("abc")));
  disk.behaviour().cut_at_change = disk.changes() + 1;
  CHECK_FALSE((*file)->sync());
  disk.restart(CutMode::lose_all);
  CHECK(text_at(disk, "/d/f").empty());
}

TEST_CASE("after a sync that failed, a later one may succeed without the data") {
  World world{1};
  SimDisk disk{world};
  disk.behaviour().failed_sync_drops_data = true;
  auto file = disk.create("/f");
  REQUIRE(disk.sync_directory("/"));
  REQUIRE((*file)->write_at(0, core::bytes_of("abc")));
  disk.behaviour().fail_operation = disk.operations() + 1;
  CHECK((*file)->sync().error().code == Errc::io);
  CHECK((*file)->sync());
  CHECK(text_at(disk, "/f") == "abc");
  disk.power_fails();
  disk.restart(CutMode::keep_all);
  CHECK(text_at(disk, "/f").empty());
}

TEST_CASE("a full disk, a read-only disk and missing things say which") {
  World world{1};
  SimDisk disk{world};
  disk.behaviour().capacity_bytes = 10;
  auto file = disk.create("/f");
  REQUIRE((*file)->write_at(0, core::bytes_of("12345678")));
  const auto full = (*file)->write_at(8, core::bytes_of("abcdef"));
  CHECK(full.error().code == Errc::no_space);
  CHECK(full.error().detail == "write /f: no space left");
  CHECK(disk.space("/")->free_bytes <= 2);
  CHECK(disk.open("/g", OpenMode::read).error().code == Errc::not_found);
  CHECK(disk.create("/f").error().code == Errc::exists);
  CHECK(disk.rename("/g", "/h").error().detail == "rename /g: not found");
  disk.behaviour().read_only = true;
  CHECK(disk.create("/h").error().code == Errc::denied);
  CHECK(disk.remove("/f").error().code == Errc::denied);
  CHECK(disk.list("/"));
}

TEST_CASE("a file under construction is locked until it is closed or its process dies") {
  World world{1};
  SimDisk disk{world};
  auto file = disk.create("/f");
  CHECK(disk.open_abandoned("/f").error().code == Errc::in_use);
  SECTION("closed") { file->reset(); }
  SECTION("killed") { disk.release_all(); }
  CHECK(disk.open_abandoned("/f"));
}

TEST_CASE("the identity of a file survives renames and power cuts and not a change of its content") {
  World world{1};
  SimDisk disk{world};
  disk.outside_write("/f", core::bytes_of("abc"));
  const auto identity = disk.info("/f")->identity;
  REQUIRE(disk.rename("/f", "/g"));
  REQUIRE(disk.sync_directory("/"));
  disk.power_fails();
  disk.restart(CutMode::random);
  CHECK(disk.info("/g")->identity == identity);
  disk.outside_write("/g", core::bytes_of("abd"));
  CHECK(disk.info("/g")->identity != identity);
}
