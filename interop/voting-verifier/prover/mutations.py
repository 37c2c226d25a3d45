"""Records that somebody changed, with signatures, tree and heads made anew, so that only the check named can object."""

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from prover.election import Election, plan
from prover.writer import Draft, Item
from reader import forms
from verifier.group import BASE, encode

Change = Callable[[Draft], None]


@dataclass(frozen=True)
class Mutation:
    """What was done, the check that must object, and whether no other may."""

    check: str
    name: str
    draft: Draft
    only: bool = True


class Mutator:
    """Makes mutations of one record."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self.made: list[Mutation] = []

    def make(self, check: str, name: str, change: Change, only: bool = True) -> None:
        """A copy of the record, changed."""
        draft = self._draft.copy()
        change(draft)
        self.made.append(Mutation(check, name, draft, only))

    def body(self, check: str, name: str, kind: str, change: Callable[[Any], None], only: bool = True, nth: int = 0) -> None:
        """One event's body changed."""
        self.make(check, f"{kind}: {name}", lambda draft: change(draft.items[draft.indexes(kind)[nth]].body), only)


def insert(draft: Draft, at: int, item: Item) -> None:
    """Puts an entry in between; `close` goes on counting rightly."""
    draft.items.insert(at, item)
    for index in draft.indexes("close"):
        if at <= index:
            draft.items[index].body["size"] += 1


def remove(draft: Draft, at: int) -> None:
    """Takes an entry away; `close` goes on counting rightly."""
    for index in draft.indexes("close"):
        if at < index:
            draft.items[index].body["size"] -= 1
    del draft.items[at]


def flip(body: Any, member: str, byte: int = 0) -> None:
    """Another lowest bit in one byte of a hex text."""
    data = bytearray.fromhex(body[member])
    data[byte] ^= 1
    body[member] = data.hex()


def _set(*path: Any) -> Callable[[Any], None]:
    """Sets what stands at a path of members and indexes; the last is the value, or a function of the old one."""

    def change(body: Any) -> None:
        *way, last, value = path
        for step in way:
            body = body[step]
        body[last] = value(body[last]) if callable(value) else value

    return change


def _swap(member: str, a: int, b: int) -> Callable[[Any], None]:
    def change(body: Any) -> None:
        rows = body[member]
        rows[a], rows[b] = rows[b], rows[a]

    return change


MANIFESTS: dict[str, Callable[[Any], None]] = {
    "base 3": _set("ring", "base", 3),
    "base 16": _set("ring", "base", 16),
    "one digit": _set("ring", "digits", 1),
    "rings of 8,192": _set("ring", {"base": 2, "digits": 13}),
    "rings of 32,768": _set("ring", {"base": 8, "digits": 5}),
    "no ring": _set("ring", None),
    "threshold 0": _set("threshold", 0),
    "threshold beyond trustees": _set("threshold", 9),
    "floor 0": _set("floor", 0),
    "no keys": _set("keys", 0),
    "65 keys": _set("keys", 65),
    "fewer keys than options": _set("keys", 4),
    "another profile": _set("profile", "open"),
    "another rule for voting again": _set("revote", "never"),
    "a token in profile ring": _set("token", {"key": "AAAA"}),
    "version 2": _set("version", 2),
    "an unknown member": _set("note", ""),
    "contest twice": _set("contests", 1, "id", "c0"),
    "option twice": _set("contests", 0, "options", 1, "id", "o0"),
    "no options": _set("contests", 2, "options", []),
    "district twice": _set("districts", 1, "id", "d0"),
    "a style that is not there": _set("districts", 0, "style", 3),
    "a contest that is not there": _set("styles", 0, "contests", ["c9"]),
    "quorum beyond witnesses": _set("witnesses", "quorum", 3),
    "a witness with a log's key": lambda body: body["witnesses"]["keys"].append(body["board"]["log"]),
    "host's key is no point": _set("host", "00" * 31 + "80"),
    "closed before it opens": _set("closes", "2020-01-01T00:00:00Z"),
    "no districts": _set("districts", []),
    "negative legal roll": _set("districts", 0, "legal", -1),
    "untitled": _set("title", {}),
    "a write-in contest": _set("contests", 0, "writeIn", True),
}


