"""Records that somebody changed, with signatures, tree and heads made anew, so that only the check named can object."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from prover.writer import Draft, Item

Change = Callable[[Draft], None]
BodyChange = Callable[[Any], None]


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
        self.draft = draft
        self.made: list[Mutation] = []

    def make(self, check: str, name: str, change: Change, only: bool = True) -> None:
        """A copy of the record, changed."""
        draft = self.draft.copy()
        change(draft)
        self.made.append(Mutation(check, name, draft, only))

    def body(self, check: str, name: str, kind: str, change: BodyChange, only: bool = True, nth: int = 0) -> None:
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


def flipped(*path: Any, byte: int = 0) -> BodyChange:
    """Another lowest bit in one byte of the hex text at a path."""

    def change(old: str) -> str:
        data = bytearray.fromhex(old)
        data[byte] ^= 1
        return data.hex()

    return set_at(*path, change)


def assigned(kind: str, nth: int = 0, **members: Any) -> Change:
    """Members of an event replaced."""

    def act(draft: Draft) -> None:
        at = draft.indexes(kind)[nth]
        draft.items[at] = replace(draft.items[at], **members)

    return act


def set_at(*path: Any) -> BodyChange:
    """Sets what stands at a path of members and indexes; the last is the value, or a function of the old one."""

    def change(body: Any) -> None:
        *way, last, value = path
        for step in way:
            body = body[step]
        body[last] = value(body[last]) if callable(value) else value

    return change


def swap(member: str, a: int, b: int) -> BodyChange:
    """Two elements of a list change places."""

    def change(body: Any) -> None:
        rows = body[member]
        rows[a], rows[b] = rows[b], rows[a]

    return change


def text(change: Callable[[bytes], bytes], kind: str = "withdraw") -> Change:
    """The bytes of one entry changed, after it was signed."""

    def act(draft: Draft) -> None:
        at = draft.indexes(kind)[0]
        draft.items[at] = Item(type=kind, raw=change(draft.entries()[at]))

    return act


def moved(kind: str, before: str) -> Change:
    """Another copy of an event where it does not belong."""

    def act(draft: Draft) -> None:
        at = draft.indexes(before)[-1]
        insert(draft, at, replace(draft.items[draft.indexes(kind)[0]].copy(), time=draft.items[at].time))

    return act


def patched(place: int, change: Callable[[int], int], nth: int = 5) -> Change:
    """One byte of a ballot changed."""

    def act(draft: Draft) -> None:
        rewrite(draft, lambda data: data[:place] + bytes([change(data[place])]) + data[place + 1 :], nth)

    return act


def rewrite(draft: Draft, change: Callable[[bytes], bytes], nth: int = 5) -> None:
    """A ballot's bytes changed."""
    item = draft.items[draft.indexes("ballot")[nth]]
    item.ballot = change(item.ballot)
