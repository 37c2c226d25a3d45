"""What happens before the first ballot: ceremony (V2), context (V3), roll and rings (V4)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from verifier import ballot, batch, group, roll
from verifier.ballot import Setting, Terms
from verifier.ceremony import Ceremony, Keys
from verifier.events import Event
from verifier.group import NotCanonical
from verifier.manifest import Manifest
from verifier.record import Record

CHUNK = 1000


@dataclass
class Prepared:
    """The election as its voters found it."""

    manifest: Manifest
    election: bytes
    keys: Keys
    context: bytes
    rings: list[roll.Ring]
    registered: list[int]

    def setting(self, style: int) -> Setting:
        """What the ballots of a style share."""
        return Setting(self.election, self.context, self.manifest.shape(style), tuple(self.keys.options))

    def district(self, ring: int) -> int | None:
        """The district of a ring; in profile `token` a ballot names its district itself."""
        if self.manifest.profile == "token":
            return ring if ring < len(self.manifest.districts) else None
        return self.rings[ring].district if ring < len(self.rings) else None

    def district_of(self, data: bytes) -> int | None:
        """The district that a ballot's header leads to. A header of the other profile leads where that one's would."""
        number = ballot.ring_of(data)
        if data[7] == 1:
            return number if number < len(self.manifest.districts) else None
        return self.rings[number].district if number < len(self.rings) else None


def check(record: Record) -> Prepared | None:
    """V2, V3 and V4, as far as the record goes; `None` before `open`."""
    manifest = record.manifest
    if manifest is None:
        return None
    ceremony, keys = check_ceremony(record, manifest)
    lines = check_registrations(record, manifest)
    qualified = keys.qualified if keys else []
    found = check_rings(record, manifest, (ceremony, qualified), lines)
    opened = record.one("open")
    if keys is None or found is None or opened is None:
        return None
    record.findings.reached |= {"V3", "V4"}
    hashed = keys.hash(record.election, manifest.threshold)
    top = roll.root(record.election, found)
    context = roll.context(record.election, manifest.hash, hashed, top, len(found))
    if opened.body["context"] != context.hex():
        record.findings.fail("V3", "another context", entry=opened.entry)
    return Prepared(manifest, record.election, keys, context, found, lines.count(manifest))


def check_ceremony(record: Record, manifest: Manifest) -> tuple[Ceremony, Keys | None]:
    """V2. Where the record states other trustees than follow from it, but their keys, those are gone on with."""
    findings = record.findings
    view = Ceremony(record.election, manifest.keys, manifest.threshold, manifest.trustees)
    done = record.one("ceremony-done")
    for event in record.ceremony:
        if event is not done and not view.apply(event.type, event.trustee if "/" in event.by else 0, event.body):
            findings.fail("V2", f"{event.type} at a wrong step", entry=event.entry)
    findings.proofs["ceremony"] += view.checked
    if done is None:
        return view, None
    findings.reached.add("V2")
    qualified = view.qualified()
    if qualified is None:
        findings.fail("V2", "done too early", entry=done.entry)
        qualified = view.inside()
    keys = view.outcome(qualified)
    if len(qualified) < manifest.threshold:
        findings.fail("V2", f"only {qualified} are qualified", entry=done.entry)
    elif any(map(group.is_identity, keys.options)):
        findings.fail("V2", "a key is the identity", entry=done.entry)
    if done.body["qualified"] != qualified:
        findings.fail("V2", f"qualified are {qualified}", entry=done.entry)
        keys = _stated(view, done) or keys
    elif _hex(keys) != done.body["keys"]:
        findings.fail("V2", "other keys", entry=done.entry)
    return view, keys


def _hex(keys: Keys) -> list[str]:
    return [group.encode(key).hex() for key in keys.options]


def _stated(view: Ceremony, done: Event) -> Keys | None:
    stated = done.body["qualified"]
    if not all(number in view.dealers and view.dealers[number].points for number in stated):
        return None
    keys = view.outcome(set(stated))
    return keys if _hex(keys) == done.body["keys"] else None


@dataclass
class Lines:
    """The lines of the roll that are live: commitment (empty in profile `token`) and district of each slot."""

    live: dict[bytes, tuple[bytes, int]] = field(default_factory=dict)
    slots: set[bytes] = field(default_factory=set)
    ever: set[bytes] = field(default_factory=set)

    def count(self, manifest: Manifest) -> list[int]:
        """Lines of each district."""
        counts = [0] * len(manifest.districts)
        for _, district in self.live.values():
            counts[district] += 1
        return counts

    def commitments(self, manifest: Manifest) -> list[list[bytes]]:
        """Commitments of each district."""
        found: list[list[bytes]] = [[] for _ in manifest.districts]
        for commitment, district in self.live.values():
            found[district].append(commitment)
        return found

    def register(self, event: Event, manifest: Manifest) -> Iterator[str]:
        """Takes a registration; what is wrong with it but its proof."""
        body, slot = event.body, bytes.fromhex(event.body["slot"])
        commitment = bytes.fromhex(body.get("commitment", ""))
        district = manifest.district(body["district"])
        if ("commitment" in body) != (manifest.profile == "ring"):
            yield "a registration of the other profile"
        if commitment in self.ever and commitment:
            yield "a commitment twice"
        if commitment == bytes(32):
            yield "a commitment is the identity"
        if body["replaces"] != (slot in self.live):
            yield "a slot twice, or replaced before it was there"
        if manifest.profile == "token" and slot in self.slots:
            yield "a slot cannot be replaced"
        if district is None:
            yield "no such district"
        else:
            self.live[slot] = commitment, district
        self.slots.add(slot)
        self.ever.add(commitment)


def check_registrations(record: Record, manifest: Manifest) -> Lines:
    """V4: every `register` and `strike`."""
    lines, findings = Lines(), record.findings
    pending: list[tuple[Event, int]] = []
    for event in sorted(record.events["register"] + record.events["strike"], key=lambda one: one.entry):
        own = record.districts_at[event.entry]
        if event.type == "strike":
            struck = lines.live.pop(bytes.fromhex(event.body["slot"]), None)
            if struck is None or manifest.profile == "token":
                findings.fail("V4", "strike: the slot is not live", entry=event.entry)
            continue
        for reason in lines.register(event, own):
            findings.fail("V4", reason, entry=event.entry)
        district = own.district(event.body["district"])
        if "proof" in event.body and district is not None:
            pending.append((event, district))
    jobs = [(record.election, pending[at : at + CHUNK]) for at in range(0, len(pending), CHUNK)]
    bad = sorted(entry for some in batch.parallel(_openings, jobs) for entry in some)
    findings.proofs["registration"] += len(pending)
    for entry in bad:
        findings.fail("V4", "the proof of opening does not hold", entry=entry)
    return lines


def _openings(job: tuple[bytes, list[tuple[Event, int]]]) -> list[int]:
    """The entries whose proofs do not hold."""
    election, pending = job
    items: list[list[Terms]] = []
    entries, content, bad = [], [], []
    for event, district in pending:
        binding, commitment, proof = (bytes.fromhex(event.body[n]) for n in ("binding", "commitment", "proof"))
        try:
            items.append([roll.opening(election, binding, district, commitment, proof)])
        except NotCanonical:
            bad.append(event.entry)
            continue
        entries.append(event.entry)
        content.append(binding + commitment + proof)
    return bad + [entries[at] for at in batch.bad_items(items, b"".join(content))]


def check_rings(
    record: Record, manifest: Manifest, ceremony: tuple[Ceremony, list[int]], lines: Lines
) -> list[roll.Ring] | None:
    """V4: what `freeze`, `beacon` and `rings` say; the rings as they follow from the roll.

    Only the values of qualified trustees count.
    """
    view, qualified = ceremony
    findings, frozen, stated = record.findings, record.one("freeze"), record.one("rings")
    if frozen is not None:
        counts = zip(manifest.districts, lines.count(manifest), strict=True)
        rows = [{"id": one.id, "legal": one.legal, "registered": registered} for one, registered in counts]
        if frozen.body["districts"] != rows:
            findings.fail("V4", "freeze: other counts than the roll's or the manifest's", entry=frozen.entry)
    values: dict[int, bytes] = {}
    for event in record.events["beacon"]:
        value, committed = bytes.fromhex(event.body["value"]), view.dealers[event.trustee].beacon
        if committed != roll.beacon_commit(record.election, event.trustee, value):
            findings.fail("V4", f"beacon: not what trustee {event.trustee} committed to", entry=event.entry)
        elif event.trustee not in qualified:
            findings.fail("V4", f"beacon: trustee {event.trustee} is not qualified", entry=event.entry)
        else:
            values[event.trustee] = value
    if stated is None:
        return None
    live = {slot: commitment for slot, (commitment, _) in lines.live.items()}
    seed = roll.beacon(record.election, live, values)
    found: list[roll.Ring] = []
    if manifest.profile == "ring":
        found = roll.rings(record.election, seed, lines.commitments(manifest), manifest.base**manifest.digits)
    expected: dict[str, Any] = {
        "beacon": seed.hex(),
        "rings": len(found),
        "root": roll.root(record.election, found).hex(),
        "without": [number for number in range(1, manifest.trustees + 1) if number not in values],
    }
    if len(values) < manifest.threshold:
        findings.fail("V4", "too few trustees revealed a beacon", entry=stated.entry)
    for name in expected:
        if stated.body[name] != expected[name]:
            findings.fail("V4", f"rings: another {name}", entry=stated.entry)
    return found
