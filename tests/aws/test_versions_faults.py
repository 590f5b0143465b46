"""versions --prune over the wire, with every call failing in every way: what is in use stays, and what went is told."""

from __future__ import annotations

import itertools
import json
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from edge_hasher.cli import main
from tests.support.aws.aws_proxy import AwsProxy
from tests.support.aws.distribution_configs import SECRET, association, behavior, config
from tests.support.aws.faults import FAULTS, fail
from tests.support.aws.ministack_server import ACCOUNT_ID
from tests.support.aws.stubbed_aws import package
from tests.support.schemas import checked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click.testing import Result

    from tests.support.aws.ministack_server import MiniStack

pytest_plugins = ["tests.support.aws.ministack"]

PRUNE = ["versions", "--function", "edge", "--prune", "--json"]
RUBBISH = ("cut", "xhtml", "empty", "other-xml", "json-list", "denied")


def arn(number: int) -> str:
    """Give the ARN of a version."""
    return f"arn:aws:lambda:us-east-1:{ACCOUNT_ID}:function:edge:{number}"


def set_up(ministack: MiniStack) -> None:
    """Make five versions: 1 is on a distribution, 2 in the parameter, 3 and 4 are unused, 5 is the newest."""
    ministack.reset()
    functions = ministack.client("lambda")
    role = f"arn:aws:iam::{ACCOUNT_ID}:role/edge"
    functions.create_function(
        FunctionName="edge", Role=role, Code={"ZipFile": package(0)}, Runtime="python3.13", Handler="a.b"
    )
    for number in range(1, 6):
        functions.update_function_code(FunctionName="edge", ZipFile=package(number), Publish=True)
    settings = config(default=behavior(None, [association(arn(1))]))
    ministack.client("cloudfront").create_distribution(DistributionConfig=settings)
    ministack.client("ssm").put_parameter(Name="/edge-hasher/version-arn", Value=arn(2), Type="String")


def left(ministack: MiniStack) -> set[int]:
    """Give the numbers of the versions that there are."""
    found = ministack.client("lambda").list_versions_by_function(FunctionName="edge")["Versions"]
    return {int(each["Version"]) for each in found if each["Version"] != "$LATEST"}


@pytest.fixture
def proxy(ministack: MiniStack, aws_environment: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsProxy]:
    """Lead the commands through a proxy."""
    del aws_environment
    with AwsProxy(ministack.endpoint).running() as running:
        monkeypatch.setenv("AWS_ENDPOINT_URL", running.endpoint)
        yield running


def prune() -> Result:
    """Run the command."""
    return CliRunner().invoke(main, PRUNE)


def assert_true(result: Result, there: set[int]) -> None:
    """Assert that what the command says is so, and that it says nothing of an answer."""
    assert {1, 2, 5} <= there
    assert result.exit_code in {0, 1, 2}, result.output
    assert SECRET not in result.output
    assert "fault of its own" not in result.output
    if not result.stdout:
        assert (result.exit_code, there) == (2, {1, 2, 3, 4, 5})
        return
    found = json.loads(result.stdout)
    told = {each["number"] for each in found["pruned"] if each["deleted"]}
    not_known = {each["number"] for each in found["pruned"] if "is not known" in (each["problem"] or "")}
    assert told <= {3, 4} - there <= told | not_known
    whole = not found["stopped"] and not any(each["problem"] for each in found["pruned"])
    assert result.exit_code == (0 if whole else 1 if told or not found["stopped"] else 2)


@pytest.mark.parametrize("name", RUBBISH)
def test_whatever_comes_instead_of_an_answer(name: str, ministack: MiniStack, proxy: AwsProxy) -> None:
    """Call after call is answered with rubbish, after it took effect: no version in use is deleted."""
    for number in itertools.count(1):
        set_up(ministack)
        proxy.calls.clear()
        proxy.met.clear()
        fail(proxy, FAULTS[name], at=number, when="after")
        result = prune()
        assert_true(result, left(ministack))
        if not proxy.met:
            assert number > 12  # two versions, each looked at again: the loop saw them all
            assert (result.exit_code, left(ministack)) == (0, {1, 2, 5})
            return


def test_a_page_without_a_list_is_an_error_in_one_line(ministack: MiniStack, proxy: AwsProxy) -> None:
    """A sign-in page instead of the distributions: one line, exit code 2, nothing is deleted."""
    set_up(ministack)
    fail(proxy, FAULTS["xhtml"], match="GET /2020-05-31/distribution")
    result = prune()
    assert proxy.met
    assert (result.exit_code, result.stdout, left(ministack)) == (2, "", {1, 2, 3, 4, 5})
    (line,) = result.stderr.splitlines()
    assert "is not a whole answer of AWS" in line


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_prune_that_is_stopped_says_what_it_deleted(
    number: signal.Signals, code: int, ministack: MiniStack, proxy: AwsProxy
) -> None:
    """Ctrl-C, or SIGTERM, while version 4 is being deleted: 3 is reported, and 4 as not known."""
    set_up(ministack)
    reached, over = threading.Event(), threading.Event()
    deletions: list[str] = []

    def hold(_number: int, call: str) -> None:
        deletions.extend([call] if call.startswith("DELETE ") else [])
        if len(deletions) == 2:
            reached.set()
            over.wait(60)

    proxy.before = hold
    process = subprocess.Popen(
        [sys.executable, "-m", "edge_hasher", *PRUNE], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert reached.wait(60)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    finally:
        over.set()
        process.kill()
        process.wait()
    found = checked("versions", out)
    assert (process.returncode, found["stopped"]) == (code, "interrupted")
    assert [(each["number"], each["deleted"]) for each in found["pruned"]] == [(3, True), (4, False)]
    assert "is not known" in found["pruned"][1]["problem"]
    assert err == "edge-hasher: interrupted; run the same command again to continue\n"