def manifests(mutator: Mutator) -> None:
    """V1: between two good manifests stands one out of bounds."""

    def between(change: Callable[[Any], None], at: int) -> Change:
        def act(draft: Draft) -> None:
            item = draft.items[1].copy()
            missing = copy.deepcopy(item.body)
            change(missing)
            item.body, item.time = missing, draft.items[at - 1].time
            insert(draft, at, item)

        return act

    for name, change in MANIFESTS.items():
        mutator.make("V1", f"manifest: {name}", between(_tolerant(change), 1))
    commit = mutator._draft.indexes("ceremony-commit")[1]
    mutator.make("V1", "threshold changed in the ceremony", between(_set("threshold", 1), commit))
    mutator.make("V1", "keys changed in the ceremony", between(_set("keys", 6), commit))
    first = mutator._draft.indexes("register")[1]
    mutator.make("V1", "districts moved after registration", between(_swap("districts", 0, 2), first))


def _tolerant(change: Callable[[Any], None]) -> Callable[[Any], None]:
    def act(body: Any) -> None:
        try:
            change(body)
        except KeyError:
            body["note"] = ""

    return act


def ceremonies(mutator: Mutator) -> None:
    """V2."""
    point = encode(BASE).hex()
    mutator.body("V2", "another key", "ceremony-done", _set("keys", 0, point))
    mutator.body("V2", "keys in another order", "ceremony-done", _swap("keys", 0, 1))
    mutator.body("V2", "a key less", "ceremony-done", lambda body: body["keys"].pop())
    mutator.body("V2", "one qualified less", "ceremony-done", lambda body: body["qualified"].pop())
    mutator.body("V2", "qualified though it revealed wrongly", "ceremony-done", lambda body: body["qualified"].append(4))
    mutator.body("V2", "qualified in another order", "ceremony-done", _swap("qualified", 0, 1))
    for byte in (0, 31, 32, 63):
        change = lambda body, byte=byte: flip(body, "proofs", byte)  # noqa: E731
        mutator.body("V2", f"proof byte {byte}", "ceremony-reveal", change)
    mutator.body("V2", "another commitment", "ceremony-commit", lambda body: flip(body, "commit"))
    mutator.body("V2", "shares in clear, one wrong", "ceremony-answer", lambda body: flip(body, "shares"))
    mutator.body("V2", "shares in clear, one missing", "ceremony-answer", _set("shares", lambda old: old[64:]))
    mutator.make("V2", "no answer", lambda draft: remove(draft, draft.indexes("ceremony-answer")[0]))
    mutator.make("V2", "not dealt", lambda draft: remove(draft, draft.indexes("ceremony-shares")[0]))

    def copied(draft: Draft) -> None:
        one, other = draft.indexes("ceremony-reveal")[:2]
        draft.items[other].body["proofs"] = draft.items[one].body["proofs"]

    mutator.make("V2", "proofs of another trustee", copied)


def contexts(mutator: Mutator) -> None:
    """V3."""
    for byte in range(0, 64, 6):
        change = lambda body, byte=byte: flip(body, "context", byte)  # noqa: E731
        mutator.body("V3", f"byte {byte}", "open", change)


