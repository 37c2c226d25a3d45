"""Claim sets with what may be hidden and what is shown, and the forms in which `sd-jwt` wants them."""

from dataclasses import dataclass

from sd_jwt.common import SDObj

from shared.bridge import Json, Object

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Claims:
    """A claim set."""

    name: str
    claims: Object
    disclosable: tuple[Path, ...]
    disclose: tuple[Path, ...]


def disclosed(claims: Claims) -> Json:
    """What a verifier sees: what is disclosed, and what it is in."""
    hidden = {path for path in claims.disclosable if all(shown[: len(path)] != path for shown in claims.disclose)}
    return _without(claims.claims, (), hidden)


def _without(value: Json, path: Path, hidden: set[Path]) -> Json:
    if isinstance(value, dict):
        shown = {name: part for name, part in value.items() if (*path, name) not in hidden}
        return {name: _without(part, (*path, name), hidden) for name, part in shown.items()}
    if isinstance(value, list):
        places = enumerate(value)
        return [_without(part, (*path, place), hidden) for place, part in places if (*path, place) not in hidden]
    return value


def wrapped(value: Json, disclosable: tuple[Path, ...], path: Path = ()) -> Json:
    """The claims, marked as the issuer of `sd-jwt` wants them: names of members, and elements."""

    def part(place: str | int, inner: Json) -> Json:
        return wrapped(inner, disclosable, (*path, place))

    if isinstance(value, dict):
        return {
            SDObj(name) if (*path, name) in disclosable else name: part(name, inner) for name, inner in value.items()
        }
    if isinstance(value, list):
        return [
            SDObj(part(place, inner)) if (*path, place) in disclosable else part(place, inner)
            for place, inner in enumerate(value)
        ]
    return value


def selection(paths: tuple[Path, ...]) -> Json:
    """The paths as the holder of `sd-jwt` wants them: `True` at the end of each, lists for places."""
    heads = {path[0] for path in paths}
    if any(isinstance(head, int) for head in heads):
        last = max(head for head in heads if isinstance(head, int))
        return [_below(paths, place) if place in heads else None for place in range(last + 1)]
    return {head: _below(paths, head) for head in heads}


def _below(paths: tuple[Path, ...], head: str | int) -> Json:
    rest = tuple(path[1:] for path in paths if path[0] == head and len(path) > 1)
    return selection(rest) if rest else True
