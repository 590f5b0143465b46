"""Attach as a command, with botocore's retries as they are: an update is sent once, and never disowned."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest
from botocore.loaders import Loader
from click.testing import CliRunner

from edge_hasher.cli import main
from tests.support.aws import raw_distributions
from tests.support.aws.aws_proxy import AwsProxy
from tests.support.aws.distribution_configs import ARN, SECRET, behavior, config
from tests.support.aws.faults import DENIED, FAULTS, Fault, FaultMet, fail, page
from tests.support.aws.published_function import published_function
from tests.support.schemas import checked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from click.testing import Result

    from tests.support.aws.ministack_server import MiniStack

pytest_plugins = ["tests.support.aws.ministack"]


@pytest.fixture(scope="module")
def arn(ministack: MiniStack) -> str:
    """Give a published version."""
    return published_function(ministack)


@pytest.fixture
def distribution(ministack: MiniStack) -> str:
    """Make a distribution with settings that no botocore knows."""
    return raw_distributions.create(ministack, config([behavior("/chat*")]))


@pytest.fixture
def proxy(ministack: MiniStack) -> Iterator[AwsProxy]:
    """Give a proxy in front of MiniStack."""
    with AwsProxy(ministack.endpoint).running() as running:
        yield running


def older_models(folder: Path) -> Path:
    """Write a model of CloudFront that knows little of a distribution; botocore takes it by AWS_DATA_PATH."""
    model = Loader().load_service_model("cloudfront", "service-2")
    shapes = model["shapes"]
    for shape, known in (
        ("DistributionConfig", {"CallerReference", "Origins", "DefaultCacheBehavior", "CacheBehaviors", "Enabled"}),
        ("Origin", {"Id", "DomainName"}),
        ("DefaultCacheBehavior", {"TargetOriginId", "LambdaFunctionAssociations"}),
    ):
        shapes[shape]["members"] = {name: each for name, each in shapes[shape]["members"].items() if name in known}
    path = folder / "models" / "cloudfront" / model["metadata"]["apiVersion"]
    path.mkdir(parents=True)
    (path / "service-2.json").write_text(json.dumps(model))
    return folder / "models"


def run(ministack: MiniStack, proxy: AwsProxy, folder: Path, *words: str, models: Path | None = None) -> Result:
    """Run a command through the proxy, with models before those of botocore."""
    outside: dict[str, str | None] = {name: None for name in os.environ if name.startswith("AWS_")}
    data = {} if models is None else {"AWS_DATA_PATH": str(models)}
    env = {**outside, **ministack.env, **data, "AWS_ENDPOINT_URL": proxy.endpoint}
    result = CliRunner().invoke(main, [*words, "--backup-dir", str(folder)], env=env)
    assert "Traceback" not in result.stderr
    assert SECRET not in result.output
    return result


def updates(proxy: AwsProxy) -> int:
    """Count the updates."""
    return sum(call.startswith("PUT") for call in proxy.calls)


@pytest.mark.parametrize("fault", ["reset", "failed", "unavailable", "timed-out", "throttled", "stale", "html"])
def test_an_update_that_was_made_is_done(
    fault: str, ministack: MiniStack, proxy: AwsProxy, distribution: str, arn: str, tmp_path: Path
) -> None:
    """Whatever became of the answer, the update is sent once, and is told as a change, with its backup."""
    before = raw_distributions.get(ministack, distribution)
    fail(proxy, FAULTS[fault], when="after", match="PUT ")
    words = ("attach", distribution, "--path", "/chat*", "--function-arn", arn, "--json")
    result = run(ministack, proxy, tmp_path, *words)
    assert result.exit_code == 0, result.output
    assert (len(proxy.met), updates(proxy)) == (1, 1)
    done = checked("attach", result.stdout)
    assert (done["changed"], done["backup"]) == (True, str(next(tmp_path.iterdir())))

    result = run(ministack, proxy, tmp_path, "detach", distribution, "--restore", done["backup"])
    assert result.exit_code == 0, result.output
    assert raw_distributions.get(ministack, distribution) == before


def test_an_update_that_nobody_can_read_back(
    ministack: MiniStack, proxy: AwsProxy, distribution: str, arn: str, tmp_path: Path
) -> None:
    """When the answer is lost and every read is refused, it is not known; the backup stays, and is named."""

    def refuse(_number: int, _call: str) -> None:
        if proxy.met:
            raise FaultMet(DENIED)

    fail(proxy, FAULTS["reset"], when="after", match="PUT ")
    proxy.before = refuse
    words = ("attach", distribution, "--path", "/chat*", "--function-arn", arn)
    result = run(ministack, proxy, tmp_path, *words)
    (backup,) = tmp_path.iterdir()
    assert result.exit_code == 2
    assert result.stdout == ""
    assert f"whether the change was made is not known: the same command finds out. Backup: {backup}" in result.stderr

    proxy.before = lambda _number, _call: None
    result = run(ministack, proxy, tmp_path, *words)
    assert result.exit_code == 0
    assert "nothing to do" in result.stdout


@pytest.mark.parametrize("is_old", [False, True], ids=["today's model", "an older model"])
def test_attach_then_detach_gives_the_same_bytes(
    *, is_old: bool, ministack: MiniStack, proxy: AwsProxy, distribution: str, arn: str, tmp_path: Path
) -> None:
    """Settings that botocore's model does not know stay, in the distribution and in the backup, and come back."""
    models = older_models(tmp_path) if is_old else None
    backups = tmp_path / "backups"
    before = raw_distributions.get(ministack, distribution)
    words = (distribution, "--path", "/chat*", "--path", "*", "--function-arn", arn)
    assert run(ministack, proxy, backups, "attach", *words, models=models).exit_code == 0
    attached = raw_distributions.get(ministack, distribution)
    assert attached.count(arn.encode()) == 2
    (backup,) = backups.iterdir()
    for setting in (b"InventedTimeout>17<", b"<Mode>on</Mode>", b"InventedSwitch>required<", b"<PriceClass>"):
        assert attached.count(setting) == before.count(setting)
        assert setting.decode() in backup.read_text()
    assert run(ministack, proxy, backups, "detach", *words, models=models).exit_code == 0
    assert raw_distributions.get(ministack, distribution) == before
    raw_distributions.put(ministack, distribution, attached)
    restore = ("attach", distribution, "--restore", str(backup))
    assert run(ministack, proxy, backups, *restore, models=models).exit_code == 0
    assert raw_distributions.get(ministack, distribution) == before


