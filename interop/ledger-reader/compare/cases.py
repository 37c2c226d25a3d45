"""Logs with operations that keep to a rule or break it, one case each. A case says which entries are invalid, by label."""

from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from compare.writer import ORIGIN, START, Did, Log, Operation, Signer, text_of
from reader import forms, keys
from reader.document import CONTEXTS

DAY = 86_400
WINDOW = 259_200


class World(Log):
    """A log with its root accreditor, an accreditor with a recovery key, and an issuer."""

    def __init__(self) -> None:
        super().__init__()
        self.recovery = [Signer("high", "p256"), Signer("low")]
        self.root = Did("root", Signer("root update", "p256"))
        self.office = Did(
            "office", Signer("office update", "p384"), recoveryKeys=[key.multikey for key in self.recovery]
        )
        self.issuer = Did("issuer", Signer("issuer update"))
        self.open(self.root.id)
        for did in (self.root, self.office, self.issuer):
            self.add("create", did.created)
        self.power = self.root.grant(self.office.id, {"accredit": {"types": ["A", "B"]}}, self.now)
        self.add("power", self.power)

    def update(self, label: str, did: Did, signer: Signer | None = None, after: int | None = None, **more: Any) -> int:
        """An update with these parameters; members of the operation that begin with `_` are replaced."""
        members = {name[1:]: value for name, value in more.items() if name.startswith("_")}
        seconds = more.pop("seconds", 60)
        parameters = {name: value for name, value in more.items() if not name.startswith("_")}
        before = list(did.versions)
        operation = did.version(signer or did.update, parameters, after, **members)
        if label.startswith("!"):
            did.versions = before
        return self.add(label, operation, seconds)

    def steal(self) -> Signer:
        """A thief takes the office over with its update key."""
        thief = Signer("thief")
        self.update("theft", self.office, updateKeys=[thief.multikey])
        return thief

    def recover(self, label: str = "recovery", after: int = 1, rank: int = 0, **more: Any) -> int:
        """The office recovers."""
        parameters = {"updateKeys": [Signer(f"new {len(self.entries)}").multikey], "nextKeyHashes": []} | more
        return self.update(label, self.office, self.recovery[rank], after, **parameters)


Case = Callable[[World], None]
CASES: dict[str, Case] = {}
# Cases in which `sinpyo` does not do what the specification says, or not what the reader takes it to say.
DISPUTED: dict[str, str] = {}


def case(function: Case) -> Case:
    """Registers a case under its name."""
    CASES[function.__name__.replace("_", " ")] = function
    return function


def variants(name: str, values: dict[str, Any], play: Callable[[World, str, Any], None]) -> None:
    """Registers a case for each value; the value's name begins with `!` if its entry is invalid."""
    for label, value in values.items():
        CASES[f"{name}: {label}"] = lambda world, label=label, value=value: play(world, label, value)  # type: ignore[misc]


# Form of entries


def _raw(world: World, label: str, make: Callable[[bytes, str], bytes]) -> None:
    operation = forms.jcs(world.issuer.digest("https://issuer.example/1", 1))
    world.add_raw(label, make(operation, text_of(world.now + 60)))


variants(
    "entry",
    {
        "plain": lambda op, time: b'{"op":' + op + b',"time":"' + time.encode() + b'","v":1}',
        "!version 2": lambda op, time: b'{"op":' + op + b',"time":"' + time.encode() + b'","v":2}',
        "!version true": lambda op, time: b'{"op":' + op + b',"time":"' + time.encode() + b'","v":true}',
        "!version 1.0": lambda op, time: b'{"op":' + op + b',"time":"' + time.encode() + b'","v":1.0}',
        "!blank": lambda op, time: b'{"op": ' + op + b',"time":"' + time.encode() + b'","v":1}',
        "!line feed": lambda op, time: b'{"op":' + op + b',"time":"' + time.encode() + b'","v":1}\n',
        "!order": lambda op, time: b'{"time":"' + time.encode() + b'","op":' + op + b',"v":1}',
        "!further member": lambda op, time: b'{"op":' + op + b',"time":"' + time.encode() + b'","v":1,"w":1}',
        "!member twice": lambda op, time: b'{"op":' + op + b',"time":"' + time.encode() + b'","v":1,"v":1}',
        "!fraction of a second": lambda op, time: b'{"op":' + op + b',"time":"' + time[:-1].encode() + b'.0Z","v":1}',
        "!day 31": lambda op, time: b'{"op":' + op + b',"time":"2027-02-31T00:00:00Z","v":1}',
        "!leap second": lambda op, time: b'{"op":' + op + b',"time":"2026-12-31T23:59:60Z","v":1}',
        "!year 0": lambda op, time: b'{"op":' + op + b',"time":"0000-12-31T23:59:59Z","v":1}',
        "!no object": lambda op, time: b"[]",
        "!no JSON": lambda op, time: b"\xff\xfe",
        "!deep": lambda op, time: b"[" * 30_000,
        "!deep and whole": lambda op, time: b'{"op":' + b"[" * 5_000 + b"]" * 5_000 + b',"time":"","v":1}',
        "!deep member": lambda op, time: op.join((b'{"op":', b"")) + b',"time":' + b"[" * 400 + b"]" * 400 + b',"v":1}',
    },
    _raw,
)


@case
def time_goes_back(world: World) -> None:
    world.add("!back", world.issuer.digest("https://issuer.example/1", 1), -1)
    world.add("same second", world.issuer.digest("https://issuer.example/1", 1), 1)


@case
def the_time_of_an_invalid_entry_does_not_count(world: World) -> None:
    world.add("!future", {"log": ORIGIN, "type": "none"}, 10 * DAY)
    world.add("after", world.issuer.digest("https://issuer.example/1", 1), -9 * DAY)


@case
def a_log_is_opened_once(world: World) -> None:
    world.add("!again", {"type": "log", "log": ORIGIN, "root": world.root.id})


def _opening(world: World, label: str, members: Any) -> None:
    first = world.root.created
    world.entries, world.labels = [], []
    world.add(label, {"type": "log", "log": ORIGIN, "root": world.root.id} | members)
    world.add("create" if label[0] != "!" else "!create", first)


variants(
    "opening",
    {
        "no keys": {},
        "key": {"key": Signer("log key").note_key(ORIGIN)},
        "heads only": {"heads": Signer("heads key").note_key(f"{ORIGIN}/heads")},
        "root elsewhere": {"root": "did:web:example.com"},
        "!root none": {"root": "nobody"},
        "!unknown member": {"more": 1},
        "!proof": {"proof": {}},
        "!other log": {"log": "elsewhere.example"},
        "!key of another name": {"key": Signer("log key").note_key("elsewhere.example")},
        "!heads of the log's name": {"heads": Signer("heads key").note_key(ORIGIN)},
        "!no key": {"key": "x"},
        "!one key twice": {
            "key": Signer("log key").note_key(ORIGIN),
            "heads": Signer("log key").note_key(f"{ORIGIN}/heads"),
        },
    },
    _opening,
)


# DIDs: parameters


def _parameters(world: World, label: str, parameters: Any) -> None:
    world.update(label, world.issuer, **parameters)
    world.update("next", world.issuer, Signer("u1") if label[0] == "+" else None)


def _names(*names: str) -> list[str]:
    return [Signer(name).multikey for name in names]


