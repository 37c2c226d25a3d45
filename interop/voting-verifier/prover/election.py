"""Holds a whole election and writes its record. Everything is made from the election's name."""

from dataclasses import dataclass, field, replace
from typing import Any

from prover import hpke, scalar, secret
from prover.signer import RsaSigner
from prover.trustee import Trustee, binding, decrypt, share_key
from prover.wallet import Credential, Vote, tracking
from prover.writer import START, Draft, signer, time_text
from reader import forms
from verifier import ballot, ceremony, group, hashing, manifest, roll, tally
from verifier.ballot import Setting
from verifier.group import BASE, IDENTITY, Point, encode, multiply
from verifier.hashing import le32

OPENS, CLOSES = START + 86_400, START + 172_800


@dataclass(frozen=True)
class Plan:
    """What kind of election: `districts` are `(voters, style)`, `styles` name contests, `contests` count options."""

    name: str = "election"
    profile: str = "ring"
    revote: str = "last"
    districts: tuple[tuple[int, int], ...] = ((20, 0), (6, 1), (2, 0), (0, 1), (2, 2))
    styles: tuple[tuple[int, ...], ...] = ((0, 1), (1,), (2,))
    contests: tuple[int, ...] = (3, 2, 1)
    base: int = 4
    digits: int = 2
    trustees: int = 5
    threshold: int = 2
    wrong: tuple[int, ...] = (4,)
    idle: tuple[int, ...] = (5,)
    floor: int = 3
    quorum: int = 1
    legal: tuple[int, ...] = ()
    phantoms: int = 0
    extras: bool = True
    stop: str = ""


@dataclass
class Voter:
    """A voter, the district and the slot."""

    number: int
    district: int
    slot: bytes
    credential: Credential


def texts(text: str) -> dict[str, str]:
    """A name in two languages."""
    return {"en": text, "ko": f"{text} 이름"}


def options(count: int) -> list[dict[str, Any]]:
    """So many options."""
    return [{"id": f"o{number}", "name": texts(f"o{number}")} for number in range(count)]


