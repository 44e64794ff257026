"""Signals while a disc is written: a burn from a pipe that stays open is one that goes on."""

import os
import signal
import subprocess
import threading
import time

import kiln_cases
from kiln_cases import Kiln, check_events

BEGIN = 8_000_000


class Burning:
    """A burn that has taken BEGIN bytes and waits for more."""

    def __init__(self, kiln: Kiln, *options, medium: str = "dvd+r"):
        self.kiln = kiln
        self.drive = kiln.folder(medium, name=f"drive{kiln.random.random()}")
        reader, self.writer = os.pipe()
        self.process = kiln.start("burn", "-", self.drive, "--json", *options, stdin=reader,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        os.close(reader)
        self.out = b""
        self.writing = threading.Event()
        self.thread = threading.Thread(target=self.collect)
        self.thread.start()
        data = kiln.random.randbytes(65536)
        for _ in range(BEGIN // len(data)):
            os.write(self.writer, data)
        assert self.writing.wait(60), "it never wrote"

    def collect(self):
        for line in self.process.stdout:
            self.out += line
            if b'"event":"update"' in line and b'"writing-data"' in line:
                self.writing.set()

    def heard(self) -> bytes:
        """The next line on standard error that says so; empty lines before it do not count."""
        while line := self.process.stderr.readline():
            if b"heard" in line:
                return line
        return b""

    def end(self) -> tuple[int, dict, bytes]:
        said = self.process.stderr.read()
        status = self.process.wait(timeout=kiln_cases.LONGEST_S)
        self.thread.join()
        os.close(self.writer)
        return status, check_events(self.out)[-1], said


def test_signals_cancel_by_the_policy(kiln: Kiln):
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        burning = Burning(kiln)
        burning.process.send_signal(number)
        assert b"can be read" in burning.heard()
        status, result, _ = burning.end()
        assert status == 3 and result["outcome"] == "cancelled", result
        assert result["disc"]["readable"] and result["disc"]["as_predicted"], result


def test_the_policy_is_the_one_asked_for(kiln: Kiln):
    burning = Burning(kiln, "--on-cancel", "leave-resumable")
    burning.process.send_signal(signal.SIGINT)
    assert b"continued" in burning.heard()
    status, result, _ = burning.end()
    assert status == 3 and result["outcome"] == "cancelled", result


def test_a_second_signal_escalates(kiln: Kiln):
    burning = Burning(kiln, "--on-cancel", "fastest-release")
    burning.process.send_signal(signal.SIGINT)
    burning.process.send_signal(signal.SIGTERM)
    assert b"fastest release" in burning.heard()
    assert b"emergency" in burning.heard()
    assert burning.end()[0] == 3


def test_a_stop_is_held_off(kiln: Kiln):
    burning = Burning(kiln)
    burning.process.send_signal(signal.SIGTSTP)
    assert b"cannot be suspended" in burning.heard()
    state = open(f"/proc/{burning.process.pid}/stat").read().rsplit(")")[1].split()[0]
    assert state != "T", "it was stopped"
    burning.process.send_signal(signal.SIGINT)
    # The burn ends, and then it stops as it was told; go on to see how it ended.
    deadline = time.monotonic() + 60
    while burning.process.poll() is None and time.monotonic() < deadline:
        burning.process.send_signal(signal.SIGCONT)
        time.sleep(0.05)
    assert burning.end()[0] == 3


def test_a_broken_pipe_stops_nothing(kiln: Kiln):
    burning = Burning(kiln)
    burning.process.send_signal(signal.SIGPIPE)
    time.sleep(0.1)
    assert burning.process.poll() is None
    burning.process.send_signal(signal.SIGINT)
    assert burning.end()[0] == 3


def test_nohup_means_it(kiln: Kiln):
    kiln.program, program = "/usr/bin/nohup", kiln.program
    start = kiln.start
    kiln.start = lambda *arguments, **options: start(program, *arguments, **options)
    run, kiln.run = kiln.run, lambda *arguments, **options: run(program, *arguments, **options)
    burning = Burning(kiln)
    burning.process.send_signal(signal.SIGHUP)
    time.sleep(0.2)
    assert burning.process.poll() is None
    burning.process.send_signal(signal.SIGINT)
    status, result, said = burning.end()
    assert status == 3 and said.count(b"heard") == 1, said


def test_a_drive_that_does_not_answer_holds_nobody(kiln: Kiln):
    """Every verb that only asks or reads, in the middle of a command that never ends."""
    def stuck(operation, medium="bd-r"):
        return f"sim:{medium},time=real,fault={operation}:1+:stall"

    for arguments in (("info", stuck("get-configuration")),
                      ("read", stuck("read10", "bd-rom"), kiln.place / "read"),
                      ("cmd", stuck("test-unit-ready"), "00 00 00 00 00 00"),
                      ("load", stuck("test-unit-ready"))):
        status, _, said = kiln.interrupted(*arguments)
        assert status == 3 and said.count(b"heard") == 1, (arguments, said)


def test_a_burn_that_only_reads_does_not_wait_for_the_drive(kiln: Kiln):
    """While it looks at the medium, and while it verifies, in a command that never ends."""
    image = kiln.image(1 << 20)
    status, out, said = kiln.interrupted(
        "burn", image, "sim:bd-r,time=real,fault=get-configuration:2+:stall", "--json")
    assert status == 3 and b"heard" in said, said
    assert check_events(out)[-1]["written_blocks"] == 0
    # What reads the first and the last block back comes before.
    burn = kiln.start("burn", image, "sim:bd-r,time=10,fault=read10:3+:stall", "--json",
                      "--verify", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out = b""
    while b'"verifying"' not in out and (line := burn.stdout.readline()):
        out += line
    time.sleep(0.5)
    burn.send_signal(signal.SIGINT)
    more, said = burn.communicate(timeout=8)
    result = check_events(out + more)[-1]
    assert burn.returncode == 3 and b"heard" in said, said
    assert result["outcome"] == "completed" and result["verified"] == "cancelled", result


if __name__ == "__main__":
    # Under nohup, or in the background of a script, these would be ignored, and kiln respects that.
    for ignored in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(ignored, signal.SIG_DFL)
    kiln_cases.main(globals())
