"""What an audit found: for each check the first bad item, and how many proofs of each kind were checked."""

from collections import Counter
from dataclasses import dataclass, field

CHECKS = tuple(f"V{number}" for number in range(1, 15))


@dataclass(frozen=True)
class Bad:
    """The first item that a check objects to."""

    entry: int | None
    item: str
    reason: str


@dataclass
class Findings:
    """Collected while the record is gone through."""

    bad: dict[str, Bad] = field(default_factory=dict)
    reached: set[str] = field(default_factory=set)
    proofs: Counter[str] = field(default_factory=Counter)

    def fail(self, check: str, reason: str, *, entry: int | None = None, item: str = "") -> None:
        """Notes an objection; the first of each check is kept."""
        self.reached.add(check)
        self.bad.setdefault(check, Bad(entry, item or ("" if entry is None else f"entry {entry}"), reason))

    def verdict(self, check: str) -> bool | None:
        """Passed, failed, or `None` if the record has nothing for it yet."""
        return check not in self.bad if check in self.reached else None

    def ok(self) -> bool:
        """Whether every check was reached and passed."""
        return all(self.verdict(check) for check in CHECKS)
