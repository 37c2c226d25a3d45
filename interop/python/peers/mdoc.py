"""`pymdoccbor`: mdocs issued by either side, presented by us (the peer is no wallet), read by both."""

import json
import logging
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import cbor2
from cryptography.hazmat.primitives.serialization import Encoding
from pycose.exceptions import CoseException
from pymdoccbor.exceptions import InvalidMdoc
from pymdoccbor.mdoc.issuer import MdocCborIssuer
from pymdoccbor.mdoc.verifier import MdocCbor

from shared.bridge import Bridge, Json, Object
from shared.certificates import Authority, new_authority
from shared.keys import Jwk, base64url, from_base64url, private_jwk, public_jwk
from shared.tally import Tally, equal
from shared.tamper import flipped

DOC_TYPE = "org.iso.18013.5.1.mDL"
NAMESPACE = "org.iso.18013.5.1"
TRANSCRIPT = {"clientId": "verifier.example", "nonce": "n-0S6_WzA2Mj", "responseUri": "https://verifier.example/r"}
DATES = ("birth_date", "expiry_date", "issue_date")
PRIVILEGE = {"vehicle_category_code": "B", "issue_date": "2020-01-31", "expiry_date": "2030-01-31"}
ELEMENTS: dict[str, Json] = {
    "family_name": "김",
    "given_name": "하늘",
    "birth_date": "1990-01-31",
    "issuing_country": "KR",
    "document_number": "12-3456",
    "age_over_19": True,
    "height": 172,
    "driving_privileges": [PRIVILEGE],
}
SHOWN = ("family_name", "birth_date", "age_over_19", "issuing_country", "driving_privileges")


class Rejected(Exception):
    """The peer found the document invalid."""


REFUSALS = (Rejected, InvalidMdoc, CoseException, cbor2.CBORDecodeError, ValueError)
HOLDER = private_jwk("P-256", "mdoc device")


def run(bridge: Bridge) -> Tally:
    """Runs all."""
    logging.disable(logging.ERROR)
    tally = Tally("pymdoccbor", REFUSALS)
    authority, stranger = new_authority("mdoc"), new_authority("stranger")
    makers: dict[str, Callable[[Authority], str]] = {
        "us": lambda by: _our_mdoc(bridge, by),
        "the peer": _their_mdoc,
    }
    for issuer, issue in makers.items():
        for shown in (SHOWN[:1], SHOWN, tuple(ELEMENTS)):
            name = f"{len(shown)} elements of an mdoc by {issuer}"
            tally.accepts(name, lambda: _both_read(bridge, _present(bridge, issue(authority), shown), shown, authority))
        _twins(tally, bridge, issuer, (_present(bridge, issue(authority), SHOWN), authority, stranger))
    _unchecked(tally, bridge, authority)
    tally.unsupported("presenting: the peer is no wallet, so that we present what either side issued")
    tally.unsupported("device signatures and session transcripts are not read (ISO/IEC 18013-5 §9.1.3)")
    tally.unsupported(
        "a response that shows no element: the peer wants `nameSpaces`, which ISO/IEC 18013-5 §8.3 leaves out"
    )
    tally.unsupported("lists of texts as elements: the issuer takes each member for a map")
    return tally


def _der(certificate: Any) -> str:
    return b64encode(certificate.public_bytes(Encoding.DER)).decode()


def _our_mdoc(bridge: Bridge, by: Authority, **changes: Json) -> str:
    now = datetime.now(UTC).replace(microsecond=0)
    dated = {name: _with_dates(name, value, lambda text: {"date": text}) for name, value in ELEMENTS.items()}
    arguments = {
        "docType": DOC_TYPE,
        "namespaces": {NAMESPACE: dated},
        "issuerKey": by.signer_jwk,
        "certificate": [_der(by.signer)],
        "deviceJwk": public_jwk(HOLDER),
        "validFrom": _time(now - timedelta(hours=1)),
        "validUntil": _time(now + timedelta(days=30)),
    }
    return str(bridge.call("mdoc.issue", **arguments | changes)["issuerSigned"])


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _with_dates(name: str, value: Json, as_date: Callable[[str], Any]) -> Any:
    """The element with its dates as one side writes them. The peer's issuer knows them by their names."""
    if isinstance(value, list):
        return [{inner: _with_dates(inner, part, as_date) for inner, part in entry.items()} for entry in value]
    return as_date(value) if name in DATES else value


def _their_mdoc(by: Authority) -> str:
    now = datetime.now(UTC)
    issuer = MdocCborIssuer(private_key=_cose_key(by.signer_jwk), alg="ES256")
    validity = {"issuance_date": f"{now:%Y-%m-%d}", "expiry_date": f"{now + timedelta(days=30):%Y-%m-%d}"}
    # The peer changes what it is given.
    data = {NAMESPACE: json.loads(json.dumps(ELEMENTS))}
    device = _cose_key(public_jwk(HOLDER))
    issued = issuer.new(data, DOC_TYPE, validity, device, x509_chain=[by.signer])
    return base64url(cbor2.dumps(issued["documents"][0]["issuerSigned"], canonical=True))


def _cose_key(jwk: Jwk) -> dict[str, Any]:
    parts = {name.upper(): from_base64url(jwk[name]) for name in ("x", "y", "d") if name in jwk}
    return {"KTY": "EC2", "CURVE": "P_256", "ALG": "ES256", "KID": b"interop", **parts}


