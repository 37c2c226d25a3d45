"""Ed25519 (RFC 8032): verification without cofactor; keys and commitments of small order are refused."""

import hashlib
from collections.abc import Sequence
from functools import lru_cache

from verifier import group
from verifier.group import BASE, D, L, P, SQRT_M1, Point, Table

# From this many signatures by one key on, a table of the key's multiples is worth its making.
WORTH_A_TABLE = 60
_base: list[Table] = []


def decode(data: bytes) -> Point | None:
    """The point of the one form of its encoding [RFC 8032 §5.1.3]; `None` also for a point of small order."""
    number = int.from_bytes(data, "little")
    y, sign = number % 2**255, number >> 255
    if len(data) != 32 or y >= P:
        return None
    u, v = y * y - 1, D * y * y + 1
    x = u * v**3 % P * pow(u * v**7 % P, (P - 5) // 8, P) % P
    if (v * x * x - u) % P:
        x = x * SQRT_M1 % P
    if (v * x * x - u) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    point = (x, y, 1, x * y % P)
    eightfold = group.double(group.double(group.double(point)))
    return None if eightfold[0] % P == 0 else point


def encode(point: Point) -> bytes:
    """The encoding of a point of edwards25519."""
    inverse = pow(point[2], -1, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def verify(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the key signed the message."""
    return verify_all(key, [(message, signature)]) == [True]


def verify_all(key: bytes, signed: Sequence[tuple[bytes, bytes]]) -> list[bool]:
    """For each message and signature, whether the key signed it."""
    point = decode(key)
    if point is None:
        return [False] * len(signed)
    if len(signed) < WORTH_A_TABLE:
        return [_holds_alone(key, point, message, signature) for message, signature in signed]
    _base[:] = _base or [Table(BASE)]
    table = Table(point)
    return [_holds(key, point, table, message, signature) for message, signature in signed]


# Who audits one record after another meets the same signatures again where the records differ in little.
@lru_cache(maxsize=4096)
def _holds_alone(key: bytes, point: Point, message: bytes, signature: bytes) -> bool:
    return _holds(key, point, None, message, signature)


def _holds(key: bytes, point: Point, table: Table | None, message: bytes, signature: bytes) -> bool:
    s = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or s >= L or decode(signature[:32]) is None:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    if table:
        found = group.add(_base[0].multiply(s), table.multiply(L - h))
    else:
        found = group.msm([(s, BASE), (-h, point)])
    return encode(found) == signature[:32]
