"""Keys that are odd: of small order, in another form, of types without suite."""

from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from compare.cases.operations import OWN, add_jwk, add_method
from compare.cases.world import Cases, World
from compare.writer import Signer
from reader import forms

CASES = Cases()


def _p521() -> str:
    key = ec.derive_private_key(7, ec.SECP521R1()).public_key()
    return _multikey(b"\x82\x24", key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint))


def _multikey(prefix: bytes, data: bytes) -> str:
    return "z" + forms.to_base58(prefix + data)


def _odd_key(world: World, label: str, key: Any) -> None:
    world.update(label, world.issuer, updateKeys=[OWN.multikey, key])


FIELD = 2**255 - 19
ORDER_8 = bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")
CASES.variants(
    "update key",
    {
        "?Ed25519, the identity": _multikey(b"\xed\x01", b"\x01" + bytes(31)),
        "?Ed25519, of order 8": _multikey(b"\xed\x01", ORDER_8),
        "?Ed25519, of order 2": _multikey(b"\xed\x01", (FIELD - 1).to_bytes(32, "little")),
        "!Ed25519, y not reduced": _multikey(b"\xed\x01", (FIELD + 1).to_bytes(32, "little")),
        "!Ed25519, zero with a sign": _multikey(b"\xed\x01", b"\x01" + bytes(30) + b"\x80"),
        "!Ed25519, no point": _multikey(b"\xed\x01", b"\x02" + bytes(31)),
        "!Ed25519, long": _multikey(b"\xed\x01", Signer("x").data + b"\0"),
        "!Ed25519, another codec": _multikey(b"\xed\x02", Signer("x").data),
        "!Ed25519, codec not shortest": _multikey(b"\xed\x81\x00", Signer("x").data),
        "!P-256, x not reduced": _multikey(b"\x80\x24", b"\x02" + b"\xff" * 32),
        "!P-256, infinity": _multikey(b"\x80\x24", b"\0"),
        "!P-384, with the bytes of P-256": _multikey(b"\x81\x24", Signer("x", "p256").data),
        "ML-DSA-44": Signer("x", "ml").multikey,
        "ML-DSA-44, any bytes": _multikey(b"\x90\x24", b"\xff" * 1312),
        "!ML-DSA-44, short": _multikey(b"\x90\x24", b"\xff" * 1311),
        "!secp256k1": _multikey(b"\xe7\x01", Signer("x", "p256").data),
        "!nothing": "z",
        "!a letter that is none": OWN.multikey[:-1] + "0",
        "!a leading zero": "z1" + OWN.multikey[1:],
    },
    _odd_key,
)


@CASES.case
def an_update_key_of_a_type_without_suite(world: World) -> None:
    _odd_key(world, "!ML-DSA-65", _multikey(b"\x91\x24", bytes(1952)))
    _odd_key(world, "!P-521", _p521())
    world.update("!ML-DSA-65 to recover", world.issuer, recoveryKeys=[_multikey(b"\x91\x24", bytes(1952))])


@CASES.case
def a_document_key_of_a_type_without_suite(world: World) -> None:
    document = world.issuer.document(world.issuer.id)
    add_method(document, publicKeyMultibase=_multikey(b"\x91\x24", bytes(1952)))
    add_method(document, publicKeyMultibase=_p521(), id=document["id"] + "#p521")
    add_jwk(document, {"kty": "AKP", "alg": "ML-DSA-65", "pub": forms.to_base64url(bytes(1952))})
    world.update("ML-DSA-65 and P-521", world.issuer, _document=document)
