"""Accreditations, their statuses and chains (§6)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from reader import forms
from reader.forms import check

DAY = 86_400
CREDENTIAL_TYPE = re.compile(r"[^\s\x00-\x1f\x7f-\x9f]+")
SERVICE = re.compile(r"[a-z0-9_]+(?:\.[a-z0-9_]+)*")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


@dataclass
class Change:
    """A change of status."""

    index: int
    time: int
    status: str


@dataclass
class Accreditation:
    """A grant with the changes of its status, all that were lawful."""

    id: str
    by: str
    subject: str
    index: int
    time: int
    grant: dict[str, Any]
    begins: int
    ends: int | None
    changes: list[Change] = field(default_factory=list)

    def is_active(self, now: int, changes: list[Change]) -> bool:
        """Whether it is in effect at that time, by these changes."""
        if now < self.begins or (self.ends is not None and now > self.ends):
            return False
        active = True
        for change in changes:
            if change.status == "revoked":
                return False
            if change.time <= now:
                active = change.status == "active"
        return active


def parse_grant(grant: Any) -> None:
    """The form of a grant (ACC-04)."""
    check(isinstance(grant, dict) and len(grant) == 1, "ACC-04")
    kind, body = next(iter(grant.items()))
    check(kind in ("issue", "request", "accredit"), "ACC-04")
    if kind == "request":
        forms.check_members(body, ("service", "scope"), (), "ACC-04")
        check(forms.is_text(body["service"], SERVICE, 64), "ACC-04")
        scope = body["scope"]
        check(isinstance(scope, dict) and 1 <= len(scope) <= 256, "ACC-04")
        for name, paths in scope.items():
            check(_is_type(name) and forms.is_list(paths, 256, 1), "ACC-04")
            check(all(_is_path(path) for path in paths), "ACC-04")
    else:
        forms.check_members(body, ("types",), (), "ACC-04")
        check(forms.is_list(body["types"], 256, 1 if kind == "issue" else 0), "ACC-04")
        check(all(_is_type(name) for name in body["types"]), "ACC-04")


def _is_type(value: Any) -> bool:
    return forms.is_text(value, CREDENTIAL_TYPE) and len(value.encode()) <= 512


def _is_path(path: Any) -> bool:
    if not forms.is_list(path, 16, 1) or not isinstance(path[0], str):
        return False
    return all(part is None or isinstance(part, str) or forms.is_number(part) for part in path)


def check_name(name: Any) -> None:
    """The name of an organisation (ACC-05)."""
    forms.check_members(name, ("ko", "en"), (), "ACC-05")
    for text in name.values():
        check(isinstance(text, str) and len(text) <= 120, "ACC-05")
        check(text.strip() != "" and CONTROL.search(text) is None, "ACC-05")


def covers(power: dict[str, Any], grant: dict[str, Any]) -> bool:
    """Whether a power to accredit covers a grant."""
    if "accredit" not in power:
        return False
    allowed = power["accredit"]["types"]
    if not allowed:
        return True
    kind, body = next(iter(grant.items()))
    wanted = body["scope"] if kind == "request" else body["types"]
    return bool(wanted) and set(wanted) <= set(allowed)


class Register:
    """All accreditations, with what a recovery took the effect of left out."""

    def __init__(self, voids: Any) -> None:
        self._all: list[Accreditation] = []
        # Whether what a DID signed in an entry counts for nothing.
        self._voids = voids

    def counting(self) -> Iterator[Accreditation]:
        """Those that count, in the order of the log."""
        return (item for item in self._all if not self._voids(item.by, item.index))

    def changes(self, item: Accreditation) -> list[Change]:
        """The changes of status that count."""
        return [change for change in item.changes if not self._voids(item.by, change.index)]

    def find(self, name: str) -> Accreditation | None:
        """The one of that name that counts."""
        return next((item for item in self.counting() if item.id == name), None)

    def is_active(self, item: Accreditation, now: int) -> bool:
        """Whether it is in effect at that time."""
        return item.is_active(now, self.changes(item))

    def has_chain(self, by: str, grant: dict[str, Any], root: str, now: int) -> bool:
        """Whether an organisation has the power to give this, from the root accreditor (§6.2, §6.4)."""
        level, seen, looked = [by], {by}, 0
        for _ in range(8):
            if root in level:
                return True
            above: list[str] = []
            for subject in level:
                powers = [item for item in self.counting() if item.subject == subject and "accredit" in item.grant]
                roots = [item for item in reversed(powers) if item.by == root][:128]
                for item in roots + [item for item in reversed(powers) if item.by != root][:128]:
                    looked += 1
                    if looked > 1024:
                        return False
                    if item.by not in seen and self.is_active(item, now) and covers(item.grant, grant):
                        seen.add(item.by)
                        above.append(item.by)
            level = above
        return root in level

    def has_service(self, subject: str, service: str, root: str, now: int) -> bool:
        """Whether an organisation has a right to ask under a service code (§6.4)."""
        return any(
            item.subject == subject
            and item.grant.get("request", {}).get("service") == service
            and self.is_active(item, now)
            and self.has_chain(item.by, item.grant, root, now)
            for item in self.counting()
        )

    def grant(self, operation: dict[str, Any], root: str, index: int, now: int) -> None:
        """Enters a grant whose form and proof are checked (§6.1)."""
        begins = forms.parse_time(operation["validFrom"], "ACC-06")
        ends = forms.parse_time(operation["validUntil"], "ACC-06") if "validUntil" in operation else None
        check(begins >= now - DAY and (ends is None or ends >= begins), "ACC-06")
        by, subject = operation["by"], operation["subject"]
        check(all(item.id != operation["id"] for item in self._all), "ACC-07")
        check(sum(self._is_open(item, by, subject, now) for item in self.counting()) < 64, "ACC-11")
        check(self.has_chain(by, operation["grant"], root, now), "ACC-03")
        self._all.append(Accreditation(operation["id"], by, subject, index, now, operation["grant"], begins, ends))

    def _is_open(self, item: Accreditation, by: str, subject: str, now: int) -> bool:
        if (item.by, item.subject) != (by, subject) or (item.ends is not None and item.ends < now):
            return False
        return not any(change.status in ("ended", "revoked") for change in self.changes(item))

    def change(self, operation: dict[str, Any], index: int, now: int) -> None:
        """Enters a change of status whose form and proof are checked (§6.3)."""
        item = self.find(operation["accreditation"])
        if item is None or item.by != operation["by"]:
            raise forms.Broken("ACC-08")
        changes = self.changes(item)
        status, present = operation["status"], changes[-1].status if changes else "active"
        check(operation["version"] == len(changes) + 2, "ACC-09")
        check(present != "revoked" and (present != "ended" or status == "revoked"), "ACC-10")
        check(status != present, "ACC-09")
        plain = [change for change in changes if change.status in ("active", "suspended")]
        check(status in ("ended", "revoked") or len(plain) < 100, "ACC-19")
        item.changes.append(Change(index, now, status))
