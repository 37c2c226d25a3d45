"""Exports that somebody changed."""

import random
import shutil
from collections.abc import Iterator
from pathlib import Path


def mutations(folder: Path, place: Path, count: int, seed: int) -> Iterator[tuple[str, Path]]:
    """Copies of an export, each with one file changed, and what was done to it."""
    chosen = random.Random(seed)
    files = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    for number in range(count):
        copy = place / f"mutation-{number}"
        shutil.copytree(folder, copy)
        # The checkpoint is small and the most delicate: every third mutation is its.
        path = copy / ("checkpoint" if number % 3 == 0 else chosen.choice(files))
        name = _change(path, chosen)
        yield f"{path.relative_to(copy)}: {name}", copy
        shutil.rmtree(copy)


def _change(path: Path, chosen: random.Random) -> str:
    data = bytearray(path.read_bytes())
    at = chosen.randrange(len(data)) if data else 0
    kind = chosen.choice(("flip", "flip", "insert", "remove", "truncate", "append", "delete", "double", "swap"))
    match kind:
        case "flip" if data:
            data[at] ^= 1 << chosen.randrange(8)
        case "insert":
            data.insert(at, chosen.choice(b"\n \r+=0A\x00\xff"))
        case "remove" if data:
            del data[at]
        case "truncate":
            del data[at:]
        case "append":
            data += chosen.choice((b"\n", b"\0", b"x", b"\xe2\x80\x94 a AAAAAAAA\n"))
        case "double":
            data += bytes(data)
        case "swap" if len(data) > 64:
            at = max(at % (len(data) - 32), 32)
            data[:32], data[at : at + 32] = data[at : at + 32], data[:32]
    path.unlink()
    if kind != "delete":
        path.write_bytes(data)
    return f"{kind} at {at}"
