"""Attach, detach and restore when any one of their calls fails, in every way of support/aws/faults.py.

Whatever happens, the configuration is the old or the new one to the byte, there is a backup that restores the very
bytes of what was changed, and exit code and message are true. botocore's own retries are off here: each fault is met.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from edge_hasher.aws.door import Aws
from edge_hasher.aws.errors import OperateError
from edge_hasher.operate.attach import report
from edge_hasher.operate.attach.options import AttachOptions
from edge_hasher.operate.attach.prepare import prepare
from edge_hasher.operate.attach.run import run
from tests.support.aws import raw_distributions
from tests.support.aws.aws_proxy import AwsProxy
from tests.support.aws.distribution_configs import SECRET, behavior, config
from tests.support.aws.faults import FAULTS, fail
from tests.support.aws.once_clients import OnceClients
from tests.support.aws.published_function import published_function
from tests.support.aws.stubbed_aws import FakeTime, screen, unseen

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from edge_hasher.operate.attach.prepare import Action
    from tests.support.aws.faults import Fault
    from tests.support.aws.ministack_server import MiniStack

pytest_plugins = ["tests.support.aws.ministack"]

# The number of the update among the calls, after the reads; a read back and the read of the wait come after it.
UPDATE_OF_ATTACH, UPDATE = 6, 3
# Which calls fail: all of an attach, and of the others those that it does not make.
CALLS = {
    "attach": range(1, UPDATE_OF_ATTACH + 3),
    "attach by domain": range(1, 2),
    "attach the newest": range(2, 4),
    "detach": range(UPDATE, UPDATE + 1),
    "restore": range(UPDATE, UPDATE + 1),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a command ended: its exit code, what it printed, and the backups that it left."""

    code: int
    printed: str
    backups: list[Path]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """MiniStack behind a proxy, the door to it, and one distribution with the bytes that it has before and after."""

    ministack: MiniStack
    proxy: AwsProxy
    aws: Aws
    function_arn: str
    distribution: str
    domain: str
    plain: bytes
    attached: bytes
    backup: Path

    def options(self, folder: Path, **more: Any) -> AttachOptions:
        """Give the options of a command on this distribution."""
        wanted: dict[str, Any] = {
            "distribution": self.distribution,
            "paths": ("/chat*",),
            "function_arn": self.function_arn,
        } | more
        return AttachOptions(backup_dir=folder, timeout_s=5, **wanted)

    def run(self, action: Action, options: AttachOptions) -> Outcome:
        """Run a command; the shell around it does no more than print and exit."""
        try:
            prepared = prepare(action, options, self.aws, unseen)
            result = run(prepared, options, self.aws.cloudfront, screen(), FakeTime().clock)
            code, printed = result.exit_code, report.as_json(result) + report.as_text(result)
        except OperateError as error:
            code, printed = 2, "\n".join(error.lines)
        folder = options.backup_dir
        assert folder is not None
        return Outcome(code=code, printed=printed, backups=sorted(folder.iterdir()) if folder.exists() else [])

    def begin(self, command: str, folder: Path) -> tuple[Action, AttachOptions, bytes, bytes]:
        """Bring the distribution to the start of a command; returns it with the bytes before and after."""
        is_attach = command.startswith("attach")
        before, after = (self.plain, self.attached) if is_attach else (self.attached, self.plain)
        raw_distributions.put(self.ministack, self.distribution, before)
        more: dict[str, dict[str, Any]] = {
            "attach by domain": {"distribution": self.domain},
            "attach the newest": {"function_arn": None},
            "restore": {"restore": self.backup, "paths": (), "function_arn": None},
        }
        options = self.options(folder, **more.get(command, {}))
        return ("detach" if command == "detach" else "attach"), options, before, after


@pytest.fixture(scope="module")
def stage(ministack: MiniStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Give the stage; the bytes after are those of a run without a fault."""
    arn = published_function(ministack)
    distribution = raw_distributions.create(ministack, config([behavior("/chat*"), behavior("/other*")]))
    patch = pytest.MonkeyPatch()
    for name, value in ministack.env.items():
        patch.setenv(name, value)
    with patch.context(), AwsProxy(ministack.endpoint).running() as proxy:
        patch.setenv("AWS_ENDPOINT_URL", proxy.endpoint)
        made = Stage(
            ministack=ministack,
            proxy=proxy,
            aws=Aws(clients=OnceClients()),
            function_arn=arn,
            distribution=distribution,
            domain=ministack.client("cloudfront").get_distribution(Id=distribution)["Distribution"]["DomainName"],
            plain=raw_distributions.get(ministack, distribution),
            attached=b"",
            backup=tmp_path_factory.mktemp("first"),
        )
        outcome = made.run("attach", made.options(made.backup))
        assert outcome.code == 0
        (backup,) = outcome.backups
        yield replace(made, attached=raw_distributions.get(ministack, distribution), backup=backup)
    patch.undo()


def judge(stage: Stage, outcome: Outcome, before: bytes, after: bytes) -> None:
    """Assert what must be true after any fault."""
    now = raw_distributions.get(stage.ministack, stage.distribution)
    assert now in {before, after}
    assert SECRET not in outcome.printed
    assert all(line.isprintable() for line in outcome.printed.splitlines())
    if outcome.code == 2:
        assert now == before or "not known" in outcome.printed
    else:
        assert now == after
        assert '"changed": true' in outcome.printed
    backups = [json.loads(path.read_text()) for path in outcome.backups if path.suffix == ".json"]
    assert len(backups) <= 1
    if now == after:
        (backup,) = backups
        raw_distributions.put(stage.ministack, stage.distribution, backup["xml"].encode())
        assert raw_distributions.get(stage.ministack, stage.distribution) == before


@pytest.mark.parametrize("fault", FAULTS.values(), ids=lambda fault: str(fault.name))
@pytest.mark.parametrize("command", CALLS)
def test_one_call_fails(command: str, fault: Fault, stage: Stage, tmp_path: Path) -> None:
    """Nothing is lost, claimed or printed that should not be, whichever call fails, before or after it took effect."""
    update = UPDATE_OF_ATTACH if command == "attach" else UPDATE if command in {"detach", "restore"} else None
    for at in CALLS[command]:
        for when in ("before", "after") if at == update and not fault.needs_answer else ("after",):
            action, options, before, after = stage.begin(command, tmp_path / f"{at}-{when}")
            stage.proxy.calls.clear()
            stage.proxy.met.clear()
            fail(stage.proxy, fault, at=at, when=when)
            outcome = stage.run(action, options)
            fail(stage.proxy, fault, times=0)
            fail(stage.proxy, fault, times=0, when="after")

            assert stage.proxy.met, f"no call {at}"
            assert sum(call.startswith("PUT") for call in stage.proxy.calls) <= 1 + (fault.name == "stale")
            judge(stage, outcome, before, after)
