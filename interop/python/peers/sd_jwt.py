"""`sd-jwt`: each side issues, holds and verifies what the other made; tampered twins are refused."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

from jwcrypto.common import JWException
from jwcrypto.jwk import JWK
from sd_jwt.holder import SDJWTHolder
from sd_jwt.issuer import SDJWTIssuer
from sd_jwt.verifier import SDJWTVerifier

from peers.sd_jwt_claims import Claims, disclosed, selection, wrapped
from shared.bridge import Bridge, Object
from shared.keys import Jwk, base64url, private_jwk, public_jwk
from shared.tally import Tally, equal
from shared.tamper import altered, altered_part

TYP = "dc+sd-jwt"
AUDIENCE = "https://verifier.example"
NONCE = "n-0S6_WzA2Mj"
CURVES = {"ES256": "P-256", "ES384": "P-384", "EdDSA": "Ed25519"}
# What the peer raises of malformed or forged input.
REFUSALS = (ValueError, JWException)

BASE: Object = {"iss": "https://issuer.example", "vct": "urn:example:card", "iat": 1_750_000_000}
CASES = (
    Claims("flat", BASE | {"name": "김하늘", "born": "1990-01-01"}, (("name",), ("born",)), (("name",),)),
    Claims(
        "nested",
        BASE | {"address": {"city": "서울", "street": "세종대로 1", "zone": "03154"}, "over19": True},
        (("address", "city"), ("address", "street"), ("over19",)),
        (("address", "city"), ("over19",)),
    ),
    Claims(
        "recursive",
        BASE | {"address": {"city": "부산", "street": "중앙대로 1"}, "score": 4.5},
        (("address",), ("address", "city"), ("address", "street"), ("score",)),
        (("address", "city"),),
    ),
    Claims(
        "elements",
        BASE | {"nationalities": ["KR", "DE", "FR"], "name": 'Zoë "q" \\ \n'},
        (("nationalities", 0), ("nationalities", 1), ("name",)),
        (("nationalities", 1),),
    ),
    Claims("nothing disclosed", BASE | {"a": None, "b": [1, {"c": 2}]}, (("a",), ("b",)), ()),
)


class Algorithms(NamedTuple):
    """Those of a case, by their names in JOSE."""

    issuer: str
    holder: str = "ES256"

    def key(self, role: str) -> Jwk:
        """The private key of `issuer` or `holder`."""
        return private_jwk(CURVES[getattr(self, role)], f"sd-jwt {role}")


@dataclass(frozen=True)
class Side:
    """One of the two programs, in all three roles."""

    name: str
    issue: Callable[[Claims, Algorithms], str]
    present: Callable[[str, Claims, Algorithms], str]
    verify: Callable[[str, Algorithms, str | None], Object]
    """The last argument is the nonce; without one no key binding is wanted."""


def run(bridge: Bridge) -> Tally:
    """Runs every claim set, algorithm, and division of the roles between the two."""
    tally = Tally("sd-jwt", REFUSALS)
    us, peer = _us(bridge), _peer()
    for claims, algorithm in product(CASES, CURVES):
        for issuer, holder, verifier in product((us, peer), repeat=3):
            if issuer is holder is verifier:
                continue
            algorithms = Algorithms(algorithm, "ES256" if verifier is peer else algorithm)
            name = f"{claims.name} {algorithm}: issued by {issuer.name}, held by {holder.name}, read by {verifier.name}"
            tally.accepts(name, lambda: _whole_way(claims, algorithms, (issuer, holder, verifier)))
    for algorithm, issuer in product(CURVES, (us, peer)):
        _twins(tally, issuer, (us, peer), Algorithms(algorithm))
    _errors(tally, us, peer)
    return tally


def _whole_way(claims: Claims, algorithms: Algorithms, roles: tuple[Side, Side, Side]) -> None:
    issuer, holder, verifier = roles
    presentation = holder.present(issuer.issue(claims, algorithms), claims, algorithms)
    found = verifier.verify(presentation, algorithms, NONCE)
    equal(found.pop("cnf")["jwk"], public_jwk(algorithms.key("holder")))
    equal(found, disclosed(claims))


def _twins(tally: Tally, issuer: Side, sides: tuple[Side, Side], algorithms: Algorithms) -> None:
    """Each tampering on what `issuer` issued; both refuse each."""
    claims = CASES[0]
    us, peer = sides
    issued = issuer.issue(claims, algorithms)
    good = us.present(issued, claims, algorithms)
    token, shown, binding = good.split("~")
    other = issuer.issue(claims, algorithms).split("~")[0]
    bound = {
        "an altered signature": (altered_part(token, 2), shown, binding),
        "an altered payload": (altered_part(token, 1), shown, binding),
        "an altered header": (altered_part(token, 0), shown, binding),
        "an altered disclosure": (token, altered(shown, 30), binding),
        "a disclosure taken away": (token, binding),
        "a disclosure twice": (token, shown, shown, binding),
        "no key binding": (token, shown, ""),
        "an altered key binding signature": (token, shown, altered_part(binding, 2)),
        "an altered key binding payload": (token, shown, altered_part(binding, 1)),
        "the key binding of another credential": (other, binding),
        "the algorithm none": (_unsigned(token), shown, binding),
        "an issuer's token in place of the key binding": (token, shown, token),
    }
    unbound = {
        "an altered signature, unbound": (altered_part(token, 2), shown, ""),
        "an altered payload, unbound": (altered_part(token, 1), shown, ""),
        "a disclosure twice, unbound": (token, shown, shown, ""),
        "a disclosure that is no JSON, unbound": (token, "e30x", ""),
    }
    about = f" ({algorithms.issuer}, issued by {issuer.name})"
    for name, parts in (bound | unbound).items():
        twin, nonce = "~".join(parts), NONCE if name in bound else None
        tally.we_refuse(name + about, lambda: us.verify(twin, algorithms, nonce))
        tally.peer_refuses(name + about, lambda: peer.verify(twin, algorithms, nonce))
    stranger = Algorithms("ES384" if algorithms.issuer == "ES256" else "ES256")
    for name, twin, wanted, nonce in (
        ("another nonce", good, algorithms, "another"),
        ("the key of another issuer", good, stranger, NONCE),
        ("half of it", good[: len(good) // 2], algorithms, NONCE),
    ):
        tally.we_refuse(name + about, lambda: us.verify(twin, wanted, nonce))
        tally.peer_refuses(name + about, lambda: peer.verify(twin, wanted, nonce))


def _errors(tally: Tally, us: Side, peer: Side) -> None:
    """What the peer lets through, shown; we refuse it."""
    algorithms = Algorithms("ES256")
    token, shown, *_ = us.issue(CASES[0], algorithms).split("~")
    stray = base64url(json.dumps(["salt", "admin", True]).encode())
    loose = "~".join((token, shown, stray, ""))
    tally.we_refuse("a disclosure that no digest references", lambda: us.verify(loose, algorithms, None))
    tally.accepts("the peer ignores such a disclosure", lambda: peer.verify(loose, algorithms, None))
    tally.unsupported("a disclosure that no digest references is ignored, where RFC 9901 §7.1 step 5 refuses it")
    old = Claims("expired", BASE | {"exp": BASE["iat"] + 1, "a": 1}, (("a",),), (("a",),))
    expired = us.issue(old, algorithms)
    tally.we_refuse("an expired credential", lambda: us.verify(expired, algorithms, None))
    tally.accepts("the peer reads no times", lambda: peer.verify(expired, algorithms, None))
    tally.unsupported("`exp` and `nbf` are not checked, nor the `iat` of a key binding (RFC 9901 §7.1 step 6, §7.3)")
    tally.unsupported("a key binding by another algorithm than ES256 is not read; we read the peer's by all three")
    tally.unsupported("`typ` of the issuer's token is not checked; no digests by another hash than SHA-256")


def _unsigned(token: str) -> str:
    _, payload, _ = token.split(".")
    return f"{base64url(json.dumps({'alg': 'none', 'typ': TYP}).encode())}.{payload}."


def _us(bridge: Bridge) -> Side:
    def issue(claims: Claims, algorithms: Algorithms) -> str:
        answer = bridge.call(
            "sdjwt.issue",
            claims=claims.claims,
            disclosable=claims.disclosable,
            key=algorithms.key("issuer"),
            holderJwk=public_jwk(algorithms.key("holder")),
            typ=TYP,
        )
        return str(answer["sdJwt"])

    def present(issued: str, claims: Claims, algorithms: Algorithms) -> str:
        binding = {"key": algorithms.key("holder"), "aud": AUDIENCE, "nonce": NONCE}
        answer = bridge.call("sdjwt.present", sdJwt=issued, disclose=claims.disclose, typ=TYP, **binding)
        return str(answer["presentation"])

    def verify(presentation: str, algorithms: Algorithms, nonce: str | None) -> Object:
        issuer = public_jwk(algorithms.key("issuer"))
        wanted = {"aud": AUDIENCE, "nonce": nonce} if nonce else {}
        found: Object = bridge.call("sdjwt.verify", presentation=presentation, issuerJwk=issuer, typ=TYP, **wanted)
        claims: Object = found["claims"]
        return claims

    return Side("us", issue, present, verify)


def _peer() -> Side:
    def issue(claims: Claims, algorithms: Algorithms) -> str:
        issuer = SDJWTIssuer(
            wrapped(claims.claims, claims.disclosable),
            JWK(**algorithms.key("issuer")),
            JWK(**algorithms.key("holder")),
            sign_alg=algorithms.issuer,
            add_decoy_claims=True,
            extra_header_parameters={"typ": TYP},
        )
        return str(issuer.sd_jwt_issuance)

    def present(issued: str, claims: Claims, algorithms: Algorithms) -> str:
        holder = SDJWTHolder(issued)
        key = JWK(**algorithms.key("holder"))
        holder.create_presentation(selection(claims.disclose), NONCE, AUDIENCE, key, sign_alg=algorithms.holder)
        return str(holder.sd_jwt_presentation)

    def verify(presentation: str, algorithms: Algorithms, nonce: str | None) -> Object:
        key = JWK(**public_jwk(algorithms.key("issuer")))
        audience = AUDIENCE if nonce else None
        found: Object = SDJWTVerifier(presentation, lambda _, __: key, audience, nonce).get_verified_payload()
        return found

    return Side("the peer", issue, present, verify)
