"""Small alterations."""


def altered(text: str, index: int) -> str:
    """The text with another character at `index`, which may count from the end."""
    at = index % len(text)
    return text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]


def altered_part(token: str, part: int) -> str:
    """A compact JWS with a character of its header (0), payload (1) or signature (2) altered."""
    parts = token.split(".")
    parts[part] = altered(parts[part], len(parts[part]) // 2)
    return ".".join(parts)


def flipped(octets: bytes, index: int) -> bytes:
    """The bytes with one bit flipped at `index`, which may count from the end."""
    at = index % len(octets)
    return octets[:at] + bytes([octets[at] ^ 1]) + octets[at + 1 :]
