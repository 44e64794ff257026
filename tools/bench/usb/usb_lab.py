"""kiln-bench usb: programs burn the same image onto the same simulated burner, a stock kernel between.

`usb_lab.py PROGRAMS [--bytes SIZE] [--rounds N] [--medium M] [--speed high|super] [--table]`, PROGRAMS the folder
of kiln, kiln-meter and kiln-usb-ceiling. One machine of QEMU's software emulation runs them in turn,
each on a blank disc; the drive keeps no time of its own. The machine's clock counts instructions
(`-icount`), so that what else this host does changes nothing; on one processor the drive works while
the program waits, so that seconds are the work of both.

Each burns a small image and a large one, in rounds. What a byte costs is the difference: no program's
pauses before and after the data are in it. Of the rounds the median counts. JSON on standard output; with `--table` the rows of a table too.
"""

import argparse
import json
import pathlib
import random
import shutil
import statistics
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tools" / "dev" / "lab"))

import guest  # noqa: E402
import kernel  # noqa: E402

MIB = 1 << 20
# The clock runs slower than a real one by what emulation costs.
LONGEST_S = 1500
# A copy of bytes would be as many instructions: the kernel then copies eight at a time.
PROCESSOR = ["-cpu", "max,-erms,-fsrm"]
MODULES = ["vhci_hcd", "usb-storage", "sr_mod", "sg"]
SCRIPT = """
there() {{ until [ -e "$1" ]; do usleep 20000; done; }}
gone() {{ while [ -e "$1" ]; do usleep 20000; done; }}
head -c {small} /image > /tmp/small
# Below it is the machine's own, which has the kernel's threads too.
umount /proc
# The kernel moves what is read a second time to another list: nobody shall be the one to pay for it.
for i in 1 2 3; do cat /image /tmp/small > /dev/null; done
burner() {{
  rm -rf /tmp/drive /tmp/orders /tmp/served
  kiln sim new /tmp/drive --medium {medium}
  mkfifo /tmp/orders
  sleep 100000 > /tmp/orders &
  holder=$!
  kiln sim serve /tmp/drive,time=virtual --attach --speed {speed} --json \\
    < /tmp/orders > /tmp/served &
  server=$!
  there /dev/sr0
  sleep 1
  port=$(basename $(dirname $(grep -l 0e8d /sys/bus/usb/devices/*/idVendor)))
  drive=0
  for task in /proc/[0-9]*; do
    case "$(cat $task/comm 2> /dev/null) $(tr '\\0' ' ' < $task/cmdline 2> /dev/null)" in
      vhci_rx*|vhci_tx*|"kiln kiln sim serve"*) drive=$drive,${{task#/proc/}};;
    esac
  done
}}
measure() {{
  name=$1
  shift
  burner
  kiln-meter $drive -- "$@" > /tmp/said 2>&1 || true
  tail -n 1 /tmp/said > $out/$name
  cp /tmp/said $out/said-$name
  there /dev/sr0
  kill $server $holder
  wait $server || true
  gone /dev/sr0
}}
burner
kill $server $holder
wait $server || true
gone /dev/sr0
{runs}
"""
PROGRAMS = {
    "ceiling": "kiln-usb-ceiling 0e8d:1956 {bytes} 65536",
    "ceiling-image": "kiln-usb-ceiling 0e8d:1956 {bytes} 65536 {image}",
    "kiln-usb": "kiln burn {image} usb:0e8d:1956",
    "kiln-sg": "kiln burn {image} sg:/dev/sr0",
    "cdrskin": "cdrskin dev=/dev/sr0 -v grace_time=0 {image}",
    "wodim": "wodim dev=/dev/sr0 -v gracetime=2 {image}",
}
NAMES = {
    "ceiling": "the ceiling: prebuilt transfers, a minimal libusb loop",
    "ceiling-image": "the same loop, reading the image",
    "kiln-usb": "kiln through libusb",
    "kiln-sg": "kiln through SG_IO",
    "cdrskin": "cdrskin",
    "wodim": "wodim",
}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("programs", type=pathlib.Path)
    parser.add_argument("--bytes", type=int, default=28 * MIB)
    parser.add_argument("--rounds", type=int, choices=range(1, 10), default=3)
    parser.add_argument("--medium", default="dvd+r")
    parser.add_argument("--speed", choices=("high", "super"), default="super")
    parser.add_argument("--only", nargs="*", choices=tuple(PROGRAMS), default=list(PROGRAMS))
    parser.add_argument("--table", action="store_true")
    return parser.parse_args()


