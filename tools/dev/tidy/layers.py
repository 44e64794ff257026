"""Who may include whom, which library where, and that namespaces match folders."""

import re

from tree import FOLDERS, Problem, Tree, code_only, folder_of, is_cpp, is_test, line_of

# Of ours. `stack/` sees of `transports/` only what every transport has in common.
MAY_INCLUDE = {
    "mmc": {"mmc"},
    "transports": {"mmc", "transports"},
    "stack": {"mmc", "stack"},
    "harness": {"mmc", "transports", "stack", "harness"},
    "tools": {"mmc", "transports", "stack", "harness", "tools"},
}
INTERFACE_OF_TRANSPORTS = {
    f"transports/{name}.h" for name in ("transport", "error", "clock", "source", "quirks")
}
# Doubles and checkers: for tests and for the programs whose business is checking.
DOUBLES = ("harness/testing/", "harness/shim/")
# `harness/umockdev/` shows a drive to programs through the same answers to system calls.
MAY_INCLUDE_DOUBLES = (*DOUBLES, "harness/umockdev/", "tools/explore/")

# Third-party headers: a prefix of the header's name -> prefixes of the paths that may use it.
# A *_test.cpp may use what its folder may, and what stands in FOR_TESTS.
LIBRARIES = {
    "tl/expected.hpp": ("mmc/", "transports/", "stack/", "harness/", "tools/"),
    "fmt/": ("transports/", "stack/", "harness/", "tools/"),
    "libusb": ("transports/usb/", "tools/bench/usb/"),
    "pcap": ("transports/trace/",),
    "toml++/": ("harness/", "tools/"),
    "nlohmann/": ("harness/", "tools/"),
    "xxhash.h": ("stack/", "harness/"),
    "xxh_x86dispatch.h": ("harness/",),
    "umockdev.h": ("harness/", "tools/"),
    "glib": ("harness/", "tools/"),
    "gio/": ("harness/", "tools/"),
    "CLI/": ("tools/",),
    "benchmark/": ("tools/bench/",),
    "gtest/": ("harness/testing/",),
    "gmock/": ("harness/testing/",),
    "rapidcheck": ("harness/testing/",),
}
FOR_TESTS = ("gtest/", "gmock/", "rapidcheck")
MAY_INCLUDE_OS = (
    "transports/os/",
    "transports/sg_io/",
    "transports/usb/",
    "transports/spti/",
    "harness/",
    "tools/",
)
STANDARD = set(
    """
    algorithm any array atomic barrier bit bitset cassert cctype cerrno cfenv cfloat charconv chrono
    cinttypes climits clocale cmath codecvt compare complex concepts condition_variable coroutine
    csetjmp csignal cstdarg cstddef cstdint cstdio cstdlib cstring ctime cuchar cwchar cwctype deque
    exception execution expected filesystem format forward_list fstream functional future
    initializer_list iomanip ios iosfwd iostream istream iterator latch limits list locale map memory
    memory_resource mutex new numbers numeric optional ostream queue random ranges ratio regex
    scoped_allocator semaphore set shared_mutex source_location span spanstream sstream stack
    stacktrace stdexcept stop_token streambuf string string_view strstream syncstream system_error
    thread tuple type_traits typeindex typeinfo unordered_map unordered_set utility valarray variant
    vector version
    """.split()
)
# mmc/ turns bytes into meaning, and does nothing else; its fuzzers are programs.
NOT_IN_MMC = set(
    """
    atomic barrier condition_variable cstdio filesystem fstream future iostream latch mutex random
    semaphore shared_mutex stop_token syncstream thread
    """.split()
)
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+([<"])([^>"\n]+)[>"]', re.MULTILINE)
_NAMESPACE = re.compile(r"^[ \t]*(?:inline[ \t]+)?namespace[ \t]+([\w:]+)[ \t]*\{", re.MULTILINE)
# A block that only names types of another folder, so that a header need not include them.
_DECLARES_ONLY = re.compile(r"(?:\s*(?:struct|class|enum class) \w+(?: : [\w:]+)?;)+\s*\}")
_NEEDS_NO_NAMESPACE = re.compile(r"\bint\s+main\s*\(|extern\s+\"C\"|^#define\b", re.MULTILINE)


def check_ours(path: str, header: str, tree: Tree) -> str | None:
    folder, target = folder_of(path), folder_of(header)
    if target not in FOLDERS or ".." in header.split("/"):
        return f'"{header}" is not a path from the root'
    if header not in tree:
        return f'"{header}" does not exist'
    if is_test(path) and target == "harness":
        return None
    if header.startswith(DOUBLES) and not path.startswith(MAY_INCLUDE_DOUBLES):
        return f'"{header}" is for tests'
    if folder == "stack" and header in INTERFACE_OF_TRANSPORTS:
        return None
    if target not in MAY_INCLUDE[folder]:
        return f'{folder}/ may not include "{header}"'
    return None


def check_library(path: str, header: str) -> str | None:
    if header in STANDARD:
        is_program = is_test(path) or path.startswith("mmc/fuzz/")
        forbidden = folder_of(path) == "mmc" and not is_program and header in NOT_IN_MMC
        return f"mmc/ does no I/O and has no threads: <{header}>" if forbidden else None
    for prefix, users in LIBRARIES.items():
        if header.startswith(prefix):
            allowed = path.startswith(users) or (is_test(path) and prefix in FOR_TESTS)
            return None if allowed else f"<{header}> is not for this folder"
    if not header.endswith(".h"):
        return f"<{header}> is in no table of tools/dev/tidy/layers.py"
    allowed = path.startswith(MAY_INCLUDE_OS)
    return None if allowed else f"operating system header <{header}> is not for this folder"


def check_includes(tree: Tree) -> list[Problem]:
    problems = []
    for path, text in tree.items():
        if not is_cpp(path):
            continue
        if folder_of(path) not in MAY_INCLUDE:
            problems.append(Problem(path, 1, "code stands in mmc, transports, stack, harness, tools"))
            continue
        for match in _INCLUDE.finditer(text):
            bracket, header = match.groups()
            if bracket == '"':
                what = check_ours(path, header, tree)
            else:
                what = check_library(path, header)
            if what:
                problems.append(Problem(path, line_of(text, match.start()), what))
    return problems


def check_namespaces(tree: Tree) -> list[Problem]:
    problems = []
    for path, text in tree.items():
        if not is_cpp(path):
            continue
        own = f"kiln::{folder_of(path)}"
        code = code_only(text)
        names = [
            (match[1], line_of(code, match.start()))
            for match in _NAMESPACE.finditer(code)
            if not _DECLARES_ONLY.match(code, match.end())
        ]
        for name, line in names:
            if name.split("::")[0] == "kiln" and name != own and not name.startswith(own + "::"):
                problems.append(Problem(path, line, f"namespace {name} is not {own}"))
        inside = any(name == own or name.startswith(own + "::") for name, _ in names)
        if not inside and not _NEEDS_NO_NAMESPACE.search(text):
            problems.append(Problem(path, 1, f"nothing stands in namespace {own}"))
        using = re.search(r"^using namespace", code, re.MULTILINE)
        if path.endswith(".h") and using:
            problems.append(Problem(path, line_of(code, using.start()), "using namespace"))
        precompiled = path.startswith("tools/dev/pch/")  # nothing includes those
        if path.endswith(".h") and not precompiled and "#pragma once" not in text:
            problems.append(Problem(path, 1, "no #pragma once"))
    return problems
