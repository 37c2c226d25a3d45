"""`did-webvh`: logs of either side, and of both in turn, resolved by both; tampered twins are refused by both."""

import json
from collections.abc import Callable
from copy import deepcopy

from aries_askar.error import AskarError
from did_webvh.core.proof import di_jcs_sign
from did_webvh.core.state import InvalidDocumentState

from peers.did_webvh_logs import Log, Rejected, Writer, jwk, key, resolve, witness_rule
from shared.bridge import Bridge, Json, Object
from shared.tally import Tally, equal
from shared.tamper import altered

PLACES = ("issuer.example", "issuer.example%3A8443:people:sky")
REFUSALS = (Rejected, InvalidDocumentState, ValueError, AskarError)
SERVICE = [{"id": "#card", "type": "LinkedDomains", "serviceEndpoint": "https://issuer.example/card"}]


def at(hour: int) -> str:
    """A time of one past day."""
    return f"2025-03-01T{hour:02}:00:00Z"


def run(bridge: Bridge) -> Tally:
    """Runs all."""
    tally = Tally("did-webvh", REFUSALS)
    logs = {name: made for place in PLACES for name, made in (_theirs(place) | _ours(bridge, place)).items()}
    for name, make in logs.items():
        made: list[Log] = []
        tally.accepts(f"write: {name}", lambda: made.append(make()))
        if made:
            tally.accepts(f"both resolve: {name}", lambda: _same(bridge, made[0]))
            _versions(tally, bridge, name, made[0])
            _twins(tally, bridge, name, made[0])
    _forged(tally, bridge)
    _witnesses(tally, bridge)
    _errors(tally, bridge)
    return tally


Maker = Callable[[], Log]


def _theirs(place: str) -> dict[str, Maker]:
    def with_service(writer: Writer) -> Object:
        return writer.document() | {"service": SERVICE}

    def create() -> Writer:
        return Writer.create(place, "a", at(1))

    def updated() -> Log:
        writer = create()
        writer.update("a", at(2), with_service(writer)).update("a", at(3), updateKeys=[str(key("b").multikey)])
        return writer.update("b", at(4), ttl=300).log()

    def announced() -> Log:
        writer = Writer.create(place, "a", at(1), "b")
        writer.update("b", at(2), with_service(writer), "c", updateKeys=[str(key("b").multikey)])
        return writer.update("c", at(3), None, "d", updateKeys=[str(key("c").multikey)]).log()

    return {
        f"the peer creates ({place})": lambda: create().log(),
        f"the peer updates and hands over ({place})": updated,
        f"the peer announces keys ({place})": announced,
        f"the peer deactivates ({place})": lambda: create().update("a", at(2), deactivated=True, updateKeys=[]).log(),
    }


def _ours(bridge: Bridge, place: str) -> dict[str, Maker]:
    def write(operation: str, signer: str, hour: int, **others: Json) -> Object:
        moment = {"versionTime": at(hour)}
        return bridge.call(operation, key=jwk(signer), **moment, **others)

    def create(**others: Json) -> Log:
        made = write("webvh.create", "a", 1, domain=place, **others)
        return Log(made["did"], made["log"])

    def then(log: Log, operation: str, signer: str, hour: int, **others: Json) -> Log:
        return Log(log.did, write(operation, signer, hour, log=log.text, **others)["log"])

    def updated() -> Log:
        log = create(document={"service": SERVICE})
        changed = log.lines()[0]["state"] | {"alsoKnownAs": ["did:example:z"]}
        return then(then(log, "webvh.update", "a", 2, document=changed), "webvh.update", "a", 3)

    def announced() -> Log:
        log = then(create(nextKey=jwk("b")), "webvh.update", "b", 2, nextKey=jwk("c"))
        return then(log, "webvh.update", "c", 3, nextKey=jwk("d"))

    def announced_and_ended() -> Log:
        return then(create(nextKey=jwk("b")), "webvh.deactivate", "b", 2)

    def we_go_on() -> Log:
        return then(Writer.create(place, "a", at(1)).update("a", at(2), ttl=60).log(), "webvh.update", "a", 3)

    def they_go_on() -> Log:
        return Writer.resume(create(nextKey=jwk("b"))).update("b", at(2), **_handed("b")).log()

    return {
        f"we create ({place})": create,
        f"we update ({place})": updated,
        f"we announce keys ({place})": announced,
        f"we deactivate ({place})": lambda: then(create(), "webvh.deactivate", "a", 2),
        f"we announce a key and deactivate ({place})": announced_and_ended,
        f"the peer creates, we go on ({place})": we_go_on,
        f"we create, the peer goes on ({place})": they_go_on,
    }


