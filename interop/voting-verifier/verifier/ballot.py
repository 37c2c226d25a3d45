"""Ballots: their bytes (§8), what they say of themselves, and the five equations of their proof (§9)."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from verifier import group, hashing
from verifier.group import L, NotCanonical, Point
from verifier.hashing import le32

HEADER = 8
# The cast key, the last bytes of a ballot.
KEY = 32


@dataclass(frozen=True)
class Shape:
    """What a style and a ring make of a ballot; `digits` is 0 in profile `token`."""

    contests: tuple[int, ...]
    base: int
    digits: int

    @property
    def options(self) -> int:
        """Options over all contests: `m`."""
        return sum(self.contests)

    @property
    def rows(self) -> tuple[int, ...]:
        """Columns of each row."""
        return (self.base,) * self.digits + tuple(options + 1 for options in self.contests)

    @property
    def ring_size(self) -> int:
        """`N`; 1 without digits."""
        return int(self.base**self.digits)

    def length(self, signature: int = 0) -> int:
        """Bytes of a ballot; those of its RSA signature in profile `token`."""
        points = 7 + self.options + self.digits
        scalars = self.digits * (self.base - 1) + self.options + (4 if self.digits else 3)
        return HEADER + 32 * (points + scalars) + (0 if self.digits else 32 + signature) + KEY


@dataclass(frozen=True)
class Setting:
    """What all ballots of one style share."""

    election: bytes
    context: bytes
    shape: Shape
    keys: tuple[Point, ...]

    @cached_property
    def tag_base(self) -> Point:
        """`U`."""
        return hashing.tag_base(self.election)


@dataclass(frozen=True)
class Parts:
    """A ballot taken apart; nothing is decoded yet but scalars."""

    data: bytes
    points: dict[str, bytes]
    beta: tuple[bytes, ...]
    x: tuple[bytes, ...]
    f: tuple[tuple[int, ...], ...]
    z: dict[str, int]
    randomizer: bytes
    signature: bytes

    @property
    def header(self) -> bytes:
        """Version, style, ring, flags."""
        return self.data[:HEADER]

    @property
    def lock(self) -> bytes:
        """The hash that stands for the cast key."""
        return lock_of(self.data[-KEY:])

    @property
    def tag(self) -> bytes:
        """The tag's encoding."""
        return self.points["T"]


def lock_of(key: bytes) -> bytes:
    """`λ` of a cast key."""
    return hashing.digest("cast", key)[:32]


def has_header(data: bytes) -> bool:
    """Whether the first bytes are a header: of this version, and of one of the two profiles."""
    return len(data) >= HEADER and data[0] == 1 and data[7] in (0, 1)


def style_of(data: bytes) -> int:
    """The style's number. Raises `NotCanonical` for a header that is none."""
    if len(data) < HEADER or data[0] != 1:
        raise NotCanonical("header")
    return int.from_bytes(data[1:3], "little")


def ring_of(data: bytes) -> int:
    """The number of the ring; in profile `token` that of the district."""
    return int.from_bytes(data[3:7], "little")


def parse(data: bytes, shape: Shape, signature: int = 0) -> Parts:
    """Takes a ballot apart. Raises `NotCanonical`."""
    if len(data) != shape.length(signature) or data[0] != 1 or data[7] != (0 if shape.digits else 1):
        raise NotCanonical("header or length")
    at = HEADER

    def take() -> bytes:
        nonlocal at
        at += 32
        return data[at - 32 : at]

    points = {"T": take(), "alpha": take()}
    beta = tuple(take() for _ in range(shape.options))
    points |= {"A": take(), "B": take()}
    x = tuple(take() for _ in range(shape.digits))
    points |= {name: take() for name in ("Y0", "T0", "T1")}
    f = tuple(tuple(group.decode_scalar(take()) for _ in range(columns - 1)) for columns in shape.rows)
    names = ("A", "rho", "s", "r") if shape.digits else ("A", "rho", "s")
    z = {name: group.decode_scalar(take()) for name in names}
    randomizer = b"" if shape.digits else take()
    return Parts(data, points, beta, x, f, z, randomizer, data[at:-KEY])


def statement_root(parts: Parts, ring_root: bytes) -> bytes:
    """What stands in `e` for the ring: its root, or in profile `token` the token's hash (§13)."""
    if parts.x:
        return ring_root
    return hashing.digest("token", parts.data[3:7], parts.randomizer, parts.signature)[:32]


