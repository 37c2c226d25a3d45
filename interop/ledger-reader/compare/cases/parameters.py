"""DIDs: the parameters, announcements and numbers of versions, and their proofs."""

from typing import Any

from compare.cases.operations import OWN, X25519, multikeys
from compare.cases.world import Cases, World
from compare.writer import START, Did, Signer, text_of
from reader import forms
from reader.document import CONTEXTS

CASES = Cases()


def _parameters(world: World, label: str, parameters: Any) -> None:
    world.update(label, world.issuer, **parameters)
    world.update("next", world.issuer, Signer("u1") if label[0] == "+" else None)


CASES.variants(
    "parameters",
    {
        "none": {},
        "+new key": {"updateKeys": multikeys("u1")},
        "key kept": {"updateKeys": multikeys("issuer update")},
        "16 keys": {"updateKeys": multikeys("issuer update", *(f"u{n}" for n in range(15)))},
        "!17 keys": {"updateKeys": multikeys("issuer update", *(f"u{n}" for n in range(16)))},
        "!key twice": {"updateKeys": [OWN.multikey] * 2},
        "!no key": {"updateKeys": []},
        "!null": {"updateKeys": None},
        "!X25519": {"updateKeys": [OWN.multikey, X25519]},
        "!no point": {"updateKeys": [OWN.multikey, "z" + forms.to_base58(b"\x80\x24\x02" + b"\xff" * 32)]},
        "!uncompressed": {"updateKeys": [OWN.multikey, "z" + forms.to_base58(b"\x80\x24\x04" + bytes(64))]},
        "!base64url": {"updateKeys": [OWN.multikey, "u" + forms.to_base64url(b"\xed\x01" + OWN.data)]},
        "!unknown": {"updateKeys": [OWN.multikey], "more": 1},
        "!deactivated false": {"deactivated": False},
        "recovery keys": {"recoveryKeys": multikeys("r1", "r2")},
        "no recovery keys": {"recoveryKeys": []},
        "!recovery key twice": {"recoveryKeys": multikeys("r1", "r1")},
        "!recovery key is an update key": {"recoveryKeys": [OWN.multikey]},
        "no announcement": {"nextKeyHashes": []},
        "!announcement of the key": {"nextKeyHashes": [OWN.announced]},
        "!announcement of a recovery key": {"recoveryKeys": multikeys("r1"), "nextKeyHashes": [Signer("r1").announced]},
        "!announcement none": {"nextKeyHashes": ["x"]},
        "!announcement of another length": {"nextKeyHashes": ["z" + forms.to_base58(b"\x12\x1f" + bytes(31))]},
        "!17 announcements": {"nextKeyHashes": [Signer(f"n{n}").announced for n in range(17)]},
        "!deactivated with keys": {"deactivated": True, "updateKeys": [OWN.multikey]},
        "!deactivated without keys": {"deactivated": True},
    },
    _parameters,
)


@CASES.case
def announcement_twice(world: World) -> None:
    world.update("?twice", world.issuer, nextKeyHashes=[Signer("n").announced] * 2)


@CASES.case
def an_announcement_binds(world: World) -> None:
    did = world.issuer
    world.update("announce", did, nextKeyHashes=[Signer("n1").announced, Signer("n2").announced])
    world.update("!omitted", did, Signer("n1"))
    world.update("!announcements omitted", did, Signer("n1"), updateKeys=multikeys("n1"))
    world.update("!old key", did, updateKeys=multikeys("n1"), nextKeyHashes=[])
    world.update("!stranger", did, Signer("n1"), updateKeys=multikeys("n1", "x"), nextKeyHashes=[])
    world.update("!not listed", did, Signer("n2"), updateKeys=multikeys("n1"), nextKeyHashes=[])
    world.update("!shown", did, Signer("n1"), updateKeys=multikeys("n1"), nextKeyHashes=[OWN.announced])
    world.update("again", did, Signer("n1"), updateKeys=multikeys("n1"), nextKeyHashes=[Signer("n2").announced])
    world.update("!dead by old", did, Signer("n1"), deactivated=True, updateKeys=[], nextKeyHashes=[])
    world.update("dead", did, Signer("n2"), deactivated=True, updateKeys=[], nextKeyHashes=[])
    world.update("!after", did, Signer("n2"))


