"""Events (§3): canonical form, members, signature."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from reader import forms
from reader.forms import Broken, check

from verifier.manifest import is_hex, is_id, is_integer

Predicate = Callable[[Any], bool]
REASONS = ("encoding", "style", "ring", "tag", "proof", "duplicate")
CODE = re.compile(r"[a-z2-7]{20}")


def _bytes(size: int) -> Predicate:
    return lambda value: is_hex(value, size)


def _list(predicate: Predicate) -> Predicate:
    return lambda value: isinstance(value, list) and all(map(predicate, value))


def _object(members: Mapping[str, Predicate]) -> Predicate:
    return lambda value: (
        isinstance(value, dict) and value.keys() == members.keys() and all(members[n](value[n]) for n in members)
    )


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _count(value: Any) -> bool:
    return is_integer(value, 0)


def _trustee(value: Any) -> bool:
    return is_integer(value, 1, 32)


def _time(value: Any) -> bool:
    try:
        forms.parse_time(value, "time")
        return True
    except Broken:
        return False


def _base64(value: Any) -> bool:
    try:
        forms.from_base64url(value)
    except ValueError:
        return False
    return True


def _boolean(value: Any) -> bool:
    return isinstance(value, bool)


def _one_of(*values: str) -> Predicate:
    return lambda value: isinstance(value, str) and value in values


_REGISTER = {"district": is_id, "holder": _bytes(32), "replaces": _boolean, "slot": _bytes(16)}
_GROUP = {"ballots": _count, "districts": _list(is_id)}
_CONTEST = {"blank": _count, "counts": _list(_count), "id": is_id}
# For each type who sends it, and its body; some have two forms.
BODIES: dict[str, tuple[str, tuple[Predicate, ...]]] = {
    "manifest": ("host", (lambda value: isinstance(value, dict),)),
    "ceremony-commit": ("trustee", (_object({"beacon": _bytes(64), "commit": _bytes(64)}),)),
    "ceremony-reveal": ("trustee", (_object({"commitments": is_hex, "proofs": is_hex}),)),
    "ceremony-shares": ("trustee", (_object({"ciphertext": is_hex, "enc": _bytes(32), "to": _trustee}),)),
    "ceremony-complaint": ("trustee", (_object({"against": _trustee}),)),
    "ceremony-answer": ("trustee", (_object({"shares": is_hex, "to": _trustee}),)),
    "ceremony-next": ("host", (_object({"phase": _one_of("reveal", "shares", "complaints", "answers")}),)),
    "ceremony-done": ("host", (_object({"keys": _list(_bytes(32)), "qualified": _list(_trustee)}),)),
    "register": (
        "registrar",
        (
            _object({"binding": _bytes(64), "commitment": _bytes(32), "proof": _bytes(96), **_REGISTER}),
            _object({"blinded": _bytes(32), **_REGISTER}),
        ),
    ),
    "strike": ("registrar", (_object({"reason": _text, "slot": _bytes(16)}),)),
    "freeze": (
        "registrar",
        (_object({"districts": _list(_object({"id": is_id, "legal": _count, "registered": _count}))}),),
    ),
    "beacon": ("trustee", (_object({"value": _bytes(32)}),)),
    "rings": (
        "registrar",
        (_object({"beacon": _bytes(32), "rings": _count, "root": _bytes(32), "without": _list(_trustee)}),),
    ),
    "open": ("host", (_object({"context": _bytes(64)}),)),
    "withdraw": ("host", (_object({"contest": is_id, "option": is_id, "reason": _text}),)),
    "spoiled": (
        "board",
        (
            _object(
                {
                    "alpha": _bytes(32),
                    "beta": _list(_bytes(32)),
                    "choices": _list(_count),
                    "rho": _bytes(32),
                    "tracking": lambda value: isinstance(value, str) and CODE.fullmatch(value) is not None,
                }
            ),
        ),
    ),
    "rejected": (
        "board",
        (
            _object({"ballot": _base64, "reason": _one_of(*REASONS)}),
            _object({"digest": _bytes(32), "reason": _one_of(*REASONS)}),
        ),
    ),
    "close": ("board", (_object({"ballots": _count, "size": _count}),)),
    "tally-share": (
        "trustee",
        (_object({"cells": _list(_object({"proof": _bytes(96), "share": _bytes(32)})), "group": _count, **_GROUP}),),
    ),
    "result": (
        "host",
        (
            _object(
                {
                    "groups": _list(_object({"contests": _list(_object(_CONTEST)), **_GROUP})),
                    "trustees": _list(_trustee),
                    "withheld": _list(_object(_GROUP)),
                }
            ),
        ),
    ),
    "archive": ("host", (_object({"until": _time}),)),
}


class WriteIn(Broken):
    """An event of the mixes that only write-in contests need."""


@dataclass(frozen=True)
class Event:
    """An event in its form; whether its signature holds is asked later."""

    entry: int
    type: str
    by: str
    election: bytes
    time: int
    body: dict[str, Any]
    message: bytes
    signature: bytes

    @property
    def trustee(self) -> int:
        """The number of the trustee that sent it."""
        return int(self.by.partition("/")[2])


def _is_plain(value: Any) -> bool:
    """Whether texts are NFC, and numbers from 0."""
    if isinstance(value, dict):
        return all(unicodedata.is_normalized("NFC", name) and _is_plain(value[name]) for name in value)
    if isinstance(value, list):
        return all(map(_is_plain, value))
    if isinstance(value, str):
        return unicodedata.is_normalized("NFC", value)
    return value is None or isinstance(value, bool) or is_integer(value, 0)


def parse(entry: int, data: bytes) -> Event:
    """Reads an event. Raises `Broken`."""
    try:
        value = forms.parse_json(data)
        canonical = forms.jcs(value) == data
    except (ValueError, RecursionError) as error:
        raise Broken("no JSON") from error
    check(canonical and _is_plain(value), "not in canonical form")
    check(isinstance(value, dict) and value.keys() == set("body by election signature time type".split()), "members")
    kind, by = value["type"], value["by"]
    if isinstance(kind, str) and kind.startswith("mix"):
        raise WriteIn("an event of a mix")
    check(isinstance(kind, str) and kind in BODIES, "no such type")
    role, bodies = BODIES[kind]
    check(isinstance(by, str) and by.partition("/")[0] == role, f"{kind} is not for {by}")
    check(role != "trustee" or re.fullmatch(r"trustee/[1-9][0-9]?", by) is not None, "no such role")
    check(any(predicate(value["body"]) for predicate in bodies), f"body of {kind}")
    check(is_hex(value["election"], 32), "election")
    time = forms.parse_time(value["time"], "time")
    try:
        signature = forms.from_base64url(value.pop("signature"))
    except ValueError as error:
        raise Broken("signature is no base64url") from error
    message = b"sinpyo-vote/1/event\0" + forms.jcs(value)
    return Event(entry, kind, by, bytes.fromhex(value["election"]), time, value["body"], message, signature)
