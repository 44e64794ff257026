"""kiln burns every medium that can be written, through usbfs and through SG_IO, on the same device.

What the kernel's usbmon saw of the former is what kiln's --log says.
"""

import capture
import cases

# What the second burn is called with; without it, a disc is burnt once and wants a second one.
SECOND = {
    "cd-r": "--append",
    "cd-rw": "--append",
    "dvd-r": "--append",
    "dvd-r-dl": None,
    "dvd-rw": "--append",
    "dvd-rw-ro": "--overwrite",
    "dvd+r": "--append",
    "dvd+r-dl": "--append",
    "dvd+rw": "--overwrite",
    "dvd-ram": "--overwrite",
    "bd-r": "--append",
    "bd-r-dl": "--append",
    "bd-r-xl": "--append",
    "bd-re": "--overwrite",
    "bd-re-dl": "--overwrite",
    "bd-re-xl": "--overwrite",
}
HIGH = tuple(name for name in SECOND if not name.startswith("bd"))
SUPER = tuple(name for name in SECOND if name.startswith("bd"))

# The kernel reads ahead, into the two run-out blocks that end a track of a CD and cannot be read, and
# then takes the disc to be shorter than it is (sr_done() in Linux 6.1, drivers/scsi/sr.c).
NOT_AHEAD = "blockdev --setra 0 /dev/sr0"

# The kernel reads what was burnt, on the other side each time: kiln's own view is --verify.
BOTH_WAYS = """
kernel_reads() {{
  at=$(sed -n 's/.*"plan".*"start_lba":\\([0-9]*\\).*/\\1/p' $1)
  {not_ahead}
  /bin/dd if=/dev/sr0 of=back bs=2048 skip=$at count=1024
  /bin/cmp back /image
}}
kiln sim new drive --medium {medium}
serve drive {speed} virtual
dumpcap -q -i usbmon0 -w capture.pcapng 2> $out/dumpcap &
capturing=$!
says $out/dumpcap File:
kiln burn /image $usb --verify --json --log $out/usb.log > $out/usb.json
there /dev/sr0
kill -INT $capturing
wait $capturing
cp capture.pcapng $out
kernel_reads $out/usb.json
{another}
kiln burn /image sg:/dev/sr0 {how} --verify --json --log $out/sg.log > $out/sg.json
looked_at_again
kernel_reads $out/sg.json
ended
"""
ANOTHER_DISC = """
ended
rm -r drive
kiln sim new drive --medium {medium}
serve drive {speed} virtual
"""


def check(evidence: cases.Evidence):
    for way in ("usb", "sg"):
        result = evidence.last_event(f"{way}.json")
        assert result["outcome"] == "completed" and result["verified"] == "yes", result
    capture.check_equal(evidence.path("capture.pcapng"), evidence.text("usb.log"),
                        evidence.text("dumpcap"))


def case(medium: str, speed: str) -> cases.Case:
    how = SECOND[medium]
    another = "" if how else ANOTHER_DISC.format(medium=medium, speed=speed)
    script = BOTH_WAYS.format(medium=medium, speed=speed, how=how or "", another=another,
                              not_ahead=NOT_AHEAD if medium.startswith("cd") else "")
    return cases.Case(f"kiln-burns-{medium}-through-usbfs-and-sg", script, check, ("dumpcap", "tshark"))


BOOTS = tuple(
    cases.Boot(
        f"kiln-burns-at-{speed}-speed",
        tuple(case(medium, speed) for medium in media),
        modules=(*cases.BEHIND_VHCI, "usbmon"),
        files=("image",),
    )
    for speed, media in (("high", HIGH), ("super", SUPER))
)
