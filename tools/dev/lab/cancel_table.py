#!/usr/bin/env python3
"""What a Ctrl-C in the middle of a burn takes and leaves: kiln's policies beside other programs.

    tools/dev/lab/cancel_table.py build/release/tools/kiln [--json]

The cases of cancelling.py, as a page of Markdown (cancel.md is one) or as JSON.
"""

import concurrent.futures
import json
import pathlib
import sys
import tempfile

import cancelling
import cases
import lab_test

PAGE = """# Ctrl-C in the middle of a burn

Made by [cancel_table.py](cancel_table.py) in a guest whose clock counts instructions, so that the host
does not matter: each program burns {mb:.0f} MB onto a blank disc of the same simulated drive (DVD+R in a
GSA-H22N at 16x, BD-R in a WH16NS40 at 12x), which takes its own time for lead-in, buffer, flush and close;
SIGINT comes when the drive has taken half of it. Seconds from the signal to the program's end, and to a
drive that answers another program through the kernel, true to some tenths of a second. kiln burns through
libusb: its second figure has the kernel's taking back of the drive in it.

| disc | program | ended, s | drive usable, s | exit status | what is on the disc |
|---|---|---|---|---|---|
"""
ROW = "| {medium} | `{program}` | {program_ended_s} | {drive_usable_s} | {exit_status} | {disc} |\n"
REMARKS = """
Only `make-readable` leaves a disc that other drives read, and on DVD+R the closing of a session is what
takes the time; nobody else closes anything. `cdrskin` and `wodim` leave a track that was reserved for the
whole image and is not filled; `growisofs` flushes twice, with a second's sleep in between, and has formatted
the BD-R for pseudo-overwrite, which libburn and kiln refuse to add to. `wodim` does not burn BD-R.
"""


def rows(lab: lab_test.Lab) -> list[dict]:
    boots = {medium: boot for medium, boot in zip(cancelling.MEDIA, cancelling.BOOTS)}
    with concurrent.futures.ThreadPoolExecutor(lab_test.AT_A_TIME) as pool:
        runs = {medium: pool.submit(lab.run, boot) for medium, boot in boots.items()}
    made = []
    for medium, programs in cancelling.ROWS.items():
        run = runs[medium].result()
        for program, case in programs.items():
            wrong = lab_test.judged(case, run, lab.materials)
            if wrong:
                raise SystemExit(f"{case.name}: {wrong}")
            evidence = cases.Evidence(run.ends[case.name], lab.materials, run.ends)
            made.append(cancelling.row(evidence, medium, program))
    return made


def main() -> int:
    if len(sys.argv) < 2 or sys.argv[2:] not in ([], ["--json"]):
        print(__doc__, file=sys.stderr)
        return 2
    missing = [f"{case.name}: no {', '.join(case.missing())}" for boot in cancelling.BOOTS
               for case in boot.cases if case.missing()]
    if missing:
        raise SystemExit("\n".join(missing))
    linux = lab_test.kernel.Kernel(lab_test.ROOT / "build" / "lab")
    with tempfile.TemporaryDirectory(prefix="kiln-lab-") as scratch:
        made = rows(lab_test.Lab(linux, pathlib.Path(sys.argv[1]).resolve(),
                                 pathlib.Path(scratch), None))
    if sys.argv[2:]:
        print(json.dumps({"image_bytes": cases.LONG_IMAGE_BYTES, "rows": made}, indent=1))
    else:
        print(PAGE.format(mb=cases.LONG_IMAGE_BYTES / 1e6)
              + "".join(ROW.format(**row) for row in made) + REMARKS, end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
