"""Programs that we did not write use the simulated drive (`kiln sim run`), and agree with kiln.

Each names its program; one that is not installed is a skip that says so.
"""

import ctypes.util
import re
import shutil

import kiln_cases
from kiln_cases import Kiln, Skip

SIZE = 2_463_745  # no multiple of anything


def need(*programs: str) -> None:
    for program in programs:
        if shutil.which(program) is None:
            raise Skip(f"{program} is not installed (tools/setup)")
    if ctypes.util.find_library("umockdev-preload") is None:
        raise Skip("libumockdev-preload is not installed (tools/setup)")


def inside(kiln: Kiln, drive: str, *command, expect: int = 0) -> str:
    """What `command` says with `drive` as its /dev/sr0 and /dev/sg0."""
    ended = kiln.run("sim", "run", drive.removeprefix("sim:"), "--", *command, expect=expect)
    return ended.text + ended.err


def found(pattern: str, words: str) -> str:
    match = re.search(pattern, words)
    assert match, f"no {pattern!r} in:\n{words}"
    return match[1].strip()


def information(kiln: Kiln, drive: str) -> dict:
    return kiln.run("info", drive, "--json").one("info")


def burns(kiln: Kiln, medium: str, *command) -> None:
    """`command` with the image's path in place of IMAGE burns what `kiln read` then reads."""
    need(command[0])
    drive = kiln.folder(medium)
    # A whole number of blocks: how a part of one is padded differs from program to program.
    image = kiln.image(SIZE // 2048 * 2048)
    inside(kiln, drive, *(str(image) if word == "IMAGE" else word for word in command))
    kiln_cases.same_but_padding(kiln.read_back(drive), image.read_bytes())
    assert information(kiln, drive)["medium"]["status"] in ("complete", "appendable")


def test_wodim_burns_cd_r(kiln: Kiln):
    burns(kiln, "cd-r", "wodim", "dev=/dev/sr0", "gracetime=0", "-tao", "-data", "IMAGE")


def test_cdrskin_burns_cd_r(kiln: Kiln):
    burns(kiln, "cd-r", "cdrskin", "dev=/dev/sr0", "-tao", "-data", "IMAGE")


def test_wodim_burns_dvd_plus_r(kiln: Kiln):
    burns(kiln, "dvd+r", "wodim", "dev=/dev/sr0", "gracetime=0", "-data", "IMAGE")


def test_cdrskin_burns_dvd_plus_r(kiln: Kiln):
    burns(kiln, "dvd+r", "cdrskin", "dev=/dev/sr0", "-data", "IMAGE")


def test_growisofs_burns_dvd_plus_r(kiln: Kiln):
    need("growisofs")
    drive = kiln.folder("dvd+r")
    image = kiln.image(SIZE // 2048 * 2048)
    inside(kiln, drive, "growisofs", "-use-the-force-luke=notray", "-Z", f"/dev/sr0={image}")
    kiln_cases.same_but_padding(kiln.read_back(drive), image.read_bytes())


def test_cdrskin_burns_bd_r(kiln: Kiln):
    burns(kiln, "bd-r", "cdrskin", "dev=/dev/sr0", "-data", "IMAGE")


def test_kiln_burns_through_sg_io(kiln: Kiln):
    need("true")
    for medium in ("cd-r", "dvd+r", "bd-r"):
        drive = kiln.folder(medium, name=medium)
        image = kiln.image(SIZE)
        inside(kiln, drive, kiln.program, "burn", image, "sg:/dev/sr0", "--verify")
        kiln_cases.same_but_padding(kiln.read_back(drive), image.read_bytes())


def test_sg_inq_agrees(kiln: Kiln):
    need("sg_inq")
    drive = kiln.folder("bd-r")
    ours = information(kiln, drive)
    for node in ("/dev/sr0", "/dev/sg0"):
        theirs = inside(kiln, drive, "sg_inq", node)
        assert found(r"Vendor identification: (.*)", theirs) == ours["vendor"]
        assert found(r"Product identification: (.*)", theirs) == ours["product"]
        assert found(r"Product revision level: (.*)", theirs) == ours["revision"]


def test_sg_get_config_agrees(kiln: Kiln):
    need("sg_get_config")
    for medium in ("cd-r", "dvd+r", "bd-r", "bd-re", "dvd-ram"):
        drive = kiln.folder(medium, name=medium)
        ours = information(kiln, drive)
        theirs = inside(kiln, drive, "sg_get_config", "/dev/sg0")
        profiles = re.findall(r"profile: .* , currentP=([01])", theirs)
        assert len(profiles) == len(ours["profiles"]), theirs
        numbers = [one["profile"] for one in ours["profiles"]]
        assert numbers[profiles.index("1")] == ours["medium"]["profile"], theirs
        features = re.findall(r"current=([01]) \[0x([0-9a-f]+)\]", theirs)
        assert {int(code, 16): current == "1" for current, code in features} == {
            one["code"]: one["current"] for one in ours["features"]
        }


def test_mediainfo_agrees(kiln: Kiln):
    need("dvd+rw-mediainfo")
    for medium in ("dvd+r", "dvd-r", "dvd+rw", "dvd-ram", "bd-r", "bd-re"):
        drive = kiln.folder(medium, name=medium)
        for state in ("fresh", "burnt"):
            ours = information(kiln, drive)["medium"]
            theirs = inside(kiln, drive, "dvd+rw-mediainfo", "/dev/sr0")
            what = f"{medium}, {state}: {theirs}"
            assert int(found(r"Mounted Media: *([0-9A-F]+)h", theirs), 16) == ours["profile"], what
            status = found(r"Disc status: *(\w+)", theirs)
            assert {"blank": "empty"}.get(status, status) == ours["status"].replace(
                "blank", "empty"
            ), what
            if state == "burnt" and ours.get("readable_blocks"):
                readable = int(found(r"READ CAPACITY: *(\d+)\*2048", theirs))
                assert readable == ours["readable_blocks"], what
            if state == "fresh":
                kiln.run("burn", kiln.image(SIZE), drive)


def test_cd_info_agrees(kiln: Kiln):
    need("cd-info")
    drive = kiln.folder("cd-r")
    kiln.run("burn", kiln.image(SIZE), drive)
    ours = information(kiln, drive)
    track = ours["medium"]["tracks"][0]
    theirs = inside(kiln, drive, "cd-info", "--no-header", "-C", "/dev/sr0")
    assert found(r"Vendor *: (.*)", theirs) == ours["vendor"]
    assert found(r"Model *: (.*)", theirs) == ours["product"]
    assert int(found(r" 1: [0-9:]+ +(\d+) data", theirs)) == track["start_lba"]
    leadout = int(found(r"170: [0-9:]+ +(\d+) leadout", theirs))
    # READ TRACK INFORMATION leaves out the two run-out blocks of a track at once, or not: both.
    assert leadout - track["blocks"] in (0, 2), theirs


if __name__ == "__main__":
    kiln_cases.main(globals())
