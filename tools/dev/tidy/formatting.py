"""clang-format-19, and no other version, has nothing to change."""

import re
import subprocess

from tree import Problem, Tree, is_cpp

TOOL = "clang-format-19"
_COMPLAINT = re.compile(r"^(.+?):(\d+):\d+: (?:error|warning): (.+)$", re.MULTILINE)


def check_format(tree: Tree, root: str) -> list[Problem]:
    paths = [path for path in tree if is_cpp(path)]
    problems = []
    for path in paths:
        if "\t" in tree[path]:
            problems.append(Problem(path, 1, "a tab"))
    try:
        done = subprocess.run(
            [TOOL, "--dry-run", "-Werror", "--ferror-limit=1", *paths],
            cwd=root,
            capture_output=True,
            text=True,
        )
    except FileNotFoundError:
        return [Problem(TOOL, 0, "not found: tools/setup installs it")]
    for path, line, _ in _COMPLAINT.findall(done.stderr):
        problems.append(Problem(path, int(line), f"{TOOL} -i would change this"))
    if done.returncode != 0 and not problems:
        problems.append(Problem(TOOL, 0, done.stderr.strip()))
    return problems
