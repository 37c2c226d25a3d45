"""Runs the parts of a test, counts their cases, and prints the one line of JSON."""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass
class Tally:
    """Passed, failed, and what is not compared."""

    passed: int = 0
    failed: int = 0
    unsupported: list[str] = field(default_factory=list)

    def note(self, case: str, holds: bool, detail: object = None) -> None:
        """Counts a case; prints it if it failed."""
        if holds:
            self.passed += 1
        else:
            self.failed += 1
            print(json.dumps({"case": case, "detail": str(detail)}, ensure_ascii=False), flush=True)

    def add(self, other: "Tally") -> None:
        """Counts what another one counted."""
        self.passed += other.passed
        self.failed += other.failed
        self.unsupported += other.unsupported

    def finish(self, peer: str, version: str) -> bool:
        """Prints the line; whether all is well."""
        line = {"peer": peer, "version": version, "passed": self.passed, "failed": self.failed}
        print(json.dumps(line | {"unsupported": self.unsupported}, ensure_ascii=False))
        return self.failed == 0 and self.passed > 0


Part = Callable[[Tally], None]


def run_parts(peer: str, version: str, parts: Mapping[str, Part], names: list[str]) -> int:
    """Runs all parts, or those named. The exit code: 1 if a case failed or none ran, 2 if there is no such part."""
    unknown = [name for name in names if name not in parts]
    if unknown:
        print(f"no such part: {', '.join(unknown)}; there are {', '.join(parts)}", file=sys.stderr)
        return 2
    tally = Tally()
    for name in names or parts:
        parts[name](tally)
    return 0 if tally.finish(peer, version) else 1
