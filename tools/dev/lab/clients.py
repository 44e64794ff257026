"""Programs that we did not write burn an ISO 9660 image onto our drive, through usb-storage.

The kernel then mounts what they burnt, and other programs tell what the drive and the disc are.
"""

import agreement
import cases

# With `notray` growisofs leaves the tray alone, which it would open by an ioctl and wait.
GROWISOFS = "growisofs -use-the-force-luke=notray -Z /dev/sr0=/image.iso"
CDRSKIN = "cdrskin dev=/dev/sr0 -v /image.iso"
WODIM = "wodim dev=/dev/sr0 gracetime=0 -v /image.iso"
XORRISO = "xorriso -as cdrecord dev=/dev/sr0 -v /image.iso"
CLIENTS = {
    "cdrskin": (
        # Without padding the kernel stumbles over the run-out blocks, see burning.py.
        ("cd-r", f"{CDRSKIN} -tao padsize=300k"),
        ("dvd-r", CDRSKIN),
        ("dvd+r", CDRSKIN),
        ("dvd+rw", CDRSKIN),
        ("bd-r", CDRSKIN),
        ("bd-re", f"{CDRSKIN} blank=as_needed"),
    ),
    "growisofs": (
        ("dvd-r", GROWISOFS),
        ("dvd+r", GROWISOFS),
        ("dvd+rw", GROWISOFS),
        ("bd-r", GROWISOFS),
        ("bd-re", GROWISOFS),
    ),
    "wodim": (("cd-r", f"{WODIM} -tao -pad"), ("dvd+r", WODIM)),
    "xorriso": (("cd-r", f"{XORRISO} -tao -pad"), ("dvd-r", XORRISO), ("bd-re", XORRISO)),
}
BURN = """
kiln sim new drive --medium {medium}
serve drive high virtual
{command}
there /dev/sr0
looked_at_again
/bin/dd if=/dev/sr0 of=back bs=2048 count=$(($(stat -c %s /image.iso) / 2048))
/bin/cmp back /image.iso
mount -t iso9660 -o ro /dev/sr0 /mnt
/bin/cmp /mnt/content /content
umount /mnt
"""


def case(name: str, medium: str, command: str) -> cases.Case:
    script = BURN.format(medium=medium, command=command) + agreement.script(medium) + "ended\n"
    return cases.Case(f"{name}-burns-{medium}", script, agreement.check,
                      (name, *agreement.programs(medium)))


def boot(*names: str) -> cases.Boot:
    return cases.Boot(
        f"{'-and-'.join(names)}",
        tuple(case(name, medium, command) for name in names for medium, command in CLIENTS[name]),
        modules=(*cases.BEHIND_VHCI, "isofs"),
        files=("iso", "content"),
        counts_instructions=True,  # they sleep for seconds between two looks at the drive
    )


BOOTS = (boot("cdrskin"), boot("growisofs"), boot("wodim", "xorriso"))
