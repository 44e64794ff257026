"""The cable is pulled, the drive falls silent, kiln is killed: what is known of the disc afterwards.

The drive takes its own time here, which costs none of ours: the guest's clock skips what it waits for.
"""

import cases

# What a program says after the cable was pulled is held against the disc itself: `kiln info` of the
# drive's folder, once nobody serves it any more.
WORDS = """
has_taken() { [ $(stat -c %s drive/blocks) -ge $1 ]; }
written() { until_so has_taken $1; }
# IMAGE OPTIONS…: a burn that goes on, its process is $burn.
burning() {
  rm -f burn.log
  kiln burn "$@" --json --log burn.log > burn.json 2> burn.err &
  burn=$!
}
burnt() {
  status=0
  wait $burn || status=$?
  echo $status > $out/$1.status
  cp burn.log $out/$1.log
  cp burn.json $out/$1.json
  cp burn.err $out/$1.err
}
pulled() {
  echo unplug > $orders
  burnt first
  gone /dev/sr0
  echo plug > $orders
  there /dev/sr0
  kiln info usb:$(port 0e8d) --json > $out/over-usb
}
disc_itself() {
  ended
  kiln info sim:drive/ --json > $out/itself
}
kiln sim new drive --medium {medium}
serve drive high real
"""
HALF = cases.LONG_IMAGE_BYTES // 2


def medium_of(evidence: cases.Evidence, name: str) -> dict:
    return evidence.last_event(name)["medium"]


def check_as_it_is(evidence: cases.Evidence):
    over_usb, itself = medium_of(evidence, "over-usb"), medium_of(evidence, "itself")
    assert over_usb == itself, f"over USB kiln says {over_usb}, of the disc itself {itself}"


def check_failed(evidence: cases.Evidence):
    result = evidence.last_event("first.json")
    assert result["outcome"] == "failed", result
    assert evidence.text("first.status") == "1\n", evidence.text("first.status")
    assert "kiln: " in evidence.text("first.err"), evidence.text("first.err")
    check_as_it_is(evidence)


def check_pulled_in_a_write(evidence: cases.Evidence):
    check_failed(evidence)
    medium = medium_of(evidence, "over-usb")
    assert medium["status"] == "appendable" and medium["last_session"] == "incomplete", medium
    assert HALF // 2048 <= medium["tracks"][0]["blocks"] + 1, medium


def check_pulled_in(command: str):
    """The last command of the log that was answered with success is `command`: the drive was at it."""

    def check(evidence: cases.Evidence):
        check_failed(evidence)
        good = [line for line in evidence.text("first.log").splitlines() if "  GOOD  " in line]
        assert f"  {command}" in good[-1], good[-1]

    return check


PULLED_IN_A_WRITE = "burning /long-image $usb\nwritten {half}\npulled\ndisc_itself\n"
# With IMMED the command is answered at once, and kiln asks every now and then whether it is done.
PULLED_IN = "burning /image $usb\nsays burn.log '{command}'\npulled\ndisc_itself\n"

PULLED_AND_CUT = """
burning /long-image $usb --overwrite
written {half}
kill -9 $server
burnt first
gone /dev/sr0
serve drive high real
kiln info $usb --json > $out/over-usb
burning /long-image $usb --overwrite --verify
burnt second
disc_itself
"""

STOPPED = """
burning /long-image $usb --verify
written {half}
kill -STOP $server
sleep 5
kill -CONT $server
burnt first
kiln info $usb --json > $out/over-usb
disc_itself
"""

KILLED = """
burning /long-image $usb
written {half}
kill -9 $burn
wait $burn || true
kiln info $usb --json > $out/killed
burning {image} $usb {how} --verify
burnt second
there /dev/sr0
kiln info usb:$(port 0e8d) --json > $out/over-usb
disc_itself
"""


def check_completed(name: str):
    def check(evidence: cases.Evidence):
        result = evidence.last_event(f"{name}.json")
        assert result["outcome"] == "completed" and result["verified"] == "yes", result

    return check


def check_power_cut(evidence: cases.Evidence):
    result = evidence.last_event("first.json")
    assert result["outcome"] == "failed" and evidence.text("first.status") == "1\n", result
    assert medium_of(evidence, "over-usb")["kind"] == "dvd-ram", evidence.text("over-usb")
    check_completed("second")(evidence)


def check_killed_on_dvd_plus_r(evidence: cases.Evidence):
    left = medium_of(evidence, "killed")
    assert left["status"] == "appendable" and left["last_session"] == "incomplete", left
    assert left["next_writable_lba"] >= HALF // 2048, left
    assert medium_of(evidence, "over-usb")["sessions"] == 2, evidence.text("over-usb")


def both(*checks):
    def check(evidence: cases.Evidence):
        for each in checks:
            each(evidence)

    return check


def case(name: str, medium: str, script: str, check) -> cases.Case:
    return cases.Case(name, WORDS.replace("{medium}", medium) + script.replace("{half}", str(HALF)),
                      check, longest_s=300)


CASES = (
    case("unplugged-in-a-write", "dvd+r", PULLED_IN_A_WRITE, check_pulled_in_a_write),
    case("unplugged-in-a-flush", "cd-r", PULLED_IN.format(command="SYNCHRONIZE CACHE"),
         check_pulled_in("SYNCHRONIZE CACHE")),
    case("unplugged-in-a-close", "dvd+r", PULLED_IN.format(command="CLOSE TRACK/SESSION"),
         check_pulled_in("CLOSE TRACK/SESSION")),
    case("power-cut-in-a-write", "dvd-ram", PULLED_AND_CUT, check_power_cut),
    case("server-silent-for-5-s", "dvd+r", STOPPED, both(check_completed("first"), check_as_it_is)),
    case("kiln-killed-on-dvd-ram", "dvd-ram",
         KILLED.format(image="/long-image", how="--overwrite", half="{half}"),
         both(check_completed("second"), check_as_it_is)),
    # What is open of the killed burn is closed by the next one, which begins behind it.
    case("kiln-killed-on-dvd+r", "dvd+r",
         KILLED.format(image="/image", how="--append", half="{half}"),
         both(check_completed("second"), check_killed_on_dvd_plus_r, check_as_it_is)),
)

BOOTS = (
    cases.Boot("disturbed", CASES, files=("image", "long_image"), counts_instructions=True),
)
