// SPDX-License-Identifier: Apache-2.0
#include "cli/commitments.hpp"

#include <algorithm>

#include <scanferry/core/bytes.hpp>
#include <scanferry/dimse/status.hpp>

namespace scanferry::firmware {
namespace {

constexpr core::Tag kTransactionUid{0x0008, 0x1195};
constexpr core::Tag kReferencedSops{0x0008, 0x1199};
constexpr core::Tag kFailedSops{0x0008, 0x1198};
constexpr core::Tag kFailureReason{0x0008, 0x1197};
constexpr core::Tag kReferencedSopInstance{0x0008, 0x1155};

std::string uid_in(const model::DataSet& data_set, core::Tag tag) { return std::string{model::trimmed_text(data_set.find(tag))}; }

}  // namespace

bool Commitments::add(const SendObject& object) {
  Entry entry;
  entry.sop_class_uid = object.sop_class_uid;
  return entries_.emplace(object.sop_instance_uid, std::move(entry)).second;
}

void Commitments::ask(const std::string& sop_instance_uid, const std::string& transaction) {
  auto& entry = entries_[sop_instance_uid];
  entry.transaction = transaction;
  entry.state = State::open;
}

void Commitments::give_up(const std::string& transaction, const std::string& trouble) {
  for (auto& [uid, entry] : entries_) {
    const bool is_meant = entry.state == State::not_asked || (entry.state == State::open && entry.transaction == transaction);
    if (!is_meant || !entry.trouble.empty()) continue;
    entry.state = State::not_asked;
    entry.trouble = trouble;
  }
}

bool Commitments::take(const model::DataSet& report) {
  const auto transaction = uid_in(report, kTransactionUid);
  const auto is_ours = [&](const auto& entry) { return entry.second.transaction == transaction; };
  if (transaction.empty() || std::ranges::none_of(entries_, is_ours)) return false;
  take(report, kReferencedSops, transaction, State::committed);
  take(report, kFailedSops, transaction, State::failed);
  for (auto& [uid, entry] : entries_) {
    if (entry.transaction == transaction && entry.state == State::open) entry.state = State::unnamed;
  }
  return true;
}

void Commitments::take(const model::DataSet& report, core::Tag list, const std::string& transaction, State state) {
  const auto* sequence = report.find(list);
  if (sequence == nullptr) return;
  for (const auto& item : sequence->items()) {
    const auto entry = entries_.find(uid_in(item.data_set, kReferencedSopInstance));
    if (entry == entries_.end() || entry->second.transaction != transaction) continue;
    entry->second.state = state;
    const auto* reason = item.data_set.find(kFailureReason);
    if (reason != nullptr && reason->bytes().size() == 2) entry->second.reason = core::load_le16(reason->bytes().data());
  }
}

bool Commitments::is_complete() const {
  return std::ranges::none_of(entries_, [](const auto& entry) { return entry.second.state == State::open; });
}

std::size_t Commitments::committed() const {
  return static_cast<std::size_t>(std::ranges::count_if(entries_, [](const auto& entry) { return entry.second.state == State::committed; }));
}

std::string explain(const Commitments::Entry& entry) {
  switch (entry.state) {
    case Commitments::State::open: return "the archive has not reported; ask again later";
    case Commitments::State::unnamed: return "the archive's report does not name it; ask again";
    case Commitments::State::not_asked: return entry.trouble;
    case Commitments::State::failed: return std::string{dimse::explain_commitment_failure(entry.reason)};
    case Commitments::State::committed: break;
  }
  return {};
}

}  // namespace scanferry::firmware
