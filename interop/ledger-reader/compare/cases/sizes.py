"""Operations as long as they may be, or by one too long."""

from compare.cases.operations import sized
from compare.cases.world import Cases, World
from compare.writer import Operation
from reader import forms

CASES = Cases()


def _length(operation: Operation) -> int:
    return len(forms.jcs(operation))


@CASES.case
def an_operation_of_65_000_bytes(world: World) -> None:
    world.add("fits", sized(world.issuer, world.issuer.update, {}, 65_000, _length))


@CASES.case
def an_operation_of_more_than_65_000_bytes(world: World) -> None:
    world.add("!does not", sized(world.issuer, world.issuer.update, {}, 65_001, _length))
