"""Whether a notice comes from the verifier."""

import hashlib
import hmac
import re
import time


def is_from_verifier(header: str, body: bytes, secret: str) -> bool:
    """Checks `Webhook-Signature: t=<seconds>,v1=<hex>` over the bytes as they arrived; it holds for five minutes."""
    parts = re.fullmatch(r"t=([0-9]{1,12}),v1=([0-9a-f]{64})", header)
    if parts is None or abs(time.time() - int(parts[1])) > 300:
        return False
    expected = hmac.new(secret.encode(), parts[1].encode() + b"." + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, parts[2])
