"""All mutations that the verifier is tried with; `python -m prover.mutations FOLDER` writes them as exports."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from prover import changed_count, changed_log
from prover.election import Election, plan
from prover.mutation import Mutation, Mutator, insert, patched
from prover.signer import RsaSigner, encode_spki
from prover.writer import Item, write
from reader import forms
from verifier import rsa

Family = Callable[[], Iterator[Mutation]]

SMALL: dict[str, Any] = {"name": "small", "base": 2, "districts": ((8, 0), (4, 1), (1, 0), (0, 1), (2, 2))}


def turnouts() -> Iterator[Mutation]:
    """V11: elections that went wrong from the start: more registered than legal, more votes than registered."""
    for number in range(5):
        districts = SMALL["districts"]
        legal = tuple(voters - (at == number and voters > 0) for at, (voters, _) in enumerate(districts))
        if legal != tuple(voters for voters, _ in districts):
            changed = plan(**SMALL | {"name": f"legal-{number}", "legal": legal})
            yield Mutation("V11", f"district {number}: more registered than legal", Election(changed).hold())
    for phantoms in range(4, 10):
        changed = plan(**SMALL | {"name": f"phantoms-{phantoms}", "profile": "token", "phantoms": phantoms})
        yield Mutation("V11", f"{phantoms} tokens for nobody", Election(changed).hold())


def firsts() -> Iterator[Mutation]:
    """V8 under `first`: a second ballot of a tag is in the log."""
    for number in range(2):
        election = Election(plan(**SMALL | {"name": f"first-{number}", "revote": "first"}))
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
    length = len(draft.items[draft.indexes("ballot")[0]].ballot)
    for name, place in {"signature": -1, "randomizer": -257, "zs": -289, "zrho": -330}.items():
        changed = draft.copy()
        patched(length + place, lambda old: old ^ 1, nth=0)(changed)
        yield Mutation("V6", f"token ballot: {name}", changed)
    voter = election.voters[0]
    for key in range(1, len(election.rsa)):
        changed = draft.copy()
        stray = election.make(voter, election.choices(voter.number, voter.district), key=key).make()
        changed.items[changed.indexes("ballot")[0]].ballot = stray
        yield Mutation("V6", f"token ballot: signed by the key of district {key}", changed)


def keys() -> Iterator[Mutation]:
    """V1 in profile `token`: an RSA key with two uses, too few, none, of two lengths; a district's key changes."""
    original = Election(plan(**SMALL | {"name": "keys", "profile": "token"})).hold()
    own = original.items[0].body["token"]["keys"]
    long = encode_spki(rsa.PublicKey((1 << 2303) + 1, 65537))
    changes: dict[str, dict[str, Any]] = {
        "one RSA key for admission and tokens": {"admission": {"key": own[2]}},
        "one RSA key for two districts": {"token": {"keys": [*own[:-1], own[0]]}},
        "a district without an RSA key": {"token": {"keys": own[:-1]}},
        "an RSA key without a district": {"token": {"keys": [*own, RsaSigner("token 99").spki]}},
        "RSA keys of two lengths": {"token": {"keys": [*own[:-1], forms.to_base64url(long)]}},
        "no RSA keys": {"token": {"keys": []}},
        "one RSA key for all": {"token": {"key": own[0]}},
    }
    for name, change in changes.items():
        draft = original.copy()
        item = draft.items[0].copy()
        item.body |= change
        insert(draft, 1, item)
        yield Mutation("V1", name, draft)
    draft = original.copy()
    item = draft.items[0].copy()
    item.body["token"] = {"keys": [own[1], own[0], *own[2:]]}
    at = draft.indexes("register")[-1]
    item.time = draft.items[at].time
    insert(draft, at, item)
    yield Mutation("V1", "two districts change their keys", draft)


def smalls() -> Iterator[Mutation]:
    """Changes of one record; that is the first, with an empty check."""
    election = Election(plan(**SMALL))
    draft = election.hold()
    yield Mutation("", "the record itself", draft)
    mutator = Mutator(draft)
    changed_log.all_changes(mutator)
    changed_count.all_changes(mutator, election.parsed.shape(0))
    yield from mutator.made


# With the number of pieces in which they are judged: each piece makes all of its family.
FAMILIES: dict[Family, int] = {smalls: 4, turnouts: 1, firsts: 1, tokens: 1, keys: 1}


def all_mutations() -> Iterator[Mutation]:
    """All of them."""
    for family in FAMILIES:
        yield from family()


def main(folder: Path) -> None:
    """Writes each as a folder of its own, and `index.json`: which check must object, and whether no other may."""
    rows = []
    for number, mutation in enumerate(all_mutations()):
        place = f"{number:03}"
        write(mutation.draft.files(), folder / place)
        rows.append({"check": mutation.check, "folder": place, "name": mutation.name, "only": mutation.only})
    (folder / "index.json").write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
