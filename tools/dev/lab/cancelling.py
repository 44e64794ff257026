"""Ctrl-C in the middle of a burn, kiln's beside other programs', on the same drive in its own time.

The signal goes to the program's process group when half of the image was taken by the drive. What is
told is guest time, from the signal to the program's end and to a drive that answers another program's
TEST UNIT READY, and what is on the disc then. kiln goes through libusb: until the kernel has its drive
back, no other program can use it.
"""

import cases

POLICIES = ("make-readable", "leave-resumable", "fastest-release", "emergency")
MEDIA = ("dvd+r", "bd-r")
# wodim knows nothing of Blu-ray.
PEERS = {
    "cdrskin": ("cdrskin dev=/dev/sr0 -v /long-image", MEDIA),
    "wodim": ("wodim dev=/dev/sr0 gracetime=0 -v /long-image", ("dvd+r",)),
    "growisofs": ("growisofs -use-the-force-luke=notray -Z /dev/sr0=/long-image", MEDIA),
}

# A program in the background of a script would have SIGINT ignored: here the signal is.
INTERRUPTED = """
kiln sim new drive --medium {medium}
serve drive high real
now() {{ cut -d ' ' -f 1 /proc/uptime; }}
interrupt() {{
  until [ $(stat -c %s drive/blocks) -ge {half} ]; do usleep 20000; done
  now > $out/sent
  kill -INT -$(cat program)
}}
interrupt &
status=0
setsid sh -c 'echo $$ > program; exec {command}' || status=$?
now > $out/gone
echo $status > $out/exit
there /dev/sr0
until sg_turs /dev/sr0; do usleep 100000; done
now > $out/ready
kiln info sg:/dev/sr0 --json > $out/disc
kiln info sg:/dev/sr0 > $out/disc.txt
ended
"""


def since_the_signal(evidence: cases.Evidence, name: str) -> float:
    return float(evidence.text(name)) - float(evidence.text("sent"))


def words_for(medium: dict) -> str:
    closed = medium["sessions"]
    sessions = f"{closed} closed session{'' if closed == 1 else 's'}"
    can = "more can be added" if medium["appendable"] else "nothing can be added"
    readable = medium["readable_blocks"] * 2048 / 1e6
    read = f"{readable:.1f} MB readable elsewhere" if closed else "not readable elsewhere"
    return f"{sessions}, last {medium['last_session']}; {read}; {can}"


def row(evidence: cases.Evidence, medium: str, program: str) -> dict:
    return {
        "medium": medium,
        "program": program,
        "program_ended_s": round(since_the_signal(evidence, "gone"), 1),
        "drive_usable_s": round(since_the_signal(evidence, "ready"), 1),
        "exit_status": int(evidence.text("exit")),
        "disc": words_for(evidence.last_event("disc")["medium"]),
    }


def check_peer(evidence: cases.Evidence):
    """That it was stopped in the middle, and that the drive can be used: the rest is the table's."""
    assert since_the_signal(evidence, "gone") > 0, evidence.log
    assert evidence.last_event("disc")["medium"]["kind"] in MEDIA


def check_kiln(evidence: cases.Evidence):
    check_peer(evidence)
    result = evidence.last_event("kiln.json")
    assert result["outcome"] == "cancelled" and evidence.text("exit") == "3\n", result
    assert result["disc"]["as_predicted"], result
    medium = evidence.last_event("disc")["medium"]
    assert medium["appendable"] == result["disc"]["appendable"], medium
    assert medium["sessions"] == result["disc"]["sessions"], medium


def interrupted(medium: str, command: str) -> str:
    return INTERRUPTED.format(medium=medium, command=command, half=cases.LONG_IMAGE_BYTES // 2)


def rows_of(medium: str) -> dict[str, cases.Case]:
    """By the program's name in the table."""
    rows = {}
    for policy in POLICIES:
        command = f"kiln burn /long-image $usb --on-cancel {policy} --json > $out/kiln.json"
        rows[f"kiln --on-cancel {policy}"] = cases.Case(
            f"interrupted-{medium}-kiln-{policy}",
            "export usb\n" + interrupted(medium, command), check_kiln, ("sg_turs",), longest_s=900)
    for name, (command, media) in PEERS.items():
        if medium in media:
            rows[name] = cases.Case(f"interrupted-{medium}-{name}", interrupted(medium, command),
                                    check_peer, (name, "sg_turs"), longest_s=900)
    return rows


ROWS = {medium: rows_of(medium) for medium in MEDIA}
BOOTS = tuple(
    cases.Boot(f"interrupted-{medium}", tuple(rows.values()), files=("long_image",),
               counts_instructions=True)
    for medium, rows in ROWS.items()
)
