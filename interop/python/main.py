"""Runs all peers and oracles, or those named. One JSON line each; exit code 1 if one fails or tried nothing."""

import sys
import traceback
from collections.abc import Callable

from oracle import pyld_documents, pyld_graphs
from peers import cose, did_webvh, mdoc, sd_jwt
from shared.bridge import Bridge
from shared.tally import Tally

PROGRAMS: dict[str, Callable[[Bridge], Tally]] = {
    "sd-jwt": sd_jwt.run,
    "did-webvh": did_webvh.run,
    "cwt": cose.run,
    "pymdoccbor": mdoc.run,
    "pyld-graphs": pyld_graphs.run,
    "pyld-documents": pyld_documents.run,
}


def main(names: list[str]) -> int:
    """Runs the programs named."""
    unknown = [name for name in names if name not in PROGRAMS]
    if unknown:
        print(f"no such program: {', '.join(unknown)}; there are {', '.join(PROGRAMS)}", file=sys.stderr)
        return 2
    fine = True
    for name in names or PROGRAMS:
        # One that breaks down spoils no other's cases, so each has a bridge of its own.
        try:
            with Bridge() as bridge:
                fine &= PROGRAMS[name](bridge).finish()
        except Exception:
            traceback.print_exc()
            fine = False
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
