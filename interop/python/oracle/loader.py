"""PyLD's document loader: our bundled contexts and those of a document, nothing from the network."""

import json
import re
from pathlib import Path
from typing import Any

from shared.bridge import Object

_FOLDER = Path(__file__).parents[3] / "crates" / "jsonld" / "contexts"


class Loader:
    """Loads bundled contexts, and others that are registered."""

    def __init__(self) -> None:
        self._documents: dict[str, Object] = {}

    def register(self, contexts: dict[str, Object]) -> None:
        """Adds contexts by URL."""
        self._documents.update(contexts)

    def __call__(self, url: str, options: object = None) -> dict[str, Any]:
        """What PyLD asks for."""
        if url not in self._documents:
            # A file is named after its URL: without the scheme, with underscores for other characters.
            name = re.sub("[^A-Za-z0-9]", "_", url.removeprefix("https://"))
            self._documents[url] = json.loads((_FOLDER / f"{name}.jsonld").read_text())
        return {
            "contentType": "application/ld+json",
            "contextUrl": None,
            "documentUrl": url,
            "document": self._documents[url],
        }
