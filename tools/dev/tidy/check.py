"""Checks what the house rules say. `check.py NAME…` runs those checks, without a name all.

Its last line is `N passed, N failed, N skipped`, a case a check.
"""

import pathlib
import sys

import documents
import formatting
import layers
import lists
import sizes
import words
from tree import Problem, Tree, read_tree

ROOT = pathlib.Path(__file__).resolve().parents[3]


def check_format(tree: Tree) -> list[Problem]:
    return formatting.check_format(tree, str(ROOT))


CHECKS = {
    "includes": layers.check_includes,
    "namespaces": layers.check_namespaces,
    "file-sizes": sizes.check_files,
    "function-sizes": sizes.check_functions,
    "words": words.check_words,
    "constructs": words.check_constructs,
    "sources-listed": lists.check_listed,
    "sources-sorted": lists.check_sorted,
    "readmes": documents.check_readmes,
    "links": documents.check_links,
    "schemas": documents.check_schemas,
    "format": check_format,
}


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in CHECKS]
    if unknown:
        print(f"no such check: {', '.join(unknown)}; there are {', '.join(CHECKS)}")
        return 2
    tree = read_tree(ROOT)
    failed = 0
    chosen = names or list(CHECKS)
    for name in chosen:
        problems = CHECKS[name](tree)
        failed += bool(problems)
        for problem in problems:
            print(f"{name}: {problem}")
    print(f"{len(chosen) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