def challenges(setting: Setting, parts: Parts, ring_root: bytes) -> tuple[bytes, int]:
    """The hash before reduction to `e`, and `x`."""
    points = parts.points
    first = (points["T"], points["alpha"], b"".join(parts.beta), points["A"], points["B"])
    second = (b"".join(parts.x), points["Y0"], points["T0"])
    e64 = hashing.digest("e", setting.context, parts.header, parts.lock, ring_root, *first, *second)
    return e64, hashing.scalar("x", e64, points["T1"])


@dataclass(frozen=True)
class Ballot:
    """A ballot whose points are decoded, with its challenges."""

    parts: Parts
    points: dict[str, Point]
    beta: tuple[Point, ...]
    x_points: tuple[Point, ...]
    e: int
    x: int

    @cached_property
    def rows(self) -> tuple[tuple[int, ...], ...]:
        """All `f`, with column 0 of each row."""
        return tuple(((self.x - sum(row)) % L, *row) for row in self.parts.f)


def decode(setting: Setting, parts: Parts, ring_root: bytes) -> Ballot:
    """Decodes all points. Raises `NotCanonical`, also for a tag or an α that is the identity."""
    points = {name: group.decode(data) for name, data in parts.points.items()}
    beta, x_points = tuple(map(group.decode, parts.beta)), tuple(map(group.decode, parts.x))
    e64, x = challenges(setting, parts, statement_root(parts, ring_root))
    if bytes(32) in (parts.points["T"], parts.points["alpha"]):
        raise NotCanonical("identity")
    return Ballot(parts, points, beta, x_points, hashing.reduce(e64), x)


def positions(rows: Sequence[Sequence[int]], factor: int = 1) -> list[int]:
    """`Π_j f_{j,i_j}` times the factor for every position `i`; digit 0 is the least significant."""
    products = [factor]
    for row in rows:
        products = [value * product % L for value in row for product in products]
    return products


Terms = list[tuple[int, Point]]


def equations(setting: Setting, ballot: Ballot, ring: Sequence[Point]) -> dict[str, Terms]:
    """The five equations, each as terms whose sum must be the identity."""
    shape, points, z, x, e = setting.shape, ballot.points, ballot.parts.z, ballot.x, ballot.e
    rows, generator = ballot.rows, hashing.generator
    columns = [value for row in rows for value in row]
    votes = [value for row in rows[shape.digits :] for value in row[1:]]
    powers = [pow(e, number, L) for number in range(1, shape.options + 1)]
    e1: Terms = [(x, points["B"]), (1, points["A"]), (-z["A"], generator("H"))]
    for number, value in enumerate(columns):
        e1 += [(-value, generator("P", number)), (-value * (x - value), generator("Q", number))]
    e2: Terms = [(x, points["alpha"]), (1, points["T0"]), (-z["rho"], group.BASE)]
    e3: Terms = [(power * x, beta) for power, beta in zip(powers, ballot.beta, strict=True)]
    e3 += [(1, points["T1"]), (-sum(p * v for p, v in zip(powers, votes, strict=True)), group.BASE)]
    e3 += [(-z["rho"] * power, key) for power, key in zip(powers, setting.keys, strict=False)]
    degree = shape.digits or 1
    e5: Terms = [(pow(x, degree, L), points["T"]), (-1, points["Y0"]), (-z["s"], setting.tag_base)]
    found = {"E1": e1, "E2": e2, "E3": e3, "E5": e5}
    if shape.digits:
        e4: Terms = list(zip(positions(rows[: shape.digits]), ring, strict=True))
        e4 += [(-pow(x, number, L), point) for number, point in enumerate(ballot.x_points)]
        found["E4"] = [*e4, (-z["s"], generator("Gs")), (-z["r"], generator("H"))]
    return found


def verify(setting: Setting, parts: Parts, ring_root: bytes, ring: Sequence[Point]) -> str | None:
    """Checks one ballot, equation by equation; what does not hold, or `None`."""
    try:
        ballot = decode(setting, parts, ring_root)
    except NotCanonical as error:
        return str(error)
    for name, terms in equations(setting, ballot, ring).items():
        if not group.is_identity(group.msm(terms)):
            return name
    return None
