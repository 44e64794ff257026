"""Counting: what failed is never counted as passed, and a run without a test is a failure."""

import pathlib
import sys
import tempfile
import unittest

import results

GTEST = """<testsuites><testsuite name="A">
<testcase name="Good" classname="A" status="run" result="completed"/>
<testcase name="Bad" classname="A" status="run" result="completed">
<failure message="m">a_test.cpp:3 expected 1</failure></testcase>
<testcase name="Out" classname="A" status="run" result="skipped">
<skipped message="a_test.cpp:9&#10;no data here"><![CDATA[a_test.cpp:9
no data here]]></skipped></testcase>
<testcase name="DISABLED_Off" classname="A" status="notrun" result="suppressed"/>
</testsuite></testsuites>"""


def entry(name: str, status: int = 0, result: str = "OK", out: str = "") -> dict:
    return {
        "name": f"kiln:unit / {name}",
        "returncode": status,
        "result": result,
        "stdout": out,
    }


class Counting(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.build = pathlib.Path(folder.name)

    def run_gtest(self, xml: str | None, **how) -> results.Tally:
        if xml is not None:
            (self.build / "mmc.xml").write_text(xml)
        return results.cases_of_test(entry("mmc", **how), self.build, is_gtest=True)

    def test_each_case_of_an_executable_counts(self):
        tally = self.run_gtest(GTEST, status=1, result="FAIL")
        self.assertEqual(tally.line(), "1 passed, 1 failed, 2 skipped")
        self.assertIn("mmc:A.Bad", tally.failures[0])
        self.assertIn("expected 1", tally.failures[0])
        self.assertEqual(tally.skips[0], ("mmc:A.Out", "no data here"))
        self.assertEqual(tally.skips[1], ("mmc:A.DISABLED_Off", "disabled"))

    def test_a_crash_is_a_failure(self):
        tally = self.run_gtest(None, status=-11, result="FAIL", out="ERROR: AddressSanitizer")
        self.assertEqual(tally.line(), "0 passed, 1 failed, 0 skipped")
        self.assertIn("AddressSanitizer", tally.failures[0])

    def test_a_leak_after_the_last_case_is_a_failure(self):
        good = '<t><testcase name="Good" classname="A" status="run"/></t>'
        tally = self.run_gtest(good, status=1, result="FAIL")
        self.assertEqual(tally.line(), "1 passed, 1 failed, 0 skipped")

    def test_an_executable_without_a_case_is_a_failure(self):
        tally = self.run_gtest("<testsuites/>")
        self.assertEqual(tally.line(), "0 passed, 1 failed, 0 skipped")
        self.assertEqual(len(self.run_gtest(None).failures), 1)

    def run_script(self, out: str, status: int = 0, result: str = "OK") -> str:
        made = entry("script", status, result, out)
        return results.cases_of_test(made, self.build, is_gtest=False).line()

    def test_a_script_is_one_case(self):
        self.assertEqual(self.run_script("fine\n"), "1 passed, 0 failed, 0 skipped")
        self.assertEqual(self.run_script("bad\n", 1, "FAIL"), "0 passed, 1 failed, 0 skipped")
        self.assertEqual(self.run_script("no drive\n", 77, "SKIP"), "0 passed, 0 failed, 1 skipped")
        self.assertEqual(self.run_script("", 0, "TIMEOUT"), "0 passed, 1 failed, 0 skipped")

    def test_or_as_many_as_it_says(self):
        said = "skipped b: no drive\n3 passed, 0 failed, 1 skipped\n"
        self.assertEqual(self.run_script(said), "3 passed, 0 failed, 1 skipped")
        said = "3 passed, 2 failed, 0 skipped\n"
        self.assertEqual(self.run_script(said, 1, "FAIL"), "3 passed, 2 failed, 0 skipped")
        said = "3 passed, 0 failed, 2 skipped\n"
        self.assertEqual(self.run_script(said), "3 passed, 0 failed, 2 skipped")

    def test_a_script_cannot_hide_a_failure(self):
        said = "3 passed, 0 failed, 0 skipped\n"
        self.assertEqual(self.run_script(said, 1, "FAIL"), "3 passed, 1 failed, 0 skipped")
        said = "3 passed, 1 failed, 0 skipped\n"
        self.assertEqual(self.run_script(said), "3 passed, 1 failed, 0 skipped")


class ExpectedSkips(unittest.TestCase):
    def test_only_what_the_list_names_may_be_skipped(self):
        listed = "# a comment\nstack:Peers.*  # no drive in CI\n"
        skips = [("stack:Peers.Burn", "x"), ("stack:Other.Burn", "x")]
        self.assertEqual(results.unexpected_skips(skips, listed), skips[1:])
        self.assertEqual(results.unexpected_skips(skips, ""), skips)


if __name__ == "__main__":
    program = unittest.main(exit=False, verbosity=0)
    ran, bad = program.result.testsRun, len(program.result.failures + program.result.errors)
    sys.stderr.flush()
    print(f"{ran - bad} passed, {bad} failed, 0 skipped", flush=True)
    sys.exit(1 if bad else 0)
