"""One run of a machine that is not there: a stock kernel, the programs of this one, and a script.

The guest is made anew for each run: busybox, the named programs with the libraries that they are
linked with, and the modules. It runs as QEMU's software emulation and needs no root. What the script
leaves in /out is in `Run.out`; a status that is absent means that the guest never got to the end.
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
LONGEST_S = 240
_FOLDERS = "bin dev etc lib lib64 mnt out proc run sbin sys tmp usr/bin usr/sbin var/lock".split()
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
sh -e /etc/script > /out/log 2>&1 < /dev/null
echo $? > /out/status.part
mv /out/status.part /out/status
dmesg > /out/dmesg
sync
poweroff -f
"""


@dataclasses.dataclass
class Run:
    status: int | None  # of the script; none: it did not get to its end
    log: str
    console: str
    out: pathlib.Path
    seconds: float

    def check(self) -> "Run":
        if self.status != 0:
            raise AssertionError(f"the guest ended with {self.status}\n{self.log[-4000:]}\n"
                                 f"{self.console[-1500:]}")
        return self


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


class Guest:
    """`place` is a folder of the run's own."""

    def __init__(self, linux: kernel.Kernel, place: pathlib.Path, programs: list[pathlib.Path],
                 modules: list[str], files: list[pathlib.Path]):
        self.linux = linux
        self.place = place
        self.programs = programs
        self.modules = modules
        self.files = files

    def _tree(self, script: str) -> pathlib.Path:
        tree = self.place / "tree"
        shutil.rmtree(tree, ignore_errors=True)
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
        (tree / "etc/script").write_text(script)
        (tree / "init").write_text(_INIT)
        (tree / "init").chmod(stat.S_IRWXU)
        return tree

    def run(self, script: str, devices: list[str] | None = None, memory: str = "1G") -> Run:
        out = self.place / "out"
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        image = self.place / "initramfs"
        _pack(self._tree(script), image)
        console = self.place / "console"
        command = [
            "qemu-system-x86_64", "-machine", "pc", "-accel", "tcg,thread=single", "-cpu", "max",
            "-smp", "1", "-m", memory, "-nodefaults", "-no-user-config", "-display", "none",
            "-no-reboot", "-serial", f"file:{console}",
            "-kernel", str(self.linux.file), "-initrd", str(image),
            "-append", "console=ttyS0 quiet panic=-1 mitigations=off",
            "-fsdev", f"local,id=out,path={out},security_model=none",
            "-device", "virtio-9p-pci,fsdev=out,mount_tag=out",
            *(devices or []),
        ]
        start = time.monotonic()
        try:
            subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True,
                           timeout=LONGEST_S)
        except subprocess.TimeoutExpired:
            pass  # no status is there then
        status = out / "status"
        return Run(
            status=int(status.read_text()) if status.exists() else None,
            log=_text(out / "log"),
            console=_text(console),
            out=out,
            seconds=time.monotonic() - start,
        )


def _text(path: pathlib.Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""


def missing_programs() -> list[str]:
    needed = ("qemu-system-x86_64", "cpio", "/bin/busybox", "/usr/sbin/modprobe")
    return [name for name in needed if not shutil.which(name, path=os.defpath + ":/usr/sbin")]
