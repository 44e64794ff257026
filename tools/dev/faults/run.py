"""Breaks a copy of the tree in one place at a time, and looks who notices.

Each fault of harness/faults/ is put into build/faults/tree, what it names is built and run, and the
checkers and cases that failed are written down: build/faults/matrix.json and matrix.md. Status 0
only if the tree without a fault is clean and every fault is caught.
"""

import argparse
import concurrent.futures
import fnmatch
import json
import os
import pathlib
import sys
import time

from faults import Fault, Run, read_faults
from judging import Outcome, checker_names, judge
from scratch import Scratch

ROOT = pathlib.Path(__file__).resolve().parents[3]
FOLDER = ROOT / "harness" / "faults"
CHECKERS = ROOT / "harness" / "testing" / "checkers" / "checkers.cpp"
OUT = ROOT / "build" / "faults"
ALL = "KILN_ALL_FAULTS"
SHOWN = 3  # of those who noticed, in matrix.md
SECONDS_CLEAN = 600
SECONDS = 60  # of one run: what takes longer does not end


def say(text: str) -> None:
    print(text, flush=True)


def chosen(faults: list[Fault], only: str, sample: int) -> list[Fault]:
    """`sample` of those that `only` names, spread over all of them."""
    named = [fault for fault in faults if fnmatch.fnmatch(str(fault), only)]
    if sample <= 0 or sample >= len(named) or os.environ.get(ALL):
        return named
    return [named[i * len(named) // sample] for i in range(sample)]


def run_all(scratch: Scratch, runs: list[Run], seconds: float) -> list[tuple[Run, str, int | None]]:
    with concurrent.futures.ThreadPoolExecutor(scratch.jobs) as pool:
        ended = pool.map(lambda run: scratch.run(run.test, run.filter, seconds), runs)
        return [(run, output, status) for run, (output, status) in zip(runs, ended)]


def by_test(runs: list[Run]) -> list[Run]:
    """One run for each executable: the filters put together, those with exclusions apart."""
    filters: dict[str, list[str]] = {}
    for run in runs:
        if run.filter not in filters.setdefault(run.test, []):
            filters[run.test].append(run.filter)
    joined = []
    for test, patterns in filters.items():
        plain = [pattern for pattern in patterns if "-" not in pattern]
        joined += [Run(test, pattern) for pattern in patterns if "-" in pattern]
        joined += [Run(test, ":".join(plain))] if plain else []
    return joined


def clean_problems(scratch: Scratch, faults: list[Fault], checkers: set[str]) -> list[str]:
    """What fails without any fault: nothing may."""
    runs = by_test([run for fault in faults for run in fault.runs])
    if error := scratch.make({run.test for run in runs}):
        return [f"the build without a fault\n{error}"]
    problems = []
    for run, output, status in run_all(scratch, runs, SECONDS_CLEAN):
        outcome = judge(output, status, checkers)
        if outcome.caught:
            problems.append(f"{run.test}_test fails without a fault: {', '.join(outcome.by)}")
        elif outcome.problem:
            problems.append(f"{run}: {outcome.problem}")
    return problems


def try_fault(scratch: Scratch, fault: Fault, checkers: set[str], thorough: bool) -> Outcome:
    """The first run that notices is enough, or all that the fault names."""
    together = Outcome()
    if error := scratch.apply(fault.files, fault.patch):
        return Outcome(problem=f"does not apply: {error}")
    for run in fault.runs:
        if together.caught and not thorough:
            break
        if error := scratch.make({run.test}):
            return Outcome(problem=f"does not build\n{error}")
        outcome = judge(*scratch.run(run.test, run.filter, SECONDS), checkers)
        together.by += [name for name in outcome.by if name not in together.by]
        if outcome.problem:
            together.problem = f"{run}: {outcome.problem}"
    return together


def some_of(names: list[str]) -> str:
    """For people: the first three."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def write_matrix(rows: list[dict], checkers: set[str]) -> None:
    found = {name: [row["fault"] for row in rows if name in row["by"]] for name in sorted(checkers)}
    matrix = {"faults": rows, "checkers": found}
    (OUT / "matrix.json").write_text(json.dumps(matrix, indent=2) + "\n", encoding="utf-8")
    lines = ["| fault | what catches it |", "|---|---|"]
    for row in rows:
        by = some_of(row["by"]) or "**nothing**"
        weakness = f", {row['weakness']}" if row["weakness"] else ""
        lines.append(f"| {row['fault']}{weakness} | {by} |")
    (OUT / "matrix.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="*", metavar="GLOB", help="of 'NNN-name'")
    parser.add_argument("--sample", type=int, default=0, metavar="N", help=f"{ALL}=1: all")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--thorough", action="store_true", help="all runs, though one has noticed")
    parser.add_argument("--list", action="store_true", help="name them, and break nothing")
    return parser.parse_args()


def main() -> int:
    arguments = parse_arguments()
    faults = chosen(read_faults(FOLDER), arguments.only, arguments.sample)
    if arguments.list:
        for fault in faults:
            say(f"{fault}: {fault.what}")
        return 0
    checkers = checker_names(CHECKERS.read_text(encoding="utf-8"))
    scratch = Scratch(ROOT, OUT, arguments.jobs)
    error = scratch.copy_tree()
    problems = [error] if error else clean_problems(scratch, faults, checkers)
    problems = problems if faults else ["no such fault"]
    if problems:
        say("\n".join(problems))
        say(f"0 passed, {len(problems)} failed, 0 skipped")
        return 1
    rows = []
    for fault in faults:
        began = time.monotonic()
        outcome = try_fault(scratch, fault, checkers, arguments.thorough)
        seconds = round(time.monotonic() - began, 1)
        good = outcome.caught and not outcome.problem
        rows.append(
            {
                "fault": str(fault),
                "what": fault.what,
                "weakness": fault.weakness,
                "caught": good,
                "by": outcome.by,
                "problem": outcome.problem,
                "seconds": seconds,
            }
        )
        words = ", ".join(outcome.by) or "NOBODY noticed"
        say(f"{fault} ({seconds:.0f} s): {words}{'; ' if outcome.problem else ''}{outcome.problem}")
        write_matrix(rows, checkers)
    caught = sum(row["caught"] for row in rows)
    say(f"{caught} passed, {len(rows) - caught} failed, 0 skipped")
    return 0 if caught == len(rows) else 1


if __name__ == "__main__":
    sys.exit(main())
