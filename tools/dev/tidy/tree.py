"""The files that the checks look at, and what a check finds."""

import dataclasses
import pathlib
import re
import subprocess

FOLDERS = ("mmc", "transports", "stack", "harness", "fixtures", "tools")
# A path from the root -> its text. Tests hand in such a tree of their own.
Tree = dict[str, str]


@dataclasses.dataclass(frozen=True)
class Problem:
    path: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}"


def read_tree(root: pathlib.Path) -> Tree:
    """What git knows or would add; without git, everything but build/ and dot folders."""
    command = ["git", "-C", str(root), "ls-files", "-co", "--exclude-standard", "-z"]
    listed = subprocess.run(command, capture_output=True)
    if listed.returncode == 0:
        names = [name for name in listed.stdout.decode().split("\0") if name]
    else:
        paths = (path.relative_to(root) for path in root.rglob("*") if path.is_file())
        names = [str(path) for path in paths if path.parts[0] not in ("build", ".git", ".cache")]
    tree = {}
    for name in sorted(set(names)):
        path = root / name
        if path.is_file() and not path.is_symlink():
            data = path.read_bytes()
            if b"\0" not in data[:4096]:
                tree[name] = data.decode("utf-8", errors="replace")
    return tree


# Lists of includes for the compiler, not code.
PRECOMPILED = "tools/dev/pch/"


def is_cpp(path: str) -> bool:
    return path.endswith((".h", ".cpp")) and not path.startswith(PRECOMPILED)


def is_test(path: str) -> bool:
    return path.endswith("_test.cpp")


def folder_of(path: str) -> str:
    return path.split("/")[0]


def line_of(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


_NOT_CODE = re.compile(
    r"""//[^\n]*
      | /\*.*?\*/
      | (?:u8|[uUL])?R"(?P<delimiter>[^(\s]*)\(.*?\)(?P=delimiter)"
      | "(?:\\.|[^"\\\n])*"
      | (?<![0-9a-zA-Z_])'(?:\\.|[^'\\\n])+'
    """,
    re.VERBOSE | re.DOTALL,
)


def code_only(text: str) -> str:
    """C++ with comments and literals blanked out, every line kept where it was."""

    def blank(match: re.Match) -> str:
        return re.sub(r"[^\n]", " ", match[0])

    return _NOT_CODE.sub(blank, text)
