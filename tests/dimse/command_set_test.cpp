// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <array>

#include <scanferry/dimse/command_set.hpp>

#include "longest_command.hpp"
#include "wire.hpp"

using namespace scanferry::dimse;
using wire::Bytes;
using wire::hex;
using wire::operator+;

namespace {

Bytes encoded(const CommandSet& command) {
  std::array<std::byte, kCommandSetBytesMax> room{};
  ByteWriter out{room};
  put_command_set(out, command);
  return {out.written().begin(), out.written().end()};
}

}  // namespace

TEST_CASE("a C-ECHO-RQ is written as PS3.7 9.3.5.1 lists it") {
  CommandSet command;
  command.affected_sop_class_uid = "1.2.840.10008.1.1";
  command.command_field = request_field(CommandField::c_echo);
  command.message_id = 7;
  command.data_set_type = kNoDataSet;
  CHECK(encoded(command) == hex("0000 0000 04000000 38000000"
                                "0000 0200 12000000 '1.2.840.10008.1.1' 00"
                                "0000 0001 02000000 3000"
                                "0000 1001 02000000 0700"
                                "0000 0008 02000000 0101"));
}

TEST_CASE("a C-STORE-RQ is written as PS3.7 9.3.1.1 lists it") {
  CommandSet command;
  command.affected_sop_class_uid = "1.2.840.10008.5.1.4.1.1.3.1";
  command.command_field = request_field(CommandField::c_store);
  command.message_id = 0x1234;
  command.priority = kPriorityMedium;
  command.data_set_type = kDataSetFollows;
  command.affected_sop_instance_uid = "1.2.3.44";
  CHECK(encoded(command) == hex("0000 0000 04000000 5C000000"
                                "0000 0200 1C000000 '1.2.840.10008.5.1.4.1.1.3.1' 00"
                                "0000 0001 02000000 0100"
                                "0000 1001 02000000 3412"
                                "0000 0007 02000000 0000"
                                "0000 0008 02000000 0000"
                                "0000 0010 08000000 '1.2.3.44'"));
}

TEST_CASE("text is padded by its value representation and comes back without padding") {
  CommandSet command;
  command.command_field = 0x8001;
  command.data_set_type = kNoDataSet;
  command.error_comment = "odd";
  const auto bytes = encoded(command);
  CHECK(std::string{scanferry::core::text_of(bytes)}.ends_with("odd "));
  const auto read = read_command_set(bytes);
  REQUIRE(read);
  CHECK(read->error_comment.view() == "odd");
}

TEST_CASE("the longest command set fits its bound exactly, and is read back whole") {
  const auto command = longest_command();
  const auto bytes = encoded(command);
  CHECK(bytes.size() == kCommandSetBytesMax);
  const auto read = read_command_set(bytes);
  REQUIRE(read);
  CHECK(encoded(*read) == bytes);
}

TEST_CASE("the elements of the other operations stand where PS3.7 E.1 has them") {
  CommandSet command;
  command.requested_sop_class_uid = "1.2";
  command.command_field = request_field(CommandField::n_action);
  command.message_id = 1;
  command.data_set_type = kDataSetFollows;
  command.requested_sop_instance_uid = "1.3";
  command.action_type = 1;
  CHECK(encoded(command) == hex("0000 0000 04000000 40000000"
                                "0000 0300 04000000 '1.2' 00"
                                "0000 0001 02000000 3001"
                                "0000 1001 02000000 0100"
                                "0000 0008 02000000 0000"
                                "0000 0110 04000000 '1.3' 00"
                                "0000 0810 02000000 0100"));
  CommandSet move;
  move.command_field = request_field(CommandField::c_move);
  move.data_set_type = kDataSetFollows;
  move.move_destination = "DEVICE1";
  CHECK(encoded(move) == hex("0000 0000 04000000 24000000"
                             "0000 0001 02000000 2100"
                             "0000 0006 08000000 'DEVICE1 '"
                             "0000 0008 02000000 0000"));
}

