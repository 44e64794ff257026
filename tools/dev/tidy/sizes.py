"""Files of at most 500 lines, functions of at most 70."""

import ast
import re

from tree import Problem, Tree, code_only, is_cpp

MOST_LINES_OF_FILE = 500
MOST_LINES_OF_FUNCTION = 70
_NOT_A_FUNCTION = re.compile(r"^\s*(namespace|class|struct|enum|union|template\b[^(]*$|extern)\b")


def is_source(path: str, text: str) -> bool:
    return is_cpp(path) or path.endswith((".py", "meson.build")) or text.startswith("#!")


def check_files(tree: Tree) -> list[Problem]:
    problems = []
    for path, text in tree.items():
        lines = text.count("\n")
        if is_source(path, text) and lines > MOST_LINES_OF_FILE:
            problems.append(Problem(path, lines, f"{lines} lines: split the file"))
    return problems


def opens_function(line: str, before: str) -> bool:
    """Whether a line that ends with `{` begins a body: the tree is formatted by clang-format."""
    statement = before + line
    if "(" not in statement or _NOT_A_FUNCTION.match(statement):
        return False
    return not re.search(r"=\s*\{$|=\s*\w*\s*\[?\]?\{$|[,({]\{$|return.*\{$", line)


def long_functions(text: str) -> list[tuple[int, int]]:
    """(first line, lines of the body) of what is too long. clang-format aligns the closing brace
    with the first line of what it closes."""
    found = []
    open_blocks: list[tuple[int, int, bool]] = []  # indentation, line, is a function
    before = ""
    start_indent = 0
    for number, line in enumerate(code_only(text).splitlines(), 1):
        code = line.rstrip()
        stripped = code.lstrip()
        indent = len(code) - len(stripped)
        if not stripped or stripped.startswith("#"):
            continue
        if stripped.startswith("}"):
            while open_blocks and open_blocks[-1][0] >= indent:
                _, first, is_function = open_blocks.pop()
                body = number - first - 1
                if is_function and body > MOST_LINES_OF_FUNCTION:
                    found.append((first, body))
        if not before:
            start_indent = indent
        if stripped.endswith("{"):
            open_blocks.append((start_indent, number, opens_function(code, before)))
        ends = stripped.endswith((";", "{", "}", ":"))
        before = "" if ends else before + code + " "
    return found


def check_functions(tree: Tree) -> list[Problem]:
    problems = []
    for path, text in tree.items():
        found = []
        if is_cpp(path):
            found = long_functions(text)
        elif path.endswith(".py"):
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.FunctionDef):
                    lines = node.end_lineno - node.lineno
                    found += [(node.lineno, lines)] if lines > MOST_LINES_OF_FUNCTION else []
        for line, body in found:
            problems.append(Problem(path, line, f"a function of {body} lines: split it"))
    return problems
