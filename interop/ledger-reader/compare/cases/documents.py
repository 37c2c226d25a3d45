"""DID documents: what they hold, and keys that are revoked."""

from typing import Any

from compare.cases.operations import X25519, add_jwk, add_method
from compare.cases.world import DAY, Cases, World
from compare.writer import Operation, Signer, text_of
from reader import forms, keys
from reader.document import CONTEXTS

CASES = Cases()


def _document(world: World, label: str, change: Any) -> None:
    did = world.issuer
    document = did.document(did.id)
    change(document)
    world.update(label, did, _document=document)


SERVICE = {"type": "T", "serviceEndpoint": "https://example.com"}


def _service(document: Operation, **members: Any) -> None:
    document["service"] = [SERVICE | {"id": document["id"] + "#s"} | members]


def _many(document: Operation, count: int) -> None:
    for number in range(count):
        add_method(document, id=f"{document['id']}#{number}")


def _ec(name: str) -> Operation:
    numbers = _point(Signer(name, "p256"))
    return {"kty": "EC", "crv": "P-256", "x": numbers[0], "y": numbers[1]}


def _point(signer: Signer) -> tuple[str, str]:
    numbers = keys.Key(signer.kind, signer.data).point().public_numbers()
    return forms.to_base64url(numbers.x.to_bytes(32)), forms.to_base64url(numbers.y.to_bytes(32))


ED = {"kty": "OKP", "crv": "Ed25519", "x": forms.to_base64url(Signer("jwk").data)}
CASES.variants(
    "document",
    {
        "usual": lambda d: None,
        "!context": lambda d: d.update({"@context": CONTEXTS[:1]}),
        "!contexts turned": lambda d: d.update({"@context": CONTEXTS[::-1]}),
        "!controller": lambda d: d.update(controller=d["id"]),
        "!unknown": lambda d: d.update(name="x"),
        "!empty list": lambda d: d.update(service=[]),
        "!method of another": lambda d: add_method(d, controller="did:key:x"),
        "!id of another": lambda d: add_method(d, id="did:key:x#y"),
        "!id twice": lambda d: add_method(d, id=d["id"] + "#key"),
        "key twice": lambda d: add_method(d),
        "!label": lambda d: add_method(d, id=d["id"] + "#a/b"),
        "!no label": lambda d: add_method(d, id=d["id"] + "#"),
        "label of 64": lambda d: add_method(d, id=d["id"] + "#" + "a" * 64),
        "!label of 65": lambda d: add_method(d, id=d["id"] + "#" + "a" * 65),
        "!type": lambda d: add_method(d, type="Ed25519VerificationKey2020"),
        "!type of a JWK": lambda d: add_method(d, type="JsonWebKey"),
        "revoked": lambda d: add_method(d, revoked="2026-11-01T00:00:00Z"),
        "revoked in the future": lambda d: add_method(d, revoked="2030-11-01T00:00:00Z"),
        "!revoked none": lambda d: add_method(d, revoked="2026-11-01"),
        "!expires": lambda d: add_method(d, expires="2030-11-01T00:00:00Z"),
        "!key none": lambda d: add_method(d, publicKeyMultibase="zzz"),
        "!key of no point": lambda d: add_method(d, publicKeyMultibase="z" + forms.to_base58(b"\xed\x01\x02" + bytes(31))),
        "64 methods": lambda d: _many(d, 63),
        "!65 methods": lambda d: _many(d, 64),
        "JWK": lambda d: add_jwk(d, ED),
        "JWK of P-256": lambda d: add_jwk(d, _ec("jwk")),
        "!JWK of no point": lambda d: add_jwk(d, _ec("jwk") | {"y": _ec("other")["y"]}),
        "!JWK private": lambda d: add_jwk(d, ED | {"d": ED["x"]}),
        "!JWK of a secret": lambda d: add_jwk(d, {"kty": "oct", "k": "AAAA"}),
        "?JWK with kid": lambda d: add_jwk(d, ED | {"kid": "1"}),
        "?JWK with alg": lambda d: add_jwk(d, ED | {"alg": "EdDSA"}),
        "?JWK of X25519": lambda d: add_jwk(d, ED | {"crv": "X25519"}),
        "?JWK of ML-DSA": lambda d: add_jwk(
            d, {"kty": "AKP", "alg": "ML-DSA-44", "pub": forms.to_base64url(Signer("m", "ml").data)}
        ),
        "?X25519": lambda d: add_method(d, publicKeyMultibase=X25519),
        "?BLS12-381": lambda d: add_method(d, publicKeyMultibase="z" + forms.to_base58(b"\xeb\x01" + bytes(96))),
        "P-384": lambda d: add_method(d, publicKeyMultibase=Signer("m", "p384").multikey),
        "ML-DSA-44": lambda d: add_method(d, publicKeyMultibase=Signer("m", "ml").multikey),
        "all relationships": lambda d: d.update(
            {name: [d["id"] + "#key"] for name in ("authentication", "keyAgreement", "capabilityInvocation")}
        ),
        "!relationship to nothing": lambda d: d.update(authentication=[d["id"] + "#none"]),
        "!relationship relative": lambda d: d.update(authentication=["#key"]),
        "!relationship embedded": lambda d: d.update(authentication=[d["verificationMethod"][0]]),
        "!relationship twice": lambda d: d.update(authentication=[d["id"] + "#key"] * 2),
        "also known": lambda d: d.update(alsoKnownAs=["https://example.com/", "did:web:example.com"]),
        "!also known twice": lambda d: d.update(alsoKnownAs=["https://example.com/"] * 2),
        "!also known by mail": lambda d: d.update(alsoKnownAs=["mailto:a@example.com"]),
        "!also known DID URL": lambda d: d.update(alsoKnownAs=["did:web:example.com#x"]),
        "service": lambda d: _service(d),
        "service with DID": lambda d: _service(d, serviceEndpoint="did:web:example.com"),
        "!service id twice": lambda d: d.update(service=[SERVICE | {"id": d["id"] + "#s"}] * 2),
        "!service with a method's id": lambda d: _service(d, id=d["id"] + "#key"),
        "16 services": lambda d: d.update(service=[SERVICE | {"id": f"{d['id']}#s{n}"} for n in range(16)]),
        "!17 services": lambda d: d.update(service=[SERVICE | {"id": f"{d['id']}#s{n}"} for n in range(17)]),
        "!service type": lambda d: _service(d, type="a b"),
        "!service types": lambda d: _service(d, type=["T"]),
        "!service http": lambda d: _service(d, serviceEndpoint="http://example.com"),
        "!service map": lambda d: _service(d, serviceEndpoint={"uri": "https://example.com"}),
        "!service unknown": lambda d: _service(d, description="x"),
        "!service id of another": lambda d: _service(d, id="https://example.com/s"),
        "!URL with user": lambda d: _service(d, serviceEndpoint="https://a:b@example.com"),
        "URL with @ in its path": lambda d: _service(d, serviceEndpoint="https://example.com/@a"),
        "URL with port": lambda d: _service(d, serviceEndpoint="https://example.com:8443/a"),
        "!URL with query": lambda d: _service(d, serviceEndpoint="https://example.com/a?b=c"),
        "!URL with fragment": lambda d: _service(d, serviceEndpoint="https://example.com/a#d"),
        "!also known with query": lambda d: d.update(alsoKnownAs=["https://example.com/?a"]),
        "?URL with empty port": lambda d: _service(d, serviceEndpoint="https://example.com:"),
        "?URL with IPv6": lambda d: _service(d, serviceEndpoint="https://[::1]/"),
        "!URL without host": lambda d: _service(d, serviceEndpoint="https:///a"),
        "!URL with nothing": lambda d: _service(d, serviceEndpoint="https://"),
        "?URL with capitals": lambda d: _service(d, serviceEndpoint="HTTPS://example.com"),
        "!URL with a blank": lambda d: _service(d, serviceEndpoint="https://example.com/a b"),
        "!URL with Korean": lambda d: _service(d, serviceEndpoint="https://example.com/기관"),
        "?URL with half an escape": lambda d: _service(d, serviceEndpoint="https://example.com/%4"),
        "URL with an escape": lambda d: _service(d, serviceEndpoint="https://example.com/%4a"),
        "?URL with a bracket": lambda d: _service(d, serviceEndpoint="https://example.com/["),
        "!URL with a quote": lambda d: _service(d, serviceEndpoint='https://example.com/"'),
        "URL of 512": lambda d: _service(d, serviceEndpoint="https://example.com/" + "a" * 492),
        "!URL of 513": lambda d: _service(d, serviceEndpoint="https://example.com/" + "a" * 493),
        "!key of the log": lambda d: add_method(d, publicKeyMultibase=Signer("log key").multikey),
        "!key of heads as JWK": lambda d: add_jwk(d, ED | {"x": forms.to_base64url(Signer("heads key").data)}),
    },
    _document,
)


