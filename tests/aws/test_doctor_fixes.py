"""What doctor prints to fix a fault fixes it, pasted into bash as it stands."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from edge_hasher.cli.attach import attach
from edge_hasher.doctor.runner import run
from edge_hasher.operate.function_choice import SSM_PARAMETER
from tests.support.aws.aws_command import aws_command, shell
from tests.support.aws.doctor_facts import with_behavior
from tests.support.aws.doctor_faults import FAULTS, Fault
from tests.support.aws.doctor_world import World, found
from tests.support.aws.ministack_server import MiniStack

pytest_plugins = ["tests.support.aws.ministack"]

# These fixes look, wait, or deploy another stack; what they would change is not here.
LOOKS_ON = {"EH101", "EH104", "EH106", "EH110", "EH207", "EH208", "EH606", "EH610", "EH616", "EH617", "EH618"}
# One fault of each code, and the one whose fix differs from its code's others.
FIRST = {fault.code: fault for fault in reversed(FAULTS) if fault.why is None and fault.code not in LOOKS_ON}
FIXABLE = [fault for fault in FAULTS if fault in FIRST.values() or fault.name == "legacy-all-headers"]


@pytest.fixture(scope="module")
def one_world(ministack: MiniStack) -> World:
    """Give the set-up of this module, with the parameter from which attach knows what was deployed."""
    world = World(ministack)
    ministack.client("ssm").put_parameter(Name=SSM_PARAMETER, Value=world.version_arn, Type="String")
    return world


@pytest.fixture
def world(one_world: World) -> Iterator[World]:
    """Give a set-up in which everything is right, and put it right again."""
    yield one_world
    one_world.restore()


@pytest.fixture
def paste(world: World, tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Give a function that runs a command as a person would."""
    if shutil.which("jq") is None:
        pytest.skip("there is no jq on this machine, which the commands call")

    def edge_hasher(words: list[str]) -> str:
        # MiniStack deploys at once, and the backup belongs in a folder of the test.
        assert words.pop(0) == "attach"
        result = CliRunner().invoke(attach, [*words, "--no-wait", "--backup-dir", str(tmp_path)])
        assert result.exit_code == 0, result.output
        return result.output

    with shell({"aws": lambda words: aws_command(world.aws, words), "edge-hasher": edge_hasher}) as run:
        yield run


HOSTILE = """/it's "$(id)" `id`; & | \\ !*"""


def test_names_from_aws_are_text_to_the_shell() -> None:
    """A pattern or an id with quotes, dollars and semicolons stays one word, and nothing of it runs."""
    if shutil.which("jq") is None:
        pytest.skip("there is no jq on this machine, which the commands call")
    behavior = {"PathPattern": HOSTILE, "Compress": True}
    config = {"CacheBehaviors": {"Items": [{"PathPattern": "/other", "Compress": True}, behavior]}}
    called, written = list[list[str]](), list[Any]()

    def aws(words: list[str]) -> str:
        called.append(words)
        if words[1] == "update-distribution":
            written.append(json.loads(Path(words[7].removeprefix("file://")).read_text()))
        return json.dumps({"ETag": "E1", "DistributionConfig": config})

    facts = replace(with_behavior(pattern=HOSTILE, compresses=True), id=HOSTILE)
    (outcome,) = [each for each in run(facts).outcomes if each.fault]
    assert outcome.fault is not None

    with shell({"aws": aws}) as paste:
        paste(outcome.fault.fix.command)

    read, update = called
    assert read == ["cloudfront", "get-distribution-config", "--id", HOSTILE, "--output", "json"]
    assert update[2:6] == ["--id", HOSTILE, "--if-match", "E1"]
    assert [each["Compress"] for each in written[0]["CacheBehaviors"]["Items"]] == [True, False]
    assert not Path(update[7].removeprefix("file://")).parent.exists()


@pytest.mark.usefixtures("aws_environment")
@pytest.mark.parametrize("fault", [pytest.param(fault, id=f"{fault.code}-{fault.name}") for fault in FIXABLE])
def test_fix_fixes(world: World, paste: Callable[[str], str], fault: Fault) -> None:
    """After the command of the finding, doctor finds nothing any more."""
    fault.make(world)
    (outcome,) = [each for each in world.look(fault.path).outcomes if each.fault and each.check.code == fault.code]
    assert outcome.fault is not None

    paste(outcome.fault.fix.command)

    assert found(world.look(fault.path)) == {}
