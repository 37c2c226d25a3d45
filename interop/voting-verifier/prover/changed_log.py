"""Changes of what happens before the first ballot, and of the log itself: V1 to V5."""

import copy
from dataclasses import replace
from typing import Any

from prover.election import OPENS
from prover.mutation import BodyChange, Change, Mutator, assigned, flipped, insert, moved, remove, set_at, swap, text
from prover.writer import Draft, Item, time_text
from verifier.group import BASE, encode

MANIFESTS: dict[str, BodyChange] = {
    "base 3": set_at("ring", "base", 3),
    "base 16": set_at("ring", "base", 16),
    "one digit": set_at("ring", "digits", 1),
    "rings of 8,192": set_at("ring", {"base": 2, "digits": 13}),
    "rings of 32,768": set_at("ring", {"base": 8, "digits": 5}),
    "no ring": set_at("ring", None),
    "threshold 0": set_at("threshold", 0),
    "threshold beyond trustees": set_at("threshold", 9),
    "floor 0": set_at("floor", 0),
    "no keys": set_at("keys", 0),
    "65 keys": set_at("keys", 65),
    "fewer keys than options": set_at("keys", 4),
    "another profile": set_at("profile", "open"),
    "another rule for voting again": set_at("revote", "never"),
    "a token in profile ring": set_at("token", {"key": "AAAA"}),
    "version 2": set_at("version", 2),
    "an unknown member": set_at("note", ""),
    "contest twice": set_at("contests", 1, "id", "c0"),
    "option twice": set_at("contests", 0, "options", 1, "id", "o0"),
    "no options": set_at("contests", 2, "options", []),
    "district twice": set_at("districts", 1, "id", "d0"),
    "a style that is not there": set_at("districts", 0, "style", 3),
    "a contest that is not there": set_at("styles", 0, "contests", ["c9"]),
    "quorum beyond witnesses": set_at("witnesses", "quorum", 3),
    "a witness with a log's key": lambda body: body["witnesses"]["keys"].append(body["board"]["log"]),
    "host's key is no point": set_at("host", "00" * 31 + "80"),
    "closed before it opens": set_at("closes", "2020-01-01T00:00:00Z"),
    "no districts": set_at("districts", []),
    "legal roll is a text": set_at("districts", 0, "legal", "5"),
    "untitled": set_at("title", {}),
    "no Korean": lambda body: body["title"].pop("ko"),
    "a witness twice": lambda body: body["witnesses"]["keys"].append(body["witnesses"]["keys"][0]),
    "a member of a contest": set_at("contests", 0, "maximum", 1),
    "a key of two roles": lambda body: body.update(host=body["registrar"]),
    "a trustee's key is the board's": lambda body: body["trustees"][0].update(key=body["board"]["key"]),
    "a box of two trustees": lambda body: body["trustees"][0].update(box=body["trustees"][1]["box"]),
    "a box of order 4": set_at("trustees", 0, "box", "01" + "00" * 31),
    "a box beyond the field": set_at("trustees", 0, "box", "f0" + "ff" * 30 + "7f"),
    "an id with a blank": set_at("contests", 0, "options", 0, "id", "o 0"),
    "another log": lambda body: body["board"].update(log=body["board"]["log"].replace("/small+", "/other+")),
}


def manifests(mutator: Mutator) -> None:
    """V1: between two good manifests stands one out of bounds."""

    def between(change: BodyChange, at: int) -> Change:
        def act(draft: Draft) -> None:
            item = draft.items[1].copy()
            missing = copy.deepcopy(item.body)
            change(missing)
            item.body, item.time = missing, draft.items[at - 1].time
            insert(draft, at, item)

        return act

    for name, change in MANIFESTS.items():
        mutator.make("V1", f"manifest: {name}", between(_tolerant(change), 1))
    commit = mutator.draft.indexes("ceremony-commit")[1]
    mutator.make("V1", "threshold changed in the ceremony", between(set_at("threshold", 1), commit))
    mutator.make("V1", "keys changed in the ceremony", between(set_at("keys", 6), commit))
    first = mutator.draft.indexes("register")[1]
    mutator.make("V1", "districts moved after registration", between(swap("districts", 0, 2), first))


