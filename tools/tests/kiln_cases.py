"""What the tests of the command line share: calling kiln, checking every event, counting cases.

A test file defines functions `test_…(kiln)` and ends with `kiln_cases.main(globals())`. A case fails
by an assertion or exception, is skipped by raising Skip, and may use `kiln.place`, a folder of its
own.
"""

import dataclasses
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time
import traceback

import jsonschema

SCHEMA = json.loads(
    (pathlib.Path(__file__).parent.parent / "kiln" / "events.schema.json").read_text()
)
# One validator an event: a message then says what is wrong with that event, not with all others.
VALIDATORS = {
    name.removesuffix("_event").replace("_", "-"): jsonschema.Draft202012Validator(
        {"$defs": SCHEMA["$defs"], "$ref": f"#/$defs/{name}"}
    )
    for name in SCHEMA["$defs"]
    if name.endswith("_event")
}
LONGEST_S = 300
PHASES = (
    "validating-media formatting-media initializing-hardware calibrating-power writing-data "
    "finalization verifying completed"
).split()


class Skip(Exception):
    """The case cannot run here; the text says why."""


@dataclasses.dataclass
class Ended:
    status: int
    out: bytes
    err: str
    events: list[dict]

    @property
    def text(self) -> str:
        return self.out.decode()

    @property
    def result(self) -> dict:
        return self.events[-1]

    def all(self, event: str) -> list[dict]:
        return [one for one in self.events if one["event"] == event]

    def one(self, event: str) -> dict:
        found = self.all(event)
        assert len(found) == 1, f"{len(found)} events {event}"
        return found[0]


def check_events(out: bytes) -> list[dict]:
    """Each line an object that the schema takes; schema in the first; one last result at most."""
    assert out.endswith(b"\n"), out[-200:]
    events = [json.loads(line) for line in out.decode().splitlines()]
    for number, event in enumerate(events):
        assert event.get("event") in VALIDATORS, event
        error = jsonschema.exceptions.best_match(VALIDATORS[event["event"]].iter_errors(event))
        assert error is None, f"{event['event']}{error.json_path[1:]}: {error.message}"
        assert ("schema" in event) == (number == 0), f"line {number}: {event}"
    results = [number for number, event in enumerate(events) if event["event"] == "result"]
    assert results in ([], [len(events) - 1]), f"results in lines {results} of {len(events)}"
    return events


class Kiln:
    def __init__(self, program: str, place: pathlib.Path):
        self.program = program
        self.place = place
        self.random = random.Random(str(place.name))

    def environment(self) -> dict[str, str]:
        # `kiln sim run` preloads a library into what it runs, which may be a sanitized kiln again.
        options = ":".join(filter(None, (os.environ.get("ASAN_OPTIONS"),
                                         "verify_asan_link_order=0")))
        return {**os.environ, "LC_ALL": "C", "TERM": "dumb", "ASAN_OPTIONS": options}

    def start(self, *arguments, **options) -> subprocess.Popen:
        return subprocess.Popen(
            [self.program, *map(str, arguments)], env=self.environment(), **options
        )

    def run(self, *arguments, expect: int | None = 0, stdin: bytes | None = None) -> Ended:
        done = subprocess.run(
            [self.program, *map(str, arguments)],
            input=b"" if stdin is None else stdin,
            capture_output=True,
            timeout=LONGEST_S,
            env=self.environment(),
        )
        json_asked = "--json" in arguments and "--" not in arguments
        events = check_events(done.stdout) if json_asked else []
        ended = Ended(done.returncode, done.stdout, done.stderr.decode(errors="replace"), events)
        if expect is not None:
            words = " ".join(map(str, arguments))
            assert ended.status == expect, (
                f"kiln {words}: status {ended.status}, not {expect}\n{ended.err}"
            )
        if ended.status not in (0, 2) and json_asked:
            assert ended.result["event"] == "result", ended.result
        if ended.events and ended.result["event"] == "result":
            assert ended.result["status"] == ended.status, ended.result
        return ended

    def refused(self, *arguments, status: int, says: str = "", **options) -> Ended:
        """Ends with `status` and exactly one line that says why, and contains `says`."""
        ended = self.run(*arguments, expect=status, **options)
        lines = [line for line in ended.err.splitlines() if line not in PHASES]
        assert len(lines) == 1, f"{len(lines)} lines:\n{ended.err}"
        assert lines[0].startswith("kiln: ") and says in lines[0], lines[0]
        return ended

    def interrupted(self, *arguments) -> tuple[int, bytes, bytes]:
        """Status, output and words of what SIGINT ends, sent when it surely waits."""
        for patience in (0.5, 2, 8):
            process = self.start(*arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            time.sleep(patience)
            process.send_signal(signal.SIGINT)  # nothing, where it has ended
            out, said = process.communicate(timeout=20)
            if process.returncode != -signal.SIGINT:
                break  # else it had not even begun: this machine is slow
        return process.returncode, out, said

    def image(self, size: int, name: str = "image") -> pathlib.Path:
        path = self.place / name
        path.write_bytes(self.random.randbytes(size))
        return path

    def folder(self, medium: str, name: str = "drive", **options) -> str:
        """The address of a new simulated drive that is kept."""
        more = [word for key, value in options.items() for word in (f"--{key}", value)]
        self.run("sim", "new", self.place / name, "--medium", medium, *more)
        return f"sim:{self.place / name}/"

    def read_back(self, drive: str, *options, expect: int = 0) -> bytes:
        path = self.place / "read-back"
        path.unlink(missing_ok=True)
        self.run("read", drive, path, *options, expect=expect)
        return path.read_bytes() if path.exists() else b""


def same_but_padding(read: bytes, image: bytes) -> None:
    assert len(read) >= len(image), f"{len(read)} bytes read, {len(image)} burnt"
    assert read[: len(image)] == image, "other bytes came back"
    assert not read[len(image) :].strip(b"\0"), "what was padded is not zeros"


def run_case(name: str, case, program: str) -> str:
    with tempfile.TemporaryDirectory(prefix="kiln-test-") as place:
        try:
            case(Kiln(program, pathlib.Path(place)))
        except Skip as skip:
            print(f"skipped {name}: {skip}")
            return "skipped"
        except Exception:  # a case that breaks is a failed one, whatever it raises
            print(f"FAILED {name}")
            traceback.print_exc(file=sys.stdout)
            return "failed"
    return "passed"


def main(names: dict) -> None:
    """`FILE PROGRAM [CASE…]`"""
    program = str(pathlib.Path(sys.argv[1]).resolve())
    wanted = sys.argv[2:]
    cases = {
        name.removeprefix("test_"): case
        for name, case in names.items()
        if name.startswith("test_") and (not wanted or name.removeprefix("test_") in wanted)
    }
    ends = [run_case(name, case, program) for name, case in cases.items()]
    count = {end: ends.count(end) for end in ("passed", "failed", "skipped")}
    print(f"{count['passed']} passed, {count['failed']} failed, {count['skipped']} skipped")
    sys.exit(1 if count["failed"] or not ends else 0)
