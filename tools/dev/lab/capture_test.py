"""The comparison of a capture with a log: what differs is not taken for equal."""

import sys
import unittest

import capture
from capture import Command

LOG = """
13.401302  00 00 00 00 00 00  TEST UNIT READY  no data  CHECK CONDITION 06/28/00 changed  moved 0
13.416377  51 00 00 00 00 00 00 00 24 00  READ DISC INFORMATION max=36  in 36  GOOD  moved 34  5.6 ms
14.149309  2a 00 00 00 00 40 00 00 20 00  WRITE (10) lba=64 n=32  out 65536  GOOD  moved 65536  7 ms
"""
READY, SENSE = Command(0, 0, 1), Command(3, 18, 0)
DISC, WRITE = Command(0x51, 36, 0), Command(0x2A, 65536, 0)
OTHER = Command(0x4A, 8, 0)


class Captured(unittest.TestCase):
    def test_a_line_of_the_log_is_a_command(self):
        self.assertEqual(capture.logged(LOG.strip()), [READY, DISC, WRITE])

    def find(self, wire: list[Command]) -> int | None:
        return capture.find_run(wire, capture.logged(LOG.strip()))

    def test_others_may_come_before_and_after_but_not_in_between(self):
        self.assertEqual(self.find([OTHER, READY, SENSE, DISC, WRITE, OTHER]), 1)
        self.assertIsNone(self.find([READY, SENSE, OTHER, DISC, WRITE]))

    def test_a_different_command_length_or_status_is_found(self):
        self.assertIsNone(self.find([READY, SENSE, DISC, OTHER]))
        self.assertIsNone(self.find([READY, SENSE, DISC, Command(0x2A, 32768, 0)]))
        self.assertIsNone(self.find([READY, SENSE, DISC, Command(0x2A, 65536, 1)]))

    def test_a_command_too_few_is_found(self):
        self.assertIsNone(self.find([READY, SENSE, DISC]))


if __name__ == "__main__":
    program = unittest.main(exit=False, verbosity=0)
    ran, bad = program.result.testsRun, len(program.result.failures + program.result.errors)
    sys.stderr.flush()
    print(f"{ran - bad} passed, {bad} failed, 0 skipped", flush=True)
    sys.exit(1 if bad else 0)
