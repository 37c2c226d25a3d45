"""Changes of ballots, shares and result: V6 to V14."""

import copy
from collections.abc import Callable
from typing import Any

from prover.mutation import Change, Mutator, assigned, flipped, insert, moved, patched, remove, rewrite, set_at, swap
from prover.writer import Draft, Item
from reader import forms
from verifier.ballot import Shape
from verifier.group import BASE, encode

def ballots(mutator: Mutator, shape: Shape) -> None:
    """V6: every region of a ballot. Those that change tag or ciphertext change the sums too."""
    m, digits, f = shape.options, shape.digits, shape.digits * (shape.base - 1) + shape.options
    regions = {"version": 0, "style": 1, "ring": 3, "flags": 7, "T": 8, "alpha": 40, "beta": 72}
    at = 72 + 32 * m
    alone = {"A": at, "B": at + 32, "X": at + 64, "Y0": at + 64 + 32 * digits}
    at = alone["Y0"]
    alone |= {"T0": at + 32, "T1": at + 64, "f": at + 96, "last f": at + 96 + 32 * (f - 1)}
    alone |= {name: at + 96 + 32 * (f + n) for n, name in enumerate(("zA", "zrho", "zs", "zr"))}
    for name, place in (regions | alone).items():
        check = "V5" if name == "version" else "V6"
        mutator.make(check, f"ballot: {name}", patched(place, lambda old: old ^ 2), name in alone)
    for name in ("A", "X", "T1"):
        mutator.make("V6", f"ballot: {name} not canonical", patched(alone[name], lambda old: old ^ 1))
    for name in ("f", "zs"):
        mutator.make("V6", f"ballot: {name} beyond the order", patched(alone[name] + 31, lambda old: old | 0xF0))
    mutator.make("V6", "ballot: truncated", lambda draft: rewrite(draft, lambda data: data[:-32]), only=False)
    mutator.make("V6", "ballot: a byte behind", lambda draft: rewrite(draft, lambda data: data + b"\0"), only=False)


def refusals(mutator: Mutator) -> None:
    """V7: a good ballot refused for any reason, a bad one for a wrong reason."""
    last = mutator.draft.items[mutator.draft.indexes("ballot")[-1]].ballot
    for reason in ("encoding", "style", "ring", "tag", "proof", "duplicate"):
        body = {"ballot": forms.to_base64url(last), "reason": reason}
        mutator.make("V7", f"a good ballot, {reason}", assigned("rejected", body=body))
    for nth, wrong in ((0, "proof"), (3, "ring"), (5, "style"), (6, "proof"), (8, "tag"), (8, "encoding")):
        mutator.body("V7", f"{nth}: not {wrong}", "rejected", set_at("reason", wrong), nth=nth)
    mutator.body("V7", "a digest, proof", "rejected", set_at("reason", "proof"), nth=-1)


def boxes(mutator: Mutator) -> None:
    """V8."""

    def again(before: str, count: int) -> Change:
        def act(draft: Draft) -> None:
            item = draft.items[draft.indexes("ballot")[0]]
            insert(draft, draft.indexes(before)[0], item.copy())
            draft.items[draft.indexes("close")[0]].body["ballots"] += count

        return act

    # The first voter's ballot again over the newer one: the newest counts, so the sums are others too.
    mutator.make("V8", "the same bytes again", again("withdraw", 1))
    mutator.make("V8", "an old ballot over a new one", again("close", 1), only=False)
    mutator.make("V8", "before it opens", again("open", 0))
    mutator.make("V8", "while registering", again("freeze", 0))
    mutator.make("V8", "after it closed", again("tally-share", 0))
    mutator.make("V8", "after the result", again("archive", 0))
    def moved(nth: int, before: str, only: bool) -> None:
        def act(draft: Draft) -> None:
            at = draft.indexes("ballot")[nth]
            item = draft.items[at]
            remove(draft, at)
            insert(draft, draft.indexes(before)[0], item)

        mutator.make("V8", f"ballot {nth} moved before {before}", act, only)

    moved(0, "open", False)
    moved(3, "tally-share", False)
    moved(-1, "result", False)


def groups(mutator: Mutator) -> None:
    """V9."""
    for nth in range(6):
        mutator.body("V9", f"ballots of {nth}", "tally-share", set_at("ballots", lambda old: old + 1), nth=nth)
    for nth in range(3):
        mutator.body("V9", f"districts of {nth}", "tally-share", set_at("districts", ["d4"]), nth=nth)
    mutator.body("V9", "no such group", "tally-share", set_at("group", 99), only=False)
    mutator.body("V9", "a withheld group", "tally-share", set_at("group", 2), only=False)
    mutator.body("V9", "another group", "tally-share", set_at("group", 1), only=False)


