"""Random words, names and values."""

from random import Random

from shared.bridge import Json

WORDS = ("Seoul", "부산", "naïve", "line\nbreak", 'quote"d', "tab\tbed", "back\\slash", "𐍈", "e\u0301", "a  b", "x")
LANGUAGES = ("en", "ko", "de-ch", "ar")


def word(random: Random) -> str:
    """A text."""
    return random.choice(WORDS)


def iri(random: Random) -> str:
    """An absolute IRI."""
    forms = ("urn:uuid:00000000-0000-4000-8000-{:012x}", "did:example:{:x}", "https://example.org/{:x}?q=1#f")
    return random.choice(forms).format(random.getrandbits(40))


def number(random: Random) -> Json:
    """A number or a truth value."""
    return random.choice((0, 7, -3, 2**31, 2**53 - 1, 0.5, -12.25, 1e-7, 3.14159, 1.5e300, True, False))


def tagged(random: Random) -> Json:
    """A text with its language; Arabic has its direction as well.

    PyLD takes texts that differ in their direction only for one and the same, so the language decides the direction.
    """
    language = random.choice(LANGUAGES)
    value = {"@value": word(random), "@language": language}
    return value | ({"@direction": "rtl"} if language == "ar" else {})


def any_json(random: Random) -> Json:
    """A JSON value for a JSON literal."""
    return random.choice(
        ({"b": [1, "x", None, 1e3], "a": {"€": "€"}}, [], {}, "text", [[1], {"ﬀ": 0.1, "1": -0.0}], True, 1e21)
    )
