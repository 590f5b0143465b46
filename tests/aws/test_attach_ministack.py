"""Attach, detach and restore as commands against MiniStack, alone, at once, and killed between any two calls."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from edge_hasher.cli import main
from tests.support.aws.aws_proxy import AwsProxy
from tests.support.aws.distribution_configs import OTHER_ARN, SECRET, association, behavior, config
from tests.support.aws.published_function import edge_role, published
from tests.support.schemas import checked

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.aws.distribution_configs import Config
    from tests.support.aws.ministack_server import MiniStack

pytest_plugins = ["tests.support.aws.ministack"]

NAME = "edge-hasher-function"
PROGRAM = "from edge_hasher.cli import main; main(prog_name='edge-hasher')"
TIMEOUT_S = 60
UPDATE = 6  # after the read, the function, its role, its runtime management and the tags
CALLS_OF_ATTACH = UPDATE + 2  # then the read back, and the read of the wait


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """MiniStack with two published versions of the function, and ways to look at its distributions."""

    ministack: MiniStack
    arns: tuple[str, str]

    def distribution(self, settings: Config, tags: dict[str, str] | None = None) -> str:
        """Make a distribution of its own for one test, and return its id."""
        cloudfront = self.ministack.client("cloudfront")
        settings = settings | {"CallerReference": os.urandom(8).hex()}
        items = [{"Key": key, "Value": value} for key, value in (tags or {}).items()]
        answer = cloudfront.create_distribution_with_tags(
            DistributionConfigWithTags={"DistributionConfig": settings, "Tags": {"Items": items}}
        )
        return str(answer["Distribution"]["Id"])

    def read(self, distribution: str) -> tuple[Config, str]:
        """Return what a distribution has now, and its ETag."""
        answer = self.ministack.client("cloudfront").get_distribution_config(Id=distribution)
        return answer["DistributionConfig"], answer["ETag"]

    def change(self, distribution: str, **settings: Any) -> None:
        """Change a distribution as someone else would."""
        now, etag = self.read(distribution)
        self.ministack.client("cloudfront").update_distribution(
            Id=distribution, DistributionConfig=now | settings, IfMatch=etag
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Runs the commands, with backups in a folder of the test."""

    env: dict[str, str]
    backups: Path

    def start(self, action: str, *words: str) -> subprocess.Popen[str]:
        """Start a command in a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-c", PROGRAM, action, *words, "--backup-dir", str(self.backups)],
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, action: str, *words: str) -> tuple[int, str, str]:
        """Run a command in this process, which saves a second of imports; returns exit code, output and messages."""
        outside: dict[str, str | None] = {name: None for name in os.environ if name.startswith("AWS_")}
        result = CliRunner().invoke(
            main.commands[action], [*words, "--backup-dir", str(self.backups)], env={**outside, **self.env}
        )
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result.exit_code, result.stdout, result.stderr

    def files(self) -> list[Path]:
        """Return the backups, oldest first; nothing else may lie there."""
        found = sorted(self.backups.iterdir()) if self.backups.exists() else []
        assert all(path.suffix == ".json" for path in found)
        return found


def finish(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Wait for a command."""
    output, messages = process.communicate(timeout=TIMEOUT_S)
    return process.returncode, output, messages


@pytest.fixture(scope="module")
def account(ministack: MiniStack) -> Account:
    """Give the account with the function and its role."""
    edge_role(ministack)
    first, second = published(ministack, NAME, 2)
    ministack.client("ssm").put_parameter(Name="/edge-hasher/version-arn", Value=second, Type="String")
    return Account(ministack=ministack, arns=(first, second))


@pytest.fixture
def command(account: Account, tmp_path: Path) -> Command:
    """Give the commands, straight to MiniStack."""
    return Command(env=account.ministack.env, backups=tmp_path / "backups")


def through(command: Command, proxy: AwsProxy) -> Command:
    """Give the commands through a proxy."""
    return Command(env=command.env | {"AWS_ENDPOINT_URL": proxy.endpoint}, backups=command.backups)


def functions(settings: Config, path: str | None) -> list[Config]:
    """Return the associations of one behavior."""
    parts = [part for part in settings["CacheBehaviors"].get("Items", []) if part["PathPattern"] == path]
    part = parts[0] if path else settings["DefaultCacheBehavior"]
    return list(part["LambdaFunctionAssociations"].get("Items", []))


BEFORE = config([behavior("/chat*"), behavior("/upload*", [association(OTHER_ARN)])])


