"""Keys and signatures: Multikeys, JWKs, verifier keys of signed notes, Data Integrity proofs."""

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from reader import forms
from reader.forms import Broken, check


@dataclass(frozen=True)
class Kind:
    """A kind of key: its multicodec, the length of its bytes, its suite, and how `proofValue` is written."""

    prefix: bytes
    length: int
    # `None`: of documents only; it signs no operation.
    suite: str | None
    encoding: str


P256 = Kind(b"\x80\x24", 33, "ecdsa-jcs-2019", "z")
P384 = Kind(b"\x81\x24", 49, "ecdsa-jcs-2019", "z")
ED25519 = Kind(b"\xed\x01", 32, "eddsa-jcs-2022", "z")
MLDSA44 = Kind(b"\x90\x24", 1312, "mldsa44-jcs-2024", "u")
P521 = Kind(b"\x82\x24", 67, None, "")
MLDSA65 = Kind(b"\x91\x24", 1952, None, "")
SIGNING = (P256, P384, ED25519, MLDSA44)
ALL = (*SIGNING, P521, MLDSA65)
CURVES: dict[Kind, ec.EllipticCurve] = {P256: ec.SECP256R1(), P384: ec.SECP384R1(), P521: ec.SECP521R1()}
EC = {"P-256": P256, "P-384": P384, "P-521": P521}
AKP = {"ML-DSA-44": MLDSA44, "ML-DSA-65": MLDSA65}
FIELD = 2**255 - 19
# y of the points of edwards25519 whose order is 8 or less.
ORDER_8 = int.from_bytes(bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"), "little")
SMALL = (0, 1, FIELD - 1, ORDER_8, FIELD - ORDER_8)


@dataclass(frozen=True)
class Key:
    """A public key."""

    kind: Kind
    data: bytes

    def verify(self, signature: bytes, message: bytes) -> bool:
        """Whether the signature verifies. A signature of another length does not."""
        try:
            if self.kind is ED25519:
                ed25519.Ed25519PublicKey.from_public_bytes(self.data).verify(signature, message)
            elif self.kind is MLDSA44:
                mldsa.MLDSA44PublicKey.from_public_bytes(self.data).verify(signature, message)
            else:
                half = 32 if self.kind is P256 else 48
                if len(signature) != 2 * half:
                    return False
                r, s = int.from_bytes(signature[:half]), int.from_bytes(signature[half:])
                digest = hashes.SHA256() if self.kind is P256 else hashes.SHA384()
                self.point().verify(encode_dss_signature(r, s), message, ec.ECDSA(digest))
        except (InvalidSignature, ValueError):
            return False
        return True

    def point(self) -> ec.EllipticCurvePublicKey:
        """The key as a point. Raises `ValueError` if it is none of the curve."""
        return ec.EllipticCurvePublicKey.from_encoded_point(CURVES[self.kind], self.data)

    def is_usable(self) -> bool:
        """Whether the bytes are a key."""
        try:
            if self.kind is ED25519:
                return is_edwards_point(self.data)
            if self.kind in CURVES:
                self.point()
        except (ValueError, UnsupportedAlgorithm):
            return False
        return True


def is_edwards_point(data: bytes) -> bool:
    """Whether the bytes are the one form of a point of edwards25519 that is of no small order [RFC 8032 §5.1.3]."""
    y = int.from_bytes(data, "little") & (2**255 - 1)
    if y >= FIELD or y in SMALL:
        return False
    d = -121665 * pow(121666, -1, FIELD)
    square = (y * y - 1) * pow(d * y * y + 1, -1, FIELD) % FIELD
    return pow(square, (FIELD - 1) // 2, FIELD) == 1


def parse_multikey(text: Any, rule: str, kinds: tuple[Kind, ...] = SIGNING) -> Key:
    """A Multikey of one of these kinds."""
    check(isinstance(text, str) and text.startswith("z") and len(text) < 3000, rule)
    try:
        data = forms.from_base58(text[1:])
    except ValueError as error:
        raise Broken(rule) from error
    for kind in kinds:
        if data.startswith(kind.prefix):
            key = Key(kind, data[2:])
            check(len(key.data) == kind.length and key.is_usable(), rule)
            return key
    raise Broken(rule)


def parse_jwk(jwk: Any, rule: str) -> Key:
    """A public JWK of any kind, with the members that it needs and no other."""
    check(isinstance(jwk, dict), rule)
    try:
        match jwk.get("kty"), jwk.get("crv"):
            case "EC", ("P-256" | "P-384" | "P-521") as curve:
                forms.check_members(jwk, ("kty", "crv", "x", "y"), (), rule)
                kind = EC[curve]
                x, y = forms.from_base64url(jwk["x"]), forms.from_base64url(jwk["y"])
                check(len(x) == len(y) == kind.length - 1, rule)
                key = Key(kind, bytes([2 + (y[-1] & 1)]) + x)
                numbers = key.point().public_numbers()
                check(numbers.y == int.from_bytes(y), rule)
            case "OKP", "Ed25519":
                forms.check_members(jwk, ("kty", "crv", "x"), (), rule)
                key = Key(ED25519, forms.from_base64url(jwk["x"]))
                check(len(key.data) == 32 and key.is_usable(), rule)
            case "AKP", None:
                forms.check_members(jwk, ("kty", "alg", "pub"), (), rule)
                check(jwk["alg"] in ("ML-DSA-44", "ML-DSA-65"), rule)
                key = Key(AKP[jwk["alg"]], forms.from_base64url(jwk["pub"]))
                check(len(key.data) == key.kind.length, rule)
            case _:
                raise Broken(rule)
    except ValueError as error:
        raise Broken(rule) from error
    return key


@dataclass(frozen=True)
class NoteKey:
    """A verifier key of C2SP signed-note, signature type 1."""

    text: str
    name: str
    id: bytes
    data: bytes

    def key(self) -> Key:
        """The Ed25519 key in it."""
        return Key(ED25519, self.data)

    def signature(self, line: str) -> bytes | None:
        """What the line says this key signed with; `None` if the line names another key."""
        match = re.fullmatch(r"— (\S+) (\S+)", line)
        if match is None or match[1] != self.name:
            return None
        try:
            data = forms.from_base64(match[2])
        except ValueError:
            return None
        return data[4:] if data[:4] == self.id else None


def is_signature_line(line: Any) -> bool:
    """Whether it has the form of a signature line."""
    if not isinstance(line, str):
        return False
    match = re.fullmatch(r"— [^\s+]+ ([A-Za-z0-9+/]+={0,2})", line)
    try:
        return match is not None and len(forms.from_base64(match[1])) > 4
    except ValueError:
        return False


def parse_note_key(text: Any, rule: str) -> NoteKey:
    """A verifier key `<name>+<id>+<base64>`."""
    check(isinstance(text, str), rule)
    match = re.fullmatch(r"([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)", text)
    if match is None:
        raise Broken(rule)
    try:
        data = forms.from_base64(match[3])
    except ValueError as error:
        raise Broken(rule) from error
    check(len(data) == 33 and data[0] == 1 and is_edwards_point(data[1:]), rule)
    key_id = forms.sha256(match[1].encode(), b"\n", data)[:4]
    check(key_id.hex() == match[2], rule)
    return NoteKey(text, match[1], key_id, data[1:])


def parse_proof(operation: dict[str, Any], now: int) -> dict[str, Any]:
    """The proof of an operation, in its form (§4.1, Appendix A)."""
    proof = operation.get("proof")
    members = ("type", "cryptosuite", "verificationMethod", "proofPurpose", "proofValue")
    if not isinstance(proof, dict):
        raise Broken("TLOG-11")
    forms.check_members(proof, members, ("created",), "TLOG-11")
    check(proof["type"] == "DataIntegrityProof" and proof["proofPurpose"] == "assertionMethod", "TLOG-11")
    check(isinstance(proof["verificationMethod"], str) and isinstance(proof["proofValue"], str), "TLOG-11")
    if "created" in proof:
        check(forms.parse_time(proof["created"], "TLOG-11") <= now, "TLOG-11")
    return proof


def check_proof(operation: dict[str, Any], key: Key) -> None:
    """The proof of the operation is by this key (TLOG-11)."""
    proof = operation["proof"]
    check(key.kind.suite is not None and proof["cryptosuite"] == key.kind.suite, "TLOG-11")
    value = proof["proofValue"]
    check(value.startswith(key.kind.encoding) and len(value) < 5000, "TLOG-11")
    try:
        signature = forms.from_base58(value[1:]) if value[0] == "z" else forms.from_base64url(value[1:])
    except ValueError as error:
        raise Broken("TLOG-11") from error
    digest = hashlib.sha384 if key.kind is P384 else hashlib.sha256
    options = forms.jcs({name: proof[name] for name in proof if name != "proofValue"})
    content = forms.jcs({name: operation[name] for name in operation if name != "proof"})
    check(key.verify(signature, digest(options).digest() + digest(content).digest()), "TLOG-11")
