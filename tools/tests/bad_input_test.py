"""What goes wrong: each with its status and one line that names what was being done."""

import os
import pathlib
import subprocess

import kiln_cases
from kiln_cases import Kiln, Skip

SIZE = 1_234_567


def test_sources_that_cannot_be_burnt(kiln: Kiln):
    drive = kiln.folder("cd-r")
    (kiln.place / "empty").write_bytes(b"")
    kiln.refused("burn", kiln.place / "none", drive, status=1, says="No such file")
    kiln.refused("burn", kiln.place / "empty", drive, status=1, says="empty")
    kiln.refused("burn", kiln.place, drive, status=1, says="directory")
    for source in (kiln.place / "none", kiln.place / "empty", kiln.place):
        ended = kiln.run("burn", source, drive, "--json", expect=1)
        assert len(ended.events) == 1 and ended.result["outcome"] == "failed"
    assert kiln.run("info", drive, "--json").one("info")["medium"]["status"] == "blank"


def test_an_empty_pipe(kiln: Kiln):
    drive = kiln.folder("dvd+r")
    kiln.run("burn", "-", drive, stdin=b"", expect=1)
    assert kiln.run("info", drive, "--json").one("info")["medium"]["status"] == "blank"


def test_a_source_that_ends_early(kiln: Kiln):
    drive = kiln.folder("dvd-r")
    ended = kiln.run("burn", "-", drive, "--size", SIZE * 2, "--json", expect=1,
                     stdin=kiln.random.randbytes(SIZE))
    assert ended.result["outcome"] == "failed" and ended.result["error"]["message"], ended.result
    assert ended.result["disc"]["status"] != "unknown", ended.result


def test_a_pipe_with_more_than_its_size(kiln: Kiln):
    drive = kiln.folder("dvd-r")
    ended = kiln.run("burn", "-", drive, "--size", SIZE, "--json", expect=1,
                     stdin=kiln.random.randbytes(SIZE + 1))
    assert f"more data than the {SIZE} bytes" in ended.result["error"]["message"], ended.result
    assert ended.result["disc"]["status"] != "unknown", ended.result


def test_a_file_with_more_than_its_size(kiln: Kiln):
    drive = kiln.folder("dvd-r")
    image = kiln.image(SIZE)
    ended = kiln.run("burn", image, drive, "--size", 400_000, "--json")
    assert f"{SIZE - 400_000} bytes more" in ended.one("warning")["text"], ended.events
    assert kiln.read_back(drive)[:400_000] == image.read_bytes()[:400_000]


def test_a_refused_burn_leaves_what_there_is(kiln: Kiln):
    image = kiln.image(SIZE)
    for medium in ("dvd+r", "bd-re", "dvd-rw"):
        drive = kiln.folder(medium, name=medium)
        kiln.run("burn", image, drive)
        for options in ([], ["--append", "--size", 10**6] if medium == "bd-re" else []):
            ended = kiln.refused("burn", image, drive, "--json", *options, status=4,
                                 says="holds data" if not options else "no sessions")
            disc = ended.result["disc"]
            assert disc["readable"] and disc["as_predicted"], disc
            assert "of this burn" not in ended.err, ended.err
            assert ("can be overwritten" if medium == "bd-re" else "appendable") in ended.err


def test_a_write_once_disc_is_not_overwritten(kiln: Kiln):
    image = kiln.image(SIZE)
    drive = kiln.folder("dvd+r")
    ended = kiln.run("burn", image, drive, "--overwrite", "--json")
    assert "written once" in ended.one("warning")["text"], ended.events
    kiln.refused("burn", image, drive, "--overwrite", status=4, says="written once")
    kiln.run("burn", image, drive, "--append", "--close")
    kiln.refused("burn", image, drive, status=4, says="closed for good")


def test_an_image_that_is_too_large(kiln: Kiln):
    path = kiln.place / "large"
    with path.open("wb") as file:
        file.truncate(1_000_000_000)
    ended = kiln.refused("burn", path, "sim:cd-r", "--json", status=4)
    assert not ended.all("update")
    assert ended.result["code"] == "E_IMAPI_DF2DATA_STREAM_TOO_LARGE_FOR_CURRENT_MEDIA"


def test_discs_that_cannot_be_burnt(kiln: Kiln):
    image = kiln.image(SIZE)
    for medium in ("cd-rom", "dvd-rom", "bd-rom", "none"):
        ended = kiln.refused("burn", image, f"sim:{medium}", "--json", status=4)
        assert not ended.all("update")
    none = kiln.refused("burn", image, "sim:none", "--json", status=4, says="no disc is in")
    assert none.result["code"].endswith("NO_MEDIA")
    assert none.result["disc"]["status"] == "no-medium", none.result


def test_a_share_of_an_unknown_size(kiln: Kiln):
    kiln.refused("burn", "-", "sim:bd-r", "--cancel-after", "50%", stdin=b"x" * 9999, status=2,
                 says="--size")


def test_faults_on_the_way(kiln: Kiln):
    image = kiln.image(20_000_000)
    for fault, asc in (("write10:50:sense=3/0c/00", 0x0C), ("synchronize-cache:1:sense=4/09/00", 9)):
        drive = kiln.folder("dvd+r", name=fault.split(":")[0])
        ended = kiln.run("burn", image, f"{drive},fault={fault}", "--json", expect=1)
        error = ended.result["error"]
        assert ended.result["outcome"] == "failed" and error["sense"]["asc"] == asc, error
        assert error["command"] and len(ended.err.splitlines()) >= 1
    bad = kiln.folder("dvd+r", name="bad")
    kiln.refused("burn", image, f"{bad},fault=write10:x:fail", status=2, says="fault")