def _present(bridge: Bridge, issued: str, shown: tuple[str, ...], **changes: Json) -> bytes:
    answer = bridge.call(
        "mdoc.present",
        issuerSigned=issued,
        docType=DOC_TYPE,
        elements={NAMESPACE: shown},
        deviceKey=HOLDER,
        transcript=TRANSCRIPT,
        **changes,
    )
    return from_base64url(answer["deviceResponse"])


def _we_read(bridge: Bridge, response: bytes, root: Any, **changes: Json) -> Object:
    arguments = {
        "deviceResponse": base64url(response),
        "roots": [_der(root)],
        "transcript": TRANSCRIPT,
        "docType": DOC_TYPE,
        "elements": {NAMESPACE: list(ELEMENTS)},
    }
    documents = bridge.call("mdoc.verify", **arguments | changes)["documents"]
    equal([document["docType"] for document in documents], [DOC_TYPE])
    elements: Object = documents[0]["elements"]
    return elements


def _they_read(response: bytes, root: Any) -> Object:
    mdoc = MdocCbor()
    mdoc.loads(response)
    if not mdoc.verify(trusted_root_certs=[root]):
        raise Rejected("invalid")
    equal([document.doctype for document in mdoc.documents], [DOC_TYPE])
    return dict(mdoc.disclosure_map)


def _both_read(bridge: Bridge, response: bytes, shown: tuple[str, ...], by: Authority) -> None:
    ours = {name: _with_dates(name, ELEMENTS[name], lambda text: {"date": text}) for name in shown}
    theirs = {name: _with_dates(name, ELEMENTS[name], date.fromisoformat) for name in shown}
    equal(_we_read(bridge, response, by.root), {NAMESPACE: ours})
    equal(_they_read(response, by.root), {NAMESPACE: theirs})


def _twins(tally: Tally, bridge: Bridge, issuer: str, made: tuple[bytes, Authority, Authority]) -> None:
    response, authority, stranger = made
    for what, change in _CHANGES.items():
        decoded = cbor2.loads(response)
        change(decoded["documents"][0]["issuerSigned"])
        twin = cbor2.dumps(decoded)
        case = f"{what} (mdoc by {issuer})"
        tally.we_refuse(case, lambda: _we_read(bridge, twin, authority.root))
        tally.peer_refuses(case, lambda: _they_read(twin, authority.root))
    for case, twin, root in (
        (f"another root (mdoc by {issuer})", response, stranger.root),
        (f"half a response (mdoc by {issuer})", response[: len(response) // 2], authority.root),
    ):
        tally.we_refuse(case, lambda: _we_read(bridge, twin, root))
        tally.peer_refuses(case, lambda: _they_read(twin, root))


def _alter_element(signed: Any) -> None:
    item = cbor2.loads(signed["nameSpaces"][NAMESPACE][0].value)
    item["random"] = flipped(item["random"], 3)
    signed["nameSpaces"][NAMESPACE][0] = cbor2.CBORTag(24, cbor2.dumps(item, canonical=True))


def _renumber(signed: Any) -> None:
    first, second = (cbor2.loads(item.value) for item in signed["nameSpaces"][NAMESPACE][:2])
    first["digestID"] = second["digestID"]
    signed["nameSpaces"][NAMESPACE][0] = cbor2.CBORTag(24, cbor2.dumps(first, canonical=True))


def _alter(place: int, index: int) -> Callable[[Any], None]:
    def change(signed: Any) -> None:
        signed["issuerAuth"][place] = flipped(signed["issuerAuth"][place], index)

    return change


_CHANGES: dict[str, Callable[[Any], None]] = {
    "an altered element": _alter_element,
    "an element under another's digest": _renumber,
    "an altered security object": _alter(2, -30),
    "an altered issuer signature": _alter(3, 8),
    "a cut issuer signature": lambda signed: signed["issuerAuth"].__setitem__(3, signed["issuerAuth"][3][:-1]),
    "no certificate": lambda signed: signed["issuerAuth"][1].clear(),
}


def _unchecked(tally: Tally, bridge: Bridge, authority: Authority) -> None:
    """What the peer does not look at, shown; we refuse it."""
    root = authority.root
    good = _present(bridge, _our_mdoc(bridge, authority), SHOWN)

    def case(reason: str, response: bytes, **changes: Json) -> None:
        tally.we_refuse(reason, lambda: _we_read(bridge, response, root, **changes))
        tally.accepts(f"the peer takes {reason}", lambda: _they_read(response, root))
        tally.unsupported(f"{reason}: the peer takes it")

    decoded = cbor2.loads(good)
    signature = decoded["documents"][0]["deviceSigned"]["deviceAuth"]["deviceSignature"]
    signature[3] = flipped(signature[3], 8)
    case("an altered device signature", cbor2.dumps(decoded))
    now = datetime.now(UTC)
    periods = {"validFrom": _time(now - timedelta(hours=5)), "validUntil": _time(now - timedelta(hours=1))}
    expired = _our_mdoc(bridge, authority, **periods)
    case("an expired mdoc", _present(bridge, expired, SHOWN, now=_time(now - timedelta(hours=2))))
    renamed = cbor2.loads(_present(bridge, _our_mdoc(bridge, authority, docType="org.example.other"), SHOWN))
    renamed["documents"][0]["docType"] = DOC_TYPE
    case("a document type that is not that of the security object", cbor2.dumps(renamed))
    tally.we_refuse(
        "a response to another challenge",
        lambda: _we_read(bridge, good, root, transcript=TRANSCRIPT | {"nonce": "another"}),
    )
    tally.we_refuse(
        "an element that was not requested",
        lambda: _we_read(bridge, good, root, elements={NAMESPACE: SHOWN[:1]}),
    )
