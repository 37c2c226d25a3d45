"""ristretto255 (RFC 9496) over integers. A point is `(X, Y, Z, T)` in extended coordinates of edwards25519.

Nothing here is constant-time: an auditor has no secrets.
"""

from collections.abc import Iterable, Sequence

Point = tuple[int, int, int, int]

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
D2 = 2 * D % P
SQRT_M1 = pow(2, (P - 1) // 4, P)
ONE_MINUS_D_SQ = (1 - D * D) % P
D_MINUS_ONE_SQ = (D - 1) ** 2 % P
SQRT_AD_MINUS_ONE = 25063068953384623474111414158702152701244531502492656460079210482610430750235
INVSQRT_A_MINUS_D = 54469307008909316920995813868745141605393597292927456921205312896311721017578
IDENTITY: Point = (0, 1, 1, 0)
# RFC 8032 §5.1: y = 4/5, and the even one of both x.
_BASE_Y = 4 * pow(5, -1, P) % P
_BASE_X = 15112221349535400772501151409588531511454012693041857206046113283949847762202
BASE: Point = (_BASE_X, _BASE_Y, 1, _BASE_X * _BASE_Y % P)


class NotCanonical(ValueError):
    """The bytes are no point, or no scalar, or not the one form of it."""


def sqrt_ratio(u: int, v: int) -> tuple[bool, int]:
    """SQRT_RATIO_M1 [RFC 9496 §4.2]."""
    v3 = v * v % P * v % P
    root = u * v3 % P * pow(u * v3 % P * v3 % P * v % P, (P - 5) // 8, P) % P
    test = v * root % P * root % P
    minus_u = -u % P
    square = test in (u % P, minus_u)
    if test in (minus_u, minus_u * SQRT_M1 % P):
        root = root * SQRT_M1 % P
    return square, P - root if root & 1 else root


def decode(data: bytes) -> Point:
    """The point of an encoding [RFC 9496 §4.3.1], with Z = 1. Raises `NotCanonical`."""
    s = int.from_bytes(data, "little")
    if len(data) != 32 or s >= P or s & 1:
        raise NotCanonical("point")
    ss = s * s % P
    u1, u2 = 1 - ss, 1 + ss
    u2_square = u2 * u2 % P
    v = (-D * u1 % P * u1 - u2_square) % P
    square, inverse = sqrt_ratio(1, v * u2_square % P)
    x = 2 * s * inverse % P * u2 % P
    if x & 1:
        x = P - x
    y = u1 * inverse % P * (inverse * u2 % P) % P * v % P
    t = x * y % P
    if not square or t & 1 or y == 0:
        raise NotCanonical("point")
    return x, y, 1, t


def decode_mask(data: bytes) -> Point:
    """A proof's first message, which is not the identity. Raises `NotCanonical`."""
    if data == bytes(32):
        raise NotCanonical("identity")
    return decode(data)


def encode(point: Point) -> bytes:
    """The encoding [RFC 9496 §4.3.2]."""
    x, y, z, t = point
    u1 = (z + y) * (z - y) % P
    u2 = x * y % P
    _, inverse = sqrt_ratio(1, u1 * u2 % P * u2 % P)
    den1, den2 = inverse * u1 % P, inverse * u2 % P
    z_inverse = den1 * den2 % P * t % P
    den = den2
    if t * z_inverse % P & 1:
        x, y, den = y * SQRT_M1 % P, x * SQRT_M1 % P, den1 * INVSQRT_A_MINUS_D % P
    if x * z_inverse % P & 1:
        y = -y
    s = den * (z - y) % P
    return (P - s if s & 1 else s).to_bytes(32, "little")


def _map(data: bytes) -> Point:
    t = int.from_bytes(data, "little") % 2**255
    r = SQRT_M1 * t % P * t % P
    u = (r + 1) * ONE_MINUS_D_SQ % P
    v = (-1 - r * D) % P * (r + D) % P
    square, s = sqrt_ratio(u, v)
    c = P - 1
    if not square:
        s, c = s * t % P, r
        if not s & 1:
            s = -s % P
    n = (c * (r - 1) % P * D_MINUS_ONE_SQ - v) % P
    w0, w1, w2, w3 = 2 * s * v % P, n * SQRT_AD_MINUS_ONE % P, (1 - s * s) % P, (1 + s * s) % P
    return w0 * w3 % P, w2 * w1 % P, w1 * w3 % P, w0 * w2 % P


def from_uniform(data: bytes) -> Point:
    """The point of 64 uniform bytes [RFC 9496 §4.3.4]."""
    return add(_map(data[:32]), _map(data[32:]))


def decode_scalar(data: bytes) -> int:
    """A scalar of 32 bytes, less than the order. Raises `NotCanonical`."""
    number = int.from_bytes(data, "little")
    if len(data) != 32 or number >= L:
        raise NotCanonical("scalar")
    return number


def encode_scalar(number: int) -> bytes:
    """The 32 bytes of a number, reduced."""
    return (number % L).to_bytes(32, "little")


def add(p: Point, q: Point) -> Point:
    """The sum."""
    x1, y1, z1, t1 = p
    x2, y2, z2, t2 = q
    a, b = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P
    c, d = t1 * D2 % P * t2 % P, 2 * z1 * z2 % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def double(p: Point) -> Point:
    """Twice the point."""
    x, y, z, _ = p
    a, b = x * x % P, y * y % P
    h = a + b
    e = h - (x + y) * (x + y) % P
    g = a - b
    f = 2 * z * z % P + g
    return e * f % P, g * h % P, f * g % P, e * h % P


def negate(p: Point) -> Point:
    """The inverse."""
    x, y, z, t = p
    return -x % P, y, z, -t % P


def is_identity(p: Point) -> bool:
    """Whether the element of the group is the neutral one: one of the four points of its coset."""
    return p[0] % P == 0 or p[1] % P == 0


def equal(p: Point, q: Point) -> bool:
    """Whether both are one element [RFC 9496 §4.5]."""
    return (p[0] * q[1] - p[1] * q[0]) % P == 0 or (p[1] * q[1] - p[0] * q[0]) % P == 0


def multiply(scalar: int, point: Point) -> Point:
    """The multiple."""
    return msm(((scalar, point),))


def affine(points: Sequence[Point]) -> list[Point]:
    """The same points with Z = 1: one inversion for all."""
    products, product = [], 1
    for point in points:
        products.append(product)
        product = product * point[2] % P
    inverse, out = pow(product, -1, P), []
    for point, before in zip(reversed(points), reversed(products), strict=True):
        z_inverse = inverse * before % P
        inverse = inverse * point[2] % P
        x, y = point[0] * z_inverse % P, point[1] * z_inverse % P
        out.append((x, y, 1, x * y % P))
    return out[::-1]


class Table:
    """A fixed base: `multiply` takes one addition for each byte of the scalar."""

    def __init__(self, base: Point) -> None:
        self.base = base
        rows: list[Point] = []
        for _ in range(32):
            rows.append(base)
            for _ in range(254):
                rows.append(add(rows[-1], base))
            base = add(rows[-1], base)
        flat = [((y + x) % P, (y - x) % P, D2 * t % P) for x, y, _, t in affine(rows)]
        self._rows = [flat[start : start + 255] for start in range(0, len(flat), 255)]

    def multiply(self, scalar: int) -> Point:
        """The multiple of the base."""
        x, y, z, t = IDENTITY
        for row, digit in zip(self._rows, (scalar % L).to_bytes(32, "little"), strict=True):
            if digit:
                plus, minus, t2d = row[digit - 1]
                a, b, c, d = (y - x) * minus % P, (y + x) * plus % P, t * t2d % P, 2 * z
                e, f, g, h = b - a, d - c, d + c, b + a
                x, y, z, t = e * f % P, g * h % P, f * g % P, e * h % P
        return x, y, z, t


def _digits(scalar: int, width: int) -> list[int]:
    """Signed digits of `width` bits, least significant first."""
    half, mask, out = 1 << width - 1, (1 << width) - 1, []
    while scalar:
        digit = scalar & mask
        scalar >>= width
        if digit > half:
            digit -= mask + 1
            scalar += 1
        out.append(digit)
    return out


def _width(count: int) -> int:
    """The window that needs the fewest additions."""
    return min(range(2, 17), key=lambda width: (253 // width + 1) * (count + 1.3 * (1 << width)))


def _sum_of_buckets(buckets: list[Point | None]) -> Point:
    total = running = IDENTITY
    for bucket in reversed(buckets):
        if bucket is not None:
            running = add(running, bucket)
        total = add(total, running)
    return total


def msm(terms: Iterable[tuple[int, Point]]) -> Point:
    """The sum of the multiples, by Pippenger's buckets."""
    chosen = [(scalar % L, point) for scalar, point in terms]
    chosen = [term for term in chosen if term[0]]
    if not chosen:
        return IDENTITY
    width = _width(len(chosen))
    points = [point for _, point in chosen]
    if any(point[2] != 1 for point in points):
        points = affine(points)
    windows: list[list[tuple[int, int, int, int]]] = [[] for _ in range(256 // width + 2)]
    for (scalar, _), (x, y, _, t) in zip(chosen, points, strict=True):
        plus, minus, t2d = y + x, y - x, D2 * t % P
        for at, digit in enumerate(_digits(scalar, width)):
            if digit > 0:
                windows[at].append((digit, plus, minus, t2d))
            elif digit:
                windows[at].append((-digit, minus, plus, -t2d))
    total = IDENTITY
    while windows:
        for _ in range(width):
            total = double(total)
        if window := windows.pop():
            total = add(total, _window(window, 1 << width - 1))
    return total


def _window(window: list[tuple[int, int, int, int]], size: int) -> Point:
    buckets: list[Point | None] = [None] * (size + 1)
    prime = P
    for digit, plus, minus, t2d in window:
        x, y, z, t = buckets[digit] or IDENTITY
        a, b, c, d = (y - x) * minus % prime, (y + x) * plus % prime, t * t2d % prime, z + z
        e, f, g, h = b - a, d - c, d + c, b + a
        buckets[digit] = (e * f % prime, g * h % prime, f * g % prime, e * h % prime)
    return _sum_of_buckets(buckets[1:])