def _handed(signer: str) -> dict[str, Json]:
    return {"updateKeys": [str(key(signer).multikey)], "nextKeyHashes": []}


def _we_resolve(bridge: Bridge, log: Log, **query: Json) -> Object:
    return bridge.call("webvh.resolve", did=log.did, log=log.text, witness=log.witness, **query)


def _same(bridge: Bridge, log: Log, **query: Json) -> None:
    """Both give the same document and version. Of a deactivated DID there may be no document."""
    ours = _we_resolve(bridge, log, **query)
    document, metadata = resolve(log, **query)
    if not metadata["deactivated"]:
        equal(ours["document"], document)
    equal(ours["metadata"]["versionId"], metadata["versionId"])
    equal(ours["metadata"].get("deactivated", False), metadata["deactivated"])


def _versions(tally: Tally, bridge: Bridge, name: str, log: Log) -> None:
    """Each version by its identifier and time."""
    lines = log.lines()
    for line in lines[: -1 if lines[-1]["parameters"].get("deactivated") else None]:
        for query in ({"versionId": line["versionId"]}, {"versionTime": line["versionTime"]}):
            expected = line["versionId"]
            tally.accepts(f"{query} of: {name}", lambda: _version(bridge, log, query, expected))


def _version(bridge: Bridge, log: Log, query: dict[str, str], expected: str) -> None:
    theirs = {"versionId": "version_id", "versionTime": "version_time"}
    document, metadata = resolve(log, **{theirs[name]: value for name, value in query.items()})
    ours = _we_resolve(bridge, log, **query)
    equal((ours["metadata"]["versionId"], metadata["versionId"]), (expected, expected))
    equal(ours["document"], document)


def _twins(tally: Tally, bridge: Bridge, name: str, log: Log) -> None:
    """Each entry altered in each way, with its proof left as it is."""
    lines = log.lines()
    for place in range(len(lines)):
        for what, change in _CHANGES.items():
            changed = deepcopy(lines)
            change(changed[place])
            _both_refuse(tally, bridge, f"{what} in entry {place + 1}: {name}", _with(log, changed))
    if len(lines) > 1:
        _both_refuse(tally, bridge, f"no first entry: {name}", _with(log, lines[1:]))
        _both_refuse(tally, bridge, f"the last entry twice: {name}", _with(log, [*lines, lines[-1]]))
        _both_refuse(tally, bridge, f"the first two swapped: {name}", _with(log, [lines[1], lines[0], *lines[2:]]))
    _both_refuse(tally, bridge, f"another DID asked for: {name}", Log(log.did.replace("issuer", "other"), log.text))
    _both_refuse(tally, bridge, f"a cut log: {name}", Log(log.did, log.text[: len(log.text) - 40]))


def _alter_proof(entry: Object) -> None:
    entry["proof"][0]["proofValue"] = altered(entry["proof"][0]["proofValue"], 40)


_CHANGES: dict[str, Callable[[Object], None]] = {
    "an altered document": lambda entry: entry["state"].update(alsoKnownAs=["did:example:mallory"]),
    "an altered proof": _alter_proof,
    "no proof": lambda entry: entry["proof"].clear(),
    "an altered hash": lambda entry: entry.update(versionId=altered(entry["versionId"], 20)),
    "another number": lambda entry: entry.update(versionId=f"9{entry['versionId']}"),
    "another time": lambda entry: entry.update(versionTime="2025-03-01T00:30:00Z"),
    "another parameter": lambda entry: entry["parameters"].update(ttl=7),
    "an unknown member": lambda entry: entry.update(more=1),
    "a missing member": lambda entry: entry.pop("state"),
    "the time of its proof altered": lambda entry: entry["proof"][0].update(created="2025-03-01T00:30:00Z"),
}


def _with(log: Log, lines: list[Object]) -> Log:
    return Log(log.did, "".join(f"{json.dumps(line)}\n" for line in lines), log.witness)


def _both_refuse(tally: Tally, bridge: Bridge, case: str, log: Log) -> None:
    tally.we_refuse(case, lambda: _we_resolve(bridge, log))
    tally.peer_refuses(case, lambda: resolve(log))


