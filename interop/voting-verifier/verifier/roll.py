"""Registration (§6), beacon and rings (§7)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from reader import tree

from verifier import group, hashing
from verifier.ballot import Terms
from verifier.group import Point
from verifier.hashing import generator, le32, le64


def opening(election: bytes, binding: bytes, district: int, commitment: bytes, proof: bytes) -> Terms:
    """The equation of a proof that somebody can open the commitment. Raises `NotCanonical`."""
    if len(proof) != 96:
        raise group.NotCanonical("proof")
    first, point = group.decode_mask(proof[:32]), group.decode(commitment)
    zs, zr = group.decode_scalar(proof[32:64]), group.decode_scalar(proof[64:])
    c = hashing.scalar("registration", election, binding, le32(district), commitment, proof[:32])
    return [(zs, generator("Gs")), (zr, generator("H")), (-1, first), (-c, point)]


def beacon(election: bytes, live: Mapping[bytes, bytes], values: Mapping[int, bytes]) -> bytes:
    """The beacon: `live` has the commitment of each slot, `values` what each trustee revealed."""
    roll = b"".join(slot + live[slot] for slot in sorted(live))
    return hashing.digest("beacon", election, roll, b"".join(le32(i) + values[i] for i in sorted(values)))[:32]


def beacon_commit(election: bytes, trustee: int, value: bytes) -> bytes:
    """What a trustee commits to its value with."""
    return hashing.digest("beacon-commit", election, le32(trustee), value)


@dataclass(frozen=True)
class Ring:
    """The commitments of one ring, pads behind voters."""

    number: int
    district: int
    members: tuple[bytes, ...]

    @property
    def joined(self) -> bytes:
        """All commitments."""
        return b"".join(self.members)

    def root(self, election: bytes) -> bytes:
        """`ringRoot`."""
        return hashing.digest("ring", election, le32(self.district), le32(self.number), self.joined)[:32]

    def points(self) -> list[Point]:
        """The commitments decoded."""
        return [group.decode(member) for member in self.members]


def rings(election: bytes, seed: bytes, districts: Iterable[Sequence[bytes]], size: int) -> list[Ring]:
    """The rings of all districts, each given by its live commitments; `seed` is the beacon."""
    found: list[Ring] = []
    for district, commitments in enumerate(districts):
        shuffled = sorted(commitments, key=lambda member: hashing.digest("shuffle", seed, member))
        count, voters = -(-len(shuffled) // size), len(shuffled)
        for part in range(count):
            members = shuffled[part * voters // count : (part + 1) * voters // count]
            number = len(found)
            members += [pad(election, number, position) for position in range(len(members), size)]
            found.append(Ring(number, district, tuple(members)))
    return found


def pad(election: bytes, ring: int, position: int) -> bytes:
    """A commitment nobody can open."""
    return group.encode(group.from_uniform(hashing.digest("pad", election, le32(ring), le32(position))))


def root(election: bytes, all_rings: Iterable[Ring]) -> bytes:
    """The roll root."""
    leaves = (le32(ring.district) + le32(ring.number) + ring.root(election) for ring in all_rings)
    return tree.root([tree.leaf(data) for data in leaves])


def context(election: bytes, manifest: bytes, ceremony: bytes, roll_root: bytes, count: int) -> bytes:
    """The hash that every ballot is made for."""
    return hashing.digest("context", election, manifest, ceremony, roll_root, le64(count))


