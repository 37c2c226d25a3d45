"""Counts the cases of one peer and prints them as JSON lines."""

import json
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

from shared.bridge import Refused

Refusals = tuple[type[Exception], ...]


class Mismatch(Exception):
    """Two sides differ."""


class Tally:
    """The cases of one peer, which is a package."""

    def __init__(self, package: str, refusals: Refusals = (), label: str | None = None) -> None:
        """`refusals`: what the peer raises when it refuses; anything else is a fault of the case."""
        self.peer = label or package
        self._version = version(package)
        self._refusals = refusals
        self._passed = 0
        self._failed = 0
        self._unsupported: list[str] = []
        self._facts: dict[str, Any] = {}

    def accepts(self, case: str, body: Callable[[], object]) -> None:
        """Passes unless `body` raises."""
        try:
            body()
        except Exception as error:  # one failed case leaves the others to run
            self.failure(case, f"{type(error).__name__}: {error}")
        else:
            self._passed += 1

    def we_refuse(self, case: str, body: Callable[[], object]) -> None:
        """Passes if `body` ends in a refusal by a rule of ours."""
        self._refuses(f"we refuse {case}", body, (Refused,))

    def peer_refuses(self, case: str, body: Callable[[], object]) -> None:
        """Passes if `body` ends in one of the peer's refusals."""
        self._refuses(f"{self.peer} refuses {case}", body, self._refusals)

    def _refuses(self, case: str, body: Callable[[], object], refusals: Refusals) -> None:
        try:
            body()
        except refusals:
            self._passed += 1
        except Exception as error:
            self.failure(case, f"no refusal but {type(error).__name__}: {error}")
        else:
            self.failure(case, "was accepted")

    def passed(self) -> None:
        """Counts a case that passed."""
        self._passed += 1

    def failure(self, case: str, detail: str) -> None:
        """Counts a case that failed and prints it."""
        self._failed += 1
        _print({"of": self.peer, "case": case, "outcome": "failed", "detail": detail[:900]})

    def unsupported(self, reason: str) -> None:
        """Names what the peer cannot do, or does wrong, with the reason."""
        self._unsupported.append(reason)

    def fact(self, name: str, value: object) -> None:
        """Adds a figure to the summary."""
        self._facts[name] = value

    def finish(self) -> bool:
        """Prints the line of this peer. Whether something ran and nothing failed."""
        counts = {"passed": self._passed, "failed": self._failed, "unsupported": self._unsupported}
        _print({"peer": self.peer, "version": self._version, **counts, **self._facts})
        return self._failed == 0 and self._passed > 0


def equal(found: object, expected: object) -> None:
    """Raises `Mismatch` unless both are equal."""
    if found != expected:
        raise Mismatch(f"found {found!r}, expected {expected!r}")


def _print(line: dict[str, Any]) -> None:
    print(json.dumps(line, ensure_ascii=False), flush=True)
