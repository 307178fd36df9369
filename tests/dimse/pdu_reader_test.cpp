// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <array>

#include <scanferry/dimse/pdu_reader.hpp>

#include "wire.hpp"

using namespace scanferry::dimse;
using wire::Bytes;
using wire::hex;
using wire::operator+;

namespace {

constexpr std::uint32_t kLimit = 4096;

struct Reading {
  std::array<std::byte, 1024> buffer{};
  PduReader reader{buffer, kLimit};

  /// Everything that comes of `bytes`, given in pieces of `step`; fragments of one PDV joined, as "kind:text".
  std::vector<std::string> all(const Bytes& bytes, std::size_t step) {
    std::vector<std::string> out;
    std::string joined;
    for (std::size_t i = 0; i < bytes.size(); i += step) {
      std::span<const std::byte> input{bytes.data() + i, std::min(step, bytes.size() - i)};
      while (const auto incoming = reader.next(input)) describe(*incoming, joined, out);
      CHECK(input.empty());
    }
    return out;
  }

  static void describe(const Incoming& incoming, std::string& joined, std::vector<std::string>& out) {
    if (incoming.kind == Incoming::Kind::fault) out.push_back("fault:" + std::string{incoming.fault.what.view()});
    if (incoming.kind == Incoming::Kind::pdu) {
      out.push_back(std::string{name_of(incoming.type)} + ":" + std::to_string(incoming.value.size()));
    }
    if (incoming.kind != Incoming::Kind::fragment) return;
    joined += scanferry::core::text_of(incoming.fragment.bytes);
    if (!incoming.fragment.last) return;
    out.push_back(std::to_string(incoming.fragment.context_id) + (incoming.fragment.kind == FragmentKind::command ? "c:" : "d:") +
                  joined);
    joined.clear();
  }
};

std::vector<std::string> read_all(const Bytes& bytes, std::size_t step = 1'000'000) { return Reading{}.all(bytes, step); }

}  // namespace

TEST_CASE("a stream means the same however it is cut") {
  const auto stream =
      wire::pdu(1, Bytes(300)) + wire::release_rq() +
      wire::p_data(wire::pdv(1, 1, wire::text("abcd")) + wire::pdv(1, 3, wire::text("ef")) + wire::pdv(3, 0, wire::text("gh"))) +
      wire::p_data(wire::pdv(3, 2, {})) + wire::p_data(wire::pdv(5, 2, wire::text("xy"))) + wire::abort(0, 0);
  const std::vector<std::string> expected{"A-ASSOCIATE-RQ:300", "A-RELEASE-RQ:4", "1c:abcdef", "3d:gh", "5d:xy", "A-ABORT:4"};
  for (std::size_t step = 1; step <= stream.size(); ++step) {
    INFO("step " << step);
    REQUIRE(read_all(stream, step) == expected);
  }
}

TEST_CASE("reserved bits of the message control header are not looked at") {
  CHECK(read_all(wire::p_data(wire::pdv(1, 0xFF, wire::text("ab")))) == std::vector<std::string>{"1c:ab"});
  CHECK(read_all(wire::p_data(wire::pdv(1, 0xFE, wire::text("ab")))) == std::vector<std::string>{"1d:ab"});
}

TEST_CASE("an association PDU stays readable behind short PDUs") {
  Reading reading;
  const auto stream = wire::pdu(2, wire::text("remember me")) + wire::release_rq() + wire::abort(1, 2);
  reading.all(stream, 5);
  CHECK(scanferry::core::text_of(reading.buffer).starts_with("remember me"));
}

