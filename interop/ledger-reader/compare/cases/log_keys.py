"""Keys of the log, and changes of them."""

from typing import Any

from compare.cases.operations import OWN, add_method
from compare.cases.world import Cases, World
from compare.writer import ORIGIN, Operation, Signer

CASES = Cases()


def _line(operation: Operation, lines: list[Any]) -> Operation:
    return operation | {"signatures": lines}


@CASES.case
def keys_of_the_log(world: World) -> None:
    key, heads = (world.key, ORIGIN), (Signer("heads 2"), f"{ORIGIN}/heads")
    named = {"heads": heads[0].note_key(heads[1])}
    good = world.change_keys(1, [key, heads], **named)
    world.add("!number 0", world.change_keys(0, [key, heads], **named))
    world.add("!number 2", world.change_keys(2, [key, heads], **named))
    world.add("!nothing", world.change_keys(1, [key]))
    world.add("!no change", world.change_keys(1, [key], key=world.key.note_key(ORIGIN)))
    world.add("!without the present", world.change_keys(1, [heads], **named))
    world.add("!without the new", world.change_keys(1, [key], **named))
    world.add("!proof", good | {"proof": {}})
    world.add("!signed for another", good | {"signatures": world.change_keys(2, [key, heads], **named)["signatures"]})
    pair = [key, (world.key, f"{ORIGIN}/heads")]
    world.add("!the log's", world.change_keys(1, pair, heads=world.key.note_key(f"{ORIGIN}/heads")))
    world.add("changed", good)
    world.add("!again", good)


@CASES.case
def a_key_of_a_document_for_the_log(world: World) -> None:
    office = Signer("office method")
    signers = [(world.key, ORIGIN), (office, f"{ORIGIN}/heads")]
    world.add("a document's", world.change_keys(1, signers, heads=office.note_key(f"{ORIGIN}/heads")))
    world.update("!lists it still", world.office)


def _lines(world: World, label: str, order: Any) -> None:
    key, heads, stranger = (world.key, ORIGIN), (Signer("heads 2"), f"{ORIGIN}/heads"), (Signer("x"), "x")
    signers = [{"k": key, "h": heads, "s": stranger}[letter] for letter in order]
    world.add(label, world.change_keys(1, signers, heads=heads[0].note_key(heads[1])))


CASES.variants(
    "signatures",
    {"in order": "kh", "!turned": "hk", "!twice": "kkh", "!with a stranger's": "khs", "!four": "khss", "!none": ""},
    _lines,
)


@CASES.case
def lines_that_are_none(world: World) -> None:
    key, heads = (world.key, ORIGIN), (Signer("heads 2"), f"{ORIGIN}/heads")
    good = world.change_keys(1, [key, heads], heads=heads[0].note_key(heads[1]))
    lines = good["signatures"]
    raw = world.key.note_line(ORIGIN, b"other text")
    world.add("!forged before", _line(good, [raw, *lines]))
    world.add("!garbage", _line(good, [*lines, "garbage"]))
    world.add("!number", _line(good, [*lines, 1]))
    world.add("!line feed", _line(good, [lines[0] + "\n", lines[1]]))


@CASES.case
def heads_key_back(world: World) -> None:
    old, new = (world.heads, f"{ORIGIN}/heads"), (Signer("heads 2"), f"{ORIGIN}/heads")
    key = (world.key, ORIGIN)
    world.add("changed", world.change_keys(1, [key, new], heads=new[0].note_key(new[1])))
    world.add("!back", world.change_keys(2, [key, old], heads=old[0].note_key(old[1])))


@CASES.case
def former_heads_key_in_a_document(world: World) -> None:
    new = (Signer("heads 2"), f"{ORIGIN}/heads")
    world.add("changed", world.change_keys(1, [(world.key, ORIGIN), new], heads=new[0].note_key(new[1])))
    document = world.issuer.document(world.issuer.id)
    add_method(document, publicKeyMultibase=world.heads.multikey)
    world.update("!document", world.issuer, _document=document)


@CASES.case
def key_of_an_earlier_document_for_the_log(world: World) -> None:
    old = world.issuer.method
    world.issuer.method = Signer("replaced")
    document = world.issuer.document(world.issuer.id)
    document["verificationMethod"][0]["id"] = document["id"] + "#new"
    document["assertionMethod"] = [document["id"] + "#new"]
    world.update("replaced", world.issuer, _document=document)
    signers = [(world.key, ORIGIN), (old, f"{ORIGIN}/heads")]
    world.add("change", world.change_keys(1, signers, heads=old.note_key(f"{ORIGIN}/heads")))


@CASES.case
def both_keys_named_one_changed(world: World) -> None:
    heads = (Signer("heads 2"), f"{ORIGIN}/heads")
    named = {"key": world.key.note_key(ORIGIN), "heads": heads[0].note_key(heads[1])}
    world.add("!one key twice", world.change_keys(1, [(world.key, ORIGIN), (world.key, ORIGIN), heads], **named))
    world.add("changed", world.change_keys(1, [(world.key, ORIGIN), heads], **named))


@CASES.case
def a_key_of_the_log_for_updates(world: World) -> None:
    world.update("!update key", world.issuer, updateKeys=[OWN.multikey, world.key.multikey])
    world.update("!recovery key", world.issuer, recoveryKeys=[world.heads.multikey])
    world.update("?announced", world.issuer, nextKeyHashes=[world.heads.announced])