def rolls(mutator: Mutator) -> None:
    """V4."""
    for byte in (0, 32, 64):
        change = lambda body, byte=byte: flip(body, "proof", byte)  # noqa: E731
        mutator.body("V4", f"proof byte {byte}", "register", change, nth=byte // 32)
    mutator.body("V4", "binding", "register", lambda body: flip(body, "binding"), nth=3)
    mutator.body("V4", "replaces nothing", "register", _set("replaces", True))
    mutator.body("V4", "replaces silently", "register", _set("replaces", False), nth=-1)
    mutator.body("V4", "a slot that is not there", "strike", lambda body: flip(body, "slot"), only=False)
    mutator.body("V4", "district of another proof", "register", _set("district", "d2"), only=False)
    mutator.body("V4", "a district that is not there", "register", _set("district", "d9"), only=False)
    mutator.body("V4", "another count", "freeze", _set("districts", 0, "registered", lambda old: old + 1))
    mutator.body("V4", "another legal roll", "freeze", _set("districts", 0, "legal", lambda old: old + 1))
    mutator.body("V4", "a district less", "freeze", lambda body: body["districts"].pop())
    mutator.body("V4", "not the value committed to", "beacon", lambda body: flip(body, "value"), only=False)
    mutator.body("V4", "beacon", "rings", lambda body: flip(body, "beacon"))
    mutator.body("V4", "count", "rings", _set("rings", lambda old: old + 1))
    mutator.body("V4", "root", "rings", lambda body: flip(body, "root"))
    mutator.body("V4", "without", "rings", _set("without", []))

    def twice(draft: Draft) -> None:
        one, other = draft.indexes("register")[:2]
        for member in ("commitment", "binding", "proof"):
            draft.items[other].body[member] = draft.items[one].body[member]

    mutator.make("V4", "a commitment and its proof twice", twice, only=False)
    mutator.body("V4", "identity", "register", _set("commitment", "00" * 32), only=False)

    def phantom(draft: Draft) -> None:
        item = draft.items[draft.indexes("register")[0]].copy()
        flip(item.body, "slot")
        insert(draft, draft.indexes("freeze")[0], replace(item, time=draft.items[draft.indexes("freeze")[0]].time))

    mutator.make("V4", "one line more", phantom, only=False)


def _text(change: Callable[[bytes], bytes], kind: str = "withdraw") -> Change:
    """The bytes of one entry changed, after it was signed."""

    def act(draft: Draft) -> None:
        at = draft.indexes(kind)[0]
        draft.items[at] = Item(type=kind, raw=change(draft.entries()[at]))

    return act


def logs(mutator: Mutator) -> None:
    """V5."""
    for kind in ("manifest", "register", "open", "close", "tally-share", "result", "rejected", "beacon", "ceremony-done"):
        change = lambda draft, kind=kind: setattr(draft.items[draft.indexes(kind)[-1]], "signer", "stranger")  # noqa: E731
        mutator.make("V5", f"{kind} signed by a stranger", change)
    mutator.make("V5", "by another role", lambda draft: setattr(draft.items[draft.indexes("withdraw")[0]], "by", "board"))
    stranger = lambda draft: setattr(draft.items[draft.indexes("beacon")[0]], "by", "trustee/9")  # noqa: E731
    mutator.make("V5", "a trustee that is not there", stranger, only=False)
    early = lambda draft: setattr(draft.items[draft.indexes("withdraw")[0]], "time", "2026-01-01T00:00:00Z")  # noqa: E731
    mutator.make("V5", "time goes back", early)
    foreign = lambda draft: setattr(draft.items[draft.indexes("withdraw")[0]], "election", "ab" * 32)  # noqa: E731
    mutator.make("V5", "another election", foreign)
    mutator.make("V5", "a blank", _text(lambda data: data.replace(b'":', b'": ', 1)))
    mutator.make("V5", "a newline behind", _text(lambda data: data + b"\n"))
    mutator.make("V5", "another reason, not signed", _text(lambda data: data.replace(b"ill", b"fit")))
    mutator.make("V5", "no JSON", _text(lambda data: data[:-1]))
    mutator.make("V5", "an escape", _text(lambda data: data.replace(b"ill", b"\\u0069ll")))
    mutator.make("V5", "neither ballot nor event", _text(lambda _: b"\2ballot"))
    mutator.make("V5", "NFD", lambda draft: _withdraw(draft, reason="가"))
    mutator.make("V5", "an unknown member", lambda draft: _withdraw(draft, note="x"))
    mutator.make("V5", "a member less", lambda draft: draft.items[draft.indexes("withdraw")[0]].body.pop("reason"))
    mutator.make("V5", "a number for a text", lambda draft: _withdraw(draft, reason=1))
    mutator.body("V5", "another size", "close", _set("size", lambda old: old + 1))
    upper = lambda body: body.update(root=body["root"].upper())  # noqa: E731
    mutator.body("V5", "upper case", "rings", upper, only=False)
    for kind, before in (("strike", "open"), ("register", "rings"), ("manifest", "open"), ("beacon", "close")):
        mutator.make("V5", f"{kind} before {before}", _moved(kind, before))
    for kind, before in (("spoiled", "result"), ("tally-share", "close"), ("rejected", "tally-share"), ("open", "close")):
        mutator.make("V5", f"{kind} before {before}", _moved(kind, before))
    mutator.make("V5", "rings twice", _moved("rings", "open"))
    mutator.make("V5", "result twice", _moved("result", "archive"))
    mutator.make("V5", "no witness", lambda draft: draft.witnesses.clear())
    mutator.make("V5", "a stranger for a witness", lambda draft: draft.witnesses.__setitem__(0, "w9.example"))


def _withdraw(draft: Draft, **members: Any) -> None:
    draft.items[draft.indexes("withdraw")[0]].body |= members


def _moved(kind: str, before: str) -> Change:
    """Another copy of an event where it does not belong."""

    def act(draft: Draft) -> None:
        at = draft.indexes(before)[-1]
        insert(draft, at, replace(draft.items[draft.indexes(kind)[0]].copy(), time=draft.items[at].time))

    return act


def ballots(mutator: Mutator, shape: Any) -> None:
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
        mutator.make(check, f"ballot: {name}", _patched(place, lambda old: old ^ 2), name in alone)
    for name in ("A", "X", "T1"):
        mutator.make("V6", f"ballot: {name} not canonical", _patched(alone[name], lambda old: old ^ 1))
    for name in ("f", "zs"):
        mutator.make("V6", f"ballot: {name} beyond the order", _patched(alone[name] + 31, lambda old: old | 0xF0))
    mutator.make("V6", "ballot: truncated", lambda draft: _rewrite(draft, lambda data: data[:-32]), only=False)
    mutator.make("V6", "ballot: a byte behind", lambda draft: _rewrite(draft, lambda data: data + b"\0"), only=False)


def _patched(place: int, change: Callable[[int], int]) -> Change:
    def act(draft: Draft) -> None:
        _rewrite(draft, lambda data: data[:place] + bytes([change(data[place])]) + data[place + 1 :])

    return act


def _rewrite(draft: Draft, change: Callable[[bytes], bytes], nth: int = 5) -> None:
    item = draft.items[draft.indexes("ballot")[nth]]
    item.ballot = change(item.ballot)


def refusals(mutator: Mutator) -> None:
    """V7: a good ballot refused for any reason, a bad one for a wrong reason."""
    last = mutator._draft.items[mutator._draft.indexes("ballot")[-1]].ballot
    for reason in ("encoding", "style", "ring", "tag", "proof", "duplicate"):
        change = lambda body, reason=reason: body.update(ballot=forms.to_base64url(last), reason=reason)  # noqa: E731
        mutator.body("V7", f"a good ballot, {reason}", "rejected", change)
    for nth, wrong in ((0, "proof"), (3, "ring"), (5, "style"), (6, "proof"), (8, "tag"), (8, "encoding")):
        mutator.body("V7", f"{nth}: not {wrong}", "rejected", _set("reason", wrong), nth=nth)
    mutator.body("V7", "a digest, proof", "rejected", _set("reason", "proof"), nth=-1)


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
    for name, change in {"one more": 1, "one less": -1, "many more": 1000}.items():
        mutator.body("V8", name, "close", _set("ballots", lambda old, change=change: old + change))

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
        mutator.body("V9", f"ballots of {nth}", "tally-share", _set("ballots", lambda old: old + 1), nth=nth)
    for nth in range(3):
        mutator.body("V9", f"districts of {nth}", "tally-share", _set("districts", ["d4"]), nth=nth)
    mutator.body("V9", "no such group", "tally-share", _set("group", 99), only=False)
    mutator.body("V9", "a withheld group", "tally-share", _set("group", 2), only=False)
    mutator.body("V9", "another group", "tally-share", _set("group", 1), only=False)


def shares(mutator: Mutator) -> None:
    """V10. Two of three shares remain, so the result stays."""
    for byte in (0, 32, 64):
        change = lambda body, byte=byte: flip(body["cells"][0], "proof", byte)  # noqa: E731
        mutator.body("V10", f"proof byte {byte}", "tally-share", change, only=False)
    mutator.body("V10", "another share", "tally-share", _set("cells", 0, "share", encode(BASE).hex()), only=False)
    mutator.body("V10", "shares in another order", "tally-share", _swap("cells", 0, 1), only=False)
    mutator.body("V10", "a cell less", "tally-share", lambda body: body["cells"].pop(), only=False)
    mutator.make("V10", "twice", lambda draft: _again(draft))
    unqualified = lambda draft: setattr(draft.items[draft.indexes("tally-share")[0]], "by", "trustee/4")  # noqa: E731
    mutator.make("V10", "by one who is not qualified", unqualified, only=False)
    other = lambda draft: setattr(draft.items[draft.indexes("tally-share")[0]], "by", "trustee/2")  # noqa: E731
    mutator.make("V10", "in another's name", other, only=False)

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


def spoils(mutator: Mutator) -> None:
    """V12."""
    mutator.body("V12", "alpha", "spoiled", lambda body: flip(body, "alpha"))
    mutator.body("V12", "rho", "spoiled", lambda body: flip(body, "rho"))
    mutator.body("V12", "rho beyond the order", "spoiled", _set("rho", "ff" * 32))
    mutator.body("V12", "beta swapped", "spoiled", _swap("beta", 0, 1))
    mutator.body("V12", "a beta less", "spoiled", lambda body: body["beta"].pop())
    mutator.body("V12", "a beta more", "spoiled", lambda body: body["beta"].append(body["beta"][0]))
    for nth in (0, 1):
        for choice in (0, 1):
            change = _set("choices", choice, lambda old: (old + 1) % 3)
            mutator.body("V12", f"{nth}: choice {choice}", "spoiled", change, nth=nth)
    mutator.body("V12", "an option that is not there", "spoiled", _set("choices", 0, 9))
    mutator.body("V12", "a choice less", "spoiled", lambda body: body["choices"].pop())


def results(mutator: Mutator) -> None:
    """V14."""
    row = ("groups", 0)
    mutator.body("V14", "ballots", "result", _set(*row, "ballots", lambda old: old + 1))
    mutator.body("V14", "blank", "result", _set(*row, "contests", 0, "blank", lambda old: old + 1))
    for option in range(3):
        change = _set(*row, "contests", 0, "counts", option, lambda old: old + 1)
        mutator.body("V14", f"option {option}", "result", change)
    mutator.body("V14", "one vote moved", "result", lambda body: _move_vote(body["groups"][0]["contests"][0]["counts"]))
    mutator.body("V14", "contest", "result", _set(*row, "contests", 0, "id", "c9"))
    mutator.body("V14", "districts", "result", _set(*row, "districts", ["d0"]))
    mutator.body("V14", "a group less", "result", lambda body: body["groups"].pop())
    mutator.body("V14", "groups in another order", "result", _swap("groups", 0, 1))
    mutator.body("V14", "withheld forgotten", "result", _set("withheld", []))
    mutator.body("V14", "withheld ballots", "result", _set("withheld", 0, "ballots", 0))
    mutator.body("V14", "one trustee", "result", _set("trustees", [1]))
    mutator.body("V14", "a trustee who did nothing", "result", _set("trustees", [1, 4]))
    mutator.body("V14", "trustees in another order", "result", _set("trustees", [2, 1]))
    mutator.body("V14", "a trustee twice", "result", _set("trustees", [1, 1]))


def _move_vote(counts: list[int]) -> None:
    at = counts.index(max(counts))
    counts[at] -= 1
    counts[(at + 1) % len(counts)] += 1


SMALL: dict[str, Any] = {"name": "small", "base": 2, "districts": ((8, 0), (4, 1), (1, 0), (0, 1), (2, 2))}


def turnouts() -> Iterator[Mutation]:
    """V11: elections that went wrong from the start: more registered than the legal roll has, more votes than registered."""
    for number in range(5):
        districts = SMALL["districts"]
        legal = tuple(voters - (at == number and voters > 0) for at, (voters, _) in enumerate(districts))
        if legal != tuple(voters for voters, _ in districts):
            changed = plan(**SMALL | {"name": f"legal {number}", "legal": legal})
            yield Mutation("V11", f"district {number}: more registered than legal", Election(changed).hold())
    for phantoms in range(4, 10):
        changed = plan(**SMALL | {"name": f"phantoms {phantoms}", "profile": "token", "phantoms": phantoms})
        yield Mutation("V11", f"{phantoms} tokens for nobody", Election(changed).hold())


def firsts() -> Iterator[Mutation]:
    """V8 under `first`: a second ballot of a tag is in the log."""
    for number in range(2):
        election = Election(plan(**SMALL | {"name": f"first {number}", "revote": "first"}))
        draft = election.hold()
        voter = election.voters[number]
        second = election.make(voter, election.choices(voter.number + 1, voter.district), 1).make()
        insert(draft, draft.indexes("withdraw")[0], Item(ballot=second))
        draft.items[draft.indexes("close")[0]].body["ballots"] += 1
        yield Mutation("V8", f"first: voter {number} votes again", draft)


def tokens() -> Iterator[Mutation]:
    """V6 in profile `token`: signature and randomizer."""
    election = Election(plan(**SMALL | {"name": "tokens", "profile": "token"}))
    draft = election.hold()
    for name, place in {"signature": -1, "randomizer": -257, "zs": -289, "zrho": -330}.items():
        changed = draft.copy()
        _rewrite(changed, lambda data, place=place: data[:place] + bytes([data[place] ^ 1]) + data[len(data) + place + 1 :])
        yield Mutation("V6", f"token ballot: {name}", changed)


def all_mutations() -> Iterator[Mutation]:
    """All of them; the record they are made from is the first, with an empty check."""
    election = Election(plan(**SMALL))
    draft = election.hold()
    yield Mutation("", "the record itself", draft)
    mutator = Mutator(draft)
    for part in (manifests, ceremonies, contexts, rolls, logs, refusals, boxes, groups, shares, spoils, results):
        part(mutator)
    ballots(mutator, election.parsed.shape(0))
    yield from mutator.made
    yield from turnouts()
    yield from firsts()
    yield from tokens()
