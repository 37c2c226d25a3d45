"""Makes elections for tests: all secrets come from names and are public knowledge. Not for use."""

import hashlib

from verifier import hashing


def secret(*name: object) -> bytes:
    """32 bytes of that name."""
    return hashlib.sha256("/".join(map(str, name)).encode()).digest()


def scalar(*name: object) -> int:
    """A scalar of that name."""
    return hashing.reduce(hashlib.sha512("/".join(map(str, name)).encode()).digest())
