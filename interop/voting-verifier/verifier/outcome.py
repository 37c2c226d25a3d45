"""From the sums to the result: groups (V9), shares (V10), counts (V11), the announcement (V14)."""

from dataclasses import dataclass, field
from typing import Any

from verifier import batch, group, tally
from verifier.ballot import Terms
from verifier.events import Event
from verifier.findings import Findings
from verifier.group import NotCanonical, Point
from verifier.preparation import Prepared
from verifier.record import Record
from verifier.tally import Group, Logarithms


@dataclass
class Shares:
    """The shares of each group that hold, by trustee."""

    by_group: dict[int, dict[int, list[Point]]] = field(default_factory=dict)

    def trustees(self, numbers: list[int]) -> set[int]:
        """Who has shares for all of these groups."""
        held = [set(self.by_group.get(number, {})) for number in numbers]
        return set.intersection(*held) if held else set()


def make_groups(prepared: Prepared, counted: list[int]) -> list[Group]:
    """The groups, without sums."""
    manifest = prepared.manifest
    return tally.groups([district.style for district in manifest.districts], counted, manifest.floor)


def check_shares(record: Record, prepared: Prepared, groups: list[Group]) -> Shares:
    """V9 and V10: what the trustees posted."""
    findings, shares = record.findings, Shares()
    items: list[list[Terms]] = []
    owners: list[tuple[Event, int]] = []
    content, seen = [], set[tuple[int, int]]()
    for event in record.events["tally-share"]:
        number, trustee = event.body["group"], event.trustee
        if not _fits_group(findings, prepared, event, groups):
            continue
        if trustee not in prepared.keys.qualified:
            findings.fail("V10", f"trustee {trustee} is not qualified", entry=event.entry)
            continue
        if (trustee, number) in seen:
            findings.fail("V10", f"trustee {trustee} twice for group {number}", entry=event.entry)
            continue
        seen.add((trustee, number))
        one = groups[number]
        if len(event.body["cells"]) != len(one.beta):
            findings.fail("V10", "another number of cells", entry=event.entry)
            continue
        findings.proofs["share"] += len(one.beta)
        try:
            points, equations = _cells(prepared, event, one)
        except NotCanonical as error:
            findings.fail("V10", f"{error} not canonical", entry=event.entry)
            continue
        shares.by_group.setdefault(number, {})[trustee] = points
        items += equations
        owners += [(event, option) for option in range(len(equations))]
        content.append(event.message)
    for at in batch.bad_items(items, b"".join(content)):
        event, option = owners[at]
        reason = f"share of trustee {event.trustee} for option {option + 1} of group {event.body['group']}"
        findings.fail("V10", reason, entry=event.entry)
        shares.by_group[event.body["group"]].pop(event.trustee, None)
    return shares


def _fits_group(findings: Findings, prepared: Prepared, event: Event, groups: list[Group]) -> bool:
    body = event.body
    number = body["group"]
    if number >= len(groups) or groups[number].withheld:
        findings.fail("V9", "a share for a group that is withheld or not there", entry=event.entry)
        return False
    one = groups[number]
    if body["ballots"] != one.ballots or body["districts"] != prepared.manifest.names(one.districts):
        findings.fail("V9", "a group of other districts or ballots", entry=event.entry)
    return True


def _cells(prepared: Prepared, event: Event, one: Group) -> tuple[list[Point], list[list[Terms]]]:
    points, equations = [], []
    for option, cell in enumerate(event.body["cells"]):
        key = prepared.keys.shares[event.trustee - 1][option]
        share, proof = group.decode(bytes.fromhex(cell["share"])), bytes.fromhex(cell["proof"])
        place = (one.number, option + 1)
        triple = (key, one.alpha, share)
        equations.append(tally.share_equations(prepared.context, event.trustee, place, triple, proof))
        points.append(share)
    return points, equations


