"""A voter's wallet: credential (§6), ballot (§9), as the specification says it; not constant-time."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field

from verifier import group, hashing
from verifier.ballot import KEY, Setting, lock_of
from verifier.group import L, Point, encode, encode_scalar, msm
from verifier.hashing import generator, le32


@dataclass(frozen=True)
class Credential:
    """The secrets of one voter in one election, and the commitment to them."""

    s: int
    r: int

    @staticmethod
    def derive(seed: bytes, election: bytes) -> "Credential":
        """From the wallet's seed."""
        return Credential(hashing.scalar("voter-s", seed, election), hashing.scalar("voter-r", seed, election))

    @property
    def commitment(self) -> Point:
        """`C`."""
        return msm([(self.s, generator("Gs")), (self.r, generator("H"))])

    def prove(self, election: bytes, binding: bytes, district: int, u: int, v: int) -> bytes:
        """The proof of opening, with the masks `u` and `v`."""
        commitment = encode(self.commitment)
        first = encode(msm([(u, generator("Gs")), (v, generator("H"))]))
        c = hashing.scalar("registration", election, binding, le32(district), commitment, first)
        return first + encode_scalar(u + c * self.s) + encode_scalar(v + c * self.r)


@dataclass
class Vote:
    """A ballot in the making; `trace` keeps every intermediate value by its name in the specification."""

    setting: Setting
    credential: Credential
    style: int
    ring: int
    ring_root: bytes
    members: Sequence[Point]
    position: int
    choices: Sequence[int]
    seed: bytes
    fresh: bytes
    key: bytes
    flags: int = 0
    suffix: bytes = b""
    trace: dict[str, object] = field(default_factory=dict)
    _drawn: int = 0

    def _secret(self) -> int:
        self._drawn += 1
        return hashing.scalar("mask-scalar", self.mask, le32(self._drawn - 1))

    def make(self) -> bytes:
        """The ballot's bytes."""
        self._encrypt()
        self._draw()
        self._commit()
        return self._answer()

    def _encrypt(self) -> None:
        setting, shape = self.setting, self.setting.shape
        self.header = b"\1" + hashing.le16(self.style) + le32(self.ring) + bytes([self.flags])
        self.lock = lock_of(self.key)
        self.statement = (setting.context, self.header, self.lock, self.ring_root)
        self.rho = hashing.scalar("rho", self.seed, *self.statement, bytes(self.choices))
        digits = [self.position // shape.base**j % shape.base for j in range(shape.digits)] if shape.digits else []
        chosen = [*digits, *self.choices]
        self.sigma = [[int(c == one) for c in range(columns)] for one, columns in zip(chosen, shape.rows, strict=True)]
        votes = [v for row in self.sigma[shape.digits :] for v in row[1:]]
        self.tag = encode(msm([(self.credential.s, setting.tag_base)]))
        self.alpha = encode(msm([(self.rho, group.BASE)]))
        keys = setting.keys[: len(votes)]
        self.beta = [encode(msm([(v, group.BASE), (self.rho, key)])) for v, key in zip(votes, keys, strict=True)]
        self.mask = hashing.digest("mask", self.seed, self.fresh, *self.statement, self.tag, self.alpha, b"".join(self.beta))
        self.trace |= {"header": self.header, "lambda": self.lock, "rho": self.rho, "sigma": self.sigma, "mask": self.mask}

    def _draw(self) -> None:
        self.a = []
        for columns in self.setting.shape.rows:
            others = [self._secret() for _ in range(columns - 1)]
            self.a.append([-sum(others) % L, *others])
        self.r_a, self.r_b, self.rho_s = self._secret(), self._secret(), self._secret()
        self.rho_k = [self._secret() for _ in range(self.setting.shape.digits)]
        if self.rho_k:
            self.rho_k[0] = hashing.scalar("mask-opening", self.mask, encode_scalar(self.credential.r))
        else:
            self.rho_s = hashing.scalar("mask-opening", self.mask, encode_scalar(self.credential.s))
        self.tau = self._secret()
        self.trace |= {"a": self.a, "rA": self.r_a, "rB": self.r_b, "rhoS": self.rho_s, "rhoK": self.rho_k}
        self.trace |= {"tau": self.tau}

    def _polynomials(self) -> list[list[int]]:
        """`p_{i,k}` for every position `i`, `k` from 0 to D."""
        shape, found = self.setting.shape, [[1]]
        for sigma, a in zip(self.sigma[: shape.digits], self.a, strict=False):
            found = [_times(polynomial, a[c], sigma[c]) for c in range(shape.base) for polynomial in found]
        return found

    def _commit(self) -> None:
        shape, setting, base_h = self.setting.shape, self.setting, generator("H")
        sigma = [value for row in self.sigma for value in row]
        masks = [value for row in self.a for value in row]
        p = [generator("P", number) for number in range(len(masks))]
        q = [generator("Q", number) for number in range(len(masks))]
        b_terms = [(one, point) for one, point in zip(sigma, p, strict=True)] + [(self.r_b, base_h)]
        b_terms += [(a * (1 - 2 * one), point) for a, one, point in zip(masks, sigma, q, strict=True)]
        a_terms = [(a, point) for a, point in zip(masks, p, strict=True)] + [(self.r_a, base_h)]
        a_terms += [(-a * a, point) for a, point in zip(masks, q, strict=True)]
        self.b_point, self.a_point = encode(msm(b_terms)), encode(msm(a_terms))
        polynomials, self.x_points = self._polynomials() if shape.digits else [], []
        for k in range(shape.digits):
            terms = [(row[k], member) for row, member in zip(polynomials, self.members, strict=True)]
            terms.append((self.rho_k[k], base_h))
            if k == 0:
                terms.append((self.rho_s, generator("Gs")))
            self.x_points.append(encode(msm(terms)))
        self.y0 = encode(msm([(self.rho_s, setting.tag_base)]))
        self.t0 = encode(msm([(self.tau, group.BASE)]))
        self.trace |= {"A": self.a_point, "B": self.b_point, "X": self.x_points, "Y0": self.y0, "T0": self.t0}

    def _answer(self) -> bytes:
        shape, setting = self.setting.shape, self.setting
        beta, x_joined = b"".join(self.beta), b"".join(self.x_points)
        first = (self.tag, self.alpha, beta, self.a_point, self.b_point)
        e64 = hashing.digest("e", *self.statement, *first, x_joined, self.y0, self.t0)
        e = hashing.reduce(e64)
        powers = [pow(e, number, L) for number in range(1, shape.options + 1)]
        masks = [a for row in self.a[shape.digits :] for a in row[1:]]
        terms = [(sum(p * a for p, a in zip(powers, masks, strict=True)), group.BASE)]
        terms += [(self.tau * power, key) for power, key in zip(powers, setting.keys, strict=False)]
        t1 = encode(msm(terms))
        x = hashing.scalar("x", e64, t1)
        f = [
            encode_scalar(one * x + a)
            for sigma, row in zip(self.sigma, self.a, strict=True)
            for one, a in list(zip(sigma, row, strict=True))[1:]
        ]
        z = [self.r_b * x + self.r_a, self.rho * x + self.tau]
        z.append(self.credential.s * pow(x, shape.digits or 1, L) - self.rho_s)
        if shape.digits:
            subtract = sum(rho * pow(x, k, L) for k, rho in enumerate(self.rho_k))
            z.append(self.credential.r * pow(x, shape.digits, L) - subtract)
        self.trace |= {"T": self.tag, "alpha": self.alpha, "beta": self.beta, "e64": e64, "e": e, "T1": t1, "x": x}
        self.trace |= {"f": f, "z": [value % L for value in z]}
        head = self.header + self.tag + self.alpha + beta + self.a_point + self.b_point + x_joined
        tail = b"".join(f) + b"".join(map(encode_scalar, z)) + self.suffix
        return head + self.y0 + self.t0 + t1 + tail + self.key


def tracking(data: bytes) -> str:
    """The tracking code of a ballot."""
    code = hashing.digest("tracking", data[:-KEY], lock_of(data[-KEY:]))
    return base64.b32encode(code).decode().lower()[:20]


def _times(polynomial: list[int], constant: int, linear: int) -> list[int]:
    """The polynomial times `linear·x + constant`."""
    out = [value * constant % L for value in polynomial] + [0]
    if linear:
        out = [(old + up) % L for old, up in zip(out, [0, *polynomial], strict=True)]
    return out
