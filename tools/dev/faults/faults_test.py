"""A malformed fault is refused, and what noticed one is told apart from what did not run."""

import sys
import unittest

import faults
import judging

DIFF = """--- a/stack/runner.cpp
+++ b/stack/runner.cpp
@@ -1,3 +1,3 @@
 a
-b
+c
 d
"""
HEAD = "A flush is left out: what\nwas written is lost.\nWeakness: W2\nRun: imapi A.*:B.*\n\n"
GOOD = HEAD + DIFF
CHECKERS = {"cancel/no-write", "drive/unlocked"}
RAN = "[==========] 2 tests from 1 test suite ran. (3 ms total)\n"


class AFault(unittest.TestCase):
    def test_says_what_it_is_and_who_is_to_find_it(self):
        fault = faults.parse("007-flush-skipped.patch", GOOD)
        self.assertEqual(str(fault), "007-flush-skipped")
        self.assertEqual(fault.what, "A flush is left out: what was written is lost.")
        self.assertEqual(fault.weakness, "W2")
        self.assertEqual(fault.runs, (faults.Run("imapi", "A.*:B.*"),))
        self.assertEqual(fault.files, ("stack/runner.cpp",))

    def test_is_refused_where_something_is_missing_or_elsewhere(self):
        for name, text in (
            ("flush.patch", GOOD),
            ("007-flush.patch", GOOD.replace("Run: imapi A.*:B.*\n", "")),
            ("007-flush.patch", DIFF),
            ("007-flush.patch", GOOD.split("\n--- a/")[0]),
            ("007-flush.patch", GOOD.replace("stack/", "harness/")),
            ("007-flush.patch", GOOD + "+more\n" * 20),
        ):
            with self.assertRaises(ValueError):
                faults.parse(name, text)

    def test_has_a_name_and_a_number_of_its_own(self):
        one = {"007-flush.patch": GOOD}
        self.assertEqual(faults.problems_of(one), [])
        self.assertEqual(len(faults.problems_of({**one, "007-other.patch": GOOD})), 1)
        self.assertEqual(len(faults.problems_of({**one, "008-flush.patch": GOOD})), 1)


class WhoNoticed(unittest.TestCase):
    def judge(self, output: str, status: int | None = 1) -> judging.Outcome:
        return judging.judge(output, status, CHECKERS)

    def test_nobody_where_all_passed(self):
        outcome = self.judge(RAN, 0)
        self.assertFalse(outcome.caught)
        self.assertEqual(outcome.problem, "")

    def test_a_run_of_nothing_proves_nothing(self):
        for output in ("", "[==========] 0 tests from 0 test suites ran. (0 ms total)\n"):
            outcome = self.judge(output, 0)
            self.assertFalse(outcome.caught)
            self.assertEqual(outcome.problem, "no case was run")

    def test_checkers_by_name_in_cases_that_ask_them(self):
        output = (
            "cuts.cpp:9: Failure\nBD-R/burn, command 12: drive/unlocked: it is locked\n"
            "[  FAILED  ] Every/Explore.CutIsAsItShouldBe/BD_R, where GetParam() = 1 (3 ms)\n" + RAN
        )
        self.assertEqual(self.judge(output).by, ["drive/unlocked"])

    def test_other_cases_by_their_own(self):
        output = "[  FAILED  ] Burn.IsSeen (3 ms)\n[  FAILED  ] Sweep/Burn.Ends/2 (1 ms)\n" + RAN
        self.assertEqual(self.judge(output).by, ["Burn.Ends", "Burn.IsSeen"])

    def test_a_case_that_does_not_end_or_crashes(self):
        output = "[ RUN      ] A.One\n[       OK ] A.One (0 ms)\n[ RUN      ] A.Two\n"
        self.assertEqual(self.judge(output, None).by, ["no end: A.Two"])
        self.assertEqual(self.judge(output, -11).by, ["crash: A.Two"])

    def test_names_of_checkers_come_from_their_table(self):
        table = 'Checker{"cancel/no-write", "x"},\n    Checker{\n        "drive/unlocked", "y"'
        self.assertEqual(judging.checker_names(table), CHECKERS)


if __name__ == "__main__":
    program = unittest.main(exit=False, verbosity=0)
    ran, bad = program.result.testsRun, len(program.result.failures + program.result.errors)
    sys.stderr.flush()
    print(f"{ran - bad} passed, {bad} failed, 0 skipped", flush=True)
    sys.exit(1 if bad else 0)
