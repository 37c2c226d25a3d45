"""Random term definitions with values to match: every `@container` form, scoped contexts, language maps."""

from collections.abc import Callable
from random import Random

from oracle.graphs import XSD
from oracle.texts import any_json, iri, number, tagged, word
from shared.bridge import Json, Object

VOCABULARY = "https://example.org/ns#"
PREFIX = "ex"


class Terms:
    """The terms of one context while it is made."""

    def __init__(self, random: Random, depth: int = 0, outer: str = "", fades: bool = False) -> None:
        """`outer`: the term whose values the context is for. `fades`: the context ends at the next node."""
        self.random = random
        self.depth = depth
        self._outer = outer
        self._kinds = _FLAT if fades else _FLAT + _SENSITIVE + _DEEP
        self._term = ""
        self.context: Object = {"@version": 1.1, PREFIX: VOCABULARY, "nested": "@nest"}

    def node(self, named: float = 0.5) -> Object:
        """A node with up to three random properties, whose terms are added to the context."""
        members: Object = {"@id": iri(self.random)} if self.random.random() < named else {}
        members[f"{PREFIX}:mark"] = word(self.random)
        for _ in range(self.random.randint(0, max(0, 3 - self.depth))):
            term = self._term = self._fresh()
            self.context[term] = {}
            definition, value = self.random.choice(self._kinds)(self)
            self.context[term] = definition if "@reverse" in definition else {"@id": f"{PREFIX}:{term}"} | definition
            if "@nest" in definition:
                members.setdefault("nested", {})[term] = value
            else:
                members[term] = value
        return members

    def leaf(self) -> Object:
        """A node with a text only."""
        return ({"@id": iri(self.random)} if self.random.random() < 0.5 else {}) | {f"{PREFIX}:note": word(self.random)}

    def leaves(self) -> list[Object]:
        """One to three leaves."""
        return [self.leaf() for _ in range(self.random.randint(1, 3))]

    def inner(self, fades: bool = False) -> "Terms":
        """Terms for a context inside this one."""
        return Terms(self.random, self.depth + 1, self._term, fades)

    def _fresh(self) -> str:
        # Few names, so that contexts inside define again what those outside define. But PyLD applies the context of a
        # term a second time where it defines the term itself.
        names = {f"t{number}" for number in range(12)} - {self._outer} - self.context.keys()
        return self.random.choice(sorted(names) or [f"u{len(self.context)}"])


Kind = Callable[[Terms], tuple[Object, Json]]


def _double(terms: Terms) -> tuple[Object, Json]:
    return {"@type": f"{XSD}double"}, terms.random.choice((7, 0.1 + 0.2, -1e21, 5e-324, 1.7976931348623157e308))


def _text(terms: Terms) -> tuple[Object, Json]:
    return {}, terms.random.choice((word(terms.random), [word(terms.random), word(terms.random)], number(terms.random)))


def _typed(terms: Terms) -> tuple[Object, Json]:
    return {"@type": terms.random.choice((f"{XSD}date", f"{PREFIX}:kind"))}, "2024-02-29"


def _reference(terms: Terms) -> tuple[Object, Json]:
    return {"@type": "@id"}, terms.random.choice((iri(terms.random), [iri(terms.random), terms.node()], f"{PREFIX}:x"))


def _vocabulary(terms: Terms) -> tuple[Object, Json]:
    terms.context["Known"] = f"{PREFIX}:Known"
    return {"@type": "@vocab"}, terms.random.choice(("Known", iri(terms.random), ["Known", f"{PREFIX}:y"]))


def _json(terms: Terms) -> tuple[Object, Json]:
    return {"@type": "@json"}, any_json(terms.random)


def _untyped(terms: Terms) -> tuple[Object, Json]:
    return {"@type": "@none"}, terms.random.choice((word(terms.random), number(terms.random), tagged(terms.random)))


def _in_language(terms: Terms) -> tuple[Object, Json]:
    language = terms.random.choice(({"@language": "ko"}, {"@language": None}, {"@language": "ar", "@direction": "rtl"}))
    return language, [word(terms.random), tagged(terms.random)]


def _list(terms: Terms) -> tuple[Object, Json]:
    values: list[Json] = [word(terms.random), terms.leaf(), tagged(terms.random), [word(terms.random), "z"], []]
    return {"@container": "@list"}, terms.random.sample(values, terms.random.randint(0, 5))


def _set(terms: Terms) -> tuple[Object, Json]:
    return {"@container": "@set"}, ["a", word(terms.random), "a", terms.leaf()]


def _languages(terms: Terms) -> tuple[Object, Json]:
    container = terms.random.choice(("@language", ["@language", "@set"]))
    map_ = {"en": [word(terms.random), "b"], "ko": "이름", "de-ch": word(terms.random)}
    return {"@container": container}, map_ | ({"@none": "plain"} if terms.random.random() < 0.3 else {})