def _tolerant(change: BodyChange) -> BodyChange:
    def act(body: Any) -> None:
        try:
            change(body)
        except KeyError:
            body["note"] = ""

    return act


def ceremonies(mutator: Mutator) -> None:
    """V2."""
    point = encode(BASE).hex()
    mutator.body("V2", "another key", "ceremony-done", set_at("keys", 0, point))
    mutator.body("V2", "keys in another order", "ceremony-done", swap("keys", 0, 1))
    mutator.body("V2", "a key less", "ceremony-done", lambda body: body["keys"].pop())
    mutator.body("V2", "one qualified less", "ceremony-done", lambda body: body["qualified"].pop())
    mutator.body("V2", "qualified though wrong", "ceremony-done", lambda body: body["qualified"].append(4))
    mutator.body("V2", "qualified in another order", "ceremony-done", swap("qualified", 0, 1))
    for byte in (0, 31, 32, 63):
        mutator.body("V2", f"proof byte {byte}", "ceremony-reveal", flipped("proofs", byte=byte))
    mutator.body("V2", "another commitment", "ceremony-commit", flipped("commit"))
    mutator.body("V2", "shares in clear, one wrong", "ceremony-answer", flipped("shares"))
    mutator.body("V2", "shares in clear, one missing", "ceremony-answer", set_at("shares", lambda old: old[64:]))
    for kind in (f"ceremony-{step}" for step in ("commit", "reveal", "shares", "complaint", "answer", "next")):
        mutator.make("V2", f"{kind} twice", moved(kind, "ceremony-done"))
    mutator.body("V2", "sealed shares too long", "ceremony-shares", set_at("ciphertext", lambda old: old + "00"))
    mutator.make("V2", "no answer", lambda draft: remove(draft, draft.indexes("ceremony-answer")[0]))
    mutator.make("V2", "not dealt", lambda draft: remove(draft, draft.indexes("ceremony-shares")[0]))

    def copied(draft: Draft) -> None:
        one, other = draft.indexes("ceremony-reveal")[:2]
        draft.items[other].body["proofs"] = draft.items[one].body["proofs"]

    mutator.make("V2", "proofs of another trustee", copied)


def contexts(mutator: Mutator) -> None:
    """V3."""
    for byte in range(0, 64, 6):
        mutator.body("V3", f"byte {byte}", "open", flipped("context", byte=byte))


