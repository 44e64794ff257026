"""Verbs that ask, and the shape of the command line: status, text, events."""

import json

import kiln_cases
from kiln_cases import Kiln, Skip


def test_help_and_version(kiln: Kiln):
    assert kiln.run("--version").text.startswith("kiln ")
    for verb in (
        "drives info burn blank format read load eject cmd explain sim".split()
    ):
        text = kiln.run(verb, "--help").text
        assert f"kiln {verb}" in text and "--help" in text, text
    for verb in "new list show run serve".split():
        assert "--help" in kiln.run("sim", verb, "--help").text
    assert "burn" in kiln.run("--help").text


def test_wrong_usage_is_status_2_in_one_line(kiln: Kiln):
    for words in (
        [],
        ["bake"],
        ["burn"],
        ["burn", "image"],
        ["burn", "image", "sim:cd-r", "more"],
        ["sim", "bake"],
        ["burn", "image", "sim:cd-r", "--speed", "fast"],
        ["burn", "image", "sim:cd-r", "--on-cancel", "panic"],
        ["burn", "image", "sim:cd-r", "--append", "--overwrite"],
        ["read", "sim:cd-rom", "-", "--json"],
        ["sim", "run", "folder"],
        ["explain"],
        ["explain", "xx"],
        ["explain", "2a 0"+"00"],
    ):
        ended = kiln.run(*words, expect=2)
        assert len(ended.err.splitlines()) == 1, ended.err


def test_a_verb_that_there_is_not_is_named(kiln: Kiln):
    assert "no verb 'bake'" in kiln.run("bake", "--json", "image", expect=2).err
    assert "no verb 'bake'" in kiln.run("sim", "bake", expect=2).err
    assert "no verb" not in kiln.run("sim", "new", "--medium", "cd-r", expect=2).err


def test_wrong_usage_with_json_has_a_result(kiln: Kiln):
    ended = kiln.run("burn", "--json", expect=2)
    result = ended.one("result")
    assert result["outcome"] == "failed" and result["status"] == 2
    assert result["code"] == "E_INVALIDARG" and result["hresult"] == "0x80070057"
    assert result["disc"]["status"] == "unknown" and result["verified"] == "not-asked"


def test_explain_names_fields(kiln: Kiln):
    explained = kiln.run("explain", "2a 08 00 01 00 00 00 00 20 00", "--json").one("explain")
    assert explained["name"] == "WRITE (10)"
    fields = explained["fields"]
    assert fields["logical_block_address"] == 65536 and fields["transfer_length"] == 32
    assert fields["fua"] == 1 and explained["complete"]
    text = kiln.run("explain", "2a", "08", "00010000", "00", "0020", "00").text
    assert text.startswith("WRITE (10)\n") and "logical_block_address" in text


def test_explain_takes_a_file(kiln: Kiln):
    path = kiln.place / "cdb"
    path.write_bytes(bytes.fromhex("1b0000000200"))
    assert kiln.run("explain", f"@{path}", "--json").one("explain")["name"] == "START STOP UNIT"
    kiln.refused("explain", f"@{path}.not", status=1, says="No such file or directory")


def test_explain_unknown_and_cut_commands(kiln: Kiln):
    assert not kiln.run("explain", "d8 00 00 00 00 00", "--json").one("explain")["complete"]
    cut = kiln.run("explain", "2a 08 00 01", "--json").one("explain")
    assert cut["name"] == "WRITE (10)" and not cut["complete"]
    kiln.refused("explain", "00 " * 17, status=2, says="16 bytes at most")


def test_explain_sense(kiln: Kiln):
    sense = "f0 00 03 00 01 00 00 0a 00 00 00 00 0c 00 00 00 00 00"
    explained = kiln.run("explain", sense, "--sense", "--json").one("explain")
    fields = explained["fields"]
    assert fields["sense_key"] == 3 and fields["additional_sense_code"] == 0x0C
    assert fields["additional_sense_code_qualifier"] == 0 and fields["information"] == 65536
    assert "write error" in explained["means"].lower()
    refused = "70 00 05 00 00 00 00 0a 00 00 00 00 24 00 00 c0 00 08"
    fields = kiln.run("explain", refused, "--sense", "--json").one("explain")["fields"]
    assert fields["c_d"] == 1 and fields["field_pointer"] == 8, fields
    kiln.refused("explain", "00 00", "--sense", status=1, says="response code")


def test_explain_answers(kiln: Kiln):
    disc = "0020 00 01 01 01 01 00 ff 00 00 00 0000 0002 0000 9b19 0f00" + "00" * 11
    for command in ("READ DISC INFORMATION", "read-disc-information", "51 000000000000 0022 00"):
        explained = kiln.run("explain", disc, "--answer", command, "--json").one("explain")
        assert explained["fields"]["disc_status"] == 0, explained
    kiln.refused("explain", disc, "--answer", "MAKE COFFEE", status=2, says="MAKE COFFEE")
    kiln.refused("explain", "00", "--answer", "READ DISC INFORMATION", status=1, says="READ DISC")


