"""RSA public keys (SPKI) and RSASSA-PSS with SHA-384 (RFC 8017 §8.1.2), as RFC 9474 finishes a blind signature."""

import hashlib
from dataclasses import dataclass

LEAST_BITS, MOST_BITS = 2048, 4096
RSA_ENCRYPTION = bytes.fromhex("06092a864886f70d0101010500")
HASH, SALT = 48, 48


@dataclass(frozen=True)
class PublicKey:
    """Modulus and exponent."""

    n: int
    e: int

    @property
    def size(self) -> int:
        """Bytes of the modulus."""
        return (self.n.bit_length() + 7) // 8

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether the signature holds."""
        value = int.from_bytes(signature)
        if len(signature) != self.size or value >= self.n:
            return False
        bits = self.n.bit_length() - 1
        encoded = pow(value, self.e, self.n)
        return encoded.bit_length() <= bits and _matches(message, encoded.to_bytes((bits + 7) // 8), bits)


def mask(seed: bytes, length: int) -> bytes:
    """MGF1 with SHA-384 [RFC 8017 B.2.1]."""
    blocks = (hashlib.sha384(seed + count.to_bytes(4)).digest() for count in range(length // HASH + 1))
    return b"".join(blocks)[:length]


def _matches(message: bytes, encoded: bytes, bits: int) -> bool:
    """EMSA-PSS-VERIFY [RFC 8017 §9.1.2]."""
    digest = hashlib.sha384(message).digest()
    length = len(encoded) - HASH - 1
    masked, found, last = encoded[:length], encoded[length:-1], encoded[-1]
    block = int.from_bytes(masked) ^ int.from_bytes(mask(found, length))
    block &= (1 << bits - 8 * (len(encoded) - length)) - 1
    start = (1).to_bytes(length - SALT)
    salted = block.to_bytes(length)
    if last != 0xBC or salted[:-SALT] != start:
        return False
    return hashlib.sha384(bytes(8) + digest + salted[-SALT:]).digest() == found


def _element(data: bytes, tag: int) -> tuple[bytes, bytes]:
    """The content of the DER element at the front, and what follows."""
    if len(data) < 2 or data[0] != tag:
        raise ValueError("DER: another element")
    length, start = data[1], 2
    if length & 0x80:
        count = length & 0x7F
        start += count
        length = int.from_bytes(data[2:start])
        if not 1 <= count <= 2 or length < 128 or (count == 2 and length < 256):
            raise ValueError("DER: length")
    if len(data) < start + length:
        raise ValueError("DER: truncated")
    return data[start : start + length], data[start + length :]


def _integer(data: bytes) -> tuple[int, bytes]:
    content, rest = _element(data, 2)
    if not content or content[0] & 0x80 or (len(content) > 1 and content[0] == 0 and not content[1] & 0x80):
        raise ValueError("DER: integer")
    return int.from_bytes(content), rest


def parse_spki(data: bytes) -> PublicKey:
    """A key with `rsaEncryption`, of 2,048 to 4,096 bits in whole bytes, exponent 65,537. Raises `ValueError`."""
    content, rest = _element(data, 0x30)
    algorithm, key = _element(content, 0x30)
    text, behind = _element(key, 3)
    if rest or behind or algorithm != RSA_ENCRYPTION or text[:1] != b"\0":
        raise ValueError("SPKI")
    numbers, behind = _element(text[1:], 0x30)
    n, numbers = _integer(numbers)
    e, numbers = _integer(numbers)
    bits = n.bit_length()
    if behind or numbers or not LEAST_BITS <= bits <= MOST_BITS or bits % 8 or not n & 1 or e != 65537:
        raise ValueError("RSA key")
    return PublicKey(n, e)
