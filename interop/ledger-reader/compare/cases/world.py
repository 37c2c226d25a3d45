"""The world in which a case plays, and the list of cases."""

from collections.abc import Callable
from typing import Any

from compare.writer import Did, Log, Signer

DAY = 86_400


class World(Log):
    """A log with its root accreditor, an accreditor with a recovery key, and an issuer."""

    def __init__(self) -> None:
        super().__init__()
        self.recovery = [Signer("high", "p256"), Signer("low")]
        self.root = Did("root", Signer("root update", "p256"))
        self.office = Did(
            "office", Signer("office update", "p384"), recoveryKeys=[key.multikey for key in self.recovery]
        )
        self.issuer = Did("issuer", Signer("issuer update"))
        self.open(self.root.id)
        for did in (self.root, self.office, self.issuer):
            self.add("create", did.created)
        self.power = self.root.grant(self.office.id, {"accredit": {"types": ["A", "B"]}}, self.now)
        self.add("power", self.power)

    def update(self, label: str, did: Did, signer: Signer | None = None, after: int | None = None, **more: Any) -> int:
        """An update with these parameters; members of the operation that begin with `_` are replaced."""
        members = {name[1:]: value for name, value in more.items() if name.startswith("_")}
        seconds = more.pop("seconds", 60)
        parameters = {name: value for name, value in more.items() if not name.startswith("_")}
        before = list(did.versions)
        operation = did.version(signer or did.update, parameters, after, **members)
        if label.startswith("!"):
            did.versions = before
        return self.add(label, operation, seconds)

    def steal(self) -> Signer:
        """A thief takes the office over with its update key."""
        thief = Signer("thief")
        self.update("theft", self.office, updateKeys=[thief.multikey])
        return thief

    def recover(self, label: str = "recovery", after: int = 1, rank: int = 0, **more: Any) -> int:
        """The office recovers."""
        parameters = {"updateKeys": [Signer(f"new {len(self.entries)}").multikey], "nextKeyHashes": []} | more
        return self.update(label, self.office, self.recovery[rank], after, **parameters)


Case = Callable[[World], None]


class Cases(dict[str, Case]):
    """Cases by name, in their order."""

    def case(self, function: Case) -> Case:
        """Registers a case under its name."""
        self[function.__name__.replace("_", " ")] = function
        return function

    def variants(self, name: str, values: dict[str, Any], play: Callable[[World, str, Any], None]) -> None:
        """Registers a case for each value; the value's name begins with `!` if its entry is invalid."""
        for label, value in values.items():
            self[f"{name}: {label}"] = lambda world, label=label, value=value: play(world, label, value)  # type: ignore[misc]
