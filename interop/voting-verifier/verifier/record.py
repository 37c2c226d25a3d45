"""Goes through the log once: phases, order, times, roles (V1, V5), and sorts its entries for the other checks."""

from collections import defaultdict
from dataclasses import dataclass, field

from reader.forms import Broken

from verifier import ed25519, events, manifest
from verifier.events import Event
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
STAGES = ("commit", "reveal", "shares", "complaints", "answers")


@dataclass
class Stage:
    """How far the ceremony is: trustees that did each step, and what the host said."""

    trustees: int
    done: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    dealt: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    complaints: set[tuple[int, int]] = field(default_factory=set)
    answers: set[tuple[int, int]] = field(default_factory=set)
    said: int = 0

    def reached(self) -> int:
        """The number of the stage."""
        committed, revealed = self.done["commit"], self.done["reveal"]
        stage = 0
        if len(committed) == self.trustees or self.said >= 1:
            stage = 1
            if revealed >= committed or self.said >= 2:
                stage = 2
                if all(revealed - {one} <= self.dealt[one] for one in revealed):
                    stage = 3
        return max(stage, self.said)

    def refuses(self, event: Event) -> str | None:
        """Why the event may not stand here, if so; otherwise it is noted."""
        number = event.trustee if "/" in event.by else 0
        match event.type:
            case "ceremony-commit" | "ceremony-reveal":
                step = event.type.removeprefix("ceremony-")
                wrong = number in self.done[step] or self.reached() != STAGES.index(step)
                wrong = wrong or (step == "reveal" and number not in self.done["commit"])
                self.done[step].add(number)
            case "ceremony-shares":
                to = event.body["to"]
                wrong = to == number or to > self.trustees or to in self.dealt[number] or self.reached() < 2
                wrong = wrong or number not in self.done["reveal"]
                self.dealt[number].add(to)
            case "ceremony-complaint":
                against = event.body["against"]
                wrong = against == number or against > self.trustees or self.reached() < 3
                wrong = wrong or (against, number) in self.complaints or self.said == STAGES.index("answers")
                self.complaints.add((against, number))
            case "ceremony-answer":
                pair = (number, event.body["to"])
                wrong = pair not in self.complaints or pair in self.answers
                self.answers.add(pair)
            case "ceremony-next":
                said = STAGES.index(event.body["phase"])
                wrong, self.said = said <= self.said, max(said, self.said)
            case _:
                return None
        return "out of order in the ceremony" if wrong else None


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
    stage: Stage | None = None
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
        places = [(district.id, district.style) for district in old.districts]
        if self.events["register"] and places != [(d.id, d.style) for d in new.districts][: len(places)]:
            self.findings.fail("V1", "moves a district", entry=event.entry)
            return
        self.manifest = new

    def _in_order(self, event: Event) -> None:
        if self.stage is None or self.phase == "draft":
            self.stage = Stage(self.manifest.trustees if self.manifest else 0)
        if (reason := self.stage.refuses(event)) is not None:
            raise Broken(reason)
        if event.type == "beacon" and (self.events["rings"] or event.by in {e.by for e in self.events["beacon"]}):
            raise Broken("beacon too late or twice")
        if event.type == "rings" and self.events["rings"]:
            raise Broken("rings twice")
        if event.type == "open" and not self.events["rings"]:
            raise Broken("no rings yet")
        if event.type == "close" and event.body["size"] != event.entry:
            self.findings.fail("V5", "close: another number of entries", entry=event.entry)

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
