"""The state of the registry: a fold over the entries of a log (§3, §7, §8, §9)."""

import datetime
import re
from dataclasses import dataclass
from typing import Any

from reader import accreditations, dids, forms, keys, tree
from reader.accreditations import Register
from reader.dids import History
from reader.forms import Broken, check
from reader.keys import NoteKey

RIGHT_TO_ADMIT = "registry.admission"
STATUSES = ("active", "suspended", "ended", "revoked")
LIST = re.compile(r"https://[\x21-\x7e]*")


@dataclass
class Digest:
    """A version of a status list."""

    by: str
    list: str
    version: int
    sha256: str
    index: int
    time: int


@dataclass
class Person:
    """An admission."""

    index: int
    commitment: str
    by: str
    erased: bool = False


class Registry:
    """What the entries of a log make, so far."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.root: str | None = None
        self.key: NoteKey | None = None
        self.heads: NoteKey | None = None
        # Bytes of the keys that the log has ever named as its own.
        self._own: set[bytes] = set()
        # (index, rule) of each entry that changed nothing.
        self.invalid: list[tuple[int, str]] = []
        self._key_changes = 0
        self._time = 0
        self._dids: dict[str, History] = {}
        self._accreditations = Register(self._voids)
        self._digests: list[Digest] = []
        self._persons: list[Person] = []

    def apply(self, index: int, entry: bytes) -> None:
        """Enters an entry, or notes that it is invalid (TLOG-47)."""
        try:
            self._time = self._apply(index, entry)
        except Broken as broken:
            self.invalid.append((index, str(broken)))

    def _apply(self, index: int, entry: bytes) -> int:
        try:
            value = forms.parse_json(entry)
            check(forms.jcs(value) == entry, "TLOG-22")
            forms.check_members(value, ("op", "time", "v"), (), "TLOG-22")
        except (ValueError, RecursionError) as error:
            raise Broken("TLOG-22") from error
        operation = value["op"]
        check(value["v"] == 1 and value["v"] is not True and isinstance(operation, dict), "TLOG-22")
        now = forms.parse_time(value["time"], "TLOG-22")
        check(index == 0 or now >= self._time, "TLOG-23")
        check(len(forms.jcs(operation)) <= 65_000, "TLOG-20")
        check(operation.get("log") == self.origin, "TLOG-04")
        kind = operation.get("type")
        check((kind == "log") == (index == 0), "TLOG-21")
        if kind == "log":
            self._open(operation)
            return now
        if self.root is None:
            raise Broken("TLOG-21")
        self._operate(kind, operation, self.root, index, now)
        return now

    def _operate(self, kind: Any, operation: dict[str, Any], root: str, index: int, now: int) -> None:
        match kind:
            case "did":
                self._did(operation, index, now)
            case "accreditation":
                self._grant(operation, root, index, now)
            case "accreditation-status":
                self._change(operation, index, now)
            case "status-list":
                self._digest(operation, index, now)
            case "person":
                self._admit(operation, root, index, now)
            case "person-erasure":
                self._erase(operation, root, now)
            case "log-keys":
                self._change_keys(operation)
            case _:
                raise Broken("TLOG-03")

    def _voids(self, did: str, index: int) -> bool:
        return did in self._dids and self._dids[did].voids(index)

    # The log itself

    def _open(self, operation: dict[str, Any]) -> None:
        forms.check_members(operation, ("type", "log", "root"), ("key", "heads"), "TLOG-03")
        check(forms.is_text(operation["root"], forms.DID), "TLOG-03")
        key, heads = self._named_keys(operation, "TLOG-03")
        check(key is None or heads is None or key.data != heads.data, "TLOG-38")
        self.root, self.key, self.heads = operation["root"], key, heads
        self._own = {named.data for named in (key, heads) if named}

    def _named_keys(self, operation: dict[str, Any], rule: str) -> tuple[NoteKey | None, NoteKey | None]:
        key = keys.parse_note_key(operation["key"], rule) if "key" in operation else None
        heads = keys.parse_note_key(operation["heads"], rule) if "heads" in operation else None
        check(key is None or key.name == self.origin, rule)
        check(heads is None or heads.name == self.origin + "/heads", rule)
        return key, heads

    def _change_keys(self, operation: dict[str, Any]) -> None:
        forms.check_members(operation, ("type", "log", "version", "signatures"), ("key", "heads"), "TLOG-03")
        check(forms.is_number(operation["version"]) and forms.is_list(operation["signatures"], 3), "TLOG-03")
        check(all(map(keys.is_signature_line, operation["signatures"])), "TLOG-03")
        key, heads = self._named_keys(operation, "TLOG-40")
        if self.key is None:
            raise Broken("TLOG-40")
        new = [named for named in (key, heads) if named and named not in (self.key, self.heads)]
        check(bool(new), "TLOG-40")
        check(operation["version"] == self._key_changes + 1 <= 100, "TLOG-40")
        content = {name: operation[name] for name in operation if name != "signatures"}
        text = b"did:tlog keys 1\n" + forms.jcs(content) + b"\n"
        _check_signed(list(dict.fromkeys(named for named in (self.key, key, heads) if named)), operation, text)
        check(not self._own & {named.data for named in new}, "TLOG-38")
        next_key, next_heads = key or self.key, heads or self.heads
        check(next_heads is None or next_key.data != next_heads.data, "TLOG-38")
        self.key, self.heads = next_key, next_heads
        self._own |= {named.data for named in new}
        self._key_changes += 1

    # DIDs

    def _did(self, operation: dict[str, Any], index: int, now: int) -> None:
        did = operation.get("did")
        histories = {did: self._copy(did)} if isinstance(did, str) and did in self._dids else {}
        version = dids.apply(histories, operation, index, now)
        check(not _keys_of(version) & self._own, "TLOG-38")
        self._dids |= histories

    def _copy(self, did: str) -> History:
        old = self._dids[did]
        return History(list(old.versions), set(old.shown), list(old.spans))

    def _check_authority(self, operation: dict[str, Any], now: int, rule: str) -> None:
        """The proof is by an assertion key that `by` has now (Appendix A)."""
        proof = keys.parse_proof(operation, now)
        by = operation["by"]
        check(isinstance(by, str), "TLOG-03")
        history = self._dids.get(by)
        if history is None:
            raise Broken(rule)
        document, name = history.versions[-1].document, proof["verificationMethod"]
        check(name in document.assertion, rule)
        method = document.methods[name]
        check(method.revoked is None, rule)
        keys.check_proof(operation, method.key)

    # Accreditations and status lists

    def _grant(self, operation: dict[str, Any], root: str, index: int, now: int) -> None:
        required = ("type", "id", "by", "subject", "name", "grant", "validFrom", "log", "proof")
        forms.check_members(operation, required, ("validUntil",), "TLOG-03")
        check(len(forms.jcs(operation)) <= 8_192, "ACC-15")
        for name in ("by", "subject"):
            check(forms.is_text(operation[name], forms.DID_TLOG), "TLOG-03")
        accreditations.check_name(operation["name"])
        accreditations.parse_grant(operation["grant"])
        content = {name: operation[name] for name in operation if name not in ("id", "proof")}
        check(operation["id"] == forms.hash_text(forms.jcs(content)), "ACC-01")
        self._check_authority(operation, now, "ACC-02")
        self._accreditations.grant(operation, root, index, now)

    def _change(self, operation: dict[str, Any], index: int, now: int) -> None:
        forms.check_members(
            operation, ("type", "accreditation", "version", "status", "by", "log", "proof"), (), "TLOG-03"
        )
        check(len(forms.jcs(operation)) <= 8_192, "ACC-15")
        check(forms.is_text(operation["accreditation"], forms.HASH), "TLOG-03")
        check(forms.is_number(operation["version"]) and operation["status"] in STATUSES, "TLOG-03")
        self._check_authority(operation, now, "ACC-02")
        self._accreditations.change(operation, index, now)

    def _digest(self, operation: dict[str, Any], index: int, now: int) -> None:
        required = ("type", "list", "version", "sha256", "iat", "ttl", "by", "log", "proof")
        forms.check_members(operation, required, (), "TLOG-03")
        check(forms.is_text(operation["list"], LIST, 512), "TLOG-03")
        check(forms.is_number(operation["version"]) and forms.is_number(operation["ttl"]), "TLOG-03")
        forms.parse_time(operation["iat"], "TLOG-03")
        check(_is_sha256(operation["sha256"]), "TLOG-03")
        self._check_authority(operation, now, "ACC-20")
        by, url, number = operation["by"], operation["list"], operation["version"]
        used = sum((item.by, item.list) == (by, url) for item in self._digests)
        check(number == used + 1, "ACC-21")
        self._digests.append(Digest(by, url, number, operation["sha256"], index, now))

    # Persons

    def _admit(self, operation: dict[str, Any], root: str, index: int, now: int) -> None:
        forms.check_members(operation, ("type", "by", "commitment", "log", "proof"), (), "TLOG-03")
        by, commitment = operation["by"], operation["commitment"]
        check(_is_sha256(commitment), "TLOG-41")
        self._check_authority(operation, now, "TLOG-42")
        check(by == root or self._accreditations.has_service(by, RIGHT_TO_ADMIT, root, now), "TLOG-42")
        check(all(person.commitment != commitment for person in self._persons), "TLOG-43")
        self._persons.append(Person(index, commitment, by))

    def _erase(self, operation: dict[str, Any], root: str, now: int) -> None:
        forms.check_members(operation, ("type", "by", "entry", "log", "proof"), (), "TLOG-03")
        by, entry = operation["by"], operation["entry"]
        check(forms.is_number(entry), "TLOG-03")
        self._check_authority(operation, now, "TLOG-42")
        for person in self._persons:
            if person.index == entry:
                check(by in (root, person.by), "TLOG-42")
                check(not person.erased, "TLOG-44")
                person.erased = True
                return
        raise Broken("TLOG-44")

    # The state root

    def lines(self) -> list[bytes]:
        """The lines that the state root stands for, sorted (§3.3)."""
        lines: list[dict[str, Any]] = []
        if self.root is not None:
            key, heads = (named.text if named else None for named in (self.key, self.heads))
            lines.append({"type": "log", "root": self.root, "key": key, "heads": heads})
        for did, history in self._dids.items():
            last = history.versions[-1]
            line = {"type": "did", "did": did, "versionId": last.id, "index": last.index, "time": _text(last.time)}
            line |= {"deactivated": last.deactivated, "updateKeys": last.update}
            lines.append(line | {"nextKeyHashes": last.next, "recoveryKeys": last.recovery})
        for item in self._accreditations.counting():
            changes = [
                {"index": change.index, "time": _text(change.time), "status": change.status}
                for change in self._accreditations.changes(item)
            ]
            line = {"type": "accreditation", "id": item.id, "by": item.by, "subject": item.subject}
            lines.append(line | {"index": item.index, "time": _text(item.time), "changes": changes})
        newest = {(item.by, item.list): item for item in self._digests if not self._voids(item.by, item.index)}
        for digest in newest.values():
            line = {"type": "status-list", "by": digest.by, "list": digest.list, "version": digest.version}
            lines.append(line | {"sha256": digest.sha256, "index": digest.index, "time": _text(digest.time)})
        for person in self._persons:
            if not self._voids(person.by, person.index):
                line = {"type": "person", "index": person.index, "commitment": person.commitment}
                lines.append(line | {"by": person.by, "erased": person.erased})
        return sorted(map(forms.jcs, lines))

    def state_root(self) -> bytes:
        """The one hash that stands for the state."""
        return tree.root([tree.leaf(line) for line in self.lines()])


def _keys_of(version: dids.Version) -> set[bytes]:
    listed = {keys.parse_multikey(text, "TLOG-16").data for text in version.update + version.recovery}
    return listed | {method.key.data for method in version.document.methods.values()}


def _check_signed(signers: list[NoteKey], operation: dict[str, Any], text: bytes) -> None:
    """There is one line by each of these keys, in this order, and no other."""
    lines = operation["signatures"]
    check(len(lines) == len(signers), "TLOG-40")
    for key, line in zip(signers, lines, strict=True):
        signature = key.signature(line)
        check(signature is not None and key.key().verify(signature, text), "TLOG-40")


def _is_sha256(value: Any) -> bool:
    try:
        return len(forms.from_base64url(value)) == 32
    except ValueError:
        return False


def _text(seconds: int) -> str:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
