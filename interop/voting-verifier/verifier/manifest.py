"""The manifest (§4): its form and its bounds. A rule that is broken is raised as `Broken`, with its reason."""

import re
from dataclasses import dataclass
from typing import Any

from reader import forms
from reader.forms import Broken, check

from verifier import ed25519, hashing, note, rsa
from verifier.ballot import Shape
from verifier.group import P

MEMBERS = (
    "admission board closes contests districts floor host keys opens profile registrar revote ring styles threshold "
    "title token trustees version witnesses"
).split()
ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
# Not of this version; V13 names it.
WRITE_IN = "write-in"


@dataclass(frozen=True)
class Contest:
    """Choose one of these, or blank."""

    id: str
    options: tuple[str, ...]


@dataclass(frozen=True)
class District:
    """Its voters vote in one style; `legal` is the length of the legal roll."""

    id: str
    legal: int
    style: int


@dataclass(frozen=True)
class Manifest:
    """A manifest that keeps the bounds."""

    body: dict[str, Any]
    contests: tuple[Contest, ...]
    districts: tuple[District, ...]
    styles: tuple[tuple[int, ...], ...]
    keys: int
    threshold: int
    floor: int
    trustees: int
    profile: str
    revote: str
    base: int
    digits: int
    closes: int
    write_in: bool
    # Of profile `token`: one for each district.
    tokens: tuple[rsa.PublicKey, ...]

    @property
    def hash(self) -> bytes:
        """`manifestHash`."""
        return hashing.digest("manifest", forms.jcs(self.body))

    def key(self, role: str) -> bytes | None:
        """The Ed25519 key of a role."""
        match role.split("/"):
            case ["host" | "registrar" as name]:
                return bytes.fromhex(self.body[name])
            case ["board"]:
                return bytes.fromhex(self.body["board"]["key"])
            case ["trustee", number] if number in map(str, range(1, self.trustees + 1)):
                return bytes.fromhex(self.body["trustees"][int(number) - 1]["key"])
        return None

    def shape(self, style: int) -> Shape:
        """The shape of the ballots of a style."""
        options = tuple(len(self.contests[number].options) for number in self.styles[style])
        return Shape(options, self.base, self.digits)

    def district(self, id_: str) -> int | None:
        """The index of a district."""
        return next((number for number, district in enumerate(self.districts) if district.id == id_), None)

    def names(self, districts: list[int]) -> list[str]:
        """Ids of districts."""
        return [self.districts[number].id for number in districts]

    @property
    def places(self) -> list[tuple[str, int, rsa.PublicKey | None]]:
        """What of each district cannot change after the first `register`."""
        keys = self.tokens or (None,) * len(self.districts)
        return [(one.id, one.style, key) for one, key in zip(self.districts, keys, strict=True)]

    @property
    def fixed(self) -> tuple[Any, ...]:
        """What cannot change after the ceremony began."""
        return self.keys, self.threshold, self.body["trustees"], self.profile


def is_hex(value: Any, size: int | None = None) -> bool:
    """Lower-case hexadecimal text, of that many bytes."""
    letters = isinstance(value, str) and len(value) % 2 == 0 and set(value) <= set("0123456789abcdef")
    return letters and (size is None or len(value) == 2 * size)


def is_integer(value: Any, least: int, most: int = 2**53 - 1) -> bool:
    """An integer in bounds."""
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def is_texts(value: Any) -> bool:
    """A text by language: in at most 16 of them, of at most 1,000 bytes; Korean and English are there."""
    if not isinstance(value, dict) or not {"en", "ko"} <= value.keys() or len(value) > 16:
        return False
    return all(isinstance(text, str) and 0 < len(text.encode()) <= 1000 for text in value.values())


def is_id(value: Any) -> bool:
    """A name of a contest, an option or a district."""
    return isinstance(value, str) and ID.fullmatch(value) is not None


def _members(value: Any, names: str, what: str) -> dict[str, Any]:
    check(isinstance(value, dict) and value.keys() == set(names.split()), f"members of {what}")
    return dict(value)


def _list(value: Any, what: str, least: int = 1) -> list[Any]:
    check(isinstance(value, list) and len(value) >= least, f"{what} is no list")
    return list(value)


def _distinct(values: list[Any], what: str) -> None:
    check(len(set(values)) == len(values), f"{what} twice")


def is_key(value: Any) -> bool:
    """An Ed25519 public key in hex."""
    return is_hex(value, 32) and ed25519.decode(bytes.fromhex(value)) is not None


def is_box(value: Any) -> bool:
    """An X25519 public key in hex, below 2^255 - 19 and not of low order: thrice doubled it is not the identity."""
    if not is_hex(value, 32):
        return False
    x, z = int.from_bytes(bytes.fromhex(value), "little"), 1
    if x >= P:
        return False
    for _ in range(3):
        xx, zz, xz = x * x, z * z, x * z
        x, z = (xx - zz) ** 2 % P, 4 * xz * (xx + 486662 * xz + zz) % P
    return z != 0


def _contests(value: Any) -> tuple[Contest, ...]:
    contests = []
    for contest in _list(value, "contests"):
        check(isinstance(contest, dict), "a contest")
        _members({name: contest[name] for name in contest if name != WRITE_IN}, "id options title", "a contest")
        check(is_id(contest["id"]) and is_texts(contest["title"]), "a contest's id or title")
        options = _list(contest["options"], "options")
        for option in options:
            _members(option, "id name", "an option")
            check(is_id(option["id"]) and is_texts(option["name"]), "an option's id or name")
        ids = [option["id"] for option in options]
        _distinct(ids, "an option")
        contests.append(Contest(contest["id"], tuple(ids)))
    _distinct([contest.id for contest in contests], "a contest")
    return tuple(contests)


