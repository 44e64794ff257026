"""A stock kernel, real usbfs and usb-storage, and devices and programs that we did not write.

`FILE KILN [CASE…]`: each case boots a machine of its own in QEMU's software emulation. Without QEMU or
Debian's kernel all cases are skipped, and the first skip says why.
"""

import json
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import traceback

import guest
import kernel

ROOT = pathlib.Path(__file__).resolve().parents[3]
MIB = 1 << 20
# Each waits for what is to come; the guest's time bound ends what never does.
WORDS = """
there() { until [ -e "$1" ]; do usleep 20000; done; }
gone() { while [ -e "$1" ]; do usleep 20000; done; }
port() { until grep -l "$1" /sys/bus/usb/devices/*/idVendor > /tmp/found; do usleep 20000; done
  basename $(dirname $(head -n 1 /tmp/found)); }
"""
SERVE = """
kiln sim new /tmp/drive --medium {medium}
mkfifo /tmp/orders
sleep 1000 > /tmp/orders &
serve() {{
  rm -f /tmp/served
  kiln sim serve /tmp/drive,time={time} --attach --speed {speed} --json \\
    < /tmp/orders > /tmp/served &
  server=$!
  until grep -q sim-serve /tmp/served; do usleep 20000; done
}}
serve
"""


class Skip(Exception):
    """The case cannot run here; the text says why."""


class Lab:
    def __init__(self, linux: kernel.Kernel, program: pathlib.Path, place: pathlib.Path):
        self.linux = linux
        self.program = program
        self.place = place

    def image(self, size: int) -> pathlib.Path:
        path = self.place / "image"
        path.write_bytes(random.Random(size).randbytes(size))
        return path

    def iso(self) -> tuple[pathlib.Path, pathlib.Path]:
        """An ISO 9660 image, and the one file in it."""
        if shutil.which("xorriso") is None:
            raise Skip("xorriso is not there, which makes the image")
        folder = self.place / "content"
        folder.mkdir()
        file = folder / "file"
        file.write_bytes(random.Random(1).randbytes(MIB + 1000))
        image = self.place / "image.iso"
        subprocess.run(["xorriso", "-as", "mkisofs", "-quiet", "-R", "-o", str(image), str(folder)],
                       check=True, capture_output=True)
        return image, file

    def run(self, script: str, modules: list[str], devices: list[str] | None = None,
            files: list[pathlib.Path] | None = None,
            programs: list[pathlib.Path] | None = None) -> guest.Run:
        machine = guest.Guest(self.linux, self.place, [self.program, *(programs or [])], modules,
                              files or [])
        run = machine.run(WORDS + script, devices).check()
        print(f"  {run.seconds:.1f} s")
        return run


def qemu_cd(image: pathlib.Path, controller: str) -> list[str]:
    return ["-device", controller, "-device", "usb-bot,id=bot",
            "-drive", f"file={image},if=none,id=cd,format=raw,readonly=on,media=cdrom",
            "-device", "scsi-cd,bus=bot.0,drive=cd"]


# QEMU 7.2's usb-bot forgets, or answers with zeros, a status that is asked for before the data are
# through: fixtures/quirks/ has it. 9p takes no memory of usbfs's: the read goes onto it nevertheless.
READ_QEMU = """
kiln read usb:$(port 46f4) /out/read
"""


def test_kiln_reads_qemus_drive_at_super_speed(lab: Lab):
    image = lab.image(4 * MIB)
    run = lab.run(READ_QEMU, ["xhci_pci"], qemu_cd(image, "qemu-xhci"))
    assert (run.out / "read").read_bytes() == image.read_bytes()


def test_kiln_reads_qemus_drive_at_high_speed_and_gives_it_back(lab: Lab):
    image = lab.image(4 * MIB)
    script = f"there /dev/sr0\n{READ_QEMU}\nthere /dev/sr0\n/bin/dd if=/dev/sr0 of=/out/again bs=64k"
    run = lab.run(script, ["ehci_pci", "usb-storage", "sr_mod", "sg"], qemu_cd(image, "usb-ehci"))
    assert (run.out / "read").read_bytes() == image.read_bytes()
    assert (run.out / "again").read_bytes() == image.read_bytes()


