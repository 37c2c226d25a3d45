"""The Merkle tree of RFC 6962 and its tiles (C2SP tlog-tiles)."""

import struct

from reader.forms import sha256

WIDTH = 256


class Refused(Exception):
    """The log is not what its checkpoint says."""


def leaf(data: bytes) -> bytes:
    """The hash of a leaf."""
    return sha256(b"\0", data)


def root(hashes: list[bytes]) -> bytes:
    """The tree hash over hashes of leaves or of full subtrees."""
    if len(hashes) < 2:
        return hashes[0] if hashes else sha256()
    half = 1 << (len(hashes) - 1).bit_length() - 1
    return sha256(b"\1", root(hashes[:half]), root(hashes[half:]))


def path(level: str, number: int, width: int) -> str:
    """The path of a tile, or of a bundle if `level` is `entries`."""
    parts = [f"{number % 1000:03}"]
    while number := number // 1000:
        parts.insert(0, f"x{number % 1000:03}")
    return f"tile/{level}/{'/'.join(parts)}" + (f".p/{width}" if width < WIDTH else "")


def widths(count: int) -> list[int]:
    """The widths of the tiles that hold that many hashes."""
    return [WIDTH] * (count // WIDTH) + ([count % WIDTH] if count % WIDTH else [])


def tiles(entries: list[bytes]) -> dict[str, bytes]:
    """All bundles and tiles of a log, by path."""
    files = {}
    for number, width in enumerate(widths(len(entries))):
        bundle = entries[number * WIDTH : number * WIDTH + width]
        files[path("entries", number, width)] = b"".join(struct.pack(">H", len(entry)) + entry for entry in bundle)
    hashes, level = [leaf(entry) for entry in entries], 0
    while hashes:
        cut = [hashes[start : start + WIDTH] for start in range(0, len(hashes), WIDTH)]
        for number, tile in enumerate(cut):
            files[path(str(level), number, len(tile))] = b"".join(tile)
        hashes, level = [root(tile) for tile in cut if len(tile) == WIDTH], level + 1
    return files


def parse_bundle(data: bytes, count: int) -> list[bytes]:
    """The entries of a bundle, each after its length."""
    entries, at = [], 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 2])
        entries.append(data[at + 2 : at + 2 + size])
        at += 2 + size
    if at != len(data) or len(entries) != count or not all(entries):
        raise Refused("a bundle holds something else than its entries")
    return entries
