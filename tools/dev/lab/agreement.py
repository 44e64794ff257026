"""What other programs say of a drive and of its disc, beside what kiln says.

dvd+rw-mediainfo and cd-info know nothing of a session in which nothing is closed, sg_get_config prints
names: each table below says which of its words is which of ours.
"""

import re

import cases

TOOLS = {
    "sg_inq": "sg_inq /dev/sg0",
    "sg_get_config": "sg_get_config /dev/sr0",
    "lsusb": "lsusb -v -d 0e8d:",
    "dvd+rw-mediainfo": "dvd+rw-mediainfo /dev/sr0",
    "cd-info": "cd-info --no-cddb --no-device-info -C /dev/sr0",
}
BLOCK = 2048


def programs(medium: str) -> tuple[str, ...]:
    other = "cd-info" if medium.startswith("cd") else "dvd+rw-mediainfo"
    return ("sg_inq", "sg_get_config", "lsusb", other)


def script(medium: str) -> str:
    """lsusb ends with 1 where it cannot open one of the hubs."""
    lines = ["kiln info sg:/dev/sr0 --json > $out/kiln", "kiln drives --json > $out/drives"]
    lines += [f"{TOOLS[name]} > $out/{name} || echo {name}: $?" for name in programs(medium)]
    return "\n".join(lines) + "\n"


def one(pattern: str, text: str) -> str:
    found = re.search(pattern, text, re.MULTILINE)
    assert found, f"no {pattern!r} in\n{text}"
    return found[1].strip()


def equal(what: str, theirs, ours):
    assert theirs == ours, f"{what}: they say {theirs!r}, kiln says {ours!r}"


def check_inquiry(text: str, ours: dict):
    for words, name in (("Vendor identification", "vendor"), ("Product identification", "product"),
                        ("Product revision level", "revision"), ("Unit serial number", "serial")):
        equal(name, one(rf"^ {words}: (.*)$", text), ours[name])


def check_configuration(text: str, ours: dict):
    feature = r"^ {4}version=(\d+), persist=([01]), current=([01]) \[0x([0-9a-f]+)\]$"
    theirs = [(int(code, 16), int(version), persistent == "1", current == "1")
              for version, persistent, current, code in re.findall(feature, text, re.MULTILINE)]
    equal("features", theirs, [(f["code"], f["version"], f["persistent"], f["current"])
                               for f in ours["features"]])
    listed = re.findall(r"^ {6}profile: (.*) , currentP=([01])$", text, re.MULTILINE)
    equal("the number of profiles", len(listed), len(ours["profiles"]))
    current = [at for at, (_, is_current) in enumerate(listed) if is_current == "1"]
    equal("the current profile", [ours["profiles"][at]["profile"] for at in current],
          [ours["medium"]["profile"]])


def check_usb(text: str, ours: dict):
    """What lsusb sees on the bus is the drive that `kiln drives` lists there."""
    bus, drive = one(r"^Bus 0*(\d+) Device", text), ours["on_usb"]
    equal("the bus", bus, one(r"^usb:(\d+)-", drive["address"]))
    equal("the vendor", one(r"^  iManufacturer +1 (.*)$", text), drive["vendor"])
    equal("the product", one(r"^  iProduct +2 (.*)$", text), drive["product"])
    equal("the device's revision", one(r"^  bcdDevice +(\S+)$", text), drive["revision"])
    for field, value in (("Class", "8"), ("SubClass", "2"), ("Protocol", "80")):
        equal(field, one(rf"^ +bInterface{field} +(\d+)", text), value)


def check_disc(text: str, ours: dict):
    """dvd+rw-mediainfo counts the open session, and calls stopped what it can go on with later."""
    medium = ours["medium"]
    equal("identity", one(r"^INQUIRY: +(.*)$", text),
          f"[{ours['vendor']:8}][{ours['product']:16}][{ours['revision']:4}]")
    equal("profile", int(one(r"Mounted Media: +([0-9A-F]+)h", text), 16), medium["profile"])
    equal("maker", re.sub(r" +", "", one(r"Media ID: +(.*)$", text)),
          re.sub(r" +", "", medium["media_id"]))
    speeds = re.findall(r"^ Write Speed #\d+: +[\d.]+x\d+=(\d+)KB/s", text, re.MULTILINE)
    equal("speeds", [int(speed) for speed in speeds], [s["kb_s"] for s in ours["write_speeds"]])
    equal("status", one(r"Disc status: +(.*)$", text), medium["status"])
    last = one(r"State of Last Session: +(.*)$", text)
    equal("last session", last, medium["last_session"])
    equal("sessions", int(one(r"Number of Sessions: +(\d+)", text)),
          medium["sessions"] + (last != "complete"))
    check_tracks(text, medium)
    readable = int(one(r"^READ CAPACITY: +(\d+)\*", text))
    equal("capacity", readable, medium["readable_blocks"])


def check_tracks(text: str, medium: dict):
    tracks = re.findall(r"Track Start Address: +(\d+)\*2KB(.*?)Track Size: +(\d+)\*2KB", text,
                        re.DOTALL)
    equal("tracks", [(int(start), int(size)) for start, _, size in tracks],
          [(track["start_lba"], track["blocks"]) for track in medium["tracks"]])
    writable = re.findall(r"Next Writable Address: +(\d+)\*2KB", text)
    ours = [track["next_writable_lba"] for track in medium["tracks"]
            if "next_writable_lba" in track]
    equal("next writable addresses", [int(at) for at in writable], ours)


def check_cd(text: str, ours: dict):
    tracks = [(int(number), int(start)) for number, start in re.findall(
        r"^ +(\d+): \d\d:\d\d:\d\d +(\d{6}) data ", text, re.MULTILINE)]
    medium = ours["medium"]
    equal("tracks", tracks, [(track["number"], track["start_lba"])
                             for track in medium["tracks"] if not track["blank"]])
    equal("lead-out", int(one(r"^170: \d\d:\d\d:\d\d +(\d{6}) +leadout", text)),
          medium["readable_blocks"])


CHECKS = {"sg_inq": check_inquiry, "sg_get_config": check_configuration, "lsusb": check_usb,
          "dvd+rw-mediainfo": check_disc, "cd-info": check_cd}


def check(evidence: cases.Evidence):
    ours = evidence.last_event("kiln")
    ours["on_usb"] = evidence.last_event("drives")["drives"][1]
    for name, compare in CHECKS.items():
        if evidence.path(name).exists():
            compare(evidence.text(name), ours)