OWN = Signer("issuer update")
X25519 = "z" + forms.to_base58(b"\xec\x01" + bytes(range(32)))
variants(
    "parameters",
    {
        "none": {},
        "+new key": {"updateKeys": _names("u1")},
        "key kept": {"updateKeys": _names("issuer update")},
        "16 keys": {"updateKeys": _names("issuer update", *(f"u{n}" for n in range(15)))},
        "!17 keys": {"updateKeys": _names("issuer update", *(f"u{n}" for n in range(16)))},
        "!key twice": {"updateKeys": [OWN.multikey] * 2},
        "!no key": {"updateKeys": []},
        "!null": {"updateKeys": None},
        "!X25519": {"updateKeys": [OWN.multikey, X25519]},
        "!no point": {"updateKeys": [OWN.multikey, "z" + forms.to_base58(b"\x80\x24\x02" + b"\xff" * 32)]},
        "!uncompressed": {"updateKeys": [OWN.multikey, "z" + forms.to_base58(b"\x80\x24\x04" + bytes(64))]},
        "!base64url": {"updateKeys": [OWN.multikey, "u" + forms.to_base64url(b"\xed\x01" + OWN.data)]},
        "!unknown": {"updateKeys": [OWN.multikey], "more": 1},
        "!deactivated false": {"deactivated": False},
        "recovery keys": {"recoveryKeys": _names("r1", "r2")},
        "no recovery keys": {"recoveryKeys": []},
        "!recovery key twice": {"recoveryKeys": _names("r1", "r1")},
        "!recovery key is an update key": {"recoveryKeys": [OWN.multikey]},
        "no announcement": {"nextKeyHashes": []},
        "!announcement of the key": {"nextKeyHashes": [OWN.announced]},
        "!announcement of a recovery key": {"recoveryKeys": _names("r1"), "nextKeyHashes": [Signer("r1").announced]},
        "!announcement none": {"nextKeyHashes": ["x"]},
        "!announcement of another length": {"nextKeyHashes": ["z" + forms.to_base58(b"\x12\x1f" + bytes(31))]},
        "!17 announcements": {"nextKeyHashes": [Signer(f"n{n}").announced for n in range(17)]},
        "!deactivated with keys": {"deactivated": True, "updateKeys": [OWN.multikey]},
        "!deactivated without keys": {"deactivated": True},
    },
    _parameters,
)


@case
def announcement_twice(world: World) -> None:
    world.update("?twice", world.issuer, nextKeyHashes=[Signer("n").announced] * 2)


@case
def an_announcement_binds(world: World) -> None:
    did = world.issuer
    world.update("announce", did, nextKeyHashes=[Signer("n1").announced, Signer("n2").announced])
    world.update("!omitted", did, Signer("n1"))
    world.update("!announcements omitted", did, Signer("n1"), updateKeys=_names("n1"))
    world.update("!old key", did, updateKeys=_names("n1"), nextKeyHashes=[])
    world.update("!stranger", did, Signer("n1"), updateKeys=_names("n1", "x"), nextKeyHashes=[])
    world.update("!not listed", did, Signer("n2"), updateKeys=_names("n1"), nextKeyHashes=[])
    world.update("!shown", did, Signer("n1"), updateKeys=_names("n1"), nextKeyHashes=[OWN.announced])
    world.update("again", did, Signer("n1"), updateKeys=_names("n1"), nextKeyHashes=[Signer("n2").announced])
    world.update("!dead by old", did, Signer("n1"), deactivated=True, updateKeys=[], nextKeyHashes=[])
    world.update("dead", did, Signer("n2"), deactivated=True, updateKeys=[], nextKeyHashes=[])
    world.update("!after", did, Signer("n2"))


@case
def deactivation_after_an_announcement_without_list(world: World) -> None:
    world.update("announce", world.issuer, nextKeyHashes=[Signer("n1").announced])
    world.update("dead", world.issuer, Signer("n1"), deactivated=True, updateKeys=[])


@case
def deactivation_that_lists_recovery_keys(world: World) -> None:
    world.update("?dead", world.issuer, deactivated=True, updateKeys=[], recoveryKeys=[])


@case
def deactivation_with_a_document(world: World) -> None:
    document = world.issuer.document(world.issuer.id)
    world.update("!dead", world.issuer, deactivated=True, updateKeys=[], _document=document)


@case
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


