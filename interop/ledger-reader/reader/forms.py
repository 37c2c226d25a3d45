"""Texts: strict JSON, JCS, base58, base64url, times, identifiers (did:tlog §1, Appendix A; RFC 8785)."""

import base64
import binascii
import datetime
import hashlib
import json
import re
from collections.abc import Iterable
from typing import Any, NoReturn

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
LARGEST = 2**53
TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
DID = re.compile(r"did:[a-z0-9]+:(?:(?:[A-Za-z0-9._-]|%[0-9A-Fa-f]{2})*:)*(?:[A-Za-z0-9._-]|%[0-9A-Fa-f]{2})+")
DID_TLOG = re.compile(rf"did:tlog:zQm[{ALPHABET}]{{44}}")
HASH = re.compile(rf"zQm[{ALPHABET}]{{44}}")
VERSION_ID = re.compile(rf"([1-9][0-9]{{0,4}})-(zQm[{ALPHABET}]{{44}})")
LABEL = re.compile(r"[A-Za-z0-9._-]{1,64}")
# Characters, not the grammar of RFC 3986: neither query nor fragment, and no user in the authority.
HTTPS = re.compile(r"https://[A-Za-z0-9._~:\[\]!$&'()*+,;=%-]+(?:/[A-Za-z0-9._~:/\[\]@!$&'()*+,;=%-]*)?")


class Broken(Exception):
    """A rule is broken; its id is the message."""


def check(holds: bool, rule: str) -> None:
    """Refuses by `rule` what does not hold."""
    if not holds:
        raise Broken(rule)


def parse_json(text: bytes) -> Any:
    """Strict JSON without repeated members, fractions and integers beyond 2^53. Raises `ValueError`, or
    `RecursionError` where nothing lawful is."""
    return json.loads(
        text.decode("utf-8"),
        object_pairs_hook=_members,
        parse_int=_integer,
        parse_float=_refuse,
        parse_constant=_refuse,
    )


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("member twice")
    return members


def _integer(text: str) -> int:
    if len(text) > 17 or abs(int(text)) > LARGEST:
        raise ValueError("integer beyond 2^53")
    return int(text)


def _refuse(text: str) -> NoReturn:
    raise ValueError(text)


def jcs(value: Any) -> bytes:
    """The JCS form. Raises `ValueError` for what has none: half of a surrogate pair."""
    return _jcs(value).encode("utf-8")


def _jcs(value: Any) -> str:
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(f"{_jcs(name)}:{_jcs(value[name])}" for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_jcs, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def sha256(*parts: bytes) -> bytes:
    """SHA-256 of the parts joined."""
    return hashlib.sha256(b"".join(parts)).digest()


def hash_text(data: bytes) -> str:
    """The multihash text of `data` (§1)."""
    return "z" + to_base58(b"\x12\x20" + sha256(data))


def to_base58(data: bytes) -> str:
    """base58btc, without the multibase letter."""
    number, digits = int.from_bytes(data), ""
    while number:
        number, digit = divmod(number, 58)
        digits = ALPHABET[digit] + digits
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + digits


def from_base58(text: str) -> bytes:
    """base58btc, without the multibase letter. Raises `ValueError`."""
    number = 0
    for letter in text:
        number = number * 58 + ALPHABET.index(letter)
    zeros = len(text) - len(text.lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8)


def to_base64url(data: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64url(text: Any) -> bytes:
    """base64url without padding in its one form. Raises `ValueError`."""
    if not isinstance(text, str) or not re.fullmatch(r"[A-Za-z0-9_-]*", text):
        raise ValueError("base64url")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if to_base64url(data) != text:
        raise ValueError("unused bits")
    return data


def from_base64(text: str) -> bytes:
    """base64 with padding in its one form. Raises `ValueError`."""
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError from error
    if base64.b64encode(data).decode() != text:
        raise ValueError("unused bits")
    return data


def parse_time(text: Any, rule: str) -> int:
    """Seconds since 1970 of a time (Appendix A)."""
    check(isinstance(text, str) and TIME.fullmatch(text) is not None, rule)
    try:
        return int(datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z").timestamp())
    except ValueError as error:
        raise Broken(rule) from error


def is_number(value: Any) -> bool:
    """A number of Appendix A."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST


def is_text(value: Any, pattern: re.Pattern[str], longest: int = 65_000) -> bool:
    """A text that fits the pattern as a whole."""
    return isinstance(value, str) and len(value) <= longest and pattern.fullmatch(value) is not None


def is_https(value: Any) -> bool:
    """An `https` URL of a document: at most 512 characters."""
    return is_text(value, HTTPS, 512)


def is_list(value: Any, most: int, least: int = 0) -> bool:
    """An array of that many elements."""
    return isinstance(value, list) and least <= len(value) <= most


def check_members(value: Any, required: Iterable[str], optional: Iterable[str], rule: str) -> None:
    """An object with exactly these members."""
    check(isinstance(value, dict), rule)
    needed = set(required)
    check(needed <= value.keys() and value.keys() <= needed | set(optional), rule)
