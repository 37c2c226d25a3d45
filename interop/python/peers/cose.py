"""`cwt`: COSE_Sign1 both ways, as Token Status Lists and as credentials; tampered twins are refused."""

import json
import zlib
from dataclasses import dataclass
from typing import Any

import cbor2
from cwt import COSE, COSEKey
from cwt.cose_key_interface import COSEKeyInterface
from cwt.exceptions import CWTError

from peers.cose_claims import LISTS, StatusList, packed, unpacked
from shared.bridge import Bridge, Object
from shared.keys import Jwk, base64url, from_base64url, private_jwk, public_jwk
from shared.tally import Mismatch, Tally, equal
from shared.tamper import flipped

# Header parameters and claims by number [RFC 9052 §3.1, RFC 9596, RFC 8392 §3.1, Token Status List §5.2].
ALG, CONTENT_TYPE, KID, TYP = 1, 3, 4, 16
SUB, EXP, IAT, TTL, LIST = 2, 4, 6, 65534, 65533

STATUS_TYPE = "application/statuslist+cwt"
URI = "https://issuer.example/statuses/7"
ISSUER_KEY = "did:example:issuer#1"
ISSUED_AT, EXPIRES_AT, NOW = 1_750_000_000, 1_800_000_000, "2026-01-01T00:00:00Z"
ALGORITHMS = {"ES256": "P-256", "ES384": "P-384", "EdDSA": "Ed25519"}
NUMBERS = {"ES256": -7, "ES384": -35, "EdDSA": -8}
REFUSALS = (CWTError, ValueError)


def run(bridge: Bridge) -> Tally:
    """Runs all."""
    tally = Tally("cwt", REFUSALS)
    for algorithm in ALGORITHMS:
        for statuses in LISTS:
            name = f"{len(statuses.values)} statuses of {statuses.bits} bits, {algorithm}"
            tally.accepts(f"we issue {name}", lambda: _ours_is_read(bridge, statuses, algorithm))
            tally.accepts(f"the peer issues {name}", lambda: _theirs_is_read(bridge, statuses, algorithm))
        _twins(tally, bridge, algorithm)
    _wrong_lists(tally, bridge)
    for algorithm in ALGORITHMS:
        _credentials(tally, bridge, algorithm)
    tally.unsupported(
        "the status list itself and what its claims mean: the library has CWT and COSE only, so the list "
        "is packed and read by plain code here, and wrong lists are shown to us only"
    )
    return tally


def _ours_is_read(bridge: Bridge, statuses: StatusList, algorithm: str) -> None:
    equal(_they_read(_our_list(bridge, statuses, algorithm), algorithm), statuses.set())


def _theirs_is_read(bridge: Bridge, statuses: StatusList, algorithm: str) -> None:
    equal(_we_read(bridge, _their_list(statuses, algorithm), algorithm), statuses.set())


def _jwk(algorithm: str, owner: str = "issuer") -> Jwk:
    return private_jwk(ALGORITHMS[algorithm], f"cose {owner}")


def _cose_key(jwk: Jwk, algorithm: str, use: str, kid: str = ISSUER_KEY) -> COSEKeyInterface:
    return COSEKey.from_jwk({**jwk, "alg": algorithm, "key_ops": [use], "kid": kid})


def _our_list(bridge: Bridge, statuses: StatusList, algorithm: str) -> bytes:
    answer = bridge.call(
        "status.token",
        form="cwt",
        bits=statuses.bits,
        statuses={str(index): value for index, value in statuses.set().items()},
        length=len(statuses.values),
        key=_jwk(algorithm),
        kid=ISSUER_KEY,
        uri=URI,
        iat=ISSUED_AT,
        exp=EXPIRES_AT,
    )
    return from_base64url(answer["token"])


def _sign(payload: bytes, jwk: Jwk, algorithm: str, protected: dict[int, Any]) -> bytes:
    key = _cose_key(jwk, algorithm, "sign")
    header = {ALG: NUMBERS[algorithm], **protected}
    message = COSE.new(deterministic_header=True).encode_and_sign(payload, key, header, {})
    assert isinstance(message, bytes)
    return message


def _their_list(
    statuses: StatusList, algorithm: str, typ: str = STATUS_TYPE, changes: dict[int, Any] | None = None
) -> bytes:
    """`changes`: claims that are other than they should be."""
    found = {"bits": statuses.bits, "lst": zlib.compress(packed(statuses), 9)}
    claims = {SUB: URI, IAT: ISSUED_AT, EXP: EXPIRES_AT, TTL: 600, LIST: found} | (changes or {})
    header = {TYP: typ, KID: ISSUER_KEY.encode()}
    return _sign(cbor2.dumps(claims, canonical=True), _jwk(algorithm), algorithm, header)


def _we_read(bridge: Bridge, token: bytes, algorithm: str, uri: str = URI) -> dict[int, int]:
    issuer = public_jwk(_jwk(algorithm))
    answer = bridge.call("status.token", token=base64url(token), issuerJwk=issuer, uri=uri, now=NOW)
    return {int(index): value for index, value in answer["statuses"].items()}


def _they_read(token: bytes, algorithm: str) -> dict[int, int]:
    key = _cose_key(public_jwk(_jwk(algorithm)), algorithm, "verify")
    protected, _, payload = COSE.new().decode_with_headers(token, key)
    equal(protected.get(TYP), STATUS_TYPE)
    claims = cbor2.loads(payload)
    equal((claims[SUB], claims[IAT], claims[EXP]), (URI, ISSUED_AT, EXPIRES_AT))
    found = claims[LIST]
    return unpacked(found["bits"], zlib.decompress(found["lst"])).set()


