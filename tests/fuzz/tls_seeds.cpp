// SPDX-License-Identifier: Apache-2.0
// Writes inputs for tls_fuzz: handshakes in both roles and each profile, as scripts and as what was said in them.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tls_play.hpp"

using namespace scanferry;
using fuzz::TlsStep;

namespace {

using Bytes = std::vector<std::byte>;

constexpr unsigned kChoices = 16;  ///< roles, profiles, with and without a client's certificate
constexpr int kFlights = 6;

void append(Bytes& script, TlsStep step, std::initializer_list<unsigned> operands = {}) {
  script.push_back(static_cast<std::byte>(step));
  for (const auto operand : operands) script.push_back(static_cast<std::byte>(operand));
}

/// The whole of a handshake, words in both directions, and a good-bye.
Bytes whole(unsigned choice) {
  Bytes script{static_cast<std::byte>(choice)};
  for (int flight = 0; flight < kFlights; ++flight) append(script, TlsStep::deliver_all);
  append(script, TlsStep::talk, {5});
  append(script, TlsStep::deliver_all);
  append(script, TlsStep::say_goodbye);
  append(script, TlsStep::deliver_all);
  return script;
}

/// What a peer said in it, in one go and by itself.
Bytes raw(unsigned choice, const Bytes& said) {
  Bytes script{static_cast<std::byte>(choice)};
  append(script, TlsStep::say_raw, {static_cast<unsigned>(said.size() & 0xFFU), static_cast<unsigned>(said.size() >> 8U)});
  script.insert(script.end(), said.begin(), said.end());
  return script;
}

void write(const std::filesystem::path& path, const Bytes& bytes) {
  std::ofstream out{path, std::ios::binary};
  out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "Usage: tls_seeds FOLDER\n");
    return 2;
  }
  const std::filesystem::path folder{argv[1]};
  std::filesystem::create_directories(folder);
  std::size_t memory_bytes_max{0};
  for (unsigned choice = 0; choice < kChoices; ++choice) {
    const auto script = whole(choice);
    const auto played = fuzz::play_tls(script);
    if (played.heard_bytes == 0) {
      std::fprintf(stderr, "tls_seeds: handshake %u comes to nothing\n", choice);
      return 1;
    }
    memory_bytes_max = std::max(memory_bytes_max, played.memory_bytes_max);
    write(folder / ("whole-" + std::to_string(choice)), script);
    write(folder / ("raw-" + std::to_string(choice)), raw(choice, played.delivered));
  }
  std::printf("%u handshakes, at most %zu bytes of memory\n", kChoices, memory_bytes_max);
  return 0;
}
