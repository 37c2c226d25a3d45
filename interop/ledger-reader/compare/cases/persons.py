"""Admissions and erasures of persons."""

from compare.cases.operations import admission_right
from compare.cases.world import Cases, World

CASES = Cases()


@CASES.case
def persons(world: World) -> None:
    root, office = world.root, world.office
    first = world.add("admitted", root.admit("kim"))
    world.add("!again", root.admit("kim"))
    world.add("!without right", office.admit("lee"))
    right = admission_right(world)
    world.add("right", right)
    second = world.add("with right", office.admit("lee"))
    world.add("!of others", office.erase(first))
    world.add("!by nobody", world.issuer.erase(second))
    world.add("!no admission", root.erase(0))
    world.add("!beyond", root.erase(10_000))
    world.add("!text", root.sign({"type": "person-erasure", "entry": str(first)}))
    world.add("suspended", root.status(right, 2, "suspended"))
    world.add("!suspended right", office.admit("park"))
    world.add("erased without right", office.erase(second))
    world.add("!erased again", root.erase(second))
    world.add("!admitted again", root.admit("lee"))
    world.add("erased by root", root.erase(first))
    world.add("!short", root.sign({"type": "person", "commitment": "A" * 42}))
    world.add("!with name", root.sign({"type": "person", "commitment": "A" * 43, "name": "x"}))
