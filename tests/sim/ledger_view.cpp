// SPDX-License-Identifier: Apache-2.0
#include "ledger_view.hpp"

#include <algorithm>

#include "agent/ledger.hpp"

namespace scanferry::tests {
namespace {

constexpr const char* kLedger = "/spool/ledger.sqlite";

}  // namespace

std::size_t LedgerView::count(core::DeliveryState state) const {
  return static_cast<std::size_t>(std::ranges::count_if(deliveries, [state](const auto& d) { return d.second == state; }));
}

LedgerReader::LedgerReader(platform::sim::World& world)
    : disk_{world}, clock_{world, 0}, random_{world.prng().fork()}, vfs_{"sim-reader", disk_, clock_, random_} {}

std::optional<LedgerView> LedgerReader::read(const platform::sim::SimDisk& disk, Of of) {
  for (const char* suffix : {"", "-wal", "-journal"}) {
    const auto path = std::string{kLedger} + suffix;
    disk_.outside_remove(path);
    const auto content = of == Of::platter ? disk.platter_read(path) : disk.outside_read(path);
    if (content) disk_.outside_write(path, *content);
    if (!content && suffix[0] == '\0') return std::nullopt;
  }
  auto ledger = firmware::Ledger::open(disk_, kLedger, vfs_.name(), firmware::Ledger::Repair::no);
  if (!ledger) return std::nullopt;
  LedgerView view;
  const auto note = [&view](const firmware::Delivery& d) {
    view.deliveries[{d.instance.sop_instance_uid, d.destination}] = d.state;
    view.instances.insert(d.instance.sop_instance_uid);
  };
  const auto bytes = (*ledger)->spool_bytes();
  if (!(*ledger)->each({}, note) || !bytes) return std::nullopt;
  view.spool_bytes = *bytes;
  return view;
}

}  // namespace scanferry::tests