@CASES.case
def revoked_keys_stay(world: World) -> None:
    did = world.issuer
    method = did.document(did.id)["verificationMethod"][0]
    two = method | {"id": did.id + "#two", "publicKeyMultibase": Signer("two").multikey}
    at = "2026-11-20T00:00:00Z"

    def with_methods(label: str, *methods: Operation) -> None:
        world.update(label, did, _document=did.document(did.id) | {"verificationMethod": list(methods)})

    with_methods("two", method, two)
    with_methods("!renamed", method, two | {"publicKeyMultibase": Signer("x").multikey})
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": forms.to_base64url(Signer("two").data)}
    other_form = {name: two[name] for name in ("id", "controller")} | {"type": "JsonWebKey", "publicKeyJwk": jwk}
    with_methods("!other form", method, other_form)
    with_methods("revoked", method, two | {"revoked": at})
    with_methods("!dropped", method)
    with_methods("!good again", method, two)
    with_methods("!later", method, two | {"revoked": "2026-11-21T00:00:00Z"})
    with_methods("earlier", method, two | {"revoked": "2026-11-19T00:00:00Z"})
    with_methods("!another", method, two | {"publicKeyMultibase": Signer("x").multikey, "revoked": at})
    world.update("dead", did, deactivated=True, updateKeys=[])


@CASES.case
def a_revoked_key_signs_nothing(world: World) -> None:
    did = world.issuer
    method = did.document(did.id)["verificationMethod"][0]
    document = did.document(did.id) | {"verificationMethod": [method | {"revoked": text_of(world.now)}]}
    world.update("revoked", did, _document=document)
    world.add("!digest", did.digest("https://issuer.example/1", 1))


@CASES.case
def a_key_that_will_be_revoked(world: World) -> None:
    did = world.issuer
    method = did.document(did.id)["verificationMethod"][0]
    document = did.document(did.id) | {"verificationMethod": [method | {"revoked": text_of(world.now + DAY)}]}
    world.update("revoked tomorrow", did, _document=document)
    world.add("?digest", did.digest("https://issuer.example/1", 1))


@CASES.case
def a_key_of_the_document_is_announced(world: World) -> None:
    world.update("?announced", world.issuer, nextKeyHashes=[world.issuer.method.announced])