def check_result(record: Record, prepared: Prepared, groups: list[Group], shares: Shares) -> list[dict[str, Any]]:
    """V10, V11 and V14: opens the groups and compares. Returns the groups' counts."""
    findings, announced = record.findings, record.one("result")
    if announced is None:
        return []
    findings.reached |= {"V9", "V10", "V11", "V14"}
    threshold = prepared.manifest.threshold
    logarithms = Logarithms(max((one.ballots for one in groups), default=0))
    rows: list[dict[str, Any]] = []
    complete = True
    for one in groups:
        if one.withheld:
            continue
        held = shares.by_group.get(one.number, {})
        if len(held) < threshold:
            findings.fail("V10", "fewer shares than needed", entry=announced.entry, item=f"group {one.number}")
            complete = False
            continue
        counts = tally.open_group(one, held, threshold, logarithms)
        known = [count for count in counts if count is not None]
        if len(known) != len(counts):
            findings.fail("V10", "no number of votes is encrypted", entry=announced.entry, item=f"group {one.number}")
            complete = False
            continue
        rows.append(_row(prepared, one, known))
    _check_sums(findings, announced, prepared, groups)
    if complete:
        _compare(record, prepared, groups, shares, rows)
    return rows


def _row(prepared: Prepared, one: Group, counts: list[int]) -> dict[str, Any]:
    """What `result` must say of a group, without the blanks, which V11 looks at."""
    manifest, contests, at = prepared.manifest, [], 0
    for number in manifest.styles[one.style]:
        contest = manifest.contests[number]
        own = counts[at : at + len(contest.options)]
        at += len(own)
        contests.append({"counts": own, "id": contest.id})
    return {"ballots": one.ballots, "contests": contests, "districts": manifest.names(one.districts)}


def _check_sums(findings: Findings, announced: Event, prepared: Prepared, groups: list[Group]) -> None:
    """V11: in every contest, blanks and votes together are the group's ballots."""
    by_names = {tuple(prepared.manifest.names(one.districts)): one for one in groups}
    for row in announced.body["groups"]:
        one = by_names.get(tuple(row["districts"]))
        for contest in row["contests"]:
            if one is not None and contest["blank"] + sum(contest["counts"]) != one.ballots:
                reason = f"blank and votes in {contest['id']} are not the group's {one.ballots} ballots"
                findings.fail("V11", reason, entry=announced.entry, item=f"group {one.number}")


def _without_blanks(groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        group_ | {"contests": [{"counts": row["counts"], "id": row["id"]} for row in group_["contests"]]}
        for group_ in groups
    ]


def _compare(
    record: Record, prepared: Prepared, groups: list[Group], shares: Shares, rows: list[dict[str, Any]]
) -> None:
    """V14."""
    announced = record.events["result"][0]
    body, findings = announced.body, record.findings
    hidden = [
        {"ballots": one.ballots, "districts": prepared.manifest.names(one.districts)} for one in groups if one.withheld
    ]
    if _without_blanks(body["groups"]) != rows:
        findings.fail("V14", "other counts", entry=announced.entry)
    if body["withheld"] != hidden:
        findings.fail("V14", "other groups are withheld", entry=announced.entry)
    opened = [one.number for one in groups if not one.withheld]
    named, able = body["trustees"], shares.trustees(opened)
    if opened and (named != sorted(set(named)) or len(named) < prepared.manifest.threshold or not able >= set(named)):
        findings.fail("V14", "other trustees", entry=announced.entry)


def check_turnout(record: Record, prepared: Prepared, counted: list[int]) -> None:
    """V11: counted ≤ registered ≤ legal roll, in each district."""
    for district, votes, registered in zip(prepared.manifest.districts, counted, prepared.registered, strict=True):
        if not votes <= registered <= district.legal:
            reason = f"{votes} counted, {registered} registered, {district.legal} on the legal roll"
            record.findings.fail("V11", reason, item=f"district {district.id}")
