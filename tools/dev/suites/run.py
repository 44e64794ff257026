"""Builds and runs the phases that tools/test asks for, and counts what passed."""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

import results
from phases import PHASES, RELEASE, THREAD, Build, Phase

ROOT = pathlib.Path(__file__).resolve().parents[3]
EXPECTED_SKIPS = ROOT / "tools" / "dev" / "expected-skips.txt"
BUILD_LOG = ROOT / "build" / "programs-build.log"
LINT = "lint"
FAULTS = "faults"
SANITIZER_OPTIONS = {
    "ASAN_OPTIONS": "halt_on_error=1:abort_on_error=1:detect_stack_use_after_return=1",
    "UBSAN_OPTIONS": "halt_on_error=1:abort_on_error=1:print_stacktrace=1",
    "TSAN_OPTIONS": "halt_on_error=1:abort_on_error=1:second_deadlock_stack=1",
}


def say(text: str) -> None:
    print(text, flush=True)


def run_quietly(
    command: list[str], log: pathlib.Path, environment: dict[str, str] | None = None
) -> tuple[bool, str]:
    """The output goes to a file, and to the terminal only when the command fails."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8") as out:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    return done.returncode == 0, log.read_text(encoding="utf-8", errors="replace")


def configure(build: Build) -> tuple[bool, str]:
    """Once, and anew when the arguments have changed; ninja sees to the rest."""
    folder = ROOT / "build" / build.name
    stamp = folder / "arguments-of-tools-test"
    compiler = dict(build.compiler)
    arguments = "\n".join([*build.arguments, *compiler.values()])
    if (folder / "build.ninja").exists():
        if stamp.exists() and stamp.read_text() == arguments:
            return True, ""
        shutil.rmtree(folder)
    command = ["meson", "setup", f"build/{build.name}", *build.arguments]
    good, output = run_quietly(command, ROOT / "build" / f"{build.name}-setup.log", compiler)
    if good:
        stamp.write_text(arguments)
    return good, output


def chosen(phase: Phase) -> list[str]:
    words = [f"--suite={suite}" for suite in phase.suites]
    return words + [f"--no-suite={suite}" for suite in phase.without]


def build_programs(build: Build) -> tuple[bool, str, list[str]]:
    """All that people run, without the tests; which they are is its last word."""
    folder = f"build/{build.name}"
    # Brings build.ninja up to date first, for the list is taken from it.
    good, output = run_quietly(["ninja", "-C", folder, "build.ninja"], BUILD_LOG)
    if not good:
        return good, output, []
    listed = subprocess.run(
        ["ninja", "-C", folder, "-t", "targets", "all"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ).stdout
    programs = re.findall(r"^(tools/kiln[a-z-]*): cpp_LINKER", listed, re.MULTILINE)
    good, output = run_quietly(["ninja", "-C", folder, *programs], BUILD_LOG)
    return good, output, [f"{folder}/{program}" for program in programs]


def only_build_programs() -> int:
    """What tools/try needs."""
    good, output = configure(RELEASE)
    programs: list[str] = []
    if good:
        good, output, programs = build_programs(RELEASE)
    if not good:
        say(f"{results.tail(output)}\ntools/try: the build failed; its output is in {BUILD_LOG}")
        return 1
    say(f"tools/try: built {', '.join(programs)}")
    return 0


def without_address_randomisation() -> list[str]:
    """The thread sanitizer cannot live with the address layout of every kernel."""
    command = ["setarch", os.uname().machine, "-R"]
    tried = subprocess.run([*command, "true"], stderr=subprocess.DEVNULL)
    return command if tried.returncode == 0 else []


def run_meson_tests(phase: Phase) -> results.Tally:
    """`meson test` builds what the chosen tests need, and then runs them."""
    build = ROOT / "build" / phase.build.name
    for old in [*build.glob("*.xml"), build / "meson-logs" / "testlog.json"]:
        old.unlink(missing_ok=True)
    command = ["meson", "test", "-C", str(build), "--timeout-multiplier", str(phase.slower)]
    if phase.builds_nothing:
        command += ["--no-rebuild"]
    if phase.sleeps:
        command += ["--num-processes", str(3 * (os.cpu_count() or 1))]
    if phase.build is THREAD:
        command = [*without_address_randomisation(), *command]
    command += chosen(phase)
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **SANITIZER_OPTIONS, **dict(phase.environment)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    if not (build / "meson-logs" / "testlog.json").exists():
        return results.Tally(failures=[f"{phase.name}: no test ran\n{results.tail(done.stdout)}"])
    tally = results.read_log(build)
    if done.returncode != 0 and not tally.failures:
        said = f"{phase.name}: meson test gave status {done.returncode}"
        tally.failures.append(f"{said}\n{results.tail(done.stdout)}")
    return tally


def run_phase(phase: Phase) -> results.Tally:
    good, output = configure(phase.build)
    if good and phase.builds_programs:
        good, output, _ = build_programs(phase.build)
    if not good:
        return results.Tally(failures=[f"{phase.name}: the build\n{results.tail(output)}"])
    return run_meson_tests(phase)


def run_lint() -> results.Tally:
    """clang-tidy over every source file: one case a file."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools/dev/lint/clang_tidy.py"), "build/release"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    return results.cases_of_script(done.stdout, done.returncode, "clang-tidy")