TEST_CASE("a response is read, and what is not known in it is skipped") {
  const auto offending = hex("0000 0109 04000000 2800 1000");  // (0000,0901) AT
  const auto comment = hex("0000 0209 08000000 'no' 09 'room '");
  const auto bytes = wire::command(wire::ui(0x0002, wire::kUsMultiFrame) + wire::us(0x0100, 0x8001) + wire::us(0x0120, 513) +
                                   wire::us(0x0800, 0x0101) + wire::us(0x0900, 0xA700) + offending + comment +
                                   wire::ui(0x1000, "1.2.3") + wire::us(0x1023, 4));
  const auto read = read_command_set(bytes);
  REQUIRE(read);
  CHECK(read->command_field == response_field(CommandField::c_store));
  CHECK(read->is_response());
  CHECK_FALSE(read->announces_data_set());
  CHECK_FALSE(read->message_id);
  CHECK(read->responded_message_id == 513);
  CHECK(read->status == 0xA700);
  CHECK(read->error_comment.view() == "no?room");
  CHECK(read->affected_sop_instance_uid.view() == "1.2.3");
  CHECK(read->failed == std::nullopt);
  CHECK(read->warned == 4);
  REQUIRE(read->offending.tags().size() == 1);
  CHECK(read->offending.tags()[0] == scanferry::core::Tag{0x0028, 0x0010});
}

TEST_CASE("a wrong group length does no harm, and neither does none") {
  const auto elements = wire::us(0x0100, 0x8030) + wire::us(0x0800, 0x0101);
  CHECK(read_command_set(hex("0000 0000 04000000 FFFFFFFF") + elements));
  CHECK(read_command_set(elements));
}

TEST_CASE("what archives put behind a command set is read over") {
  const auto elements = wire::us(0x0100, 0x8010) + wire::us(0x0800, 0x0101) + wire::us(0x1022, 2);
  const auto read = read_command_set(elements + hex("0800 0000 04000000 0C000000") + hex("0800 5800 04000000 '1.2' 00"));
  REQUIRE(read);
  CHECK(read->failed == 2);
  CHECK_FALSE(read_command_set(hex("0800 5800 04000000 '1.2' 00")));
}

TEST_CASE("a command set that cannot be read says why") {
  const auto whole = wire::us(0x0100, 0x0030) + wire::us(0x0800, 0x0101);
  struct Row {
    Bytes bytes;
    std::string_view fault;
  };
  const std::array rows{
      Row{{}, "command set without a Command Field"},
      Row{wire::us(0x0800, 0x0101), "command set without a Command Field"},
      Row{wire::us(0x0100, 0x0030), "command set without a Command Data Set Type"},
      Row{whole + hex("00"), "command set ends inside an element"},
      Row{whole + hex("0800 1600 04000000 4141"), "element of group 0008H overruns the command set"},
      Row{whole + hex("0000 1001 FFFFFFFF 0000"), "command element (0000,0110H) overruns the command set"},
      Row{whole + hex("0000 1001 03000000 0000"), "command element (0000,0110H) overruns the command set"},
      Row{whole + hex("0000 1001 04000000 00000000"), "command element (0000,0110H): a number that is not 2 bytes long"},
      Row{whole + hex("0000 0006 12000000") + wire::text(std::string(18, 'A')),
          "command element (0000,0600H): a text of more than 16 characters"},
      Row{whole + hex("0000 0109 06000000 280010002800"), "command element (0000,0901H): a list of tags that are not 4 bytes long"},
      Row{whole + hex("0000 1001 00000000"), "command element (0000,0110H): a number that is not 2 bytes long"},
      Row{whole + hex("0000 0200 42000000") + wire::text(std::string(66, '1')),
          "command element (0000,0002H): a text of more than 64 characters"},
  };
  for (const auto& row : rows) {
    const auto read = read_command_set(row.bytes);
    INFO(row.fault);
    REQUIRE_FALSE(read);
    CHECK(read.error().view() == row.fault);
  }
}

TEST_CASE("an error comment that is too long is cut, and the status counts") {
  const auto response = wire::us(0x0100, 0x8001) + wire::us(0x0800, 0x0101) + wire::us(0x0900, 0) + hex("0000 0209 5A000000") +
                        wire::text(std::string(90, 'w'));
  const auto read = read_command_set(response);
  REQUIRE(read);
  CHECK(read->status == 0);
  CHECK(read->error_comment.view() == std::string(64, 'w'));
}

TEST_CASE("every truncation of a command set is refused or ends between elements") {
  const auto bytes = wire::store_response(1, 0, wire::ui(0x1000, "1.2.3.4"));
  std::size_t whole = 0;
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    if (read_command_set(std::span{bytes}.first(length))) ++whole;
  }
  CHECK(whole == 2);  // with data set type, and with status
}
