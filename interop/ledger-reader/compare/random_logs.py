"""Random logs: lawful operations, and such as break something, in random order."""

import random
from collections.abc import Callable
from typing import Any

from compare.writer import ORIGIN, Did, Log, Operation, Signer, text_of
from reader import forms
from reader.registry import Registry

TYPES = ("A", "B", "C")
SUITES = ("ed", "p256", "p384", "ed", "p256", "p384", "ml")


class RandomLog(Log):
    """A log that grows by random operations."""

    def __init__(self, seed: int, length: int) -> None:
        super().__init__()
        self._random = random.Random(seed)
        self._names = 0
        self._dids: list[Did] = []
        # What each DID's controller holds: update keys, recovery keys, announced keys.
        self._held: dict[str, list[Signer]] = {}
        self._recovery: dict[str, list[Signer]] = {}
        self._grants: list[tuple[Did, Operation]] = []
        self._admitted: list[int] = []
        self._lists: dict[tuple[str, str], int] = {}
        root = self._new_did()
        self.open(root.id)
        self.add("create", root.created)
        steps: tuple[Callable[[], None], ...] = (
            self._create,
            self._update,
            self._update,
            self._update,
            self._recover,
            self._recover,
            self._grant,
            self._grant,
            self._status,
            self._digest,
            self._admit,
            self._erase,
            self._spoil,
        )
        while len(self.entries) < length:
            self._random.choice(steps)()

    def _wait(self) -> int:
        return self._random.choice((0, 1, 60, 60, 3600, 40_000, 90_000))

    def _new_signer(self) -> Signer:
        self._names += 1
        return Signer(f"random {self._names}", self._random.choice(SUITES))

    def _new_did(self) -> Did:
        update = self._new_signer()
        held = [update]
        parameters: Operation = {}
        if self._random.random() < 0.6:
            recovery = [self._new_signer() for _ in range(self._random.randint(1, 3))]
            parameters["recoveryKeys"] = [key.multikey for key in recovery]
            held += recovery
        else:
            recovery = []
        if self._random.random() < 0.3:
            announced = self._new_signer()
            parameters["nextKeyHashes"] = [announced.announced]
            held.append(announced)
        did = Did(f"random did {self._names}", update, **parameters)
        self._dids.append(did)
        self._held[did.id] = held
        self._recovery[did.id] = recovery
        return did

    def _create(self) -> None:
        self.add("create", self._new_did().created, self._wait())

    def _did(self) -> Did:
        return self._random.choice(self._dids)

    def _parameters(self, held: list[Signer]) -> Operation:
        choose = self._random.random
        parameters: Operation = {}
        if choose() < 0.8:
            new = self._random.choice(held) if choose() < 0.5 else self._new_signer()
            held.append(new)
            parameters["updateKeys"] = [new.multikey]
        if choose() < 0.7:
            parameters["nextKeyHashes"] = []
            if choose() < 0.3:
                announced = self._random.choice(held) if choose() < 0.2 else self._new_signer()
                held.append(announced)
                parameters["nextKeyHashes"] = [announced.announced]
        if choose() < 0.15:
            parameters["recoveryKeys"] = [self._random.choice(held).multikey] if choose() < 0.7 else []
        if choose() < 0.08:
            parameters = {"deactivated": True, "updateKeys": [], "nextKeyHashes": []}
        return parameters

    def _version(self, did: Did, signer: Signer, parameters: Operation, after: int | None) -> None:
        before = list(did.versions)
        self.add("version", did.version(signer, parameters, after), self._wait())
        if self._is_lawful():
            if parameters.get("updateKeys"):
                did.update = next(key for key in self._held[did.id] if key.multikey == parameters["updateKeys"][0])
        else:
            did.versions = before

    def _is_lawful(self) -> bool:
        registry = Registry(ORIGIN)
        for index, entry in enumerate(self.entries):
            registry.apply(index, entry)
        return all(index != len(self.entries) - 1 for index, _ in registry.invalid)

    def _update(self) -> None:
        did = self._did()
        held = self._held[did.id]
        signer = did.update if self._random.random() < 0.7 else self._random.choice(held)
        self._version(did, signer, self._parameters(held), None)

    def _recover(self) -> None:
        """By a recovery key, as a rule, and after a version before the newest."""
        did = self._random.choice([did for did in self._dids if self._recovery[did.id]] or self._dids)
        held = self._held[did.id]
        signer = self._random.choice(self._recovery[did.id] or held)
        parameters = self._parameters(held)
        if self._random.random() < 0.8:
            held.append(new := self._new_signer())
            parameters = {"updateKeys": [new.multikey], "nextKeyHashes": []}
        self._version(did, signer, parameters, self._random.randint(1, max(1, len(did.versions) - 1)))

    def _random_grant(self) -> Operation:
        types = self._random.sample(TYPES, self._random.randint(1, 2))
        kind = self._random.choice(("issue", "accredit", "accredit", "request"))
        if kind == "request":
            return {"request": {"service": "registry.admission", "scope": {name: [["x"]] for name in types}}}
        return {kind: {"types": [] if kind == "accredit" and self._random.random() < 0.5 else types}}

    def _grant(self) -> None:
        by = self._dids[0] if self._random.random() < 0.5 else self._did()
        members = {}
        if self._random.random() < 0.3:
            members["validUntil"] = text_of(self.now + self._random.choice((100, 90_000)))
        operation = by.grant(self._did().id, self._random_grant(), self.now, **members)
        self._grants.append((by, operation))
        self.add("grant", operation, self._random.choice((0, 60)))

    def _status(self) -> None:
        if self._grants:
            by, grant = self._random.choice(self._grants)
            status = self._random.choice(("active", "suspended", "suspended", "ended", "revoked"))
            self.add("status", by.status(grant, self._random.choice((2, 2, 3, 4)), status), self._wait())

    def _digest(self) -> None:
        did, url = self._did(), self._random.choice(("https://a.example/1", "https://a.example/2"))
        number = self._lists.get((did.id, url), 0) + self._random.choice((1, 1, 1, 0, 2))
        self.add("digest", did.digest(url, number), self._wait())
        if self._is_lawful():
            self._lists[did.id, url] = number

    def _admit(self) -> None:
        by = self._dids[0] if self._random.random() < 0.3 else self._did()
        self._admitted.append(self.add("person", by.admit(str(self._random.randint(0, 20))), self._wait()))

    def _erase(self) -> None:
        if self._admitted:
            by = self._dids[0] if self._random.random() < 0.5 else self._did()
            self.add("erasure", by.erase(self._random.choice(self._admitted)), self._wait())

    def _spoil(self) -> None:
        """An earlier entry's operation again, whole or with a letter or a member changed."""
        value: Any = forms.parse_json(self._random.choice(self.entries))["op"]
        if isinstance(value, dict) and self._random.random() < 0.7:
            name = self._random.choice(sorted(value))
            if self._random.random() < 0.3:
                del value[name]
            elif isinstance(value[name], str):
                value[name] = value[name][:-1] + self._random.choice("abc1")
            else:
                value[name] = self._random.choice((1, True, None, [], {}, ""))
        self.add("spoilt", value, self._wait())