def report(tally: results.Tally) -> None:
    for failure in tally.failures:
        say(f"FAILED {failure}")
    for name, reason in tally.skips:
        say(f"skipped {name}: {reason}")
    if os.environ.get("CI") == "true":
        listed = EXPECTED_SKIPS.read_text(encoding="utf-8")
        for name, _ in results.unexpected_skips(tally.skips, listed):
            tally.failures.append(f"{name} was skipped, and {EXPECTED_SKIPS.name} does not list it")
            say(f"FAILED {tally.failures[-1]}")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tools/test")
    parser.add_argument("--all", action="store_true", help="add the long suites")
    parser.add_argument("--all-faults", action="store_true", help="every seeded fault, not ten")
    parser.add_argument("--build-programs", action="store_true", help="build, and test nothing")
    parser.add_argument("--list", action="store_true", help="say which phases there are")
    parser.add_argument("phase", nargs="*", help="run only these")
    arguments = parser.parse_args()
    unknown = set(arguments.phase) - {phase.name for phase in PHASES} - {LINT}
    if unknown:
        parser.error(f"no such phase: {', '.join(sorted(unknown))} (see --list)")
    return arguments


def is_wanted(phase: Phase, arguments: argparse.Namespace) -> bool:
    if arguments.phase:
        return phase.name in arguments.phase
    if arguments.all_faults and not arguments.all:
        return phase.name == FAULTS
    if phase.by_name:
        return False
    return arguments.all or not phase.is_long


def main() -> int:
    arguments = parse_arguments()
    if arguments.build_programs:
        return only_build_programs()
    if arguments.list:
        for phase in PHASES:
            when = " (by name)" if phase.by_name else " (--all)" if phase.is_long else ""
            say(f"{phase.name:13} {phase.what}{when}")
        say(f"{LINT:13} clang-tidy over every source file (--all)")
        return 0
    work = [(p.name, p.what, lambda p=p: run_phase(p)) for p in PHASES if is_wanted(p, arguments)]
    if LINT in arguments.phase or (arguments.all and not arguments.phase):
        work.append((LINT, "clang-tidy over every source file", run_lint))
    if arguments.all_faults:
        os.environ["KILN_ALL_FAULTS"] = "1"
    total = results.Tally()
    for name, what, run in work:
        say(f"== {name}: {what}")
        start = time.monotonic()
        tally = run()
        report(tally)
        say(f"== {name}: {tally.line()} ({time.monotonic() - start:.0f} s)")
        total.add(tally)
    say(total.line())
    return 1 if total.failures or not total.passed else 0


if __name__ == "__main__":
    sys.exit(main())
