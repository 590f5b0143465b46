"""Doctor's reading of functions: the owner of a Function URL among many, on a fake door; the rest on moto."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import pytest

from edge_hasher.aws.configuration import CacheBehavior
from edge_hasher.aws.errors import CredentialsError, NotAllowedError, NotFoundError, OperateError
from edge_hasher.aws.functions import Alias, FunctionUrl
from edge_hasher.aws.parallel import AT_ONCE
from edge_hasher.doctor.facts import EdgeFunctionFacts, FunctionUrlFacts, Unread
from edge_hasher.doctor.reading.edge_function import EdgeFunctions
from edge_hasher.doctor.reading.function_url import find_urls
from tests.support.aws.distribution_configs import ACCOUNT, ARN, FUNCTION, association, behavior
from tests.support.aws.stubbed_aws import ROLE, StubbedAws, deploy, unseen
from tests.support.interrupt import ctrl_c_when

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from edge_hasher.aws.door import Aws

REGION = "eu-west-1"
HOST = f"owner.lambda-url.{REGION}.on.aws"
DISTRIBUTION = f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1"


@dataclass
class FakeFunctions:
    """Lambda in one Region: 401 functions, one of them the owner of the URL; each call takes a while."""

    count: int = 401
    owner: int | None = 200
    seconds: float = 0.0
    failing: dict[str, OperateError] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    release: threading.Event | None = None

    @property
    def functions(self) -> FakeFunctions:
        """The door's service."""
        return self

    def names(self, region: str) -> list[str]:
        """List the functions."""
        assert region == REGION
        return [f"function-{number:03}" for number in range(self.count)]

    def urls(self, name: str, *, region: str) -> list[FunctionUrl]:
        """Give the URL of one function."""
        assert region == REGION
        self.asked.append(name)
        time.sleep(self.seconds)
        if self.release is not None:
            self.release.wait(10)
        if name in self.failing:
            raise self.failing[name]
        if self.owner is None or name != f"function-{self.owner:03}":
            return []
        arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}:live"
        return [FunctionUrl(host=HOST, function_arn=arn, auth_type="AWS_IAM", streams=True)]

    def policy(self, name: str, qualifier: str | None, *, region: str) -> str:
        """Give no policy."""
        raise NotFoundError(f"{name}:{qualifier} in {region} has no policy")

    def aliases(self, name: str, *, region: str) -> list[Alias]:
        """Give the owner's alias."""
        assert (name, region) == (f"function-{self.owner:03}", REGION)
        return [Alias(name="live", versions=(1,))]


def find(
    fake: FakeFunctions, *, function: str | None = None, progress: Callable[[str], None] = unseen
) -> FunctionUrlFacts | Unread:
    """Find the owner of the URL."""
    return find_urls(cast("Aws", fake), [HOST], DISTRIBUTION, function=function, progress=progress)[HOST]


def test_401_functions_take_seconds() -> None:
    """At 60 ms a call the search through all functions ends within a few seconds, and shows how far it is."""
    fake, shown = FakeFunctions(owner=400, seconds=0.06), list[str]()

    start = time.monotonic()
    found = find(fake, progress=shown.append)
    took_s = time.monotonic() - start

    assert isinstance(found, FunctionUrlFacts)
    assert (found.function, found.qualifier, found.policy) == ("function-400", "live", ())
    assert took_s < 6  # one by one: 24 s
    assert shown[-1] == f"looking for the owner of the Function URL in {REGION}: function 401 of 401"
    assert len(fake.asked) == 401


def test_search_stops_at_the_answer() -> None:
    """Once the owner is found no other function is asked, but for the calls under way."""
    fake = FakeFunctions(owner=20, seconds=0.05)

    assert isinstance(find(fake), FunctionUrlFacts)
    time.sleep(0.1)
    assert len(fake.asked) < 300  # on a busy machine the answer is noticed late, and of 401 many are not asked


def test_a_function_deleted_meanwhile_is_passed_over() -> None:
    """A function that is gone has no URL, and the search goes on."""
    fake = FakeFunctions(failing={"function-003": NotFoundError("gone")})

    assert isinstance(find(fake), FunctionUrlFacts)


def test_a_missing_permission_ends_the_search() -> None:
    """The first function that may not be asked ends it: the owner is unknown, and the action is named."""
    denied = NotAllowedError("no", action="lambda:ListFunctionUrlConfigs")
    fake = FakeFunctions(failing={f"function-{number:03}": denied for number in range(3, 401)}, seconds=0.02)

    found = find(fake)

    assert isinstance(found, Unread)
    assert found.permission == "lambda:ListFunctionUrlConfigs"
    assert len(fake.asked) < 100


