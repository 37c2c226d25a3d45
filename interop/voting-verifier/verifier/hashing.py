"""The framed hash of spec/voting.md §1 and what is made with it."""

import hashlib
import struct
from collections.abc import Iterable
from functools import cache

from verifier import group
from verifier.group import Point


def le16(number: int) -> bytes:
    """Two bytes."""
    return struct.pack("<H", number)


def le32(number: int) -> bytes:
    """Four bytes."""
    return struct.pack("<I", number)


def le64(number: int) -> bytes:
    """Eight bytes."""
    return struct.pack("<Q", number)


def frame(data: bytes) -> bytes:
    """The bytes after their length."""
    return le32(len(data)) + data


def digest(domain: str, *fields: bytes) -> bytes:
    """`H`: 64 bytes."""
    state = hashlib.sha512(frame(b"sinpyo-vote/1/" + domain.encode()))
    for field in fields:
        state.update(frame(field))
    return state.digest()


def reduce(data: bytes) -> int:
    """The scalar of 64 bytes."""
    return int.from_bytes(data, "little") % group.L


def scalar(domain: str, *fields: bytes) -> int:
    """`S`."""
    return reduce(digest(domain, *fields))


def point(domain: str, *fields: bytes) -> Point:
    """`P`, with Z = 1."""
    return group.affine([group.from_uniform(digest(domain, *fields))])[0]


def join(points: Iterable[Point]) -> bytes:
    """The encodings joined."""
    return b"".join(map(group.encode, points))


@cache
def generator(name: str, number: int = 0) -> Point:
    """A generator nobody knows a relation of: `Gs`, `H`, `P` or `Q`."""
    return point("generator", name.encode(), le32(number))


def tag_base(election: bytes) -> Point:
    """`U`: the base of the tags of one election."""
    return point("tag", election)
