"""Writes known answers: `python -m prover.vectors FOLDER`. Every secret in them is public."""

import json
import sys
from pathlib import Path
from typing import Any

from prover import scalar, secret
from prover.trustee import Trustee, binding, decrypt, share_key
from prover.wallet import Credential, Vote, tracking
from verifier import ballot, ceremony, group, hashing, roll
from verifier.ballot import Setting, Shape
from verifier.group import BASE, encode, encode_scalar, multiply
from verifier.hashing import le32

ELECTION = secret("election")
SHAPE = Shape((3, 2), 4, 2)
KEYS, THRESHOLD, TRUSTEES = 5, 2, 3


def plain(value: Any) -> Any:
    """Bytes as hex, scalars as the hex of their encodings, points as that of theirs."""
    match value:
        case bytes():
            return value.hex()
        case int():
            return encode_scalar(value).hex()
        case tuple((int(), int(), int(), int())):
            return encode(value).hex()
        case list() | tuple():
            return [plain(one) for one in value]
        case dict():
            return {name: plain(one) for name, one in value.items()}
    raise TypeError(type(value))


def hashes() -> dict[str, Any]:
    """`H`, `S` and `P` of fields of several lengths."""
    cases: list[tuple[str, list[bytes]]] = [
        ("empty", []),
        ("empty", [b""]),
        ("fields", [b"a", b"bc"]),
        ("fields", [b"ab", b"c"]),
        ("long", [bytes(range(256)) * 2, b"\xff" * 64]),
        ("한글", [le32(1)]),
    ]
    rows = []
    for domain, fields in cases:
        made = {"H": hashing.digest(domain, *fields), "S": hashing.scalar(domain, *fields)}
        made["P"] = hashing.point(domain, *fields)
        rows.append({"d": domain, "fields": plain(fields), **plain(made)})
    return {"cases": rows}


def generators() -> dict[str, Any]:
    """Generators, and the base of tags of an election."""
    rows = [plain([hashing.generator(name, number) for number in range(12)]) for name in ("P", "Q")]
    fixed = {name: plain(hashing.generator(name)) for name in ("Gs", "H")}
    return {"election": plain(ELECTION), **fixed, "P": rows[0], "Q": rows[1], "U": plain(hashing.tag_base(ELECTION))}


def credential() -> dict[str, Any]:
    """A credential and a proof of opening with given masks."""
    seed, slot, nonce, holder = secret("seed"), secret("slot")[:16], secret("nonce"), secret("holder")
    own, bound = Credential.derive(seed, ELECTION), binding(ELECTION, slot, nonce, holder)
    u, v = scalar("u"), scalar("v")
    given = {"election": ELECTION, "seed": seed, "slot": slot, "nonce": nonce, "holder": holder, "u": u, "v": v}
    made = {"s": own.s, "r": own.r, "commitment": own.commitment, "binding": bound}
    made["proof"] = own.prove(ELECTION, bound, 1, u, v)
    made["tag"] = multiply(own.s, hashing.tag_base(ELECTION))
    return {"given": plain(given) | {"district": 1}, "expect": plain(made)}


def dealers() -> list[Trustee]:
    """Three trustees of which two decrypt."""
    return [Trustee(ELECTION, number, KEYS, THRESHOLD) for number in range(1, TRUSTEES + 1)]


def seen(some: list[Trustee]) -> ceremony.Keys:
    """What an observer computes when all are qualified."""
    view = ceremony.Ceremony(ELECTION, KEYS, THRESHOLD, TRUSTEES)
    for one in some:
        view.publish(one.number, one.commitments)
    return view.outcome(range(1, TRUSTEES + 1))


def key_ceremony() -> dict[str, Any]:
    """Coefficients and everything public that follows; all trustees qualified, then only 1 and 3."""
    some, rows = dealers(), []
    for one in some:
        row = {"coefficients": one.polynomials, "commitments": one.commitments, "proofs": one.proofs}
        row |= {"commit": one.commit, "beaconValue": one.beacon, "beaconCommit": one.beacon_commit}
        row["shares"] = [one.shares(to) for to in range(1, TRUSTEES + 1)]
        rows.append(plain(row) | {"number": one.number})
    view = ceremony.Ceremony(ELECTION, KEYS, THRESHOLD, TRUSTEES)
    for one in some:
        view.publish(one.number, one.commitments)
    outcomes = []
    for qualified in ([1, 2, 3], [1, 3]):
        keys = view.outcome(qualified)
        secrets = [[share_key([some[i - 1] for i in qualified], m, j) for m in range(1, KEYS + 1)] for j in (1, 2, 3)]
        row = {"keys": keys.options, "shareKeys": keys.shares, "shareSecrets": secrets}
        row["ceremonyHash"] = keys.hash(ELECTION, THRESHOLD)
        outcomes.append(plain(row) | {"qualified": qualified})
    given = {"election": plain(ELECTION), "keys": KEYS, "threshold": THRESHOLD, "trustees": TRUSTEES}
    return given | {"note": "proof masks w are the z - c·a of each proof", "dealers": rows, "outcomes": outcomes}


def voters(count: int) -> list[Credential]:
    """Credentials by number."""
    return [Credential.derive(secret("voter", number), ELECTION) for number in range(count)]


