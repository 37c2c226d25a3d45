"""Writes logs: keys, signed operations, entries, static exports. All keys come from names and are public knowledge."""

import base64
import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from reader import forms, keys, tree
from reader.document import CONTEXTS

ORIGIN = "ledger.example/2026"
START = 1_795_219_200  # 2026-11-21T00:00:00Z
Operation = dict[str, Any]


def text_of(seconds: int) -> str:
    """A time (Appendix A)."""
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Signer:
    """A key pair made from a name: `ed` (Ed25519), `p256`, `p384` or `ml` (ML-DSA-44)."""

    def __init__(self, name: str, kind: str = "ed") -> None:
        seed = forms.sha256(name.encode())
        self.kind = {"ed": keys.ED25519, "p256": keys.P256, "p384": keys.P384, "ml": keys.MLDSA44}[kind]
        self._private: Any
        raw = (Encoding.Raw, PublicFormat.Raw)
        if kind == "ed":
            self._private = ed25519.Ed25519PrivateKey.from_private_bytes(seed)
        elif kind == "ml":
            self._private = mldsa.MLDSA44PrivateKey.from_seed_bytes(seed)
        else:
            curve = ec.SECP256R1() if kind == "p256" else ec.SECP384R1()
            self._private = ec.derive_private_key(int.from_bytes(seed[:31]), curve)
            raw = (Encoding.X962, PublicFormat.CompressedPoint)
        self.data: bytes = self._private.public_key().public_bytes(*raw)
        self.multikey = "z" + forms.to_base58(self.kind.prefix + self.data)
        self.announced = forms.hash_text(self.multikey.encode())

    def sign(self, message: bytes) -> bytes:
        """A signature in the form of the suite."""
        if self.kind in (keys.P256, keys.P384):
            digest = hashes.SHA256() if self.kind is keys.P256 else hashes.SHA384()
            half = len(self.data) - 1
            numbers = decode_dss_signature(self._private.sign(message, ec.ECDSA(digest)))
            return b"".join(number.to_bytes(half) for number in numbers)
        return bytes(self._private.sign(message))

    def note_key(self, name: str) -> str:
        """The verifier key of signed-note of that name."""
        return f"{name}+{self._note_id(name).hex()}+{base64.b64encode(bytes([1]) + self.data).decode()}"

    def note_line(self, name: str, text: bytes) -> str:
        """A signature line of signed-note."""
        return f"— {name} {base64.b64encode(self._note_id(name) + self.sign(text)).decode()}"

    def _note_id(self, name: str) -> bytes:
        return forms.sha256(name.encode(), b"\n\1", self.data)[:4]

    def prove(self, operation: Operation, method: str | None = None, **options: Any) -> Operation:
        """The operation with a proof by this key; `options` replace members of the proof."""
        proof = {
            "type": "DataIntegrityProof",
            "cryptosuite": self.kind.suite,
            "proofPurpose": "assertionMethod",
            "verificationMethod": method or f"did:key:{self.multikey}#{self.multikey}",
        } | options
        digest = hashes.SHA384() if self.kind is keys.P384 else hashes.SHA256()
        message = b""
        for part in (proof, {name: operation[name] for name in operation if name != "proof"}):
            state = hashes.Hash(digest)
            state.update(forms.jcs(part))
            message += state.finalize()
        signature = self.sign(message)
        encode = forms.to_base58 if self.kind.encoding == "z" else forms.to_base64url
        return operation | {"proof": proof | {"proofValue": self.kind.encoding + encode(signature)}}


