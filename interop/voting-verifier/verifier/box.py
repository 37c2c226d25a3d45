"""The ballot box: proofs (V6), refused ballots (V7), which ballots count (V8), spoiled ones (V12)."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from reader import forms

from verifier import ballot, batch, group, hashing
from verifier.ballot import Ballot, Parts, Setting
from verifier.group import BASE, IDENTITY, L, NotCanonical, Point
from verifier.hashing import generator, le32
from verifier.preparation import Prepared
from verifier.record import Record

CHUNK = 1024
# Fewer ballots are checked sooner than processes begin.
WORTH_A_PROCESS = 64


@dataclass(frozen=True)
class Cast:
    """A ballot of the log: `group` is where it is counted, if it is."""

    entry: int
    data: bytes
    ring: int
    district: int
    group: int | None = None


@dataclass
class Box:
    """All ballots, by style; those that count, by tag."""

    cast: dict[int, list[Cast]] = field(default_factory=dict)
    counted: dict[bytes, Cast] = field(default_factory=dict)
    ballots: int = 0

    def by_district(self, districts: int) -> list[int]:
        """Counted ballots of each district."""
        counts = [0] * districts
        for one in self.counted.values():
            counts[one.district] += 1
        return counts


def signature_size(prepared: Prepared) -> int:
    """Bytes of a token's signature."""
    tokens = prepared.manifest.tokens
    return tokens[0].size if tokens else 0


def _place(prepared: Prepared, data: bytes) -> tuple[int, int, int]:
    """Style, ring and district. Raises `NotCanonical`, with the reason as `rejected` names it."""
    style, ring = ballot.style_of(data), ballot.ring_of(data)
    if style >= len(prepared.manifest.styles):
        raise NotCanonical("style")
    district = prepared.district(ring)
    if district is None:
        raise NotCanonical("ring")
    if prepared.manifest.districts[district].style != style:
        raise NotCanonical("style")
    return style, ring, district


def collect(record: Record, prepared: Prepared) -> Box:
    """V8, and the parts of V6 that need no proof: which ballots there are, which of them count."""
    box, findings = Box(), record.findings
    findings.reached |= {"V6", "V7", "V8", "V12"}
    for entry in record.ballots_outside:
        findings.fail("V8", "a ballot outside open … close", entry=entry)
    outside, seen = set(record.ballots_outside), set[bytes]()
    for entry, data in record.ballots:
        box.ballots += entry not in outside
        digest = hashlib.sha256(data).digest()
        if digest in seen:
            findings.fail("V8", "the same bytes twice", entry=entry)
        seen.add(digest)
        try:
            style, ring, district = _place(prepared, data)
        except NotCanonical as error:
            findings.fail("V6", str(error), entry=entry)
            continue
        one = Cast(entry, data, ring, district)
        box.cast.setdefault(style, []).append(one)
        tag = data[8:40]
        if entry in outside:
            continue
        if prepared.manifest.revote == "last" or tag not in box.counted:
            box.counted[tag] = one
        else:
            findings.fail("V8", "a second ballot of a tag", entry=entry)
    return box


@dataclass
class Checked:
    """The outcome of one job: the entries that failed with the reason, and the sums of the groups."""

    bad: list[tuple[int, str]] = field(default_factory=list)
    sums: dict[int, list[Point]] = field(default_factory=dict)
    tokens: int = 0

    def count(self, one: Cast, points: Sequence[Point]) -> None:
        """Adds the ballot's ciphertexts to its group's."""
        if one.group is not None:
            old = self.sums.get(one.group) or [IDENTITY] * len(points)
            self.sums[one.group] = [group.add(a, b) for a, b in zip(old, points, strict=True)]

    def count_ciphertexts(self, one: Cast, setting: Setting) -> None:
        """The same for a ballot that is refused: if its ciphertexts are points, they are in the board's sums."""
        joined = one.data[40 : 40 + 32 * (setting.shape.options + 1)]
        try:
            self.count(one, [group.decode(joined[at : at + 32]) for at in range(0, len(joined), 32)])
        except NotCanonical:
            return


@dataclass
class Job:
    """Some ballots of one style."""

    prepared: Prepared
    style: int
    cast: list[Cast]
    alone: bool


