"""Groups, sums, shares and counts (§12)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isqrt

from verifier import group, hashing
from verifier.ballot import Terms
from verifier.group import BASE, IDENTITY, L, Point, add, encode
from verifier.hashing import le32


@dataclass
class Group:
    """Districts of one style whose ballots are counted together."""

    number: int
    style: int
    districts: list[int]
    ballots: int
    withheld: bool
    alpha: Point = IDENTITY
    beta: list[Point] = field(default_factory=list)


def groups(styles: Sequence[int], counted: Sequence[int], floor: int) -> list[Group]:
    """The groups of an election: `styles` and `counted` by district."""
    found: list[tuple[list[int], int, bool]] = []
    for style in sorted(set(styles)):
        districts = [number for number, own in enumerate(styles) if own == style]
        large = [[number] for number in districts if counted[number] >= floor]
        small = [number for number in districts if counted[number] < floor]
        total = sum(counted[number] for number in small)
        withheld = False
        if small and total < floor and large:
            # The first of equals: `min` keeps the order of the districts.
            smallest = min(large, key=lambda one: counted[one[0]])
            large[large.index(smallest)] = sorted(smallest + small)
        elif small:
            withheld = total < floor
            large.append(small)
        found += [(one, style, withheld and one is small) for one in large]
    found.sort(key=lambda one: one[0][0])
    return [
        Group(number, style, one, sum(counted[district] for district in one), hidden)
        for number, (one, style, hidden) in enumerate(found)
    ]


def share_equations(
    context: bytes, trustee: int, place: tuple[int, int], points: tuple[Point, Point, Point], proof: bytes
) -> list[Terms]:
    """Both equations of a share's proof: `place` is group and option, `points` are PK, α and D.

    Raises `NotCanonical`.
    """
    if len(proof) != 96:
        raise group.NotCanonical("proof")
    key, alpha, share = points
    r1, r2, z = group.decode_mask(proof[:32]), group.decode_mask(proof[32:64]), group.decode_scalar(proof[64:])
    c = share_challenge(context, trustee, place, points, proof[:64])
    return [[(z, BASE), (-1, r1), (-c, key)], [(z, alpha), (-1, r2), (-c, share)]]


def share_challenge(
    context: bytes, trustee: int, place: tuple[int, int], points: tuple[Point, Point, Point], first: bytes
) -> int:
    """`c` of a share's proof; `first` is `R1 ‖ R2`."""
    fields = (le32(trustee), le32(place[0]), le32(place[1]), *map(encode, points), first[:32], first[32:])
    return hashing.scalar("tally-share", context, *fields)


def lagrange(trustees: Sequence[int]) -> list[int]:
    """The coefficients at 0."""
    found = []
    for own in trustees:
        above = below = 1
        for other in trustees:
            if other != own:
                above, below = above * other % L, below * (other - own) % L
        found.append(above * pow(below, -1, L) % L)
    return found


class Logarithms:
    """Discrete logarithms to the base G from 0 to `most`: baby steps, giant steps."""

    def __init__(self, most: int) -> None:
        self._most, self._steps = most, isqrt(most) + 1
        point, self._baby = IDENTITY, {}
        for number in range(self._steps):
            self._baby[encode(point)] = number
            point = add(point, BASE)
        self._giant = group.negate(point)

    def find(self, point: Point) -> int | None:
        """The number, or `None` if there is none in bounds."""
        for step in range(self._steps + 1):
            if (low := self._baby.get(encode(point))) is not None:
                number = step * self._steps + low
                return number if number <= self._most else None
            point = add(point, self._giant)
        return None


def open_group(one: Group, shares: dict[int, list[Point]], threshold: int, logarithms: Logarithms) -> list[int | None]:
    """The count of each option, by the shares of the first `threshold` trustees."""
    trustees = sorted(shares)[:threshold]
    factors = lagrange(trustees)
    counts = []
    for option, beta in enumerate(one.beta):
        terms = [(-factor, shares[j][option]) for factor, j in zip(factors, trustees, strict=True)]
        found = logarithms.find(group.msm([(1, beta), *terms]))
        counts.append(found if found is None or found <= one.ballots else None)
    return counts
