"""Seeded faults: patches to stack/ with a few lines in front that say what is broken.

    what is broken, and why that matters      the lines before the first `Word:`
    Weakness: W1                              of another program, where it is one of those
    Run: TEST [FILTER]                        finds it: TEST_test, and which of its cases

    --- a/stack/...                           the change, as `git diff` has it
"""

import dataclasses
import pathlib
import re

NAME = re.compile(r"(\d{3})-([a-z0-9-]+)\.patch")
ONLY_IN = "stack/"
MOST_CHANGED_LINES = 20
_HEADING = re.compile(r"^(Weakness|Run): (.+)$")
_TARGET = re.compile(r"^\+\+\+ b/(\S+)", re.MULTILINE)
_CHANGED = re.compile(r"^[+-](?![+-]{2} [ab]/)", re.MULTILINE)


@dataclasses.dataclass(frozen=True)
class Run:
    """Cases of one test executable."""

    test: str
    filter: str = "*"

    def __str__(self) -> str:
        return f"{self.test} {self.filter}"


@dataclasses.dataclass(frozen=True)
class Fault:
    number: int
    name: str
    what: str
    weakness: str
    runs: tuple[Run, ...]
    files: tuple[str, ...]
    patch: str

    def __str__(self) -> str:
        return f"{self.number:03}-{self.name}"


def parse(file_name: str, text: str) -> Fault:
    """Raises ValueError with what is wrong."""
    named = NAME.fullmatch(file_name)
    if not named:
        raise ValueError("the name is not NNN-words-with-hyphens.patch")
    head, mark, diff = text.partition("\n--- a/")
    if not mark:
        raise ValueError("no diff in it")
    what, weakness, runs = [], "", []
    for line in head.strip().splitlines():
        heading = _HEADING.match(line)
        if not heading:
            what.append(line.strip())
        elif heading[1] == "Weakness":
            weakness = heading[2]
        else:
            test, _, cases = heading[2].partition(" ")
            runs.append(Run(test, cases.strip() or "*"))
    if not what or not runs:
        raise ValueError("it does not say what is broken, or what to run")
    files = tuple(_TARGET.findall(mark + diff))
    if not files or not all(file.startswith(ONLY_IN) for file in files):
        raise ValueError(f"faults are in {ONLY_IN} alone")
    if len(_CHANGED.findall(diff)) > MOST_CHANGED_LINES:
        raise ValueError("too many lines: a fault is a slip")
    return Fault(
        number=int(named[1]),
        name=named[2],
        what=" ".join(what),
        weakness=weakness,
        runs=tuple(runs),
        files=files,
        patch=text,
    )


def problems_of(patches: dict[str, str]) -> list[str]:
    """What is wrong with the folder, given as file name -> text."""
    problems, numbers, names = [], {}, {}
    for file_name, text in sorted(patches.items()):
        try:
            fault = parse(file_name, text)
        except ValueError as error:
            problems.append(f"{file_name}: {error}")
            continue
        for kind, key, seen in (
            ("number", fault.number, numbers),
            ("name", fault.name, names),
        ):
            if key in seen:
                problems.append(f"{file_name}: {seen[key]} has the same {kind}")
            seen[key] = file_name
    return problems


def read_patches(folder: pathlib.Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.patch")}


def read_faults(folder: pathlib.Path) -> list[Fault]:
    return [parse(name, text) for name, text in sorted(read_patches(folder).items())]
