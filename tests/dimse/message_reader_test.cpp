// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <scanferry/dimse/message_reader.hpp>

#include "wire.hpp"

using namespace scanferry::dimse;
using wire::Bytes;
using wire::operator+;

namespace {

Fragment command_piece(const Bytes& bytes, bool last = true, std::uint8_t id = 1) {
  return {id, FragmentKind::command, last, bytes};
}
Fragment data_piece(const Bytes& bytes, bool last = true, std::uint8_t id = 1) { return {id, FragmentKind::data_set, last, bytes}; }

const Bytes kStoreRequest = wire::command(wire::us(0x0100, 0x0001) + wire::us(0x0110, 1) + wire::us(0x0800, 0));
const Bytes kEchoRequest = wire::echo_request(1);
const Bytes kAnnouncingResponse =
    wire::command(wire::us(0x0100, 0x8001) + wire::us(0x0120, 1) + wire::us(0x0800, 1) + wire::us(0x0900, 0));
const Bytes kSomeData = wire::text("data");

std::string fault(MessageReader& reader, const Fragment& fragment) {
  const auto part = reader.take(fragment);
  return part ? "none" : std::string{part.error().view()};
}

}  // namespace

TEST_CASE("a command set in pieces is one command") {
  MessageReader reader;
  for (std::size_t i = 0; i + 1 < kEchoRequest.size(); ++i) {
    const auto part = reader.take(command_piece({kEchoRequest[i]}, false));
    REQUIRE(part);
    REQUIRE_FALSE(*part);
    REQUIRE(reader.inside_message());
  }
  const auto part = reader.take(command_piece({kEchoRequest.back()}));
  REQUIRE(part);
  REQUIRE(*part);
  CHECK((*part)->command->command_field == request_field(CommandField::c_echo));
  CHECK((*part)->last);
  CHECK_FALSE(reader.inside_message());
}

TEST_CASE("a data set follows its command piece by piece, without being gathered") {
  MessageReader reader;
  const auto command = reader.take(command_piece(kStoreRequest, true, 9));
  REQUIRE((command && *command));
  CHECK_FALSE((*command)->last);
  const auto first = reader.take(data_piece(kSomeData, false, 9));
  REQUIRE((first && *first));
  CHECK((*first)->data.data() == kSomeData.data());
  CHECK_FALSE((*first)->last);
  const auto last = reader.take(data_piece({}, true, 9));
  REQUIRE((last && *last));
  CHECK((*last)->last);
  CHECK(fault(reader, data_piece(kSomeData)) == "a data set came where a command was due");
}

TEST_CASE("fragments that are out of order are refused") {
  MessageReader fresh;
  CHECK(fault(fresh, data_piece(kSomeData)) == "a data set came where a command was due");

  MessageReader inside_command;
  REQUIRE(inside_command.take(command_piece({kStoreRequest[0]}, false)));
  CHECK(fault(inside_command, data_piece(kSomeData)) == "a data set came where a command was due");

  MessageReader data_due;
  REQUIRE(data_due.take(command_piece(kStoreRequest)));
  CHECK(fault(data_due, command_piece(kEchoRequest)) == "a command came where a data set was due");

  MessageReader other_context;
  REQUIRE(other_context.take(command_piece(kStoreRequest)));
  CHECK(fault(other_context, data_piece(kSomeData, true, 3)) == "a message changed from presentation context 1 to 3");

  MessageReader split_context;
  REQUIRE(split_context.take(command_piece({kStoreRequest[0]}, false)));
  CHECK(fault(split_context, command_piece(kEchoRequest, true, 3)) == "a message changed from presentation context 1 to 3");
}

TEST_CASE("a command set has a longest length") {
  MessageReader reader;
  const Bytes block(1024);
  for (std::size_t i = 0; i < kCommandBytesMax / block.size(); ++i) REQUIRE(reader.take(command_piece(block, false)));
  CHECK(fault(reader, command_piece({std::byte{0}}, false)) == "a command set of more than 4096 bytes");
}

TEST_CASE("a data set that a response announces may come or not") {
  MessageReader without;
  REQUIRE(without.take(command_piece(kAnnouncingResponse)));
  CHECK(fault(without, command_piece(kEchoRequest, true, 3)) == "none");

  MessageReader with;
  REQUIRE(with.take(command_piece(kAnnouncingResponse)));
  CHECK(fault(with, data_piece(kSomeData, false)) == "none");
  CHECK(fault(with, command_piece(kEchoRequest)) == "a command came where a data set was due");
}
