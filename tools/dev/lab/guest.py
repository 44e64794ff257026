"""One run of a machine that is not there: a stock kernel, the programs of this one, and scripts.

The guest is made anew for each run: busybox, the named programs with the libraries that they are
linked with, and the modules. It runs as QEMU's software emulation and needs no root. Each script has
a fresh working folder, another one, $out, for what is to be seen on the host, and what it starts ends
with it. A status that is absent means that the guest never got to its end.
"""

import dataclasses
import os
import pathlib
import re
import shutil
import stat
import subprocess
import time

import kernel

MODULES = ["virtio_pci", "9pnet_virtio", "9p"]
# It would wait for a second before it looks at a drive.
_OPTIONS = {"usb-storage": "delay_use=0"}
_FOLDERS = "bin dev etc/scripts lib lib64 mnt out proc run sbin sys tmp usr/bin usr/sbin var/lock".split()
_INIT = """#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/usr/local/bin:/usr/bin:/usr/sbin:/sbin:/bin HOME=/tmp LC_ALL=C TERM=dumb
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mount -t tmpfs tmp /tmp
mount -t tmpfs run /run
ip link set lo up
while read -r line; do insmod $line || echo "insmod $line failed"; done < /etc/modules
mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144 out /out || echo no /out
while read -r name seconds; do
  # Its first process goes, and with it all that it started.
  unshare -m -p -f --mount-proc sh /etc/one "$name" "$seconds" < /dev/null
done < /etc/list
dmesg > /out/dmesg
sync
poweroff -f
"""
_ONE = """
# What waits for the host lets the counting clock run ahead: nothing goes there before the end.
out=/run/out
shared=/out/$1
export out shared
mount -t tmpfs tmp /tmp
mount -t tmpfs run /run
mkdir $out
cd /tmp
cut -d ' ' -f 1 /proc/uptime > $out/began
timeout -s KILL $2 sh -e /etc/scripts/$1 > $out/log 2>&1
status=$?
cut -d ' ' -f 1 /proc/uptime > $out/ended
cp $out/* $shared
echo $status > $shared/status.part
mv $shared/status.part $shared/status
"""


@dataclasses.dataclass(frozen=True)
class Script:
    name: str
    text: str
    longest_s: int  # of the guest's time; it is killed then


@dataclasses.dataclass(frozen=True)
class Ended:
    """What became of a script."""

    status: int | None  # none: the guest ended before it did
    log: str
    seconds: float  # of the guest's time
    out: pathlib.Path


@dataclasses.dataclass(frozen=True)
class Run:
    ends: dict[str, Ended]
    console: str
    seconds: float


def libraries_of(program: pathlib.Path) -> list[pathlib.Path]:
    said = subprocess.run(["ldd", str(program)], capture_output=True, encoding="utf-8").stdout
    return [pathlib.Path(found) for found in re.findall(r"(?:=> |^\s*)(/\S+) \(0x", said,
                                                        re.MULTILINE)]


def _copy(source: pathlib.Path, tree: pathlib.Path, at: str | None = None):
    target = tree / (at or str(source)).lstrip("/")
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source.resolve(), target)
        target.chmod(0o755)


def _pack(tree: pathlib.Path, image: pathlib.Path):
    names = "\0".join(str(path.relative_to(tree)) for path in sorted(tree.rglob("*")))
    with image.open("wb") as out:
        subprocess.run(["cpio", "--null", "--create", "--format=newc", "--quiet", "-R", "0:0"],
                       input=names.encode(), stdout=out, cwd=tree, check=True)


@dataclasses.dataclass(frozen=True)
class Guest:
    """`place` is a folder of the run's own."""

    linux: kernel.Kernel
    place: pathlib.Path
    programs: list[pathlib.Path]
    modules: list[str]
    files: list[pathlib.Path]
    devices: list[str]
    # Its clock counts instructions, and stands at the next timer as soon as nothing is to be done:
    # what is waited for takes no time, and what is measured does not depend on the host.
    counts_instructions: bool = False

    def _tree(self, scripts: list[Script]) -> pathlib.Path:
        tree = self.place / "tree"
        for folder in _FOLDERS:
            (tree / folder).mkdir(parents=True)
        _copy(pathlib.Path("/bin/busybox"), tree)
        for program in self.programs:
            _copy(program, tree, f"/usr/local/bin/{program.name}")
            for library in libraries_of(program):
                _copy(library, tree)
        for file in self.files:
            _copy(file, tree, f"/{file.name}")
        lines = []
        for module, options in self.linux.modules(MODULES + self.modules):
            _copy(module, tree, f"/lib/modules/{module.name}")
            options = _OPTIONS.get(module.stem, options)
            lines.append(f"/lib/modules/{module.name} {options}".strip())
        (tree / "etc/modules").write_text("\n".join(lines) + "\n")
        (tree / "etc/one").write_text(_ONE)
        (tree / "etc/list").write_text("".join(f"{s.name} {s.longest_s}\n" for s in scripts))
        for script in scripts:
            (tree / "etc/scripts" / script.name).write_text(script.text)
        (tree / "init").write_text(_INIT)
        (tree / "init").chmod(stat.S_IRWXU)
        return tree

    def _command(self, image: pathlib.Path, out: pathlib.Path, memory: str) -> list[str]:
        counting = ["-icount", "shift=0,sleep=off"] if self.counts_instructions else []
        return [
            "qemu-system-x86_64", "-machine", "pc", "-accel", "tcg,thread=single", "-cpu", "max",
            *counting, "-smp", "1", "-m", memory, "-nodefaults", "-no-user-config",
            "-display", "none", "-no-reboot", "-serial", f"file:{self.place / 'console'}",
            "-kernel", str(self.linux.file), "-initrd", str(image),
            "-append", "console=ttyS0 quiet panic=-1 mitigations=off",
            "-fsdev", f"local,id=out,path={out},security_model=none",
            "-device", "virtio-9p-pci,fsdev=out,mount_tag=out",
            *self.devices,
        ]

    def run(self, scripts: list[Script], longest_s: int, memory: str = "1G") -> Run:
        """`longest_s` is of our time."""
        out = self.place / "out"
        for script in scripts:
            (out / script.name).mkdir(parents=True)
        image = self.place / "initramfs"
        _pack(self._tree(scripts), image)
        start = time.monotonic()
        try:
            subprocess.run(self._command(image, out, memory), stdin=subprocess.DEVNULL,
                           capture_output=True, timeout=longest_s)
        except subprocess.TimeoutExpired:
            pass  # who did not come to his end has no status
        return Run(
            ends={script.name: _ended(out / script.name) for script in scripts},
            console=_text(self.place / "console"),
            seconds=time.monotonic() - start,
        )


def _ended(out: pathlib.Path) -> Ended:
    status = out / "status"
    if not status.exists():
        return Ended(status=None, log=_text(out / "log"), seconds=0, out=out)
    seconds = float(_text(out / "ended")) - float(_text(out / "began"))
    return Ended(int(status.read_text()), _text(out / "log"), seconds, out)


def _text(path: pathlib.Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""


def missing_programs() -> list[str]:
    needed = ("qemu-system-x86_64", "cpio", "/bin/busybox", "/usr/sbin/modprobe", "xorriso")
    return [name for name in needed if not shutil.which(name, path=os.defpath + ":/usr/sbin")]