def test_attach_and_detach(account: Account, command: Command) -> None:
    """Attach takes the newest version, with the body; detach gives back exactly what was there."""
    distribution = account.distribution(BEFORE)
    before, _ = account.read(distribution)
    code, output, messages = command.run("attach", distribution, "--path", "/chat*", "--path", "*")
    assert code == 0, messages
    now, _ = account.read(distribution)
    assert functions(now, "/chat*") == functions(now, None) == [association(account.arns[1])]
    assert functions(now, "/upload*") == [association(OTHER_ARN)]
    assert "deployed to all edge locations" in output
    (backup,) = command.files()
    assert str(backup) in messages
    assert json.loads(backup.read_text())["config"] == before
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    code, output, _ = command.run("detach", distribution)
    assert code == 0
    assert "/chat*" in output
    assert account.read(distribution)[0] == before


def test_the_second_time_there_is_nothing_to_do(account: Account, command: Command) -> None:
    """Attach again says so, and neither updates nor backs up."""
    distribution = account.distribution(BEFORE)
    command.run("attach", distribution, "--path", "/chat*")
    _, etag = account.read(distribution)
    code, output, _ = command.run("attach", distribution, "--path", "/chat*")
    assert (code, account.read(distribution)[1], len(command.files())) == (0, etag, 1)
    assert "no change needed" in output
    assert "nothing to do" in output


def test_a_dry_run_changes_nothing(account: Account, command: Command) -> None:
    """--dry-run prints the plan; --json prints it for programs."""
    distribution = account.distribution(BEFORE, {"aws:cloudformation:stack-name": "site"})
    before = account.read(distribution)
    words = (distribution, "--path", "/chat*", "--dry-run", "--json", "--function-arn", account.arns[0])
    code, output, messages = command.run("attach", *words)
    assert code == 0, messages
    plan = checked("attach", output)
    assert plan["changes"] == [
        {"path": "/chat*", "before": None, "after": {"function_arn": account.arns[0], "include_body": True}}
    ]
    assert (plan["dry_run"], plan["changed"], plan["backup"]) == (True, False, None)
    assert "stack site" in plan["warnings"][0]
    assert account.read(distribution) == before
    assert not command.files()


def test_restore(account: Account, command: Command) -> None:
    """--restore puts back what was there, shows what differs, and refuses the file of another distribution."""
    distribution, another = account.distribution(BEFORE), account.distribution(BEFORE)
    before, _ = account.read(distribution)
    command.run("attach", distribution, "--path", "/upload*", "--replace")
    (backup,) = command.files()
    code, _, messages = command.run("attach", another, "--restore", str(backup))
    assert code == 2
    assert f"is of {distribution}" in messages
    code, output, messages = command.run("detach", distribution, "--restore", str(backup))
    assert code == 0, messages
    assert account.read(distribution)[0] == before
    assert "CacheBehaviors[/upload*].LambdaFunctionAssociations" in output
    assert SECRET not in output + messages
    code, output, _ = command.run("attach", distribution, "--restore", str(backup))
    assert code == 0
    assert "nothing to do" in output


def test_restore_spares_what_others_did_since(account: Account, command: Command) -> None:
    """A later change by someone else stops the restore; --replace goes on."""
    distribution = account.distribution(BEFORE)
    before, _ = account.read(distribution)
    command.run("attach", distribution, "--path", "/chat*")
    (backup,) = command.files()
    account.change(distribution, Comment="theirs")
    code, _, messages = command.run("attach", distribution, "--restore", str(backup))
    assert code == 2
    assert "Comment" in messages
    assert account.read(distribution)[0]["Comment"] == "theirs"
    assert command.run("attach", distribution, "--restore", str(backup), "--replace")[0] == 0
    assert account.read(distribution)[0] == before


def test_two_attaches_at_once(account: Account, command: Command) -> None:
    """Two attaches that read the same configuration both come through: no update is lost."""
    distribution = account.distribution(config([behavior("/a*"), behavior("/b*")]))
    both_are_about_to_update = threading.Barrier(2, timeout=TIMEOUT_S)
    held: set[int] = set()
    lock = threading.Lock()

    def hold_the_first_two(number: int, call: str) -> None:
        with lock:
            hold = call.startswith("PUT") and len(held) < 2
            held.update({number} if hold else ())
        if hold:
            both_are_about_to_update.wait()

    with AwsProxy(account.ministack.endpoint).running() as proxy:
        proxy.before = hold_the_first_two
        here = through(command, proxy)
        running = [here.start("attach", distribution, "--path", path) for path in ("/a*", "/b*")]
        ended = [finish(process) for process in running]
    assert [code for code, _, _ in ended] == [0, 0], ended
    now, _ = account.read(distribution)
    assert functions(now, "/a*") == functions(now, "/b*") == [association(account.arns[1])]
    assert sum(call.startswith("PUT") for call in proxy.calls) == 3
    assert "planning anew" in ended[0][2] + ended[1][2]
    assert len(command.files()) == 3


