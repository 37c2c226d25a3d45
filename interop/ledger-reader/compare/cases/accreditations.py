"""Accreditations: their form, what they rest on, how many there may be, and their status."""

from typing import Any

from compare.cases.operations import GRANT_A, add_grant, to_ask
from compare.cases.world import DAY, Cases, World
from compare.writer import START, Did, Signer, text_of
from reader import forms

CASES = Cases()
LONG_PATH = [["x"] * 16]
CASES.variants(
    "grant",
    {
        "usual": {},
        "of both": {"grant": {"issue": {"types": ["A", "B"]}}},
        "!of more": {"grant": {"issue": {"types": ["A", "C"]}}},
        "!none": {"grant": {"issue": {"types": []}}},
        "to accredit": {"grant": {"accredit": {"types": ["A"]}}},
        "!to accredit anything": {"grant": {"accredit": {"types": []}}},
        "?type twice": {"grant": {"issue": {"types": ["A", "A"]}}},
        "!two": {"grant": {"issue": {"types": ["A"]}, "accredit": {"types": ["A"]}}},
        "!unknown": {"grant": {"verify": {"types": ["A"]}}},
        "!unknown member": {"grant": {"issue": {"types": ["A"], "x": 1}}},
        "to ask": to_ask(["A"]),
        "!to ask for more": to_ask(["A", "C"]),
        "!to ask for nothing": to_ask([]),
        "!no path": {"grant": {"request": {"service": "a", "scope": {"A": []}}}},
        "path of 16": to_ask(["A"], LONG_PATH),
        "!path of 17": to_ask(["A"], [["x"] * 17]),
        "!empty path": to_ask(["A"], [[]]),
        "path with all": to_ask(["A"], [["x", 0, None, "y"]]),
        "!path that begins with a number": to_ask(["A"], [[0]]),
        "!path with -1": to_ask(["A"], [["x", -1]]),
        "!path with true": to_ask(["A"], [["x", True]]),
        "?path twice": to_ask(["A"], [["x"], ["x"]]),
        "?empty text in a path": to_ask(["A"], [[""]]),
        "256 paths": to_ask(["A"], [[str(n)] for n in range(256)]),
        "!257 paths": to_ask(["A"], [[str(n)] for n in range(257)]),
        "service of 64": to_ask(["A"], None, "a" * 64),
        "!service of 65": to_ask(["A"], None, "a" * 65),
        "!service with a capital": to_ask(["A"], None, "A"),
        "!service with two dots": to_ask(["A"], None, "a..b"),
        "!service with a hyphen": to_ask(["A"], None, "a-b"),
        "!service empty": to_ask(["A"], None, ""),
        "a day ago": {"begins": 60 - DAY},
        "!more than a day ago": {"begins": 59 - DAY},
        "later": {"begins": 400 * DAY},
        "ends": {"validUntil": text_of(START + 400 * DAY)},
        "!ends before": {"validUntil": text_of(START)},
        "?ends when it begins": {"validUntil": text_of(START + 300)},
        "name of 120": {"name": {"ko": "가" * 120, "en": "a"}},
        "!name of 121": {"name": {"ko": "가" * 121, "en": "a"}},
        "name of 120 beyond the plane": {"name": {"ko": "😀" * 120, "en": "a"}},
        "!name empty": {"name": {"ko": "", "en": "a"}},
        "!name of blanks": {"name": {"ko": " \u3000", "en": "a"}},
        "!name with a line feed": {"name": {"ko": "가\n나", "en": "a"}},
        "!name with a C1 control": {"name": {"ko": "가\x85나", "en": "a"}},
        "?name with a direction": {"name": {"ko": "가\u202e나", "en": "a"}},
        "?name with a line separator": {"name": {"ko": "가\u2028나", "en": "a"}},
        "!name in one language": {"name": {"ko": "가"}},
        "!name in three": {"name": {"ko": "가", "en": "a", "fr": "b"}},
        "!subject none": {"subject": "nobody"},
        "?subject elsewhere": {"subject": "did:web:example.com"},
        "?subject unknown": {"subject": "did:tlog:zQm" + "x" * 44},
        "!unknown of the operation": {"more": 1},
        "!type with a blank": {"grant": {"accredit": {"types": ["A B"]}}},
    },
    add_grant,
)


