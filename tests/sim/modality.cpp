// SPDX-License-Identifier: Apache-2.0
#include "modality.hpp"

#include <algorithm>

#include "device.hpp"

namespace scanferry::tests {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t kContext = 1;
constexpr std::uint16_t kMessage = 5;
constexpr std::uint16_t kOutOfResources = 0xA700;  // PS3.4 table B.2-1
/// Longer than the device's own time limits for a peer that stalls.
constexpr core::Millis kPatience{40'000};
constexpr core::Millis kConnectPatience{5'000};
constexpr core::Millis kPauseMax{4'000};
constexpr core::Millis kTricklePauseMax{300};

// PS3.8 9.3.2, with one presentation context.
Bytes associate_request() {
  Wire context;
  context.u8(kContext).u8(0).u8(0).u8(0).item(0x30, Modality::kSopClass).item(0x40, Modality::kTransferSyntax);
  Wire user;
  user.item(0x51, Wire{}.be32(16384).data()).item(0x52, "1.2.826.0.1.3680043.9.9999.3");
  Wire request;
  request.be16(1).be16(0).padded("DEVICE", 16).padded("MODALITY", 16).bytes(Bytes(32));
  request.item(0x10, "1.2.840.10008.3.1.1.1").item(0x20, context.data()).item(0x50, user.data());
  return make_pdu(kAssociateRq, request.data());
}

// PS3.5 7.1.2: explicit VR, 16 bits of length.
void element(Wire& out, std::uint16_t group, std::uint16_t number, std::string_view vr, core::ByteView value) {
  out.le16(group).le16(number).text(vr).le16(static_cast<std::uint16_t>(value.size())).bytes(value);
}

void uid_element(Wire& out, std::uint16_t number, std::string uid) {
  if (uid.size() % 2 != 0) uid += '\0';
  element(out, 0x0008, number, "UI", core::bytes_of(uid));
}

/// One frame of 8 bits of noise.
Bytes make_data_set(platform::sim::Prng& prng, const std::string& uid, std::uint16_t rows, std::uint16_t columns) {
  const auto number = [](std::uint16_t value) { return Wire{}.le16(value).data(); };
  Wire out;
  uid_element(out, 0x0016, Modality::kSopClass);
  uid_element(out, 0x0018, uid);
  element(out, 0x0028, 0x0002, "US", number(1));
  element(out, 0x0028, 0x0004, "CS", core::bytes_of("MONOCHROME2 "));
  element(out, 0x0028, 0x0010, "US", number(rows));
  element(out, 0x0028, 0x0011, "US", number(columns));
  element(out, 0x0028, 0x0100, "US", number(8));
  Bytes pixels(static_cast<std::size_t>(rows) * columns);
  for (auto& pixel : pixels) pixel = static_cast<std::byte>(prng.next() & 0xFFU);
  if (pixels.size() % 2 != 0) pixels.push_back(std::byte{0});
  out.le16(0x7FE0).le16(0x0010).text("OB").le16(0).le32(static_cast<std::uint32_t>(pixels.size())).bytes(pixels);
  return out.data();
}

/// Bytes of the PDUs in `bytes` that are all there.
std::size_t whole_pdus(const Bytes& bytes) {
  for (std::size_t at = 0;;) {
    Unwire header{core::ByteView{bytes}.subspan(at)};
    (void)header.be16();
    const auto length = header.be32();
    (void)header.take(length);
    if (!header.good()) return at;
    at += 6 + length;
  }
}

}  // namespace

Modality::Modality(platform::sim::World& world, platform::sim::Fabric& fabric, const RunOptions& options)
    : world_{world}, options_{options.modality}, node_{world, fabric, "modality"}, prng_{world.prng().fork()} {
  const auto span = static_cast<std::uint64_t>(options.trouble_lasts.count()) * 2 / 3;
  for (std::uint32_t number = 0; number < options_.objects; ++number) {
    make_object(number);
    objects_.back().made_after = core::Millis{static_cast<std::int64_t>(prng_.below(span))};
  }
}

void Modality::make_object(std::uint32_t number) {
  auto& object = objects_.emplace_back();
  object.sop_instance_uid = "1.2.826.0.1.3680043.9.9999.4." + std::to_string(number + 1);
  // A large one is written in more than one piece.
  const bool large = options_.large && prng_.below(8) == 0;
  const std::uint64_t side_max = large ? 700 : 70;
  const auto side = [this, side_max] { return static_cast<std::uint16_t>(prng_.between(side_max / 14, side_max)); };
  const auto rows = side();
  object.data_set = make_data_set(prng_, object.sop_instance_uid, rows, side());
}

void Modality::begin() {
  node_.boot([this](platform::sim::SimNode& node) {
    for (std::uint32_t i = 0; i < options_.associations; ++i) node.spawn(live());
    return std::make_unique<platform::sim::Program>();
  });
}

bool Modality::done() const { return std::ranges::all_of(objects_, &ModalityObject::acknowledged); }

const ModalityObject* Modality::find(const std::string& sop_instance_uid) const {
  const auto found = std::ranges::find(objects_, sop_instance_uid, &ModalityObject::sop_instance_uid);
  return found == objects_.end() ? nullptr : &*found;
}

/// In turn, so that one that is refused keeps the others from nothing.
ModalityObject* Modality::next_object() {
  const auto elapsed = std::chrono::floor<core::Millis>(world_.elapsed());
  for (std::size_t i = 0; i < objects_.size(); ++i) {
    auto& object = objects_[next_++ % objects_.size()];
    if (!object.acknowledged && object.made_after <= elapsed) return &object;
  }
  return nullptr;
}

platform::Task<void> Modality::live() {
  while (!done()) {
    co_await pause(kPauseMax);
    if (next_object() != nullptr) co_await send_some();
  }
}

platform::Task<void> Modality::send_some() {
  auto& clock = node_.clock();
  auto stream = co_await node_.network().dial(Device::kHost, Device::kPort, clock.now() + kConnectPatience);
  if (!stream) co_return;
  PduReader reader{**stream, clock, kPatience};
  const bool asked = co_await send(**stream, clock, associate_request(), kPatience);
  if (!asked) co_return;
  const auto answer = co_await reader.next();
  if (!answer) co_return;
  if (answer->type == kAssociateAc) co_await send_all(**stream, reader);
  if (answer->type == kAssociateRj) world_.fail("the device rejects the modality");
}

platform::Task<void> Modality::send_all(platform::ByteStream& stream, PduReader& reader) {
  auto& clock = node_.clock();
  while (auto* object = next_object()) {
    auto sent = co_await send_one(stream, reader, *object);
    if (sent == Sent::success && prng_.chance(options_.repeats)) sent = co_await send_one(stream, reader, *object);
    if (sent == Sent::over) co_return;
    if (sent == Sent::refused) break;
  }
  const bool released = co_await send(stream, clock, make_pdu(kReleaseRq, Bytes(4)), kPatience);
  if (released) (void)co_await reader.next();
}

platform::Task<Modality::Sent> Modality::send_one(platform::ByteStream& stream, PduReader& reader, ModalityObject& object) {
  Command request;
  request.field = kStoreRq;
  request.message_id = kMessage;
  request.data_set_type = 0;
  request.sop_class_uid = kSopClass;
  request.sop_instance_uid = object.sop_instance_uid;
  auto bytes = make_data_pdus(kContext, true, encode_command(request), options_.fragment_bytes);
  const auto data = make_data_pdus(kContext, false, object.data_set, options_.fragment_bytes);
  bytes.insert(bytes.end(), data.begin(), data.end());
  const bool breaks = prng_.chance(options_.breaks);
  const bool aborts = prng_.chance(options_.aborts);
  if (breaks || aborts) bytes.resize(prng_.size_between(0, bytes.size() - 1));
  if (aborts) bytes.resize(whole_pdus(bytes));
  const bool sent = co_await send_in_pieces(stream, std::move(bytes));
  const Bytes no_reason(4);
  auto abort = make_pdu(kAbort, no_reason);
  if (sent && aborts) (void)co_await send(stream, node_.clock(), std::move(abort), kPatience);
  if (!sent || breaks || aborts) co_return Sent::over;
  const auto answer = co_await reader.next();
  co_return judge(answer, object);
}

platform::Task<bool> Modality::send_in_pieces(platform::ByteStream& stream, Bytes bytes) {
  auto& clock = node_.clock();
  if (!prng_.chance(options_.trickles)) co_return co_await send(stream, clock, std::move(bytes), kPatience);
  for (std::size_t at = 0; at < bytes.size();) {
    const auto size = std::min(bytes.size() - at, prng_.size_between(1, std::max<std::size_t>(bytes.size() / 4, 2)));
    const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(at);
    Bytes piece(begin, begin + static_cast<std::ptrdiff_t>(size));
    const bool sent = co_await send(stream, clock, std::move(piece), kPatience);
    if (!sent) co_return false;
    at += size;
    co_await pause(kTricklePauseMax);
  }
  co_return true;
}

Modality::Sent Modality::judge(const std::optional<Pdu>& answer, ModalityObject& object) {
  if (!answer || answer->type != kData) return Sent::over;
  const auto pdvs = split_pdvs(*answer);
  const auto response = pdvs && pdvs->size() == 1 && pdvs->front().is_command && pdvs->front().is_last ? decode_command(pdvs->front().value) : std::nullopt;
  if (!response || response->field != kStoreRsp || response->message_id != kMessage || response->sop_instance_uid != object.sop_instance_uid) {
    world_.fail("the modality got a C-STORE-RSP that is malformed");
    return Sent::over;
  }
  if (response->status == 0) {
    object.acknowledged = true;
    if (acknowledged_) acknowledged_(object);
    return Sent::success;
  }
  if (response->status != kOutOfResources) {
    world_.fail("the modality got status " + std::to_string(response->status) + " for " + object.sop_instance_uid + ": " + response->comment);
  }
  return Sent::refused;
}

platform::Task<void> Modality::pause(core::Millis longest) {
  const auto event = node_.clock().make_event();
  const core::Millis span{static_cast<std::int64_t>(prng_.below(static_cast<std::uint64_t>(longest.count())))};
  (void)co_await event->wait_until(node_.clock().now() + span);
}

}  // namespace scanferry::tests
