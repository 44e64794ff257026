"""The phases of tools/test: a build each, and which meson suites run in it.

A phase is data. `arguments` go to `meson setup`, `suites` and `without` choose its tests,
`environment` is what they see besides.
"""

import dataclasses

# Compiling is what takes the time, so: tests with -O0 (meson.build sees to that), headers precompiled;
# under the sanitizers our code with -Og and no debug information. That every file includes what it
# uses is proved by a build of one's own, and by clang-tidy, which both do without precompiled headers.
# Warnings are errors in the release build; the sanitizers' rewriting makes GCC warn of nothing.
# A null pointer stops a program under the address sanitizer anyway, and
# the check of every virtual call's type costs a quarter of the compile time.
_SANITIZER = (
    "-Dbuildtype=custom",
    "-Doptimization=g",
    "-Ddebug=false",
    "-Db_ndebug=false",
    "-Db_lundef=false",
    "-Dprecompile=true",
    "-Dwerror=false",
    "-Dcpp_args=-fno-omit-frame-pointer -fno-sanitize=vptr,null -D_GLIBCXX_ASSERTIONS",
)


@dataclasses.dataclass(frozen=True)
class Phase:
    name: str
    what: str
    build: str  # the folder below build/
    arguments: tuple[str, ...] = ()
    suites: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    builds_all: bool = False  # else only what the chosen tests need
    builds_nothing: bool = False
    is_long: bool = False  # only with --all
    by_name: bool = False  # only where it is asked for: too long for --all, or not timed yet
    slower: int = 1  # by how much the tests may take longer than in the release build


RELEASE = ("--buildtype=release", "-Doptimization=2", "-Dprecompile=true")
_LONG = (("KILN_TEST_LONG", "1"),)
_ADDRESS = (*_SANITIZER, "-Db_sanitize=address,undefined")
_THREAD = (*_SANITIZER, "-Db_sanitize=thread")
_OWN_PHASE = ("tidy", "witness", "long", "faults", "lab")

PHASES = (
    Phase("tidy", "the rules of the house", "release", RELEASE, ("tidy",), builds_nothing=True),
    Phase(
        "release",
        "all tests, optimised",
        "release",
        RELEASE,
        without=_OWN_PHASE,
        builds_all=True,
    ),
    Phase("witness", "programs that we did not write", "release", RELEASE, ("witness",), slower=2),
    Phase(
        "address",
        "unit tests under the address and undefined-behaviour sanitizers",
        "address",
        _ADDRESS,
        ("unit",),
        without=("proof",),
        slower=4,
    ),
    Phase(
        "thread",
        "the tests with threads under the thread sanitizer",
        "thread",
        _THREAD,
        ("threads",),
        slower=8,
    ),
    Phase(
        "long",
        "the long suites: sweeps over every command, more of every random thing",
        "release",
        RELEASE,
        ("at-length",),
        environment=_LONG,
        is_long=True,
        slower=4,
    ),
    Phase(
        "address-long",
        "fuzzing and sweeps at length under the address sanitizer",
        "address",
        _ADDRESS,
        ("at-length",),
        environment=_LONG,
        is_long=True,
        slower=6,
    ),
    Phase(
        "lab",
        "a stock kernel in QEMU: real usbfs and usb-storage, devices and programs not ours",
        "release",
        RELEASE,
        ("lab",),
        by_name=True,
        slower=2,
    ),
    Phase(
        "address-proof",
        "the explorer, the checkers and the interleavings under the address sanitizer",
        "address",
        _ADDRESS,
        ("proof",),
        is_long=True,
        slower=4,
    ),
    # Makes a build of its own below build/faults: without a compiler cache that alone takes two
    # cores seven minutes.
    Phase(
        "faults",
        "seeded faults: ten of them (--all-faults: every one), each to be caught",
        "release",
        RELEASE,
        ("faults",),
        builds_nothing=True,
        by_name=True,
    ),
    Phase(
        "unit-long",
        "every unit test with KILN_TEST_LONG: the explorer, the interleavings, USB and the model too",
        "release",
        RELEASE,
        ("unit", "model", "long"),
        environment=_LONG,
        by_name=True,
        slower=8,
    ),
)
