// SPDX-License-Identifier: Apache-2.0
#include <array>

#include <catch2/catch.hpp>

#include "contract.hpp"

namespace scanferry::platform::contract {
namespace {

using Catch::Contains;

/// Checks that `result` failed with `code` and says about which path.
template <class T>
void require_error(const Result<T>& result, Errc code, const std::string& path) {
  REQUIRE_FALSE(result);
  INFO(result.error().detail);
  REQUIRE(result.error().code == code);
  REQUIRE_THAT(result.error().detail, Contains(path));
}

std::unique_ptr<File> create(Port& port, const std::string& path, std::string_view text = {}) {
  auto file = port.platform().store.create(path);
  REQUIRE(file);
  if (!text.empty()) REQUIRE((*file)->write_at(0, core::bytes_of(text)));
  return std::move(*file);
}

std::string read(File& file, std::uint64_t offset, std::size_t size) {
  std::string text(size, '?');
  const auto got = file.read_at(offset, std::as_writable_bytes(std::span{text}));
  REQUIRE(got);
  text.resize(*got);
  return text;
}

std::string content(Port& port, const std::string& path) {
  const auto file = port.platform().store.open(path, OpenMode::read);
  REQUIRE(file);
  return read(**file, 0, 1000);
}

void creation(Port& port) {
  const auto path = port.directory() + "/new";
  const auto file = create(port, path);
  REQUIRE(*file->size() == 0);
  require_error(port.platform().store.create(path), Errc::exists, path);
  require_error(port.platform().store.create(port.directory() + "/no/where"), Errc::not_found, "/no/where");
}

void opening(Port& port) {
  auto& store = port.platform().store;
  const auto path = port.directory() + "/file";
  require_error(store.open(path, OpenMode::read), Errc::not_found, path);
  require_error(store.open(path, OpenMode::read_write), Errc::not_found, path);
  create(port, path, "abc");
  REQUIRE(content(port, path) == "abc");
  const auto file = store.open(path, OpenMode::read_write);
  REQUIRE(file);
  REQUIRE((*file)->write_at(1, core::bytes_of("x")));
  REQUIRE(content(port, path) == "axc");
}

void reading(Port& port) {
  const auto file = create(port, port.directory() + "/file", "0123456789");
  REQUIRE(read(*file, 0, 4) == "0123");
  REQUIRE(read(*file, 6, 4) == "6789");
  REQUIRE(read(*file, 8, 4) == "89");
  REQUIRE(read(*file, 10, 4).empty());
  REQUIRE(read(*file, 1000, 4).empty());
  REQUIRE(read(*file, 3, 0).empty());
}

void writing(Port& port) {
  const auto file = create(port, port.directory() + "/file", "abc");
  REQUIRE(file->write_at(5, core::bytes_of("xyz")));
  REQUIRE(*file->size() == 8);
  using std::string_literals::operator""s;
  REQUIRE(read(*file, 0, 100) == "abc\0\0xyz"s);
  REQUIRE(file->write_at(0, {}));
  REQUIRE(file->sync());
}

void truncation(Port& port) {
  const auto file = create(port, port.directory() + "/file", "0123456789");
  REQUIRE(file->truncate(4));
  REQUIRE(*file->size() == 4);
  REQUIRE(file->truncate(6));
  using std::string_literals::operator""s;
  REQUIRE(read(*file, 0, 100) == "0123\0\0"s);
}

void large_file(Port& port) {
  const auto bytes = pattern(3'000'001);
  const auto file = create(port, port.directory() + "/file");
  REQUIRE(file->write_at(0, bytes));
  std::vector<std::byte> back(bytes.size());
  REQUIRE(*file->read_at(0, back) == back.size());
  REQUIRE(back == bytes);
}

void abandonment(Port& port) {
  auto& store = port.platform().store;
  const auto path = port.directory() + "/file";
  require_error(store.open_abandoned(path), Errc::not_found, path);
  auto file = create(port, path, "abc");
  require_error(store.open_abandoned(path), Errc::in_use, path);
  REQUIRE(content(port, path) == "abc");
  file.reset();
  auto abandoned = store.open_abandoned(path);
  REQUIRE(abandoned);
  REQUIRE((*abandoned)->write_at(0, core::bytes_of("A")));
  require_error(store.open_abandoned(path), Errc::in_use, path);
  abandoned->reset();
  REQUIRE(store.open_abandoned(path));
}

void lock_follows_the_file(Port& port) {
  auto& store = port.platform().store;
  const auto path = port.directory() + "/file";
  const auto file = create(port, path);
  REQUIRE(store.rename(path, path + "2"));
  require_error(store.open_abandoned(path + "2"), Errc::in_use, path + "2");
}

void renaming(Port& port) {
  auto& store = port.platform().store;
  const auto from = port.directory() + "/from";
  const auto to = port.directory() + "/sub/to";
  require_error(store.rename(from, to), Errc::not_found, from);
  REQUIRE(store.make_directories(port.directory() + "/sub"));
  const auto file = create(port, from, "new");
  create(port, to, "old content");
  REQUIRE(store.rename(from, to));
  REQUIRE(content(port, to) == "new");
  require_error(store.open(from, OpenMode::read), Errc::not_found, from);
  REQUIRE(file->write_at(3, core::bytes_of("er")));
  REQUIRE(content(port, to) == "newer");
  REQUIRE(store.sync_directory(port.directory() + "/sub"));
  REQUIRE(store.sync_directory(port.directory()));
}

void removal(Port& port) {
  auto& store = port.platform().store;
  const auto directory = port.directory() + "/sub";
  const auto path = directory + "/file";
  REQUIRE(store.make_directories(directory));
  const auto file = create(port, path, "abc");
  REQUIRE_FALSE(store.remove(directory));
  REQUIRE(store.remove(path));
  require_error(store.remove(path), Errc::not_found, path);
  REQUIRE(read(*file, 0, 10) == "abc");  // whoever has it open keeps it
  REQUIRE(store.remove(directory));
  require_error(store.list(directory), Errc::not_found, directory);
}

void directories(Port& port) {
  auto& store = port.platform().store;
  const auto deep = port.directory() + "/a/b/c";
  REQUIRE(store.make_directories(deep));
  REQUIRE(store.make_directories(deep));
  REQUIRE(store.make_directories(deep + "/"));
  REQUIRE(store.info(deep)->is_directory);
  REQUIRE(store.sync_directory(deep));
  require_error(store.sync_directory(deep + "/none"), Errc::not_found, deep + "/none");
  create(port, deep + "/file");
  const auto blocked = store.make_directories(deep + "/file/more");
  REQUIRE_FALSE(blocked);
  REQUIRE_THAT(blocked.error().detail, Contains(deep + "/file"));
}

void listing(Port& port) {
  auto& store = port.platform().store;
  const auto directory = port.directory();
  REQUIRE(store.list(directory)->empty());
  for (const auto* name : {"b", "a", "c", "B", ".hidden"}) create(port, directory + "/" + name, name);
  REQUIRE(store.make_directories(directory + "/bb"));
  const auto infos = store.list(directory);
  REQUIRE(infos);
  std::vector<std::string> names;
  for (const auto& info : *infos) {
    names.push_back(info.name);
    REQUIRE(info.is_directory == (info.name == "bb"));
    if (!info.is_directory) REQUIRE(info.size_bytes == info.name.size());
  }
  REQUIRE(names == std::vector<std::string>{".hidden", "B", "a", "b", "bb", "c"});
  require_error(store.list(directory + "/none"), Errc::not_found, directory + "/none");
}

void identity(Port& port) {
  auto& store = port.platform().store;
  const auto path = port.directory() + "/file";
  require_error(store.info(path), Errc::not_found, path);
  const auto before = port.platform().clock.wall_now();
  const auto file = create(port, path, "abc");
  create(port, path + "2", "abc");
  const auto first = *store.info(path);
  REQUIRE(first.name == "file");
  REQUIRE(first.size_bytes == 3);
  REQUIRE(first.modified - before < std::chrono::seconds{10});
  REQUIRE(before - first.modified < std::chrono::seconds{10});
  REQUIRE(first.identity != store.info(path + "2")->identity);
  REQUIRE(store.rename(path, path + "3"));
  REQUIRE(store.info(path + "3")->identity == first.identity);
  REQUIRE(store.list(port.directory())->back().identity == first.identity);
  REQUIRE(file->write_at(0, core::bytes_of("changed")));
  REQUIRE(store.info(path + "3")->identity != first.identity);
}

void space(Port& port) {
  const auto space = port.platform().store.space(port.directory());
  REQUIRE(space);
  REQUIRE(space->total_bytes > 0);
  REQUIRE(space->free_bytes <= space->total_bytes);
  require_error(port.platform().store.space(port.directory() + "/none"), Errc::not_found, "/none");
}

constexpr Clause kClauses[] = {
    {"a file is created once", creation},
    {"a file is opened only when it is there", opening},
    {"reading ends at the end of the file", reading},
    {"writing behind the end fills the gap with zeros", writing},
    {"truncation cuts and extends", truncation},
    {"what was written comes back", large_file},
    {"a file in the making is locked until it is closed", abandonment},
    {"the lock stays with a renamed file", lock_follows_the_file},
    {"renaming replaces", renaming},
    {"files and empty directories can be removed", removal},
    {"directories are made with their parents", directories},
    {"a directory is listed in order", listing},
    {"the identity follows the content, not the name", identity},
    {"free space is no more than all", space},
};

}  // namespace

std::span<const Clause> store_contract() { return kClauses; }

}  // namespace scanferry::platform::contract
