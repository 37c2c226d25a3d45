"""Logs with operations that keep to a rule or break it, one case each. A case says which entries are invalid, by label."""

from compare.cases import (
    accreditations,
    documents,
    entries,
    limits,
    log_keys,
    odd_keys,
    odd_texts,
    parameters,
    persons,
    recovery,
    sizes,
    status_lists,
)
from compare.cases.world import Case

CASES: dict[str, Case] = (
    entries.CASES
    | parameters.CASES
    | documents.CASES
    | recovery.CASES
    | accreditations.CASES
    | status_lists.CASES
    | persons.CASES
    | log_keys.CASES
    | limits.CASES
    | odd_keys.CASES
    | odd_texts.CASES
    | sizes.CASES
)
# Cases in which `sinpyo` does not do what the specification says, or not what the reader takes it to say.
DISPUTED: dict[str, str] = {}
