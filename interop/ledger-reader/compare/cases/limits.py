"""How many or how heavy: recoveries, histories, changes of keys, searches."""

from typing import Any

from compare.cases.operations import GRANT_A, NEW, long_names, sized
from compare.cases.world import Cases, World
from compare.writer import ORIGIN, Did, Operation, Signer
from reader import forms

CASES = Cases()


@CASES.case
def at_most_256_recoveries_set_something_aside(world: World) -> None:
    for number in range(257):
        world.update("update", world.office, world.office.update if number == 0 else NEW)
        world.recover("!257th" if number == 256 else "recovery", number + 1, 0, updateKeys=[NEW.multikey], seconds=1)


@CASES.case
def recoveries_of_a_lower_key_are_not_counted_for_a_higher(world: World) -> None:
    for number in range(257):
        world.update("update", world.office, world.office.update if number == 0 else NEW)
        low = "!257th" if number == 256 else "recovery"
        world.recover(low, number + 1, 1, updateKeys=[NEW.multikey], seconds=1)
    world.recover("higher", 1, 0)


MIB = 1 << 20


def _weight(operation: Operation) -> int:
    text = forms.jcs(operation)
    return len(text) + text.count(b'"') + text.count(b"\\") + 2_048


def _heavy(world: World, label: str, limit: Any) -> None:
    """A history exactly as heavy as is allowed, or by one too heavy; `limit` in MiB is that of updates or of recoveries."""
    signer, recovery = Signer("heavy update"), Signer("heavy recovery")
    did = Did("heavy", signer, recoveryKeys=[recovery.multikey])
    world.add("create", did.created)
    document = did.document(did.id) | {"alsoKnownAs": long_names(64)}
    anew = {"updateKeys": [signer.multikey], "nextKeyHashes": []}
    total = _weight(did.created)

    def room(most: int, by: Signer, parameters: Operation) -> int:
        nonlocal total
        while most - total > 62_000:
            operation = did.version(by, parameters, document=document)
            total += _weight(operation)
            world.add("version", operation, 1)
        return most - total

    left = room(12 * MIB, signer, {})
    if limit == 14:
        left = room(14 * MIB, recovery, anew)
    by, parameters = (signer, {}) if limit == 12 else (recovery, anew)
    before = list(did.versions)
    last = sized(did, by, parameters, left + label.startswith("!"), _weight)
    if label.startswith("!"):
        did.versions = before
    world.add(label, last, 1)
    world.add("deactivated", did.version(signer, {"deactivated": True, "updateKeys": []}), 1)


CASES.variants("weight", {"of 12 MiB": 12, "!beyond 12 MiB": 12, "of 14 MiB": 14, "!beyond 14 MiB": 14}, _heavy)


@CASES.case
def at_most_100_changes_of_keys(world: World) -> None:
    name = f"{ORIGIN}/heads"
    for number in range(1, 102):
        new = Signer(f"heads {number}")
        operation = world.change_keys(number, [(world.key, ORIGIN), (new, name)], heads=new.note_key(name))
        world.add("!101" if number == 101 else "change", operation)


def _search(world: World, label: str, count: Any) -> None:
    others = [Did(f"other {number}", Signer(f"other {number}")) for number in range(3)]
    for other in others:
        world.add("create", other.created)
        world.add("power", world.root.grant(other.id, {"accredit": {"types": []}}, world.now))
    world.add("old", others[0].grant(world.issuer.id, {"accredit": {"types": ["A"]}}, world.now))
    for number in range(count):
        grant = {"accredit": {"types": [f"B{number}"]}}
        world.add("newer", others[1 + number // 64].grant(world.issuer.id, grant, world.now))
    world.add(label, world.issuer.grant(world.office.id, GRANT_A, world.now))


CASES.variants("search after newer grants", {"127": 127, "!128": 128}, _search)
