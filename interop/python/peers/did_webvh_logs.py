"""How `did-webvh` writes and resolves logs, without its stores and its web client."""

import asyncio
import json
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from did_webvh.askar import AskarSigningKey
from did_webvh.core.proof import di_jcs_sign
from did_webvh.core.resolver import DidResolver, LocalHistoryResolver
from did_webvh.core.state import DocumentState
from did_webvh.history import did_base_url, update_document_state
from did_webvh.provision import genesis_document, provision_did
from did_webvh.resolver import extend_document_services
from did_webvh.verify import WebvhVerifier

from shared.bridge import Json, Object
from shared.keys import Jwk, private_jwk


class Rejected(Exception):
    """The peer's resolver answered with an error."""


def key(name: str) -> AskarSigningKey:
    """The key of a name; the bridge takes the same as a JWK. That of `p256` is on P-256, others on Ed25519."""
    return AskarSigningKey.from_jwk(json.dumps(jwk(name)))


def jwk(name: str) -> Jwk:
    """The private key of a name."""
    return private_jwk("P-256" if name == "p256" else "Ed25519", f"webvh {name}")


@dataclass
class Log:
    """A log, and the proofs of its witnesses."""

    did: str
    text: str
    witness: str | None = None

    def lines(self) -> list[Object]:
        """The entries."""
        return [json.loads(line) for line in self.text.splitlines()]


@dataclass
class Writer:
    """Writes a log with the peer's functions."""

    states: list[DocumentState] = field(default_factory=list)
    witness_proofs: list[Json] = field(default_factory=list)

    @classmethod
    def create(cls, place: str, signer: str, at: str, following: str | None = None, **parameters: Json) -> "Writer":
        """A log of one entry; `following` announces a key."""
        update_key = key(signer)
        parameters["updateKeys"] = [str(update_key.multikey)]
        document = genesis_document(f"did:webvh:{{SCID}}:{place}")
        if following is not None:
            # The hash needs no state, but the function that makes it is one of a state's.
            state = provision_did(document, params=dict(parameters), timestamp=at)
            parameters["nextKeyHashes"] = [state.generate_next_key_hash(str(key(following).multikey))]
        state = provision_did(document, params=parameters, timestamp=at)
        state.sign(update_key, timestamp=state.timestamp)
        return cls([state])

    @classmethod
    def resume(cls, log: Log) -> "Writer":
        """Goes on with a log that somebody wrote."""
        states: list[DocumentState] = []
        for line in log.text.splitlines():
            states.append(DocumentState.load_history_json(line, states[-1] if states else None))
        return cls(states)

    def document(self) -> Object:
        """A copy of the newest document."""
        copy: Object = self.states[-1].document_copy()
        return copy

    def update(
        self, signer: str, at: str, document: Object | None = None, following: str | None = None, **parameters: Json
    ) -> "Writer":
        """Adds an entry. `following` announces a key."""
        last = self.states[-1]
        if following is not None:
            parameters["nextKeyHashes"] = [last.generate_next_key_hash(str(key(following).multikey))]
        self.states.append(update_document_state(last, key(signer), document, parameters, at))
        return self

    def witnessed(self, *witnesses: str) -> "Writer":
        """Adds the witnesses' proofs of the newest entry."""
        subject = {"versionId": self.states[-1].version_id}
        proofs = [di_jcs_sign(subject, key(name)) for name in witnesses]
        self.witness_proofs.append({**subject, "proof": proofs})
        return self

    def log(self) -> Log:
        """What was written."""
        text = "".join(f"{state.history_json()}\n" for state in self.states)
        return Log(self.states[-1].document_id, text, json.dumps(self.witness_proofs) if self.witness_proofs else None)


def witness_rule(threshold: int, *witnesses: str) -> Object:
    """A value of the parameter `witness`."""
    return {
        "threshold": threshold,
        "witnesses": [{"id": f"did:key:{key(name).multikey}"} for name in witnesses],
    }


def resolve(log: Log, **query: str | int) -> tuple[Object, Object]:
    """The document and metadata by the peer's resolver. Raises `Rejected`."""
    with TemporaryDirectory() as folder:
        entries, witnesses = Path(folder, "did.jsonl"), Path(folder, "did-witness.json")
        entries.write_text(log.text)
        if log.witness is not None:
            witnesses.write_text(log.witness)
        source = LocalHistoryResolver(entries, witnesses if log.witness is not None else None)
        resolver = DidResolver(WebvhVerifier(enforce_future_skew=True))
        result = asyncio.run(resolver.resolve(log.did, source, **query)).serialize()
    if result["didDocument"] is None:
        raise Rejected(json.dumps(result["didResolutionMetadata"]))
    extend_document_services(result["didDocument"], did_base_url(log.did, files=True))
    return result["didDocument"], result["didDocumentMetadata"]
