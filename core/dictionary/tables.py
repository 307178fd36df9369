# SPDX-License-Identifier: Apache-2.0
"""Reads the tables of this folder, for the generators that are made of them."""
import pathlib

TABLES = pathlib.Path(__file__).resolve().parent


class Problem(Exception):
    """What the person who builds can mend."""


def read_table(name):
    """The rows as dictionaries by column; lines that begin with # are comments."""
    lines = [line for line in (TABLES / name).read_text(encoding="ascii").split("\n") if line and not line.startswith("#")]
    columns = lines[0].split("\t")
    rows = [dict(zip(columns, line.split("\t"))) for line in lines[1:]]
    for number, row in enumerate(rows, 1):
        if len(row) != len(columns):
            raise Problem(f"{name}: row {number} has {len(row)} columns, not {len(columns)}")
    return rows
