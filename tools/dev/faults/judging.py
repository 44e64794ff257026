"""Who noticed: a run of a test executable, as the names of what found a fault."""

import dataclasses
import re

_FAILED = re.compile(r"^\[  FAILED  \] ([\w/]+\.[\w/]+)", re.MULTILINE)
_RAN = re.compile(r"^\[ RUN      \] (\S+)$", re.MULTILINE)
_ENDED = re.compile(r"^\[ +(?:OK|FAILED) +\] ([\w/]+\.[\w/]+)", re.MULTILINE)
_COUNT = re.compile(r"^\[==========\] (\d+) tests? from \d+ test suites? ran", re.MULTILINE)
_CHECKER = re.compile(r'Checker\{\s*"([a-z0-9-]+/[a-z0-9-]+)"')


@dataclasses.dataclass
class Outcome:
    """What one run said. Nothing in `by`: it noticed nothing."""

    by: list[str] = dataclasses.field(default_factory=list)
    problem: str = ""  # it could not be run: that is no catch

    @property
    def caught(self) -> bool:
        return bool(self.by)


def checker_names(table: str) -> set[str]:
    """Of the checkers' table, as its source has it."""
    return set(_CHECKER.findall(table))


def without_parameter(case: str) -> str:
    """Checkers/RealRuns.Name/BD_R -> RealRuns.Name: one test, whatever it was run with."""
    suite, _, name = case.partition(".")
    return f"{suite.split('/')[-1]}.{name.split('/')[0]}"


def cut_off_in(output: str) -> str:
    """The case that had begun and did not end."""
    ran, ended = _RAN.findall(output), set(_ENDED.findall(output))
    left = [case for case in ran if case not in ended]
    return without_parameter(left[-1]) if left else "the end"


def judge(output: str, status: int | None, checkers: set[str]) -> Outcome:
    """`status` is None where it was stopped because it did not end."""
    if status is None:
        return Outcome(by=[f"no end: {cut_off_in(output)}"])
    count = _COUNT.search(output)
    if status == 0:
        nothing = not count or int(count[1]) == 0
        return Outcome(problem="no case was run" if nothing else "")
    named = {name for name in checkers if f"{name}: " in output}
    # Cases that judge by the checkers are known by those; the others by their own name.
    failed = {without_parameter(case) for case in _FAILED.findall(output)}
    found = sorted(named) + sorted(case for case in failed if not judges(case))
    if not count:
        found.append(f"crash: {cut_off_in(output)}")
    return Outcome(by=found or sorted(failed) or [f"status {status}"])


def judges(case: str) -> bool:
    return case.split(".")[0] in ("Explore", "RealRuns", "RealRun", "Troubled")