def _forged(tally: Tally, bridge: Bridge) -> None:
    """Entries that are well made, by somebody or at a time that may not."""
    place = PLACES[0]

    def created() -> Writer:
        return Writer.create(place, "a", at(1))

    announced = Writer.create(place, "a", at(1), "b")
    forged = {
        "an entry by a stranger": created().update("z", at(2), ttl=60),
        "a first entry by a stranger": _signed_by_stranger(created()),
        "an entry by a key that was handed over": created()
        .update("a", at(2), **_handed("b"))
        .update("a", at(3), ttl=9),
        "keys that were not announced": announced.update("z", at(2), **_handed("z")),
        "no keys after an announcement": Writer.create(place, "a", at(1), "b").update("b", at(2), ttl=60),
        "an entry of the future": created().update("a", "2125-01-01T00:00:00Z", ttl=60),
        "an unknown parameter": created().update("a", at(2), colour="red"),
        "another SCID": created().update("a", at(2), scid="Qm" + "1" * 44),
        "another place without leave": _moved(created()),
    }
    for case, writer in forged.items():
        _both_refuse(tally, bridge, case, writer.log())


def _signed_by_stranger(writer: Writer) -> Writer:
    writer.states[0].proofs.clear()
    writer.states[0].sign(key("z"), timestamp=writer.states[0].timestamp)
    return writer


def _moved(writer: Writer, *, names_old: bool = True) -> Writer:
    text = json.dumps(writer.document()).replace("issuer.example", "moved.example")
    names = {"alsoKnownAs": [writer.document()["id"]]} if names_old else {}
    return writer.update("a", at(2), json.loads(text) | names)


def _witnesses(tally: Tally, bridge: Bridge) -> None:
    """The peer writes; two of three witnesses must approve. The bridge writes no logs with witnesses."""

    def created() -> Writer:
        return Writer.create(PLACES[0], "a", at(1), witness=witness_rule(2, "w1", "w2", "w3"))

    approved = created().witnessed("w1", "w3").update("a", at(2), ttl=60).witnessed("w2", "w3").log()
    tally.accepts("both resolve: witnessed entries", lambda: _same(bridge, approved))
    later = created().update("a", at(2), ttl=60).witnessed("w1", "w2").log()
    tally.accepts("both resolve: the later entry witnessed", lambda: _same(bridge, later))
    ended = created().witnessed("w1", "w2").update("a", at(2), witness={}).witnessed("w1", "w2").log()
    tally.accepts("both resolve: witnesses dismissed", lambda: _same(bridge, ended))
    proof = json.loads(created().witnessed("w1", "w2").log().witness or "")
    proof[0]["proof"][1]["proofValue"] = altered(proof[0]["proof"][1]["proofValue"], 40)
    bad = {
        "no witness proofs": created().log(),
        "one witness of two": created().witnessed("w1").log(),
        "one witness twice": created().witnessed("w1", "w1").log(),
        "strangers as witnesses": created().witnessed("w1", "z").log(),
        "an altered witness proof": Log(approved.did, created().log().text, json.dumps(proof)),
        "the last entry not witnessed": created().witnessed("w1", "w2").update("a", at(2), ttl=60).log(),
    }
    for case, log in bad.items():
        if log.witness is None:
            log.witness = "[]"
        _both_refuse(tally, bridge, case, log)
    tally.unsupported("logs with witnesses written by us: the bridge has no operation for it; theirs are read by us")


def _errors(tally: Tally, bridge: Bridge) -> None:
    """What the peer lets through, shown; we refuse it."""
    place = PLACES[0]

    def created(signer: str = "a", **parameters: Json) -> Writer:
        return Writer.create(place, signer, at(1), **parameters)

    ended = created().update("a", at(2), deactivated=True)
    authenticating = created()
    authenticating.states[0].proofs[:] = [_for_authentication(authenticating)]
    accepted = {
        "an entry after a deactivation": ended.update("a", at(3), deactivated=False),
        "a proof by ecdsa-jcs-2019, where did:webvh 1.0 knows eddsa-jcs-2022 only": created("p256"),
        "a proof for authentication, where did:webvh 1.0 §3.7.5 has assertionMethod": authenticating,
        "a move that does not name the DID before": _moved(created(portable=True), names_old=False),
    }
    for case, writer in accepted.items():
        log = writer.log()
        tally.we_refuse(case, lambda: _we_resolve(bridge, log))
        tally.accepts(f"the peer takes {case}", lambda: resolve(log))
        tally.unsupported(f"{case}: the peer takes it")
    moved = _moved(created(portable=True)).log()
    tally.accepts("both resolve: moved", lambda: _same(bridge, moved))


def _for_authentication(writer: Writer) -> Object:
    proof: Object = di_jcs_sign(writer.states[0].history_line(), key("a"), purpose="authentication")
    return proof
