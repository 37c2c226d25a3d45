"""Random RDF datasets. At least half hold blank nodes that only a search can tell apart."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

XSD = "http://www.w3.org/2001/XMLSchema#"
LANG_STRING = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"
STRING = f"{XSD}string"

IRIS = ("urn:a", "urn:b", "https://example.org/ns#x", "https://example.org/한글")
PREDICATES = ("urn:p", "urn:q", "https://example.org/ns#knows")


class Term(NamedTuple):
    """An IRI, a blank node or a literal."""

    kind: str
    value: str
    datatype: str = ""
    language: str = ""


LITERALS = (
    Term("literal", "plain", STRING),
    Term("literal", "", STRING),
    Term("literal", 'with "quotes" and \\', STRING),
    Term("literal", "line\nbreak\ttab\rreturn", STRING),
    Term("literal", "\\n is no line break", STRING),
    Term("literal", "𐍈 한국어 e\u0301", STRING),
    Term("literal", "한국어", LANG_STRING, "ko"),
    Term("literal", "colour", LANG_STRING, "en-gb"),
    Term("literal", "2024-01-01T00:00:00Z", f"{XSD}dateTime"),
    Term("literal", "1", f"{XSD}integer"),
    Term("literal", "\u0001control\u007f\b", STRING),
)

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}


class Quad(NamedTuple):
    """A statement; `graph` is `None` in the default graph."""

    subject: Term
    predicate: Term
    object: Term
    graph: Term | None = None

    def line(self) -> str:
        """The statement as a line of N-Quads."""
        return " ".join(_text(term) for term in self if term is not None) + " .\n"


@dataclass(frozen=True)
class Graph:
    """A dataset, its quads in random order and its blank nodes under random labels."""

    quads: tuple[Quad, ...]
    symmetric: bool
    """Whether blank nodes that look alike are inside."""


def graph(seed: int) -> Graph:
    """The dataset of a seed."""
    random = Random(seed)
    symmetric = random.random() < 0.65
    quads = list(_alike(random)) if symmetric else []
    labels = [f"r{index}" for index in range(random.randint(2, 6))]
    quads += [_any_quad(random, labels) for _ in range(random.randint(0, 3) if symmetric else random.randint(2, 14))]
    return Graph(tuple(_relabelled(random, quads)), symmetric)


def _alike(random: Random) -> Iterator[Quad]:
    """One or two copies of a shape whose nodes are alike."""
    predicate = Term("iri", random.choice(PREDICATES))
    named, both, hub = (random.random() < 0.25 for _ in range(3))
    # A node beside all others multiplies the orders to try: with larger shapes our limit of work is met.
    shape = (_small_ring if named or hub else random.choice(_SHAPES))(random)
    both &= not named
    looped = random.random() < 0.1
    for copy in range(random.randint(1, 2)):
        name = Term("blank", f"g{copy}") if named else None
        nodes: dict[int, Term] = {}
        for ends in shape:
            tail, head = (nodes.setdefault(end, Term("blank", f"c{copy}n{end}")) for end in ends)
            yield Quad(tail, predicate, head, name)
            if both:
                yield Quad(head, predicate, tail, name)
        for node in nodes.values():
            if hub:
                yield Quad(Term("blank", f"h{copy}"), Term("iri", "urn:spoke"), node)
            if looped:
                yield Quad(node, Term("iri", "urn:self"), node)


Shape = list[tuple[int, int]]


def _ring(random: Random) -> Shape:
    return _cycle(random.randint(2, 6))


def _small_ring(random: Random) -> Shape:
    return _cycle(random.randint(2, 4))


def _cycle(size: int) -> Shape:
    return [(index, (index + 1) % size) for index in range(size)]


def _prism(random: Random) -> Shape:
    size = random.randint(3, 4)
    lower = _cycle(size)
    return lower + [(a + size, b + size) for a, b in lower] + [(index, index + size) for index in range(size)]


def _clique(random: Random) -> Shape:
    size = random.randint(2, 4)
    return [(a, b) for a in range(size) for b in range(size) if a != b]


def _star(random: Random) -> Shape:
    return [(0, leaf) for leaf in range(1, random.randint(3, 5))]


def _bipartite(random: Random) -> Shape:
    return [(a, 2 + b) for a in range(2) for b in range(random.randint(2, 3))]


_SHAPES: tuple[Callable[[Random], Shape], ...] = (_ring, _ring, _ring, _prism, _clique, _star, _bipartite)


def _any_quad(random: Random, labels: list[str]) -> Quad:
    def node() -> Term:
        return Term("blank", random.choice(labels)) if random.random() < 0.7 else Term("iri", random.choice(IRIS))

    name = None if random.random() < 0.85 else node()
    value = random.choice(LITERALS) if random.random() < 0.3 else node()
    return Quad(node(), Term("iri", random.choice(PREDICATES)), value, name)


def _relabelled(random: Random, quads: list[Quad]) -> list[Quad]:
    """Other labels and another order, so that neither can help. Each quad once."""
    unique = list(dict.fromkeys(quads))
    random.shuffle(unique)
    labels = list(dict.fromkeys(term.value for quad in unique for term in quad if term and term.kind == "blank"))
    others = dict(zip(labels, random.sample(range(1000), len(labels)), strict=True))

    def other(term: Term) -> Term:
        return Term("blank", f"x{others[term.value]}") if term.kind == "blank" else term

    return [
        Quad(other(quad.subject), quad.predicate, other(quad.object), other(quad.graph) if quad.graph else None)
        for quad in unique
    ]


def _text(term: Term) -> str:
    if term.kind == "iri":
        return f"<{term.value}>"
    if term.kind == "blank":
        return f"_:{term.value}"
    value = "".join(_escaped(character) for character in term.value)
    if term.language:
        return f'"{value}"@{term.language}'
    return f'"{value}"' if term.datatype == STRING else f'"{value}"^^<{term.datatype}>'


def _escaped(character: str) -> str:
    plain = ord(character) >= 0x20 and character != "\x7f"
    return _ESCAPES.get(character, character if plain else f"\\u{ord(character):04X}")
