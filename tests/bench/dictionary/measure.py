#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""Instructions that one look-up in the data dictionary needs, and the start of the program, beside DCMTK's: valgrind counts them,
so that the figures are the same on a busy machine.

Needs what the project is built with, valgrind and libdcmtk-dev. Prints a Markdown table."""

import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
TABLE = HERE.parents[2] / "core/dictionary/attributes.tsv"
TITLES = {"vr": "VR of a tag", "tag": "all of a tag", "keyword": "all of a keyword"}
PROGRAMS = ("scanferry", "dcmtk")
STEP = 20  # every so many attributes of the table is looked up
ROUNDS = {"vr": 100, "tag": 100, "keyword": 5}  # DCMTK goes through all entries for a keyword


def run(*command):
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{command[0]}: {done.stdout}")
    return done.stdout


def build(folder):
    run("cmake", "-S", HERE, "-B", folder, "-D", "CMAKE_BUILD_TYPE=Release", "-D", "CMAKE_CXX_FLAGS_RELEASE=-O2")
    run("cmake", "--build", folder)


def write_list(folder):
    """Every so many of the attributes, those that both have; gives their number."""
    lines = [line.split("\t") for line in TABLE.read_text(encoding="ascii").split("\n")]
    rows = [line for line in lines if re.fullmatch(r"\([0-9A-F]{4},[0-9A-F]{4}\)", line[0]) and line[1]][::STEP]
    (folder / "list").write_text("".join(f"{row[0][1:5]} {row[0][6:10]} {row[1]}\n" for row in rows), encoding="ascii")
    for program in PROGRAMS:
        for what in ROUNDS:
            (folder / "list").write_text(run(folder / f"{program}_lookup", what, folder / "list", 1), encoding="ascii")
    return len((folder / "list").read_text(encoding="ascii").split("\n")) - 1


def instructions(program, what, folder, rounds):
    said = run("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", folder / f"{program}_lookup", what, folder / "list", rounds)
    return int(re.search(r"Collected : (\d+)", said).group(1))


def print_row(title, ours, theirs):
    print(f"| {title} | {ours:.0f} | {theirs:.0f} | {theirs / ours:.1f} |")


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        build(folder)
        count = write_list(folder)
        print("| instructions | scanferry | DCMTK | ratio |")
        print("|---|--:|--:|--:|")
        for what, rounds in ROUNDS.items():
            few, many = ([instructions(program, what, folder, times) for program in PROGRAMS] for times in (rounds, 2 * rounds))
            print_row(TITLES[what], *((more - less) / (rounds * count) for less, more in zip(few, many)))
        print_row(f"whole program, {count} look-ups", *(instructions(program, "tag", folder, 1) for program in PROGRAMS))


if __name__ == "__main__":
    main()
