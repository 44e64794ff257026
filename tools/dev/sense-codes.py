#!/usr/bin/env python3
"""Turns fixtures/golden/sense-codes.csv into the table of mmc/sense_codes.h.

Usage: sense-codes.py IN.csv OUT.cpp
"""

import csv
import re
import sys

HEAD = """// Made by tools/dev/sense-codes.py.
#include "mmc/sense_codes.h"

#include <span>

namespace kiln::mmc {
namespace {

constexpr SenseCode kCodes[] = {
"""

TAIL = """};

}  // namespace

std::span<const SenseCode> all_sense_codes() {
    return kCodes;
}

}  // namespace kiln::mmc
"""


def in_words(text):
    """Lower case for the middle of a sentence, but not for "I/O" or "SCSI"."""
    text = re.sub(r"\s+", " ", text.strip())
    if len(text) > 1 and text[1].islower():
        text = text[0].lower() + text[1:]
    return text


def range_text(text):
    """Keeps one `nn` in the text, where the ASCQ goes."""
    found = re.search(r"\s*\(nn = ASCQ(?: = (.*?))?\)", text)
    if found:
        text = text.replace(found.group(0), "")
        if found.group(1) and not re.search(r"\bnn\b", text):
            text += f" ({found.group(1)} nn)"
    return text


def literal(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def main():
    source, target = sys.argv[1:]
    rows = []
    with open(source, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter=";"):
            first, _, last = row["ascq"].partition("-")
            text = row["text"] if not last else range_text(row["text"])
            code = int(row["asc"], 16) << 8
            rows.append((code | int(first, 16), code | int(last or first, 16), in_words(text)))
    rows.sort()
    for before, after in zip(rows, rows[1:]):
        if before[1] >= after[0]:
            sys.exit(f"{source}: {after[0]:04x} stands twice")
    with open(target, "w", encoding="utf-8") as file:
        file.write(HEAD)
        for first, last, text in rows:
            file.write(f"    {{0x{first:04x}, 0x{last:04x}, {literal(text)}}},\n")
        file.write(TAIL)


main()
