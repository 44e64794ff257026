"""Debian's stock kernel for the lab: fetched with apt-get into a folder, not installed.

The kernel is unpacked from its bzImage once: QEMU boots the ELF file inside by PVH, and need not spend
seconds on unpacking XZ in software emulation.
"""

import lzma
import os
import pathlib
import re
import shutil
import subprocess

# A bzImage's header: Linux, Documentation/arch/x86/boot.rst.
_SETUP_SECTORS = 0x1F1
_PAYLOAD_OFFSET = 0x248
_PAYLOAD_LENGTH = 0x24C
_SECTOR = 512
_XZ_MAGIC = b"\xfd7zXZ\0"
_ELF_MAGIC = b"\x7fELF"
LONGEST_S = 300


class NoKernel(Exception):
    """It cannot be had; the text says why."""


def _output(command: list[str], folder: pathlib.Path) -> str:
    try:
        done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True,
                              encoding="utf-8", errors="replace", timeout=LONGEST_S)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoKernel(f"{command[0]}: {error}") from error
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no word of why"])[-1]
        raise NoKernel(f"{' '.join(command[:2])}: {last}")
    return done.stdout


def _downloaded(folder: pathlib.Path) -> pathlib.Path:
    """Debian drops a version when there is a newer one; old lists of packages lead to it still."""
    depends = _output(["apt-cache", "depends", "linux-image-amd64"], folder)
    match = re.search(r"Depends: (linux-image-[\w.+-]+-amd64)$", depends, re.MULTILINE)
    if not match:
        raise NoKernel("apt-cache knows no linux-image-amd64")
    if not list(folder.glob(f"{match[1]}_*.deb")):
        _output(["apt-get", "-q", "download", match[1]], folder)
    return next(folder.glob(f"{match[1]}_*.deb"))


def unpacked(image: bytes) -> bytes:
    """The ELF file inside a bzImage."""
    start = (image[_SETUP_SECTORS] + 1) * _SECTOR
    offset = int.from_bytes(image[_PAYLOAD_OFFSET : _PAYLOAD_OFFSET + 4], "little")
    length = int.from_bytes(image[_PAYLOAD_LENGTH : _PAYLOAD_LENGTH + 4], "little")
    payload = image[start + offset : start + offset + length]
    if not payload.startswith(_XZ_MAGIC):
        raise NoKernel("the kernel is not packed with XZ, as Debian 12's is")
    kernel = lzma.LZMADecompressor().decompress(payload)
    if not kernel.startswith(_ELF_MAGIC):
        raise NoKernel("the kernel is not an ELF file")
    return kernel


class Kernel:
    """`folder` keeps it from one run to the next."""

    def __init__(self, folder: pathlib.Path):
        folder.mkdir(parents=True, exist_ok=True)
        self.root = folder / "root"
        self.file = folder / "vmlinux"
        if not self.file.exists():
            self._fetch(folder)
        self.version = next((self.root / "lib/modules").iterdir()).name

    def _fetch(self, folder: pathlib.Path):
        try:
            package = _downloaded(folder)
        except NoKernel as error:
            if os.getuid() != 0:
                raise NoKernel(f"{error}; perhaps `apt-get update` is due") from error
            _output(["apt-get", "-q", "-o", "DPkg::Lock::Timeout=300", "update"], folder)
            package = _downloaded(folder)
        shutil.rmtree(self.root, ignore_errors=True)
        _output(["dpkg", "-x", str(package), str(self.root)], folder)
        version = next((self.root / "lib/modules").iterdir()).name
        _output(["/usr/sbin/depmod", "-b", str(self.root), version], folder)
        image = next((self.root / "boot").glob("vmlinuz-*"))
        part = self.file.with_suffix(".part")
        part.write_bytes(unpacked(image.read_bytes()))
        part.rename(self.file)

    def modules(self, names: list[str]) -> list[tuple[pathlib.Path, str]]:
        """Files and their options, in the order in which they are to be loaded."""
        found: dict[pathlib.Path, str] = {}
        for name in names:
            listed = _output(["/usr/sbin/modprobe", "-d", str(self.root), "-S", self.version,
                              "--show-depends", name], self.root)
            for line in listed.splitlines():
                words = line.split()
                if words[0] == "insmod":
                    found.setdefault(pathlib.Path(words[1]), " ".join(words[2:]))
        return list(found.items())
