#!/usr/bin/python3
"""Turns a fuzzer's folder of inputs into a text file and back.

fuzz-corpus.py unpack FILE FOLDER   a file of hex lines into a folder of inputs
fuzz-corpus.py pack FOLDER FILE     a folder of inputs into a file of hex lines, sorted
"""

import hashlib
import pathlib
import sys


def unpack(source: pathlib.Path, folder: pathlib.Path) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    for line in source.read_text(encoding="ascii").splitlines():
        data = bytes.fromhex(line)
        (folder / hashlib.sha1(data).hexdigest()).write_bytes(data)
    return 0


def pack(folder: pathlib.Path, target: pathlib.Path) -> int:
    inputs = {path.read_bytes() for path in folder.iterdir() if path.is_file()}
    lines = [data.hex() for data in sorted(inputs, key=lambda data: (len(data), data)) if data]
    target.write_text("".join(line + "\n" for line in lines), encoding="ascii")
    return 0


def main(arguments: list[str]) -> int:
    if len(arguments) != 3 or arguments[0] not in ("pack", "unpack"):
        print(__doc__.strip(), file=sys.stderr)
        return 2
    work = pack if arguments[0] == "pack" else unpack
    return work(pathlib.Path(arguments[1]), pathlib.Path(arguments[2]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