def _index(terms: Terms) -> tuple[Object, Json]:
    container = terms.random.choice(("@index", ["@index", "@set"]))
    return {"@container": container}, {"first": terms.leaves(), "second": word(terms.random), "@none": terms.node()}


def _property_index(terms: Terms) -> tuple[Object, Json]:
    definition = {"@container": "@index", "@index": f"{PREFIX}:position"}
    return definition, {"first": terms.leaf(), "second": terms.leaves(), "@none": terms.leaf()}


def _ids(terms: Terms) -> tuple[Object, Json]:
    container = terms.random.choice(("@id", ["@id", "@set"]))
    note = {f"{PREFIX}:note": word(terms.random)}
    return {"@container": container}, {iri(terms.random): note, f"{PREFIX}:z": [note], "@none": [note]}


def _types(terms: Terms) -> tuple[Object, Json]:
    container = terms.random.choice(("@type", ["@type", "@set"]))
    return {"@container": container}, {
        f"{PREFIX}:A": terms.leaves(),
        iri(terms.random): terms.leaf(),
        "@none": terms.leaf(),
    }


def _graph(terms: Terms) -> tuple[Object, Json]:
    container = terms.random.choice(("@graph", ["@graph", "@set"]))
    return {"@container": container}, terms.random.choice((terms.node(), terms.leaves()))


def _graphs_by(terms: Terms) -> tuple[Object, Json]:
    by = terms.random.choice(("@id", "@index"))
    container = ["@graph", by] + (["@set"] if terms.random.random() < 0.3 else [])
    note = {f"{PREFIX}:note": word(terms.random)}
    return {"@container": container}, {iri(terms.random): note, "@none": [note, note]}


def _explicit_graph(terms: Terms) -> tuple[Object, Json]:
    return {}, {"@id": iri(terms.random), "@graph": terms.leaves()}


def _nested(terms: Terms) -> tuple[Object, Json]:
    return {"@nest": "nested"}, word(terms.random)


def _reverse(terms: Terms) -> tuple[Object, Json]:
    container = terms.random.choice(({}, {"@container": "@set"}))
    return {"@reverse": f"{PREFIX}:reversed"} | container, terms.leaves()


def _included(terms: Terms) -> tuple[Object, Json]:
    return {}, terms.leaf() | {"@included": [{"@id": iri(terms.random), f"{PREFIX}:note": word(terms.random)}]}


def _property_scoped(terms: Terms) -> tuple[Object, Json]:
    inner = terms.inner()
    value = inner.node() | {f"{PREFIX}:deeper": inner.node()}
    return {"@context": inner.context}, value


def _fading_scoped(terms: Terms) -> tuple[Object, Json]:
    """A property-scoped context that ends at the next node."""
    inner = terms.inner(fades=True)
    value = inner.node() | {f"{PREFIX}:outside": terms.leaf()}
    return {"@context": inner.context | {"@propagate": False}}, value


def _cleared(terms: Terms) -> tuple[Object, Json]:
    return {"@context": None}, {"@type": iri(terms.random), iri(terms.random): {"@value": word(terms.random)}}


def _with_vocabulary(terms: Terms) -> tuple[Object, Json]:
    scoped = {"@vocab": iri(terms.random) + "/", "@language": "en"}
    return {"@context": scoped}, {"anything": word(terms.random), "@type": "Whatever"}


def _type_scoped(terms: Terms) -> tuple[Object, Json]:
    inner = terms.inner(fades=True)
    value = inner.node() | {f"{PREFIX}:outside": terms.leaf()}
    name = f"Type{len(terms.context)}"
    terms.context[name] = {"@id": f"{PREFIX}:{name}", "@context": inner.context | {"@propagate": False}}
    return {}, value | {"@type": [name, f"{PREFIX}:Other"]}


def _embedded_context(terms: Terms) -> tuple[Object, Json]:
    inner = terms.inner()
    node = inner.node()
    return {}, node | {"@context": inner.context}


# Kinds whose values use no term of the context inside a node.
_FLAT: tuple[Kind, ...] = (
    *(_text, _typed, _double, _vocabulary, _json, _untyped, _in_language, _list, _set, _languages, _languages),
    *(_property_index, _explicit_graph, _nested, _reverse, _cleared),
    _with_vocabulary,
)
# Kinds that PyLD reads in the wrong context where one has ended.
_SENSITIVE: tuple[Kind, ...] = (_ids, _types, _graphs_by, _included)
_DEEP: tuple[Kind, ...] = (
    *(_reference, _index, _graph, _property_scoped, _fading_scoped, _type_scoped, _type_scoped, _embedded_context),
)
