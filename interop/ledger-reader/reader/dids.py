"""Operations on DIDs: create, update, rotate, deactivate, recover (§4)."""

from dataclasses import dataclass, field, replace
from typing import Any

from reader import document, forms, keys
from reader.document import Document
from reader.forms import Broken, check

WINDOW = 259_200
HEAVIEST = 12 << 20
HEAVIEST_RECOVERED = 14 << 20


@dataclass(frozen=True)
class Version:
    """A version of a DID with what is in force after it."""

    id: str
    index: int
    time: int
    signer: str
    document: Document
    update: list[str]
    next: list[str]
    recovery: list[str]
    deactivated: bool
    # Its own, in bytes (§4.3), and whether versions were set aside by it.
    weight: int
    sets_aside: bool


@dataclass
class History:
    """A DID: its versions without those set aside, and what its entries have shown."""

    versions: list[Version] = field(default_factory=list)
    # Multihash texts of the keys that any version listed, those set aside too.
    shown: set[str] = field(default_factory=set)
    # First and last entry of each span in which what the DID signed counts for nothing.
    spans: list[tuple[int, int]] = field(default_factory=list)

    def voids(self, index: int) -> bool:
        """Whether what the DID signed in this entry counts for nothing."""
        return any(first <= index < last for first, last in self.spans)


def apply(histories: dict[str, History], operation: dict[str, Any], index: int, now: int) -> Version:
    """Checks an operation on a DID and enters it."""
    required = ("type", "did", "versionId", "log", "parameters", "document", "proof")
    forms.check_members(operation, required, (), "TLOG-03")
    did, version_id, parameters = operation["did"], operation["versionId"], operation["parameters"]
    check(forms.is_text(did, forms.DID_TLOG), "TLOG-03")
    match = forms.VERSION_ID.fullmatch(version_id) if isinstance(version_id, str) else None
    if match is None:
        raise Broken("TLOG-03")
    number = int(match[1])
    check(number <= 10_000, "TLOG-19")
    forms.check_members(parameters, (), ("updateKeys", "nextKeyHashes", "recoveryKeys", "deactivated"), "TLOG-03")
    _check_parameters(parameters)
    proof = keys.parse_proof(operation, now)
    signer = proof["verificationMethod"].removeprefix("did:key:").partition("#")[0]
    check(proof["verificationMethod"] == f"did:key:{signer}#{signer}", "TLOG-11")
    keys.check_proof(operation, keys.parse_multikey(signer, "TLOG-11"))

    history = histories.get(did, History())
    check(bool(history.versions) or number == 1, "TLOG-09")
    check(number <= len(history.versions) + 1, "TLOG-07")
    aside = history.versions[number - 1 :]
    before = history.versions[number - 2] if number > 1 else None
    is_recovery = before is not None and signer in before.recovery
    if aside:
        check(is_recovery, "TLOG-08")
    if before is not None:
        check(not before.deactivated, "TLOG-10")
    _check_hashes(operation, did, before.id if before else None, match[2])
    new = document.parse(operation["document"], did)
    weight = _weigh(forms.jcs(operation))
    entered = Version(version_id, index, now, signer, new, [], [], [], False, weight, bool(aside))
    version = _succeed(before, parameters, entered)
    if before is None:
        check(signer in version.update, "TLOG-12")
    elif is_recovery:
        check(version.deactivated or {"updateKeys", "nextKeyHashes"} <= parameters.keys(), "TLOG-26")
        if aside:
            _check_setting_aside(history.versions[: number - 1], aside, signer, now)
    else:
        _check_update(before, parameters, version)
    if version.deactivated:
        check(before is not None and new.is_empty, "TLOG-18")
    elif before is not None:
        document.check_succession(before.document, new)
    listed = {forms.hash_text(key.encode()) for key in version.update + version.recovery}
    check(not (history.shown | listed) & set(version.next), "TLOG-15")
    total = weight + sum(kept.weight for kept in history.versions[: number - 1])
    check(version.deactivated or total <= (HEAVIEST_RECOVERED if is_recovery else HEAVIEST), "TLOG-49")

    if aside:
        history.spans.append((aside[0].index, index))
    history.versions[number - 1 :] = [version]
    history.shown |= listed
    histories[did] = history
    return version


def _check_parameters(parameters: dict[str, Any]) -> None:
    for name in ("updateKeys", "recoveryKeys"):
        listed = parameters.get(name, [])
        check(forms.is_list(listed, 16), "TLOG-16")
        for key in listed:
            keys.parse_multikey(key, "TLOG-16")
        check(len(set(listed)) == len(listed), "TLOG-16")
    announced = parameters.get("nextKeyHashes", [])
    check(forms.is_list(announced, 16), "TLOG-03")
    check(all(forms.is_text(text, forms.HASH) and _is_hash(text) for text in announced), "TLOG-03")
    check(len(set(announced)) == len(announced), "TLOG-03")
    if "deactivated" in parameters:
        check(parameters["deactivated"] is True, "TLOG-03")
        check(parameters.get("updateKeys") == [] and not announced, "TLOG-18")
        check("recoveryKeys" not in parameters, "TLOG-18")


def _is_hash(text: str) -> bool:
    data = forms.from_base58(text[1:])
    return len(data) == 34 and data.startswith(b"\x12\x20")


def _check_hashes(operation: dict[str, Any], did: str, before: str | None, entry_hash: str) -> None:
    content = {name: operation[name] for name in operation if name != "proof"}
    if before is None:
        scid = did.removeprefix("did:tlog:")
        template = forms.jcs(content | {"versionId": "{SCID}"}).replace(scid.encode(), b"{SCID}")
        check(forms.hash_text(template) == scid, "TLOG-05")
        before = scid
    check(forms.hash_text(forms.jcs(content | {"versionId": before})) == entry_hash, "TLOG-06")


def _succeed(before: Version | None, parameters: dict[str, Any], version: Version) -> Version:
    """The version with the keys in force after it."""
    update = parameters.get("updateKeys", before.update if before else [])
    announced = parameters.get("nextKeyHashes", before.next if before else [])
    recovery = parameters.get("recoveryKeys", before.recovery if before else [])
    deactivated = "deactivated" in parameters
    check(bool(update) or deactivated, "TLOG-16")
    check(not set(update) & set(recovery), "TLOG-16")
    if deactivated:
        announced = []
    return replace(version, update=update, next=announced, recovery=recovery, deactivated=deactivated)


def _check_update(before: Version, parameters: dict[str, Any], version: Version) -> None:
    check(not before.recovery or "recoveryKeys" not in parameters, "TLOG-29")
    if not before.next:
        check(version.signer in before.update, "TLOG-12")
        return
    if version.deactivated:
        check(forms.hash_text(version.signer.encode()) in before.next, "TLOG-12")
        return
    check({"updateKeys", "nextKeyHashes"} <= parameters.keys(), "TLOG-13")
    check(all(forms.hash_text(key.encode()) in before.next for key in version.update), "TLOG-14")
    check(version.signer in version.update, "TLOG-12")


def _check_setting_aside(kept: list[Version], aside: list[Version], signer: str, now: int) -> None:
    check(now - aside[0].time <= WINDOW, "TLOG-27")
    check(sum(version.sets_aside for version in kept) < 256, "TLOG-30")
    recovery = kept[-1].recovery
    above = recovery[: recovery.index(signer) + 1]
    check(all(version.signer not in above for version in aside), "TLOG-28")


def _weigh(operation: bytes) -> int:
    """How much a version adds to the text of a proof at most (§4.3)."""
    return len(operation) + operation.count(b'"') + operation.count(b"\\") + 2_048
