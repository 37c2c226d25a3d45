"""Counts cases and prints the one line of JSON."""

import json
import platform
from dataclasses import dataclass, field


@dataclass
class Tally:
    """Passed, failed, and what was not tried."""

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

    def finish(self) -> bool:
        """Prints the line; whether all is well."""
        line = {"peer": "voting-verifier", "version": f"python {platform.python_version()}", "passed": self.passed}
        print(json.dumps(line | {"failed": self.failed, "unsupported": self.unsupported}, ensure_ascii=False))
        return self.failed == 0 and self.passed > 0