def test_info_tells_drive_and_medium(kiln: Kiln):
    info = kiln.run("info", "sim:bd-r", "--json").one("info")
    assert info["medium"]["kind"] == "bd-r" and info["medium"]["status"] == "blank"
    assert info["medium"]["profile"] == 0x41
    assert 0x41 in [profile["profile"] for profile in info["profiles"]]
    assert info["features"] and info["write_speeds"]
    assert info["possible"]["burn"]["possible"]
    cancelled = info["possible"]["burn"]["plan"]["when_cancelled"]
    assert all(prediction["worst_case_s"] > 0 for prediction in cancelled.values())
    text = kiln.run("info", "sim:bd-r").text
    for word in ("BD-R", "blank", "capacity", "write speeds", "make-readable", "emergency"):
        assert word in text, text


def test_info_without_a_medium(kiln: Kiln):
    info = kiln.run("info", "sim:none", "--json").one("info")
    assert info["medium"] is None and info["vendor"] + info["product"]
    assert "none" in kiln.run("info", "sim:none").text


def test_info_of_a_pressed_disc_says_it_cannot_be_burnt(kiln: Kiln):
    info = kiln.run("info", "sim:cd-rom", "--json").one("info")
    assert info["medium"]["status"] == "complete" and not info["medium"]["appendable"]
    assert not any(way["possible"] for way in info["possible"].values())


def test_addresses_that_lead_nowhere(kiln: Kiln):
    for address, status in (
        ("sim:bd-q", 4),
        ("sim:bd-r,drive=nobody", 4),
        ("sim:bd-r,colour=blue", 2),
        ("sim:bd-r,time=real,time=virtual", 2),
        ("floppy:0", 4),
        ("sr0", 4),
        ("usb:250-2", 4),
        ("spti:D", 4),
        ("replay:trace", 4),
        ("sg:/dev/kiln-no-such-drive", 4),
        (f"sim:{kiln.place}/nothing/", 4),
    ):
        for verb in (["info", address], ["eject", address], ["blank", address, "--json"]):
            kiln.refused(*verb, status=status, says=address.split(",")[0].split("/")[0])
    assert "no spti transport" in kiln.run("info", "spti:D", expect=4).err
    kiln.refused("info", "usb:burner", status=2, says="usb:burner")
    kiln.refused("info", "usb:1-2,quirk=go-fast", status=2, says="go-slow")


def test_cmd_sends_a_command(kiln: Kiln):
    answer = kiln.run("cmd", "sim:bd-r", "12 00 00 00 24 00", "--in", "36", "--json").one("cmd")
    assert answer["scsi_status"] == 0 and answer["moved"] == 36
    assert bytes.fromhex(answer["data"])[0] == 5
    # The command says itself how much it wants.
    again = kiln.run("cmd", "sim:bd-r", "12 00 00 00 24 00", "--json").one("cmd")
    assert again["data"] == answer["data"]
    assert "GOOD" in kiln.run("cmd", "sim:bd-r", "12 00 00 00 24 00").text


def test_cmd_shows_sense(kiln: Kiln):
    drive = kiln.folder("none")
    kiln.run("info", drive)  # takes what a drive says first after its power came on
    ended = kiln.run("cmd", drive, "00 00 00 00 00 00", "--json", expect=1)
    answer = ended.one("cmd")
    assert answer["scsi_status"] == 2 and answer["sense"]["key"] == 2
    assert answer["sense"]["asc"] == 0x3A
    assert ended.result["error"]["sense"]["asc"] == 0x3A
    assert "CHECK CONDITION" in kiln.run("cmd", drive, "00" * 6, expect=1).text


def test_cmd_guards_what_destroys(kiln: Kiln):
    for command in (
        "2a 00 00 00 00 00 00 00 01 00",  # WRITE (10)
        "a1 00 00 00 00 00 00 00 00 00 00 00",  # BLANK
        "04 11 00 00 00 00",  # FORMAT UNIT
        "5b 00 02 00 00 00 00 00 00 00",  # CLOSE TRACK/SESSION
        "3b 05 00 00 00 00 00 00 00 00",  # WRITE BUFFER
        "d8 00 00 00 00 00 00 00 00 00 00 00",  # a vendor's
    ):
        kiln.refused("cmd", "sim:cd-rw", command, status=2, says="--destructive")
    ended = kiln.run("cmd", "sim:cd-rw", "d8 00 00 00 00 00 00 00 00 00 00 00", "--destructive",
                     expect=1)
    assert "05/20/00" in ended.text, ended.text


def test_cmd_refuses_bad_bytes(kiln: Kiln):
    kiln.refused("cmd", "sim:none", "zz", status=2, says="zz")
    kiln.refused("cmd", "sim:none", "12 00", status=2, says="6 bytes")
    kiln.refused("cmd", "sim:none", "55 10 00 00 00 00 00 00 3c 00", "--destructive", status=2,
                 says="--out")
    kiln.refused("cmd", "sim:none", "55 10 00 00 00 00 00 00 3c 00", "--out", "/no/such/file",
                 "--destructive", status=1, says="/no/such/file")


