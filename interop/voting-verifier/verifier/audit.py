"""Audits an election from its public record: `python -m verifier.audit PLACE`; `--help` lists the options."""

import argparse
import base64
import json
import sys
import time
from dataclasses import asdict
from typing import Any

from reader.forms import Broken
from reader.tree import Refused

from verifier import box, log, meant, note, outcome, preparation
from verifier.findings import CHECKS, Findings
from verifier.group import IDENTITY
from verifier.log import Log
from verifier.meant import Meant
from verifier.note import Checkpoint
from verifier.record import Record

KINDS = ("ballot", "registration", "ceremony", "share", "spoiled", "rejected", "signature", "token")


def audit(place: str, alone: bool = False) -> dict[str, Any]:
    """The report on the record in a folder or at a URL."""
    return audit_meant(meant.parse(place), alone)


def audit_meant(wanted: Meant, alone: bool = False) -> dict[str, Any]:
    """The report on a record that is to be of a certain election."""
    began = time.perf_counter()
    findings = Findings()
    report: dict[str, Any] = {"ok": False, "phase": None}
    try:
        found = log.read(wanted.place)
    except Refused as reason:
        findings.fail("V5", str(reason), item="log")
    else:
        report |= audit_log(found, findings, alone)
        wanted.check(found, report, findings)
    report["ok"] = findings.ok()
    report["checks"] = {check: findings.verdict(check) for check in CHECKS}
    report["bad"] = {check: asdict(findings.bad[check]) for check in CHECKS if check in findings.bad}
    report["proofs"] = {kind: findings.proofs[kind] for kind in KINDS}
    report["seconds"] = round(time.perf_counter() - began, 3)
    return report


def audit_log(found: Log, findings: Findings, alone: bool) -> dict[str, Any]:
    """All checks of a log whose entries fit its root."""
    record = Record(findings)
    for entry, data in enumerate(found.entries):
        record.add(entry, data)
    if not found.entries:
        findings.fail("V5", "the log is empty", item="log")
    head = {"size": found.checkpoint.size, "root": base64.b64encode(found.checkpoint.root).decode()}
    size: dict[str, Any] = {"phase": record.phase, "size": found.checkpoint.size, "head": head}
    if record.manifest is None:
        return size
    findings.reached |= {"V5", "V13"}
    record.check_signatures()
    check_head(record, found.checkpoint)
    body = record.manifest.body
    size |= {"title": body["title"], "election": record.election.hex(), "host": body["host"]}
    size |= {"log": body["board"]["log"], "ballots": len(record.ballots)}
    prepared = preparation.check(record)
    if prepared is None:
        return size
    return size | _count(record, prepared, alone)


def check_head(record: Record, checkpoint: Checkpoint) -> None:
    """V5: who signed the last head."""
    if record.manifest is None:
        return
    body, findings = record.manifest.body, record.findings
    try:
        own = note.parse_key(body["board"]["log"], note.LOG)
        witnesses = [note.parse_key(key, note.WITNESS) for key in body["witnesses"]["keys"]]
    except Broken as reason:
        findings.fail("V1", str(reason))
        return
    if checkpoint.origin != own.name or not own.signed(checkpoint):
        findings.fail("V5", "the log's key did not sign it", item="checkpoint")
    cosigned = sum(witness.signed(checkpoint) for witness in witnesses)
    if cosigned < body["witnesses"]["quorum"]:
        findings.fail("V5", f"cosigned by {cosigned} witnesses only", item="checkpoint")


def _count(record: Record, prepared: preparation.Prepared, alone: bool) -> dict[str, Any]:
    """From the ballots to the result."""
    ballots = box.collect(record, prepared)
    counted = ballots.by_district(len(prepared.manifest.districts))
    groups = outcome.make_groups(prepared, counted)
    number_of = {district: one.number for one in groups for district in one.districts}
    began = time.perf_counter()
    sums = box.check_proofs(record, prepared, ballots, number_of, alone)
    spent = time.perf_counter() - began
    for one in groups:
        options = prepared.manifest.shape(one.style).options
        one.alpha, *one.beta = sums.get(one.number) or [IDENTITY] * (options + 1)
    box.check_rejected(record, prepared)
    box.check_spoiled(record, prepared)
    rows: list[dict[str, Any]] = []
    if record.events["close"]:
        shares = outcome.check_shares(record, prepared, groups)
        rows = outcome.check_result(record, prepared, groups, shares)
        outcome.check_turnout(record, prepared, counted)
    per_ballot = round(spent * 1e6 / ballots.ballots) if ballots.ballots else None
    return {"counted": sum(counted), "groups": rows, "usPerBallot": per_ballot}


def _print(report: dict[str, Any]) -> None:
    for name in ("title", "election", "host", "log", "head"):
        value = report.get(name)
        shown = " ".join(map(str, value.values())) if isinstance(value, dict) else value
        print(f"{name}: {shown}")
    words = {True: "pass", False: "FAIL", None: "-"}
    for check in CHECKS:
        bad = report["bad"].get(check)
        print(f"{check:4} {words[report['checks'][check]]}" + (f"  {bad['item']}: {bad['reason']}" if bad else ""))
    print("proofs: " + ", ".join(f"{kind} {report['proofs'][kind]}" for kind in KINDS))
    print(f"phase: {report['phase']}, {report['seconds']} s")


def main() -> int:
    """Exit code 0 if every check passed, 1 otherwise."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("place", help="folder or URL of the log, address of the election, or the voters' link")
    parser.add_argument("--host", help="key of who called the election: 64 hex digits")
    parser.add_argument("--head", metavar="FILE", help="a checkpoint seen before: the record must have grown from it")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument("--one-by-one", action="store_true", help="check every ballot by itself")
    arguments = parser.parse_args()
    try:
        wanted = meant.parse(arguments.place, arguments.host, arguments.head)
    except (ValueError, OSError, Broken) as reason:
        parser.error(str(reason))
    report = audit_meant(wanted, arguments.one_by_one)
    if arguments.json:
        print(json.dumps(report, ensure_ascii=False))
    else:
        _print(report)
    return 0 if report["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
