"""Writes logs: events signed by their roles, ballots, static exports."""

import base64
import datetime
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from prover.signer import Signer
from reader import forms, tree

START = 1_795_219_200  # 2026-11-21T00:00:00Z


def time_text(seconds: int) -> str:
    """A time."""
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Item:
    """An entry before it is signed; `ballot` instead of all others if it is one."""

    type: str = ""
    by: str = ""
    body: dict[str, Any] = field(default_factory=dict)
    time: str = ""
    ballot: bytes = b""
    signer: str = ""
    election: str = ""
    raw: bytes = b""

    def copy(self) -> "Item":
        """Another one that can be changed."""
        body = json.loads(json.dumps(self.body))
        return Item(self.type, self.by, body, self.time, self.ballot, self.signer, self.election, self.raw)


@dataclass
class Draft:
    """A log whose entries can still be changed."""

    election: bytes
    origin: str
    items: list[Item] = field(default_factory=list)
    witnesses: list[str] = field(default_factory=list)
    now: int = START

    def add(self, kind: str, by: str, body: dict[str, Any]) -> int:
        """Appends an event a minute later; returns its index."""
        self.now += 60
        self.items.append(Item(kind, by, body, time_text(self.now)))
        return len(self.items) - 1

    def cast(self, ballot: bytes) -> int:
        """Appends a ballot."""
        self.items.append(Item(ballot=ballot))
        return len(self.items) - 1

    def copy(self) -> "Draft":
        """Another one that can be changed."""
        items = [item.copy() for item in self.items]
        return Draft(self.election, self.origin, items, list(self.witnesses), self.now)

    def indexes(self, kind: str) -> list[int]:
        """Where events of a type stand; `ballot` for ballots."""
        return [at for at, item in enumerate(self.items) if (item.type or "ballot") == kind]

    def entries(self) -> list[bytes]:
        """The entries, signed."""
        return [self._seal(item) for item in self.items]

    def _seal(self, item: Item) -> bytes:
        if item.raw or item.ballot:
            return item.raw or item.ballot
        event = {"body": item.body, "by": item.by, "election": item.election or self.election.hex()}
        event |= {"time": item.time, "type": item.type}
        signature = signer(item.signer or item.by).sign(b"sinpyo-vote/1/event\0" + forms.jcs(event))
        return forms.jcs(event | {"signature": forms.to_base64url(signature)})

    def checkpoint(self, entries: list[bytes]) -> str:
        """The head of all entries, signed and cosigned."""
        head = base64.b64encode(tree.root([tree.leaf(entry) for entry in entries])).decode()
        text = f"{self.origin}\n{len(entries)}\n{head}\n"
        lines = [signer("log").note_line(self.origin, text.encode())]
        lines += [signer(name).cosign(name, text.encode(), self.now + 9) for name in self.witnesses]
        return "\n".join([text, *lines, ""])

    def files(self) -> dict[str, bytes]:
        """The static export."""
        entries = self.entries()
        return tree.tiles(entries) | {"checkpoint": self.checkpoint(entries).encode()}


_signers: dict[str, Signer] = {}


def signer(name: str) -> Signer:
    """The signer of that name."""
    if name not in _signers:
        _signers[name] = Signer(name)
    return _signers[name]


def write(files: dict[str, bytes], folder: Path) -> None:
    """Writes an export."""
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
