"""The key ceremony (§5), as an observer sees it."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from verifier import batch, group, hashing
from verifier.ballot import Terms
from verifier.group import IDENTITY, L, NotCanonical, Point
from verifier.hashing import le32


def commit(election: bytes, trustee: int, commitments: bytes, proofs: bytes) -> bytes:
    """What a trustee publishes first."""
    return hashing.digest("ceremony-commit", election, le32(trustee), commitments, proofs)


def challenge(election: bytes, trustee: int, place: tuple[int, int], commitment: bytes, first: bytes) -> int:
    """`c` of the proof for `A_{i,m,k}`; `place` is `(m, k)`."""
    return hashing.scalar("ceremony-proof", election, le32(trustee), le32(place[0]), le32(place[1]), commitment, first)


@dataclass
class Dealer:
    """What one trustee published. `points[m][k]` are its commitments; `right` if they are proved and were committed to."""

    commit: bytes | None = None
    beacon: bytes | None = None
    right: bool = False
    points: list[list[Point]] = field(default_factory=list)
    dealt: set[int] = field(default_factory=set)
    complaints: set[int] = field(default_factory=set)
    answered: dict[int, bytes] = field(default_factory=dict)


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
    """All trustees' events, in order."""

    election: bytes
    keys: int
    threshold: int
    trustees: int
    dealers: dict[int, Dealer] = field(default_factory=dict)
    checked: int = 0

    def __post_init__(self) -> None:
        self.dealers = {number: Dealer() for number in range(1, self.trustees + 1)}

    def reveal(self, trustee: int, commitments: bytes, proofs: bytes) -> str | None:
        """Takes what a trustee revealed; says why it is disqualified, if it is."""
        dealer, count = self.dealers[trustee], self.keys * self.threshold
        if len(commitments) != 32 * count or len(proofs) != 64 * count:
            return "number of commitments or proofs"
        try:
            points, equations = self._equations(trustee, commitments, proofs)
        except NotCanonical as error:
            return f"{error} not canonical"
        dealer.points = [points[at : at + self.threshold] for at in range(0, count, self.threshold)]
        if dealer.commit != commit(self.election, trustee, commitments, proofs):
            return "not what was committed to"
        if any(map(group.is_identity, points)):
            return "a commitment is the identity"
        self.checked += count
        if not batch.hold(equations, commitments + proofs):
            return "a proof does not hold"
        dealer.right = True
        return None

    def _equations(self, trustee: int, commitments: bytes, proofs: bytes) -> tuple[list[Point], list[Terms]]:
        points, equations = [], []
        for number in range(self.keys * self.threshold):
            encoded, proof = commitments[32 * number :][:32], proofs[64 * number :][:64]
            place = (number // self.threshold + 1, number % self.threshold)
            points.append(group.decode(encoded))
            first, z = group.decode(proof[:32]), group.decode_scalar(proof[32:])
            c = challenge(self.election, trustee, place, encoded, proof[:32])
            equations.append([(z, group.BASE), (-1, first), (-c, points[-1])])
        return points, equations

    def answers_rightly(self, dealer: int, to: int, shares: bytes) -> bool:
        """Whether these are the shares that the dealer's commitments promise."""
        points = self.dealers[dealer].points
        if len(shares) != 32 * self.keys or not points:
            return False
        try:
            values = [group.decode_scalar(shares[at : at + 32]) for at in range(0, len(shares), 32)]
        except NotCanonical:
            return False
        equations = [
            [(value, group.BASE)] + [(-pow(to, k, L), point) for k, point in enumerate(row)]
            for value, row in zip(values, points, strict=True)
        ]
        return batch.hold(equations, shares)

    def qualified(self) -> list[int]:
        """Who revealed rightly, dealt to all who did so, and answered every complaint."""
        right = [number for number, dealer in self.dealers.items() if dealer.right]
        found = []
        for number in right:
            dealer = self.dealers[number]
            dealt = set(right) - {number} <= dealer.dealt
            answers = (self.answers_rightly(number, to, dealer.answered.get(to, b"")) for to in dealer.complaints)
            if dealt and all(answers):
                found.append(number)
        return found

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
