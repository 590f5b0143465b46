"""Fixtures over MiniStack, a stand-in for AWS on loopback.

A test module asks for them with one line, and so the whole run shares one server, started at its first use:

    from .ministack_server import ACCOUNT_ID, MiniStack      # the type; never import from tests.ministack itself

    pytest_plugins = ["tests.support.aws.ministack"]

    def test_something(ministack: MiniStack) -> None:
        cloudfront = ministack.client("cloudfront")          # a boto3 client; region="eu-west-1" for another Region
        subprocess.run([...], env=ministack.env, ...)        # AWS_ENDPOINT_URL, credentials, Region, no other AWS_ name
        ministack.reset()                                    # forget everything; each module begins so anyway

    @pytest.mark.usefixtures("aws_environment")              # the same variables in this process, for `Aws()` itself
    def test_something_else(ministack: MiniStack) -> None: ...

The account is 123456789012. State is shared by the tests of a module. What MiniStack does not do: check edge
associations (it takes `$LATEST`, other Regions, functions that are not there), run Lambda@Edge, sign as OAC, take time
to deploy a distribution; `get_policy` of a function without one answers 200.
"""

import os
from collections.abc import Iterator

import pytest

from tests.support.aws.ministack_server import PYTHON, MiniStack, running


@pytest.fixture(scope="session")
def ministack_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MiniStack]:
    """Give the one server of the run; it ends with the run."""
    if not PYTHON.exists():
        pytest.fail("No MiniStack in .venvs/ministack: run `make setup`.")
    with running(tmp_path_factory.mktemp("ministack")) as server:
        yield server


@pytest.fixture(scope="module")
def ministack(ministack_server: MiniStack) -> MiniStack:
    """Give the server, empty at the beginning of each module."""
    ministack_server.reset()
    return ministack_server


@pytest.fixture
def aws_environment(ministack: MiniStack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Point this process at MiniStack for one test: code that reads credentials and Region as AWS's tools do."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in ministack.env.items():
        if name.startswith("AWS_"):
            monkeypatch.setenv(name, value)