variants(
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


@case
def proof_of_ecdsa_with_high_s(world: World) -> None:
    created = Did("ecdsa", Signer("ecdsa", "p256")).created
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    value = forms.from_base58(created["proof"]["proofValue"][1:]).rjust(64, b"\0")
    flipped = value[:32] + (order - int.from_bytes(value[32:])).to_bytes(32)
    created["proof"]["proofValue"] = "z" + forms.to_base58(flipped)
    world.add("high or low", created)


# Documents


def _document(world: World, label: str, change: Any) -> None:
    did = world.issuer
    document = did.document(did.id)
    change(document)
    world.update(label, did, _document=document)


SERVICE = {"type": "T", "serviceEndpoint": "https://example.com"}


def _methods(document: Operation, **members: Any) -> None:
    document["verificationMethod"].append(document["verificationMethod"][0] | {"id": document["id"] + "#two"} | members)


def _jwk(document: Operation, jwk: Operation) -> None:
    method = {"id": document["id"] + "#jwk", "type": "JsonWebKey", "controller": document["id"], "publicKeyJwk": jwk}
    document["verificationMethod"].append(method)


def _service(document: Operation, **members: Any) -> None:
    document["service"] = [SERVICE | {"id": document["id"] + "#s"} | members]


def _many(document: Operation, count: int) -> None:
    for number in range(count):
        _methods(document, id=f"{document['id']}#{number}")


def _ec(name: str) -> Operation:
    numbers = _point(Signer(name, "p256"))
    return {"kty": "EC", "crv": "P-256", "x": numbers[0], "y": numbers[1]}


def _point(signer: Signer) -> tuple[str, str]:
    numbers = keys.Key(signer.kind, signer.data).point().public_numbers()
    return forms.to_base64url(numbers.x.to_bytes(32)), forms.to_base64url(numbers.y.to_bytes(32))


ED = {"kty": "OKP", "crv": "Ed25519", "x": forms.to_base64url(Signer("jwk").data)}
variants(
    "document",
    {
        "usual": lambda d: None,
        "!context": lambda d: d.update({"@context": CONTEXTS[:1]}),
        "!contexts turned": lambda d: d.update({"@context": CONTEXTS[::-1]}),
        "!controller": lambda d: d.update(controller=d["id"]),
        "!unknown": lambda d: d.update(name="x"),
        "!empty list": lambda d: d.update(service=[]),
        "!method of another": lambda d: _methods(d, controller="did:key:x"),
        "!id of another": lambda d: _methods(d, id="did:key:x#y"),
        "!id twice": lambda d: _methods(d, id=d["id"] + "#key"),
        "key twice": lambda d: _methods(d),
        "!label": lambda d: _methods(d, id=d["id"] + "#a/b"),
        "!no label": lambda d: _methods(d, id=d["id"] + "#"),
        "label of 64": lambda d: _methods(d, id=d["id"] + "#" + "a" * 64),
        "!label of 65": lambda d: _methods(d, id=d["id"] + "#" + "a" * 65),
        "!type": lambda d: _methods(d, type="Ed25519VerificationKey2020"),
        "!type of a JWK": lambda d: _methods(d, type="JsonWebKey"),
        "revoked": lambda d: _methods(d, revoked="2026-11-01T00:00:00Z"),
        "revoked in the future": lambda d: _methods(d, revoked="2030-11-01T00:00:00Z"),
        "!revoked none": lambda d: _methods(d, revoked="2026-11-01"),
        "!expires": lambda d: _methods(d, expires="2030-11-01T00:00:00Z"),
        "!key none": lambda d: _methods(d, publicKeyMultibase="zzz"),
        "!key of no point": lambda d: _methods(d, publicKeyMultibase="z" + forms.to_base58(b"\xed\x01\x02" + bytes(31))),
        "64 methods": lambda d: _many(d, 63),
        "!65 methods": lambda d: _many(d, 64),
        "JWK": lambda d: _jwk(d, ED),
        "JWK of P-256": lambda d: _jwk(d, _ec("jwk")),
        "!JWK of no point": lambda d: _jwk(d, _ec("jwk") | {"y": _ec("other")["y"]}),
        "!JWK private": lambda d: _jwk(d, ED | {"d": ED["x"]}),
        "!JWK of a secret": lambda d: _jwk(d, {"kty": "oct", "k": "AAAA"}),
        "?JWK with kid": lambda d: _jwk(d, ED | {"kid": "1"}),
        "?JWK with alg": lambda d: _jwk(d, ED | {"alg": "EdDSA"}),
        "?JWK of X25519": lambda d: _jwk(d, ED | {"crv": "X25519"}),
        "?JWK of ML-DSA": lambda d: _jwk(
            d, {"kty": "AKP", "alg": "ML-DSA-44", "pub": forms.to_base64url(Signer("m", "ml").data)}
        ),
        "?X25519": lambda d: _methods(d, publicKeyMultibase=X25519),
        "?BLS12-381": lambda d: _methods(d, publicKeyMultibase="z" + forms.to_base58(b"\xeb\x01" + bytes(96))),
        "P-384": lambda d: _methods(d, publicKeyMultibase=Signer("m", "p384").multikey),
        "ML-DSA-44": lambda d: _methods(d, publicKeyMultibase=Signer("m", "ml").multikey),
        "all relationships": lambda d: d.update(
            {name: [d["id"] + "#key"] for name in ("authentication", "keyAgreement", "capabilityInvocation")}
        ),
        "!relationship to nothing": lambda d: d.update(authentication=[d["id"] + "#none"]),
        "!relationship relative": lambda d: d.update(authentication=["#key"]),
        "!relationship embedded": lambda d: d.update(authentication=[d["verificationMethod"][0]]),
        "!relationship twice": lambda d: d.update(authentication=[d["id"] + "#key"] * 2),
        "also known": lambda d: d.update(alsoKnownAs=["https://example.com/", "did:web:example.com"]),
        "!also known twice": lambda d: d.update(alsoKnownAs=["https://example.com/"] * 2),
        "!also known by mail": lambda d: d.update(alsoKnownAs=["mailto:a@example.com"]),
        "!also known DID URL": lambda d: d.update(alsoKnownAs=["did:web:example.com#x"]),
        "service": lambda d: _service(d),
        "service with DID": lambda d: _service(d, serviceEndpoint="did:web:example.com"),
        "!service id twice": lambda d: d.update(service=[SERVICE | {"id": d["id"] + "#s"}] * 2),
        "!service with a method's id": lambda d: _service(d, id=d["id"] + "#key"),
        "16 services": lambda d: d.update(service=[SERVICE | {"id": f"{d['id']}#s{n}"} for n in range(16)]),
        "!17 services": lambda d: d.update(service=[SERVICE | {"id": f"{d['id']}#s{n}"} for n in range(17)]),
        "!service type": lambda d: _service(d, type="a b"),
        "!service types": lambda d: _service(d, type=["T"]),
        "!service http": lambda d: _service(d, serviceEndpoint="http://example.com"),
        "!service map": lambda d: _service(d, serviceEndpoint={"uri": "https://example.com"}),
        "!service unknown": lambda d: _service(d, description="x"),
        "!service id of another": lambda d: _service(d, id="https://example.com/s"),
        "!URL with user": lambda d: _service(d, serviceEndpoint="https://a:b@example.com"),
        "URL with @ in its path": lambda d: _service(d, serviceEndpoint="https://example.com/@a"),
        "URL with port": lambda d: _service(d, serviceEndpoint="https://example.com:8443/a"),
        "!URL with query": lambda d: _service(d, serviceEndpoint="https://example.com/a?b=c"),
        "!URL with fragment": lambda d: _service(d, serviceEndpoint="https://example.com/a#d"),
        "!also known with query": lambda d: d.update(alsoKnownAs=["https://example.com/?a"]),
        "?URL with empty port": lambda d: _service(d, serviceEndpoint="https://example.com:"),
        "?URL with IPv6": lambda d: _service(d, serviceEndpoint="https://[::1]/"),
        "!URL without host": lambda d: _service(d, serviceEndpoint="https:///a"),
        "!URL with nothing": lambda d: _service(d, serviceEndpoint="https://"),
        "?URL with capitals": lambda d: _service(d, serviceEndpoint="HTTPS://example.com"),
        "!URL with a blank": lambda d: _service(d, serviceEndpoint="https://example.com/a b"),
        "!URL with Korean": lambda d: _service(d, serviceEndpoint="https://example.com/기관"),
        "?URL with half an escape": lambda d: _service(d, serviceEndpoint="https://example.com/%4"),
        "URL with an escape": lambda d: _service(d, serviceEndpoint="https://example.com/%4a"),
        "?URL with a bracket": lambda d: _service(d, serviceEndpoint="https://example.com/["),
        "!URL with a quote": lambda d: _service(d, serviceEndpoint='https://example.com/"'),
        "URL of 512": lambda d: _service(d, serviceEndpoint="https://example.com/" + "a" * 492),
        "!URL of 513": lambda d: _service(d, serviceEndpoint="https://example.com/" + "a" * 493),
        "!key of the log": lambda d: _methods(d, publicKeyMultibase=Signer("log key").multikey),
        "!key of heads as JWK": lambda d: _jwk(d, ED | {"x": forms.to_base64url(Signer("heads key").data)}),
    },
    _document,
)


@case
def revoked_keys_stay(world: World) -> None:
    did = world.issuer
    method = did.document(did.id)["verificationMethod"][0]
    two = method | {"id": did.id + "#two", "publicKeyMultibase": Signer("two").multikey}
    at = "2026-11-20T00:00:00Z"

    def with_methods(label: str, *methods: Operation) -> None:
        world.update(label, did, _document=did.document(did.id) | {"verificationMethod": list(methods)})

    with_methods("two", method, two)
    with_methods("!renamed", method, two | {"publicKeyMultibase": Signer("x").multikey})
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": forms.to_base64url(Signer("two").data)}
    other_form = {name: two[name] for name in ("id", "controller")} | {"type": "JsonWebKey", "publicKeyJwk": jwk}
    with_methods("!other form", method, other_form)
    with_methods("revoked", method, two | {"revoked": at})
    with_methods("!dropped", method)
    with_methods("!good again", method, two)
    with_methods("!later", method, two | {"revoked": "2026-11-21T00:00:00Z"})
    with_methods("earlier", method, two | {"revoked": "2026-11-19T00:00:00Z"})
    with_methods("!another", method, two | {"publicKeyMultibase": Signer("x").multikey, "revoked": at})
    world.update("dead", did, deactivated=True, updateKeys=[])


@case
def a_revoked_key_signs_nothing(world: World) -> None:
    did = world.issuer
    method = did.document(did.id)["verificationMethod"][0]
    document = did.document(did.id) | {"verificationMethod": [method | {"revoked": text_of(world.now)}]}
    world.update("revoked", did, _document=document)
    world.add("!digest", did.digest("https://issuer.example/1", 1))


@case
def a_key_that_will_be_revoked(world: World) -> None:
    did = world.issuer
    method = did.document(did.id)["verificationMethod"][0]
    document = did.document(did.id) | {"verificationMethod": [method | {"revoked": text_of(world.now + DAY)}]}
    world.update("revoked tomorrow", did, _document=document)
    world.add("?digest", did.digest("https://issuer.example/1", 1))


@case
def a_key_of_the_document_is_announced(world: World) -> None:
    world.update("?announced", world.issuer, nextKeyHashes=[world.issuer.method.announced])


# Recovery


@case
def recovery(world: World) -> None:
    thief = world.steal()
    world.update("again", world.office, thief)
    world.update("!by an update key", world.office, world.office.update, 1, updateKeys=_names("x"))
    world.update("!without list", world.office, world.recovery[0], 1)
    world.update("!announcements not listed", world.office, world.recovery[0], 1, updateKeys=_names("x"))
    world.recover()
    world.update("!thief", world.office, thief)
    world.recover("!same key again", after=1)
    world.recover("goes on", after=2, rank=1)
    world.recover("higher", after=2, rank=0)


@case
def recovery_by_a_lower_key_can_be_set_aside(world: World) -> None:
    world.steal()
    world.recover("low", rank=1)
    world.recover("!low again", rank=1)
    world.recover("high", rank=0)
    world.recover("!low then", rank=1)


@case
def none_that_is_set_aside_is_by_the_key_or_a_higher_one(world: World) -> None:
    # The office's update key, then the lower recovery key, which goes on with another.
    world.update("update", world.office)
    world.recover("low goes on", 2, 1, updateKeys=[NEW.multikey])
    world.update("update again", world.office, NEW)
    world.recover("!low sets its own aside", 1, 1)
    world.recover("!low sets its own aside, with it first", 2, 1)
    world.recover("low sets an update aside", 3, 1, updateKeys=[NEW.multikey])
    world.recover("high sets all aside", 1, 0, updateKeys=[NEW.multikey])
    world.update("update of the last", world.office, NEW)
    # In whatever role: a recovery key that signs as an update key is still the same key.
    world.update("!high as update key", world.office, NEW, updateKeys=[world.recovery[0].multikey])


@case
def the_window_ends(world: World) -> None:
    world.steal()
    world.recover("!late", seconds=WINDOW + 1)


@case
def the_window_includes_its_last_second(world: World) -> None:
    world.steal()
    world.recover("in time", seconds=WINDOW)


@case
def a_deactivation_is_set_aside(world: World) -> None:
    world.update("dead", world.office, deactivated=True, updateKeys=[])
    world.recover("!after it", after=2)
    world.recover("instead of it", after=1)
    world.update("dead for good", world.office, world.recovery[0], deactivated=True, updateKeys=[])
    world.recover("!too late", after=2)


@case
def a_recovery_that_deactivates(world: World) -> None:
    world.steal()
    world.update("dead", world.office, world.recovery[1], 1, deactivated=True, updateKeys=[])
    world.recover("alive", after=1)


@case
def recovery_keys_change(world: World) -> None:
    world.update("!by an update key", world.office, recoveryKeys=_names("r"))
    world.update("!away by an update key", world.office, recoveryKeys=[])
    world.update(
        "by the lower", world.office, world.recovery[1], updateKeys=_names("x"), nextKeyHashes=[], recoveryKeys=_names("r")
    )
    world.recover("!old key", after=2)
    world.update("new key", world.office, Signer("r"), 2, updateKeys=_names("y"), nextKeyHashes=[])


@case
def a_recovery_is_not_bound_by_announcements(world: World) -> None:
    world.update("announce", world.office, nextKeyHashes=[Signer("n").announced])
    world.recover("free", after=2)


@case
def keys_shown_by_versions_set_aside(world: World) -> None:
    world.steal()
    world.recover("?announces it", nextKeyHashes=[Signer("thief").announced])


@case
def a_recovery_keeps_revoked_keys_of_what_it_follows_only(world: World) -> None:
    did = world.office
    method = did.document(did.id)["verificationMethod"][0]
    two = method | {"id": did.id + "#two", "revoked": "2026-11-20T00:00:00Z"}
    world.update("revoked", did, _document=did.document(did.id) | {"verificationMethod": [method, two]})
    world.recover("without")


@case
def what_was_signed_under_a_theft_counts_for_nothing(world: World) -> None:
    office, now = world.office, world.now
    before = office.grant(world.issuer.id, {"issue": {"types": ["A"]}}, now)
    world.add("before", before)
    world.add("digest before", office.digest("https://office.example/1", 1))
    world.steal()
    grant = office.grant(world.issuer.id, {"issue": {"types": ["B"]}}, now)
    world.add("in the theft", grant)
    world.add("status in the theft", office.status(before, 2, "suspended"))
    world.add("digest in the theft", office.digest("https://office.example/1", 2))
    world.add("other list", office.digest("https://office.example/2", 1))
    world.recover()
    world.add("!no such grant", office.status(grant, 2, "suspended"))
    world.add("!number counted", office.status(before, 3, "revoked"))
    world.add("number free", office.status(before, 2, "revoked"))
    world.add("!list number", office.digest("https://office.example/1", 2))
    world.add("list number", office.digest("https://office.example/1", 3))
    world.add("list number 2", office.digest("https://office.example/2", 2))


@case
def the_id_of_a_grant_that_counts_for_nothing_stays_used(world: World) -> None:
    world.steal()
    grant = world.office.grant(world.issuer.id, GRANT_A, world.now)
    world.add("in the theft", grant)
    world.recover()
    world.add("!granted again", grant)
    world.add("another", world.root.grant(world.issuer.id, GRANT_A, world.now))


@case
def a_grant_that_rests_on_a_theft_stays(world: World) -> None:
    office = world.office
    world.steal()
    power = office.grant(world.issuer.id, {"accredit": {"types": ["A"]}}, world.now)
    world.add("power", power)
    world.add("rests", world.issuer.grant(world.office.id, {"issue": {"types": ["A"]}}, world.now))
    world.recover()
    world.add("!rests no more", world.issuer.grant(world.office.id, {"issue": {"types": ["A"]}}, world.now))


def _right(world: World) -> Operation:
    scope = {"A": [["name"]]}
    grant = {"request": {"service": "registry.admission", "scope": scope}}
    return world.root.grant(world.office.id, grant, world.now)


@case
def admissions_under_a_theft(world: World) -> None:
    world.add("right", _right(world))
    before = world.add("before", world.office.admit("kim"))
    world.steal()
    inside = world.add("in the theft", world.office.admit("lee"))
    world.add("erasure in the theft", world.office.erase(before))
    world.recover()
    world.add("?erasure of what does not count", world.root.erase(inside))
    world.add("?erasure again", world.root.erase(before))
    world.add("?admitted again", world.root.admit("lee"))


# Accreditations


def _granted(world: World, label: str, change: Any) -> None:
    members = {"grant": {"issue": {"types": ["A"]}}, "by": world.office} | change
    by, grant = members.pop("by"), members.pop("grant")
    begins = world.now + members.pop("begins", 0)
    world.add(label, by.grant(members.pop("subject", world.issuer.id), grant, begins, **members))


def _scope(types: list[str], paths: Any = None, service: str = "a.b") -> Operation:
    return {"grant": {"request": {"service": service, "scope": {name: paths or [["x"]] for name in types}}}}


LONG_PATH = [["x"] * 16]
variants(
    "grant",
    {
        "usual": {},
        "of both": {"grant": {"issue": {"types": ["A", "B"]}}},
        "!of more": {"grant": {"issue": {"types": ["A", "C"]}}},
        "!none": {"grant": {"issue": {"types": []}}},
        "to accredit": {"grant": {"accredit": {"types": ["A"]}}},
        "!to accredit anything": {"grant": {"accredit": {"types": []}}},
        "?type twice": {"grant": {"issue": {"types": ["A", "A"]}}},
        "!two": {"grant": {"issue": {"types": ["A"]}, "accredit": {"types": ["A"]}}},
        "!unknown": {"grant": {"verify": {"types": ["A"]}}},
        "!unknown member": {"grant": {"issue": {"types": ["A"], "x": 1}}},
        "to ask": _scope(["A"]),
        "!to ask for more": _scope(["A", "C"]),
        "!to ask for nothing": _scope([]),
        "!no path": {"grant": {"request": {"service": "a", "scope": {"A": []}}}},
        "path of 16": _scope(["A"], LONG_PATH),
        "!path of 17": _scope(["A"], [["x"] * 17]),
        "!empty path": _scope(["A"], [[]]),
        "path with all": _scope(["A"], [["x", 0, None, "y"]]),
        "!path that begins with a number": _scope(["A"], [[0]]),
        "!path with -1": _scope(["A"], [["x", -1]]),
        "!path with true": _scope(["A"], [["x", True]]),
        "?path twice": _scope(["A"], [["x"], ["x"]]),
        "?empty text in a path": _scope(["A"], [[""]]),
        "256 paths": _scope(["A"], [[str(n)] for n in range(256)]),
        "!257 paths": _scope(["A"], [[str(n)] for n in range(257)]),
        "service of 64": _scope(["A"], None, "a" * 64),
        "!service of 65": _scope(["A"], None, "a" * 65),
        "!service with a capital": _scope(["A"], None, "A"),
        "!service with two dots": _scope(["A"], None, "a..b"),
        "!service with a hyphen": _scope(["A"], None, "a-b"),
        "!service empty": _scope(["A"], None, ""),
        "a day ago": {"begins": 60 - DAY},
        "!more than a day ago": {"begins": 59 - DAY},
        "later": {"begins": 400 * DAY},
        "ends": {"validUntil": text_of(START + 400 * DAY)},
        "!ends before": {"validUntil": text_of(START)},
        "?ends when it begins": {"validUntil": text_of(START + 300)},
        "name of 120": {"name": {"ko": "가" * 120, "en": "a"}},
        "!name of 121": {"name": {"ko": "가" * 121, "en": "a"}},
        "name of 120 beyond the plane": {"name": {"ko": "😀" * 120, "en": "a"}},
        "!name empty": {"name": {"ko": "", "en": "a"}},
        "!name of blanks": {"name": {"ko": " \u3000", "en": "a"}},
        "!name with a line feed": {"name": {"ko": "가\n나", "en": "a"}},
        "!name with a C1 control": {"name": {"ko": "가\x85나", "en": "a"}},
        "?name with a direction": {"name": {"ko": "가\u202e나", "en": "a"}},
        "?name with a line separator": {"name": {"ko": "가\u2028나", "en": "a"}},
        "!name in one language": {"name": {"ko": "가"}},
        "!name in three": {"name": {"ko": "가", "en": "a", "fr": "b"}},
        "!subject none": {"subject": "nobody"},
        "?subject elsewhere": {"subject": "did:web:example.com"},
        "?subject unknown": {"subject": "did:tlog:zQm" + "x" * 44},
        "!unknown of the operation": {"more": 1},
        "!type with a blank": {"grant": {"accredit": {"types": ["A B"]}}},
    },
    _granted,
)


def _type(world: World, label: str, name: Any) -> None:
    world.add(label, world.root.grant(world.issuer.id, {"issue": {"types": [name]}}, world.now))


variants(
    "type",
    {
        "plain": "A",
        "Korean": "자격증",
        "URL": "https://example.com/credentials/v1#A",
        "512 bytes": "a" * 512,
        "!513 bytes": "a" * 513,
        "!516 bytes of 172 letters": "가" * 172,
        "!empty": "",
        "!blank": "a b",
        "!ideographic blank": "a\u3000b",
        "!line separator": "a\u2028b",
        "!no-break blank": "a\u00a0b",
        "!delete": "a\x7fb",
        "!C1": "a\x9fb",
        "?zero width": "a\u200bb",
        "!unit separator": "a\x1fb",
        "!number": 1,
    },
    _type,
)


@case
def a_grant_of_8192_bytes(world: World) -> None:
    for label, over in (("fits", 0), ("!does not", 1)):
        types = [f"{n:03}" + "a" * 497 for n in range(14)]
        last = 1
        for _ in range(50):
            grant = {"issue": {"types": [*types, "b" * last, "c" * 300]}}
            operation = world.root.grant(world.issuer.id, grant, START + 60)
            if (lack := 8192 + over - len(forms.jcs(operation))) == 0:
                break
            last += lack
        assert len(forms.jcs(operation)) == 8192 + over
        world.add(label, operation, 0)


@case
def an_accreditation_is_named_by_its_hash(world: World) -> None:
    grant = world.root.grant(world.issuer.id, {"issue": {"types": ["A"]}}, world.now)
    world.add("!another id", world.root.sign(grant | {"id": forms.hash_text(b"x")}))
    world.add("!signed by another", world.office.method.prove(grant, world.office.method_id()))
    world.add("!method of another", world.root.method.prove(grant, world.office.method_id()))
    world.add("granted", grant)
    world.add("!again", grant)


@case
def at_most_64_open(world: World) -> None:
    first = None
    for number in range(64):
        grant = world.root.grant(world.issuer.id, {"issue": {"types": [f"T{number}"]}}, world.now)
        first = first or grant
        world.add(f"grant {number}", grant)
    world.add("!65th", world.root.grant(world.issuer.id, {"issue": {"types": ["U"]}}, world.now))
    world.add("by another", world.office.grant(world.issuer.id, {"issue": {"types": ["A"]}}, world.now))
    world.add("suspended", world.root.status(first or {}, 2, "suspended"))
    world.add("!still 64", world.root.grant(world.issuer.id, {"issue": {"types": ["U"]}}, world.now))
    world.add("ended", world.root.status(first or {}, 3, "ended"))
    world.add("one free", world.root.grant(world.issuer.id, {"issue": {"types": ["U"]}}, world.now))


def _bounds(world: World, label: str, after: Any) -> None:
    ends = world.now + 10_000
    power = world.root.grant(world.issuer.id, {"accredit": {"types": []}}, world.now, validUntil=text_of(ends))
    world.add("power", power)
    wait = ends + after - world.now
    world.add(label, world.issuer.grant(world.office.id, {"issue": {"types": ["A"]}}, ends), wait)


variants("end of a power", {"before it": -1, "?at it": 0, "!after it": 1}, _bounds)


def _open_bounds(world: World, label: str, after: Any) -> None:
    ends = world.now + 10_000
    for number in range(64):
        grant = {"issue": {"types": [f"T{number}"]}}
        world.add("one", world.root.grant(world.issuer.id, grant, world.now, validUntil=text_of(ends)), 1)
    wait = ends + after - world.now
    world.add(label, world.root.grant(world.issuer.id, {"issue": {"types": ["A"]}}, ends), wait)


variants("64 that end", {"!before it": -1, "?at it": 0, "after it": 1}, _open_bounds)


@case
def a_power_that_begins_later(world: World) -> None:
    world.add("power", world.root.grant(world.issuer.id, {"accredit": {"types": []}}, world.now + 1000))
    world.add("!too early", world.issuer.grant(world.office.id, {"issue": {"types": ["A"]}}, world.now))
    world.add("in time", world.issuer.grant(world.office.id, {"issue": {"types": ["A"]}}, world.now), 1000)


def _chain(world: World, label: str, length: Any) -> None:
    by = world.root
    for number in range(length):
        did = Did(f"link {number}", Signer(f"link {number}"))
        world.add("create", did.created)
        world.add("link", by.grant(did.id, {"accredit": {"types": []}}, world.now))
        by = did
    world.add(label, by.grant(world.issuer.id, {"issue": {"types": ["A"]}}, world.now))


variants("chain", {"of 1": 1, "of 6": 6, "of 7": 7, "?of 8": 8, "!of 9": 9}, _chain)


def _status(world: World, label: str, statuses: Any) -> None:
    grant = world.office.grant(world.issuer.id, {"accredit": {"types": ["A"]}}, world.now)
    world.add("grant", grant)
    for number, status in enumerate(statuses[:-1]):
        world.add(status, world.office.status(grant, number + 2, status))
    world.add(label, world.office.status(grant, len(statuses) + 1, statuses[-1]))
    world.add("+probe" if label[0] == "+" else "!probe", world.issuer.grant(world.office.id, GRANT_A, world.now))


GRANT_A = {"issue": {"types": ["A"]}}
variants(
    "status",
    {
        "suspended": ["suspended"],
        "!probe is lawful, not active": ["active"],
        "+active again": ["suspended", "active"],
        "ended": ["ended"],
        "revoked": ["revoked"],
        "ended, revoked": ["ended", "revoked"],
        "!ended, active": ["ended", "active"],
        "!ended, suspended": ["ended", "suspended"],
        "!ended twice": ["ended", "ended"],
        "!revoked, active": ["revoked", "active"],
        "!revoked, ended": ["revoked", "ended"],
        "!suspended twice": ["suspended", "suspended"],
        "suspended, ended": ["suspended", "ended"],
        "!unknown": ["suspended", "gone"],
    },
    _status,
)
CASES.pop("status: !probe is lawful, not active")


@case
def status_by_who_granted(world: World) -> None:
    grant = world.office.grant(world.issuer.id, GRANT_A, world.now)
    world.add("grant", grant)
    world.add("!by the root", world.root.status(grant, 2, "suspended"))
    world.add("!number 1", world.office.status(grant, 1, "suspended"))
    world.add("!number 3", world.office.status(grant, 3, "suspended"))
    world.add("!active", world.office.status(grant, 2, "active"))
    world.add("!of none", world.office.status({"id": forms.hash_text(b"")}, 2, "suspended"))
    world.add("suspended", world.office.status(grant, 2, "suspended"))
    world.add("power away", world.root.status(world.power, 2, "revoked"))
    world.add("still", world.office.status(grant, 3, "ended"))


@case
def at_most_100_changes(world: World) -> None:
    grant = world.root.grant(world.issuer.id, GRANT_A, world.now)
    world.add("grant", grant)
    for number in range(100):
        world.add("change", world.root.status(grant, number + 2, ("suspended", "active")[number % 2]))
    world.add("!101", world.root.status(grant, 102, "suspended"))
    world.add("ended", world.root.status(grant, 102, "ended"))
    world.add("revoked", world.root.status(grant, 103, "revoked"))


# Status lists and persons

DIGEST = {"type": "status-list", "list": "https://issuer.example/1", "version": 1, "sha256": "B" * 42 + "A"}
DIGEST |= {"iat": text_of(START), "ttl": 900}


def _list(world: World, label: str, members: Any) -> None:
    world.add(label, world.issuer.sign(DIGEST | members))


variants(
    "status list",
    {
        "usual": {},
        "!version 0": {"version": 0},
        "!version 2": {"version": 2},
        "!http": {"list": "http://issuer.example/1"},
        "!blank": {"list": "https://issuer.example/ 1"},
        "512": {"list": "https://issuer.example/" + "a" * 489},
        "!513": {"list": "https://issuer.example/" + "a" * 490},
        "?quote": {"list": 'https://issuer.example/"'},
        "?bracket": {"list": "https://issuer.example/["},
        "?fragment": {"list": "https://issuer.example/1#2"},
        "?no host": {"list": "https://"},
        "?capitals": {"list": "HTTPS://issuer.example/1"},
        "!31 bytes": {"sha256": "A" * 42},
        "!unused bits": {"sha256": "A" * 42 + "B"},
        "!padding": {"sha256": "A" * 43 + "="},
        "ttl 0": {"ttl": 0},
        "!ttl -1": {"ttl": -1},
        "!ttl text": {"ttl": "900"},
        "ttl 2^53": {"ttl": 2**53},
        "!ttl beyond": {"ttl": 2**53 + 1},
        "?issued in the future": {"iat": "2030-01-01T00:00:00Z"},
        "!issued none": {"iat": "now"},
        "!unknown": {"more": 1},
    },
    _list,
)


@case
def persons(world: World) -> None:
    root, office = world.root, world.office
    first = world.add("admitted", root.admit("kim"))
    world.add("!again", root.admit("kim"))
    world.add("!without right", office.admit("lee"))
    right = _right(world)
    world.add("right", right)
    second = world.add("with right", office.admit("lee"))
    world.add("!of others", office.erase(first))
    world.add("!by nobody", world.issuer.erase(second))
    world.add("!no admission", root.erase(0))
    world.add("!beyond", root.erase(10_000))
    world.add("!text", root.sign({"type": "person-erasure", "entry": str(first)}))
    world.add("suspended", root.status(right, 2, "suspended"))
    world.add("!suspended right", office.admit("park"))
    world.add("erased without right", office.erase(second))
    world.add("!erased again", root.erase(second))
    world.add("!admitted again", root.admit("lee"))
    world.add("erased by root", root.erase(first))
    world.add("!short", root.sign({"type": "person", "commitment": "A" * 42}))
    world.add("!with name", root.sign({"type": "person", "commitment": "A" * 43, "name": "x"}))


# Keys of the log


def _line(operation: Operation, lines: list[Any]) -> Operation:
    return operation | {"signatures": lines}


@case
def keys_of_the_log(world: World) -> None:
    key, heads = (world.key, ORIGIN), (Signer("heads 2"), f"{ORIGIN}/heads")
    named = {"heads": heads[0].note_key(heads[1])}
    good = world.change_keys(1, [key, heads], **named)
    world.add("!number 0", world.change_keys(0, [key, heads], **named))
    world.add("!number 2", world.change_keys(2, [key, heads], **named))
    world.add("!nothing", world.change_keys(1, [key]))
    world.add("!no change", world.change_keys(1, [key], key=world.key.note_key(ORIGIN)))
    world.add("!without the present", world.change_keys(1, [heads], **named))
    world.add("!without the new", world.change_keys(1, [key], **named))
    world.add("!proof", good | {"proof": {}})
    world.add("!signed for another", good | {"signatures": world.change_keys(2, [key, heads], **named)["signatures"]})
    pair = [key, (world.key, f"{ORIGIN}/heads")]
    world.add("!the log's", world.change_keys(1, pair, heads=world.key.note_key(f"{ORIGIN}/heads")))
    world.add("changed", good)
    world.add("!again", good)


@case
def a_key_of_a_document_for_the_log(world: World) -> None:
    office = Signer("office method")
    signers = [(world.key, ORIGIN), (office, f"{ORIGIN}/heads")]
    world.add("a document's", world.change_keys(1, signers, heads=office.note_key(f"{ORIGIN}/heads")))
    world.update("!lists it still", world.office)


def _lines(world: World, label: str, order: Any) -> None:
    key, heads, stranger = (world.key, ORIGIN), (Signer("heads 2"), f"{ORIGIN}/heads"), (Signer("x"), "x")
    signers = [{"k": key, "h": heads, "s": stranger}[letter] for letter in order]
    world.add(label, world.change_keys(1, signers, heads=heads[0].note_key(heads[1])))


variants(
    "signatures",
    {"in order": "kh", "!turned": "hk", "!twice": "kkh", "!with a stranger's": "khs", "!four": "khss", "!none": ""},
    _lines,
)


@case
def lines_that_are_none(world: World) -> None:
    key, heads = (world.key, ORIGIN), (Signer("heads 2"), f"{ORIGIN}/heads")
    good = world.change_keys(1, [key, heads], heads=heads[0].note_key(heads[1]))
    lines = good["signatures"]
    raw = world.key.note_line(ORIGIN, b"other text")
    world.add("!forged before", _line(good, [raw, *lines]))
    world.add("!garbage", _line(good, [*lines, "garbage"]))
    world.add("!number", _line(good, [*lines, 1]))
    world.add("!line feed", _line(good, [lines[0] + "\n", lines[1]]))


@case
def heads_key_back(world: World) -> None:
    old, new = (world.heads, f"{ORIGIN}/heads"), (Signer("heads 2"), f"{ORIGIN}/heads")
    key = (world.key, ORIGIN)
    world.add("changed", world.change_keys(1, [key, new], heads=new[0].note_key(new[1])))
    world.add("!back", world.change_keys(2, [key, old], heads=old[0].note_key(old[1])))


@case
def former_heads_key_in_a_document(world: World) -> None:
    new = (Signer("heads 2"), f"{ORIGIN}/heads")
    world.add("changed", world.change_keys(1, [(world.key, ORIGIN), new], heads=new[0].note_key(new[1])))
    document = world.issuer.document(world.issuer.id)
    _methods(document, publicKeyMultibase=world.heads.multikey)
    world.update("!document", world.issuer, _document=document)


@case
def key_of_an_earlier_document_for_the_log(world: World) -> None:
    old = world.issuer.method
    world.issuer.method = Signer("replaced")
    document = world.issuer.document(world.issuer.id)
    document["verificationMethod"][0]["id"] = document["id"] + "#new"
    document["assertionMethod"] = [document["id"] + "#new"]
    world.update("replaced", world.issuer, _document=document)
    signers = [(world.key, ORIGIN), (old, f"{ORIGIN}/heads")]
    world.add("change", world.change_keys(1, signers, heads=old.note_key(f"{ORIGIN}/heads")))


@case
def both_keys_named_one_changed(world: World) -> None:
    heads = (Signer("heads 2"), f"{ORIGIN}/heads")
    named = {"key": world.key.note_key(ORIGIN), "heads": heads[0].note_key(heads[1])}
    world.add("!one key twice", world.change_keys(1, [(world.key, ORIGIN), (world.key, ORIGIN), heads], **named))
    world.add("changed", world.change_keys(1, [(world.key, ORIGIN), heads], **named))


@case
def a_key_of_the_log_for_updates(world: World) -> None:
    world.update("!update key", world.issuer, updateKeys=[OWN.multikey, world.key.multikey])
    world.update("!recovery key", world.issuer, recoveryKeys=[world.heads.multikey])
    world.update("?announced", world.issuer, nextKeyHashes=[world.heads.announced])


# Limits


@case
def at_most_256_recoveries_set_something_aside(world: World) -> None:
    for number in range(257):
        world.update("update", world.office, world.office.update if number == 0 else NEW)
        world.recover("!257th" if number == 256 else "recovery", number + 1, 0, updateKeys=[NEW.multikey], seconds=1)


NEW = Signer("always the same")


@case
def recoveries_of_a_lower_key_are_not_counted_for_a_higher(world: World) -> None:
    for number in range(257):
        world.update("update", world.office, world.office.update if number == 0 else NEW)
        low = "!257th" if number == 256 else "recovery"
        world.recover(low, number + 1, 1, updateKeys=[NEW.multikey], seconds=1)
    world.recover("higher", 1, 0)


MIB = 1 << 20


def _weight(operation: Operation) -> int:
    text = forms.jcs(operation)
    return len(text) + text.count(b'"') + text.count(b"\\") + 2_048


def _long_names(count: int) -> list[str]:
    return [f"https://example.com/{n}{'a' * 480}" for n in range(count)]


def _heavy(world: World, label: str, limit: Any) -> None:
    """A history exactly as heavy as is allowed, or by one too heavy; `limit` in MiB is that of updates or of recoveries."""
    signer, recovery = Signer("heavy update"), Signer("heavy recovery")
    did = Did("heavy", signer, recoveryKeys=[recovery.multikey])
    world.add("create", did.created)
    document = did.document(did.id) | {"alsoKnownAs": _long_names(64)}
    anew = {"updateKeys": [signer.multikey], "nextKeyHashes": []}
    total = _weight(did.created)

    def room(most: int, by: Signer, parameters: Operation) -> int:
        nonlocal total
        while most - total > 62_000:
            operation = did.version(by, parameters, document=document)
            total += _weight(operation)
            world.add("version", operation, 1)
        return most - total

    left = room(12 * MIB, signer, {})
    if limit == 14:
        left = room(14 * MIB, recovery, anew)
    by, parameters = (signer, {}) if limit == 12 else (recovery, anew)
    before = list(did.versions)
    last = _sized(did, by, parameters, left + label.startswith("!"), _weight)
    if label.startswith("!"):
        did.versions = before
    world.add(label, last, 1)
    world.add("deactivated", did.version(signer, {"deactivated": True, "updateKeys": []}), 1)


variants("weight", {"of 12 MiB": 12, "!beyond 12 MiB": 12, "of 14 MiB": 14, "!beyond 14 MiB": 14}, _heavy)


@case
def at_most_100_changes_of_keys(world: World) -> None:
    name = f"{ORIGIN}/heads"
    for number in range(1, 102):
        new = Signer(f"heads {number}")
        operation = world.change_keys(number, [(world.key, ORIGIN), (new, name)], heads=new.note_key(name))
        world.add("!101" if number == 101 else "change", operation)


def _search(world: World, label: str, count: Any) -> None:
    others = [Did(f"other {number}", Signer(f"other {number}")) for number in range(3)]
    for other in others:
        world.add("create", other.created)
        world.add("power", world.root.grant(other.id, {"accredit": {"types": []}}, world.now))
    world.add("old", others[0].grant(world.issuer.id, {"accredit": {"types": ["A"]}}, world.now))
    for number in range(count):
        grant = {"accredit": {"types": [f"B{number}"]}}
        world.add("newer", others[1 + number // 64].grant(world.issuer.id, grant, world.now))
    world.add(label, world.issuer.grant(world.office.id, GRANT_A, world.now))


variants("search after newer grants", {"127": 127, "!128": 128}, _search)


# Odd keys, odd texts


def _p521() -> str:
    key = ec.derive_private_key(7, ec.SECP521R1()).public_key()
    return _multikey(b"\x82\x24", key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint))


def _multikey(prefix: bytes, data: bytes) -> str:
    return "z" + forms.to_base58(prefix + data)


def _odd_key(world: World, label: str, key: Any) -> None:
    world.update(label, world.issuer, updateKeys=[OWN.multikey, key])


FIELD = 2**255 - 19
ORDER_8 = bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")
variants(
    "update key",
    {
        "?Ed25519, the identity": _multikey(b"\xed\x01", b"\x01" + bytes(31)),
        "?Ed25519, of order 8": _multikey(b"\xed\x01", ORDER_8),
        "?Ed25519, of order 2": _multikey(b"\xed\x01", (FIELD - 1).to_bytes(32, "little")),
        "!Ed25519, y not reduced": _multikey(b"\xed\x01", (FIELD + 1).to_bytes(32, "little")),
        "!Ed25519, zero with a sign": _multikey(b"\xed\x01", b"\x01" + bytes(30) + b"\x80"),
        "!Ed25519, no point": _multikey(b"\xed\x01", b"\x02" + bytes(31)),
        "!Ed25519, long": _multikey(b"\xed\x01", Signer("x").data + b"\0"),
        "!Ed25519, another codec": _multikey(b"\xed\x02", Signer("x").data),
        "!Ed25519, codec not shortest": _multikey(b"\xed\x81\x00", Signer("x").data),
        "!P-256, x not reduced": _multikey(b"\x80\x24", b"\x02" + b"\xff" * 32),
        "!P-256, infinity": _multikey(b"\x80\x24", b"\0"),
        "!P-384, with the bytes of P-256": _multikey(b"\x81\x24", Signer("x", "p256").data),
        "ML-DSA-44": Signer("x", "ml").multikey,
        "ML-DSA-44, any bytes": _multikey(b"\x90\x24", b"\xff" * 1312),
        "!ML-DSA-44, short": _multikey(b"\x90\x24", b"\xff" * 1311),
        "!secp256k1": _multikey(b"\xe7\x01", Signer("x", "p256").data),
        "!nothing": "z",
        "!a letter that is none": OWN.multikey[:-1] + "0",
        "!a leading zero": "z1" + OWN.multikey[1:],
    },
    _odd_key,
)


@case
def an_update_key_of_a_type_without_suite(world: World) -> None:
    _odd_key(world, "!ML-DSA-65", _multikey(b"\x91\x24", bytes(1952)))
    _odd_key(world, "!P-521", _p521())
    world.update("!ML-DSA-65 to recover", world.issuer, recoveryKeys=[_multikey(b"\x91\x24", bytes(1952))])


@case
def a_document_key_of_a_type_without_suite(world: World) -> None:
    document = world.issuer.document(world.issuer.id)
    _methods(document, publicKeyMultibase=_multikey(b"\x91\x24", bytes(1952)))
    _methods(document, publicKeyMultibase=_p521(), id=document["id"] + "#p521")
    _jwk(document, {"kty": "AKP", "alg": "ML-DSA-65", "pub": forms.to_base64url(bytes(1952))})
    world.update("ML-DSA-65 and P-521", world.issuer, _document=document)


variants(
    "scope",
    {
        "names in the order of UTF-16": _scope(["\ue000", "\U0001f600", "z"]) | {"by": "root"},
        "a claim beyond the plane": _scope(["A"], [["\U0001f600\u007f\u2028"]]),
        "a claim with a control": _scope(["A"], [["\x01\b\t\n\f\r\"\\/"]]),
        "?index 2^53": _scope(["A"], [["x", 2**53]]),
        "!index beyond": _scope(["A"], [["x", 2**53 + 1]]),
    },
    lambda world, label, change: _granted(world, label, change | ({"by": world.root} if "by" in change else {})),
)


def _replaced(world: World, label: str, change: Any) -> None:
    old, new = change
    entry = forms.jcs({"op": world.issuer.digest("https://issuer.example/1", 1), "time": text_of(world.now), "v": 1})
    assert entry.count(old) >= 1
    world.add_raw(label, entry.replace(old, new, 1))


variants(
    "text",
    {
        "!half of a pair": (b"https://issuer", b"https://\\ud800"),
        "!half of a pair, raw": (b"https://issuer", b"https://\xed\xa0\x80"),
        "!escaped letter": (b"https://issuer", b"https://\\u0069ssuer"),
        "!exponent": (b'"ttl":900', b'"ttl":9e2'),
        "!minus zero": (b'"version":1', b'"version":-0'),
        "!leading zero": (b'"version":1', b'"version":01'),
        "!NaN": (b'"ttl":900', b'"ttl":NaN'),
        "!comment": (b'"ttl":900', b'"ttl":900/**/'),
        "!member twice, escaped": (b'"ttl":900', b'"\\u0074tl":900,"ttl":900'),
        "!a huge number": (b'"ttl":900', b'"ttl":' + b"9" * 10_000),
        "!hour 24": (text_of(START)[:-9].encode() + b"00:00:00Z", text_of(START)[:-9].encode() + b"24:00:00Z"),
    },
    _replaced,
)


@case
def subject_that_is_no_hash(world: World) -> None:
    for text in ("zQm" + "1" * 44, "zQm" + "z" * 44, "zQm" + "x" * 44):
        world.add("?grant", world.root.grant("did:tlog:" + text, GRANT_A, world.now))


# Sizes


def _sized(did: Did, by: Signer, parameters: Operation, size: int, measure: Callable[[Operation], int]) -> Operation:
    """A version of that size."""
    document = did.document(did.id) | {"alsoKnownAs": _long_names(32)}
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
            _methods(document, id=f"{did.id}#m{number}", publicKeyMultibase=Signer("long", "ml").multikey)
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


def _length(operation: Operation) -> int:
    return len(forms.jcs(operation))


@case
def an_operation_of_65_000_bytes(world: World) -> None:
    world.add("fits", _sized(world.issuer, world.issuer.update, {}, 65_000, _length))


@case
def an_operation_of_more_than_65_000_bytes(world: World) -> None:
    world.add("!does not", _sized(world.issuer, world.issuer.update, {}, 65_001, _length))
