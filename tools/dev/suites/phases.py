"""The phases of tools/test: a build each, and which meson suites run in it.

A phase is data. `suites` and `without` choose the tests of its build, `environment` is what they see
besides.
"""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Build:
    name: str  # the folder below build/
    arguments: tuple[str, ...]  # of `meson setup`
    compiler: tuple[tuple[str, str], ...] = ()  # what `meson setup` is told of it


# Compiling is what takes the time, so: headers precompiled, tests with -O0 (meson.build sees to that),
# and each test compiled once: the unit tests under the sanitizers, optimised only with --all. There
# the compiler is clang, which needs half of GCC's time for a test, and is a second opinion; warnings
# are the optimised build's. That every file includes what it uses is proved by a build of one's own,
# and by clang-tidy, which both do without precompiled headers.
# A null pointer stops a program under the address sanitizer anyway, and the check of every virtual
# call's type costs a quarter of the compile time.
_SANITIZER = (
    "-Dbuildtype=custom",
    "-Ddebug=false",
    "-Db_ndebug=false",
    "-Db_lundef=false",
    "-Dprecompile=true",
    "-Dwerror=false",
    "-Dcpp_args=-w -fno-omit-frame-pointer -fno-sanitize=vptr,null -D_GLIBCXX_ASSERTIONS",
)
_CLANG = (("CC", "clang-19"), ("CXX", "clang++-19"))

RELEASE = Build("release", ("--buildtype=release", "-Doptimization=2", "-Dprecompile=true"))
ADDRESS = Build(
    "address", (*_SANITIZER, "-Doptimization=g", "-Db_sanitize=address,undefined"), _CLANG
)
# Its tests are few, and take less time than it would take to optimise what they run.
THREAD = Build("thread", (*_SANITIZER, "-Doptimization=0", "-Db_sanitize=thread"), _CLANG)


@dataclasses.dataclass(frozen=True)
class Phase:
    name: str
    what: str
    build: Build
    suites: tuple[str, ...]
    without: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    builds_programs: bool = False  # all of them, besides what the chosen tests need
    builds_nothing: bool = False
    is_long: bool = False  # only with --all
    by_name: bool = False  # only where it is asked for: too long for --all, or not timed yet
    slower: int = 1  # by how much the tests may take longer than in the release build
    sleeps: bool = False  # its tests wait more than they work: more of them at a time than cores


_LONG = (("KILN_TEST_LONG", "1"),)

PHASES = (
    Phase("tidy", "the rules of the house", RELEASE, ("tidy",), builds_nothing=True),
    Phase(
        "release",
        "the programs, optimised: the command line, the explorer and what it stands on, the model",
        RELEASE,
        ("cli", "proof", "model"),
        builds_programs=True,
    ),
    Phase(
        "witness", "programs that we did not write", RELEASE, ("witness",), slower=2, sleeps=True
    ),
    Phase(
        "address",
        "unit tests under the address and undefined-behaviour sanitizers",
        ADDRESS,
        ("unit",),
        without=("proof",),
        slower=4,
    ),
    Phase(
        "thread",
        "the tests with threads under the thread sanitizer",
        THREAD,
        ("threads",),
        slower=8,
    ),
    Phase(
        "unit",
        "unit tests, optimised",
        RELEASE,
        ("unit",),
        without=("proof",),
        is_long=True,
    ),
    Phase(
        "long",
        "the long suites: sweeps over every command, more of every random thing",
        RELEASE,
        ("at-length",),
        environment=_LONG,
        is_long=True,
        slower=4,
    ),
    Phase(
        "address-long",
        "fuzzing and sweeps at length under the address sanitizer",
        ADDRESS,
        ("at-length",),
        environment=_LONG,
        is_long=True,
        slower=6,
    ),
    Phase(
        "lab",
        "a stock kernel in QEMU: real usbfs and usb-storage, devices and programs not ours",
        RELEASE,
        ("lab",),
        is_long=True,
        slower=2,
    ),
    Phase(
        "address-proof",
        "the explorer, the checkers and the interleavings under the address sanitizer",
        ADDRESS,
        ("proof",),
        is_long=True,
        slower=4,
    ),
    # Behind `unit`: it starts from a copy of that build.
    Phase(
        "faults",
        "seeded faults: ten of them (--all-faults: every one), each to be caught",
        RELEASE,
        ("faults",),
        builds_nothing=True,
        is_long=True,
    ),
    Phase(
        "unit-long",
        "every unit test with KILN_TEST_LONG: the explorer, the interleavings, USB and the model too",
        RELEASE,
        ("unit", "model", "long"),
        environment=_LONG,
        by_name=True,
        slower=8,
    ),
)
