"""A static export of the log: its entries under its checkpoint (C2SP tlog-tiles, tlog-checkpoint)."""

import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from reader import tree
from reader.forms import Broken
from reader.tree import Refused

from verifier import note
from verifier.note import Checkpoint

# A bundle holds at most 256 entries of 65,535 bytes.
LARGEST_FILE = 256 * 65_537


@dataclass(frozen=True)
class Log:
    """The entries and what the log says of them."""

    entries: list[bytes]
    checkpoint: Checkpoint


def fetch(place: str, path: str) -> bytes:
    """A file of the export, from a folder or a URL."""
    try:
        if place.startswith(("http://", "https://")):
            with urllib.request.urlopen(f"{place.rstrip('/')}/{path}", timeout=30) as answer:
                return bytes(answer.read(LARGEST_FILE + 1))
        return (Path(place) / path).read_bytes()
    except OSError as error:
        raise Refused(f"{path} cannot be read") from error


def _bundles(place: str, size: int) -> Iterator[bytes]:
    # A hostile size ends at the first bundle that is not there.
    for number in range(-(-size // tree.WIDTH)):
        width = min(tree.WIDTH, size - number * tree.WIDTH)
        yield from tree.parse_bundle(fetch(place, tree.path("entries", number, width)), width)


def read(place: str) -> Log:
    """Reads an export; raises `Refused` if files are missing or do not fit each other or the root."""
    try:
        checkpoint = note.parse_checkpoint(fetch(place, "checkpoint"))
    except Broken as error:
        raise Refused(str(error)) from error
    entries = list(_bundles(place, checkpoint.size))
    for path, data in tree.tiles(entries).items():
        if not path.startswith("tile/entries/") and fetch(place, path) != data:
            raise Refused(f"{path} does not fit the entries")
    if tree.root([tree.leaf(entry) for entry in entries]) != checkpoint.root:
        raise Refused("the entries lead to another root")
    return Log(entries, checkpoint)