def burn_both_ways(lab: Lab, medium: str, speed: str):
    """kiln through usbfs, then the kernel reads; kiln through SG_IO, then kiln reads through usbfs."""
    image = lab.image(2 * MIB)
    script = SERVE.format(medium=medium, speed=speed, time="virtual") + """
there /dev/sr0
usb=usb:$(port 0e8d)
kiln burn /image $usb --verify --log /out/commands-usb
there /dev/sr0
/bin/dd if=/dev/sr0 of=/out/kernel bs=64k count=32
kiln burn /image sg:/dev/sr0 --overwrite --verify --log /out/commands-sg
kiln read $usb /tmp/read --blocks 0+1024
echo quit > /tmp/orders
wait $server
kiln read sim:/tmp/drive/ /tmp/kept --blocks 0+1024
cp /tmp/read /tmp/kept /out
"""
    run = lab.run(script, ["vhci_hcd", "usb-storage", "sr_mod", "sg"], files=[image])
    for name in ("kernel", "read", "kept"):
        assert (run.out / name).read_bytes() == image.read_bytes(), name


def test_kiln_burns_dvd_ram_through_usbfs_and_sg_at_high_speed(lab: Lab):
    burn_both_ways(lab, "dvd-ram", "high")


def test_kiln_burns_bd_re_through_usbfs_and_sg_at_super_speed(lab: Lab):
    burn_both_ways(lab, "bd-re", "super")


# Programs that we did not write burn an ISO 9660 image; the tray is opened and closed, for the kernel
# keeps the size of the blank until then; what is read and mounted is the image.
BURN = """
there /dev/sr0
{command}
there /dev/sr0
kiln eject sg:/dev/sr0
kiln load sg:/dev/sr0
/bin/dd if=/dev/sr0 of=/tmp/back bs=2048 count={blocks}
/bin/cmp /tmp/back /image.iso
mount -t iso9660 -o ro /dev/sr0 /mnt
/bin/cmp /mnt/file /file
umount /mnt
kiln info sg:/dev/sr0
echo quit > /tmp/orders
wait $server
gone /dev/sr0
rm -r /tmp/drive /tmp/orders
"""
CLIENTS = {
    "cdrskin": (
        ("cd-r", "cdrskin dev=/dev/sr0 -tao -v padsize=300k /image.iso"),
        ("dvd+r", "cdrskin dev=/dev/sr0 -v /image.iso"),
        ("bd-r", "cdrskin dev=/dev/sr0 -v /image.iso"),
    ),
    "wodim": (("cd-r", "wodim dev=/dev/sr0 -tao -v -pad /image.iso"),),
    "growisofs": (
        ("dvd+rw", "growisofs -use-the-force-luke=notray -Z /dev/sr0=/image.iso"),
        ("bd-re", "growisofs -use-the-force-luke=notray -Z /dev/sr0=/image.iso"),
    ),
    "xorriso": (("dvd-r", "xorriso -as cdrecord dev=/dev/sr0 -v /image.iso"),),
}


def clients_burn(lab: Lab, name: str):
    program = shutil.which(name)
    if program is None:
        raise Skip(f"{name} is not there")
    image, file = lab.iso()
    blocks = image.stat().st_size // 2048
    script = "".join(
        SERVE.format(medium=medium, speed="high", time="virtual")
        + BURN.format(command=command, blocks=blocks)
        for medium, command in CLIENTS[name]
    )
    lab.run(script, ["vhci_hcd", "usb-storage", "sr_mod", "sg", "isofs"], files=[image, file],
            programs=[pathlib.Path(program)])


def test_cdrskin_burns_through_usb_storage(lab: Lab):
    clients_burn(lab, "cdrskin")


def test_wodim_burns_through_usb_storage(lab: Lab):
    clients_burn(lab, "wodim")


def test_growisofs_burns_through_usb_storage(lab: Lab):
    clients_burn(lab, "growisofs")


def test_xorriso_burns_through_usb_storage(lab: Lab):
    clients_burn(lab, "xorriso")


# A burn that is at it, on a drive that takes its time.
BURNING = """
there /dev/sr0
usb=usb:$(port 0e8d)
burning() {
  rm -f /tmp/events
  kiln burn /image "$@" --json > /tmp/events 2> /tmp/said &
  burn=$!
  until grep -q '"last_written_lba":[1-9]' /tmp/events; do usleep 20000; done
}
ended() {
  status=0
  wait $burn || status=$?
  tail -n 1 /tmp/events > /out/$1
  echo "$1: $status"
}
"""


