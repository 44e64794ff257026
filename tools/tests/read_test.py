"""kiln read: what is read, going on where it ended, blocks that cannot be read."""

import signal
import struct
import subprocess
import time

import kiln_cases
from kiln_cases import Kiln, same_but_padding

SIZE = 3_000_001


def burnt(kiln: Kiln, medium: str = "dvd+r", size: int = SIZE) -> tuple[str, bytes]:
    image = kiln.image(size)
    drive = kiln.folder(medium)
    kiln.run("burn", image, drive)
    return drive, image.read_bytes()


def test_goes_on_where_it_ended(kiln: Kiln):
    drive, image = burnt(kiln)
    path = kiln.place / "back"
    path.write_bytes(image[: 2048 * 100 + 77])
    ended = kiln.run("read", drive, path, "--json")
    assert ended.result["kept_blocks"] == 100, ended.result
    same_but_padding(path.read_bytes(), image)
    again = kiln.run("read", drive, path, "--json").result
    assert again["kept_blocks"] == again["blocks"] == path.stat().st_size // 2048


def test_does_not_go_on_with_something_else(kiln: Kiln):
    drive, image = burnt(kiln)
    path = kiln.place / "back"
    mine = b"something else" * 1000
    path.write_bytes(mine)
    kiln.refused("read", drive, path, status=1, says="is not what is on the disc")
    assert path.read_bytes() == mine
    path.write_bytes(image + bytes(4_000_000))
    kiln.refused("read", drive, path, status=1, says="already")
    assert path.stat().st_size == len(image) + 4_000_000


def test_standard_output(kiln: Kiln):
    drive, image = burnt(kiln)
    ended = kiln.run("read", drive, "-")
    same_but_padding(ended.out, image)
    assert "read" in ended.err


def test_tracks_and_blocks(kiln: Kiln):
    drive, image = burnt(kiln, "cd-r")
    same_but_padding(kiln.read_back(drive, "--track", 1), image)
    assert kiln.read_back(drive, "--blocks", "16+32") == image[16 * 2048 : 48 * 2048]
    kiln.refused("read", drive, kiln.place / "x", "--track", 7, status=4, says="7")


def test_a_cd_track_comes_without_its_run_out(kiln: Kiln):
    drive, image = burnt(kiln, "cd-r", 2048 * 400)
    assert kiln.read_back(drive) == image


def test_a_volume_on_an_overwritable_disc_has_its_size(kiln: Kiln):
    image = bytearray(kiln.random.randbytes(2048 * 500))
    descriptor = bytearray(2048)
    descriptor[0:7] = b"\x01CD001\x01"
    descriptor[80:88] = struct.pack("<I", 500) + struct.pack(">I", 500)
    descriptor[128:132] = struct.pack("<H", 2048) + struct.pack(">H", 2048)
    image[16 * 2048 : 17 * 2048] = descriptor
    path = kiln.place / "volume"
    path.write_bytes(image)
    drive = kiln.folder("dvd+rw")
    kiln.run("burn", path, drive)
    assert kiln.read_back(drive) == bytes(image)


def test_an_unreadable_block_is_named_and_the_rest_kept(kiln: Kiln):
    drive, image = burnt(kiln, "dvd+r", 2048 * 320)
    path = kiln.place / "back"
    broken = drive + ",fault=read10:8+:sense=3/11/00"
    ended = kiln.run("read", broken, path, "--json", expect=1)
    result = ended.result
    assert result["outcome"] == "failed" and result["error"]["sense"]["asc"] == 0x11, result
    assert result["unreadable_lba"] == result["blocks"], result
    assert str(result["unreadable_lba"]) in ended.err
    kept = path.read_bytes()
    assert len(kept) == result["blocks"] * 2048 and kept == image[: len(kept)]
    kiln.run("read", drive, path)
    same_but_padding(path.read_bytes(), image)


def test_zeros_take_no_room(kiln: Kiln):
    image = kiln.image(1_000_000)
    drive = kiln.folder("bd-re")
    kiln.run("burn", image, drive)
    path = kiln.place / "back"
    for blocks in (40_000, 60_000):
        kiln.run("read", drive, path, "--blocks", f"0+{blocks}")
        assert path.stat().st_size == blocks * 2048, path.stat()
        assert path.stat().st_blocks * 512 < 4_000_000, path.stat()
        same_but_padding(path.read_bytes(), image.read_bytes())


def test_a_cancelled_read_says_so(kiln: Kiln):
    drive, image = burnt(kiln, "dvd+r")
    path = kiln.place / "back"
    process = kiln.start("read", drive + ",time=real,fault=read10:8+:delay=500ms", path, "--json",
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    while not path.exists() or path.stat().st_size == 0:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    out, said = process.communicate(timeout=kiln_cases.LONGEST_S)
    result = kiln_cases.check_events(out)[-1]
    assert process.returncode == 3 and result["outcome"] == "cancelled", result
    assert result["code"] == "E_IMAPI_REQUEST_CANCELLED" and "error" not in result, result
    assert b"cancelled" in said
    assert image.startswith(path.read_bytes()[:2048])


def test_nothing_to_read(kiln: Kiln):
    for medium in ("cd-r", "bd-r", "none"):
        kiln.refused("read", f"sim:{medium}", kiln.place / "back", status=4)
        assert not (kiln.place / "back").exists()


def test_a_target_that_cannot_be_written(kiln: Kiln):
    drive, _ = burnt(kiln, "cd-r")
    kiln.refused("read", drive, kiln.place, status=1, says="Is a directory")
    kiln.refused("read", drive, kiln.place / "no" / "file", status=1, says="No such file")
    kiln.refused("read", drive, "/dev/full", status=1, says="No space left")


def test_a_pressed_disc_is_read(kiln: Kiln):
    came = kiln.read_back("sim:cd-rom", "--blocks", "0+64")
    assert len(came) == 64 * 2048 and came.strip(b"\0")


if __name__ == "__main__":
    kiln_cases.main(globals())
