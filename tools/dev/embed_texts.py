#!/usr/bin/env python3
"""Writes a C++ source that holds text files, for programs that must work wherever they are moved.

usage: embed_texts.py HEADER NAMESPACE FUNCTION OUTPUT FILE...

FUNCTION returns a span of {name, text}; the name is the file's, without its folder and ending.
"""

import pathlib
import sys


def literal(text: str) -> str:
    """One raw string a line: compilers limit how long one may be."""
    lines = [f'    R"~({line})~"' for line in text.splitlines(keepends=True)]
    return "\n".join(lines) or '    ""'


def main() -> int:
    header, namespace, function, output, *files = sys.argv[1:]
    rows = []
    for path in sorted(map(pathlib.Path, files), key=lambda path: path.stem):
        text = path.read_text(encoding="utf-8")
        if ')~"' in text:
            sys.exit(f'{path}: holds )~", which ends a raw string')
        rows.append(f'    {{"{path.stem}",\n{literal(text)}}},\n')
    pathlib.Path(output).write_text(
        "// Made by tools/dev/embed_texts.py.\n"
        f'#include "{header}"\n\n'
        "#include <array>\n\n"
        f"namespace {namespace} {{\n\n"
        "namespace {\n\n"
        f"constexpr std::array<EmbeddedText, {len(rows)}> kTexts = {{{{\n{''.join(rows)}}}}};\n\n"
        "}  // namespace\n\n"
        f"std::span<const EmbeddedText> {function}() {{ return kTexts; }}\n\n"
        f"}}  // namespace {namespace}\n",
        encoding="utf-8",
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
