"""The vectors in `test-vectors/did-tlog`: an operation after entries, and what comes of it."""

import json
from collections.abc import Iterator
from pathlib import Path

from compare.writer import Log


def vectors(folder: Path) -> Iterator[tuple[str, Log, bool]]:
    """Each vector as a log whose last entry is the operation, and whether that is to be lawful."""
    for path in sorted(folder.glob("*.json")):
        vector = json.loads(path.read_text())
        log = Log()
        for entry in vector["given"]["entries"]:
            log.add_raw("given", entry.encode())
        time = json.dumps(vector["given"]["now"])
        log.add_raw("operation", f'{{"op":{vector["input"]},"time":{time},"v":1}}'.encode())
        accepted = vector["expect"].get("accepted")
        if accepted and log.entries[-1] != accepted["entry"].encode():
            raise ValueError(f"{path.name} states another entry")
        yield path.stem, log, accepted is not None


