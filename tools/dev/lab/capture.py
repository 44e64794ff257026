"""What went over the wire, as tshark dissects a capture of usbmon, beside what kiln's --log says."""

import dataclasses
import pathlib
import re
import subprocess

_CBW = "usbms.dCBWSignature"
_CSW = "usbms.dCSWSignature"
_TAG = "usbms.dCBWTag"  # of both
_LENGTH = "usbms.dCBWDataTransferLength"
_STATUS = "usbms.dCSWStatus"
# tshark learns from an INQUIRY what kind of a device it is; until then it takes it for a disk.
_OPCODES = ("scsi.spc.opcode", "scsi_mmc.opcode", "scsi_sbc.opcode")
_REQUEST_SENSE = 0x03
_DROPPED = re.compile(r"received/dropped on interface '\w+': (\d+)/(\d+)")


@dataclasses.dataclass(frozen=True)
class Command:
    opcode: int
    length: int  # in bytes, of what the host would move
    status: int  # of the CSW


def dissected(capture: pathlib.Path) -> list[Command]:
    fields = [_CBW, _TAG, _LENGTH, _STATUS, *_OPCODES]
    said = subprocess.run(
        ["tshark", "-r", str(capture), "-Y", f"{_CBW} or {_CSW}", "-T", "fields",
         *(word for field in fields for word in ("-e", field))],
        check=True, capture_output=True, encoding="utf-8").stdout
    commands, open_tag, opcode, length = [], "", 0, 0
    for line in said.splitlines():
        signature, tag, size, status, *opcodes = line.split("\t")
        if signature:
            assert not open_tag, f"a CBW {tag} before the CSW of {open_tag}"
            open_tag, length = tag, int(size)
            opcode = int(next(code for code in opcodes if code), 16)
        elif open_tag:  # the first may be that of a command from before
            assert tag == open_tag, f"a CSW with tag {tag} for {open_tag}"
            commands.append(Command(opcode, length, int(status, 16)))
            open_tag = ""
    return commands


def logged(text: str) -> list[Command]:
    """The lines of a --log; after a CHECK CONDITION sense data are asked for, of 18 bytes or more."""
    commands = []
    for line in text.splitlines():
        _, cdb, _, data, status, *_ = line.strip().split("  ")
        moves = data.split()
        length = int(moves[-1]) if moves[0] in ("in", "out") else 0
        commands.append(Command(int(cdb[:2], 16), length, 0 if status == "GOOD" else 1))
    return commands


def find_run(whole: list[Command], run: list[Command]) -> int | None:
    """Where `run` stands in `whole`, with nothing in between but what asks for sense data."""
    for start in range(len(whole)):
        at = start
        for command in run:
            if at >= len(whole) or whole[at] != command:
                break
            at += 1
            if command.status and at < len(whole) and whole[at].opcode == _REQUEST_SENSE:
                at += 1
        else:
            return start
    return None


def check_equal(capture: pathlib.Path, log: str, dumpcap_said: str):
    counted = _DROPPED.search(dumpcap_said)
    assert counted and counted[2] == "0", f"usbmon lost some of it: {dumpcap_said}"
    on_wire, ours = dissected(capture), logged(log)
    assert len(ours) > 50, f"only {len(ours)} commands in the log"
    assert find_run(on_wire, ours) is not None, (
        f"the {len(ours)} commands of the log are not a run of the {len(on_wire)} on the wire\n"
        + _first_difference(on_wire, ours))


def _first_difference(on_wire: list[Command], ours: list[Command]) -> str:
    """Beside the longest beginning that there is."""
    best = max(range(len(ours)), key=lambda n: n if find_run(on_wire, ours[:n]) is not None else 0)
    start = find_run(on_wire, ours[:best]) or 0
    return (f"after {best}: ours {ours[best]}, on the wire "
            f"{on_wire[start + best : start + best + 3]}")
