// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <array>

#include <scanferry/dimse/message_writer.hpp>

#include "longest_command.hpp"
#include "wire.hpp"

using namespace scanferry::dimse;
using wire::Bytes;
using wire::operator+;

namespace {

CommandSet store_request() {
  CommandSet command;
  command.affected_sop_class_uid = wire::kUsMultiFrame;
  command.command_field = 1;
  command.message_id = 1;
  command.priority = 0;
  command.data_set_type = kDataSetFollows;
  command.affected_sop_instance_uid = "2.25.329800735698586629295641978511506172918";
  return command;
}

struct Sent {
  Bytes command;
  Bytes data;
  std::size_t writes{0};
  std::size_t longest_output{0};
  std::size_t longest_pdu{0};
  std::size_t odd_fragments{0};
  std::size_t data_pdus{0};
};

/// Sends `object` and takes apart what came out.
Sent send(const Bytes& object, std::uint32_t peer, std::uint32_t ours) {
  std::array<std::byte, kMessageHeadBytesMax> room{};
  ByteWriter out{room};
  MessageWriter writer;
  writer.set_pdu_bytes_max(peer, ours);
  writer.begin(out, 3, store_request(), object.size());
  Sent sent;
  Bytes stream;
  while (writer.busy()) {
    const auto window = writer.window();
    const auto begin = object.begin() + static_cast<std::ptrdiff_t>(window.offset);
    stream = stream + Bytes{out.written().begin(), out.written().end()} + Bytes{begin, begin + window.length};
    sent.longest_output = std::max(sent.longest_output, out.size());
    ++sent.writes;
    out.clear();
    writer.advance(out);
  }
  CHECK(out.empty());
  CHECK(writer.window().length == 0);
  for (const auto& pdu : wire::take_apart(stream)) {
    REQUIRE(pdu.type == 4);
    REQUIRE(pdu.pdvs.size() == 1);
    const auto& pdv = pdu.pdvs[0];
    CHECK(pdv.context_id == 3);
    sent.longest_pdu = std::max(sent.longest_pdu, pdu.value.size());
    sent.odd_fragments += pdv.fragment.size() % 2;
    const bool command = (pdv.control & 1U) != 0;
    sent.data_pdus += command ? 0 : 1;
    auto& part = command ? sent.command : sent.data;
    part = part + pdv.fragment;
  }
  return sent;
}

}  // namespace

TEST_CASE("whatever a peer allows, each PDU obeys it and the pieces are the object") {
  for (const std::uint32_t limit : {14U, 15U, 16U, 17U, 31U, 128U, 129U, 1000U, 4096U, 16383U, 16384U, 16385U, 131072U, 0xFFFFFFFFU, 0U}) {
    for (const std::size_t size : {0U, 2U, 8U, 10U, 16U, 122U, 994U, 4090U, 4092U, 16378U, 40000U}) {
      INFO("limit " << limit << ", object of " << size);
      const auto object = wire::object_of(size);
      const auto sent = send(object, limit, 65536);
      REQUIRE(sent.data == object);
      CHECK(sent.longest_pdu <= 65536);
      if (limit != 0) CHECK(sent.longest_pdu <= limit);
      CHECK(sent.odd_fragments == 0);
      REQUIRE(sent.command.size() >= 12);
      CHECK(wire::us_of(sent.command, 0x0100) == 1U);
    }
  }
}

TEST_CASE("random limits and sizes give the object back") {
  wire::Chance chance{20};
  for (int i = 0; i < 300; ++i) {
    const auto peer = static_cast<std::uint32_t>(14 + chance.below(5000));
    const auto ours = static_cast<std::uint32_t>(14 + chance.below(5000));
    const auto object = wire::object_of(2 * chance.below(10000));
    const auto sent = send(object, peer, ours);
    REQUIRE(sent.data == object);
    REQUIRE(sent.longest_pdu <= std::min(peer, ours));
    REQUIRE(sent.odd_fragments == 0);
  }
}

TEST_CASE("command, first header and first piece go out as one write") {
  const auto small = send(wire::object_of(4096), 16384, 131072);
  CHECK(small.writes == 1);
  CHECK(small.data_pdus == 1);
}

TEST_CASE("an object of an exact multiple of the fragment has no empty fragment behind it") {
  const std::uint32_t limit = 1006;
  CHECK(send(wire::object_of(3000), limit, 131072).data_pdus == 3);
  CHECK(send(wire::object_of(3002), limit, 131072).data_pdus == 4);
  CHECK(send(wire::object_of(2998), limit, 131072).data_pdus == 3);
}

TEST_CASE("an empty data set is one empty last fragment") {
  const auto sent = send({}, 0, 131072);
  CHECK(sent.data_pdus == 1);
  CHECK(sent.data.empty());
}

TEST_CASE("a data set beyond 4 GiB is windowed in 64 bits") {
  std::array<std::byte, kMessageHeadBytesMax> room{};
  ByteWriter out{room};
  MessageWriter writer;
  writer.set_pdu_bytes_max(kPduUnlimited, 0x40000006);
  const std::uint64_t size = 0x1'4000'0000;
  writer.begin(out, 1, store_request(), size);
  std::uint64_t total = 0;
  while (writer.busy()) {
    CHECK(writer.window().offset == total);
    total += writer.window().length;
    out.clear();
    writer.advance(out);
  }
  CHECK(total == size);
}

TEST_CASE("the longest command for the smallest peer fits the output") {
  std::array<std::byte, kMessageHeadBytesMax> room{};
  ByteWriter out{room};
  MessageWriter writer;
  writer.set_pdu_bytes_max(1, 1);
  writer.begin(out, 1, longest_command(), 100);
  CHECK(out.size() + kDataHeaderBytes >= kMessageHeadBytesMax - kDataHeaderBytes);
}
