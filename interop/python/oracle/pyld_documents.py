"""PyLD's expansion and canonicalisation against ours, on random credentials and presentations."""

import json
from collections import Counter

from pyld import jsonld
from pyld.jsonld import JsonLdError

from oracle.documents import Document, document
from oracle.graphs import XSD
from oracle.loader import Loader
from oracle.pyld_errors import Error, canonical, show
from shared.bridge import Bridge, Fault, Refused
from shared.tally import Tally

COUNT = 1_000
_EX = "https://example.org/ns#"
_IN_ENGLISH = {"@id": f"{_EX}a", "@context": {"@language": "en"}}
_DIRECTED = {"@value": "a", "@language": "en", "@direction": "ltr"}
_ENGLISH_ONCE = {"@language": "en", "@propagate": False}
_BY_ID = {"@id": f"{_EX}m", "@container": "@id"}
ERRORS = (
    Error(
        "a property-scoped context that defines its own property again is applied twice, where JSON-LD 1.1 API §5.1.2 "
        "steps 3 and 8 apply it once",
        {
            "@context": {"a": {"@id": f"{_EX}a", "@context": {"n": f"{_EX}n", "a": _IN_ENGLISH}}},
            "@id": "urn:s",
            "a": {"@id": "urn:t", "n": "text"},
        },
        f'<urn:s> <{_EX}a> <urn:t> .\n<urn:t> <{_EX}n> "text" .\n',
    ),
    Error(
        "`@language: null` in a context without a default language is a KeyError, where JSON-LD 1.1 API §4.1.2 step "
        "5.9.2 removes what may be there",
        {"@context": {"@language": None, "n": f"{_EX}n"}, "@id": "urn:s", "n": "text"},
        f'<urn:s> <{_EX}n> "text" .\n',
    ),
    Error(
        "texts that differ only in their direction are one value, where JSON-LD 1.1 API §7.2.2 adds each that is not "
        "equal",
        {"@id": "urn:s", f"{_EX}n": [{"@value": "a", "@language": "en"}, _DIRECTED]},
        f'<urn:s> <{_EX}n> "a"@en .\n<urn:s> <{_EX}n> "a"^^<https://www.w3.org/ns/i18n#en_ltr> .\n',
    ),
    Error(
        "a text of type xsd:double is rewritten, where JSON-LD 1.1 API §8.2.2 rewrites numbers only",
        {"@id": "urn:s", f"{_EX}n": {"@value": "7", "@type": f"{XSD}double"}},
        f'<urn:s> <{_EX}n> "7"^^<{XSD}double> .\n',
    ),
    Error(
        "a map by `@id` or `@type` in a context that ended is read in that context, where JSON-LD 1.1 API §5.1.2 step "
        "13.8.3.1 goes back to the one before",
        {
            "@context": {
                "p": {"@id": f"{_EX}p", "@context": {"m": _BY_ID, "n": f"{_EX}inner", "@propagate": False}},
                "n": f"{_EX}outer",
            },
            "@id": "urn:s",
            "p": {"@id": "urn:t", "m": {"urn:u": {"n": "text"}}},
        },
        f'<urn:s> <{_EX}p> <urn:t> .\n<urn:t> <{_EX}m> <urn:u> .\n<urn:u> <{_EX}outer> "text" .\n',
    ),
    Error(
        "what `@included` holds gets the property-scoped context of the property above, where JSON-LD 1.1 API §5.1.2 "
        "step 13.4.6.2 passes no property",
        {
            "@context": {"n": f"{_EX}n", "p": {"@id": f"{_EX}p", "@context": _ENGLISH_ONCE}},
            "@id": "urn:s",
            "p": {"@id": "urn:t", "@included": [{"@id": "urn:u", "n": "text"}]},
        },
        f'<urn:s> <{_EX}p> <urn:t> .\n<urn:u> <{_EX}n> "text" .\n',
    ),
)


def run(bridge: Bridge) -> Tally:
    """Compares both on the documents with the seeds from 0 on."""
    tally = Tally("PyLD", label="PyLD documents")
    for error in ERRORS:
        show(bridge, tally, error)
    loader = Loader()
    kinds: Counter[str] = Counter()
    for seed in range(COUNT):
        made = document(seed)
        loader.register(made.contexts)
        kinds[made.kind] += 1
        kinds["compiled"] += _compare(bridge, tally, f"seed {seed}", made, loader)
    tally.fact("seeds", f"0..{COUNT - 1}")
    tally.fact("documents", dict(kinds))
    return tally


def _compare(bridge: Bridge, tally: Tally, case: str, made: Document, loader: Loader) -> bool:
    """Whether our compiled contexts were enough."""
    shown = json.dumps({"document": made.members, "contexts": made.contexts}, ensure_ascii=False)
    try:
        ours = bridge.call("jsonld.canonicalize", document=made.members, contexts=made.contexts)
        theirs = _canonical(made, loader)
    except (Refused, Fault, JsonLdError) as error:
        tally.failure(case, f"{type(error).__name__}: {error}\n{shown}")
        return False
    if ours["nquads"] == theirs:
        tally.passed()
    else:
        mine, other = set(ours["nquads"].splitlines()), set(theirs.splitlines())
        tally.failure(case, f"ours only {sorted(mine - other)}\ntheirs only {sorted(other - mine)}\n{shown}")
    return bool(ours["compiled"])


def _canonical(made: Document, loader: Loader) -> str:
    dataset = jsonld.to_rdf(made.members, {"documentLoader": loader, "rdfDirection": "i18n-datatype"})
    return canonical(dataset)
