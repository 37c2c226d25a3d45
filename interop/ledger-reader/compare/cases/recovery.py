"""Recovery: whose, until when, and what then counts for nothing."""

from compare.cases.operations import GRANT_A, NEW, admission_right, multikeys
from compare.cases.world import Cases, World
from compare.writer import Signer

CASES = Cases()
WINDOW = 259_200


@CASES.case
def recovery(world: World) -> None:
    thief = world.steal()
    world.update("again", world.office, thief)
    world.update("!by an update key", world.office, world.office.update, 1, updateKeys=multikeys("x"))
    world.update("!without list", world.office, world.recovery[0], 1)
    world.update("!announcements not listed", world.office, world.recovery[0], 1, updateKeys=multikeys("x"))
    world.recover()
    world.update("!thief", world.office, thief)
    world.recover("!same key again", after=1)
    world.recover("goes on", after=2, rank=1)
    world.recover("higher", after=2, rank=0)


@CASES.case
def recovery_by_a_lower_key_can_be_set_aside(world: World) -> None:
    world.steal()
    world.recover("low", rank=1)
    world.recover("!low again", rank=1)
    world.recover("high", rank=0)
    world.recover("!low then", rank=1)


@CASES.case
def none_that_is_set_aside_is_by_the_key_or_a_higher_one(world: World) -> None:
    # The office's update key, then the lower recovery key, which goes on with another.
    world.update("update", world.office)
    world.recover("low goes on", 2, 1, updateKeys=[NEW.multikey])
    world.update("update again", world.office, NEW)
    world.recover("!low sets its own aside", 1, 1)
    world.recover("!low sets its own aside, with it first", 2, 1)
    world.recover("low sets an update aside", 3, 1, updateKeys=[NEW.multikey])
    world.recover("high sets all aside", 1, 0, updateKeys=[NEW.multikey])
    world.update("update of the last", world.office, NEW)
    # In whatever role: a recovery key that signs as an update key is still the same key.
    world.update("!high as update key", world.office, NEW, updateKeys=[world.recovery[0].multikey])


@CASES.case
def the_window_ends(world: World) -> None:
    world.steal()
    world.recover("!late", seconds=WINDOW + 1)


@CASES.case
def the_window_includes_its_last_second(world: World) -> None:
    world.steal()
    world.recover("in time", seconds=WINDOW)


@CASES.case
def a_deactivation_is_set_aside(world: World) -> None:
    world.update("dead", world.office, deactivated=True, updateKeys=[])
    world.recover("!after it", after=2)
    world.recover("instead of it", after=1)
    world.update("dead for good", world.office, world.recovery[0], deactivated=True, updateKeys=[])
    world.recover("!too late", after=2)


@CASES.case
def a_recovery_that_deactivates(world: World) -> None:
    world.steal()
    world.update("dead", world.office, world.recovery[1], 1, deactivated=True, updateKeys=[])
    world.recover("alive", after=1)


@CASES.case
def recovery_keys_change(world: World) -> None:
    world.update("!by an update key", world.office, recoveryKeys=multikeys("r"))
    world.update("!away by an update key", world.office, recoveryKeys=[])
    world.update(
        "by the lower",
        world.office,
        world.recovery[1],
        updateKeys=multikeys("x"),
        nextKeyHashes=[],
        recoveryKeys=multikeys("r"),
    )
    world.recover("!old key", after=2)
    world.update("new key", world.office, Signer("r"), 2, updateKeys=multikeys("y"), nextKeyHashes=[])


@CASES.case
def a_recovery_is_not_bound_by_announcements(world: World) -> None:
    world.update("announce", world.office, nextKeyHashes=[Signer("n").announced])
    world.recover("free", after=2)


@CASES.case
def keys_shown_by_versions_set_aside(world: World) -> None:
    world.steal()
    world.recover("?announces it", nextKeyHashes=[Signer("thief").announced])


@CASES.case
def a_recovery_keeps_revoked_keys_of_what_it_follows_only(world: World) -> None:
    did = world.office
    method = did.document(did.id)["verificationMethod"][0]
    two = method | {"id": did.id + "#two", "revoked": "2026-11-20T00:00:00Z"}
    world.update("revoked", did, _document=did.document(did.id) | {"verificationMethod": [method, two]})
    world.recover("without")


@CASES.case
def what_was_signed_under_a_theft_counts_for_nothing(world: World) -> None:
    office, now = world.office, world.now
    before = office.grant(world.issuer.id, {"issue": {"types": ["A"]}}, now)
    world.add("before", before)
    world.add("digest before", office.digest("https://office.example/1", 1))
    world.steal()
    grant = office.grant(world.issuer.id, {"issue": {"types": ["B"]}}, now)
    world.add("in the theft", grant)
    world.add("status in the theft", office.status(before, 2, "suspended"))
    world.add("digest in the theft", office.digest("https://office.example/1", 2))
    world.add("other list", office.digest("https://office.example/2", 1))
    world.recover()
    world.add("!no such grant", office.status(grant, 2, "suspended"))
    world.add("!number counted", office.status(before, 3, "revoked"))
    world.add("number free", office.status(before, 2, "revoked"))
    world.add("!list number", office.digest("https://office.example/1", 2))
    world.add("list number", office.digest("https://office.example/1", 3))
    world.add("list number 2", office.digest("https://office.example/2", 2))


@CASES.case
def the_id_of_a_grant_that_counts_for_nothing_stays_used(world: World) -> None:
    world.steal()
    grant = world.office.grant(world.issuer.id, GRANT_A, world.now)
    world.add("in the theft", grant)
    world.recover()
    world.add("!granted again", grant)
    world.add("another", world.root.grant(world.issuer.id, GRANT_A, world.now))


@CASES.case
def a_grant_that_rests_on_a_theft_stays(world: World) -> None:
    office = world.office
    world.steal()
    power = office.grant(world.issuer.id, {"accredit": {"types": ["A"]}}, world.now)
    world.add("power", power)
    world.add("rests", world.issuer.grant(world.office.id, {"issue": {"types": ["A"]}}, world.now))
    world.recover()
    world.add("!rests no more", world.issuer.grant(world.office.id, {"issue": {"types": ["A"]}}, world.now))


@CASES.case
def admissions_under_a_theft(world: World) -> None:
    world.add("right", admission_right(world))
    before = world.add("before", world.office.admit("kim"))
    world.steal()
    inside = world.add("in the theft", world.office.admit("lee"))
    world.add("erasure in the theft", world.office.erase(before))
    world.recover()
    world.add("?erasure of what does not count", world.root.erase(inside))
    world.add("?erasure again", world.root.erase(before))
    world.add("?admitted again", world.root.admit("lee"))