def _twins(tally: Tally, bridge: Bridge, algorithm: str) -> None:
    """One bit of each part; both refuse."""
    statuses = LISTS[0]
    for issuer, token in (
        ("us", _our_list(bridge, statuses, algorithm)),
        ("the peer", _their_list(statuses, algorithm)),
    ):
        twins = _tampered(token)
        twins["another issuer's signature"] = _sign(
            cbor2.loads(token).value[2],
            _jwk(algorithm, "stranger"),
            algorithm,
            {TYP: STATUS_TYPE, KID: ISSUER_KEY.encode()},
        )
        for what, twin in twins.items():
            case = f"{what} ({algorithm}, issued by {issuer})"
            tally.we_refuse(case, lambda: _we_read(bridge, twin, algorithm))
            tally.peer_refuses(case, lambda: _they_read(twin, algorithm))


def _tampered(token: bytes) -> dict[str, bytes]:
    protected, unprotected, payload, signature = cbor2.loads(token).value

    def message(*parts: Any) -> bytes:
        return cbor2.dumps(cbor2.CBORTag(18, list(parts)))

    return {
        "an altered protected header": message(flipped(protected, -1), unprotected, payload, signature),
        "an altered payload": message(protected, unprotected, flipped(payload, -3), signature),
        "an altered signature": message(protected, unprotected, payload, flipped(signature, 10)),
        "a cut signature": message(protected, unprotected, payload, signature[:-1]),
        "no signature": message(protected, unprotected, payload, b""),
        "another kind of message": cbor2.dumps(cbor2.CBORTag(17, [protected, unprotected, payload, signature])),
        "a cut message": token[:-5],
    }


def _wrong_lists(tally: Tally, bridge: Bridge) -> None:
    """Well signed and wrong; only we read status lists."""
    statuses = LISTS[0]
    short = zlib.compress(packed(statuses), 9)[:-6]
    wrong: dict[str, dict[int, Any]] = {
        "another list's subject": {SUB: "https://issuer.example/statuses/8"},
        "an expired list": {EXP: ISSUED_AT + 1},
        "a list of 3 bits": {LIST: {"bits": 3, "lst": zlib.compress(packed(statuses), 9)}},
        "a list that is cut": {LIST: {"bits": 1, "lst": short}},
        "a list that is no zlib": {LIST: {"bits": 1, "lst": bytes(40)}},
        "no list": {LIST: None},
        "a bomb": {LIST: {"bits": 1, "lst": zlib.compress(bytes(2**28), 9)}},
    }
    for what, changes in wrong.items():
        tally.we_refuse(what, lambda: _we_read(bridge, _their_list(statuses, "ES256", changes=changes), "ES256"))
    tally.we_refuse(
        "another type", lambda: _we_read(bridge, _their_list(statuses, "ES256", "application/cwt"), "ES256")
    )


@dataclass(frozen=True)
class _Issuer:
    """A did:key."""

    jwk: Jwk
    did: str
    method: str


def _credentials(tally: Tally, bridge: Bridge, algorithm: str) -> None:
    """Credentials in COSE_Sign1 [VC-JOSE-COSE §3.3]."""
    made = bridge.call("key.generate", algorithm="Ed25519" if algorithm == "EdDSA" else algorithm)
    issuer = _Issuer({name: made["jwk"][name] for name in _jwk(algorithm)}, made["did"], made["verificationMethod"])
    credential = {
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"],
        "type": ["VerifiableCredential", "ExampleDegreeCredential"],
        "issuer": issuer.did,
        "validFrom": "2025-01-01T00:00:00Z",
        "credentialSubject": {"id": "did:example:subject", "degree": {"type": "ExampleBachelorDegree", "name": "학사"}},
    }

    def theirs(changes: dict[int, Any] | None = None) -> bytes:
        header: dict[int, Any] = {
            TYP: "application/vc+cose",
            CONTENT_TYPE: "application/vc",
            KID: issuer.method.encode(),
        }
        payload = json.dumps(credential, ensure_ascii=False).encode()
        return _sign(payload, issuer.jwk, algorithm, header | (changes or {}))

    def ours() -> bytes:
        answer = bridge.call("vccose.issue", credential=credential, key=issuer.jwk, kid=issuer.method)
        return from_base64url(answer["message"])

    def we_read(message: bytes) -> Object:
        found: Object = bridge.call("vccose.verify", message=base64url(message))["credential"]
        return found

    def they_read(message: bytes) -> Object:
        key = _cose_key(public_jwk(issuer.jwk), algorithm, "verify", issuer.method)
        protected, _, payload = COSE.new().decode_with_headers(message, key)
        if protected.get(TYP) != "application/vc+cose":
            raise Mismatch(f"the type is {protected.get(TYP)!r}")
        found: Object = json.loads(payload)
        return found

    tally.accepts(f"we issue a credential, {algorithm}", lambda: equal(they_read(ours()), credential))
    tally.accepts(f"the peer issues a credential, {algorithm}", lambda: equal(we_read(theirs()), credential))
    for signer, message in (("us", ours()), ("the peer", theirs())):
        for what, twin in _tampered(message).items():
            case = f"a credential with {what} ({algorithm}, issued by {signer})"
            tally.we_refuse(case, lambda: we_read(twin))
            tally.peer_refuses(case, lambda: they_read(twin))
    wrong: dict[str, dict[int, Any]] = {
        "another type": {TYP: "application/vp+cose"},
        "the key of another": {KID: b"did:key:zz#zz"},
    }
    for what, changes in wrong.items():
        tally.we_refuse(f"a credential with {what}, {algorithm}", lambda: we_read(theirs(changes)))
