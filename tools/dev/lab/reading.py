"""kiln reads drives that we did not write, through libusb and the kernel's usbfs."""

import cases


def qemus_drives(materials: cases.Materials) -> list[str]:
    """Bulk-Only drives behind a host controller of each speed; their serial numbers tell them apart."""
    devices = []
    for controller, name in (("qemu-xhci", "super"), ("usb-ehci", "high")):
        devices += [
            "-device", f"{controller},id={name}-bus",
            "-device", f"usb-bot,id={name},bus={name}-bus.0,serial={name}",
            "-drive", f"file={materials.image},if=none,id={name}-cd,format=raw,readonly=on,"
            "media=cdrom",
            "-device", f"scsi-cd,bus={name}.0,drive={name}-cd",
        ]
    return devices


# QEMU 7.2's usb-bot forgets, or answers with zeros, a status that is asked for before the data are
# through: fixtures/quirks/ has it. 9p takes no memory of usbfs's: the read goes onto it nevertheless.
READ_QEMU = """
until_so grep -qsx {name} /sys/bus/usb/devices/*/serial
kiln read usb:46f4:0001:{name} $shared/read
/bin/cmp $shared/read /image
"""
GIVEN_BACK = """
there /dev/sr1
/bin/dd if=/dev/sr0 of=again bs=64k
/bin/cmp again /image
/bin/dd if=/dev/sr1 of=again bs=64k
/bin/cmp again /image
"""

QEMU = cases.Boot(
    "qemus-drives",
    (
        cases.Case("kiln-reads-qemus-drive-at-super-speed", READ_QEMU.format(name="super")),
        cases.Case("kiln-reads-qemus-drive-at-high-speed", READ_QEMU.format(name="high")),
        cases.Case("kiln-gives-qemus-drives-back", GIVEN_BACK),
    ),
    modules=("xhci_pci", "ehci_pci", "usb-storage", "sr_mod", "sg"),
    files=("image",),
    devices=qemus_drives,
)

# A second Bulk-Only drive, by other people: the kernel's own gadget, which stalls where it has too
# little to give. Its CD-ROM is read-only and knows READ TOC and READ CAPACITY, but no profiles.
GADGET = """
mount -t configfs configfs /sys/kernel/config
gadget=/sys/kernel/config/usb_gadget/kiln
mkdir -p $gadget/strings/0x409 $gadget/configs/c.1 $gadget/functions/mass_storage.0
cd $gadget
echo 0x0525 > idVendor
echo 0xa4a5 > idProduct
echo 123456789012 > strings/0x409/serialnumber
lun=functions/mass_storage.0/lun.0
echo 1 > functions/mass_storage.0/stall
echo 1 > $lun/cdrom
echo 1 > $lun/ro
echo /image > $lun/file
ln -s functions/mass_storage.0 configs/c.1
basename /sys/class/udc/dummy_udc.0 > UDC
cd /tmp
there /dev/sr0
kiln read usb:$(port 0525) read
/bin/cmp read /image
there /dev/sr0
/bin/dd if=/dev/sr0 of=again bs=64k
/bin/cmp again /image
echo > $gadget/UDC
"""

KERNELS_OWN = cases.Boot(
    "the-kernels-drive",
    (cases.Case("kiln-reads-the-kernels-mass-storage-gadget", GADGET),),
    modules=("dummy_hcd", "usb_f_mass_storage", "usb-storage", "sr_mod", "sg"),
    files=("image",),
)

BOOTS = (QEMU, KERNELS_OWN)