@CASES.case
def deactivation_after_an_announcement_without_list(world: World) -> None:
    world.update("announce", world.issuer, nextKeyHashes=[Signer("n1").announced])
    world.update("dead", world.issuer, Signer("n1"), deactivated=True, updateKeys=[])


@CASES.case
def deactivation_that_lists_recovery_keys(world: World) -> None:
    world.update("?dead", world.issuer, deactivated=True, updateKeys=[], recoveryKeys=[])


@CASES.case
def deactivation_with_a_document(world: World) -> None:
    document = world.issuer.document(world.issuer.id)
    world.update("!dead", world.issuer, deactivated=True, updateKeys=[], _document=document)


@CASES.case
def versions_follow_each_other(world: World) -> None:
    did = world.issuer
    skipped = did.version(did.update, {})
    later = did.version(did.update, {})
    world.add("!skips", later)
    world.add("next", skipped)
    world.add("!again", skipped)
    world.add("!created again", did.created)
    world.add("then", later)
    other = Did("unknown", Signer("unknown"))
    world.add("!unknown", other.version(other.update, {}))
    world.add("!changed", other.created | {"document": did.document(other.id)})
    changed = other.created | {"parameters": other.created["parameters"] | {"nextKeyHashes": []}}
    world.add("!changed and signed", other.update.prove(changed))
    hashed = other.update.prove(other.created | {"versionId": "1-" + forms.hash_text(b"")})
    world.add("!another hash", hashed)
    world.add("!another number", other.update.prove(other.created | {"versionId": "01" + other.versions[0][1:]}))
    stranger = Signer("stranger")
    world.add("!stranger", stranger.prove(other.created))
    world.add("creation", other.created)


def _proof(world: World, label: str, options: Any) -> None:
    did = world.issuer
    before = list(did.versions)
    operation = did.version(did.update, {})
    signer = options.get("signer", did.update)
    world.now += 60
    operation = signer.prove(operation, **{name: value for name, value in options.items() if name != "signer"})
    for name, value in options.items():
        if name not in ("signer", "method"):
            operation["proof"][name] = value
    if label[0] == "!":
        did.versions = before
    world.add(label, operation, 0)


CASES.variants(
    "proof",
    {
        "plain": {},
        "created": {"created": text_of(START)},
        "created now": {"created": text_of(START + 360)},
        "!created in the future": {"created": text_of(START + 3600)},
        "!created none": {"created": "yesterday"},
        "!purpose": {"proofPurpose": "authentication"},
        "!type": {"type": "Proof"},
        "!suite": {"cryptosuite": "ecdsa-jcs-2019"},
        "!unknown suite": {"cryptosuite": "eddsa-rdfc-2022"},
        "!context": {"@context": CONTEXTS},
        "!domain": {"domain": "x"},
        "!value": {"proofValue": "z" + "1" * 88},
        "!value of another base": {"proofValue": "m1234"},
        "!another key": {"signer": Signer("x")},
        "!method of the document": {"method": "did:key:x"},
        "!fragment": {"method": f"did:key:{OWN.multikey}#x"},
    },
    _proof,
)


@CASES.case
def proof_of_ecdsa_with_high_s(world: World) -> None:
    created = Did("ecdsa", Signer("ecdsa", "p256")).created
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    value = forms.from_base58(created["proof"]["proofValue"][1:]).rjust(64, b"\0")
    flipped = value[:32] + (order - int.from_bytes(value[32:])).to_bytes(32)
    created["proof"]["proofValue"] = "z" + forms.to_base58(flipped)
    world.add("high or low", created)