def test_what_comes_before_a_missing_permission_counts() -> None:
    """The order of the functions decides, not which call ends first."""
    denied = NotAllowedError("no", action="lambda:ListFunctionUrlConfigs")
    fake = FakeFunctions(owner=5, failing={"function-006": denied})

    assert isinstance(find(fake), FunctionUrlFacts)


def test_an_error_ends_it_all() -> None:
    """Credentials that end during the search are an error, and not an unknown owner."""
    fake = FakeFunctions(failing={"function-100": CredentialsError("expired")})

    with pytest.raises(CredentialsError):
        find(fake)


def test_ctrl_c_ends_the_search_at_once() -> None:
    """Ctrl-C does not wait for calls that hang."""
    fake = FakeFunctions(release=threading.Event())
    assert fake.release is not None
    start = time.monotonic()

    with pytest.raises(KeyboardInterrupt), ctrl_c_when(lambda: len(fake.asked) >= AT_ONCE):
        find(fake)

    assert time.monotonic() - start < 5
    fake.release.set()


def test_nobody_owns_it() -> None:
    """A URL that no function here has is unknown, with the number that was asked."""
    found = find(FakeFunctions(owner=None, count=30))

    assert isinstance(found, Unread)
    assert "none of the 30 functions" in found.why
    assert found.permission is None


def test_a_named_function_is_asked_alone() -> None:
    """--function asks one function; one that owns nothing here is the user's mistake."""
    fake = FakeFunctions(owner=7)

    assert isinstance(find(fake, function="function-007"), FunctionUrlFacts)
    assert fake.asked == ["function-007"]
    with pytest.raises(OperateError, match=f"'function-008' has none of .*{HOST}"):
        find(fake, function="function-008")


def test_hosts_that_are_no_function_url() -> None:
    """Hosts are found in any case; one of another kind is unknown without a question."""
    fake = FakeFunctions(owner=1, count=2)
    other = "agent.example.com"

    urls = find_urls(cast("Aws", fake), [HOST.upper(), other], DISTRIBUTION, function=None, progress=unseen)

    assert isinstance(urls[HOST], FunctionUrlFacts)
    assert isinstance(urls[other], Unread)


@pytest.fixture
def aws() -> Iterator[StubbedAws]:
    """Give an account with the function."""
    with StubbedAws() as stubbed:
        yield stubbed
        stubbed.all_used()


def read(aws: StubbedAws, *arns: str) -> list[EdgeFunctionFacts | Unread | None]:
    """Read the functions of a behavior."""
    settings = behavior("/chat*", [association(arn) for arn in arns])
    found = EdgeFunctions(aws).associations(CacheBehavior(path="/chat*", settings=settings))
    assert [each.arn for each in found] == list(arns)
    return [each.function for each in found]


def test_a_function_is_read_with_its_role(aws: StubbedAws) -> None:
    """The configuration, the trust of its role and its runtime management become facts."""
    deploy(aws, Environment={"Variables": {"TABLE": "x"}}, Timeout=31)

    (function,) = read(aws, ARN)

    assert isinstance(function, EdgeFunctionFacts)
    assert (function.name, function.timeout_s, function.environment) == (FUNCTION, 31, ("TABLE",))
    assert function.trusted == frozenset({"lambda.amazonaws.com", "edgelambda.amazonaws.com"})
    assert function.update_runtime_on == "Auto"
    assert not function.unread


def test_a_function_is_read_in_its_own_region(aws: StubbedAws) -> None:
    """A function outside us-east-1, where CloudFront takes none, is read where it is."""
    deploy(aws, name="agent", region=REGION)

    (function,) = read(aws, f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:agent:1")

    assert isinstance(function, EdgeFunctionFacts)
    assert function.name == "agent"


def test_what_does_not_exist_is_none(aws: StubbedAws) -> None:
    """A version that was deleted is None; a role that was deleted is said of the function."""
    deploy(aws, versions=2)
    aws.client("iam").delete_role(RoleName=ROLE)

    gone, function = read(aws, ARN, f"{ARN[:-1]}2")

    assert gone is None
    assert isinstance(function, EdgeFunctionFacts)
    assert function.role_exists is False


@pytest.mark.parametrize(
    "action", ["lambda:GetFunctionConfiguration", "iam:GetRole", "lambda:GetRuntimeManagementConfig"]
)
def test_what_may_not_be_read_is_unread(action: str, aws: StubbedAws) -> None:
    """A missing permission leaves that part unread, and names the action."""
    deploy(aws)
    aws.refuse(action, "AccessDeniedException", "denied", 403)

    (function,) = read(aws, ARN)

    unread = [function] if isinstance(function, Unread) else list(function.unread.values()) if function else []
    assert [each.permission for each in unread] == [action]
