"""meson.build files: every source listed once, one a line, sorted."""

import posixpath
import re

from tree import Problem, Tree, line_of

_SOURCE = re.compile(r"'([^'\n]+\.cpp)'")
_GENERATED = re.compile(r"\boutput:\s*\[?\s*\Z")
_ITEM = re.compile(r"^\s*'([^'\n]+\.\w+)',?\s*(?:#.*)?$")


def is_build_file(path: str) -> bool:
    return posixpath.basename(path) == "meson.build"


def check_listed(tree: Tree) -> list[Problem]:
    """A *.cpp that no meson.build names is never compiled, and its tests never run."""
    problems = []
    listed: set[str] = set()
    for path, text in tree.items():
        if not is_build_file(path):
            continue
        for match in _SOURCE.finditer(text):
            line = line_of(text, match.start())
            if _GENERATED.search(text[: match.start()]):
                continue
            source = posixpath.normpath(posixpath.join(posixpath.dirname(path), match[1]))
            if source not in tree:
                problems.append(Problem(path, line, f"{match[1]} does not exist"))
            listed.add(source)
    for path in tree:
        if path.endswith(".cpp") and path not in listed:
            problems.append(Problem(path, 1, "no meson.build lists it"))
    return problems


def sort_key(item: str) -> tuple:
    """By name, the files of a folder before those of its sub-folders' neighbours: plain order of
    path parts, so that foo.cpp and foo_test.cpp stay together."""
    return tuple(item.split("/"))


def check_sorted(tree: Tree) -> list[Problem]:
    problems = []
    for path, text in tree.items():
        if not is_build_file(path):
            continue
        before = ""
        for number, line in enumerate(text.splitlines(), 1):
            if len(_SOURCE.findall(line)) > 1:
                problems.append(Problem(path, number, "one source a line"))
            item = _ITEM.match(line)
            if item and before and item[1] < before and sort_key(item[1]) < sort_key(before):
                problems.append(Problem(path, number, f"{item[1]} stands before {before}"))
            if item and item[1] == before:
                problems.append(Problem(path, number, f"{item[1]} is listed twice"))
            before = item[1] if item else ""
    return problems
