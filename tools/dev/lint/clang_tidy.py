"""clang-tidy-19 over every source file of a build folder, one case a file.

    clang_tidy.py BUILD [PART OF A PATH…]
    clang_tidy.py BUILD --shorten             tries the files of not-yet-clean.txt, and takes those
                                              that are clean out of the list

A file that was clean stays clean while its command, the checks and everything it includes stay the
same, byte for byte; that is remembered in ~/.cache/kiln (or $XDG_CACHE_HOME/kiln). The build must be
up to date: ninja knows there what each object was compiled from.
"""

import concurrent.futures
import functools
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
TOOL = "clang-tidy-19"
DEADLINE_S = 900
KEEP_DAYS = 60
NOT_YET = pathlib.Path(__file__).with_name("not-yet-clean.txt")
# The analyzer costs as much as all else: it has what an appliance is built of.
ANALYZED = ("mmc/", "stack/", "transports/")
NOT_ANALYZED = "--checks=-clang-analyzer-*"
# What the analyzer follows in a test is GoogleTest. A fixture is not copied, and a table of cases is
# long.
IN_TESTS = (
    "--checks=-clang-analyzer-*,-modernize-use-nodiscard,"
    "-bugprone-implicit-widening-of-multiplication-result,"
    "-cppcoreguidelines-pro-type-member-init,-cppcoreguidelines-pro-type-reinterpret-cast,"
    "-cppcoreguidelines-special-member-functions,-readability-function-size"
)


def cache_folder() -> pathlib.Path:
    base = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    folder = pathlib.Path(base) / "kiln" / "clang-tidy"
    folder.mkdir(parents=True, exist_ok=True)
    oldest = time.time() - KEEP_DAYS * 86400
    for entry in folder.iterdir():
        if entry.stat().st_mtime < oldest:
            entry.unlink(missing_ok=True)
    return folder


@functools.lru_cache(maxsize=None)
def digest_of(path: str) -> str:
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def includes_by_object(build: pathlib.Path) -> dict[str, list[str]]:
    """What ninja recorded: `object: #deps 3, …`, then an indented path a line."""
    listed = subprocess.run(
        ["ninja", "-C", str(build), "-t", "deps"], capture_output=True, text=True, check=True
    )
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for line in listed.stdout.splitlines():
        if line.startswith(" "):
            current.append(str((build / line.strip()).resolve()))
        elif ": #deps" in line:
            current = found[line.split(": #deps")[0]] = []
    return found


def key_of(entry: dict, includes: list[str], version: str) -> str | None:
    if not includes:
        return None
    key = hashlib.sha256(version.encode())
    key.update((ROOT / ".clang-tidy").read_bytes())
    key.update(entry["command"].replace(str(ROOT), "").encode())
    for path in sorted(includes):
        key.update(f"{path.removeprefix(str(ROOT))} {digest_of(path)}\n".encode())
    return key.hexdigest()


def lint(entry: dict, build: pathlib.Path, commands: pathlib.Path) -> tuple[str, bool, str, float]:
    source = str((build / entry["file"]).resolve().relative_to(ROOT))
    start = time.monotonic()
    command = [TOOL, "--quiet", "-p", str(commands), "--extra-arg=-Wno-unknown-warning-option"]
    if source.endswith("_test.cpp"):
        command.append(IN_TESTS)
    elif not source.startswith(ANALYZED):
        command.append(NOT_ANALYZED)
    command.append(source)
    try:
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, errors="replace", timeout=DEADLINE_S
        )
        good, said = done.returncode == 0, done.stdout + done.stderr * (done.returncode != 0)
    except subprocess.TimeoutExpired:
        good, said = False, f"took more than {DEADLINE_S} s"
    return source, good, said, time.monotonic() - start


def without_precompiled(build: pathlib.Path, entries: list[dict]) -> pathlib.Path:
    """A folder with the build's commands as clang-tidy can use them: the precompiled headers are
    another compiler's, and without them a file that forgets an include is found here."""
    folder = build / "lint"
    folder.mkdir(exist_ok=True)
    plain = [{**e, "command": re.sub(r" -include \S+", "", e["command"])} for e in entries]
    (folder / "compile_commands.json").write_text(json.dumps(plain))
    return folder


def name_of(entry: dict) -> str:
    return entry["file"].replace("../", "")


def chosen(build: pathlib.Path, parts: list[str]) -> tuple[list[dict], int]:
    """What to look at, and how many were left out. Files named by the caller are always looked at;
    generated sources, which stand in the build folder, never are."""
    entries = json.loads((build / "compile_commands.json").read_text())
    own = {e["file"]: e for e in entries if e["file"].startswith("..")}.values()
    left_out = set(NOT_YET.read_text().splitlines())
    if parts == ["--shorten"]:
        return [e for e in own if name_of(e) in left_out], 0
    if parts:
        return [e for e in own if any(part in e["file"] for part in parts)], 0
    wanted = [e for e in own if name_of(e) not in left_out]
    return wanted, len(own) - len(wanted)


def take_out_of_list(source: str) -> None:
    lines = [line for line in NOT_YET.read_text().splitlines() if line != source]
    NOT_YET.write_text("\n".join(lines) + "\n")


def main(arguments: list[str]) -> int:
    build = (ROOT / arguments[0]).resolve()
    version = subprocess.run([TOOL, "--version"], capture_output=True, text=True, check=True).stdout
    entries, left_out = chosen(build, arguments[1:])
    version += IN_TESTS + NOT_ANALYZED
    includes = includes_by_object(build)
    commands = without_precompiled(build, entries)
    cache = cache_folder()
    passed, failed, times = 0, 0, []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        running = {}
        for entry in entries:
            key = key_of(entry, includes.get(entry["output"], []), version)
            if key and (cache / key).exists():
                os.utime(cache / key)
                passed += 1
            else:
                running[pool.submit(lint, entry, build, commands)] = key
        remembered = passed
        for done in concurrent.futures.as_completed(running):
            source, good, said, seconds = done.result()
            times.append((seconds, source))
            passed, failed = passed + good, failed + (not good)
            if good and running[done]:
                (cache / running[done]).touch()
            if good and arguments[1:] == ["--shorten"]:
                take_out_of_list(source)
            if not good:
                print(f"{source}:\n{said}", flush=True)
    for seconds, source in sorted(times, reverse=True)[:5]:
        print(f"{seconds:6.1f} s  {source}")
    if left_out:
        print(f"{left_out} files are not clean yet: {NOT_YET.relative_to(ROOT)}")
    print(f"{remembered} files were clean before and have not changed")
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed or (entries and not passed) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
