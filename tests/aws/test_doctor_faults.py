"""doctor on the example stack, as `sam deploy` makes it: all green, and each fault by its own name."""

from collections.abc import Iterator

import pytest

from edge_hasher.doctor.checks import CHECKS
from tests.support.aws.doctor_faults import FAULTS, Fault
from tests.support.aws.doctor_stack import StackWorld
from tests.support.aws.doctor_world import World, found
from tests.support.stack.sam_project import SamProject

pytest_plugins = ["tests.support.aws.ministack", "tests.support.stack.example_fixtures"]


@pytest.fixture(scope="module")
def stack(example: SamProject) -> World:
    """Deploy the stack."""
    return StackWorld(example)


@pytest.fixture
def world(stack: World) -> Iterator[World]:
    """Give the stack as it was deployed, and put it right again."""
    yield stack
    stack.restore()


def test_example_stack_is_all_green(world: World) -> None:
    """What the template deploys is what doctor asks for: nothing is found or skipped at any behavior of the agent."""
    report = world.look()

    assert {outcome.check.code: outcome for outcome in report.outcomes if outcome.status != "ok"} == {}
    assert [behavior.pattern for behavior in report.facts.behaviors] == ["/chat*", "/upload*", "/health"]
    assert report.exit_code == 0


@pytest.mark.parametrize("fault", [pytest.param(fault, id=f"{fault.code}-{fault.name}") for fault in FAULTS])
def test_fault_is_named_and_no_other(world: World, fault: Fault) -> None:
    """One fault brings one finding, of the severity that it deserves."""
    fault.make(world)

    report = world.look(fault.path)

    assert found(report) == {fault.code: fault.severity, **fault.also}
    assert report.exit_code == (0 if {fault.severity, *fault.also.values()} == {"note"} else 1)


def test_every_check_has_a_fault() -> None:
    """A check that nothing here brings about would be a check that cannot fail."""
    assert {fault.code for fault in FAULTS} == {check.code for check in CHECKS}