def ring_list() -> tuple[list[roll.Ring], bytes, dict[str, Any]]:
    """Two districts with 20 and 3 voters, an empty one between them, rings of 16."""
    commitments = [encode(one.commitment) for one in voters(23)]
    slots = [secret("slot", number)[:16] for number in range(23)]
    values = {1: secret("value", 1), 3: secret("value", 3)}
    seed = roll.beacon(ELECTION, dict(zip(slots, commitments, strict=True)), values)
    found = roll.rings(ELECTION, seed, [commitments[:20], [], commitments[20:]], 16)
    live = [{"slot": s.hex(), "commitment": c.hex()} for s, c in zip(slots, commitments, strict=True)]
    given: dict[str, Any] = {"election": plain(ELECTION), "size": 16}
    given["values"] = [{"trustee": number, "value": value.hex()} for number, value in values.items()]
    given |= {"roll": live, "districts": [list(range(20)), [], list(range(20, 23))]}
    rows = [
        {"ring": one.number, "district": one.district, "members": plain(one.members), "root": plain(one.root(ELECTION))}
        for one in found
    ]
    top = roll.root(ELECTION, found)
    context = roll.context(ELECTION, bytes(64), bytes(range(64)), top, len(found))
    expect = {"beacon": plain(seed), "rings": rows, "rollRoot": plain(top)}
    hashed = {"manifestHash": bytes(64), "ceremonyHash": bytes(range(64)), "context": context}
    return found, context, {"given": given, "expect": expect | plain(hashed)}


def drawn() -> tuple[bytes, bytes, bytes]:
    """What a wallet draws for a ballot: b, w and the cast key."""
    return secret("b"), secret("w"), secret("kappa")


def one_ballot(vote: Vote, given: dict[str, Any]) -> dict[str, Any]:
    """A ballot and all that leads to it."""
    data = vote.make()
    setting = vote.setting
    given = given | {"election": setting.election, "context": setting.context, "keys": setting.keys}
    given |= {"s": vote.credential.s, "r": vote.credential.r, "b": vote.seed, "w": vote.fresh, "kappa": vote.key}
    given["ringRoot"] = vote.ring_root
    numbers = {"contests": list(setting.shape.contests), "base": setting.shape.base, "digits": setting.shape.digits}
    numbers |= {"style": vote.style, "ring": vote.ring, "position": vote.position, "choices": list(vote.choices)}
    trace = {name: vote.trace[name] for name in vote.trace if name != "sigma"}
    expect = plain(trace) | {"sigma": vote.trace["sigma"], "tracking": tracking(data), "ballot": data.hex()}
    parts = ballot.parse(data, setting.shape, len(vote.suffix) - 32 if vote.suffix else 0)
    if reason := ballot.verify(setting, parts, vote.ring_root, vote.members):
        raise AssertionError(reason)
    return {"given": plain(given) | numbers, "expect": expect}


def ballots() -> dict[str, Any]:
    """One in each profile, and one of the usual size."""
    rings, context, _ = ring_list()
    keys = tuple(seen(dealers()).options)
    setting = Setting(ELECTION, context, SHAPE, keys)
    own, chosen = voters(23), rings[1]
    by_commitment = {encode(one.commitment): one for one in own}
    at, who = next((at, by_commitment[member]) for at, member in enumerate(chosen.members) if member in by_commitment)
    vote = Vote(setting, who, 0, 1, chosen.root(ELECTION), chosen.points(), at, (2, 0), *drawn())
    rows = [one_ballot(vote, {"members": chosen.joined})]
    randomizer, signature = secret("randomizer"), secret("no", 1) * 8
    suffix = randomizer + signature
    token = hashing.digest("token", le32(2), randomizer, signature)[:32]
    setting = Setting(ELECTION, context, Shape((3, 2), 2, 0), keys)
    vote = Vote(setting, own[0], 1, 2, token, (), 0, (0, 1), *drawn(), 1, suffix)
    rows.append(one_ballot(vote, {"randomizer": randomizer, "signature": signature}))
    big = roll.rings(ELECTION, secret("beacon"), [[encode(one.commitment) for one in own]], 1024)[0]
    setting = Setting(ELECTION, context, Shape((5,), 4, 5), keys)
    at = big.members.index(encode(own[7].commitment))
    vote = Vote(setting, own[7], 0, 0, big.root(ELECTION), big.points(), at, (5,), *drawn())
    rows.append(one_ballot(vote, {"members": big.joined}))
    return {"note": "the second is of profile token, its signature is none: only the proof is meant", "cases": rows}


def share() -> dict[str, Any]:
    """Sums, shares of all trustees, and their opening."""
    some, context = dealers(), hashing.digest("context", b"share")
    keys, rho, counts = seen(some), scalar("rho"), [7, 0, 3, 1, 9]
    alpha = multiply(rho, BASE)
    beta = [group.msm([(n, BASE), (rho, key)]) for n, key in zip(counts, keys.options, strict=True)]
    rows = []
    for one in some:
        cells = []
        for m in range(1, KEYS + 1):
            secret_key = share_key(some, m, one.number)
            part, proof = decrypt(context, one.number, (4, m), secret_key, alpha)
            w = scalar(context.hex(), "share", one.number, 4, m)
            cells.append(plain({"share": part, "proof": proof, "w": w, "k": secret_key}))
        rows.append({"trustee": one.number, "cells": cells})
    given = plain({"context": context, "alpha": alpha, "beta": beta}) | {"group": 4, "ceremony": "ceremony.json"}
    return {"given": given, "expect": {"shares": rows, "counts": counts}}


def main(folder: Path) -> None:
    """Writes all files."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {"hashes": hashes(), "generators": generators(), "credential": credential(), "ceremony": key_ceremony()}
    files |= {"rings": ring_list()[2], "ballots": ballots(), "shares": share()}
    for name, content in files.items():
        text = json.dumps({"source": "spec/voting.md", **content}, ensure_ascii=False, indent=1, sort_keys=True)
        (folder / f"{name}.json").write_text(text + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
