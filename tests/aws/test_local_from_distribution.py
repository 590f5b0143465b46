"""`edge-hasher local --from DISTRIBUTION`: the behavior is read through the door, as doctor reads it."""

import pytest
from click.testing import CliRunner

from edge_hasher.cli import main
from tests.support.aws.doctor_world import World
from tests.support.aws.ministack_server import MiniStack

pytest_plugins = ["tests.support.aws.ministack"]

# Nothing listens there, so the command ends after it has said what it took.
ARGUMENTS = ("--origin", "http://127.0.0.1:9", "--port", "0")


@pytest.fixture(scope="module")
def world(ministack: MiniStack) -> World:
    """Give a set-up in which everything is right."""
    return World(ministack)


@pytest.mark.usefixtures("aws_environment")
def test_a_deployed_behavior_is_taken_over(world: World) -> None:
    """All that is right is told, and then the permission that is taken away."""
    result = CliRunner().invoke(main, ["local", "--from", world.id, *ARGUMENTS])
    assert "lead to a Function URL: /chat*, /upload*; name one with --path" in result.stderr

    result = CliRunner().invoke(main, ["local", "--from", world.id, "--path", "/chat", *ARGUMENTS])
    assert result.exit_code == 2
    assert "no app answers" in result.stderr
    assert f"from       the distribution {world.id}, behavior /chat*" in result.stderr
    assert "permissions      both" in result.stderr

    world.disallow("lambda:InvokeFunction")
    result = CliRunner().invoke(main, ["local", "--from", world.id, "--path", "/chat", *ARGUMENTS])
    assert "CloudFront does not have lambda:InvokeFunction: 403" in result.stderr


@pytest.mark.usefixtures("aws_environment")
@pytest.mark.parametrize(
    ("source", "path", "said"),
    [(None, "/index.html", "serves /index.html"), ("E0NOTHERE", "/chat", "no such distribution")],
)
def test_bad_input_is_one_line(world: World, source: str | None, path: str, said: str) -> None:
    """A path to the page, and a distribution that is not there, are one line and exit code 2."""
    result = CliRunner().invoke(main, ["local", "--from", source or world.id, "--path", path, *ARGUMENTS])
    assert result.exit_code == 2
    assert said in result.stderr
    assert "Traceback" not in result.output
