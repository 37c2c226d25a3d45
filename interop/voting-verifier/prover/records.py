"""Whole small records as static exports, with the report an auditor gives: `python -m prover.records FOLDER`."""

import json
import sys
from pathlib import Path
from typing import Any

from prover.election import Election, plan
from prover.writer import write
from verifier import audit

RECORDS: dict[str, dict[str, Any]] = {
    "record-ring": {},
    "record-first": {"revote": "first"},
    "record-token": {"profile": "token"},
}
MEMBERS = ("checks", "proofs", "counted", "ballots", "groups", "size", "root")


def main(folder: Path) -> None:
    """Writes all of them."""
    for name, changes in RECORDS.items():
        write(Election(plan(name=name, **changes)).hold().files(), folder / name)
        report = audit.audit(str(folder / name))
        text = json.dumps({member: report[member] for member in MEMBERS}, indent=1, sort_keys=True)
        (folder / f"{name}.json").write_text(text + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
