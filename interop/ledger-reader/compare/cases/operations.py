"""Keys, and parts of operations, that cases of several subjects use."""

from collections.abc import Callable
from typing import Any

from compare.cases.world import World
from compare.writer import Did, Operation, Signer
from reader import forms

OWN = Signer("issuer update")
NEW = Signer("always the same")
X25519 = "z" + forms.to_base58(b"\xec\x01" + bytes(range(32)))
GRANT_A = {"issue": {"types": ["A"]}}


def multikeys(*names: str) -> list[str]:
    """The keys of these names."""
    return [Signer(name).multikey for name in names]


def add_method(document: Operation, **members: Any) -> None:
    """Adds a method: the first one under another id, and with these members."""
    document["verificationMethod"].append(document["verificationMethod"][0] | {"id": document["id"] + "#two"} | members)


def add_jwk(document: Operation, jwk: Operation) -> None:
    """Adds a method with a JWK."""
    method = {"id": document["id"] + "#jwk", "type": "JsonWebKey", "controller": document["id"], "publicKeyJwk": jwk}
    document["verificationMethod"].append(method)


def add_grant(world: World, label: str, change: Any) -> None:
    """Adds an accreditation; `change` replaces its members, who grants it (`by`) and when it begins."""
    members = {"grant": {"issue": {"types": ["A"]}}, "by": world.office} | change
    by, grant = members.pop("by"), members.pop("grant")
    begins = world.now + members.pop("begins", 0)
    world.add(label, by.grant(members.pop("subject", world.issuer.id), grant, begins, **members))


def to_ask(types: list[str], paths: Any = None, service: str = "a.b") -> Operation:
    """A grant that allows a service to ask for these claims of these types."""
    return {"grant": {"request": {"service": service, "scope": {name: paths or [["x"]] for name in types}}}}


def admission_right(world: World) -> Operation:
    """The right to admit persons, for the office."""
    scope = {"A": [["name"]]}
    grant = {"request": {"service": "registry.admission", "scope": scope}}
    return world.root.grant(world.office.id, grant, world.now)


def long_names(count: int) -> list[str]:
    """URLs of about 500 bytes."""
    return [f"https://example.com/{n}{'a' * 480}" for n in range(count)]


def sized(did: Did, by: Signer, parameters: Operation, size: int, measure: Callable[[Operation], int]) -> Operation:
    """A version of that size."""
    document = did.document(did.id) | {"alsoKnownAs": long_names(32)}
    endpoint = "https://example.com/" + "c" * 400
    services = document["service"] = [
        {"id": f"{did.id}#s{number}", "type": "T", "serviceEndpoint": endpoint} for number in range(12)
    ]
    before = list(did.versions)
    for _ in range(100):
        did.versions = list(before)
        operation = did.version(by, parameters, document=document)
        lack = size - measure(operation)
        if lack == 0:
            break
        if lack > 2_200:
            number = len(document["verificationMethod"])
            add_method(document, id=f"{did.id}#m{number}", publicKeyMultibase=Signer("long", "ml").multikey)
        elif lack > 800:
            services.append({"id": f"{did.id}#s{len(services)}", "type": "T", "serviceEndpoint": endpoint})
        elif lack > 0:
            # The proof's length varies with the signature, hence the loop.
            service = min(services, key=lambda item: len(item["serviceEndpoint"]))
            service["serviceEndpoint"] += "c" * min(lack, 90)
        else:
            services[0]["serviceEndpoint"] = services[0]["serviceEndpoint"][:lack]
    assert measure(operation) == size
    return operation
