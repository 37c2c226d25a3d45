"""DID documents as the log takes them (§4.1, Appendix A; TLOG-17)."""

from dataclasses import dataclass
from typing import Any

from reader import forms, keys
from reader.forms import check
from reader.keys import Key

CONTEXTS = ["https://www.w3.org/ns/did/v1", "https://www.w3.org/ns/cid/v1"]
RELATIONSHIPS = ("authentication", "assertionMethod", "keyAgreement", "capabilityInvocation", "capabilityDelegation")
MOST_SERVICES = 16
RULE = "TLOG-17"


@dataclass(frozen=True)
class Method:
    """A verification method: its key as written and as read, and since when it is revoked."""

    written: Any
    key: Key
    revoked: int | None


@dataclass(frozen=True)
class Document:
    """A DID document: methods by id, and the ids under `assertionMethod`."""

    methods: dict[str, Method]
    assertion: frozenset[str]
    is_empty: bool


def parse(value: Any, did: str) -> Document:
    """Reads the document of a DID."""
    optional = ("alsoKnownAs", "verificationMethod", *RELATIONSHIPS, "service")
    forms.check_members(value, ("@context", "id"), optional, RULE)
    check(value["@context"] == CONTEXTS and value["id"] == did, RULE)
    for name in value.keys() - {"@context", "id"}:
        check(forms.is_list(value[name], MOST_SERVICES if name == "service" else 64, 1), RULE)
    known = value.get("alsoKnownAs", [])
    check(all(forms.is_https(name) or forms.is_text(name, forms.DID) for name in known), RULE)
    check(len(set(known)) == len(known), RULE)
    methods: dict[str, Method] = {}
    for item in value.get("verificationMethod", []):
        name, method = _method(item, did)
        check(name not in methods, RULE)
        methods[name] = method
    for relationship in RELATIONSHIPS:
        names = value.get(relationship, [])
        check(all(isinstance(name, str) and name in methods for name in names), RULE)
        check(len(set(names)) == len(names), RULE)
    services = value.get("service", [])
    for service in services:
        _check_service(service, did)
    ids = [*methods, *(service["id"] for service in services)]
    check(len(set(ids)) == len(ids), RULE)
    return Document(methods, frozenset(value.get("assertionMethod", [])), len(value) == 2)


def _is_own(name: Any, did: str) -> bool:
    return isinstance(name, str) and name.startswith(did + "#") and forms.is_text(name[len(did) + 1 :], forms.LABEL)


def _method(item: Any, did: str) -> tuple[str, Method]:
    check(isinstance(item, dict) and item.get("type") in ("Multikey", "JsonWebKey"), RULE)
    member = "publicKeyMultibase" if item["type"] == "Multikey" else "publicKeyJwk"
    forms.check_members(item, ("id", "type", "controller", member), ("revoked",), RULE)
    check(_is_own(item["id"], did) and item["controller"] == did, RULE)
    written = item[member]
    is_multikey = item["type"] == "Multikey"
    key = keys.parse_multikey(written, RULE, keys.ALL) if is_multikey else keys.parse_jwk(written, RULE)
    revoked = forms.parse_time(item["revoked"], RULE) if "revoked" in item else None
    return item["id"], Method(written, key, revoked)


def _check_service(service: Any, did: str) -> None:
    forms.check_members(service, ("id", "type", "serviceEndpoint"), (), RULE)
    check(_is_own(service["id"], did) and forms.is_text(service["type"], forms.LABEL), RULE)
    endpoint = service["serviceEndpoint"]
    check(forms.is_https(endpoint) or forms.is_text(endpoint, forms.DID), RULE)


def check_succession(before: Document, after: Document) -> None:
    """What a version keeps of the one it follows (§4.3)."""
    for name, old in before.methods.items():
        new = after.methods.get(name)
        if old.revoked is not None:
            check(new is not None and new.written == old.written, "TLOG-24")
            check(new is not None and new.revoked is not None and new.revoked <= old.revoked, "TLOG-24")
        elif new is not None:
            check(new.written == old.written, "TLOG-25")