def _styles(value: Any, contests: tuple[Contest, ...], keys: int) -> tuple[tuple[int, ...], ...]:
    known = {contest.id: number for number, contest in enumerate(contests)}
    styles = []
    for style in _list(value, "styles"):
        names = _list(_members(style, "contests", "a style")["contests"], "a style")
        check(all(isinstance(name, str) and name in known for name in names), "a style's contest is not there")
        _distinct(names, "a contest of a style")
        styles.append(tuple(known[name] for name in names))
        check(sum(len(contests[number].options) for number in styles[-1]) <= min(64, keys), "options of a style")
    return tuple(styles)


def _districts(value: Any, styles: int) -> tuple[District, ...]:
    districts = []
    for district in _list(value, "districts"):
        _members(district, "id legal name style", "a district")
        check(is_id(district["id"]) and is_texts(district["name"]), "a district's id or name")
        check(is_integer(district["legal"], 0) and is_integer(district["style"], 0, styles - 1), "a district's numbers")
        districts.append(District(district["id"], district["legal"], district["style"]))
    _distinct([district.id for district in districts], "a district")
    return tuple(districts)


def _keys(body: dict[str, Any]) -> None:
    for role in ("host", "registrar"):
        check(is_key(body[role]), f"key of the {role}")
    board = _members(body["board"], "key log", "board")
    check(is_key(board["key"]), "key of the board")
    heads = note.parse_key(board["log"], note.LOG).key.hex()
    witnesses = _members(body["witnesses"], "keys quorum", "witnesses")
    names = _list(witnesses["keys"], "witnesses", 0)
    cosigners = [note.parse_key(key, note.WITNESS).key.hex() for key in names]
    check(is_integer(witnesses["quorum"], 0, len(names)), "quorum")
    for trustee in body["trustees"]:
        _members(trustee, "box key name", "a trustee")
        check(is_key(trustee["key"]) and is_box(trustee["box"]), "keys of a trustee")
        check(is_texts(trustee["name"]), "name of a trustee")
    roles = [body["host"], body["registrar"], board["key"], *(trustee["key"] for trustee in body["trustees"])]
    _distinct([*roles, heads, *cosigners], "a key with two uses")
    _distinct([trustee["box"] for trustee in body["trustees"]], "a box")


def _rsa(value: Any, what: str) -> rsa.PublicKey | None:
    if value is None:
        return None
    return _spki(_members(value, "key", what)["key"], what)


def _tokens(value: Any, districts: int) -> tuple[rsa.PublicKey, ...]:
    if value is None:
        return ()
    keys = _list(_members(value, "keys", "token")["keys"], "keys of token")
    tokens = tuple(_spki(key, "token") for key in keys)
    check(len(tokens) == districts, "token has not one key for each district")
    check(len({key.size for key in tokens}) == 1, "keys of token differ in length")
    return tokens


def _spki(value: Any, what: str) -> rsa.PublicKey:
    try:
        return rsa.parse_spki(forms.from_base64url(value))
    except ValueError as error:
        raise Broken(f"key of {what}") from error


def _ring(body: dict[str, Any]) -> tuple[int, int]:
    if body["profile"] == "token":
        check(body["ring"] is None, "a ring in profile token")
        return 2, 0
    ring = _members(body["ring"], "base digits", "ring")
    check(ring["base"] in (2, 4, 8) and is_integer(ring["base"], 2), "base")
    check(is_integer(ring["digits"], 2, 12) and 4 <= ring["base"] ** ring["digits"] <= 4096, "digits")
    return ring["base"], ring["digits"]


def parse(body: Any) -> Manifest:
    """Reads a manifest's body."""
    _members(body, " ".join(MEMBERS), "the manifest")
    check(is_integer(body["version"], 1, 1), "version")
    check(is_texts(body["title"]), "title")
    check(forms.parse_time(body["opens"], "opens") < forms.parse_time(body["closes"], "closes"), "opens, closes")
    check(body["profile"] in ("ring", "token") and body["revote"] in ("last", "first"), "profile or revote")
    check((body["token"] is None) == (body["profile"] == "ring"), "token and profile")
    trustees = len(_list(body["trustees"], "trustees"))
    check(trustees <= 32 and is_integer(body["threshold"], 1, trustees), "threshold, trustees")
    check(is_integer(body["keys"], 1, 64) and body["keys"] * body["threshold"] <= 256, "keys")
    check(is_integer(body["floor"], 1), "floor")
    _keys(body)
    admission = _rsa(body["admission"], "admission")
    contests = _contests(body["contests"])
    styles = _styles(body["styles"], contests, body["keys"])
    districts = _districts(body["districts"], len(styles))
    tokens = _tokens(body["token"], len(districts))
    # Who signs blindly does not see what: a key with two uses lets a voter ask for the one and get the other.
    _distinct([key for key in (admission, *tokens) if key is not None], "an RSA key")
    base, digits = _ring(body)
    return Manifest(
        body=body,
        contests=contests,
        districts=districts,
        styles=styles,
        keys=body["keys"],
        threshold=body["threshold"],
        floor=body["floor"],
        trustees=trustees,
        profile=body["profile"],
        revote=body["revote"],
        base=base,
        digits=digits,
        closes=forms.parse_time(body["closes"], "closes"),
        write_in=any(WRITE_IN in contest for contest in body["contests"]),
        tokens=tokens,
    )
