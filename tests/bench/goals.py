# SPDX-License-Identifier: Apache-2.0
"""One row of the table: what was measured, beside whom, and whether the goal is met."""

import dataclasses
import statistics

AT_LEAST, AT_MOST = ">=", "<="


@dataclasses.dataclass
class Goal:
    """A bound of the figure, or with `is_ratio` of the ratio to the peer's."""
    relation: str
    bound: float
    is_ratio: bool = False

    def is_met(self, figure, ratio):
        value = ratio if self.is_ratio else figure
        return value >= self.bound if self.relation == AT_LEAST else value <= self.bound

    def __str__(self):
        return f"{self.relation} {number_text(self.bound)}{' x the peer' if self.is_ratio else ''}"


@dataclasses.dataclass
class Row:
    name: str                        # P1...
    figure: str                      # what, and in which unit
    ours: list
    peer: str
    theirs: list                     # empty: none has it
    goals: list                      # all must be met

    def cells(self):
        ours = statistics.median(self.ours)
        if not self.theirs:
            return [self.name, self.figure, number_text(ours), self.peer, "", "", self.goal_text(), self.verdict(ours, None)]
        theirs = statistics.median(self.theirs)
        # Of each pair: both met the same machine.
        ratio = statistics.median(one / other for one, other in zip(self.ours, self.theirs))
        return [self.name, self.figure, number_text(ours), self.peer, number_text(theirs), number_text(ratio), self.goal_text(),
                self.verdict(ours, ratio)]

    def goal_text(self):
        return ", ".join(map(str, self.goals))

    def verdict(self, ours, ratio):
        if not self.goals:
            return ""
        return "met" if all(goal.is_met(ours, ratio) for goal in self.goals) else "missed"


def number_text(value):
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def in_turn(runs, *measures):
    """A list of figures of each, measured A B A B."""
    return list(zip(*[[measure() for measure in measures] for _ in range(runs)]))


def line_of(cells):
    return "| " + " | ".join(cells) + " |"


TITLE = line_of(["goal", "figure", "scanferry", "peer", "its figure", "ratio", "bound", ""]) + "\n|---|---|--:|---|--:|--:|---|---|"
