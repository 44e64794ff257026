"""Burns onto every medium: what comes back, what is refused, what a cancel leaves."""

import os

import kiln_cases
from kiln_cases import Kiln, PHASES, same_but_padding

# A multiple of nothing, longer than the 300 blocks that the shortest CD track has.
SIZE = 1_234_567
SEQUENTIAL = "cd-r cd-rw dvd-r dvd-rw dvd-r-dl dvd+r dvd+r-dl bd-r bd-r-dl".split()
OVERWRITABLE = "dvd-rw-ro dvd+rw dvd-ram bd-re bd-re-dl".split()
REWRITABLE = ["cd-rw", "dvd-rw", *OVERWRITABLE]


def blocks_of(size: int) -> int:
    return -(-size // 2048)


def burn_and_read(kiln: Kiln, medium: str) -> None:
    image = kiln.image(SIZE)
    drive = kiln.folder(medium)
    result = kiln.run("burn", image, drive, "--json").result
    assert result["outcome"] == "completed" and result["code"].startswith("S_"), result
    assert result["written_blocks"] == blocks_of(SIZE), result
    assert result["disc"]["user_blocks"] == blocks_of(SIZE), result
    assert result["disc"]["as_predicted"] and result["disc"]["readable"], result
    assert result["verified"] == "not-asked" and result["drive_seconds"] > 0, result
    some = ("--blocks", f"0+{blocks_of(SIZE)}") if medium in OVERWRITABLE else ()
    same_but_padding(kiln.read_back(drive, *some), image.read_bytes())
    # What is on the disc is not written over by accident, and nothing happens to it.
    refused = kiln.refused("burn", image, drive, "--json", status=4)
    assert not refused.all("update"), "something was written"
    same_but_padding(kiln.read_back(drive, *some), image.read_bytes())
    if medium in REWRITABLE:
        other = kiln.image(SIZE - 300_000, "other")
        kiln.run("burn", other, drive, "--overwrite")
        some = ("--blocks", f"0+{blocks_of(SIZE - 300_000)}") if some else ()
        same_but_padding(kiln.read_back(drive, *some), other.read_bytes())


def one_medium(medium: str):
    def case(kiln: Kiln):
        burn_and_read(kiln, medium)

    return case


for name in (*SEQUENTIAL, *OVERWRITABLE):
    globals()["test_burn_" + name.replace("-", "_").replace("+", "_plus_")] = one_medium(name)


def test_events_tell_the_whole_burn(kiln: Kiln):
    ended = kiln.run("burn", kiln.image(20_000_001), "sim:cd-r", "--verify", "--json")
    names = [event["event"] for event in ended.events]
    assert names.index("plan") < names.index("update"), names
    plan = ended.one("plan")
    assert plan["blocks"] == blocks_of(20_000_001) and set(plan["when_cancelled"]) == {
        "make-readable", "leave-resumable", "fastest-release", "emergency"}
    phases = [event["phase"] for event in ended.all("phase")]
    assert phases == sorted(phases, key=PHASES.index), phases
    assert phases[0] == "validating-media" and phases[-1] == "completed", phases
    assert "writing-data" in phases and "verifying" in phases, phases
    updates = [event for event in ended.all("update") if event["phase"] != "verifying"]
    assert "writing-data" in [update["phase"] for update in updates]
    written = [event["last_written_lba"] for event in updates]
    assert written == sorted(written) and written[-1] == plan["blocks"] - 1, written[-5:]
    assert all(update["last_written_lba"] <= update["last_read_lba"] for update in updates)
    assert all(
        update["used_system_buffer"] + update["free_system_buffer"]
        == update["total_system_buffer"] for update in updates)
    assert ended.result["verified"] == "yes" and ended.result["ejected"] is False


def test_append_makes_a_second_session(kiln: Kiln):
    for medium in ("cd-r", "dvd-r", "dvd+r", "bd-r"):
        drive = kiln.folder(medium, name=medium)
        first, second = kiln.image(SIZE, "first"), kiln.image(SIZE + 99_999, "second")
        kiln.run("burn", first, drive)
        result = kiln.run("burn", second, drive, "--append", "--json").result
        assert result["disc"]["sessions"] == 2 and result["disc"]["as_predicted"], result
        same_but_padding(kiln.read_back(drive, "--track", 1), first.read_bytes())
        same_but_padding(kiln.read_back(drive, "--track", 2), second.read_bytes())


def test_a_burn_in_time_that_passes(kiln: Kiln):
    # A hundred times as fast as the drive: threads, and the same disc.
    drive = kiln.folder("bd-r")
    image = kiln.image(5_000_001)
    result = kiln.run("burn", image, drive + ",time=100", "--verify", "--json").result
    assert result["verified"] == "yes" and result["disc"]["as_predicted"], result
    same_but_padding(kiln.read_back(drive), image.read_bytes())
    cut = kiln.run("burn", kiln.image(40_000_001), "sim:dvd+r,time=100", "--cancel-after", "50%",
                   "--json", expect=3)
    assert cut.result["disc"]["readable"] and cut.result["disc"]["as_predicted"], cut.result


def test_close_finalises(kiln: Kiln):
    for medium in ("cd-r", "dvd-r", "dvd+r", "bd-r"):
        drive = kiln.folder(medium, name=medium)
        result = kiln.run("burn", kiln.image(SIZE), drive, "--close", "--json").result
        assert result["disc"]["status"] == "complete", result
        assert not result["disc"]["appendable"], result
        kiln.refused("burn", kiln.image(SIZE), drive, "--append", status=4)


def test_close_has_no_effect_where_nothing_is_closed(kiln: Kiln):
    ended = kiln.run("burn", kiln.image(SIZE), "sim:bd-re", "--close", "--json")
    assert ended.all("warning"), "no warning"


def test_blank_and_format_make_burnable_again(kiln: Kiln):
    image = kiln.image(SIZE)
    for verb, medium in (("blank", "cd-rw"), ("blank", "dvd-rw")):
        drive = kiln.folder(medium, name=medium)
        kiln.run("burn", image, drive)
        result = kiln.run(verb, drive, "--json").result
        assert result["outcome"] == "completed" and result["disc"]["status"] == "blank", result
        kiln.run("burn", image, drive)
        same_but_padding(kiln.read_back(drive), image.read_bytes())
    for medium in ("dvd+rw", "bd-re"):
        drive = kiln.folder(medium, name=medium)
        result = kiln.run("format", drive, "--json").result
        assert result["outcome"] == "completed", result
        kiln.run("burn", image, drive)


def test_a_full_format_certifies_all_of_a_bd_re(kiln: Kiln):
    def seconds(*options):
        return kiln.run("format", "sim:bd-re", *options, "--json").result["drive_seconds"]

    quick, full = seconds(), seconds("--full")
    assert quick < 120 and full > 3600, (quick, full)
    assert seconds("--full", "--spare", "max") > 3600
    kiln.refused("format", "sim:bd-re", "--full", "--spare", "none", status=4, says="certifies")
    kiln.refused("format", "sim:bd-r", "--full", status=4, says="certified")


def test_blank_and_format_refuse_what_they_do_not_fit(kiln: Kiln):
    kiln.refused("blank", "sim:dvd+r", status=4)
    kiln.refused("blank", "sim:none", status=4)
    kiln.refused("format", "sim:cd-r", status=4)
    kiln.refused("format", "sim:dvd-rom", status=4)


def test_a_speed_is_the_nearest_real_one(kiln: Kiln):
    info = kiln.run("info", "sim:cd-r", "--json").one("info")
    speeds = sorted(speed["x"] for speed in info["write_speeds"])
    plan = kiln.run("burn", kiln.image(SIZE), "sim:cd-r", "--speed", "1", "--json").one("plan")
    assert abs(plan["speed_x"] - speeds[0]) < 0.2, (plan["speed_x"], speeds)
    slow = kiln.run("burn", kiln.image(30_000_000), "sim:cd-r", "--speed", "1", "--json").result
    fast = kiln.run("burn", kiln.image(30_000_000), "sim:cd-r", "--speed", "max", "--json").result
    assert slow["drive_seconds"] > fast["drive_seconds"]


def test_a_pipe_is_burnt(kiln: Kiln):
    data = kiln.random.randbytes(SIZE)
    drive = kiln.folder("dvd+r")
    kiln.run("burn", "-", drive, stdin=data)
    same_but_padding(kiln.read_back(drive), data)
    drive = kiln.folder("dvd-r", name="sized")
    kiln.run("burn", "-", drive, "--size", SIZE, stdin=data)
    same_but_padding(kiln.read_back(drive), data)


def test_simulate_writes_nothing(kiln: Kiln):
    drive = kiln.folder("cd-r")
    ended = kiln.run("burn", kiln.image(SIZE), drive, "--simulate")
    assert f"{blocks_of(SIZE)} blocks test-written" in ended.text, ended.text
    assert kiln.run("info", drive, "--json").one("info")["medium"]["status"] == "blank"
    kiln.refused("burn", kiln.image(SIZE), "sim:bd-r", "--simulate", status=4)


def test_eject_afterwards(kiln: Kiln):
    drive = kiln.folder("bd-r")
    assert kiln.run("burn", kiln.image(SIZE), drive, "--eject", "--json").result["ejected"]
    assert kiln.run("info", drive, "--json").one("info")["medium"] is None


def cancelled(kiln: Kiln, medium: str, when: str, policy: str) -> dict:
    drive = kiln.folder(medium, name=f"{medium}-{policy}-{when.strip('%')}")
    image = kiln.image(40_000_001)
    ended = kiln.run("burn", image, drive, "--cancel-after", when, "--on-cancel", policy, "--json",
                     expect=3)
    result = ended.result
    assert result["outcome"] == "cancelled", result
    assert result["code"] == "E_IMAPI_REQUEST_CANCELLED" and result["hresult"] == "0xc0aa0002"
    assert 0 < result["written_blocks"] < blocks_of(40_000_001), result
    assert result["disc"]["as_predicted"], result
    if policy != "emergency" and result["disc"]["user_blocks"] > 0 and result["disc"]["readable"]:
        blocks = result["disc"]["user_blocks"]
        came = kiln.read_back(drive, "--blocks", f"0+{min(blocks, 64)}")
        assert came == image.read_bytes()[: len(came)], "what was written is not what came back"
    return result


def test_cancel_follows_its_policy(kiln: Kiln):
    for medium in ("cd-r", "dvd+r", "bd-r", "bd-re"):
        for policy in ("make-readable", "leave-resumable", "fastest-release", "emergency"):
            result = cancelled(kiln, medium, "37%", policy)
            if policy == "make-readable":
                assert result["disc"]["readable"], result
                assert result["disc"]["user_blocks"] >= result["written_blocks"], result


def test_cancel_after_an_amount_or_a_time(kiln: Kiln):
    result = cancelled(kiln, "bd-r", "8MiB", "make-readable")
    assert 4096 <= result["written_blocks"] <= 4096 + 4 * 32, result["written_blocks"]
    result = cancelled(kiln, "dvd-r", "30%", "make-readable")
    assert abs(result["written_blocks"] - 0.3 * blocks_of(40_000_001)) <= 4 * 32, result
    kiln.run("burn", kiln.image(200_000_000, "long"), "sim:cd-r", "--speed", "4", "--cancel-after",
             "30s", expect=3)


def test_a_cancel_with_the_last_write_loses_no_block(kiln: Kiln):
    ended = kiln.run("burn", kiln.image(SIZE), "sim:dvd+r", "--cancel-after", "100%", "--verify",
                     "--json", expect=3)
    assert ended.result["written_blocks"] == blocks_of(SIZE), ended.result
    assert ended.result["disc"]["user_blocks"] == blocks_of(SIZE), ended.result
    assert ended.result["verified"] == "cancelled" and ended.result["something_left_out"]


def test_the_text_says_what_is_on_the_disc(kiln: Kiln):
    done = kiln.run("burn", kiln.image(SIZE), "sim:dvd+r")
    assert "on the disc now" in done.text and "writing-data" in done.err
    assert "\x1b" not in done.err, "escape sequences, and no terminal"
    cut = kiln.run("burn", kiln.image(40_000_001), "sim:dvd+r", "--cancel-after", "50%", expect=3)
    assert "cancelled" in cut.err and "on the disc now" in cut.err and not cut.text


def test_a_bar_on_a_terminal_only(kiln: Kiln):
    main, other = os.openpty()
    process = kiln.start("burn", kiln.image(4_000_000), "sim:cd-r", stderr=other, stdout=other)
    os.close(other)
    seen = b""
    try:
        while piece := os.read(main, 65536):
            seen += piece
    except OSError:
        pass
    os.close(main)
    assert process.wait(timeout=kiln_cases.LONGEST_S) == 0, seen
    # TERM=dumb has no bar: the phases are lines.
    assert b"writing-data" in seen and b"\x1b" not in seen, seen


if __name__ == "__main__":
    kiln_cases.main(globals())