TEST_CASE("a length is judged before anything of the PDU is taken") {
  struct Row {
    Bytes bytes;
    std::string fault;
  };
  const std::array rows{
      Row{hex("01 00 FFFFFFFF"), "A-ASSOCIATE-RQ of 4294967295 bytes; we take at most 1024"},
      Row{hex("02 00 00000401"), "A-ASSOCIATE-AC of 1025 bytes; we take at most 1024"},
      Row{hex("03 00 00000000"), "A-ASSOCIATE-RJ of 0 bytes, not 4"},
      Row{hex("05 00 00000005"), "A-RELEASE-RQ of 5 bytes, not 4"},
      Row{hex("07 00 FFFFFFFF"), "A-ABORT of 4294967295 bytes, not 4"},
      Row{hex("04 00 00000000"), "P-DATA-TF of 0 bytes holds no PDV"},
      Row{hex("04 00 00000005"), "P-DATA-TF of 5 bytes holds no PDV"},
      Row{hex("04 00 00001001"), "P-DATA-TF of 4097 bytes; we announced at most 4096"},
      Row{hex("04 00 00000010 0000000D 01 03"), "PDV of 13 bytes in the last 12 of its P-DATA-TF"},
      Row{hex("04 00 00000010 FFFFFFFF 01 03"), "PDV of 4294967295 bytes in the last 12 of its P-DATA-TF"},
      Row{hex("04 00 00000010 00000001 01 03"), "PDV of 1 bytes in the last 12 of its P-DATA-TF"},
      Row{hex("04 00 00000010 00000000 01 03"), "PDV of 0 bytes in the last 12 of its P-DATA-TF"},
      Row{hex("04 00 0000000B 00000004 01 03"), "3 bytes behind the last PDV of a P-DATA-TF"},
      Row{hex("08 00 00000004"), "unknown PDU type 8; is this a DICOM port?"},
      Row{hex("FF FF FFFFFFFF"), "unknown PDU type 255; is this a DICOM port?"},
      Row{hex("00 00 00000000"), "unknown PDU type 0; is this a DICOM port?"},
  };
  for (const auto& row : rows) {
    CHECK(read_all(row.bytes) == std::vector{"fault:" + row.fault});
    CHECK(read_all(row.bytes, 1) == std::vector{"fault:" + row.fault});
  }
}

TEST_CASE("strangers on the port are named") {
  const std::string tls = "fault:the peer speaks TLS on this port";
  const std::string http = "fault:the peer speaks HTTP on this port, not DICOM";
  CHECK(read_all(hex("16 03 01 0200 01 000001FC0303")) == std::vector{tls});
  CHECK(read_all(hex("15 03 03 0002 02 28")) == std::vector{tls});
  CHECK(read_all(wire::text("HTTP/1.1 400 Bad Request\r\n")) == std::vector{http});
  CHECK(read_all(wire::text("GET / HTTP/1.1\r\n")) == std::vector{http});
  CHECK(read_all(wire::text("POST /x HTTP/1.1\r\n"), 1) == std::vector{http});
  CHECK(read_all(wire::text("SSH-2.0-OpenSSH_9.2\r\n")) ==
        std::vector<std::string>{"fault:the peer speaks SSH on this port, not DICOM"});
}

TEST_CASE("behind a fault everything is thrown away, and counted up to the fault") {
  Reading reading;
  CHECK(reading.all(wire::release_rq() + hex("09 00 00000000") + wire::release_rq(), 3).size() == 2);
  CHECK(reading.reader.taken() == 16);
  CHECK(reading.all(wire::release_rq(), 3).empty());
}

TEST_CASE("without a limit of ours a P-DATA-TF of 4 GiB may begin") {
  std::array<std::byte, 16> buffer{};
  PduReader reader{buffer, kPduUnlimited};
  const auto begin = hex("04 00 FFFFFFFE FFFFFFFA 01 02 AABB");
  std::span<const std::byte> input{begin};
  const auto incoming = reader.next(input);
  REQUIRE(incoming);
  CHECK(incoming->kind == Incoming::Kind::fragment);
  CHECK(incoming->fragment.bytes.size() == 2);
  CHECK_FALSE(incoming->fragment.last);
  CHECK_FALSE(reader.between_pdus());
}