def test_a_concurrent_change_by_someone_else(account: Account, command: Command) -> None:
    """What someone else changes between the read and the update stays, and the backup holds it."""
    distribution = account.distribution(BEFORE)

    def someone_else(_number: int, call: str) -> None:
        if call.startswith("PUT") and sum(each.startswith("PUT") for each in proxy.calls) == 1:
            account.change(distribution, Comment="theirs")

    with AwsProxy(account.ministack.endpoint).running() as proxy:
        proxy.before = someone_else
        code, _, messages = through(command, proxy).run("attach", distribution, "--path", "/chat*")
    assert code == 0, messages
    now, _ = account.read(distribution)
    assert now["Comment"] == "theirs"
    assert functions(now, "/chat*") == [association(account.arns[1])]
    first, second = sorted(command.files())
    assert json.loads(first.read_text())["config"]["Comment"] != "theirs"
    assert json.loads(second.read_text())["config"]["Comment"] == "theirs"


def test_someone_else_takes_the_place(account: Account, command: Command) -> None:
    """When the other change puts another function there, the new plan refuses, and their function stays."""
    distribution = account.distribution(BEFORE)

    def someone_else(_number: int, call: str) -> None:
        if call.startswith("PUT"):
            theirs = config([behavior("/chat*", [association(OTHER_ARN)])])
            account.change(distribution, CacheBehaviors=theirs["CacheBehaviors"])

    with AwsProxy(account.ministack.endpoint).running() as proxy:
        proxy.before = someone_else
        code, _, messages = through(command, proxy).run("attach", distribution, "--path", "/chat*")
    assert code == 2
    assert "--replace" in messages
    assert functions(account.read(distribution)[0], "/chat*") == [association(OTHER_ARN)]
    assert len(command.files()) == 1


@pytest.mark.parametrize(("at", "when"), [(UPDATE, "before"), *((at, "after") for at in range(1, CALLS_OF_ATTACH + 1))])
def test_killed_between_any_two_calls(account: Account, command: Command, at: int, when: str) -> None:
    """Killed at any call, the configuration is the old one or the new one, with a backup from the update on."""
    distribution = account.distribution(BEFORE)
    before, _ = account.read(distribution)
    with AwsProxy(account.ministack.endpoint).running() as proxy:
        processes: list[subprocess.Popen[str]] = []
        started = threading.Event()

        def kill(number: int, _call: str) -> None:
            if number == at:
                started.wait(TIMEOUT_S)
                processes[0].send_signal(signal.SIGKILL)
                processes[0].wait(TIMEOUT_S)
                raise ConnectionAbortedError

        setattr(proxy, when, kill)
        words = (distribution, "--path", "/chat*", "--function-arn", account.arns[1])
        processes.append(through(command, proxy).start("attach", *words))
        started.set()
        code, _, _ = finish(processes[0])
    assert code == -signal.SIGKILL
    assert len(proxy.calls) == at
    now, _ = account.read(distribution)
    if at < UPDATE or when == "before":
        assert now == before
    else:
        assert functions(now, "/chat*") == [association(account.arns[1])]
    backups = [json.loads(path.read_text())["config"] for path in command.files()]
    assert backups == ([before] if at >= UPDATE else [])


def test_the_calls_of_attach(account: Account, command: Command) -> None:
    """Attach makes as many calls as the test above kills it at."""
    distribution = account.distribution(BEFORE)
    with AwsProxy(account.ministack.endpoint).running() as proxy:
        words = (distribution, "--path", "/chat*", "--function-arn", account.arns[1])
        assert through(command, proxy).run("attach", *words)[0] == 0
    assert len(proxy.calls) == CALLS_OF_ATTACH, proxy.calls
    assert [number for number, call in enumerate(proxy.calls, 1) if call.startswith("PUT")] == [UPDATE]


