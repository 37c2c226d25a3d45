"""Compares the reader with `sinpyo ledger audit`: state root and invalid entries. Exit code 1 if they differ."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from compare.both import Pair, judge, judge_log
from compare.cases import CASES, DISPUTED
from compare.cases.world import World
from compare.exports import mutations
from compare.random_logs import RandomLog
from compare.tally import Tally, run_parts
from compare.vectors import vectors
from compare.writer import ORIGIN, Signer
from reader import audit

REPOSITORY = Path(__file__).resolve().parents[2]
MUTATIONS = 200


def run_cases(tally: Tally) -> None:
    """Each rule kept and broken."""
    for name, play in CASES.items():
        world = World()
        play(world)
        pair = judge_log(world)
        if name in DISPUTED:
            _note_disputed(tally, name, pair)
            continue
        open_to_doubt = {index for index, label in enumerate(world.labels) if label.startswith("?")}
        wanted = {index for index, label in enumerate(world.labels) if label.startswith("!")}
        found = set(pair.reader[-1]) - open_to_doubt
        tally.note(name, pair.agree() and found == wanted, pair)


def run_vectors(tally: Tally) -> None:
    """The project's vectors."""
    for name, log, lawful in vectors(REPOSITORY / "test-vectors/did-tlog"):
        pair = judge_log(log)
        last = len(log.entries) - 1
        tally.note(f"vector {name}", pair.agree() and (last not in pair.reader[-1]) == lawful, pair)


def run_random(tally: Tally) -> None:
    """Random logs; one of them is wide enough for a second level of tiles."""
    for seed in range(40):
        pair = judge_log(RandomLog(seed, 60))
        tally.note(f"random log {seed}", pair.agree() and pair.reader[0] == "unlawful", pair)
    world = World()
    for number in range(600):
        world.add("person", world.root.admit(str(number)))
    pair = judge_log(world)
    tally.note("605 entries", pair.agree() and pair.reader[:2] == ("lawful", 605), pair)


def run_keys(tally: Tally) -> None:
    """Whose checkpoint counts after the log's key was changed; the auditor is configured with the old one."""
    old, new = World().key, Signer("log key 2")
    changed = World()
    lines = [(old, ORIGIN), (new, ORIGIN)]
    changed.add("new key", changed.change_keys(1, lines, key=new.note_key(ORIGIN)))
    refused = Pair(("refused",), ("refused",))
    pair = judge_log(changed, old, new)
    tally.note("both keys sign", pair.agree() and pair.reader[0] == "lawful", pair)
    tally.note("the old key alone signs", (pair := judge_log(changed, old)) == refused, pair)
    tally.note("the new key alone signs", (pair := judge_log(changed, new)) == refused, pair)
    tally.note("a stranger signs", (pair := judge_log(World(), Signer("x"))) == refused, pair)
    other = World()
    other.entries.clear()
    other.open(other.root.id, key=new.note_key(ORIGIN))
    tally.note("entry 0 names another key", (pair := judge_log(other)) == refused, pair)


def _with_checkpoint(change: Callable[[str], str]) -> Pair:
    with tempfile.TemporaryDirectory() as place:
        folder, world = Path(place) / "log", World()
        log_key = world.export(folder)
        note = change(world.checkpoint().decode())
        (folder / "checkpoint").write_bytes(note.encode())
        return judge(folder, log_key)


def run_notes(tally: Tally) -> None:
    """Checkpoints with further lines."""
    key, text = World().key, World().checkpoint().decode().partition("\n\n")[0] + "\n"

    def extended(more: str) -> Callable[[str], str]:
        return lambda note: f"{text}{more}\n{key.note_line(ORIGIN, (text + more).encode())}\n"

    own = key.note_line(ORIGIN, b"something else")
    stranger = Signer("x").note_line(ORIGIN, b"x")
    notes: dict[str, tuple[bool, Callable[[str], str]]] = {
        "a stranger's line": (True, lambda note: f"{note}{stranger}\n"),
        "a line in a Korean name": (True, lambda note: f"{note}— 가 AAAAAAAA\n"),
        "64 lines": (True, lambda note: note + "— a AAAAAAAA\n" * 63),
        "65 lines": (False, lambda note: note + "— a AAAAAAAA\n" * 64),
        "a false line of the log's": (False, lambda note: f"{note}{own}\n"),
        "a line without signature": (False, lambda note: f"{note}— a AAAAAA==\n"),
        "a line with unused bits": (False, lambda note: f"{note}— a AAAAAAB=\n"),
        "a name with plus": (False, lambda note: f"{note}— a+b AAAAAAAA\n"),
        "a name with a no-break blank": (False, lambda note: f"{note}— a\u00a0b AAAAAAAA\n"),
        "U+007F": (True, lambda note: note + "— a\x7fb AAAAAAAA\n"),
        "U+001F": (False, lambda note: note + "— a\x1fb AAAAAAAA\n"),
        "a tab": (False, lambda note: f"{note}— a\tb AAAAAAAA\n"),
        "an extension": (False, extended("more\n")),
        "an empty extension": (False, extended("\nmore\n")),
        "a byte order mark": (False, lambda note: "\ufeff" + note),
    }
    for name, (lawful, change) in notes.items():
        pair = _with_checkpoint(change)
        tally.note(f"note: {name}", pair.agree() and (pair.reader[0] == "lawful") == lawful, pair)


def _note_disputed(tally: Tally, name: str, pair: Pair) -> None:
    if pair.agree():
        tally.note(name, False, "no longer disputed")
    tally.unsupported.append(f"{name}: {DISPUTED[name]}")


def _mutate(tally: Tally, name: str, folder: Path, log_key: str, seed: int) -> None:
    with tempfile.TemporaryDirectory() as place:
        for change, copy in mutations(folder, Path(place), MUTATIONS, seed):
            pair = judge(copy, log_key)
            tally.note(f"{name}: {change}", pair.agree(), pair)


def run_exports(tally: Tally) -> None:
    """An export by the project's generator, one by ours, and mutations of both."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "ours"
        world = RandomLog(1000, 300)
        _mutate(tally, "our export", folder, world.export(folder), 1)
        if generator := os.environ.get("SINPYO_EXPORT"):
            folder = Path(place) / "theirs"
            answer = subprocess.run([generator, str(folder)], capture_output=True, check=True, timeout=60)
            stated = json.loads(answer.stdout)
            report = audit.audit(str(folder), stated["logKey"])
            for member in ("root", "size", "stateRoot"):
                tally.note(f"their export: {member}", report.get(member) == stated[member], report)
            invalid = [entry["index"] for entry in stated["invalid"]]
            tally.note("their export: invalid", report.get("invalid") == invalid != [], report)
            tally.note("their export", (pair := judge(folder, stated["logKey"])).agree(), pair)
            _mutate(tally, "their export", folder, stated["logKey"], 2)
        else:
            tally.unsupported.append("their export: SINPYO_EXPORT is not set")


PARTS: dict[str, Callable[[Tally], None]] = {
    "cases": run_cases,
    "vectors": run_vectors,
    "random": run_random,
    "keys": run_keys,
    "notes": run_notes,
    "exports": run_exports,
}


if __name__ == "__main__":
    sys.exit(run_parts("ledger-reader", f"cryptography {version('cryptography')}", PARTS, sys.argv[1:]))