def rolls(mutator: Mutator) -> None:
    """V4."""
    for byte in (0, 32, 64):
        mutator.body("V4", f"proof byte {byte}", "register", flipped("proof", byte=byte), nth=byte // 32)
    mutator.body("V4", "binding", "register", flipped("binding"), nth=3)
    mutator.body("V4", "replaces nothing", "register", set_at("replaces", True))
    mutator.body("V4", "replaces silently", "register", set_at("replaces", False), nth=-1)
    mutator.body("V4", "a slot that is not there", "strike", flipped("slot"), only=False)
    mutator.body("V4", "district of another proof", "register", set_at("district", "d2"), only=False)
    mutator.body("V4", "a district that is not there", "register", set_at("district", "d9"), only=False)
    mutator.body("V4", "another count", "freeze", set_at("districts", 0, "registered", lambda old: old + 1))
    mutator.body("V4", "another legal roll", "freeze", set_at("districts", 0, "legal", lambda old: old + 1))
    mutator.body("V4", "a district less", "freeze", lambda body: body["districts"].pop())
    mutator.body("V4", "not the value committed to", "beacon", flipped("value"), only=False)
    mutator.body("V4", "beacon", "rings", flipped("beacon"))
    mutator.body("V4", "count", "rings", set_at("rings", lambda old: old + 1))
    mutator.body("V4", "root", "rings", flipped("root"))
    mutator.body("V4", "without", "rings", set_at("without", []))

    def twice(draft: Draft) -> None:
        one, other = draft.indexes("register")[:2]
        for member in ("commitment", "binding", "proof"):
            draft.items[other].body[member] = draft.items[one].body[member]

    mutator.make("V4", "a commitment and its proof twice", twice, only=False)
    mutator.body("V4", "identity", "register", set_at("commitment", "00" * 32), only=False)

    def phantom(draft: Draft) -> None:
        item = draft.items[draft.indexes("register")[0]].copy()
        flipped("slot")(item.body)
        insert(draft, draft.indexes("freeze")[0], replace(item, time=draft.items[draft.indexes("freeze")[0]].time))

    mutator.make("V4", "one line more", phantom, only=False)


def logs(mutator: Mutator) -> None:
    """V5."""
    signed = "manifest register open close tally-share result rejected beacon ceremony-done".split()
    for kind in signed:
        mutator.make("V5", f"{kind} signed by a stranger", assigned(kind, -1, signer="stranger"))
    mutator.make("V5", "by another role", assigned("withdraw", by="board"))
    mutator.make("V5", "a trustee that is not there", assigned("beacon", by="trustee/9"), only=False)
    mutator.make("V5", "time goes back", assigned("withdraw", time="2026-01-01T00:00:00Z"))
    mutator.make("V5", "another election", assigned("withdraw", election="ab" * 32))
    mutator.make("V5", "a blank", text(lambda data: data.replace(b'":', b'": ', 1)))
    mutator.make("V5", "a newline behind", text(lambda data: data + b"\n"))
    mutator.make("V5", "another reason, not signed", text(lambda data: data.replace(b"ill", b"fit")))
    mutator.make("V5", "no JSON", text(lambda data: data[:-1]))
    mutator.make("V5", "an escape", text(lambda data: data.replace(b"ill", b"\\u0069ll")))
    mutator.make("V5", "neither ballot nor event", text(lambda _: b"\2ballot"))
    mutator.make("V5", "NFD", lambda draft: _withdraw(draft, reason="\u1100\u1161"))
    mutator.make("V5", "an unknown member", lambda draft: _withdraw(draft, note="x"))
    mutator.make("V5", "a member less", lambda draft: draft.items[draft.indexes("withdraw")[0]].body.pop("reason"))
    mutator.body("V5", "a number below 0", "close", set_at("size", -1))
    mutator.make("V5", "a number for a text", lambda draft: _withdraw(draft, reason=1))
    mutator.body("V5", "another size", "close", set_at("size", lambda old: old + 1))
    mutator.body("V5", "other ballots", "close", set_at("ballots", lambda old: old - 1))
    mutator.make("V5", "closed too soon", assigned("close", time=time_text(OPENS + 7200)))
    mutator.body("V5", "upper case", "rings", set_at("root", str.upper), only=False)
    for kind, before in (("strike", "open"), ("register", "rings"), ("manifest", "open"), ("beacon", "close")):
        mutator.make("V5", f"{kind} before {before}", moved(kind, before))
    late = {"spoiled": "result", "tally-share": "close", "rejected": "tally-share", "open": "close"}
    for kind, before in late.items():
        mutator.make("V5", f"{kind} before {before}", moved(kind, before))
    mutator.make("V5", "rings twice", moved("rings", "open"))
    mutator.make("V5", "result twice", moved("result", "archive"))
    mutator.make("V5", "no witness", lambda draft: draft.witnesses.clear())
    mutator.make("V5", "a stranger for a witness", lambda draft: draft.witnesses.__setitem__(0, "w9.example"))


def _withdraw(draft: Draft, **members: Any) -> None:
    draft.items[draft.indexes("withdraw")[0]].body |= members


def all_changes(mutator: Mutator) -> None:
    """V1 to V5."""
    for part in (manifests, ceremonies, contexts, rolls, logs):
        part(mutator)
