"""HPKE base mode (RFC 9180): DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20Poly1305; one message."""

import hashlib
import hmac
import struct

P = 2**255 - 19
KEM = b"KEM\x00\x20"
SUITE = b"HPKE\x00\x20\x00\x01\x00\x03"


def x25519(scalar: bytes, u: bytes) -> bytes:
    """The function of RFC 7748 §5."""
    k = int.from_bytes(scalar, "little") & ~7 & ~(1 << 255) | 1 << 254
    x1 = int.from_bytes(u, "little") % 2**255 % P
    x2, z2, x3, z3, swap = 1, 0, x1, 1, 0
    for t in range(254, -1, -1):
        bit = k >> t & 1
        if swap ^ bit:
            x2, x3, z2, z3 = x3, x2, z3, z2
        swap = bit
        a, b = (x2 + z2) % P, (x2 - z2) % P
        aa, bb = a * a % P, b * b % P
        e = aa - bb
        da, cb = (x3 - z3) * a % P, (x3 + z3) * b % P
        x3, z3 = (da + cb) ** 2 % P, x1 * (da - cb) ** 2 % P
        x2, z2 = aa * bb % P, e * (aa + 121665 * e) % P
    if swap:
        x2, z2 = x3, z3
    return (x2 * pow(z2, -1, P) % P).to_bytes(32, "little")


def public(secret: bytes) -> bytes:
    """The public key of a secret one."""
    return x25519(secret, (9).to_bytes(32, "little"))


def _extract(salt: bytes, suite: bytes, label: bytes, ikm: bytes) -> bytes:
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + ikm, hashlib.sha256)


def _expand(prk: bytes, suite: bytes, label: bytes, info: bytes, length: int) -> bytes:
    info = struct.pack(">H", length) + b"HPKE-v1" + suite + label + info
    return hmac.digest(prk, info + b"\1", hashlib.sha256)[:length]


def seal(box: bytes, info: bytes, ephemeral: bytes, message: bytes, associated: bytes = b"") -> tuple[bytes, bytes]:
    """`enc` and the ciphertext for the owner of the box; `ephemeral` is the sender's one-time secret key."""
    enc = public(ephemeral)
    shared = _expand(_extract(b"", KEM, b"eae_prk", x25519(ephemeral, box)), KEM, b"shared_secret", enc + box, 32)
    context = b"\0" + _extract(b"", SUITE, b"psk_id_hash", b"") + _extract(b"", SUITE, b"info_hash", info)
    secret = _extract(shared, SUITE, b"secret", b"")
    key = _expand(secret, SUITE, b"key", context, 32)
    return enc, encrypt(key, _expand(secret, SUITE, b"base_nonce", context, 12), message, associated)


def encrypt(key: bytes, nonce: bytes, message: bytes, associated: bytes = b"") -> bytes:
    """ChaCha20-Poly1305 [RFC 8439 §2.8]."""
    stream = b"".join(_block(key, count, nonce) for count in range(1, len(message) // 64 + 2))
    sealed = bytes(a ^ b for a, b in zip(message, stream, strict=False))
    padded = b"".join(part + bytes(-len(part) % 16) for part in (associated, sealed))
    return sealed + _tag(_block(key, 0, nonce)[:32], padded + struct.pack("<QQ", len(associated), len(sealed)))


def _tag(key: bytes, data: bytes) -> bytes:
    r = int.from_bytes(key[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    total = 0
    for at in range(0, len(data), 16):
        total = (total + int.from_bytes(data[at : at + 16] + b"\1", "little")) * r % (2**130 - 5)
    return ((total + int.from_bytes(key[16:], "little")) % 2**128).to_bytes(16, "little")


def _block(key: bytes, count: int, nonce: bytes) -> bytes:
    start = list(struct.unpack("<16I", b"expand 32-byte k" + key + struct.pack("<I", count) + nonce))
    state = list(start)
    for _ in range(10):
        for row in ((0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15)):
            _quarter(state, *row)
        for row in ((0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)):
            _quarter(state, *row)
    return struct.pack("<16I", *((a + b) % 2**32 for a, b in zip(state, start, strict=True)))


def _quarter(state: list[int], a: int, b: int, c: int, d: int) -> None:
    for one, two, three, turn in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
        state[one] = (state[one] + state[two]) % 2**32
        value = state[three] ^ state[one]
        state[three] = (value << turn | value >> 32 - turn) % 2**32
