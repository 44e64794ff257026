"""Documents: the folders' READMEs have the same headings, links lead somewhere, schemas are valid."""

import json
import posixpath
import re

from tree import FOLDERS, Problem, Tree, line_of

HEADINGS = (
    "Purpose",
    "May include",
    "Start reading at",
    "Add another",
    "How it is tested",
    "Not here",
)
DOCUMENTS = ("README.md", "ARCHITECTURE.md", "STYLE.md", "CONTRIBUTING.md", "LICENSE")
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)\s]*)?\)")


def check_readmes(tree: Tree) -> list[Problem]:
    problems = [Problem(name, 1, "is missing") for name in DOCUMENTS if name not in tree]
    for folder in FOLDERS:
        path = f"{folder}/README.md"
        if path not in tree:
            problems.append(Problem(path, 1, "is missing"))
            continue
        found = re.findall(r"^## (.+)$", tree[path], re.MULTILINE)
        wanted = iter(found)
        for heading in HEADINGS:
            if not any(line.startswith(heading) for line in wanted):
                problems.append(Problem(path, 1, f'no heading "## {heading}" in its place'))
                break
    return problems


def check_links(tree: Tree) -> list[Problem]:
    folders = {posixpath.dirname(path) for path in tree}
    folders |= {posixpath.dirname(folder) for folder in folders}
    problems = []
    for path, text in tree.items():
        if not path.endswith(".md"):
            continue
        for match in _LINK.finditer(text):
            if re.match(r"\w+:", match[1]):
                continue
            target = posixpath.normpath(posixpath.join(posixpath.dirname(path), match[1]))
            if target not in tree and target not in folders:
                line = line_of(text, match.start())
                problems.append(Problem(path, line, f"{match[1]} does not exist"))
    return problems


def check_schemas(tree: Tree) -> list[Problem]:
    problems = []
    for path, text in tree.items():
        if not path.endswith(".json"):
            continue
        try:
            value = json.loads(text)
        except ValueError as error:
            problems.append(Problem(path, 1, f"not JSON: {error}"))
            continue
        if path.endswith(".schema.json"):
            problems += check_schema(path, value)
    return problems


def check_schema(path: str, value: object) -> list[Problem]:
    if not isinstance(value, dict) or "$schema" not in value:
        return [Problem(path, 1, "a schema names its dialect in $schema")]
    # Debian's python3-jsonschema, which tools/setup installs for the tests.
    import jsonschema

    validator = jsonschema.validators.validator_for(value, default=None)
    if validator is None:
        return [Problem(path, 1, f"unknown dialect {value['$schema']}")]
    errors = validator(validator.META_SCHEMA).iter_errors(value)
    return [Problem(path, 1, f"{error.json_path}: {error.message}") for error in errors]