def test_the_tray_moves(kiln: Kiln):
    drive = kiln.folder("bd-r")
    assert kiln.run("eject", drive, "--json").result["tray"] == "open"
    assert kiln.run("info", drive, "--json").one("info")["medium"] is None
    assert kiln.run("load", drive, "--json").result["tray"] == "closed"
    assert kiln.run("info", drive, "--json").one("info")["medium"]["kind"] == "bd-r"


def test_sim_list_new_and_show(kiln: Kiln):
    listed = kiln.run("sim", "list", "--json").one("sim-list")
    media = {medium["name"] for medium in listed["media"]}
    assert media == set(
        "none cd-rom dvd-rom bd-rom cd-r cd-rw dvd-r dvd-rw dvd-rw-ro dvd-r-dl dvd+r dvd+rw "
        "dvd+r-dl dvd-ram bd-r bd-r-dl bd-r-xl bd-re bd-re-dl bd-re-xl".split()
    ), media
    assert len(listed["drives"]) >= 8
    text = kiln.run("sim", "list").text
    assert all(drive["name"] in text for drive in listed["drives"])
    made = kiln.run("sim", "new", kiln.place / "d", "--medium", "dvd+rw", "--json").result
    shown = kiln.run("sim", "show", kiln.place / "d", "--json").one("sim-show")
    assert shown["medium"] == "dvd+rw" == made["medium"] and shown["drive"] == made["drive"]
    assert str(kiln.place / "d") in kiln.run("sim", "show", kiln.place / "d").text


def test_sim_new_refuses(kiln: Kiln):
    kiln.refused("sim", "new", kiln.place / "d", "--medium", "vinyl", status=4, says="vinyl")
    kiln.refused("sim", "new", kiln.place / "d", "--medium", "bd-r", "--drive", "nobody", status=4,
                 says="nobody")
    assert not (kiln.place / "d").exists()
    (kiln.place / "full").mkdir()
    (kiln.place / "full" / "file").write_text("mine")
    kiln.refused("sim", "new", kiln.place / "full", "--medium", "bd-r", status=4, says="exists")
    assert (kiln.place / "full" / "file").read_text() == "mine"
    kiln.refused("sim", "show", kiln.place / "full", status=4, says="full")


def test_sim_run_gives_a_program_the_drive(kiln: Kiln):
    kiln.folder("bd-r")
    folder = kiln.place / "drive"
    ended = kiln.run("sim", "run", folder, "--", kiln.program, "drives", "--json", expect=None)
    if "built without umockdev" in ended.err:
        raise Skip("this build has no umockdev")
    found = json.loads(ended.text)["drives"]
    assert len(found) == 1 and found[0]["can_open"], found
    assert found[0]["medium"].startswith("BD-R"), found
    address = found[0]["address"]
    ended = kiln.run("sim", "run", folder, "--", kiln.program, "info", address, "--json")
    assert json.loads(ended.text)["medium"]["status"] == "blank"
    assert kiln.run("sim", "run", folder, "--", "sh", "-c", "exit 7", expect=7)
    kiln.refused("sim", "run", kiln.place / "none", "--", "true", status=4, says="none")
    kiln.refused("sim", "run", folder, "--", "kiln-no-such-program", status=1, says="no-such")


def test_drives_lists_without_failing(kiln: Kiln):
    listed = kiln.run("drives", "--json").one("drives")
    for drive in listed["drives"]:
        assert drive["can_open"] or drive["why_not"], drive
    assert kiln.run("drives").text



def test_a_drive_of_sim_run_has_one_user_at_a_time(kiln: Kiln):
    kiln.folder("bd-r")
    script = """
        mkfifo "$1"/pipe
        "$0" burn "$1"/pipe sg:/dev/sr0 --json > "$1"/events &
        exec 3> "$1"/pipe
        head -c 200000 /dev/zero >&3
        until grep -q writing-data "$1"/events; do sleep 0.05; done
        "$0" info sg:/dev/sr0; test $? = 5 || exit 1
        "$0" drives
        exec 3>&-
        wait $!
    """
    ended = kiln.run("sim", "run", kiln.place / "drive", "--", "sh", "-c", script, kiln.program,
                     kiln.place)
    assert "in use by kiln (process" in ended.err, ended.err
    assert "in use by kiln (process" in ended.text, ended.text


def test_a_watch_of_drives_ends_at_a_signal(kiln: Kiln):
    status, out, said = kiln.interrupted("drives", "--watch", "--json")
    if status != 0:
        assert status == 1 and b"watching the drives" in said, said  # no libusb here
        return
    assert b"heard" in said, said
    assert all(event["event"] == "drive-arrived" for event in out and kiln_cases.check_events(out))


if __name__ == "__main__":
    kiln_cases.main(globals())
