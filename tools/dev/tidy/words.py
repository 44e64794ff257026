"""Words, places and constructs that do not belong in the tree, or only in one part of it."""

import re

from tree import Problem, Tree, code_only, is_cpp, is_test, line_of

OWN = "tools/dev/tidy/"  # names what it forbids
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK|TBD)\b")
# A path of one machine: somebody's home or work folder, or a fixed name in the shared /tmp.
MACHINE_PATH = re.compile(r"(?<![\w./])(/work/|/home/\w|/root/)")
TEMPORARY_PATH = re.compile(r'"/(?:var/)?tmp/')
URL = re.compile(r"https?://([\w.-]+)")
HOSTS = {
    "github.com",
    "gitlab.com",
    "json-schema.org",
    "kiln.invalid",
    "lists.debian.org",
    "lkml.org",
    "sourceforge.net",
    "www.apache.org",
    "www.w3.org",
}
# Constructs: what, a pattern in code without comments and literals, where it is allowed.
CONSTRUCTS = (
    (
        "time is handed in: the OS clock appears in transports/os/ alone",
        re.compile(r"\b(steady|system|high_resolution)_clock::now|\bsleep_(for|until)\s*\("),
        ("transports/os/", "tools/bench/"),
    ),
    (
        "no exceptions across our code",
        re.compile(r"\bthrow\b"),
        (),
    ),
)
IN_MMC = (
    ("a pointer cast", re.compile(r"\breinterpret_cast\b")),
    ("a union", re.compile(r"\bunion\b")),
    ("a packed struct", re.compile(r"#\s*pragma\s+pack|\[\[gnu::packed\]\]|\(packed\)")),
    ("a bit-field", re.compile(r"^\s*[\w:]+\s+\w+\s*:\s*\d+\s*(=[^;]*)?;", re.MULTILINE)),
)


def find_all(path: str, text: str, pattern: re.Pattern, what: str) -> list[Problem]:
    return [
        Problem(path, line_of(text, match.start()), f"{what}: {match[0].strip()}")
        for match in pattern.finditer(text)
    ]


def check_words(tree: Tree) -> list[Problem]:
    problems = []
    for path, text in tree.items():
        if path == "LICENSE" or path.startswith(OWN):
            continue
        problems += find_all(path, text, UNFINISHED, "unfinished")
        problems += find_all(path, text, MACHINE_PATH, "a path of one machine")
        if is_cpp(path) or text.startswith("#!"):
            problems += find_all(path, text, TEMPORARY_PATH, "a fixed temporary path")
        for match in URL.finditer(text):
            host = match[1].rstrip(".")
            if not any(host == known or host.endswith("." + known) for known in HOSTS):
                what = f"host {host} is not in the list of tools/dev/tidy/words.py"
                problems.append(Problem(path, line_of(text, match.start()), what))
    return problems


def check_constructs(tree: Tree) -> list[Problem]:
    problems = []
    for path, text in tree.items():
        if not is_cpp(path):
            continue
        code = code_only(text)
        for what, pattern, allowed in CONSTRUCTS:
            if not path.startswith(allowed or ("-",)):
                problems += find_all(path, code, pattern, what)
        if path.startswith("mmc/") and not is_test(path):
            for what, pattern in IN_MMC:
                problems += find_all(path, code, pattern, f"mmc/ has no such thing as {what}")
    return problems
