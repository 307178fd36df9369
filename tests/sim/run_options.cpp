// SPDX-License-Identifier: Apache-2.0
#include "run_options.hpp"

#include <sstream>

namespace scanferry::tests {
namespace {

using platform::sim::Prng;

std::uint32_t number(Prng& prng, std::uint64_t low, std::uint64_t high) { return static_cast<std::uint32_t>(prng.between(low, high)); }
core::Millis millis(Prng& prng, std::uint64_t low, std::uint64_t high) { return core::Millis{static_cast<std::int64_t>(prng.between(low, high))}; }

/// A rate for a thing that is off in most runs, so that each run has a character of its own.
std::uint32_t rate(Prng& prng, std::uint32_t highest_per_million) { return prng.below(3) == 0 ? number(prng, 1'000, highest_per_million) : 0; }
std::uint32_t count(Prng& prng, std::uint32_t most) { return prng.coin() ? number(prng, 1, most) : 0; }

PowerTrouble draw_power(Prng& prng) {
  PowerTrouble power;
  power.cuts_at_a_time = count(prng, 3);
  power.cuts_in_an_operation = count(prng, 4);
  power.kills = count(prng, 2);
  power.stops = count(prng, 2);
  return power;
}

DiskTrouble draw_disk(Prng& prng) {
  DiskTrouble disk;
  if (prng.coin()) return disk;
  disk.full_spells = count(prng, 2);
  disk.read_only_spells = prng.below(4) == 0 ? 1 : 0;
  disk.slow_spells = count(prng, 2);
  disk.error_spells = count(prng, 2);
  disk.errors_per_million = number(prng, 1'000, 60'000);
  disk.failed_sync_drops_data = prng.below(3) == 0;
  return disk;
}

NetworkTrouble draw_network(Prng& prng) {
  NetworkTrouble network;
  network.refused = rate(prng, 400'000);
  network.unreachable = rate(prng, 200'000);
  network.silent_dials = rate(prng, 200'000);
  network.resets = rate(prng, 400'000);
  network.silences = rate(prng, 200'000);
  network.stalls = rate(prng, 200'000);
  network.latency_max = millis(prng, 0, prng.coin() ? 2 : 80);
  constexpr std::size_t kReads[] = {1U << 20U, 1U << 20U, 4096, 700, 60, 3};
  network.read_bytes_max = kReads[prng.below(std::size(kReads))];
  network.window_bytes = prng.size_between(2'000, 64'000);
  network.bytes_per_second = prng.below(4) == 0 ? prng.between(20'000, 1'000'000) : 0;
  return network;
}

std::vector<ObjectRule> draw_rules(Prng& prng) {
  constexpr std::uint16_t kForAWhile[] = {0x0110, 0xA700, 0x0122};
  constexpr std::uint16_t kForEver[] = {0xC000, 0xA900, 0xB000, 0x0110, 0x0117};
  std::vector<ObjectRule> rules;
  if (prng.below(3) == 0) rules.push_back({number(prng, 2, 8), kForAWhile[prng.below(std::size(kForAWhile))], number(prng, 1, 4)});
  if (prng.below(3) == 0) rules.push_back({number(prng, 2, 8), kForEver[prng.below(std::size(kForEver))], ObjectRule::kForEver});
  return rules;
}

PacsBehaviour draw_pacs(Prng& prng) {
  PacsBehaviour pacs;
  constexpr std::uint32_t kLimits[] = {0, 4096, 16384, 32768, 131072};
  pacs.max_pdu_bytes = kLimits[prng.below(std::size(kLimits))];
  pacs.think_time_max = millis(prng, 0, prng.coin() ? 10 : 3'000);
  pacs.command_fragment_bytes = prng.coin() ? 512 : 2 * prng.size_between(1, 60);
  pacs.rejects_for_ever = rate(prng, 300'000);
  pacs.rejects_for_now = rate(prng, 500'000);
  pacs.says_nothing = rate(prng, 200'000);
  pacs.aborts_at_once = rate(prng, 300'000);
  pacs.refuses_contexts = prng.below(8) == 0 ? number(prng, 1'000, 300'000) : 0;
  pacs.aborts_in_object = rate(prng, 300'000);
  pacs.closes_in_object = rate(prng, 300'000);
  pacs.closes_before_answer = rate(prng, 300'000);
  pacs.never_answers = rate(prng, 200'000);
  pacs.garbles_answer = rate(prng, 200'000);
  pacs.rules = draw_rules(prng);
  return pacs;
}

/// Of its own chance: the other half of a seed does not depend on it.
ModalityOptions draw_modality(const RunOptions& options, bool calm) {
  constexpr std::uint64_t kChance = 0x6D6F64616C697479ULL;
  Prng prng{options.seed ^ kChance};
  ModalityOptions modality;
  if (prng.below(3) != 0) return modality;
  modality.objects = number(prng, 1, 8);
  modality.fragment_bytes = prng.coin() ? 16'000 : 2 * prng.size_between(30, 3'000);
  modality.trickles = rate(prng, 500'000);
  // Many small pieces of many bytes, or more than the spool may ever hold, would only take long.
  const bool large_is_cheap = options.network.read_bytes_max > 4'096 && modality.fragment_bytes > 4'096;
  modality.large = large_is_cheap && options.spool_bytes_max == RunOptions{}.spool_bytes_max && prng.coin();
  if (calm) return modality;
  modality.associations = prng.coin() ? number(prng, 2, 3) : 1;
  modality.breaks = rate(prng, 400'000);
  modality.aborts = rate(prng, 300'000);
  modality.repeats = rate(prng, 400'000);
  return modality;
}

}  // namespace

bool RunOptions::is_calm() const {
  const bool power_is_good = power.cuts_at_a_time + power.cuts_in_an_operation + power.kills + power.stops == 0;
  const bool disk_is_good = disk.full_spells + disk.read_only_spells + disk.error_spells == 0;
  const bool network_is_good = network.refused + network.unreachable + network.silent_dials + network.resets + network.silences +
                                   network.stalls == 0;
  const bool pacs_is_good = pacs.rejects_for_ever + pacs.rejects_for_now + pacs.says_nothing + pacs.aborts_at_once + pacs.refuses_contexts +
                                pacs.aborts_in_object + pacs.closes_in_object + pacs.closes_before_answer + pacs.never_answers +
                                pacs.garbles_answer + pacs_restarts + full_spells == 0 &&
                            pacs.rules.empty();
  const bool modality_is_good = modality.breaks + modality.aborts + modality.repeats == 0 && modality.associations == 1;
  return modality_is_good && power_is_good && disk_is_good && network_is_good && pacs_is_good;
}

RunOptions draw_options(std::uint64_t seed) {
  Prng prng{seed};
  RunOptions options;
  options.seed = seed;
  options.trouble_lasts = millis(prng, 20'000, 150'000);
  options.acquisitions = number(prng, 1, 8);
  options.frames_max = number(prng, 1, 6);
  options.broken_per_million = rate(prng, 300'000);
  options.camera_pause_max = millis(prng, 1, 3'000);
  options.destinations = number(prng, 1, 10) > 7 ? 2 : 1;
  options.keep_sources = prng.below(4) == 0;
  options.keep_stored = prng.coin() ? core::Millis{0} : core::Millis{3'600'000};
  if (options.keep_stored == core::Millis{0} && prng.below(4) == 0) options.spool_bytes_max = prng.between(60'000, 200'000);
  const bool calm = prng.below(20) == 0;
  options.modality = draw_modality(options, calm);
  if (calm) return options;
  options.power = draw_power(prng);
  options.disk = draw_disk(prng);
  if (prng.below(4) != 0) options.network = draw_network(prng);
  if (prng.below(4) != 0) options.pacs = draw_pacs(prng);
  options.pacs_restarts = prng.below(4) == 0 ? number(prng, 1, 2) : 0;
  options.full_spells = prng.below(4) == 0 ? 1 : 0;
  options.wall_clock_steps = prng.below(4) == 0 ? number(prng, 1, 3) : 0;
  options.pacs.window = prng.below(3) == 0 ? static_cast<std::uint16_t>(number(prng, 2, 8)) : std::uint16_t{1};
  options.associations = prng.below(3) == 0 ? static_cast<std::uint16_t>(number(prng, 2, 4)) : std::uint16_t{1};
  options.pacs.associations_max = prng.below(3) == 0 ? number(prng, 1, 3) : 0;
  options.linger = prng.coin() ? millis(prng, 1, 5'000) : core::Millis{0};
  options.pace = prng.below(8) == 0 ? prng.between(16'000, 1'000'000) : 0;
  return options;
}

std::string to_string(const RunOptions& o) {
  std::ostringstream out;
  out << "  camera: " << o.acquisitions << " acquisitions of up to " << o.frames_max << " frames, " << o.broken_per_million
      << " of a million broken, pauses up to " << o.camera_pause_max.count() << " ms, " << o.wall_clock_steps << " clock steps\n";
  out << "  device: " << o.destinations << " destinations with " << o.associations << " associations, lingering " << o.linger.count() << " ms, "
      << o.pace << " bytes/s, sources " << (o.keep_sources ? "kept" : "removed") << ", objects kept for "
      << o.keep_stored.count() << " ms, spool up to " << o.spool_bytes_max << " bytes, trouble for " << o.trouble_lasts.count() << " ms\n";
  out << "  power: " << o.power.cuts_at_a_time << " cuts, " << o.power.cuts_in_an_operation << " cuts in an operation, " << o.power.kills
      << " kills, " << o.power.stops << " stops\n";
  out << "  disk: " << o.disk.full_spells << " full, " << o.disk.read_only_spells << " read-only, " << o.disk.slow_spells << " slow, "
      << o.disk.error_spells << " error spells of " << o.disk.errors_per_million << " per million"
      << (o.disk.failed_sync_drops_data ? ", failed syncs drop data" : "") << "\n";
  const auto& n = o.network;
  out << "  network per million: refused " << n.refused << ", unreachable " << n.unreachable << ", silent dials " << n.silent_dials
      << ", resets " << n.resets << ", silences " << n.silences << ", stalls " << n.stalls << "; latency up to " << n.latency_max.count()
      << " ms, reads up to " << n.read_bytes_max << ", window " << n.window_bytes << ", bytes/s " << n.bytes_per_second << "\n";
  const auto& m = o.modality;
  out << "  modality: " << m.objects << " objects over " << m.associations << " associations" << (m.large ? ", some large" : "")
      << "; per million: breaks " << m.breaks << ", aborts " << m.aborts << ", repeats " << m.repeats << ", trickles " << m.trickles
      << "; fragments of " << m.fragment_bytes << "\n";
  const auto& p = o.pacs;
  out << "  pacs per million: rejects " << p.rejects_for_ever << "/" << p.rejects_for_now << ", silent " << p.says_nothing << ", aborts "
      << p.aborts_at_once << ", refuses contexts " << p.refuses_contexts << "; in objects: aborts " << p.aborts_in_object << ", closes "
      << p.closes_in_object << ", closes before answer " << p.closes_before_answer << ", no answer " << p.never_answers << ", garbles "
      << p.garbles_answer << "; PDU " << p.max_pdu_bytes << ", window " << p.window << ", associations " << p.associations_max << ", thinks up to " << p.think_time_max.count() << " ms, "
      << o.pacs_restarts << " restarts, " << o.full_spells << " full spells\n";
  for (const auto& rule : p.rules) {
    out << "  pacs rule: one in " << rule.one_in << " gets " << std::hex << rule.status << std::dec << " for " << rule.times << " times\n";
  }
  return out.str();
}

}  // namespace scanferry::tests
