"""The key ceremony (§5), as an observer sees it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from verifier import batch, group, hashing
from verifier.ballot import Terms
from verifier.group import IDENTITY, L, NotCanonical, Point
from verifier.hashing import le32

PHASES = ("commit", "reveal", "shares", "complaints", "answers")
COMMIT, REVEAL, SHARES, COMPLAINTS = range(4)


def commit(election: bytes, trustee: int, commitments: bytes, proofs: bytes) -> bytes:
    """What a trustee publishes first."""
    return hashing.digest("ceremony-commit", election, le32(trustee), commitments, proofs)


def challenge(election: bytes, trustee: int, place: tuple[int, int], commitment: bytes, first: bytes) -> int:
    """`c` of the proof for `A_{i,m,k}`; `place` is `(m, k)`."""
    return hashing.scalar("ceremony-proof", election, le32(trustee), le32(place[0]), le32(place[1]), commitment, first)


@dataclass
class Dealer:
    """What one trustee published. Who is not `inside` any more cannot speak; `points[m][k]` are its commitments."""

    inside: bool = True
    commit: bytes | None = None
    beacon: bytes | None = None
    revealed: bool = False
    points: list[list[Point]] = field(default_factory=list)
    dealt: set[int] = field(default_factory=set)
    complaints: set[int] = field(default_factory=set)
    answered: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class Keys:
    """The outcome: qualified trustees, option keys `K_m`, share keys `PK_{j,m}`."""

    qualified: list[int]
    options: list[Point]
    shares: list[list[Point]]

    def hash(self, election: bytes, threshold: int) -> bytes:
        """`ceremonyHash`."""
        shares = b"".join(hashing.join(row) for row in self.shares)
        qualified = b"".join(map(le32, self.qualified))
        sizes = (le32(threshold), le32(len(self.shares)))
        return hashing.digest("ceremony", election, *sizes, qualified, hashing.join(self.options), shares)


@dataclass
class Ceremony:
    """All trustees' events, in order. What stands at a wrong step changes nothing."""

    election: bytes
    keys: int
    threshold: int
    trustees: int
    dealers: dict[int, Dealer] = field(default_factory=dict)
    phase: int = COMMIT
    checked: int = 0

    def __post_init__(self) -> None:
        self.dealers = {number: Dealer() for number in range(1, self.trustees + 1)}

    def inside(self) -> list[int]:
        """Who is not disqualified."""
        return [number for number, dealer in self.dealers.items() if dealer.inside]

    def apply(self, kind: str, trustee: int, body: dict[str, Any]) -> bool:
        """Takes an event; `False` if it may not stand here. `trustee` is 0 for the host."""
        if trustee and not self.dealers[trustee].inside:
            return False
        match kind:
            case "ceremony-commit":
                right = self._commit(trustee, bytes.fromhex(body["commit"]), bytes.fromhex(body["beacon"]))
            case "ceremony-reveal":
                right = self._reveal(trustee, bytes.fromhex(body["commitments"]), bytes.fromhex(body["proofs"]))
            case "ceremony-shares":
                right = self._deal(trustee, body["to"], len(body["ciphertext"]) // 2)
            case "ceremony-complaint":
                right = self._complain(trustee, body["against"])
            case "ceremony-answer":
                right = self._answer(trustee, body["to"], bytes.fromhex(body["shares"]))
            case _:
                right = self._next(PHASES.index(body["phase"]))
        self._go_on()
        return right

    def _commit(self, trustee: int, commitment: bytes, beacon: bytes) -> bool:
        dealer = self.dealers[trustee]
        if self.phase != COMMIT or dealer.commit is not None:
            return False
        dealer.commit, dealer.beacon = commitment, beacon
        return True

    def _reveal(self, trustee: int, commitments: bytes, proofs: bytes) -> bool:
        dealer = self.dealers[trustee]
        if self.phase != REVEAL or dealer.revealed:
            return False
        dealer.revealed = True
        dealer.inside = self._is_right(trustee, commitments, proofs)
        return True

    def _is_right(self, trustee: int, commitments: bytes, proofs: bytes) -> bool:
        """Whether a reveal is what was committed to, and proved."""
        dealer, count = self.dealers[trustee], self.keys * self.threshold
        self.checked += count
        if len(commitments) != 32 * count or len(proofs) != 64 * count:
            return False
        try:
            points = self.publish(trustee, commitments)
            equations = self._equations(trustee, commitments, proofs, points)
        except NotCanonical:
            return False
        proved = not any(map(group.is_identity, points)) and batch.hold(equations, commitments + proofs)
        return proved and dealer.commit == commit(self.election, trustee, commitments, proofs)

    def publish(self, trustee: int, commitments: bytes) -> list[Point]:
        """Takes a trustee's commitments for what they are. Raises `NotCanonical`."""
        points = [group.decode(commitments[at : at + 32]) for at in range(0, len(commitments), 32)]
        rows = [points[at : at + self.threshold] for at in range(0, len(points), self.threshold)]
        self.dealers[trustee].points = rows
        return points

    def _equations(self, trustee: int, commitments: bytes, proofs: bytes, points: list[Point]) -> list[Terms]:
        equations = []
        for number, point in enumerate(points):
            encoded, proof = commitments[32 * number :][:32], proofs[64 * number :][:64]
            place = (number // self.threshold + 1, number % self.threshold)
            first, z = group.decode_mask(proof[:32]), group.decode_scalar(proof[32:])
            c = challenge(self.election, trustee, place, encoded, proof[:32])
            equations.append([(z, group.BASE), (-1, first), (-c, point)])
        return equations

    def _deal(self, trustee: int, to: int, length: int) -> bool:
        dealer, sealed = self.dealers[trustee], 32 * self.keys + 16
        if self.phase != SHARES or to == trustee or to in dealer.dealt or to not in self.inside() or length != sealed:
            return False
        dealer.dealt.add(to)
        return True

    def _complain(self, trustee: int, against: int) -> bool:
        if self.phase != COMPLAINTS or against == trustee or against not in self.inside():
            return False
        complaints = self.dealers[against].complaints
        if trustee in complaints:
            return False
        complaints.add(trustee)
        return True

    def _answer(self, trustee: int, to: int, shares: bytes) -> bool:
        dealer = self.dealers[trustee]
        if self.phase < COMPLAINTS or to not in dealer.complaints - dealer.answered:
            return False
        dealer.answered.add(to)
        dealer.inside = self._are_shares(dealer, to, shares)
        return True

    def _are_shares(self, dealer: Dealer, to: int, shares: bytes) -> bool:
        """Whether these are the shares that the dealer's commitments promise."""
        if len(shares) != 32 * self.keys:
            return False
        try:
            values = [group.decode_scalar(shares[at : at + 32]) for at in range(0, len(shares), 32)]
        except NotCanonical:
            return False
        equations = [
            [(value, group.BASE)] + [(-pow(to, k, L), point) for k, point in enumerate(row)]
            for value, row in zip(values, dealer.points, strict=True)
        ]
        return batch.hold(equations, shares)

    def _next(self, phase: int) -> bool:
        """The host goes on without those who did not do their part."""
        if phase != self.phase + 1:
            return False
        for number in self.inside():
            self.dealers[number].inside = self._has_done(number)
        self.phase = phase
        return True

    def _has_done(self, number: int) -> bool:
        dealer = self.dealers[number]
        match self.phase:
            case 0:
                return dealer.commit is not None
            case 1:
                return dealer.revealed
            case 2:
                return set(self.inside()) - {number} <= dealer.dealt
        return True

    def _go_on(self) -> None:
        """Three phases end by themselves when everybody inside has done its part."""
        while self.phase < COMPLAINTS and all(map(self._has_done, self.inside())):
            self.phase += 1

    @staticmethod
    def _accused(dealer: Dealer) -> bool:
        return bool(dealer.complaints - dealer.answered)

    def qualified(self) -> list[int] | None:
        """Who is qualified when the host ends the ceremony; `None` where it may not."""
        waiting = [number for number in self.inside() if self._accused(self.dealers[number])]
        if self.phase < COMPLAINTS or (waiting and self.phase == COMPLAINTS):
            return None
        return [number for number in self.inside() if number not in waiting]

    def outcome(self, qualified: Iterable[int]) -> Keys:
        """The keys that these trustees make together."""
        chosen = sorted(qualified)
        sums = [[IDENTITY] * self.threshold for _ in range(self.keys)]
        for number in chosen:
            for m, row in enumerate(self.dealers[number].points):
                sums[m] = [group.add(old, new) for old, new in zip(sums[m], row, strict=True)]
        shares = [
            [group.msm((pow(j, k, L), point) for k, point in enumerate(row)) for row in sums]
            for j in range(1, self.trustees + 1)
        ]
        return Keys(chosen, group.affine([row[0] for row in sums]), [group.affine(row) for row in shares])
