"""The permissions that docs/attach.md asks for are those of the calls that are made."""

from __future__ import annotations

import io
import re
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from edge_hasher.aws.clients import Clients
from edge_hasher.aws.door import Aws
from edge_hasher.operate.attach import prepare, run
from edge_hasher.operate.attach.options import AttachOptions
from edge_hasher.operate.clock import Clock
from edge_hasher.operate.logs import run as logs
from edge_hasher.operate.versions import run as versions
from edge_hasher.screen import Screen
from tests.support.aws.distribution_configs import association, behavior, config
from tests.support.aws.ministack_server import ACCOUNT_ID
from tests.support.aws.stubbed_aws import TRUST, package, unseen

if TYPE_CHECKING:
    from tests.support.aws.ministack_server import MiniStack

pytest_plugins = ["tests.support.aws.ministack"]

DOCS = Path(__file__).parents[2] / "docs" / "attach.md"
# CloudFront makes these in the name of who attaches.
MADE_BY_CLOUDFRONT = {"lambda:EnableReplication*", "iam:CreateServiceLinkedRole"}
NEEDS_NO_PERMISSION = {"sts:GetCallerIdentity"}  # documented
FUNCTION_ARN = f"arn:aws:lambda:us-east-1:{ACCOUNT_ID}:function:edge"
PARAMETER = "/edge-hasher/version-arn"


class RecordingClients(Clients):
    """Clients that remember the IAM actions of their calls."""

    def __init__(self) -> None:
        super().__init__()
        self.actions: set[str] = set()

    def make(self, service: str, region: str) -> Any:
        """Make a client."""
        return self._recorded(service, super().make(service, region))

    def make_for_updates(self, service: str, region: str) -> Any:
        """Make a client that sends each request once."""
        return self._recorded(service, super().make_for_updates(service, region))

    def _recorded(self, service: str, client: Any) -> Any:
        def note(model: Any, **_: Any) -> None:
            self.actions.add(f"{service}:{re.sub('[0-9_]+$', '', model.name)}")

        client.meta.events.register("before-call", note)
        return client


@pytest.fixture
def distribution(ministack: MiniStack, aws_environment: None) -> str:
    """Make the function with two versions, the first of them on a distribution, and what names and logs it."""
    del aws_environment
    ministack.reset()
    iam, functions = ministack.client("iam"), ministack.client("lambda")
    role = iam.create_role(RoleName="edge", AssumeRolePolicyDocument=str(TRUST).replace("'", '"'))["Role"]["Arn"]
    functions.create_function(
        FunctionName="edge", Role=role, Code={"ZipFile": package(0)}, Runtime="python3.13", Handler="a.b", Timeout=5
    )
    for number in (1, 2, 3):
        functions.update_function_code(FunctionName="edge", ZipFile=package(number))
        functions.publish_version(FunctionName="edge")
    for number in (1, 2, 3):  # each is Pending for a moment
        functions.get_waiter("published_version_active").wait(
            FunctionName="edge", Qualifier=str(number), WaiterConfig={"Delay": 1, "MaxAttempts": 60}
        )
    ministack.client("ssm").put_parameter(Name=PARAMETER, Value=f"{FUNCTION_ARN}:3", Type="String")
    ministack.client("logs").create_log_group(logGroupName="/aws/lambda/us-east-1.edge")
    settings = config(default=behavior(None, [association(f"{FUNCTION_ARN}:1")]))
    made = ministack.client("cloudfront").create_distribution(DistributionConfig=settings)["Distribution"]
    return str(made["Id"])


def rows() -> dict[str, set[str]]:
    """Give the table: for what, and which actions."""
    table = DOCS.read_text(encoding="utf-8").partition("## Permissions")[2]
    lines = [line for line in table.splitlines() if line.startswith("| ") and "`" in line]
    cells = [line.strip("| ").split(" | ") for line in lines]
    return {name.replace("`", ""): set(re.findall(r"`([a-z]+:[A-Za-z*]+)`", text)) for name, text in cells}


def domain_of(aws: Aws, distribution: str) -> str:
    """Give the domain name of a distribution."""
    return aws.cloudfront.distribution(distribution).domain


def made(clients: RecordingClients) -> set[str]:
    """Give the actions since the last time."""
    found, clients.actions = clients.actions, set()
    return found - NEEDS_NO_PERMISSION


def test_each_row_is_what_its_command_calls(ministack: MiniStack, distribution: str, tmp_path: Path) -> None:
    """No command makes a call that its rows leave out, and no row names one that is never made."""
    table, clients = rows(), RecordingClients()
    aws, screen, clock = Aws(clients=clients), Screen(io.StringIO()), Clock(sleep=lambda _: None)
    domain = domain_of(aws, distribution)
    made(clients)
    unnamed = table["without --function"]
    start = datetime.fromtimestamp(time.time() - 60, tz=UTC).isoformat()
    query = logs.LogOptions(distribution=domain, regions=("us-east-1",), since=start)

    logs.run(query, aws, aws.logs, screen, clock, unseen)
    assert made(clients) - unnamed == table["logs"]

    pruned = versions.run(versions.VersionsOptions(prune=True, function=FUNCTION_ARN), aws, screen, clock, unseen)
    ministack.client("ssm").delete_parameter(Name=PARAMETER)
    versions.run(versions.VersionsOptions(function="edge"), aws, screen, clock, unseen)
    assert (pruned, made(clients)) == (0, table["versions"])

    ministack.client("ssm").put_parameter(Name=PARAMETER, Value=f"{FUNCTION_ARN}:3", Type="String")
    both = table["attach, detach"]
    for action, expected in (("attach", both | table["attach"]), ("detach", both)):
        options = AttachOptions(
            distribution=domain, paths=("*",), backup_dir=tmp_path, replace=True, while_deploying=True
        )
        prepared = prepare.prepare(action, options, aws, screen.progress)  # type: ignore[arg-type]
        outcome = run.run(prepared, options, aws.cloudfront, screen, clock)
        assert outcome.exit_code == 0, outcome
        assert made(clients) - unnamed == expected - MADE_BY_CLOUDFRONT
    assert unnamed == {"ssm:GetParameter", "cloudformation:DescribeStacks"}
