"""Goes through the log once: phases, order, times, roles (V1, V5), and sorts its entries for the other checks."""

from collections import defaultdict
from dataclasses import dataclass, field

from reader.forms import Broken

from verifier import ed25519, events, manifest
from verifier.events import Event, WriteIn
from verifier.findings import Findings
from verifier.manifest import Manifest

# In which phases an event may stand, and the phase that it begins.
PHASES = ("draft", "ceremony", "registration", "frozen", "open", "closed", "tallied", "archived")
WHEN: dict[str, tuple[tuple[str, ...], str | None]] = {
    "manifest": (("draft", "ceremony", "registration"), None),
    "ceremony-commit": (("draft", "ceremony"), "ceremony"),
    "ceremony-reveal": (("ceremony",), None),
    "ceremony-shares": (("ceremony",), None),
    "ceremony-complaint": (("ceremony",), None),
    "ceremony-answer": (("ceremony",), None),
    "ceremony-next": (("ceremony",), None),
    "ceremony-done": (("ceremony",), "registration"),
    "register": (("registration",), None),
    "strike": (("registration",), None),
    "freeze": (("registration",), "frozen"),
    "beacon": (("frozen",), None),
    "rings": (("frozen",), None),
    "open": (("frozen",), "open"),
    "withdraw": (("frozen", "open", "closed"), None),
    "spoiled": (("open",), None),
    "rejected": (("open",), None),
    "close": (("open",), "closed"),
    "tally-share": (("closed",), None),
    "result": (("closed",), "tallied"),
    "archive": (("tallied",), "archived"),
}
@dataclass
class Record:
    """What the log holds, sorted."""

    findings: Findings
    election: bytes = b""
    manifest: Manifest | None = None
    phase: str = "draft"
    events: dict[str, list[Event]] = field(default_factory=lambda: defaultdict(list))
    ballots: list[tuple[int, bytes]] = field(default_factory=list)
    ballots_outside: list[int] = field(default_factory=list)
    ceremony: list[Event] = field(default_factory=list)
    districts_at: dict[int, Manifest] = field(default_factory=dict)
    _time: int = 0
    _signed: dict[bytes, list[Event]] = field(default_factory=lambda: defaultdict(list))

    def add(self, entry: int, data: bytes) -> None:
        """Takes the next entry. A manifest that may not stand where it stands leaves the one before in force."""
        if entry and self.manifest is None:
            return
        if entry and data[:1] == b"\1":
            self.ballots.append((entry, data))
            if self.phase != "open":
                self.ballots_outside.append(entry)
            return
        try:
            if data[:1] != b"{":
                raise Broken("neither ballot nor event")
            self._add_event(events.parse(entry, data))
        except WriteIn as reason:
            self.findings.fail("V13", str(reason), entry=entry)
        except Broken as reason:
            self.findings.fail("V5", str(reason), entry=entry)

    def _add_event(self, event: Event) -> None:
        if self.manifest is None:
            self._begin(event)
        phases, follows = WHEN[event.type]
        if self.manifest is None:
            return
        key = self.manifest.key(event.by)
        if key is None:
            raise Broken("no such trustee")
        self._signed[key].append(event)
        if event.election != self.election:
            raise Broken("another election")
        if self.phase not in phases:
            raise Broken(f"{event.type} while {self.phase}")
        if event.time < self._time:
            self.findings.fail("V5", "the time goes back", entry=event.entry)
        self._time = max(self._time, event.time)
        self._in_order(event)
        if event.type == "manifest":
            self._take_manifest(event)
        if event.type.startswith("ceremony-"):
            self.ceremony.append(event)
        self.events[event.type].append(event)
        self.districts_at[event.entry] = self.manifest
        self.phase = follows or self.phase

    def _begin(self, event: Event) -> None:
        if event.type != "manifest" or event.entry != 0:
            raise Broken("the log does not begin with a manifest")
        self.election = event.election
        try:
            self.manifest = manifest.parse(event.body)
        except Broken as reason:
            self.findings.fail("V1", str(reason), entry=0)
            return
        self.findings.reached.add("V1")
        self._no_write_in(self.manifest, 0)

    def _no_write_in(self, one: Manifest, entry: int) -> None:
        if one.write_in:
            self.findings.fail("V13", "a write-in contest", entry=entry)

    def _take_manifest(self, event: Event) -> None:
        old = self.manifest
        if old is None or event.entry == 0:
            return
        try:
            new = manifest.parse(event.body)
        except Broken as reason:
            self.findings.fail("V1", str(reason), entry=event.entry)
            return
        if self.phase != "draft" and new.fixed != old.fixed:
            self.findings.fail("V1", "changes what the ceremony fixed", entry=event.entry)
            return
        if self.events["register"] and new.places[: len(old.places)] != old.places:
            self.findings.fail("V1", "moves a district, or gives it another key", entry=event.entry)
            return
        if new.body["board"]["log"] != old.body["board"]["log"]:
            self.findings.fail("V1", "changes the log's key", entry=event.entry)
            return
        self._no_write_in(new, event.entry)
        self.manifest = new

    def _in_order(self, event: Event) -> None:
        if event.type == "beacon" and (self.events["rings"] or event.by in {e.by for e in self.events["beacon"]}):
            raise Broken("beacon too late or twice")
        if event.type == "rings" and self.events["rings"]:
            raise Broken("rings twice")
        if event.type == "open" and not self.events["rings"]:
            raise Broken("no rings yet")
        if event.type == "close":
            self._at_close(event)

    def _at_close(self, event: Event) -> None:
        body = event.body
        ballots = sum(entry not in self.ballots_outside for entry, _ in self.ballots)
        if body["size"] != event.entry or body["ballots"] != ballots:
            self.findings.fail("V5", "close: another number of entries or ballots", entry=event.entry)
        if self.manifest and event.time < self.manifest.closes:
            self.findings.fail("V5", "closed before its time", entry=event.entry)

    def check_signatures(self) -> None:
        """All events' signatures, by key."""
        for key, signed in self._signed.items():
            pairs = [(event.message, event.signature) for event in signed]
            self.findings.proofs["signature"] += len(pairs)
            for event, holds in zip(signed, ed25519.verify_all(key, pairs), strict=True):
                if not holds:
                    self.findings.fail("V5", f"signature of {event.type} by {event.by}", entry=event.entry)

    def one(self, kind: str) -> Event | None:
        """The first event of a kind."""
        return self.events[kind][0] if self.events[kind] else None
