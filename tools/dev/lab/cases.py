"""What a case of the lab is, and the words that its script is written in.

A script runs in the guest as `sh -e`, in an empty working folder, and leaves what is to be looked at
in $out.
"""

import dataclasses
import json
import pathlib
import random
import shutil
import subprocess
from collections.abc import Callable

import guest

MIB = 1 << 20
IMAGE_BYTES = 2 * MIB
LONG_IMAGE_BYTES = 24 * MIB
WORDS = """
# CONDITION…: waits until it holds, for a minute at the most.
until_so() {
  local left=3000
  until "$@"; do
    left=$((left - 1))
    [ $left -gt 0 ] || { echo "waited too long for: $*"; exit 1; }
    usleep 20000
  done
}
there() { until_so [ -e "$1" ]; }
gone() { until_so [ ! -e "$1" ]; }
says() { until_so grep -qs "$2" "$1"; }
# The port of the device with that vendor.
port() {
  until_so grep -qsx "$1" /sys/bus/usb/devices/*/idVendor
  basename $(dirname $(grep -lx "$1" /sys/bus/usb/devices/*/idVendor | head -n 1))
}
# FOLDER SPEED TIME: its orders go to $orders, $server is its process, $usb its address.
serve() {
  orders=$PWD/orders
  [ -e $orders ] || { mkfifo $orders; sleep 10000 > $orders & }
  rm -f served
  kiln sim serve $1,time=$3 --attach --speed $2 --json < $orders > served &
  server=$!
  says served sim-serve
  there /dev/sr0
  usb=usb:$(port 0e8d)
}
ended() {
  echo quit > $orders
  wait $server
  gone /dev/sr0
}
# The kernel keeps the size of a disc until the tray was opened and closed.
looked_at_again() {
  kiln eject sg:/dev/sr0
  kiln load sg:/dev/sr0
}
"""
BEHIND_VHCI = ("vhci_hcd", "usb-storage", "sr_mod", "sg")


class Skip(Exception):
    """The case cannot run here; the text says why."""


@dataclasses.dataclass(frozen=True)
class Materials:
    """What is burnt and read, made once for all; each file lies in the guest's root by its name."""

    image: pathlib.Path
    long_image: pathlib.Path
    iso: pathlib.Path  # with `content` in it, and nothing else
    content: pathlib.Path

    @classmethod
    def make(cls, place: pathlib.Path) -> "Materials":
        def noise(name: str, size: int) -> pathlib.Path:
            path = place / name
            path.write_bytes(random.Random(size).randbytes(size))
            return path

        folder = place / "folder"
        folder.mkdir()
        content = noise("content", MIB + 1000)
        shutil.copy(content, folder / "content")
        iso = place / "image.iso"
        subprocess.run(["xorriso", "-as", "mkisofs", "-quiet", "-R", "-o", str(iso), str(folder)],
                       check=True, capture_output=True)
        return cls(noise("image", IMAGE_BYTES), noise("long-image", LONG_IMAGE_BYTES), iso, content)

    def iso_blocks(self) -> int:
        return self.iso.stat().st_size // 2048


@dataclasses.dataclass(frozen=True)
class Evidence:
    """What a case that got to its end has left."""

    end: guest.Ended
    materials: Materials
    ends: dict[str, guest.Ended]  # of all cases of this boot, by their names

    @property
    def log(self) -> str:
        return self.end.log

    def path(self, name: str) -> pathlib.Path:
        return self.end.out / name

    def text(self, name: str) -> str:
        return self.path(name).read_text(encoding="utf-8", errors="replace")

    def last_event(self, name: str) -> dict:
        return json.loads(self.text(name).splitlines()[-1])


def nothing_more(_: Evidence):
    """The script itself fails where something is wrong."""


@dataclasses.dataclass(frozen=True)
class Case:
    name: str
    script: str
    check: Callable[[Evidence], None] = nothing_more
    programs: tuple[str, ...] = ()  # of the host, which it cannot do without
    longest_s: int = 120

    def missing(self) -> list[str]:
        return [name for name in self.programs if find_program(name) is None]


def find_program(name: str) -> pathlib.Path | None:
    found = shutil.which(name, path="/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin")
    return pathlib.Path(found) if found else None


def no_devices(_: Materials) -> list[str]:
    return []


@dataclasses.dataclass(frozen=True)
class Boot:
    """Cases that share a machine, one after the other."""

    name: str
    cases: tuple[Case, ...]
    modules: tuple[str, ...] = BEHIND_VHCI
    files: tuple[str, ...] = ()  # of Materials
    devices: Callable[[Materials], list[str]] = no_devices
    counts_instructions: bool = False

    def only(self, wanted: Callable[[str], bool]) -> "Boot":
        cases = tuple(case for case in self.cases if wanted(case.name))
        return dataclasses.replace(self, cases=cases)
