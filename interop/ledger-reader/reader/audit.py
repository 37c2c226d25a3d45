"""Audits a static export of a log: checkpoint, tiles, entries, operations (C2SP tlog-checkpoint, tlog-tiles)."""

import argparse
import json
import re
import sys
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reader import forms, keys, tree
from reader.forms import Broken
from reader.keys import NoteKey
from reader.registry import Registry
from reader.tree import Refused

LARGEST_FILE = 17_000_000
MOST_SIGNATURES = 64


@dataclass(frozen=True)
class Checkpoint:
    """What the log states: its size and root; and the statement with its signatures, to ask for other keys."""

    size: int
    root: bytes
    text: bytes
    signatures: list[str]

    def is_signed(self, key: NoteKey) -> bool:
        """Whether the key signed it. A signature in the key's name that does not verify is refused."""
        found = [signature for line in self.signatures if (signature := key.signature(line)) is not None]
        if not all(key.key().verify(signature, self.text) for signature in found):
            raise Refused("a signature by the log's key does not verify")
        return bool(found)


def read_checkpoint(note: bytes, key: NoteKey) -> Checkpoint:
    """Reads a checkpoint of the log whose key this is."""
    try:
        text, blank, signatures = note.decode().rpartition("\n\n")
    except UnicodeDecodeError as error:
        raise Refused("the checkpoint is no text") from error
    if not blank or any(ord(letter) < 32 and letter != "\n" for letter in note.decode()):
        raise Refused("the checkpoint is no note")
    lines = signatures.split("\n")
    if len(lines) > MOST_SIGNATURES + 1:
        raise Refused("the checkpoint has too many signatures")
    if lines.pop() or not lines or not all(keys.is_signature_line(line) for line in lines):
        raise Refused("the checkpoint's signatures are none")
    # Extension lines are refused, as in an equivocation file.
    match = re.fullmatch(r"([^\n]+)\n(0|[1-9][0-9]{0,15})\n([A-Za-z0-9+/]{43}=)", text)
    if match is None or match[1] != key.name:
        raise Refused("the checkpoint is not one of this log")
    try:
        head = forms.from_base64(match[3])
    except ValueError as error:
        raise Refused("the checkpoint's root is none") from error
    checkpoint = Checkpoint(int(match[2]), head, (text + "\n").encode(), lines)
    if not checkpoint.is_signed(key):
        raise Refused("the log's key did not sign the checkpoint")
    return checkpoint


def fetch(place: str, path: str) -> bytes:
    """A file of the log, from a folder or a URL."""
    try:
        if place.startswith(("http://", "https://")):
            with urllib.request.urlopen(f"{place.rstrip('/')}/{path}", timeout=10) as answer:
                return bytes(answer.read(LARGEST_FILE))
        return (Path(place) / path).read_bytes()
    except OSError as error:
        raise Refused(f"{path} cannot be read") from error


def read_entries(place: str, checkpoint: Checkpoint) -> list[bytes]:
    """The entries, checked against the tiles of every level and the root."""
    entries: list[bytes] = []
    for number, width in enumerate(tree.widths(checkpoint.size)):
        entries += tree.parse_bundle(fetch(place, tree.path("entries", number, width)), width)
    for path, data in tree.tiles(entries).items():
        if path.startswith("tile/entries/"):
            continue
        if fetch(place, path) != data:
            raise Refused(f"{path} does not fit the entries")
    if tree.root([tree.leaf(entry) for entry in entries]) != checkpoint.root:
        raise Refused("the entries lead to another root")
    return entries


def audit(place: str, log_key: str) -> dict[str, Any]:
    """The report: `ok`, and unless the log itself is refused its size, root, state root and invalid entries."""
    try:
        key = keys.parse_note_key(log_key.strip(), "LOG-15")
        checkpoint = read_checkpoint(fetch(place, "checkpoint"), key)
        registry = Registry(key.name)
        for index, entry in enumerate(read_entries(place, checkpoint)):
            registry.apply(index, entry)
        if registry.key is not None and not checkpoint.is_signed(registry.key):
            raise Refused("the log does not speak with the key that it names")
    except (Refused, Broken) as reason:
        return {"ok": False, "reason": str(reason)}
    return {
        "ok": not registry.invalid,
        "size": checkpoint.size,
        "root": forms.to_base64url(checkpoint.root),
        "stateRoot": forms.to_base64url(registry.state_root()),
        "invalid": [index for index, _ in registry.invalid],
        "rules": [rule for _, rule in registry.invalid],
    }


def main() -> int:
    """`python -m reader.audit PLACE --log-key FILE`"""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("place", help="folder or URL")
    parser.add_argument("--log-key", required=True, type=Path, help="file with the log's verifier key")
    arguments = parser.parse_args()
    report = audit(arguments.place, arguments.log_key.read_text())
    print(json.dumps(report, ensure_ascii=False))
    return 0 if report["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
