"""Texts that are odd: letters beyond the plane, escapes, numbers in another form."""

from typing import Any

from compare.cases.operations import GRANT_A, add_grant, to_ask
from compare.cases.world import Cases, World
from compare.writer import START, text_of
from reader import forms

CASES = Cases()
CASES.variants(
    "scope",
    {
        "names in the order of UTF-16": to_ask(["\ue000", "\U0001f600", "z"]) | {"by": "root"},
        "a claim beyond the plane": to_ask(["A"], [["\U0001f600\u007f\u2028"]]),
        "a claim with a control": to_ask(["A"], [["\x01\b\t\n\f\r\"\\/"]]),
        "?index 2^53": to_ask(["A"], [["x", 2**53]]),
        "!index beyond": to_ask(["A"], [["x", 2**53 + 1]]),
    },
    lambda world, label, change: add_grant(world, label, change | ({"by": world.root} if "by" in change else {})),
)


def _replaced(world: World, label: str, change: Any) -> None:
    old, new = change
    entry = forms.jcs({"op": world.issuer.digest("https://issuer.example/1", 1), "time": text_of(world.now), "v": 1})
    assert entry.count(old) >= 1
    world.add_raw(label, entry.replace(old, new, 1))


CASES.variants(
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


@CASES.case
def subject_that_is_no_hash(world: World) -> None:
    for text in ("zQm" + "1" * 44, "zQm" + "z" * 44, "zQm" + "x" * 44):
        world.add("?grant", world.root.grant("did:tlog:" + text, GRANT_A, world.now))
