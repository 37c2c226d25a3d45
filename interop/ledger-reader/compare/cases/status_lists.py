"""Digests of status lists."""

from typing import Any

from compare.cases.world import Cases, World
from compare.writer import START, text_of

CASES = Cases()
DIGEST = {"type": "status-list", "list": "https://issuer.example/1", "version": 1, "sha256": "B" * 42 + "A"}
DIGEST |= {"iat": text_of(START), "ttl": 900}


def _list(world: World, label: str, members: Any) -> None:
    world.add(label, world.issuer.sign(DIGEST | members))


CASES.variants(
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
