"""Ed25519 and RSA-PSS signing with keys made from names."""

import base64
import hashlib
from functools import cache

from prover import secret
from reader import forms
from verifier import ed25519, note, rsa
from verifier.group import BASE, L, Table

_TABLE = Table(BASE)


class Signer:
    """An Ed25519 key pair [RFC 8032 §5.1]."""

    def __init__(self, name: str, seed: bytes | None = None) -> None:
        wide = hashlib.sha512(seed or secret("signer", name)).digest()
        number = int.from_bytes(wide[:32], "little")
        self._a = number & ~7 & ~(1 << 255) | 1 << 254
        self._prefix = wide[32:]
        self.public = ed25519.encode(_TABLE.multiply(self._a))

    def sign(self, message: bytes) -> bytes:
        """The signature."""
        r = int.from_bytes(hashlib.sha512(self._prefix + message).digest(), "little") % L
        first = ed25519.encode(_TABLE.multiply(r))
        h = int.from_bytes(hashlib.sha512(first + self.public + message).digest(), "little")
        return first + ((r + h * self._a) % L).to_bytes(32, "little")

    def note_key(self, name: str, kind: int) -> str:
        """The verifier key of that signature type."""
        key = base64.b64encode(bytes([kind]) + self.public).decode()
        return f"{name}+{note.key_id(name, kind, self.public).hex()}+{key}"

    def note_line(self, name: str, text: bytes) -> str:
        """The log's signature of a checkpoint."""
        return _line(name, note.key_id(name, note.LOG, self.public) + self.sign(text))

    def cosign(self, name: str, text: bytes, seconds: int) -> str:
        """A witness's cosignature."""
        signature = self.sign(f"cosignature/v1\ntime {seconds}\n".encode() + text)
        return _line(name, note.key_id(name, note.WITNESS, self.public) + seconds.to_bytes(8) + signature)


def _line(name: str, data: bytes) -> str:
    return f"— {name} {base64.b64encode(data).decode()}"


def _is_prime(number: int) -> bool:
    if any(number % small == 0 for small in (3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37)):
        return False
    odd, twos = number - 1, 0
    while not odd & 1:
        odd, twos = odd >> 1, twos + 1
    for base in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37):
        value = pow(base, odd, number)
        if value in (1, number - 1):
            continue
        if not any((value := value * value % number) == number - 1 for _ in range(twos - 1)):
            return False
    return True


@cache
def _prime(name: str) -> int:
    number = int.from_bytes(hashlib.shake_256(name.encode()).digest(128)) | 3 << 1022 | 1
    while number % 65537 == 1 or not _is_prime(number):
        number += 2
    return number


class RsaSigner:
    """An RSA key pair of 2,048 bits."""

    def __init__(self, name: str) -> None:
        p, q = _prime(f"{name} p"), _prime(f"{name} q")
        self.key = rsa.PublicKey(p * q, 65537)
        self._d = pow(65537, -1, (p - 1) * (q - 1))

    @property
    def spki(self) -> str:
        """The public key in base64url."""
        return forms.to_base64url(encode_spki(self.key))

    def sign(self, message: bytes, salt: bytes) -> bytes:
        """EMSA-PSS with SHA-384 and that salt of 48 bytes [RFC 8017 §9.1.1]."""
        digest = hashlib.sha384(bytes(8) + hashlib.sha384(message).digest() + salt).digest()
        length = self.key.size - rsa.HASH - 1
        block = (1).to_bytes(length - rsa.SALT) + salt
        masked = int.from_bytes(block) ^ int.from_bytes(rsa.mask(digest, length))
        masked &= (1 << self.key.n.bit_length() - 1 - 8 * (self.key.size - length)) - 1
        encoded = masked.to_bytes(length) + digest + b"\xbc"
        return pow(int.from_bytes(encoded), self._d, self.key.n).to_bytes(self.key.size)


def _der(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 128:
        return bytes([tag, length]) + content
    size = (length.bit_length() + 7) // 8
    return bytes([tag, 0x80 | size]) + length.to_bytes(size) + content


def encode_spki(key: rsa.PublicKey) -> bytes:
    """SubjectPublicKeyInfo with `rsaEncryption`."""
    numbers = b"".join(_der(2, number.to_bytes(number.bit_length() // 8 + 1)) for number in (key.n, key.e))
    return _der(0x30, _der(0x30, rsa.RSA_ENCRYPTION) + _der(3, b"\0" + _der(0x30, numbers)))
