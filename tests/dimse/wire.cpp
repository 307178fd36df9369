// SPDX-License-Identifier: Apache-2.0
#include "wire.hpp"

#include <catch2/catch.hpp>

namespace wire {
namespace {

void push(Bytes& out, unsigned v) { out.push_back(static_cast<std::byte>(v & 0xFFU)); }
unsigned at(const Bytes& bytes, std::size_t i) { return std::to_integer<unsigned>(bytes.at(i)); }
std::size_t be32_at(const Bytes& b, std::size_t i) {
  return std::size_t{at(b, i)} << 24U | at(b, i + 1) << 16U | at(b, i + 2) << 8U | at(b, i + 3);
}
Bytes slice(const Bytes& b, std::size_t from, std::size_t count) {
  REQUIRE(from + count <= b.size());
  const auto begin = b.begin() + static_cast<std::ptrdiff_t>(from);
  return {begin, begin + static_cast<std::ptrdiff_t>(count)};
}
Bytes title(std::string_view aet) {
  std::string padded{aet};
  padded.resize(16, ' ');
  return text(padded);
}
Bytes application_context() { return item(0x10, text("1.2.840.10008.3.1.1.1")); }
Bytes zeros(std::size_t count) { return Bytes(count); }

std::vector<Pdv> pdvs_of(const Bytes& value) {
  std::vector<Pdv> out;
  for (std::size_t i = 0; i < value.size();) {
    const auto length = be32_at(value, i);
    REQUIRE(length >= 2);
    out.push_back({at(value, i + 4), at(value, i + 5), slice(value, i + 6, length - 2)});
    i += 4 + length;
  }
  REQUIRE_FALSE(out.empty());
  return out;
}

}  // namespace

Bytes hex(std::string_view drawn) {
  Bytes out;
  for (std::size_t i = 0; i < drawn.size();) {
    if (drawn[i] == ' ' || drawn[i] == '|' || drawn[i] == '\n') {
      ++i;
    } else if (drawn[i] == '\'') {
      const auto end = drawn.find('\'', i + 1);
      out = out + text(drawn.substr(i + 1, end - i - 1));
      i = end + 1;
    } else {
      push(out, static_cast<unsigned>(std::stoul(std::string{drawn.substr(i, 2)}, nullptr, 16)));
      i += 2;
    }
  }
  return out;
}

Bytes text(std::string_view s) {
  Bytes out;
  for (const char c : s) push(out, static_cast<unsigned char>(c));
  return out;
}
Bytes be16(unsigned v) { return {std::byte(v >> 8U & 0xFFU), std::byte(v & 0xFFU)}; }
Bytes be32(std::uint32_t v) { return be16(v >> 16U) + be16(v & 0xFFFFU); }
Bytes le16(unsigned v) { return {std::byte(v & 0xFFU), std::byte(v >> 8U & 0xFFU)}; }
Bytes le32(std::uint32_t v) { return le16(v & 0xFFFFU) + le16(v >> 16U); }
Bytes operator+(Bytes a, const Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

Bytes pdu(unsigned type, const Bytes& value) {
  return Bytes{std::byte(type), std::byte{0}} + be32(static_cast<std::uint32_t>(value.size())) + value;
}
Bytes item(unsigned type, const Bytes& value) {
  return Bytes{std::byte(type), std::byte{0}} + be16(static_cast<unsigned>(value.size())) + value;
}
Bytes max_length(std::uint32_t bytes) { return item(0x51, be32(bytes)); }

Bytes associate_rq(const std::vector<Proposed>& contexts, const Bytes& user, std::string_view called, std::string_view calling) {
  auto value = be16(1) + zeros(2) + title(called) + title(calling) + zeros(32) + application_context();
  for (const auto& context : contexts) {
    auto inner = Bytes{std::byte(context.id)} + zeros(3) + item(0x30, text(context.abstract_syntax));
    for (const auto syntax : context.transfer_syntaxes) inner = inner + item(0x40, text(syntax));
    value = value + item(0x20, inner);
  }
  return pdu(0x01, value + item(0x50, user));
}

Bytes associate_ac(const std::vector<Answered>& contexts, const Bytes& user) {
  auto value = be16(1) + zeros(2) + title("PEER") + title("SCANFERRY") + zeros(32) + application_context();
  for (const auto& context : contexts) {
    const auto head = Bytes{std::byte(context.id), std::byte{0}, std::byte(context.result), std::byte{0}};
    value = value + item(0x21, head + item(0x40, text(context.transfer_syntax)));
  }
  return pdu(0x02, value + item(0x50, user));
}

Bytes associate_rj(unsigned result, unsigned source, unsigned reason) {
  return pdu(0x03, {std::byte{0}, std::byte(result), std::byte(source), std::byte(reason)});
}
Bytes release_rq() { return hex("05 00 00000004 00000000"); }
Bytes release_rp() { return hex("06 00 00000004 00000000"); }
Bytes abort(unsigned source, unsigned reason) {
  return pdu(0x07, {std::byte{0}, std::byte{0}, std::byte(source), std::byte(reason)});
}

Bytes pdv(unsigned context_id, unsigned control, const Bytes& fragment) {
  return be32(static_cast<std::uint32_t>(fragment.size() + 2)) + Bytes{std::byte(context_id), std::byte(control)} + fragment;
}
Bytes p_data(const Bytes& pdvs) { return pdu(0x04, pdvs); }

Bytes us(unsigned element, unsigned value) { return le16(0) + le16(element) + le32(2) + le16(value); }
Bytes ui(unsigned element, std::string_view uid) {
  auto value = text(uid);
  if (value.size() % 2 == 1) push(value, 0);
  return le16(0) + le16(element) + le32(static_cast<std::uint32_t>(value.size())) + value;
}
Bytes command(const Bytes& elements) {
  return le16(0) + le16(0) + le32(4) + le32(static_cast<std::uint32_t>(elements.size())) + elements;
}
Bytes store_response(unsigned message_id, unsigned status, const Bytes& more) {
  return command(us(0x0100, 0x8001) + us(0x0120, message_id) + us(0x0800, 0x0101) + us(0x0900, status) + more);
}
Bytes echo_request(unsigned message_id) {
  return command(ui(0x0002, kVerification) + us(0x0100, 0x0030) + us(0x0110, message_id) + us(0x0800, 0x0101));
}
Bytes echo_response(unsigned message_id, unsigned status) {
  return command(ui(0x0002, kVerification) + us(0x0100, 0x8030) + us(0x0120, message_id) + us(0x0800, 0x0101) + us(0x0900, status));
}
Bytes message(unsigned context_id, const Bytes& command_set) { return p_data(pdv(context_id, 3, command_set)); }

std::vector<Pdu> take_apart(const Bytes& stream) {
  std::vector<Pdu> out;
  for (std::size_t i = 0; i < stream.size();) {
    const auto length = be32_at(stream, i + 2);
    Pdu one{at(stream, i), slice(stream, i + 6, length), {}};
    if (one.type == 4) one.pdvs = pdvs_of(one.value);
    out.push_back(one);
    i += 6 + length;
  }
  return out;
}

std::optional<unsigned> us_of(const Bytes& command_set, unsigned element) {
  for (std::size_t i = 0; i + 8 <= command_set.size();) {
    const auto length = std::size_t{at(command_set, i + 4)} | at(command_set, i + 5) << 8U;
    const auto tag = at(command_set, i + 2) | at(command_set, i + 3) << 8U;
    if (tag == element) return at(command_set, i + 8) | at(command_set, i + 9) << 8U;
    i += 8 + length;
  }
  return std::nullopt;
}

bool Driver::write_once() {
  const auto output = session.output();
  const auto window = session.payload();
  if (output.empty() && window.length == 0) return false;
  written.insert(written.end(), output.begin(), output.end());
  written = written + slice(object, static_cast<std::size_t>(window.offset), window.length);
  largest_output = std::max(largest_output, output.size());
  ++writes;
  session.wrote(now);
  return true;
}

void Driver::write_all() {
  while (write_once()) {
  }
}

Bytes Driver::take() {
  write_all();
  return std::exchange(written, {});
}

void Driver::feed(const Bytes& bytes) {
  scanferry::core::ByteView view{bytes};
  session.feed(view, now);
  REQUIRE(view.empty());
}

void Driver::expire() {
  now = session.deadline();
  session.on_time(now);
}

Bytes object_of(std::size_t size) {
  Chance chance{size + 1};
  Bytes out(size);
  for (auto& byte : out) byte = static_cast<std::byte>(chance.next() & 0xFFU);
  return out;
}

std::uint64_t Chance::next() {
  // SplitMix64.
  state += 0x9E3779B97F4A7C15U;
  auto z = state;
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
  return z ^ (z >> 31U);
}

}  // namespace wire
