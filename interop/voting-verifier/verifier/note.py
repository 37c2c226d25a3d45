"""Signed notes (C2SP): verifier keys, checkpoints, cosignatures of witnesses."""

import re
from dataclasses import dataclass
from typing import Any

from reader import forms
from reader.forms import Broken, check

from verifier import ed25519

LOG, WITNESS = 1, 4
MOST_LINES = 64


@dataclass(frozen=True)
class NoteKey:
    """A verifier key: `<name>+<id>+<base64>`."""

    name: str
    id: bytes
    kind: int
    key: bytes

    def signatures(self, lines: list[tuple[str, bytes]]) -> list[bytes]:
        """What the lines say this key signed with."""
        return [data[4:] for name, data in lines if name == self.name and data[:4] == self.id]

    def signed(self, checkpoint: "Checkpoint") -> bool:
        """Whether it signed the checkpoint: at least once, and never wrongly."""
        found = self.signatures(checkpoint.lines)
        return bool(found) and all(self._holds(signature, checkpoint.text) for signature in found)

    def _holds(self, signature: bytes, text: bytes) -> bool:
        if self.kind == LOG:
            return ed25519.verify(self.key, text, signature)
        seconds = int.from_bytes(signature[:8])
        message = f"cosignature/v1\ntime {seconds}\n".encode() + text
        return len(signature) == 72 and seconds < 2**63 and ed25519.verify(self.key, message, signature[8:])


def key_id(name: str, kind: int, key: bytes) -> bytes:
    """The four bytes by which a signature line names its key."""
    return forms.sha256(name.encode(), b"\n", bytes([kind]), key)[:4]


def parse_key(text: Any, kind: int) -> NoteKey:
    """A verifier key of that signature type."""
    match = re.fullmatch(r"([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)", text) if isinstance(text, str) else None
    if match is None:
        raise Broken("a verifier key is none")
    try:
        data = forms.from_base64(match[3])
    except ValueError as error:
        raise Broken("a verifier key is no base64") from error
    check(len(data) == 33 and data[0] == kind and ed25519.decode(data[1:]) is not None, "a verifier key's type")
    check(key_id(match[1], kind, data[1:]).hex() == match[2], "a verifier key's id")
    return NoteKey(match[1], bytes.fromhex(match[2]), kind, data[1:])


@dataclass(frozen=True)
class Checkpoint:
    """What the log states, and who signed it."""

    origin: str
    size: int
    root: bytes
    text: bytes
    lines: list[tuple[str, bytes]]


def parse_checkpoint(note: bytes) -> Checkpoint:
    """Reads a checkpoint; extension lines are refused."""
    try:
        text, blank, rest = note.decode().rpartition("\n\n")
    except UnicodeDecodeError as error:
        raise Broken("the checkpoint is no text") from error
    lines = rest.split("\n")
    well_formed = blank and not any(ord(letter) < 32 and letter != "\n" for letter in note.decode())
    check(bool(well_formed) and not lines.pop() and 0 < len(lines) <= MOST_LINES, "the checkpoint is no note")
    match = re.fullmatch(r"([^\n]+)\n(0|[1-9][0-9]{0,15})\n([A-Za-z0-9+/]{43}=)", text)
    if match is None:
        raise Broken("the checkpoint has not three lines")
    try:
        root = forms.from_base64(match[3])
    except ValueError as error:
        raise Broken("the checkpoint's root is none") from error
    return Checkpoint(match[1], int(match[2]), root, f"{text}\n".encode(), list(map(_line, lines)))


def _line(line: str) -> tuple[str, bytes]:
    match = re.fullmatch(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})", line)
    try:
        data = forms.from_base64(match[2]) if match else b""
    except ValueError:
        data = b""
    if match is None or len(data) < 5:
        raise Broken("a signature line is none")
    return match[1], data
