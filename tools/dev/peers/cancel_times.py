#!/usr/bin/env python3
"""How long a Ctrl-C takes, kiln's beside other programs', on the same simulated drive.

    tools/dev/peers/cancel_times.py build/release/tools/kiln [--factor 20] [--runs 3] [--json]

Each program burns the same image onto a blank disc of a simulated drive that keeps real time, FACTOR
times as fast; after a fifth of it SIGINT is sent. What is told is drive time, from the signal to a
drive that is ready for another program (TEST UNIT READY, by sg_turs), and what is on the disc then.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

IMAGE_BYTES = 60_000_000
SIGNAL_AT_MEGABYTES = 12
PATIENCE = 120.0  # seconds of ours; a program that takes longer is said to hang
POLICIES = ("make-readable", "leave-resumable", "fastest-release", "emergency")
# What a program writes about its progress: the megabytes that are done.
PROGRESS = re.compile(rb"(\d+) of +\d+ MB written")

CLIENTS = {
    "cd-r": {
        "cdrskin": "cdrskin -v dev=/dev/sr0 -tao -data IMAGE",
        "wodim": "wodim -v dev=/dev/sr0 gracetime=0 -tao -data IMAGE",
    },
    "dvd+r": {
        "cdrskin": "cdrskin -v dev=/dev/sr0 -data IMAGE",
        "wodim": "wodim -v dev=/dev/sr0 gracetime=0 -data IMAGE",
        "growisofs": "growisofs -use-the-force-luke=notray -Z /dev/sr0=IMAGE",
    },
    "bd-r": {
        "cdrskin": "cdrskin -v dev=/dev/sr0 -data IMAGE",
        "growisofs": "growisofs -use-the-force-luke=notray -Z /dev/sr0=IMAGE",
    },
}


def wait_for_file(path: pathlib.Path, deadline: float) -> bool:
    while not path.exists() or not path.read_text().strip():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def has_begun(said: bytes, factor: float) -> bool:
    """A fifth is written. growisofs tells nothing for three seconds: one second of the drive then."""
    if b"Current Write Speed" in said:
        time.sleep(1 / factor)
        return True
    found = PROGRESS.findall(said)
    return bool(found) and int(found[-1]) >= SIGNAL_AT_MEGABYTES


class Run:
    """One burn by another program, inside `kiln sim run`."""

    def __init__(self, kiln: str, folder: pathlib.Path, factor: float):
        self.kiln, self.folder, self.factor = kiln, folder, factor

    def peer(self, command: str) -> float | None:
        """Drive seconds from the signal to a ready drive."""
        pid_file, gone, ready = (self.folder / name for name in ("pid", "gone", "ready"))
        said = self.folder / "said"
        script = (
            f"sh -c 'echo $$ > {pid_file}; exec {command}' > {said} 2>&1; date +%s.%N > {gone};"
            f" until sg_turs /dev/sg0 > /dev/null 2>&1; do sleep 0.02; done;"
            f" date +%s.%N > {ready}"
        )
        address = f"{self.folder}/drive,time={self.factor:g}"
        running = subprocess.Popen(
            [self.kiln, "sim", "run", address, "--", "sh", "-c", script],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            return self.interrupt(pid_file, said, ready)
        finally:
            try:
                os.killpg(running.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            running.wait()

    def interrupt(self, pid_file: pathlib.Path, said: pathlib.Path, ready: pathlib.Path):
        deadline = time.monotonic() + PATIENCE
        if not wait_for_file(pid_file, deadline):
            return None
        while not has_begun(said.read_bytes()[-4096:], self.factor):
            if time.monotonic() > deadline:
                return None
            time.sleep(0.01)
        sent = time.time()
        os.kill(int(pid_file.read_text()), signal.SIGINT)
        if not wait_for_file(ready, deadline):
            return None
        return (float(ready.read_text()) - sent) * self.factor

    def ours(self, image: pathlib.Path, policy: str) -> float | None:
        address = f"sim:{self.folder}/drive/,time={self.factor:g}"
        command = [self.kiln, "burn", str(image), address, "--json", "--on-cancel", policy]
        running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        sent = None
        for line in running.stdout:
            event = json.loads(line)
            blocks = event.get("last_written_lba", -1) - event.get("start_lba", 0) + 1
            if sent is None and blocks * 2048 >= SIGNAL_AT_MEGABYTES * 1_000_000:
                sent = time.time()
                running.send_signal(signal.SIGINT)
        running.wait()
        return None if sent is None else (time.time() - sent) * self.factor


def disc_now(kiln: str, drive: pathlib.Path) -> str:
    done = subprocess.run(
        [kiln, "info", f"sim:{drive}/", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode != 0:
        return f"kiln info: status {done.returncode}"
    medium = json.loads(done.stdout.splitlines()[-1])["medium"]
    open_or_not = "appendable" if medium["appendable"] else "not appendable"
    return (
        f"{medium['status']}, {medium['sessions']} closed sessions, last {medium['last_session']},"
        f" {open_or_not}"
    )


def measure(kiln: str, medium: str, name: str, arguments, image: pathlib.Path) -> dict:
    taken, states, hung = [], set(), 0
    for _ in range(arguments.runs):
        with tempfile.TemporaryDirectory(prefix="kiln-peers-") as scratch:
            folder = pathlib.Path(scratch)
            subprocess.run(
                [kiln, "sim", "new", f"{folder}/drive", "--medium", medium],
                check=True,
                stdout=subprocess.DEVNULL,
            )
            run = Run(kiln, folder, arguments.factor)
            if name in POLICIES:
                seconds = run.ours(image, name)
            else:
                seconds = run.peer(CLIENTS[medium][name].replace("IMAGE", str(image)))
            if seconds is None:
                hung += 1
            else:
                taken.append(seconds)
            states.add(disc_now(kiln, folder / "drive"))
    return {
        "medium": medium,
        "program": f"kiln {name}" if name in POLICIES else name,
        "median_seconds": round(statistics.median(taken), 1) if taken else None,
        "worst_seconds": round(max(taken), 1) if taken else None,
        "not_ready_in_time": hung,
        "disc": sorted(states),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kiln")
    parser.add_argument("--factor", type=float, default=20)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    kiln = str(pathlib.Path(arguments.kiln).resolve())
    rows = []
    with tempfile.TemporaryDirectory(prefix="kiln-peers-") as scratch:
        image = pathlib.Path(scratch) / "image"
        image.write_bytes(os.urandom(IMAGE_BYTES))
        for medium, clients in CLIENTS.items():
            there = [name for name in clients if shutil.which(name)]
            for name in [*POLICIES, *there]:
                row = measure(kiln, medium, name, arguments, image)
                rows.append(row)
                if not arguments.json:
                    print(
                        f"{row['medium']:6} {row['program']:22} median {row['median_seconds']} s,"
                        f" worst {row['worst_seconds']} s; {' | '.join(row['disc'])}",
                        flush=True,
                    )
    if arguments.json:
        json.dump({"factor": arguments.factor, "runs": arguments.runs, "rows": rows}, sys.stdout)
        print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
