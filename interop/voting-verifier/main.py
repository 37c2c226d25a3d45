"""Tests the verifier: the RFCs' vectors, elections of its own, records of ours. Exit code 1 if anything differs."""

import json
import os
import platform
import secrets
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from prover import hpke, known, mutations, records, vectors
from prover.election import Election, plan
from prover.signer import RsaSigner, Signer
from prover.writer import Draft, write
from verifier import audit, batch, ed25519, group, meant, note
from verifier.findings import CHECKS, Findings
from verifier.group import BASE, L, NotCanonical
from verifier.log import Log
from verifier.meant import Meant

# Beside `reader`, where `verifier` finds it.
from compare.tally import Tally, run_parts

Job = Callable[[Tally], None]

REPOSITORY = Path(__file__).resolve().parents[2]
LONG = {"name": "long", "districts": ((300, 0), (40, 0)), "styles": ((0,),), "contests": (5,), "extras": False}


def run_vectors(tally: Tally) -> None:
    """The RFCs' vectors; sums of many points against single steps; the project's vectors."""
    point = group.IDENTITY
    for number, encoding in enumerate(known.MULTIPLES):
        data = bytes.fromhex(encoding)
        tally.note(f"multiple {number}", group.encode(point) == data and group.equal(group.decode(data), point))
        tally.note(f"multiple {number} at once", group.encode(group.multiply(number, BASE)) == data)
        point = group.add(point, BASE)
    for encoding in known.REFUSED:
        tally.note(f"refused {encoding}", _refuses(encoding))
    for uniform, encoding in known.UNIFORM.items():
        tally.note(f"uniform {uniform}", group.encode(group.from_uniform(bytes.fromhex(uniform))).hex() == encoding)
    for row in known.SIGNATURES:
        seed, public, message, signature = map(bytes.fromhex, row)
        made = Signer("", seed)
        tally.note(f"signature {row[2]}", made.public == public and made.sign(message) == signature)
        tally.note(f"verified {row[2]}", ed25519.verify(public, message, signature))
        for at in (0, 31, 32, 63):
            forged = signature[:at] + bytes([signature[at] ^ 1]) + signature[at + 1 :]
            tally.note(f"forged {row[2]} at {at}", not ed25519.verify(public, message, forged))
        beyond = (int.from_bytes(signature[32:], "little") + L).to_bytes(32, "little")
        tally.note(f"beyond the order {row[2]}", not ed25519.verify(public, message, signature[:32] + beyond))
    sealed = {name: bytes.fromhex(value) for name, value in known.SEALED.items()}
    enc, ciphertext = hpke.seal(*(sealed[name] for name in ("box", "info", "ephemeral", "message", "associated")))
    tally.note("sealed", enc == sealed["enc"] and ciphertext == sealed["ciphertext"])
    _sums(tally)
    _rsa(tally)
    _project(tally)


def _refuses(encoding: str) -> bool:
    try:
        group.decode(bytes.fromhex(encoding))
    except NotCanonical:
        return True
    return False


def _sums(tally: Tally) -> None:
    table = group.Table(BASE)
    for count in (1, 2, 3, 17, 100, 700):
        scalars = [secrets.randbelow(L) for _ in range(count)]
        factors = [secrets.choice((0, 1, L - 1, secrets.randbelow(2**128), secrets.randbelow(L))) for _ in range(count)]
        points = [table.multiply(scalar) for scalar in scalars]
        expected = table.multiply(sum(a * b for a, b in zip(scalars, factors, strict=True)) % L)
        tally.note(f"sum of {count}", group.equal(group.msm(zip(factors, points, strict=True)), expected))


def _rsa(tally: Tally) -> None:
    signer, salt = RsaSigner("test"), secrets.token_bytes(48)
    signature = signer.sign(b"message", salt)
    tally.note("RSA", signer.key.verify(b"message", signature) and not signer.key.verify(b"massage", signature))
    tally.note("RSA: forged", not signer.key.verify(b"message", signature[:-1] + bytes([signature[-1] ^ 1])))
    tally.note("RSA: beyond the modulus", not signer.key.verify(b"message", b"\xff" * 256))


def _project(tally: Tally) -> None:
    """`test-vectors/voting` is what `prover.vectors` writes."""
    kept = REPOSITORY / "test-vectors" / "voting"
    if not kept.is_dir():
        tally.unsupported.append("test-vectors/voting is not there")
        return
    with tempfile.TemporaryDirectory() as place:
        made = Path(place)
        vectors.main(made)
        for path in sorted(made.rglob("*")):
            if path.is_file():
                name = path.relative_to(made)
                same = (kept / name).is_file() and (kept / name).read_bytes() == path.read_bytes()
                tally.note(f"vector {name}", same)


def _share(tally: Tally, jobs: Sequence[Job]) -> None:
    """Does the jobs in as many processes as there are cores, the first ones first, and counts their cases."""
    for one in batch.parallel(_do, jobs):
        tally.add(one)


def _do(job: Job) -> Tally:
    tally = Tally()
    job(tally)
    return tally


def run_self(tally: Tally) -> None:
    """Elections held by the prover here, then changed: each change is named by its check."""
    whole = (records.RECORDS | {"long": LONG}).items()
    jobs: list[Job] = [partial(hold_whole, name=name, changes=changes) for name, changes in reversed(whole)]
    for family, pieces in mutations.FAMILIES.items():
        jobs += [partial(judge_changes, family=family, first=at, step=pieces) for at in range(pieces)]
    jobs.append(hold_unfinished)
    _share(tally, jobs)


