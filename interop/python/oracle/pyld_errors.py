"""What PyLD gets wrong, shown: for each error an input, and the answer by the specification.

What is random leaves these classes out. An error that is mended is a failure here, so that its class comes back in.
"""

from dataclasses import dataclass
from typing import Any

from pyld import jsonld
from pyld.canon import URDNA2015
from pyld.jsonld import JsonLdError
from pyld.nquads import parse_nquads

from shared.bridge import Bridge, Object
from shared.tally import Mismatch, Tally, equal


@dataclass(frozen=True)
class Error:
    """An error of PyLD."""

    reason: str
    given: str | Object
    """N-Quads, or a document that needs no loader."""
    right: str
    """The canonical N-Quads by the specification."""


def canonical(dataset: dict[str, Any]) -> str:
    """PyLD's canonical form of a dataset, which it changes."""
    text: str = URDNA2015().main(dataset, {"format": "application/n-quads"})
    return text


def show(bridge: Bridge, tally: Tally, error: Error) -> None:
    """Checks that we are right and PyLD is not, and names the error."""
    tally.unsupported(error.reason)
    tally.accepts(f"we do not share: {error.reason}", lambda: equal(_ours(bridge, error.given), error.right))
    tally.accepts(f"still wrong: {error.reason}", lambda: _is_wrong(error))


def _ours(bridge: Bridge, given: str | Object) -> object:
    if isinstance(given, str):
        return bridge.call("rdf.canonicalize", nquads=given)["nquads"]
    return bridge.call("jsonld.canonicalize", document=given)["nquads"]


def _is_wrong(error: Error) -> None:
    try:
        if isinstance(error.given, str):
            found = canonical(parse_nquads(error.given))
        else:
            found = canonical(jsonld.to_rdf(error.given, {"rdfDirection": "i18n-datatype"}))
    except (JsonLdError, KeyError):
        return
    if found == error.right:
        raise Mismatch("PyLD is right now: let the class in again")
