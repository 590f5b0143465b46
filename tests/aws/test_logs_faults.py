"""logs over the wire, with every call answered by rubbish: what cannot be read is named, and never quoted."""

from __future__ import annotations

import itertools
import json
import time
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from edge_hasher.cli import main
from tests.support.aws.aws_proxy import AwsProxy
from tests.support.aws.distribution_configs import SECRET
from tests.support.aws.faults import FAULTS, fail
from tests.support.schemas import checked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.aws.ministack_server import MiniStack

pytest_plugins = ["tests.support.aws.ministack"]

GROUP = "/aws/lambda/us-east-1.edge"
REGIONS = ("us-east-1", "eu-west-1")
LOGS = ["logs", "--function", "edge", "--json", *(word for region in REGIONS for word in ("--region", region))]


@pytest.fixture
def proxy(ministack: MiniStack, aws_environment: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsProxy]:
    """Write a line in each Region, and lead the commands through a proxy."""
    del aws_environment
    ministack.reset()
    for region in REGIONS:
        logs = ministack.client("logs", region)
        logs.create_log_group(logGroupName=GROUP)
        logs.create_log_stream(logGroupName=GROUP, logStreamName="s")
        event = {"timestamp": int(time.time() * 1000), "message": region}
        logs.put_log_events(logGroupName=GROUP, logStreamName="s", logEvents=[event])
    with AwsProxy(ministack.endpoint).running() as running:
        monkeypatch.setenv("AWS_ENDPOINT_URL", running.endpoint)
        yield running


@pytest.mark.parametrize("name", ["cut", "html", "xhtml", "empty", "other-xml", "json-list", "denied"])
def test_a_region_that_answers_rubbish_is_named(name: str, proxy: AwsProxy) -> None:
    """Each Region gives its line, or is named on standard error and in JSON, with exit code 1."""
    failures = 0
    for number in itertools.count(1):
        proxy.calls.clear()
        proxy.met.clear()
        fail(proxy, FAULTS[name], at=number, when="after")
        result = CliRunner().invoke(main, LOGS)
        documents = [checked("logs", line) for line in result.stdout.splitlines()]
        shown = {each["message"] for each in documents if "message" in each}
        missing = {each["region"] for each in documents if "problem" in each}
        assert SECRET not in result.output
        assert "fault of its own" not in result.output
        assert (shown | missing, shown & missing) == (set(REGIONS), set()), json.dumps(documents)
        assert all(f"{region}: " in result.stderr for region in missing)
        assert result.exit_code == (1 if missing else 0), result.output
        failures += bool(missing)
        if not proxy.met:
            break
    assert failures >= len(REGIONS) * 2  # the list of log groups, and the lines