def test_a_drive_that_vanishes(kiln: Kiln):
    drive = kiln.folder("bd-r")
    ended = kiln.run("burn", kiln.image(20_000_000), f"{drive},fault=write10:50:vanish", "--json",
                     expect=1)
    assert ended.result["outcome"] == "failed"
    assert ended.result["disc"]["status"] in ("unknown", "no-medium"), ended.result["disc"]


def test_a_folder_that_is_in_use(kiln: Kiln):
    drive = kiln.folder("bd-r")
    reader, writer = os.pipe()
    process = kiln.start("burn", "-", drive, "--json", stdin=reader, stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL)
    os.close(reader)
    assert b"validating-media" in process.stdout.readline()
    kiln.refused("info", drive, status=5, says=f"kiln (process {process.pid}); wait for its end")
    kiln.refused("burn", kiln.image(SIZE), drive, "--json", status=5)
    os.close(writer)
    process.communicate(timeout=kiln_cases.LONGEST_S)
    kiln.run("info", drive)


def test_a_killed_burn_is_a_power_cut(kiln: Kiln):
    drive = kiln.folder("dvd+r")
    reader, writer = os.pipe()
    process = kiln.start("burn", "-", drive, stdin=reader, stderr=subprocess.DEVNULL)
    os.close(reader)
    os.write(writer, bytes(65536))
    for _ in range(60):
        os.write(writer, kiln.random.randbytes(65536))
    process.kill()
    process.wait()
    os.close(writer)
    assert kiln.run("info", drive, "--json").one("info")["medium"]["kind"] == "dvd+r"


def test_a_medium_that_memory_does_not_hold(kiln: Kiln):
    program = pathlib.Path(kiln.program).read_bytes()
    if b"__asan_init" in program or b"__tsan_init" in program:
        raise Skip("a sanitizer needs the address space")
    # Zeros would cost nothing.
    done = subprocess.run(
        ["sh", "-c", 'ulimit -v 700000; yes | head -c 900000000 | "$0" burn - sim:bd-r',
         kiln.program], capture_output=True, timeout=kiln_cases.LONGEST_S)
    assert done.returncode == 1, done
    last = done.stderr.splitlines()[-1]
    assert last.startswith(b"kiln: writing: WRITE (10)") and b"on the disc now" in last, last


def test_damaged_folders(kiln: Kiln):
    drive = kiln.folder("bd-r")
    state = kiln.place / "drive" / "kiln-sim.json"
    state.write_text(state.read_text()[:40])
    kiln.refused("info", drive, status=4, says=str(kiln.place))
    (kiln.place / "file").write_text("x")
    kiln.refused("info", f"sim:{kiln.place}/file/", status=4)


def test_a_new_drive_where_something_is(kiln: Kiln):
    kiln.folder("bd-r")
    (kiln.place / "file").write_text("x")
    for name in ("drive", "file"):
        kiln.refused("sim", "new", kiln.place / name, "--medium", "cd-r", status=4,
                     says=f"{name} exists already")
    kiln.refused("sim", "new", kiln.place / "no" / "folder", "--medium", "cd-r", status=4,
                 says="No such file")
    (kiln.place / "empty").mkdir()
    kiln.run("sim", "new", kiln.place / "empty", "--medium", "cd-r")


def test_a_folder_that_is_not_ours(kiln: Kiln):
    if os.geteuid() == 0:
        raise Skip("root may do everything")
    drive = kiln.folder("bd-r")
    (kiln.place / "drive").chmod(0)
    try:
        kiln.refused("info", drive, status=5)
    finally:
        (kiln.place / "drive").chmod(0o700)


def test_a_reader_of_json_that_goes_away(kiln: Kiln):
    for size, status in ((20_000_000, 0), (1_000_000_000, 4)):
        image = kiln.place / "image"
        with image.open("wb") as file:
            file.truncate(size)
        reader, writer = os.pipe()
        drive = kiln.folder("cd-r", name=str(size))
        process = kiln.start("burn", image, drive, "--json", stdout=writer,
                             stderr=subprocess.DEVNULL)
        os.close(writer)
        os.close(reader)
        assert process.wait(timeout=kiln_cases.LONGEST_S) == status
        info = kiln.run("info", drive, "--json").one("info")
        assert (info["medium"]["status"] == "blank") == (status == 4), info["medium"]


def test_an_output_that_is_full(kiln: Kiln):
    with open("/dev/full", "wb") as full:
        process = kiln.start("sim", "list", stdout=full, stderr=subprocess.PIPE)
        _, said = process.communicate(timeout=kiln_cases.LONGEST_S)
    assert process.returncode == 1 and b"standard output" in said


def test_closed_standard_streams(kiln: Kiln):
    drive = kiln.folder("cd-r")
    image = kiln.image(SIZE)
    process = subprocess.run(
        ["sh", "-c", 'exec "$0" "$@" <&- >&- 2>&-', kiln.program, "burn", str(image), drive],
        timeout=kiln_cases.LONGEST_S)
    assert process.returncode == 0
    assert image.stat().st_size == SIZE


if __name__ == "__main__":
    kiln_cases.main(globals())
