"""A stock kernel, real usbfs and usb-storage, and devices and programs that we did not write.

    lab_test.py KILN [--list] [--keep FOLDER] [PATTERN…]

Boots run two at a time in QEMU's software emulation, each with some cases, which are told one by one.
Without QEMU or Debian's kernel there is no lab: status 77, and the last line says why.
"""

import argparse
import concurrent.futures
import fnmatch
import pathlib
import shutil
import sys
import tempfile
import time
import traceback

import burning
import cancelling
import cases
import clients
import disturbing
import guest
import interrupting
import kernel
import reading

ROOT = pathlib.Path(__file__).resolve().parents[3]
# Those that take long come first.
BOOTS = (*cancelling.BOOTS, *disturbing.BOOTS, *burning.BOOTS, *clients.BOOTS, *reading.BOOTS,
         *interrupting.BOOTS)
AT_A_TIME = 2
# Of our time, for a boot: ten times what the longest takes on an idle machine.
LONGEST_S = 600


def judged(case: cases.Case, run: guest.Run, materials: cases.Materials) -> str:
    """What is wrong, or nothing."""
    end = run.ends[case.name]
    if end.status is None:
        return f"the guest ended before it did\n{end.log[-3000:]}\n{run.console[-1500:]}"
    if end.status != 0:
        return f"ended with {end.status}\n{end.log[-4000:]}"
    try:
        case.check(cases.Evidence(end, materials, run.ends))
    except Exception:  # a check that breaks is a failed one, whatever it raises
        return f"{traceback.format_exc()}\n{end.log[-3000:]}"
    return ""


class Lab:
    def __init__(self, linux: kernel.Kernel, program: pathlib.Path, place: pathlib.Path,
                 keep: pathlib.Path | None):
        self.linux = linux
        self.program = program
        self.place = place
        self.keep = keep
        self.materials = cases.Materials.make(place)

    def run(self, boot: cases.Boot) -> guest.Run:
        place = self.place / boot.name
        place.mkdir()
        names = sorted({name for case in boot.cases for name in case.programs})
        programs = [path for name in names if (path := cases.find_program(name))]
        machine = guest.Guest(
            linux=self.linux,
            place=place,
            programs=[self.program, *programs],
            modules=list(boot.modules),
            files=[getattr(self.materials, name) for name in boot.files],
            devices=boot.devices(self.materials),
            counts_instructions=boot.counts_instructions,
        )
        scripts = [guest.Script(case.name, cases.WORDS + case.script, case.longest_s)
                   for case in boot.cases]
        run = machine.run(scripts, LONGEST_S)
        if self.keep:
            shutil.copytree(place / "out", self.keep / boot.name, dirs_exist_ok=True)
            shutil.copy(place / "console", self.keep / boot.name)
        return run


class Tally:
    def __init__(self):
        self.count = {"passed": 0, "failed": 0, "skipped": 0}

    def skip(self, name: str, why: str):
        self.count["skipped"] += 1
        print(f"skipped {name}: {why}")

    def fail(self, boot: cases.Boot, why: str):
        self.count["failed"] += len(boot.cases)
        print(f"FAILED {', '.join(case.name for case in boot.cases)}: {why}")

    def add(self, boot: cases.Boot, run: guest.Run, materials: cases.Materials):
        print(f"{boot.name}: {run.seconds:.0f} s")
        for case in boot.cases:
            wrong = judged(case, run, materials)
            self.count["failed" if wrong else "passed"] += 1
            print(f"  {case.name}: {run.ends[case.name].seconds:.1f} s in the guest")
            if wrong:
                print(f"FAILED {case.name}: {wrong}")
        sys.stdout.flush()


def run_all(lab: Lab, boots: list[cases.Boot]) -> Tally:
    tally = Tally()
    able = []
    for boot in boots:
        for case in boot.cases:
            if case.missing():
                tally.skip(case.name, f"no {', '.join(case.missing())}")
        able.append(boot.only(lambda name, boot=boot: not next(
            case for case in boot.cases if case.name == name).missing()))
    with concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as pool:
        running = {pool.submit(lab.run, boot): boot for boot in able if boot.cases}
        for done in concurrent.futures.as_completed(running):
            try:
                tally.add(running[done], done.result(), lab.materials)
            except Exception:  # no guest came of it: none of its cases ran
                tally.fail(running[done], traceback.format_exc())
    return tally


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kiln", type=pathlib.Path)
    parser.add_argument("pattern", nargs="*", help="of the cases; else all")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--keep", type=pathlib.Path, help="what the guests left is kept there")
    return parser.parse_intermixed_args()


def main() -> int:
    arguments = parse_arguments()
    patterns = arguments.pattern or ["*"]
    boots = [boot.only(lambda name: any(fnmatch.fnmatchcase(name, p) for p in patterns))
             for boot in BOOTS]
    if arguments.list:
        for boot in boots:
            for case in boot.cases:
                print(f"{boot.name}: {case.name}")
        return 0
    missing = guest.missing_programs()
    if missing:
        print(f"no lab without {', '.join(missing)} (tools/setup installs them)")
        return 77
    try:
        linux = kernel.Kernel(ROOT / "build" / "lab")
    except kernel.NoKernel as error:
        print(f"no lab without Debian's kernel: {error}")
        return 77
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="kiln-lab-") as scratch:
        lab = Lab(linux, arguments.kiln.resolve(), pathlib.Path(scratch), arguments.keep)
        tally = run_all(lab, boots)
    count = tally.count
    print(f"{time.monotonic() - start:.0f} s")
    print(f"{count['passed']} passed, {count['failed']} failed, {count['skipped']} skipped")
    return 1 if count["failed"] or not sum(count.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
