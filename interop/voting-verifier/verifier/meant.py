"""Which election is meant, by address, voters' link and a head seen before: a record without fault may be another's."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from reader import tree
from reader.forms import Broken

from verifier import note
from verifier.findings import Findings
from verifier.log import Log
from verifier.note import Checkpoint

SCHEME = "sinpyo-vote:"
HEX = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Meant:
    """Where the log is, and what is known of its election beforehand."""

    place: str
    election: str | None = None
    host: str | None = None
    head: Checkpoint | None = None

    def check(self, found: Log, report: dict[str, Any], findings: Findings) -> None:
        """V5: it is this election that the record is of."""
        for name in ("election", "host"):
            own, seen = getattr(self, name), report.get(name)
            if own is not None and own != seen:
                findings.fail("V5", f"another {name}: {seen}", entry=0)
        if self.head is None:
            return
        try:
            key = note.parse_key(report.get("log"), note.LOG)
        except Broken:
            key = None
        if key is None or self.head.origin != key.name or not key.signed(self.head):
            findings.fail("V5", "the head seen before is not signed by this log", item="checkpoint")
        leaves = [tree.leaf(entry) for entry in found.entries[: self.head.size]]
        if len(leaves) != self.head.size or tree.root(leaves) != self.head.root:
            findings.fail("V5", "the record does not grow from the head seen before", item="checkpoint")


def parse(place: str, host: str | None = None, head: str | None = None) -> Meant:
    """What a place says: a folder, the address of an election or of its log, or the voters' link."""
    at, _, query = place.removeprefix(SCHEME).partition("?")
    is_link, is_address = place.startswith(SCHEME), at.startswith(("http://", "https://"))
    if not is_address:
        if is_link:
            raise ValueError("the link has no address")
        at, query = place, ""
    named = parse_qs(query).get("host", [])
    hosts = {*named, *([] if host is None else [host])}
    if len(hosts) > 1 or not all(HEX.fullmatch(key) for key in hosts):
        raise ValueError("a host's key has 64 hex digits, and there is one")
    match = re.fullmatch(r"(.*/e/([0-9A-Fa-f]{64}))(?:/log)?/?", at) if is_address else None
    if is_link and match is None:
        raise ValueError("the link has no address of an election")
    kept = None if head is None else note.parse_checkpoint(Path(head).read_bytes())
    own = None if match is None else match[2].lower()
    return Meant(at if match is None else f"{match[1]}/log", own, next(iter(hosts), None), kept)
