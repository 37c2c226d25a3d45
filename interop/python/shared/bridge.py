"""Our operations, through the program in SINPYO_BRIDGE: one JSON object a line, both ways."""

import json
import os
import subprocess
from types import TracebackType
from typing import Any, Self

Json = Any
Object = dict[str, Any]


class Refused(Exception):
    """A rule of ours refused."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class Fault(Exception):
    """We could not carry out the request; that is no refusal."""


class Bridge:
    """The running program. Use it in a `with` statement."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [os.environ["SINPYO_BRIDGE"], "bridge"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._last = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def call(self, operation: str, **arguments: Json) -> Object:
        """Carries out an operation; what is `None` is left out. Raises `Refused` or `Fault`."""
        self._last += 1
        request = {"id": self._last, "op": operation, "args": arguments}
        # In ASCII with escapes: a text may hold what has no UTF-8.
        line = json.dumps(request, allow_nan=False).encode() + b"\n"
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(line)
        self._process.stdin.flush()
        text = self._process.stdout.readline()
        if not text:
            raise Fault("the bridge has ended")
        answer: Object = json.loads(text)
        if answer["id"] != self._last:
            raise Fault(f"an answer to request {answer['id']} came to request {self._last}")
        if "ok" in answer:
            found: Object = answer["ok"]
            return found
        code, message = answer["error"]["code"], answer["error"]["message"]
        # Codes of rules have a hyphen.
        raise Refused(code, message) if "-" in code else Fault(f"{code}: {message}")
