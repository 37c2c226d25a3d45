"""Random credentials and presentations."""

from dataclasses import dataclass, field
from random import Random

from oracle.terms import Terms
from oracle.texts import iri, number, tagged, word
from shared.bridge import Json, Object

V2 = "https://www.w3.org/ns/credentials/v2"
EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
CITIZENSHIP = "https://w3id.org/citizenship/v4rc1"
CREDENTIAL = "VerifiableCredential"


@dataclass
class Document:
    """A credential or presentation, and the contexts that it names and we do not bundle."""

    members: Object
    contexts: dict[str, Object] = field(default_factory=dict)
    kind: str = "credential"


def document(seed: int) -> Document:
    """The document of a seed."""
    random = Random(seed)
    if random.random() >= 0.25:
        made = Document({})
        made.members = _credential(random, made.contexts, seed)
        return made
    made = Document({}, kind="presentation")
    credentials = [_credential(random, made.contexts, seed + number / 8) for number in range(random.randint(0, 3))]
    made.members = {"@context": [V2], "type": ["VerifiablePresentation"]}
    made.members |= _some(random, {"id": iri(random), "holder": iri(random)})
    if credentials:
        made.members["verifiableCredential"] = credentials
    return made


def _credential(random: Random, contexts: dict[str, Object], name: float) -> Object:
    form = random.choice((_alumni, _alumni, _resident, _own, _own, _own))
    context, special = form(random, contexts, name)
    common: Object = {
        "id": iri(random),
        "validFrom": "2024-01-01T00:00:00Z",
        "validUntil": "2031-12-31T23:59:59+09:00",
        "name": random.choice((word(random), tagged(random), [tagged(random), tagged(random)])),
        "description": {"@value": word(random), "@language": "en"},
        "credentialStatus": _status(random),
        "evidence": [{"type": [f"https://example.org/Evidence{number}"], "id": iri(random)} for number in (1, 2)],
        "termsOfUse": {"type": "https://example.org/Terms", "id": iri(random)},
        "relatedResource": {"id": iri(random), "digestMultibase": "uEiB", "mediaType": "text/plain"},
    }
    issuer: Json = iri(random) if random.random() < 0.5 else {"id": iri(random), "name": word(random)}
    return {"@context": [V2, *context], "issuer": issuer} | _some(random, common) | special


Special = tuple[list[Json], Object]


def _alumni(random: Random, contexts: dict[str, Object], name: float) -> Special:
    """With the vocabulary of the examples, which has `@vocab`."""

    def subject() -> Object:
        members: Object = {
            "id": iri(random),
            "alumniOf": {"id": iri(random), "name": [tagged(random), tagged(random)]},
            "degree": {"type": "ExampleBachelorDegree", "name": word(random)},
            "score": number(random),
            "deep": {"deeper": [{"leaf": word(random)}, {"leaf": word(random)}]},
            "spouse": {"name": word(random)},
        }
        return {"note": word(random)} | _some(random, members)

    subjects: Json = subject() if random.random() < 0.8 else [subject(), subject()]
    return [EXAMPLES], {"type": [CREDENTIAL, "ExampleAlumniCredential"], "credentialSubject": subjects}


def _resident(random: Random, contexts: dict[str, Object], name: float) -> Special:
    """With terms that depend on types."""
    card = {"type": ["PermanentResidentCard"], "lprCategory": "C09", "lprNumber": "999-999-999"}
    subject = {"type": ["PermanentResident", "Person"], "givenName": word(random), "birthDate": "1978-07-17"}
    subject |= _some(random, {"id": iri(random), "familyName": word(random), "permanentResidentCard": card})
    return [CITIZENSHIP], {"type": [CREDENTIAL, "PermanentResidentCardCredential"], "credentialSubject": subject}


def _own(random: Random, contexts: dict[str, Object], name: float) -> Special:
    """With a random context, in the document or registered under a URL."""
    terms = Terms(random)
    subject = terms.node() | {"ex:first": terms.node(), "ex:second": [terms.node(), terms.leaf()]}
    special = {"type": [CREDENTIAL, "ex:OwnCredential"], "credentialSubject": subject}
    if random.random() < 0.3:
        return [terms.context], special
    url = f"https://example.org/contexts/{name}"
    contexts[url] = {"@context": terms.context}
    return [url], special


def _status(random: Random) -> Object:
    return {
        "type": "BitstringStatusListEntry",
        "statusPurpose": random.choice(("revocation", "suspension")),
        "statusListIndex": str(random.randrange(131_072)),
        "statusListCredential": iri(random),
    }


def _some(random: Random, members: Object) -> Object:
    return {name: value for name, value in members.items() if random.random() < 0.4}
