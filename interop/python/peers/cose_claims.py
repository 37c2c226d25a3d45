"""Status lists as numbers, and as bytes [Token Status List §4.1]: the first entry in the lowest bits."""

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True)
class StatusList:
    """The statuses of all tokens of a list."""

    bits: int
    values: tuple[int, ...]

    def set(self) -> dict[int, int]:
        """Those that are not zero, by index."""
        return {index: value for index, value in enumerate(self.values) if value}


def packed(statuses: StatusList) -> bytes:
    """The list before compression."""
    each = 8 // statuses.bits
    octets = bytearray(-(-len(statuses.values) // each))
    for index, value in enumerate(statuses.values):
        octets[index // each] |= value << index % each * statuses.bits
    return bytes(octets)


def unpacked(bits: int, octets: bytes) -> StatusList:
    """The list in uncompressed bytes."""
    shifts = range(0, 8, bits)
    return StatusList(bits, tuple(octet >> shift & (1 << bits) - 1 for octet in octets for shift in shifts))


def _random(bits: int, length: int) -> StatusList:
    random = Random(f"{bits} {length}")
    return StatusList(bits, tuple(random.choice((0, 0, random.randrange(1 << bits))) for _ in range(length)))


LISTS = tuple(_random(bits, length) for bits in (1, 2, 4, 8) for length in (16, 4096, 100_000))
