"""Every seeded fault is well-formed and applies to the tree as it is: a test of the suite `tidy`.

Who changes a line that a fault breaks changes the fault too.
"""

import pathlib
import sys

from faults import problems_of, read_patches
from scratch import apply_patch

ROOT = pathlib.Path(__file__).resolve().parents[3]
LEAST = 40


def main() -> int:
    patches = read_patches(ROOT / "harness" / "faults")
    problems = problems_of(patches)
    if len(patches) < LEAST:
        problems.append(f"only {len(patches)} seeded faults: that proves little")
    for name, text in sorted(patches.items()):
        if error := apply_patch(ROOT, text, check=True):
            problems.append(f"{name}: {error}")
    for problem in problems:
        print(problem)
    bad = min(len(problems), len(patches))
    print(f"{len(patches) - bad} passed, {len(problems)} failed, 0 skipped")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