BAD_INPUT = [
    (["EUNKNOWN", "--path", "*"], "no such distribution"),
    (["unknown.example.com", "--path", "*"], "no distribution of this account has the domain name"),
    (["{}", "--path", "/nowhere*"], r"this distribution has '/chat*', '/upload*', '*' (the default)"),
    (["{}"], "--path"),
    (["{}", "--path", "*", "--function", "nobody"], "nobody"),
    (["{}", "--path", "*", "--function-arn", "arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST"], "$LATEST"),
    (["{}", "--path", "*", "--profile", "nobody"], "list-profiles"),
    (["{}", "--restore", "/nowhere/backup.json"], "cannot read the backup file"),
    (["{}", "--path", "*", "--restore", "b.json"], "leave --path and the function out"),
]


@pytest.mark.parametrize(("words", "expected"), BAD_INPUT, ids=lambda value: str(value)[:40])
def test_bad_input(words: list[str], expected: str, account: Account, command: Command) -> None:
    """Bad input is one clear line on standard error, exit code 2, and nothing is changed."""
    distribution = account.distribution(BEFORE)
    before = account.read(distribution)
    code, output, messages = command.run("attach", *(word.format(distribution) for word in words))
    assert code == 2
    assert not output
    assert expected in messages
    assert "Traceback" not in messages
    assert account.read(distribution) == before


def test_no_credentials(account: Account, command: Command) -> None:
    """Without credentials the line says how to sign in."""
    env = {name: value for name, value in command.env.items() if not name.startswith("AWS_ACCESS")}
    env.pop("AWS_SECRET_ACCESS_KEY", None)
    without = Command(env=env, backups=command.backups)
    code, _, messages = without.run("attach", account.distribution(BEFORE), "--path", "*")
    assert code == 2
    assert "no AWS credentials" in messages
    assert len(messages.splitlines()) == 1


def test_a_distribution_by_its_domain(account: Account, command: Command) -> None:
    """An alias or the CloudFront domain, as it stands in the browser, finds the distribution."""
    host = f"{os.urandom(4).hex()}.example.com"
    distribution = account.distribution(BEFORE | {"Aliases": {"Quantity": 1, "Items": [host]}})
    code, output, messages = command.run("attach", f"https://{host.upper()}/chat", "--path", "/chat*", "--dry-run")
    assert code == 0, messages
    assert distribution in output


def test_versions_and_prune(account: Account) -> None:
    """The unused version is deleted; the used one, the one with an alias and the newest are there afterwards."""
    arns = published(account.ministack, "prunable", 4)
    account.distribution(config([behavior("/chat*", [association(arns[1])])]))
    awslambda = account.ministack.client("lambda")
    awslambda.create_alias(FunctionName="prunable", Name="live", FunctionVersion="3")
    words = ["--function", "prunable", "--prune"]

    def run(*more: str) -> str:
        result = CliRunner().invoke(main.commands["versions"], [*words, *more], env=account.ministack.env)
        assert result.exit_code == 0, result.stderr
        return result.stdout

    def numbers() -> list[str]:
        versions = awslambda.list_versions_by_function(FunctionName="prunable")["Versions"]
        return [version["Version"] for version in versions]

    assert "deleted" not in run("--dry-run")
    assert numbers() == ["$LATEST", "1", "2", "3", "4"]
    assert "deleted version 1" in run()
    assert numbers() == ["$LATEST", "2", "3", "4"]
    assert checked("versions", run("--json"))["pruned"] == []


def test_logs_of_two_regions(account: Account) -> None:
    """Lines in two Regions' log groups come out in order, and a Region without a log group adds nothing."""
    now_ms = int(time.time() * 1000)
    group = f"/aws/lambda/us-east-1.{NAME}"
    for region, age_ms, message in (("eu-west-1", 2000, "first"), ("us-east-1", 1000, "second")):
        logs = account.ministack.client("logs", region)
        logs.create_log_group(logGroupName=group)
        logs.create_log_stream(logGroupName=group, logStreamName="a")
        logs.put_log_events(
            logGroupName=group, logStreamName="a", logEvents=[{"timestamp": now_ms - age_ms, "message": message}]
        )
    words = [word for region in ("us-east-1", "eu-west-1", "sa-east-1") for word in ("--region", region)]
    result = CliRunner().invoke(main.commands["logs"], [*words, "--json"], env=account.ministack.env)
    assert result.exit_code == 0, result.stderr
    lines = [checked("logs", line) for line in result.stdout.splitlines()]
    assert [(line["region"], line["message"]) for line in lines] == [("eu-west-1", "first"), ("us-east-1", "second")]
