#!/usr/bin/env python3
"""Checks fixtures/quirks/usb.toml and writes it as a constexpr table: no program reads TOML for it.

usage: quirks_table.py QUIRKS.H USB.TOML OUTPUT
"""

import pathlib
import re
import sys
import tomllib

KEYS = {"id", "revision", "name", "flags", "reason", "source", "link"}
NEEDED = KEYS - {"revision"}


def flags_of(header: str) -> dict[str, str]:
    """Name in data -> enumerator, from the switch in transports/quirks.h."""
    pairs = re.findall(r'case Quirk::(\w+):\s*return "([a-z0-9-]+)";', header)
    return {name: enumerator for enumerator, name in pairs}


def problems_of(entry: dict, flags: dict[str, str]) -> list[str]:
    """What is wrong with one entry, in words."""
    missing = [f"has no {key}" for key in sorted(NEEDED - entry.keys())]
    unknown = [f"{key}: there is no such key" for key in sorted(entry.keys() - KEYS)]
    if missing or unknown:
        return missing + unknown
    problems = []
    if not re.fullmatch(r"[0-9a-f]{4}:[0-9a-f]{4}", entry["id"]):
        problems.append("id: four hex digits, a colon, four hex digits, in lower case")
    revision = entry.get("revision", ["0000", "ffff"])
    digits = [isinstance(end, str) and re.fullmatch(r"[0-9a-f]{4}", end) for end in revision]
    if len(revision) != 2 or not all(digits) or revision[0] > revision[1]:
        problems.append("revision: two times four hex digits, the lower one first")
    if not entry["flags"] or len(set(entry["flags"])) != len(entry["flags"]):
        problems.append("flags: at least one, each once")
    problems += [f"flags: there is no {flag}" for flag in entry["flags"] if flag not in flags]
    problems += [
        f"{key}: one line of words"
        for key in ("name", "reason", "source")
        if not re.fullmatch(r'[^"\\\n]{8,}', entry[key])
    ]
    if not re.fullmatch(r'https://[^\s"\\]+', entry["link"]):
        problems.append("link: an https address")
    return problems


def check(data: dict, flags: dict[str, str]) -> list[str]:
    """What is wrong with the whole file."""
    problems = [f"{key}: only device entries" for key in data if key != "device"]
    entries = data.get("device", [])
    for entry in entries:
        problems += [f"{entry.get('id', '?')}: {what}" for what in problems_of(entry, flags)]
    places = [(entry.get("id"), tuple(entry.get("revision", ()))) for entry in entries]
    problems += [f"{place[0]}: twice" for place in sorted(set(places)) if places.count(place) > 1]
    return problems


def row(entry: dict, flags: dict[str, str]) -> str:
    vendor, product = entry["id"].split(":")
    first, last = entry.get("revision", ["0000", "ffff"])
    quirks = ", ".join(f"Quirk::{flags[flag]}" for flag in entry["flags"])
    return (
        f"    {{0x{vendor}, 0x{product}, 0x{first}, 0x{last}, Quirks{{{quirks}}},\n"
        f'     "{entry["name"]}",\n     "{entry["reason"]}",\n     "{entry["link"]}"}},\n'
    )


def table(entries: list[dict], flags: dict[str, str]) -> str:
    rows = "".join(row(entry, flags) for entry in sorted(entries, key=lambda one: one["id"]))
    return (
        "// Made by tools/dev/quirks_table.py.\n"
        '#include "transports/usb/quirk_table.h"\n\n'
        "#include <array>\n\n"
        "namespace kiln::transports {\n\n"
        "namespace {\n\n"
        f"constexpr std::array<QuirkEntry, {len(entries)}> kEntries = {{{{\n{rows}}}}};\n\n"
        "}  // namespace\n\n"
        "std::span<const QuirkEntry> quirk_table() { return kEntries; }\n\n"
        "}  // namespace kiln::transports\n"
    )


def main() -> int:
    header, source, output = map(pathlib.Path, sys.argv[1:])
    flags = flags_of(header.read_text(encoding="utf-8"))
    try:
        data = tomllib.loads(source.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        sys.exit(f"{source}: {error}")
    problems = check(data, flags)
    if problems:
        sys.exit("\n".join(f"{source}: {problem}" for problem in problems))
    output.write_text(table(data["device"], flags), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