@pytest.mark.parametrize("case", ["detach before", "detach after", "restore before", "restore after"])
def test_killed_at_the_update(
    case: str, ministack: MiniStack, proxy: AwsProxy, distribution: str, arn: str, tmp_path: Path
) -> None:
    """Killed while it updates, a detach or a restore leaves the old configuration or the new one, and a backup."""
    command, when = case.split()
    plain = raw_distributions.get(ministack, distribution)
    words = (distribution, "--path", "/chat*", "--function-arn", arn)
    assert run(ministack, proxy, tmp_path / "first", "attach", *words).exit_code == 0
    (backup,) = (tmp_path / "first").iterdir()
    attached = raw_distributions.get(ministack, distribution)
    action = ("detach", *words) if command == "detach" else ("attach", distribution, "--restore", str(backup))
    running: list[subprocess.Popen[bytes]] = []
    has_started = threading.Event()

    def kill(_number: int, call: str) -> None:
        if call.startswith("PUT"):
            assert has_started.wait(60)
            running[0].kill()
            running[0].wait(60)
            raise ConnectionAbortedError

    setattr(proxy, when, kill)
    env = ministack.env | {"AWS_ENDPOINT_URL": proxy.endpoint}
    folder = tmp_path / "second"
    running.append(
        subprocess.Popen([sys.executable, "-m", "edge_hasher", *action, "--backup-dir", str(folder)], env=env)
    )
    has_started.set()
    assert running[0].wait(60) == -signal.SIGKILL
    assert raw_distributions.get(ministack, distribution) == (attached if when == "before" else plain)
    (saved,) = folder.iterdir()
    raw_distributions.put(ministack, distribution, json.loads(saved.read_text())["xml"].encode())
    assert raw_distributions.get(ministack, distribution) == attached


def test_a_setting_that_someone_else_took_away_is_told(
    ministack: MiniStack, proxy: AwsProxy, distribution: str, arn: str, tmp_path: Path
) -> None:
    """A restore compares what botocore does not know too, and says what it would undo."""
    words = (distribution, "--path", "/chat*", "--function-arn", arn)
    assert run(ministack, proxy, tmp_path, "attach", *words).exit_code == 0
    (backup,) = tmp_path.iterdir()
    changed = raw_distributions.get(ministack, distribution).replace(b">required<", b">optional<")
    raw_distributions.put(ministack, distribution, changed)
    result = run(ministack, proxy, tmp_path, "attach", distribution, "--restore", str(backup))
    assert result.exit_code == 2
    assert 'InventedSwitch: "required" -> "optional"' in result.stderr


def test_an_id_that_is_a_path_writes_nothing(
    ministack: MiniStack, proxy: AwsProxy, distribution: str, tmp_path: Path
) -> None:
    """An id in an answer never becomes a path: nothing is written, inside the folder or outside."""
    renamed = Fault(
        name="renamed",
        wire=lambda _head, content: page(
            "200 OK", content.decode().replace(f"<Id>{distribution}", f"<Id>../../{distribution}"), "text/xml",
            headers="ETag: E1\r\n",
        ),
    )  # fmt: skip
    fail(proxy, renamed, when="after", match="GET ", times=99)
    words = ("attach", distribution, "--path", "*", "--function-arn", ARN)
    result = run(ministack, proxy, tmp_path / "a" / "b" / "c", *words)
    assert proxy.met
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []
