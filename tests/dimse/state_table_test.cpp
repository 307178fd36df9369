// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <array>
#include <map>
#include <sstream>
#include <string>

#include <scanferry/dimse/state_table.hpp>

using namespace scanferry::dimse;

namespace {

const std::map<std::string, Action> kActions{
    {"AE-1", Action::ae1}, {"AE-2", Action::ae2}, {"AE-3", Action::ae3}, {"AE-4", Action::ae4}, {"AE-5", Action::ae5},
    {"AE-6", Action::ae6}, {"AE-7", Action::ae7}, {"AE-8", Action::ae8}, {"DT-1", Action::dt1}, {"DT-2", Action::dt2},
    {"AR-1", Action::ar1}, {"AR-2", Action::ar2}, {"AR-3", Action::ar3}, {"AR-4", Action::ar4}, {"AR-5", Action::ar5},
    {"AR-6", Action::ar6}, {"AR-7", Action::ar7}, {"AR-8", Action::ar8}, {"AR-9", Action::ar9}, {"AR-10", Action::ar10},
    {"AA-1", Action::aa1}, {"AA-2", Action::aa2}, {"AA-3", Action::aa3}, {"AA-4", Action::aa4}, {"AA-5", Action::aa5},
    {"AA-6", Action::aa6}, {"AA-7", Action::aa7}, {"AA-8", Action::aa8}};

State sta(int n) { return static_cast<State>(n); }
Trigger evt(int n) { return static_cast<Trigger>(n); }

/// PS3.8 table 9-10 told the other way round: per event, which states have which action; all other cells are empty.
struct Line {
  int event;
  const char* cells;  ///< "state:action ..." with state ranges
};
constexpr std::array kLines{
    Line{1, "1:AE-1"},
    Line{2, "4:AE-2"},
    Line{3, "2:AA-1 3:AA-8 5:AE-3 6-12:AA-8 13:AA-6"},
    Line{4, "2:AA-1 3:AA-8 5:AE-4 6-12:AA-8 13:AA-6"},
    Line{5, "1:AE-5"},
    Line{6, "2:AE-6 3:AA-8 5-12:AA-8 13:AA-7"},
    Line{7, "3:AE-7"},
    Line{8, "3:AE-8"},
    Line{9, "6:DT-1 8:AR-7"},
    Line{10, "2:AA-1 3:AA-8 5:AA-8 6:DT-2 7:AR-6 8-12:AA-8 13:AA-6"},
    Line{11, "6:AR-1"},
    Line{12, "2:AA-1 3:AA-8 5:AA-8 6:AR-2 7:AR-8 8-12:AA-8 13:AA-6"},
    Line{13, "2:AA-1 3:AA-8 5-6:AA-8 7:AR-3 8-9:AA-8 10:AR-10 11:AR-3 12:AA-8 13:AA-6"},
    Line{14, "8:AR-4 9:AR-9 12:AR-4"},
    Line{15, "3:AA-1 4:AA-2 5-12:AA-1"},
    Line{16, "2:AA-2 3:AA-3 5-12:AA-3 13:AA-2"},
    Line{17, "2:AA-5 3-12:AA-4 13:AR-5"},
    Line{18, "2:AA-2 13:AA-2"},
    Line{19, "2:AA-1 3:AA-8 5-12:AA-8 13:AA-7"},
};

std::array<Action, kStates> parse(const char* cells) {
  std::array<Action, kStates> row{};
  std::istringstream in{cells};
  for (std::string cell; in >> cell;) {
    const auto colon = cell.find(':');
    const auto dash = cell.substr(0, colon).find('-');
    const int first = std::stoi(cell);
    const int last = dash == std::string::npos ? first : std::stoi(cell.substr(dash + 1));
    for (int state = first; state <= last; ++state) row[static_cast<std::size_t>(state - 1)] = kActions.at(cell.substr(colon + 1));
  }
  return row;
}

}  // namespace

TEST_CASE("every cell of the state table is the standard's") {
  REQUIRE(kLines.size() == kTriggers);
  for (const auto& line : kLines) {
    const auto row = parse(line.cells);
    for (int state = 1; state <= kStates; ++state) {
      INFO("Evt" << line.event << " in Sta" << state);
      CHECK(action_for(sta(state), evt(line.event)) == row[static_cast<std::size_t>(state - 1)]);
    }
  }
}

TEST_CASE("every action leads to the state that its definition names") {
  const std::map<std::string, int> next{{"AE-1", 4}, {"AE-2", 5}, {"AE-3", 6}, {"AE-4", 1}, {"AE-5", 2}, {"AE-6", 3}, {"AE-7", 6},
                                        {"AE-8", 13}, {"DT-1", 6}, {"DT-2", 6}, {"AR-1", 7}, {"AR-2", 8}, {"AR-3", 1}, {"AR-4", 13},
                                        {"AR-5", 1}, {"AR-6", 7}, {"AR-7", 8}, {"AR-9", 11}, {"AR-10", 12}, {"AA-1", 13}, {"AA-2", 1},
                                        {"AA-3", 1}, {"AA-4", 1}, {"AA-5", 1}, {"AA-6", 13}, {"AA-7", 13}, {"AA-8", 13}};
  for (const auto& [name, state] : next) {
    INFO(name);
    CHECK(state_after(kActions.at(name), Role::requestor) == sta(state));
    CHECK(state_after(kActions.at(name), Role::acceptor) == sta(state));
  }
  CHECK(state_after(Action::ar8, Role::requestor) == State::sta9);
  CHECK(state_after(Action::ar8, Role::acceptor) == State::sta10);
}

TEST_CASE("from every state the end of the transport leads to idle, and the peer's abort too") {
  for (int state = 2; state <= kStates; ++state) {
    INFO("Sta" << state);
    CHECK(state_after(action_for(sta(state), Trigger::transport_closed), Role::requestor) == State::sta1);
    if (state == 4) continue;
    CHECK(state_after(action_for(sta(state), Trigger::abort_pdu), Role::requestor) == State::sta1);
  }
}