class Did:
    """A DID as its controller knows it: the ids of its versions, its document's methods."""

    def __init__(self, name: str, update: Signer, **parameters: Any) -> None:
        self.update = update
        self.method = Signer(f"{name} method")
        self.parameters = {"updateKeys": [update.multikey]} | parameters
        unsigned = self.operation(self.parameters, "{SCID}") | {"versionId": "{SCID}"}
        scid = forms.hash_text(forms.jcs(unsigned))
        self.id = f"did:tlog:{scid}"
        content = forms.parse_json(forms.jcs(unsigned).replace(b"{SCID}", scid.encode()))
        self.versions = [f"1-{forms.hash_text(forms.jcs(content))}"]
        self.created = update.prove(content | {"versionId": self.versions[0]})

    def method_id(self) -> str:
        """The id of the document's one method."""
        return f"{self.id}#key"

    def document(self, did: str) -> Operation:
        """The document with its one method."""
        method = {"id": f"{did}#key", "type": "Multikey", "controller": did, "publicKeyMultibase": self.method.multikey}
        return {
            "@context": CONTEXTS,
            "id": did,
            "verificationMethod": [method],
            "assertionMethod": [f"{did}#key"],
        }

    def operation(self, parameters: Operation, scid: str = "") -> Operation:
        """An operation with the usual document, without version and proof."""
        did = f"did:tlog:{scid}" if scid else self.id
        document = self.document(did)
        if parameters.get("deactivated"):
            document = {"@context": CONTEXTS, "id": did}
        return {"type": "did", "did": did, "log": ORIGIN, "parameters": parameters, "document": document}

    def version(
        self, signer: Signer, parameters: Operation, after: int | None = None, **members: Any
    ) -> Operation:
        """A version that follows the `after`-th, or the newest; `members` replace those of the operation."""
        after = len(self.versions) if after is None else after
        content = self.operation(parameters) | members
        hashed = forms.hash_text(forms.jcs(content | {"versionId": self.versions[after - 1]}))
        content["versionId"] = f"{after + 1}-{hashed}"
        self.versions[after:] = [content["versionId"]]
        return signer.prove(content)

    def sign(self, operation: Operation, **options: Any) -> Operation:
        """A statement `by` this DID, signed with its document's key."""
        return self.method.prove({"by": self.id, "log": ORIGIN} | operation, self.method_id(), **options)

    def grant(self, subject: str, grant: Operation, begins: int, **members: Any) -> Operation:
        """An accreditation."""
        content = {
            "type": "accreditation",
            "subject": subject,
            "name": {"ko": "기관", "en": "Organisation"},
            "grant": grant,
            "validFrom": text_of(begins),
            "by": self.id,
            "log": ORIGIN,
        } | members
        return self.sign({"id": forms.hash_text(forms.jcs(content))} | content)

    def status(self, accreditation: Operation, version: int, status: str) -> Operation:
        """A change of the status of an accreditation."""
        name = accreditation["id"]
        members = {"accreditation": name, "version": version, "status": status}
        return self.sign({"type": "accreditation-status"} | members)

    def digest(self, url: str, version: int) -> Operation:
        """A status digest."""
        content = {"list": url, "version": version, "sha256": "B" * 42 + "A", "iat": text_of(START), "ttl": 900}
        return self.sign({"type": "status-list"} | content)

    def admit(self, person: str) -> Operation:
        """An admission."""
        return self.sign({"type": "person", "commitment": forms.to_base64url(forms.sha256(person.encode()))})

    def erase(self, entry: int) -> Operation:
        """An erasure."""
        return self.sign({"type": "person-erasure", "entry": entry})


class Log:
    """Entries, their time, and the key that signs the checkpoint."""

    def __init__(self) -> None:
        self.key = Signer("log key")
        self.heads = Signer("heads key")
        self.entries: list[bytes] = []
        self.labels: list[str] = []
        self.now = START

    def open(self, root: str, **members: Any) -> None:
        """Entry 0."""
        keys_of_log = {"key": self.key.note_key(ORIGIN), "heads": self.heads.note_key(f"{ORIGIN}/heads")}
        self.add("opening", {"type": "log", "log": ORIGIN, "root": root} | (members or keys_of_log))

    def add(self, label: str, operation: Any, seconds: int = 60) -> int:
        """Appends an operation that many seconds after the last one, whatever it is; returns its index."""
        self.now += seconds
        return self.add_raw(label, forms.jcs({"op": operation, "time": text_of(self.now), "v": 1}))

    def add_raw(self, label: str, entry: bytes) -> int:
        """Appends these bytes."""
        self.entries.append(entry)
        self.labels.append(label)
        return len(self.entries) - 1

    def change_keys(self, version: int, signers: list[tuple[Signer, str]], **members: Any) -> Operation:
        """A change of the log's keys, signed by these keys under these names."""
        content = {"type": "log-keys", "log": ORIGIN, "version": version} | members
        text = b"did:tlog keys 1\n" + forms.jcs(content) + b"\n"
        return content | {"signatures": [signer.note_line(name, text) for signer, name in signers]}

    def checkpoint(self, *signers: Signer) -> bytes:
        """The checkpoint of all entries."""
        head = base64.b64encode(tree.root([tree.leaf(entry) for entry in self.entries])).decode()
        text = f"{ORIGIN}\n{len(self.entries)}\n{head}\n"
        lines = [signer.note_line(ORIGIN, text.encode()) for signer in signers or [self.key]]
        return "\n".join([text, *lines, ""]).encode()

    def export(self, folder: Path, *signers: Signer) -> str:
        """Writes a static export; returns the log's verifier key."""
        for path, data in (tree.tiles(self.entries) | {"checkpoint": self.checkpoint(*signers)}).items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
        return self.key.note_key(ORIGIN)
