"""The form of entries, and entry 0."""

from collections.abc import Callable
from typing import Any

from compare.cases.world import DAY, Cases, World
from compare.writer import ORIGIN, Signer, text_of
from reader import forms

CASES = Cases()


def _raw(world: World, label: str, make: Callable[[bytes, str], bytes]) -> None:
    operation = forms.jcs(world.issuer.digest("https://issuer.example/1", 1))
    world.add_raw(label, make(operation, text_of(world.now + 60)))


CASES.variants(
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


@CASES.case
def time_goes_back(world: World) -> None:
    world.add("!back", world.issuer.digest("https://issuer.example/1", 1), -1)
    world.add("same second", world.issuer.digest("https://issuer.example/1", 1), 1)


@CASES.case
def the_time_of_an_invalid_entry_does_not_count(world: World) -> None:
    world.add("!future", {"log": ORIGIN, "type": "none"}, 10 * DAY)
    world.add("after", world.issuer.digest("https://issuer.example/1", 1), -9 * DAY)


@CASES.case
def a_log_is_opened_once(world: World) -> None:
    world.add("!again", {"type": "log", "log": ORIGIN, "root": world.root.id})


def _opening(world: World, label: str, members: Any) -> None:
    first = world.root.created
    world.entries, world.labels = [], []
    world.add(label, {"type": "log", "log": ORIGIN, "root": world.root.id} | members)
    world.add("create" if label[0] != "!" else "!create", first)


CASES.variants(
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
