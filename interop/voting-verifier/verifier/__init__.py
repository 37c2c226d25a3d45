"""A second auditor of elections, written from spec/voting.md, in plain integers."""

import sys
from pathlib import Path

# Texts, tiles and the Merkle tree are those of the reader of the ledger; neither needs more than the standard library.
sys.path.append(str(Path(__file__).resolve().parents[2] / "ledger-reader"))
