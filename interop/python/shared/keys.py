"""Keys from a seed, as JWKs. They protect nothing: everybody can compute them."""

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

Jwk = dict[str, str]

_CURVES: dict[str, tuple[ec.EllipticCurve, int]] = {"P-256": (ec.SECP256R1(), 32), "P-384": (ec.SECP384R1(), 48)}


def base64url(octets: bytes) -> str:
    """Base64url without padding."""
    return urlsafe_b64encode(octets).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    """The bytes of base64url without padding."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def private_jwk(curve: str, seed: str) -> Jwk:
    """The private key on Ed25519, P-256 or P-384 that belongs to a seed."""
    digest = hashlib.sha256(f"{curve} {seed}".encode()).digest()
    if curve == "Ed25519":
        public = Ed25519PrivateKey.from_private_bytes(digest).public_key().public_bytes_raw()
        return {"kty": "OKP", "crv": curve, "x": base64url(public), "d": base64url(digest)}
    _, size = _CURVES[curve]
    # 2^255 is below the order of both curves.
    secret = int.from_bytes(digest) % 2**255 + 1
    point = ec_key(curve, secret).public_key().public_numbers()
    x, y, d = (base64url(number.to_bytes(size)) for number in (point.x, point.y, secret))
    return {"kty": "EC", "crv": curve, "x": x, "y": y, "d": d}


def ec_key(curve: str, secret: int) -> ec.EllipticCurvePrivateKey:
    """The private key whose scalar is `secret`."""
    return ec.derive_private_key(secret, _CURVES[curve][0])


def ec_key_of(jwk: Jwk) -> ec.EllipticCurvePrivateKey:
    """The private key in a JWK."""
    return ec_key(jwk["crv"], int.from_bytes(from_base64url(jwk["d"])))


def public_jwk(jwk: Jwk) -> Jwk:
    """The JWK without its private member."""
    return {name: value for name, value in jwk.items() if name != "d"}