def _type(world: World, label: str, name: Any) -> None:
    world.add(label, world.root.grant(world.issuer.id, {"issue": {"types": [name]}}, world.now))


CASES.variants(
    "type",
    {
        "plain": "A",
        "Korean": "자격증",
        "URL": "https://example.com/credentials/v1#A",
        "512 bytes": "a" * 512,
        "!513 bytes": "a" * 513,
        "!516 bytes of 172 letters": "가" * 172,
        "!empty": "",
        "!blank": "a b",
        "!ideographic blank": "a\u3000b",
        "!line separator": "a\u2028b",
        "!no-break blank": "a\u00a0b",
        "!delete": "a\x7fb",
        "!C1": "a\x9fb",
        "?zero width": "a\u200bb",
        "!unit separator": "a\x1fb",
        "!number": 1,
    },
    _type,
)


@CASES.case
def a_grant_of_8192_bytes(world: World) -> None:
    for label, over in (("fits", 0), ("!does not", 1)):
        types = [f"{n:03}" + "a" * 497 for n in range(14)]
        last = 1
        for _ in range(50):
            grant = {"issue": {"types": [*types, "b" * last, "c" * 300]}}
            operation = world.root.grant(world.issuer.id, grant, START + 60)
            if (lack := 8192 + over - len(forms.jcs(operation))) == 0:
                break
            last += lack
        assert len(forms.jcs(operation)) == 8192 + over
        world.add(label, operation, 0)


@CASES.case
def an_accreditation_is_named_by_its_hash(world: World) -> None:
    grant = world.root.grant(world.issuer.id, {"issue": {"types": ["A"]}}, world.now)
    world.add("!another id", world.root.sign(grant | {"id": forms.hash_text(b"x")}))
    world.add("!signed by another", world.office.method.prove(grant, world.office.method_id()))
    world.add("!method of another", world.root.method.prove(grant, world.office.method_id()))
    world.add("granted", grant)
    world.add("!again", grant)


@CASES.case
def at_most_64_open(world: World) -> None:
    first = None
    for number in range(64):
        grant = world.root.grant(world.issuer.id, {"issue": {"types": [f"T{number}"]}}, world.now)
        first = first or grant
        world.add(f"grant {number}", grant)
    world.add("!65th", world.root.grant(world.issuer.id, {"issue": {"types": ["U"]}}, world.now))
    world.add("by another", world.office.grant(world.issuer.id, {"issue": {"types": ["A"]}}, world.now))
    world.add("suspended", world.root.status(first or {}, 2, "suspended"))
    world.add("!still 64", world.root.grant(world.issuer.id, {"issue": {"types": ["U"]}}, world.now))
    world.add("ended", world.root.status(first or {}, 3, "ended"))
    world.add("one free", world.root.grant(world.issuer.id, {"issue": {"types": ["U"]}}, world.now))


def _bounds(world: World, label: str, after: Any) -> None:
    ends = world.now + 10_000
    power = world.root.grant(world.issuer.id, {"accredit": {"types": []}}, world.now, validUntil=text_of(ends))
    world.add("power", power)
    wait = ends + after - world.now
    world.add(label, world.issuer.grant(world.office.id, {"issue": {"types": ["A"]}}, ends), wait)


CASES.variants("end of a power", {"before it": -1, "?at it": 0, "!after it": 1}, _bounds)