def hold_whole(tally: Tally, name: str, changes: dict[str, Any]) -> None:
    """A whole election is audited, and what it counted is what was chosen."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / name
        election = Election(plan(**{"name": name, **changes}))
        write(election.hold().files(), folder)
        report = audit.audit(str(folder))
        tally.note(f"{name}", report["ok"], report)
        tally.note(f"{name}: one by one", audit.audit(str(folder), True)["ok"])
        tally.note(f"{name}: counts", _counts(election) == [row["contests"] for row in report["groups"]], report)
        if name == "record-ring":
            _meant(tally, folder)
            _files(tally, folder)


def judge_changes(tally: Tally, family: mutations.Family, first: int, step: int) -> None:
    """Every so many one of the changes of a family: the check named must object."""
    for mutation in islice(family(), first, None, step):
        findings = _audit(mutation.draft)
        failed = [check for check in CHECKS if findings.verdict(check) is False]
        if not mutation.check:
            tally.note(mutation.name, findings.ok(), findings.bad)
            continue
        right = failed == [mutation.check] if mutation.only else mutation.check in failed
        tally.note(f"{mutation.check} {mutation.name}", right, findings.bad)


def hold_unfinished(tally: Tally) -> None:
    """Elections that stop: nothing is wrong, and not all is right."""
    for step in ("begin", "deal", "register", "freeze", "open", "vote", "close"):
        findings = _audit(Election(plan(**mutations.SMALL, stop=step)).hold())
        tally.note(f"unfinished after {step}", not findings.bad and not findings.ok(), findings.bad)


def _audit(draft: Draft) -> Findings:
    entries = draft.entries()
    findings = Findings()
    checkpoint = note.parse_checkpoint(draft.checkpoint(entries).encode())
    audit.audit_log(Log(entries, checkpoint), findings, False)
    return findings


def _counts(election: Election) -> list[list[dict[str, Any]]]:
    """What the voters chose, from their choices alone."""
    groups = []
    for one in election.sums():
        if one.withheld:
            continue
        rows: list[dict[str, Any]] = []
        for at, contest in enumerate(election.plan.styles[one.style]):
            chosen = [choices[at] for district, choices in election.chosen.values() if district in one.districts]
            options = range(1, election.plan.contests[contest] + 1)
            rows.append({"counts": [chosen.count(option) for option in options], "id": f"c{contest}"})
        groups.append(rows)
    return groups


def _meant(tally: Tally, folder: Path) -> None:
    """A record without fault, of the election that is meant and of others."""
    own, kept = audit.audit(str(folder)), note.parse_checkpoint((folder / "checkpoint").read_bytes())
    right, other = Meant(str(folder), own["election"], own["host"], kept), "ff" * 32
    tally.note("the election that is meant", audit.audit_meant(right)["ok"])
    heads = {"root": bytes(32), "size": kept.size + 1, "origin": "other", "text": b"other"}
    wrong: dict[str, Any] = {f"head: {name}": {"head": replace(kept, **{name: heads[name]})} for name in heads}
    for name, changes in {"election": {"election": other}, "host": {"host": other}, **wrong}.items():
        report = audit.audit_meant(replace(right, **changes))
        failed = [check for check in CHECKS if report["checks"][check] is False]
        tally.note(f"another {name}", failed == ["V5"], report)
    at = f"https://vote.example.kr/e/{own['election']}"
    for place in (at, f"{at}/", f"{at}/log", f"sinpyo-vote:{at}?host={own['host']}&code=A"):
        read = meant.parse(place, own["host"])
        tally.note(f"meant by {place}", read == Meant(f"{at}/log", own["election"], own["host"]), read)


def _files(tally: Tally, folder: Path) -> None:
    """Every file of an export, with one bit flipped or taken away."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        data = path.read_bytes()
        for at in sorted({0, len(data) // 2, len(data) - 1}):
            path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
            report = audit.audit(str(folder))
            # The last byte of a checkpoint is a newline, its first letter the origin.
            tally.note(f"{path.name}: bit of byte {at}", report["checks"]["V5"] is False, report)
        path.unlink()
        tally.note(f"{path.name}: gone", audit.audit(str(folder))["checks"]["V5"] is False)
        path.write_bytes(data)
    tally.note("as it was", audit.audit(str(folder))["ok"])


def run_records(tally: Tally) -> None:
    """Records that our own software wrote, good and changed: `SINPYO_VOTE_RECORDS` is a folder with an `index.json`."""
    place = os.environ.get("SINPYO_VOTE_RECORDS")
    if place is None:
        tally.unsupported.append("records: SINPYO_VOTE_RECORDS is not set")
        return
    rows = json.loads((Path(place) / "index.json").read_text())
    _share(tally, [partial(judge_record, folder=Path(place), row=row) for row in rows])


def judge_record(tally: Tally, folder: Path, row: dict[str, Any]) -> None:
    """A record of ours, as its line of the index says."""
    report = audit.audit(str(folder / row.get("folder", row["name"])), row.get("oneByOne", False))
    expected = {check for check in CHECKS if row["expected"].get(check) is False}
    failed = {check for check in CHECKS if report["checks"][check] is False}
    named = failed == expected if row.get("only", True) else failed >= expected
    right = named if expected else report["ok"]
    for kind, count in row.get("proofs", {}).items():
        right = right and report["proofs"][kind] == count
    tally.note(row["name"], right, {"expected": sorted(expected), **report})


PARTS: dict[str, Job] = {"vectors": run_vectors, "self": run_self, "records": run_records}


if __name__ == "__main__":
    sys.exit(run_parts("voting-verifier", f"python {platform.python_version()}", PARTS, sys.argv[1:]))