def disturbed(lab: Lab, medium: str, script: str) -> tuple[guest.Run, dict[str, dict]]:
    """What ran, and the result of each burn by its name."""
    run = lab.run(SERVE.format(medium=medium, speed="high", time="real") + BURNING + script,
                  ["vhci_hcd", "usb-storage", "sr_mod", "sg"], files=[lab.image(24 * MIB)])
    return run, {path.name: json.loads(path.read_text()) for path in run.out.glob("burn-*")}


def test_unplugged_in_mid_write_and_plugged_again(lab: Lab):
    run, results = disturbed(lab, "dvd+r", """
burning $usb
echo unplug > /tmp/orders
ended burn-1
gone /dev/sr0
echo plug > /tmp/orders
there /dev/sr0
kiln info usb:$(port 0e8d) --json > /out/info
""")
    assert results["burn-1"]["outcome"] == "failed" and "burn-1: 1\n" in run.log, run.log
    assert "medium" in (run.out / "info").read_text(), run.log


def test_a_server_that_is_killed_in_mid_write_is_a_power_cut(lab: Lab):
    run, results = disturbed(lab, "dvd-ram", """
burning $usb
kill -9 $server
ended burn-1
gone /dev/sr0
serve
there /dev/sr0
kiln info usb:$(port 0e8d)
kiln burn /image usb:$(port 0e8d) --overwrite --json > /out/events
tail -n 1 /out/events > /out/burn-2
""")
    assert results["burn-1"]["outcome"] == "failed", run.log
    assert results["burn-2"]["outcome"] == "completed", run.log


def test_a_kiln_that_is_killed_leaves_a_drive_that_can_be_used(lab: Lab):
    run, results = disturbed(lab, "dvd-ram", """
burning $usb
kill -9 $burn
wait $burn || true
kiln info $usb
kiln burn /image $usb --overwrite --json > /out/events
tail -n 1 /out/events > /out/burn-2
there /dev/sr0
""")
    assert results["burn-2"]["outcome"] == "completed", run.log


def test_a_cancelled_burn_can_be_read_by_the_kernel(lab: Lab):
    run, results = disturbed(lab, "dvd+r", """
burning $usb
kill -INT $burn
ended burn-1
there /dev/sr0
/bin/dd if=/dev/sr0 of=/out/first bs=64k count=1
""")
    result = results["burn-1"]
    assert result["outcome"] == "cancelled" and "burn-1: 3\n" in run.log, run.log
    assert result["disc"]["readable"] and result["disc"]["as_predicted"], result
    assert (run.out / "first").read_bytes() == lab.image(24 * MIB).read_bytes()[:65536]


def run_case(name: str, case, linux: kernel.Kernel, program: pathlib.Path) -> str:
    print(name, flush=True)
    with tempfile.TemporaryDirectory(prefix="kiln-lab-") as place:
        try:
            case(Lab(linux, program, pathlib.Path(place)))
        except Skip as skip:
            print(f"skipped {name}: {skip}")
            return "skipped"
        except Exception:  # a case that breaks is a failed one, whatever it raises
            print(f"FAILED {name}")
            traceback.print_exc(file=sys.stdout)
            return "failed"
    return "passed"


def main() -> int:
    program = pathlib.Path(sys.argv[1]).resolve()
    wanted = sys.argv[2:]
    missing = guest.missing_programs()
    if missing:
        print(f"no lab without {', '.join(missing)} (tools/setup installs them)")
        return 77
    try:
        linux = kernel.Kernel(ROOT / "build" / "lab")
    except kernel.NoKernel as error:
        print(f"no lab without Debian's kernel: {error}")
        return 77
    cases = {name.removeprefix("test_"): case for name, case in globals().items()
             if name.startswith("test_") and (not wanted or name.removeprefix("test_") in wanted)}
    ends = [run_case(name, case, linux, program) for name, case in cases.items()]
    count = {end: ends.count(end) for end in ("passed", "failed", "skipped")}
    print(f"{count['passed']} passed, {count['failed']} failed, {count['skipped']} skipped")
    return 1 if count["failed"] or not ends else 0


if __name__ == "__main__":
    sys.exit(main())