def _open_bounds(world: World, label: str, after: Any) -> None:
    ends = world.now + 10_000
    for number in range(64):
        grant = {"issue": {"types": [f"T{number}"]}}
        world.add("one", world.root.grant(world.issuer.id, grant, world.now, validUntil=text_of(ends)), 1)
    wait = ends + after - world.now
    world.add(label, world.root.grant(world.issuer.id, {"issue": {"types": ["A"]}}, ends), wait)


CASES.variants("64 that end", {"!before it": -1, "?at it": 0, "after it": 1}, _open_bounds)


@CASES.case
def a_power_that_begins_later(world: World) -> None:
    world.add("power", world.root.grant(world.issuer.id, {"accredit": {"types": []}}, world.now + 1000))
    world.add("!too early", world.issuer.grant(world.office.id, {"issue": {"types": ["A"]}}, world.now))
    world.add("in time", world.issuer.grant(world.office.id, {"issue": {"types": ["A"]}}, world.now), 1000)


def _chain(world: World, label: str, length: Any) -> None:
    by = world.root
    for number in range(length):
        did = Did(f"link {number}", Signer(f"link {number}"))
        world.add("create", did.created)
        world.add("link", by.grant(did.id, {"accredit": {"types": []}}, world.now))
        by = did
    world.add(label, by.grant(world.issuer.id, {"issue": {"types": ["A"]}}, world.now))


CASES.variants("chain", {"of 1": 1, "of 6": 6, "of 7": 7, "?of 8": 8, "!of 9": 9}, _chain)


def _status(world: World, label: str, statuses: Any) -> None:
    grant = world.office.grant(world.issuer.id, {"accredit": {"types": ["A"]}}, world.now)
    world.add("grant", grant)
    for number, status in enumerate(statuses[:-1]):
        world.add(status, world.office.status(grant, number + 2, status))
    world.add(label, world.office.status(grant, len(statuses) + 1, statuses[-1]))
    world.add("+probe" if label[0] == "+" else "!probe", world.issuer.grant(world.office.id, GRANT_A, world.now))


CASES.variants(
    "status",
    {
        "suspended": ["suspended"],
        "+active again": ["suspended", "active"],
        "ended": ["ended"],
        "revoked": ["revoked"],
        "ended, revoked": ["ended", "revoked"],
        "!ended, active": ["ended", "active"],
        "!ended, suspended": ["ended", "suspended"],
        "!ended twice": ["ended", "ended"],
        "!revoked, active": ["revoked", "active"],
        "!revoked, ended": ["revoked", "ended"],
        "!suspended twice": ["suspended", "suspended"],
        "suspended, ended": ["suspended", "ended"],
        "!unknown": ["suspended", "gone"],
    },
    _status,
)


@CASES.case
def status_by_who_granted(world: World) -> None:
    grant = world.office.grant(world.issuer.id, GRANT_A, world.now)
    world.add("grant", grant)
    world.add("!by the root", world.root.status(grant, 2, "suspended"))
    world.add("!number 1", world.office.status(grant, 1, "suspended"))
    world.add("!number 3", world.office.status(grant, 3, "suspended"))
    world.add("!active", world.office.status(grant, 2, "active"))
    world.add("!of none", world.office.status({"id": forms.hash_text(b"")}, 2, "suspended"))
    world.add("suspended", world.office.status(grant, 2, "suspended"))
    world.add("power away", world.root.status(world.power, 2, "revoked"))
    world.add("still", world.office.status(grant, 3, "ended"))


@CASES.case
def at_most_100_changes(world: World) -> None:
    grant = world.root.grant(world.issuer.id, GRANT_A, world.now)
    world.add("grant", grant)
    for number in range(100):
        world.add("change", world.root.status(grant, number + 2, ("suspended", "active")[number % 2]))
    world.add("!101", world.root.status(grant, 102, "suspended"))
    world.add("ended", world.root.status(grant, 102, "ended"))
    world.add("revoked", world.root.status(grant, 103, "revoked"))
