#!/usr/bin/env python3
"""check.py GENERATE MODEL [CASE...]: has spin check the model of the handshake.

The burn machine's table is made anew; for each case the checker is built with the C compiler ($CC,
else cc) and run. A case with a seeded fault passes when the checker finds it. Cases that take long
are left out without KILN_TEST_LONG. Status 77 without spin.
"""

import dataclasses
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time


@dataclasses.dataclass(frozen=True)
class Case:
    name: str
    defines: tuple[str, ...]
    writes: int = 2
    fault: str = ""  # of the table
    liveness: bool = False
    finds: str = ""  # what the checker must say; nothing: no error
    is_long: bool = False


WAITS_FOR_EVER = "invalid end state"
ASSERTION = "assertion violated"
CYCLE = "acceptance cycle"
CASES = (
    Case("nobody-cancels", ()),
    Case("nobody-cancels-fails", ("FAILS",), is_long=True),
    Case("cancel-write-one-write", ("CANCEL_WRITE",), writes=1),
    Case("cancel-write", ("CANCEL_WRITE",), is_long=True),
    Case("cancel-write-fails", ("CANCEL_WRITE", "FAILS"), is_long=True),
    Case("request-one-write", ("REQUEST",), writes=1, is_long=True),
    Case("request", ("REQUEST",), is_long=True),
    Case("request-source-blocks", ("REQUEST", "BLOCKS"), is_long=True),
    Case("emergency-hangs", ("REQUEST", "EMERGENCY", "HANGS"), writes=1),
    Case("escalation", ("ESCALATE",), writes=1, is_long=True),
    Case("ends-emergency-hangs", ("REQUEST", "EMERGENCY", "HANGS"), writes=1, liveness=True, is_long=True),
    Case("ends-cancel-write", ("CANCEL_WRITE",), writes=1, liveness=True, is_long=True),
    # Faults: what the checker has to find.
    Case("fault-hasty-waker", ("REQUEST", "HASTY_WAKER"), writes=1, finds=WAITS_FOR_EVER),
    Case(
        "fault-late-word",
        ("REQUEST", "EMERGENCY", "HANGS", "LATE_WORD"),
        writes=1,
        finds=WAITS_FOR_EVER,
    ),
    Case(
        "fault-never-ends",
        ("REQUEST", "EMERGENCY", "HANGS", "LATE_WORD"),
        writes=1,
        liveness=True,
        finds=CYCLE,
        is_long=True,
    ),
    Case("fault-stored", ("CANCEL_WRITE", "STORED"), finds=ASSERTION, is_long=True),
    Case("fault-deaf", ("CANCEL_WRITE",), fault="deaf", finds=WAITS_FOR_EVER),
    Case("fault-forgetful", ("CANCEL_WRITE",), writes=1, fault="forgetful", finds=ASSERTION),
    Case("fault-stubborn", ("CANCEL_WRITE",), writes=1, fault="stubborn", finds=ASSERTION),
)


def run(command: list[str], folder: pathlib.Path) -> str:
    done = subprocess.run(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]}: status {done.returncode}\n{done.stdout}")
    return done.stdout


def make_tables(generate: str, cases: list[Case], folder: pathlib.Path) -> None:
    """In a folder each, named by the number of WRITEs."""
    for writes in sorted({case.writes for case in cases}):
        own = folder / str(writes)
        own.mkdir()
        print(f"{writes} WRITEs: the machine has {run([generate, str(writes), '.'], own)}", end="")


def output_of(case: Case, model: pathlib.Path, tables: pathlib.Path, folder: pathlib.Path) -> str:
    shutil.copy(model, folder / model.name)
    shutil.copytree(tables / str(case.writes), folder, dirs_exist_ok=True)
    if case.fault:
        shutil.copy(folder / f"{case.fault}.c", folder / "transitions.c")
    defines = [f"-D{name}" for name in case.defines]
    if case.liveness:
        defines.append("-DLIVENESS")
    run(["spin", "-a", *defines, model.name], folder)
    # States are kept in full; -w is what the hash table starts with, it grows.
    safety = [] if case.liveness else ["-DSAFETY"]
    run([os.environ.get("CC", "cc"), "-O1", "-w", *safety, "-o", "pan", "pan.c"], folder)
    # -f: weak fairness; -m: the depth of the search.
    kind = ["-a", "-f"] if case.liveness else []
    return run(["./pan", *kind, "-m1000000", "-w20"], folder)


def verdict(case: Case, output: str) -> str:
    """Nothing, or what is wrong."""
    errors = re.search(r"errors: (\d+)", output)
    if not errors or "max search depth too small" in output or "out of memory" in output:
        return "the search did not come to its end"
    if not case.finds:
        return "" if errors[1] == "0" else "an error was found"
    return "" if case.finds in output else f"not found: {case.finds}"


def check(case: Case, model: pathlib.Path, tables: pathlib.Path) -> bool:
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        try:
            output = output_of(case, model, tables, pathlib.Path(name))
            wrong = verdict(case, output)
        except RuntimeError as error:
            output, wrong = str(error), "it could not be checked"
    states = re.search(r"(\S+) states, stored", output)
    found = f"{states[1] if states else 'no'} states, {time.monotonic() - began:.0f} s"
    print(f"{case.name}: {wrong or 'as it should be'}, {found}", flush=True)
    if wrong:
        print(output)
    return not wrong


def main() -> int:
    if len(sys.argv) < 3:
        print(__doc__)
        return 2
    if not shutil.which("spin"):
        print("spin is not there (tools/setup installs it)")
        return 77
    generate, model = str(pathlib.Path(sys.argv[1]).resolve()), pathlib.Path(sys.argv[2])
    with_long = "KILN_TEST_LONG" in os.environ
    chosen = [
        case
        for case in CASES
        if (case.name in sys.argv[3:] if sys.argv[3:] else with_long or not case.is_long)
    ]
    with tempfile.TemporaryDirectory() as name:
        make_tables(generate, chosen, pathlib.Path(name))
        good = sum(check(case, model, pathlib.Path(name)) for case in chosen)
    print(f"{good} passed, {len(chosen) - good} failed, 0 skipped")
    return 0 if good == len(chosen) and chosen else 1


if __name__ == "__main__":
    sys.exit(main())
