// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include <scanferry/core/time.hpp>

#include "scripted_pacs.hpp"

namespace scanferry::tests {

/// What is wrong with the disk, in spells between which all is well.
struct DiskTrouble {
  std::uint32_t full_spells{0};
  std::uint32_t read_only_spells{0};
  std::uint32_t slow_spells{0};
  std::uint32_t error_spells{0};
  std::uint32_t errors_per_million{0};  ///< of operations, in an error spell
  bool failed_sync_drops_data{false};
};

/// What is wrong with the network; rates are of a million connections.
struct NetworkTrouble {
  std::uint32_t refused{0};
  std::uint32_t unreachable{0};
  std::uint32_t silent_dials{0};
  std::uint32_t resets{0};
  std::uint32_t silences{0};
  std::uint32_t stalls{0};
  core::Millis latency_max{1};
  std::size_t read_bytes_max{1U << 20U};
  std::size_t window_bytes{64U << 10U};
  std::uint64_t bytes_per_second{0};
};

/// How often the device goes down.
struct PowerTrouble {
  std::uint32_t cuts_at_a_time{0};       ///< at any moment
  std::uint32_t cuts_in_an_operation{0}; ///< during a write to the disk
  std::uint32_t kills{0};
  std::uint32_t stops{0};                ///< orderly
};

/// Another device that sends to ours. Rates are of a million objects.
struct ModalityOptions {
  std::uint32_t objects{0};            ///< 0: there is none
  std::uint32_t associations{1};       ///< at once; they may send the same object
  std::uint32_t breaks{0};             ///< connections closed within an object
  std::uint32_t aborts{0};
  std::uint32_t repeats{0};            ///< sent once more although answered with success
  std::uint32_t trickles{0};           ///< sent in pieces, with pauses
  std::size_t fragment_bytes{16'000};
  bool large{false};                   ///< some objects have hundreds of kilobytes
};

/// Everything about one run that its seed decides.
struct RunOptions {
  std::uint64_t seed{1};
  core::Millis trouble_lasts{90'000};

  std::uint32_t acquisitions{4};
  std::uint32_t frames_max{4};
  std::uint32_t broken_per_million{0};   ///< acquisitions that the agent has to set aside
  core::Millis camera_pause_max{2'000};  ///< between two of its files

  std::uint32_t destinations{1};
  std::uint16_t associations{1};           ///< with each destination
  core::Millis linger{0};
  std::uint64_t pace{0};                   ///< bytes a second to each destination; 0: no limit
  bool keep_sources{false};
  core::Millis keep_stored{0};
  std::uint64_t spool_bytes_max{1ULL << 30U};

  PowerTrouble power;
  DiskTrouble disk;
  NetworkTrouble network;
  PacsBehaviour pacs;
  ModalityOptions modality;
  std::uint32_t pacs_restarts{0};
  std::uint32_t full_spells{0};          ///< of each PACS
  std::uint32_t wall_clock_steps{0};

  /// Nothing goes wrong: each object must then arrive at the first try.
  [[nodiscard]] bool is_calm() const;
};

RunOptions draw_options(std::uint64_t seed);
/// One line a group, for a person.
std::string to_string(const RunOptions& options);

}  // namespace scanferry::tests