def shares(mutator: Mutator) -> None:
    """V10. Two of three shares remain, so the result stays."""
    for byte in (0, 32, 64):
        change = flipped("cells", 0, "proof", byte=byte)
        mutator.body("V10", f"proof byte {byte}", "tally-share", change, only=False)
    mutator.body("V10", "another share", "tally-share", set_at("cells", 0, "share", encode(BASE).hex()), only=False)
    mutator.body("V10", "shares in another order", "tally-share", swap("cells", 0, 1), only=False)
    mutator.body("V10", "a cell less", "tally-share", lambda body: body["cells"].pop(), only=False)
    mutator.make("V10", "twice", lambda draft: _again(draft))
    mutator.make("V10", "by one who is not qualified", assigned("tally-share", by="trustee/4"), only=False)
    mutator.make("V10", "in another's name", assigned("tally-share", by="trustee/2"), only=False)

    def few(draft: Draft) -> None:
        for at in draft.indexes("tally-share")[1:3][::-1]:
            remove(draft, at)

    mutator.make("V10", "one share only", few, only=False)

    def copied(draft: Draft) -> None:
        one, two = draft.indexes("tally-share")[:2]
        draft.items[two].body["cells"] = copy.deepcopy(draft.items[one].body["cells"])

    mutator.make("V10", "another trustee's share", copied, only=False)


def _again(draft: Draft) -> None:
    at = draft.indexes("tally-share")[0]
    insert(draft, at, draft.items[at].copy())


def writes(mutator: Mutator) -> None:
    """V13: nothing of write-in contests belongs into this version."""
    for kind, by in (("mix", "trustee/1"), ("mix-proof", "trustee/2"), ("mix-open", "host")):
        for before in ("open", "close", "result"):
            mutator.make("V13", f"{kind} before {before}", _foreign(kind, by, before))

    def written(draft: Draft) -> None:
        item = draft.items[0].copy()
        item.body["contests"][0]["write-in"] = True
        insert(draft, 1, item)

    mutator.make("V13", "a write-in contest", written)


def _foreign(kind: str, by: str, before: str) -> Change:
    def act(draft: Draft) -> None:
        at = draft.indexes(before)[-1]
        insert(draft, at, Item(kind, by, {}, draft.items[at].time))

    return act


def spoils(mutator: Mutator) -> None:
    """V12."""
    mutator.body("V12", "alpha", "spoiled", flipped("alpha"))
    mutator.body("V12", "rho", "spoiled", flipped("rho"))
    mutator.body("V12", "rho beyond the order", "spoiled", set_at("rho", "ff" * 32))
    mutator.body("V12", "beta swapped", "spoiled", swap("beta", 0, 1))
    mutator.body("V12", "a beta less", "spoiled", lambda body: body["beta"].pop())
    mutator.body("V12", "a beta more", "spoiled", lambda body: body["beta"].append(body["beta"][0]))
    for nth in (0, 1):
        for choice in (0, 1):
            change = set_at("choices", choice, lambda old: (old + 1) % 3)
            mutator.body("V12", f"{nth}: choice {choice}", "spoiled", change, nth=nth)
    mutator.body("V12", "an option that is not there", "spoiled", set_at("choices", 0, 9))
    mutator.body("V12", "a choice less", "spoiled", lambda body: body["choices"].pop())


def results(mutator: Mutator) -> None:
    """V14."""
    row = ("groups", 0)
    mutator.body("V14", "ballots", "result", set_at(*row, "ballots", lambda old: old + 1))
    mutator.body("V11", "blank", "result", set_at(*row, "contests", 0, "blank", lambda old: old + 1))
    for option in range(3):
        change = set_at(*row, "contests", 0, "counts", option, lambda old: old + 1)
        mutator.body("V14", f"option {option}", "result", change, only=False)
    mutator.body("V14", "one vote moved", "result", lambda body: _move_vote(body["groups"][0]["contests"][0]["counts"]))
    mutator.body("V14", "contest", "result", set_at(*row, "contests", 0, "id", "c9"))
    mutator.body("V14", "districts", "result", set_at(*row, "districts", ["d0"]))
    mutator.body("V14", "a group less", "result", lambda body: body["groups"].pop())
    mutator.body("V14", "groups in another order", "result", swap("groups", 0, 1))
    mutator.body("V14", "withheld forgotten", "result", set_at("withheld", []))
    mutator.body("V14", "withheld ballots", "result", set_at("withheld", 0, "ballots", 0))
    mutator.body("V14", "one trustee", "result", set_at("trustees", [1]))
    mutator.body("V14", "a trustee who did nothing", "result", set_at("trustees", [1, 4]))
    mutator.body("V14", "trustees in another order", "result", set_at("trustees", [2, 1]))
    mutator.body("V14", "a trustee twice", "result", set_at("trustees", [1, 1]))


def _move_vote(counts: list[int]) -> None:
    at = counts.index(max(counts))
    counts[at] -= 1
    counts[(at + 1) % len(counts)] += 1


def all_changes(mutator: Mutator, shape: Shape) -> None:
    """V6 to V14, without those that need an election of their own; `shape` is that of the first style."""
    ballots(mutator, shape)
    for part in (refusals, boxes, groups, shares, writes, spoils, results):
        part(mutator)
