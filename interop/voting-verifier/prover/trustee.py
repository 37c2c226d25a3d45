"""A trustee: its side of the ceremony (§5) and of the tally (§12)."""

from dataclasses import dataclass

from prover import scalar, secret
from verifier import ceremony, hashing, roll, tally
from verifier.group import BASE, L, Point, encode, encode_scalar, multiply


@dataclass
class Trustee:
    """Its polynomials are named by the election and its number."""

    election: bytes
    number: int
    keys: int
    threshold: int

    def __post_init__(self) -> None:
        name = (self.election.hex(), "trustee", self.number)
        self.polynomials = [[scalar(*name, m, k) for k in range(self.threshold)] for m in range(1, self.keys + 1)]
        self.beacon = secret(*name, "beacon")
        self.commitments = b"".join(encode(multiply(a, BASE)) for row in self.polynomials for a in row)
        self.proofs = b"".join(self._proof(m, k) for m in range(1, self.keys + 1) for k in range(self.threshold))

    def _proof(self, m: int, k: int) -> bytes:
        w = scalar(self.election.hex(), "trustee", self.number, m, k, "w")
        first, at = encode(multiply(w, BASE)), 32 * ((m - 1) * self.threshold + k)
        c = ceremony.challenge(self.election, self.number, (m, k), self.commitments[at : at + 32], first)
        return first + encode_scalar(w + c * self.polynomials[m - 1][k])

    @property
    def commit(self) -> bytes:
        """The commitment to commitments and proofs."""
        return ceremony.commit(self.election, self.number, self.commitments, self.proofs)

    @property
    def beacon_commit(self) -> bytes:
        """The commitment to the beacon's value."""
        return roll.beacon_commit(self.election, self.number, self.beacon)

    def value(self, m: int, to: int) -> int:
        """`f_{i,m}(to)`."""
        return sum(a * pow(to, k, L) for k, a in enumerate(self.polynomials[m - 1])) % L

    def shares(self, to: int) -> bytes:
        """What it deals to another: 32 bytes for each key."""
        return b"".join(encode_scalar(self.value(m, to)) for m in range(1, self.keys + 1))


def share_key(dealers: list[Trustee], m: int, j: int) -> int:
    """`k_{j,m}`: the sum of what the qualified dealt to `j`."""
    return sum(dealer.value(m, j) for dealer in dealers) % L


def decrypt(context: bytes, j: int, place: tuple[int, int], key: int, alpha: Point) -> tuple[bytes, bytes]:
    """A share and its proof; `place` is group and option."""
    w = scalar(context.hex(), "share", j, *place)
    share = multiply(key, alpha)
    first = encode(multiply(w, BASE)) + encode(multiply(w, alpha))
    c = tally.share_challenge(context, j, place, (multiply(key, BASE), alpha, share), first)
    return encode(share), first + encode_scalar(w + c * key)


def binding(election: bytes, slot: bytes, nonce: bytes, holder: bytes) -> bytes:
    """What binds a registration to a request (§6)."""
    return hashing.digest("registration-binding", election, slot, nonce, holder)


