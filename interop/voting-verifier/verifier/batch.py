"""Many equations at once: each is multiplied by a weight of its own, and one sum must be the identity.

A weight has 128 bits and comes from a generator seeded with this process's secret and a hash of the whole batch, so
nobody can make equations whose errors cancel.
"""

import hashlib
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

from verifier import group
from verifier.ballot import Terms
from verifier.group import L, Point

_SECRET = secrets.token_bytes(32)
WEIGHT = 16


def weights(batch: bytes) -> Iterator[int]:
    """Weights for the batch whose content this is."""
    seed = hashlib.sha512(_SECRET + secrets.token_bytes(32) + hashlib.sha512(batch).digest()).digest()
    count = 0
    while True:
        block = hashlib.sha512(seed + count.to_bytes(8)).digest()
        yield from (int.from_bytes(block[at : at + WEIGHT]) for at in range(0, 64, WEIGHT))
        count += 1


def failing(count: int, hold: Callable[[list[int]], bool]) -> list[int]:
    """Which of `count` items fail, where `hold` says whether some of them hold together: by halves."""
    bad: list[int] = []
    waiting = [list(range(count))] if count else []
    while waiting:
        some = waiting.pop()
        if hold(some):
            continue
        if len(some) == 1:
            bad += some
        else:
            half = len(some) // 2
            waiting += [some[half:], some[:half]]
    return sorted(bad)


def hold(equations: Sequence[Terms], content: bytes) -> bool:
    """Whether all equations hold. `content` is everything they were made from."""
    merged: dict[Point, int] = {}
    for terms, weight in zip(equations, weights(content), strict=False):
        for scalar, point in terms:
            merged[point] = (merged.get(point, 0) + weight * scalar) % L
    return group.is_identity(group.msm((scalar, point) for point, scalar in merged.items()))


def bad_items(items: Sequence[Sequence[Terms]], content: bytes) -> list[int]:
    """Which items have an equation that does not hold."""
    return failing(len(items), lambda some: hold([terms for at in some for terms in items[at]], content))


def cores() -> int:
    """How many processes may run."""
    return len(os.sched_getaffinity(0))


def parallel(work: Callable[[Any], Any], jobs: Sequence[Any]) -> list[Any]:
    """The jobs done by as many processes as there are cores; they see what this one has in memory."""
    if len(jobs) < 2 or cores() < 2:
        return [work(job) for job in jobs]
    with ProcessPoolExecutor(min(cores(), len(jobs)), mp_context=get_context("fork")) as pool:
        return list(pool.map(work, jobs))