def check_proofs(
    record: Record, prepared: Prepared, box: Box, groups: dict[int, int], alone: bool
) -> dict[int, list[Point]]:
    """V6. Returns the sums of each group; `groups` says which a district belongs to."""
    counted = {one.entry for one in box.counted.values()}
    jobs = []
    for style, cast in box.cast.items():
        # Ballots of one ring share its commitments in a batch.
        rows = sorted(cast, key=lambda one: one.ring)
        rows = [
            Cast(one.entry, one.data, one.ring, one.district, groups[one.district] if one.entry in counted else None)
            for one in rows
        ]
        size = min(CHUNK, max(WORTH_A_PROCESS, -(-len(rows) // batch.cores())))
        jobs += [Job(prepared, style, rows[at : at + size], alone) for at in range(0, len(rows), size)]
    sums: dict[int, list[Point]] = {}
    failed: list[tuple[int, str]] = []
    enough = box.ballots >= WORTH_A_PROCESS
    for checked in batch.parallel(check_job, jobs) if enough else map(check_job, jobs):
        failed += checked.bad
        record.findings.proofs["token"] += checked.tokens
        for number, points in checked.sums.items():
            old = sums.get(number) or [IDENTITY] * len(points)
            sums[number] = [group.add(a, b) for a, b in zip(old, points, strict=True)]
    record.findings.proofs["ballot"] += box.ballots + len(record.ballots_outside)
    for entry, reason in sorted(failed):
        record.findings.fail("V6", reason, entry=entry)
    return sums


def check_job(job: Job) -> Checked:
    """Checks ballots of one style: together, or one by one."""
    prepared, checked = job.prepared, Checked()
    setting = prepared.setting(job.style)
    election, used = prepared.election, {one.ring for one in job.cast} if prepared.rings else set()
    roots = {number: prepared.rings[number].root(election) for number in used}
    points = {number: prepared.rings[number].points() for number in used}
    good: list[tuple[Cast, Ballot]] = []
    for one in job.cast:
        try:
            parts = ballot.parse(one.data, setting.shape, signature_size(prepared))
            found = ballot.decode(setting, parts, roots.get(one.ring, b""))
        except NotCanonical as error:
            checked.bad.append((one.entry, f"encoding: {error}"))
            checked.count_ciphertexts(one, setting)
            continue
        checked.count(one, (found.points["alpha"], *found.beta))
        if parts.signature:
            checked.tokens += 1
            if not token_holds(prepared, one.district, parts):
                checked.bad.append((one.entry, "token: the signature does not hold"))
                continue
        good.append((one, found))
    if job.alone:
        bad = [at for at, (one, found) in enumerate(good) if broken(setting, found, points.get(one.ring, []))]
    else:
        bad = batch.failing(len(good), lambda some: hold(setting, [good[at] for at in some], points))
    for at in bad:
        one, found = good[at]
        name = broken(setting, found, points.get(one.ring, []))
        checked.bad.append((one.entry, f"proof: {name} does not hold"))
    return checked


def token_holds(prepared: Prepared, district: int, parts: Parts) -> bool:
    """The registrar's signature over tag and district (§13), by the key of that district and no other."""
    tokens = prepared.manifest.tokens
    message = b"sinpyo-vote/1/token\0" + prepared.election + le32(district) + parts.tag
    return bool(tokens) and tokens[district].verify(parts.randomizer + message, parts.signature)


def broken(setting: Setting, found: Ballot, ring: Sequence[Point]) -> str | None:
    """The first equation that does not hold."""
    for name, terms in ballot.equations(setting, found, ring).items():
        if not group.is_identity(group.msm(terms)):
            return name
    return None


def hold(setting: Setting, some: Sequence[tuple[Cast, Ballot]], rings: dict[int, list[Point]]) -> bool:
    """Whether all equations of some ballots hold: five weights for each, bases they share only once."""
    shape = setting.shape
    degree, columns = shape.digits or 1, sum(shape.rows)
    weights = batch.weights(b"".join(found.parts.data for _, found in some))
    terms: list[tuple[int, Point]] = []
    p, q, keys = [0] * columns, [0] * columns, [0] * shape.options
    base_h = base_g = base_gs = base_u = 0
    sums: dict[int, list[int]] = {}
    for one, found in some:
        w1, w2, w3, w4, w5 = (next(weights) for _ in range(5))
        x, z, points, rows = found.x, found.parts.z, found.points, found.rows
        for at, value in enumerate(value for row in rows for value in row):
            weighted = w1 * value % L
            p[at] += weighted
            q[at] += weighted * (x - value)
        power, votes = 1, 0
        for at, value in enumerate(value for row in rows[shape.digits :] for value in row[1:]):
            power = power * found.e % L
            terms.append((w3 * power % L * x, found.beta[at]))
            keys[at] += w3 * z["rho"] % L * power
            votes += power * value
        terms += [(w1 * x, points["B"]), (w1, points["A"]), (w2 * x, points["alpha"]), (w2, points["T0"])]
        terms += [(w3, points["T1"]), (w5 * pow(x, degree, L), points["T"]), (-w5, points["Y0"])]
        base_g += w2 * z["rho"] + w3 * votes
        base_h += w1 * z["A"]
        base_u += w5 * z["s"]
        if shape.digits:
            products = ballot.positions(rows[: shape.digits], w4)
            old = sums.get(one.ring)
            sums[one.ring] = [a + b for a, b in zip(old, products, strict=True)] if old else products
            base_gs += w4 * z["s"]
            base_h += w4 * z["r"]
            for point in found.x_points:
                terms.append((-w4, point))
                w4 = w4 * x % L
    terms += [(-base_g, BASE), (-base_h, generator("H")), (-base_gs, generator("Gs")), (-base_u, setting.tag_base)]
    terms += [(-value, generator("P", at)) for at, value in enumerate(p)]
    terms += [(-value, generator("Q", at)) for at, value in enumerate(q)]
    terms += [(-value, key) for value, key in zip(keys, setting.keys, strict=False)]
    for number, values in sums.items():
        terms += zip(values, rings[number], strict=True)
    return group.is_identity(group.msm(terms))


def check_rejected(record: Record, prepared: Prepared) -> None:
    """V7: a refused ballot is invalid, for the reason given."""
    tags: set[bytes] = set()
    ballots = iter(record.ballots)
    following = next(ballots, None)
    for event in record.events["rejected"]:
        while following is not None and following[0] < event.entry:
            tags.add(following[1][8:40])
            following = next(ballots, None)
        reason = event.body["reason"]
        record.findings.proofs["rejected"] += 1
        if "digest" in event.body:
            right = reason == "encoding"
        else:
            right = reason in reasons(prepared, forms.from_base64url(event.body["ballot"]), tags)
        if not right:
            record.findings.fail("V7", f"the ballot is not invalid by {reason}", entry=event.entry)


def reasons(prepared: Prepared, data: bytes, tags: Iterable[bytes]) -> set[str]:
    """For what reasons a ballot is invalid, all that hold: none if it is valid."""
    if not ballot.has_header(data):
        return {"encoding"}
    found: set[str] = set()
    style, district = ballot.style_of(data), prepared.district_of(data)
    known = style < len(prepared.manifest.styles)
    if not known or (district is not None and prepared.manifest.districts[district].style != style):
        found.add("style")
    if district is None:
        found.add("ring")
    if not known:  # nobody knows its length
        return found
    setting = prepared.setting(style)
    try:
        parts = ballot.parse(data, setting.shape, signature_size(prepared))
    except NotCanonical:
        return found | {"encoding"}
    if parts.tag == bytes(32):
        found.add("tag")
    if parts.points["alpha"] == bytes(32):
        found.add("proof")
    if prepared.manifest.revote == "first" and parts.tag in tags:
        found.add("duplicate")
    root, members = b"", list[Point]()
    if prepared.rings and district is not None:
        ring = prepared.rings[ballot.ring_of(data)]
        root, members = ring.root(prepared.election), ring.points()
    try:
        decoded = ballot.decode(setting, parts, root)
    except NotCanonical as error:
        return found if str(error) == "identity" else found | {"encoding"}
    if district is None:  # there is no ring to prove anything of
        return found
    if broken(setting, decoded, members) or (parts.signature and not token_holds(prepared, district, parts)):
        found.add("proof")
    return found


def check_spoiled(record: Record, prepared: Prepared) -> None:
    """V12: a spoiled ballot encrypts again to what it says."""
    shapes = [prepared.manifest.shape(style) for style in range(len(prepared.manifest.styles))]
    for event in record.events["spoiled"]:
        record.findings.proofs["spoiled"] += 1
        if not any(_encrypts(event.body, shape.contests, prepared.keys.options) for shape in shapes):
            record.findings.fail("V12", "does not encrypt again to what it says", entry=event.entry)


def _encrypts(body: dict[str, Any], contests: Sequence[int], keys: Sequence[Point]) -> bool:
    choices, beta = body["choices"], body["beta"]
    if len(choices) != len(contests) or len(beta) != sum(contests):
        return False
    if any(choice > options for choice, options in zip(choices, contests, strict=True)):
        return False
    try:
        rho = group.decode_scalar(bytes.fromhex(body["rho"]))
    except NotCanonical:
        return False
    votes = [int(own + 1 == one) for one, options in zip(choices, contests, strict=True) for own in range(options)]
    again = [group.msm([(vote, BASE), (rho, key)]) for vote, key in zip(votes, keys, strict=False)]
    same = hashing.join([group.multiply(rho, BASE), *again])
    return bool(same.hex() == body["alpha"] + "".join(beta))