def said_in(out: pathlib.Path, name: str) -> dict:
    """What was measured of one run."""
    file = out / name
    try:
        return json.loads(file.read_text()) if file.exists() else {"status": 1}
    except json.JSONDecodeError:
        return {"status": 1}


def figures(name: str, out: pathlib.Path, small: int, large: int, rounds: int) -> dict:
    """What was measured of one program, and what a byte costs it."""
    runs: dict[str, list[dict]] = {"small": [], "large": []}
    for number in range(rounds):
        for size, found in runs.items():
            found.append(said_in(out, f"{name}-{size}-{number}"))
            if found[-1]["status"] != 0:
                said = out / f"said-{name}-{size}-{number}"
                words = said.read_text(errors="replace")[-1500:] if said.exists() else "it never ran"
                return {"problem": words}

    def median(key: str, size: str = "large") -> float:
        return statistics.median(run[key] for run in runs[size])

    def more(key: str) -> float:
        return median(key) - median(key, "small")

    mib = (large - small) / MIB
    cpu = more("machine_cpu_seconds") - more("drive_cpu_seconds")
    return {
        "bytes_per_second": round((large - small) / more("seconds")),
        "host_cpu_ms_per_mib": round(1000 * cpu / mib, 3),
        "drive_cpu_ms_per_mib": round(1000 * more("drive_cpu_seconds") / mib, 3),
        "own_cpu_ms_per_mib": round(1000 * more("own_cpu_seconds") / mib, 3),
        "peak_bytes": max(run["peak_bytes"] for run in runs["large"]),
        "seconds": median("seconds"),
        "machine_cpu_seconds": median("machine_cpu_seconds"),
        "drive_cpu_seconds": median("drive_cpu_seconds"),
    }


def table(results: dict[str, dict]) -> str:
    rows = ["| | MB/s | CPU ms per MiB, without the drive's | whole burn, s | peak memory, MiB |",
            "|---|---|---|---|---|"]
    for name, found in results.items():
        if "problem" not in found:
            rows.append(f"| {NAMES[name]} | {found['bytes_per_second'] / 1e6:.1f} | "
                        f"{found['host_cpu_ms_per_mib']:.2f} | {found['seconds']:.1f} | "
                        f"{found['peak_bytes'] / MIB:.1f} |")
    return "\n".join(rows)


def main() -> int:
    asked = arguments()
    missing = guest.missing_programs()
    if missing:
        print(f"not without {', '.join(missing)} (tools/setup installs them)", file=sys.stderr)
        return 1
    try:
        linux = kernel.Kernel(ROOT / "build" / "lab")
    except kernel.NoKernel as error:
        print(f"not without Debian's kernel: {error}", file=sys.stderr)
        return 1
    small, large = asked.bytes // 4, asked.bytes
    here = {name: shutil.which(name) for name in ("cdrskin", "wodim")}
    wanted = [name for name in asked.only if here.get(name, name)]
    runs = "".join(
        f"measure {name}-{size}-{number} {PROGRAMS[name].format(image=image, bytes=count)}\n"
        for number in range(asked.rounds)
        for name in wanted
        for size, image, count in (("small", "/tmp/small", small), ("large", "/image", large)))
    programs = [asked.programs.resolve() / name for name in ("kiln", "kiln-meter", "kiln-usb-ceiling")]
    with tempfile.TemporaryDirectory(prefix="kiln-bench-") as folder:
        place = pathlib.Path(folder)
        image = place / "image"
        image.write_bytes(random.Random(1).randbytes(large))
        machine = guest.Guest(linux, place,
                              programs + [pathlib.Path(here[name]) for name in wanted if name in here],
                              MODULES, [image], PROCESSOR, counts_instructions=True)
        script = SCRIPT.format(small=small, medium=asked.medium, speed=asked.speed, runs=runs)
        run = machine.run([guest.Script("bench", script, LONGEST_S)], LONGEST_S).ends["bench"]
        results = {name: figures(name, run.out, small, large, asked.rounds) for name in wanted}
        if run.status != 0:
            print(f"the machine ended with {run.status}\n{run.log[-3000:]}", file=sys.stderr)
    print(json.dumps({"medium": asked.medium, "speed": asked.speed, "rounds": asked.rounds,
                      "small_bytes": small, "large_bytes": large, "programs": results}, indent=1))
    if asked.table:
        print(table(results))
    return 1 if any("problem" in found for found in results.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
