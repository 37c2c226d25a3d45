"""Both auditors over one export."""

import json
import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from compare.writer import Log, Signer
from reader import audit

Verdict = tuple[Any, ...]


@dataclass(frozen=True)
class Pair:
    """What each auditor says, in comparable form."""

    reader: Verdict
    sinpyo: Verdict

    def agree(self) -> bool:
        """Whether they say the same."""
        return self.reader == self.sinpyo


def _verdict(report: dict[str, Any]) -> Verdict:
    """Rules are left out: two readers may name different ones (§3.2). So are reasons to refuse a whole log."""
    if "stateRoot" not in report:
        return ("refused",)
    invalid = tuple(report.get("invalid", ()))
    return ("lawful" if report["ok"] else "unlawful", report["size"], report["root"], report["stateRoot"], invalid)


def judge(folder: Path, log_key: str) -> Pair:
    """Runs both."""
    key_file = folder.parent / f"{folder.name}.vkey"
    key_file.write_text(log_key + "\n")
    command = [os.environ["SINPYO_BIN"], "ledger", "audit", str(folder), "--json", "--log-key", str(key_file)]
    answer = subprocess.run(command, capture_output=True, timeout=60, check=False)
    lines = answer.stdout.decode().splitlines()
    if answer.returncode not in (0, 1) or not lines:
        raise RuntimeError(f"sinpyo broke down: {answer.returncode} {answer.stderr.decode()[-300:]}")
    return Pair(_verdict(audit.audit(str(folder), log_key)), _verdict(json.loads(lines[-1])))


def judge_log(log: Log, *signers: Signer) -> Pair:
    """Exports a log and runs both."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "log"
        return judge(folder, log.export(folder, *signers))
