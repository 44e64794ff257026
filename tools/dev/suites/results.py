"""Reads what tests left behind and counts their cases.

GoogleTest executables leave an XML file with every case. A script is one case, or as many as its
last line `N passed, N failed, N skipped` says; it skips itself with status 77 and says why in its
last line, and names a skipped case with a line `skipped NAME: why`.
"""

import dataclasses
import fnmatch
import json
import pathlib
import re
import xml.etree.ElementTree as ET

COUNTS = re.compile(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$")
SKIPPED = re.compile(r"^skipped (\S+): (.+)$")
TAIL_LINES = 60


@dataclasses.dataclass
class Tally:
    passed: int = 0
    failures: list[str] = dataclasses.field(default_factory=list)  # name and what it printed
    skips: list[tuple[str, str]] = dataclasses.field(default_factory=list)  # name, reason

    def add(self, other: "Tally") -> None:
        self.passed += other.passed
        self.failures += other.failures
        self.skips += other.skips

    def line(self) -> str:
        return f"{self.passed} passed, {len(self.failures)} failed, {len(self.skips)} skipped"


def tail(text: str) -> str:
    lines = text.rstrip().splitlines()
    cut = [f"… {len(lines) - TAIL_LINES} lines before …"] if len(lines) > TAIL_LINES else []
    return "\n".join(f"    {line}" for line in cut + lines[-TAIL_LINES:])


def cases_of_gtest(xml_text: str, test: str) -> Tally:
    tally = Tally()
    for case in ET.fromstring(xml_text).iter("testcase"):
        name = f"{test}:{case.get('classname')}.{case.get('name')}"
        failures = case.findall("failure")
        skipped = case.find("skipped")
        if failures:
            said = "\n".join(failure.text or failure.get("message", "") for failure in failures)
            tally.failures.append(f"{name}\n{tail(said)}")
        elif skipped is not None:
            reason = (skipped.text or skipped.get("message") or "no reason given").strip()
            tally.skips.append((name, reason.splitlines()[-1]))
        elif case.get("status") == "notrun":
            tally.skips.append((name, "disabled"))
        else:
            tally.passed += 1
    return tally


def cases_of_script(output: str, status: int, test: str) -> Tally:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    if status == 77:
        return Tally(skips=[(test, lines[-1] if lines else "no reason given")])
    counts = COUNTS.match(lines[-1]) if lines else None
    if counts is None:
        return Tally(passed=1) if status == 0 else Tally(failures=[f"{test}\n{tail(output)}"])
    failed = int(counts[2])
    tally = Tally(passed=int(counts[1]))
    if failed or status != 0:
        tally.failures = [f"{test}\n{tail(output)}"] + [f"{test}: one more"] * (failed - 1)
    for name, reason in (match.groups() for match in map(SKIPPED.match, lines) if match):
        tally.skips.append((f"{test}:{name}", reason))
    unnamed = int(counts[3] or 0) - len(tally.skips)
    tally.skips += [(f"{test}:?", "no reason given")] * max(0, unnamed)
    return tally


def cases_of_test(entry: dict, build: pathlib.Path, is_gtest: bool) -> Tally:
    """One line of meson's testlog.json, and the XML file beside it if there is one."""
    test = entry["name"].split(" / ")[-1]
    status = entry.get("returncode", 1)
    output = entry.get("stdout", "") + entry.get("stderr", "")
    if not is_gtest:
        if entry["result"] == "TIMEOUT":
            return Tally(failures=[f"{test}: took longer than it may\n{tail(output)}"])
        return cases_of_script(output, status, test)
    xml = build / f"{test}.xml"
    tally = Tally()
    if xml.exists():
        tally = cases_of_gtest(xml.read_text(encoding="utf-8", errors="replace"), test)
    if not tally.failures and (entry["result"] not in ("OK", "SKIP") or status != 0):
        said = f"{test}: {entry['result']}, status {status}, and no case of its own failed"
        tally.failures.append(f"{said}\n{tail(output)}")
    if not tally.passed and not tally.failures and not tally.skips:
        tally.failures.append(f"{test}: ran no test")
    return tally


def gtests(build: pathlib.Path) -> set[str]:
    tests = json.loads((build / "meson-info" / "intro-tests.json").read_text(encoding="utf-8"))
    return {test["name"] for test in tests if test["protocol"] == "gtest"}


def read_log(build: pathlib.Path) -> Tally:
    tally = Tally()
    known = gtests(build)
    for line in (build / "meson-logs" / "testlog.json").read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        tally.add(cases_of_test(entry, build, entry["name"].split(" / ")[-1] in known))
    return tally


def unexpected_skips(skips: list[tuple[str, str]], list_text: str) -> list[tuple[str, str]]:
    """Those that no line of the list of expected skips (`PATTERN  # why`) matches."""
    patterns = [line.split("#")[0].strip() for line in list_text.splitlines()]
    patterns = [pattern for pattern in patterns if pattern]
    return [s for s in skips if not any(fnmatch.fnmatchcase(s[0], p) for p in patterns)]
