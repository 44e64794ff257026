"""Every rule of the quirk file is broken once, and found; what is good becomes the table."""

import sys
import unittest

import quirks_table

FLAGS = {"go-slow": "GoSlow", "ignore-residue": "IgnoreResidue"}
GOOD = {
    "id": "05e3:0701",
    "name": "a bridge from USB to IDE",
    "flags": ["go-slow"],
    "reason": "it needs its time",
    "source": "somebody who saw it",
    "link": "https://kiln.invalid/report",
}


class Quirks(unittest.TestCase):
    def check(self, **changes) -> str:
        entry = {key: value for key, value in (GOOD | changes).items() if value is not None}
        return "\n".join(quirks_table.check({"device": [entry]}, FLAGS))

    def test_a_good_entry_is_accepted(self):
        self.assertEqual(self.check(), "")
        self.assertEqual(self.check(revision=["0100", "0209"]), "")

    def test_each_bad_value_is_found(self):
        self.assertIn("id:", self.check(id="05E3:0701"))
        self.assertIn("id:", self.check(id="5e3:701"))
        self.assertIn("revision:", self.check(revision=["0209", "0100"]))
        self.assertIn("revision:", self.check(revision=["0209"]))
        self.assertIn("there is no go-fast", self.check(flags=["go-fast"]))
        self.assertIn("flags:", self.check(flags=[]))
        self.assertIn("flags:", self.check(flags=["go-slow", "go-slow"]))
        self.assertIn("link:", self.check(link="see the list"))
        self.assertIn("reason:", self.check(reason='says "no"'))
        self.assertIn("has no reason", self.check(reason=None))
        self.assertIn("there is no such key", self.check(flag="go-slow"))

    def test_a_device_stands_once(self):
        found = quirks_table.check({"device": [GOOD, GOOD]}, FLAGS)
        self.assertEqual(found, ["05e3:0701: twice"])

    def test_nothing_else_stands_in_the_file(self):
        self.assertEqual(len(quirks_table.check({"devices": []}, FLAGS)), 1)

    def test_flags_are_read_from_the_header(self):
        header = 'case Quirk::GoSlow:\n            return "go-slow";'
        self.assertEqual(quirks_table.flags_of(header), {"go-slow": "GoSlow"})

    def test_the_table_has_the_entry(self):
        table = quirks_table.table([GOOD | {"revision": ["0100", "0209"]}], FLAGS)
        self.assertIn("{0x05e3, 0x0701, 0x0100, 0x0209, Quirks{Quirk::GoSlow},", table)


if __name__ == "__main__":
    result = unittest.main(exit=False).result
    failed = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - failed} passed, {failed} failed, 0 skipped")
    sys.exit(1 if failed else 0)