@dataclass
class Election:
    """Goes through all phases; `draft` is the log."""

    plan: Plan
    voters: list[Voter] = field(default_factory=list)
    votes: int = 0

    def __post_init__(self) -> None:
        plan = self.plan
        self.id = secret(plan.name)
        self.origin = f"vote.example.kr/{plan.name}"
        self.draft = Draft(self.id, self.origin, witnesses=["w1.example", "w2.example"][: plan.quorum])
        self.keys = max(sum(plan.contests[c] for c in style) for style in plan.styles)
        self.some = [Trustee(self.id, i, self.keys, plan.threshold) for i in range(1, plan.trustees + 1)]
        self.qualified = [one for one in self.some if one.number not in plan.wrong + plan.idle]
        in_rings = plan.profile == "ring"
        self.rsa = [] if in_rings else [RsaSigner(f"token {number}") for number in range(len(plan.districts))]

    def manifest(self) -> dict[str, Any]:
        """The manifest's body."""
        plan = self.plan
        legal = plan.legal or tuple(voters + 5 for voters, _ in plan.districts)
        contests = [
            {"id": f"c{n}", "options": options(m), "title": texts(f"c{n}")}
            for n, m in enumerate(plan.contests)
        ]
        districts = [
            {"id": f"d{n}", "legal": legal[n], "name": texts(f"d{n}"), "style": style}
            for n, (_, style) in enumerate(plan.districts)
        ]
        trustees = [
            {"box": hpke.public(secret("box", i)).hex(), "key": self.public(f"trustee/{i}"), "name": texts(f"t{i}")}
            for i in range(1, plan.trustees + 1)
        ]
        witnesses = [signer(name).note_key(name, 4) for name in ("w1.example", "w2.example")]
        return {
            "admission": None,
            "board": {"key": self.public("board"), "log": signer("log").note_key(self.origin, 1)},
            "closes": time_text(CLOSES),
            "contests": contests,
            "districts": districts,
            "floor": plan.floor,
            "host": self.public("host"),
            "keys": self.keys,
            "opens": time_text(OPENS),
            "profile": plan.profile,
            "registrar": self.public("registrar"),
            "revote": plan.revote,
            "ring": {"base": plan.base, "digits": plan.digits} if plan.profile == "ring" else None,
            "styles": [{"contests": [f"c{c}" for c in style]} for style in plan.styles],
            "threshold": plan.threshold,
            "title": texts("an election"),
            "token": {"keys": [one.spki for one in self.rsa]} if self.rsa else None,
            "trustees": trustees,
            "version": 1,
            "witnesses": {"keys": witnesses, "quorum": plan.quorum},
        }

    @staticmethod
    def public(role: str) -> str:
        """A role's public key."""
        return signer(role).public.hex()

    def hold(self) -> Draft:
        """The whole election, or up to the phase where the plan stops."""
        steps = (self.begin, self.deal, self.register, self.freeze, self.open, self.vote, self.close, self.announce)
        for step in steps:
            step()
            if step.__name__ == self.plan.stop:
                break
        return self.draft

    def begin(self) -> None:
        """Manifests: a first one, then the one that stays."""
        body = self.manifest()
        if self.plan.extras:
            self.draft.add("manifest", "host", body | {"title": texts("a draft")})
        self.draft.add("manifest", "host", body)
        self.body = body
        self.parsed = manifest.parse(body)

    def deal(self) -> None:
        """The ceremony: some reveal what they did not commit to, some never deal; 3 complains of 1 without need."""
        add, plan = self.draft.add, self.plan
        for one in self.some:
            commit = secret("x") * 2 if one.number in plan.wrong else one.commit
            body = {"beacon": one.beacon_commit.hex(), "commit": commit.hex()}
            add("ceremony-commit", f"trustee/{one.number}", body)
        for one in self.some:
            body = {"commitments": one.commitments.hex(), "proofs": one.proofs.hex()}
            add("ceremony-reveal", f"trustee/{one.number}", body)
        right = [one for one in self.some if one.number not in plan.wrong]
        for one in self.qualified:
            for other in right:
                if one is not other:
                    self._share(one, other.number)
        if plan.idle:
            add("ceremony-next", "host", {"phase": "complaints"})
        if plan.extras and len(self.qualified) > 2:
            add("ceremony-complaint", "trustee/3", {"against": 1})
            add("ceremony-answer", "trustee/1", {"shares": self.some[0].shares(3).hex(), "to": 3})
        self._keys()

    def _share(self, dealer: Trustee, to: int) -> None:
        info = b"sinpyo-vote/1/share" + self.id + le32(dealer.number) + le32(to)
        box, ephemeral = hpke.public(secret("box", to)), secret(self.plan.name, "ephemeral", dealer.number, to)
        enc, sealed = hpke.seal(box, info, ephemeral, dealer.shares(to))
        body = {"ciphertext": sealed.hex(), "enc": enc.hex(), "to": to}
        self.draft.add("ceremony-shares", f"trustee/{dealer.number}", body)

    def _keys(self) -> None:
        view = ceremony.Ceremony(self.id, self.keys, self.plan.threshold, self.plan.trustees)
        for one in self.qualified:
            view.publish(one.number, one.commitments)
        self.outcome = view.outcome(one.number for one in self.qualified)
        keys = [encode(key).hex() for key in self.outcome.options]
        self.draft.add("ceremony-done", "host", {"keys": keys, "qualified": self.outcome.qualified})

    def register(self) -> None:
        """All voters; with extras one is struck and one loses the phone."""
        for district, (count, _) in enumerate(self.plan.districts):
            for _ in range(count):
                number = len(self.voters)
                slot = secret(self.plan.name, "slot", number)[:16]
                credential = Credential.derive(secret(self.plan.name, "voter", number), self.id)
                self.voters.append(Voter(number, district, slot, credential))
                self._register(self.voters[-1], False)
        if self.plan.extras and self.plan.profile == "ring":
            lost = Credential.derive(secret(self.plan.name, "stranger"), self.id)
            stranger = Voter(999, 0, secret(self.plan.name, "slot", 999)[:16], lost)
            self._register(stranger, False)
            self.draft.add("strike", "registrar", {"reason": "moved away", "slot": stranger.slot.hex()})
            voter = self.voters[1]
            voter.credential = Credential.derive(secret(self.plan.name, "new phone"), self.id)
            self._register(voter, True)

    def _register(self, voter: Voter, replaces: bool) -> None:
        name = (self.plan.name, "registration", voter.number, replaces)
        body = {"district": f"d{voter.district}", "holder": secret(*name).hex(), "replaces": replaces}
        body["slot"] = voter.slot.hex()
        if self.plan.profile == "ring":
            bound = binding(self.id, voter.slot, secret(*name, "nonce"), secret(*name, "holder"))
            proof = voter.credential.prove(self.id, bound, voter.district, scalar(*name, "u"), scalar(*name, "v"))
            body |= {"binding": bound.hex(), "proof": proof.hex()}
            body["commitment"] = encode(voter.credential.commitment).hex()
        else:
            body["blinded"] = secret(*name, "blinded").hex()
        self.draft.add("register", "registrar", body)

    def freeze(self) -> None:
        """The end of registration; all qualified trustees but the last reveal their beacon values."""
        counts = [sum(voter.district == number for voter in self.voters) for number in range(len(self.plan.districts))]
        rows = [
            {"id": row["id"], "legal": row["legal"], "registered": count}
            for row, count in zip(self.body["districts"], counts, strict=True)
        ]
        self.draft.add("freeze", "registrar", {"districts": rows})
        speaking = self.qualified[:-1] if len(self.qualified) > self.plan.threshold else self.qualified
        values = {one.number: one.beacon for one in speaking}
        silent = [one.number for one in self.some if one.number not in values]
        for number, value in values.items():
            self.draft.add("beacon", f"trustee/{number}", {"value": value.hex()})
        live = {voter.slot: self._commitment(voter) for voter in self.voters}
        seed = roll.beacon(self.id, live, values)
        self.rings: list[roll.Ring] = []
        if self.plan.profile == "ring":
            by_district = [
                [self._commitment(voter) for voter in self.voters if voter.district == number]
                for number in range(len(self.plan.districts))
            ]
            self.rings = roll.rings(self.id, seed, by_district, self.plan.base**self.plan.digits)
        top = roll.root(self.id, self.rings)
        body = {"beacon": seed.hex(), "rings": len(self.rings), "root": top.hex(), "without": silent}
        self.draft.add("rings", "registrar", body)
        hashed = self.outcome.hash(self.id, self.plan.threshold)
        self.context = roll.context(self.id, self.parsed.hash, hashed, top, len(self.rings))

    def _commitment(self, voter: Voter) -> bytes:
        return encode(voter.credential.commitment) if self.plan.profile == "ring" else b""

    def open(self) -> None:
        """Opens the box."""
        self.draft.now = max(self.draft.now, OPENS)
        self.draft.add("open", "host", {"context": self.context.hex()})
        self._points = [ring.points() for ring in self.rings]
        self._places = {
            member: (ring.number, at) for ring in self.rings for at, member in enumerate(ring.members)
        }
        self.counted: dict[bytes, tuple[int, bytes]] = {}
        self.chosen: dict[bytes, tuple[int, tuple[int, ...]]] = {}

    def make(self, voter: Voter, choices: tuple[int, ...], again: int = 0, key: int | None = None) -> Vote:
        """A ballot of a voter, ready to be made; in profile `token` another district's key may have signed."""
        style = self.plan.districts[voter.district][1]
        setting = Setting(self.id, self.context, self.parsed.shape(style), tuple(self.outcome.options))
        name = (self.plan.name, "ballot", voter.number, again)
        drawn = (secret(*name, "b"), secret(*name, "w"), secret(*name, "kappa"))
        if not self.rsa:
            number, at = self._places[self._commitment(voter)]
            ring = self.rings[number]
            root = ring.root(self.id)
            return Vote(setting, voter.credential, style, number, root, self._points[number], at, choices, *drawn)
        tag = encode(multiply(voter.credential.s, setting.tag_base))
        randomizer = secret(self.plan.name, "randomizer", voter.number)
        message = b"sinpyo-vote/1/token\0" + self.id + le32(voter.district) + tag
        registrar = self.rsa[voter.district if key is None else key]
        signature = registrar.sign(randomizer + message, (secret(self.plan.name, "salt", voter.number) * 2)[:48])
        root = hashing.digest("token", le32(voter.district), randomizer, signature)[:32]
        suffix = randomizer + signature
        return Vote(setting, voter.credential, style, voter.district, root, (), 0, choices, *drawn, 1, suffix)

    def choices(self, number: int, district: int) -> tuple[int, ...]:
        """Some choices, from a number."""
        contests = [self.plan.contests[c] for c in self.plan.styles[self.plan.districts[district][1]]]
        return tuple((number * 7 + 3 * at) % (options + 1) for at, options in enumerate(contests))

    def cast(self, voter: Voter, again: int = 0) -> bytes:
        """Makes a ballot and casts it."""
        choices = self.choices(voter.number + again, voter.district)
        data = self.make(voter, choices, again).make()
        self.draft.cast(data)
        if self.plan.revote == "last" or data[8:40] not in self.counted:
            self.counted[data[8:40]] = (voter.district, data)
            self.chosen[data[8:40]] = (voter.district, choices)
        return data

    def vote(self) -> None:
        """Most voters vote, some again; some ballots are refused or spoiled; a candidate withdraws."""
        voting = [voter for voter in self.voters if voter.number % 9 != 8]
        for voter in voting:
            self.cast(voter)
        for number in range(self.plan.phantoms):
            district = number % len(self.plan.districts)
            credential = Credential.derive(secret(self.plan.name, "phantom", number), self.id)
            self.cast(Voter(10_000 + number, district, b"", credential))
        if not self.plan.extras:
            return
        self.draft.add("withdraw", "host", {"contest": "c0", "option": "o2", "reason": "ill"})
        if self.plan.revote == "last":
            for voter in voting[:3]:
                self.cast(voter, 1)
        for reason, data in self.refused(voting):
            body = {"ballot": forms.to_base64url(data), "reason": reason}
            self.draft.add("rejected", "board", body)
        self.draft.add("rejected", "board", {"digest": secret("long").hex(), "reason": "encoding"})
        for number in range(2):
            self.draft.add("spoiled", "board", self.spoil(self.voters[number], 7 + number))

    def refused(self, voting: list[Voter]) -> list[tuple[str, bytes]]:
        """A ballot for each reason to refuse one."""
        good = self.make(voting[0], self.choices(voting[0].number, voting[0].district), 5).make()
        tail = good[8:]
        found = [
            ("encoding", good + b"\0"),
            ("encoding", b"\1"),
            ("encoding", good[:40] + b"\xff" * 32 + good[72:]),
            ("style", good[:1] + b"\x09\0" + good[3:]),
            ("style", good[:1] + b"\1\0" + good[3:]),
            ("ring", good[:3] + b"\xff\xff\0\0" + good[7:]),
            ("tag", good[:8] + bytes(32) + tail[32:]),
            ("proof", good[:40] + bytes(32) + tail[64:]),
            ("proof", good[:8] + encode(BASE) + tail[32:]),
        ]
        if self.plan.revote == "first":
            found.append(("duplicate", good))
        return found

    def spoil(self, voter: Voter, again: int) -> dict[str, Any]:
        """The body for a ballot that was checked and not cast."""
        choices = self.choices(voter.number + again, voter.district)
        vote = self.make(voter, choices, again)
        data = vote.make()
        code = tracking(data)
        beta = [one.hex() for one in vote.beta]
        rho = group.encode_scalar(vote.rho).hex()
        return {"alpha": vote.alpha.hex(), "beta": beta, "choices": list(choices), "rho": rho, "tracking": code}

    def close(self) -> None:
        """Closes the box."""
        self.draft.now = max(self.draft.now, CLOSES)
        body = {"ballots": len(self.draft.indexes("ballot")), "size": len(self.draft.items)}
        self.draft.add("close", "board", body)

    def sums(self) -> list[tally.Group]:
        """The groups with their sums."""
        per_district = [0] * len(self.plan.districts)
        for district, _ in self.counted.values():
            per_district[district] += 1
        groups = tally.groups([style for _, style in self.plan.districts], per_district, self.plan.floor)
        for one in groups:
            shape = self.parsed.shape(one.style)
            total: list[Point] = [IDENTITY] * (shape.options + 1)
            for district, data in self.counted.values():
                if district in one.districts:
                    parts = ballot.parse(data, shape, self.rsa[0].key.size if self.rsa else 0)
                    points = [parts.points["alpha"], *parts.beta]
                    total = [group.add(old, group.decode(new)) for old, new in zip(total, points, strict=True)]
            one.alpha, one.beta = total[0], total[1:]
        return groups

    def announce(self) -> None:
        """Every qualified trustee's shares, and the result."""
        groups, rows, hidden = self.sums(), [], []
        for one in groups:
            names = [f"d{district}" for district in one.districts]
            if one.withheld:
                hidden.append({"ballots": one.ballots, "districts": names})
                continue
            shares: dict[int, list[Point]] = {}
            for trustee in self.qualified:
                cells = []
                for option in range(1, len(one.beta) + 1):
                    key = share_key(self.qualified, option, trustee.number)
                    share, proof = decrypt(self.context, trustee.number, (one.number, option), key, one.alpha)
                    cells.append({"proof": proof.hex(), "share": share.hex()})
                shares[trustee.number] = [group.decode(bytes.fromhex(cell["share"])) for cell in cells]
                body = {"ballots": one.ballots, "cells": cells, "districts": names, "group": one.number}
                self.draft.add("tally-share", f"trustee/{trustee.number}", body)
            counts = tally.open_group(one, shares, self.plan.threshold, tally.Logarithms(one.ballots))
            rows.append({"ballots": one.ballots, "contests": self._contests(one, counts), "districts": names})
        trustees = [one.number for one in self.qualified]
        self.draft.add("result", "host", {"groups": rows, "trustees": trustees, "withheld": hidden})
        self.draft.add("archive", "host", {"until": time_text(START + 10**8)})

    def _contests(self, one: tally.Group, counts: list[int | None]) -> list[dict[str, Any]]:
        contests, at = [], 0
        for contest in self.plan.styles[one.style]:
            own = [count or 0 for count in counts[at : at + self.plan.contests[contest]]]
            at += len(own)
            contests.append({"blank": one.ballots - sum(own), "counts": own, "id": f"c{contest}"})
        return contests


def plan(**changes: Any) -> Plan:
    """The usual plan with changes."""
    return replace(Plan(), **changes)
