"""Reading: what is asked, with which permissions, and what happens where AWS says no."""

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

import pytest

from edge_hasher.aws.cloudfront import CloudFront
from edge_hasher.aws.errors import OperateError
from edge_hasher.doctor import iam_policy
from edge_hasher.doctor.facts import CachePolicy, RequestPolicy
from edge_hasher.doctor.reading.managed_policies import CACHE_POLICIES, REQUEST_POLICIES
from edge_hasher.doctor.reading.policies import Policies
from edge_hasher.doctor.reading.reader import Question, read
from edge_hasher.doctor.runner import run
from tests.support.aws.doctor_watch import Json, WatchedAws
from tests.support.aws.doctor_world import AGENT_REGION, World, agent, chat, found
from tests.support.aws.ministack_server import MiniStack

pytest_plugins = ["tests.support.aws.ministack"]

# Without these, doctor cannot even begin.
FIRST = {"cloudfront:GetDistribution", "cloudfront:ListDistributions"}


@pytest.fixture(scope="module")
def one_world(ministack: MiniStack) -> World:
    """Give the set-up of this module."""
    return World(ministack)


@pytest.fixture
def world(one_world: World) -> Iterator[World]:
    """Give a set-up in which everything is right, and put it right again."""
    yield one_world
    one_world.restore()


def use_everything(world: World) -> None:
    """Bring about each call that the reader may make: own policies, a permission on an alias, and a function."""
    made = world.cloudfront.create_function(
        Name=f"viewer-host-{uuid4().hex}",
        FunctionConfig={"Comment": "", "Runtime": "cloudfront-js-2.0"},
        FunctionCode=b"function handler(event) { return event.request; }",
    )
    summary = world.cloudfront.publish_function(Name=made["FunctionSummary"]["Name"], IfMatch=made["ETag"])
    arn = summary["FunctionSummary"]["FunctionMetadata"]["FunctionARN"]
    world.edit_chat(
        FunctionAssociations={"Quantity": 1, "Items": [{"FunctionARN": arn, "EventType": "viewer-request"}]}
    )
    world.edit_chat(CachePolicyId=world.cache_policy(), OriginRequestPolicyId=world.request_policy("allExcept", "Host"))
    world.disallow("lambda:InvokeFunction")
    world.allow("elsewhere", "lambda:InvokeFunction", Qualifier="live")


def test_policy_allows_the_calls_that_are_made_and_no_other(world: World) -> None:
    """The least privilege: every call is in the printed policy, and every action in it is a call."""
    use_everything(world)

    world.look(distribution="chat.example.com")

    assert set(world.watch.calls) == iam_policy.actions()


def test_policy_is_a_document_that_iam_takes(world: World) -> None:
    """IAM takes what is printed."""
    made = world.iam.create_policy(PolicyName="doctor", PolicyDocument=iam_policy.as_json())

    assert made["Policy"]["Arn"].endswith(":policy/doctor")
    assert {each["Effect"] for each in json.loads(iam_policy.as_json())["Statement"]} == {"Allow"}


@pytest.mark.parametrize("permission", sorted(iam_policy.actions() - FIRST))
def test_missing_permission_is_named_and_nothing_fails(world: World, permission: str) -> None:
    """One permission less: some checks are skipped and say which, none passes unseen, and none is a finding."""
    use_everything(world)
    before = found(world.look())
    world.watch.denied.add(permission)

    report = world.look()

    unread = report.with_status("unread")
    # Nothing but the better name of a finding hangs on the aliases.
    assert bool(unread) == (permission != "lambda:ListAliases")
    assert {outcome.unread.permission for outcome in unread if outcome.unread} <= {permission}
    assert set(found(report)) <= {*before, "EH303"}


@pytest.mark.parametrize("permission", sorted(FIRST))
def test_without_the_distribution_there_is_nothing_to_look_at(world: World, permission: str) -> None:
    """The distribution is the beginning: without it, one line names the permission."""
    world.watch.denied.add(permission)

    with pytest.raises(OperateError, match=permission):
        world.look(distribution="chat.example.com")


@pytest.mark.parametrize("name", ["{id}", "{arn}", "{domain}", "chat.example.com", "https://CHAT.example.com/page"])
def test_distribution_is_found_by_any_of_its_names(world: World, name: str) -> None:
    """Id, ARN, domain name, alias and URL name the same distribution."""
    report = world.look(distribution=name.format(id=world.id, arn=world.arn, domain=world.domain))

    assert report.facts.id == world.id


@pytest.mark.parametrize("name", ["nowhere.example.com", "ENOSUCHEXAMPLE"])
def test_what_is_no_distribution_is_said_in_one_line(world: World, name: str) -> None:
    """A wrong name ends with a line that says so."""
    with pytest.raises(OperateError) as raised:
        world.look(distribution=name)

    assert len(raised.value.lines) == 1


def test_distribution_without_a_function_url_is_said(world: World) -> None:
    """With nothing to look at, the line names the origins that there are."""
    world.edit(lambda config: agent(config).update(DomainName="agent.example.com"))

    with pytest.raises(OperateError, match=r"agent\.example\.com"):
        world.look()


def test_named_function_saves_the_search(world: World) -> None:
    """--function asks one function, and lists none."""
    report = world.look(function="agent")

    assert report.exit_code == 0
    assert "lambda:ListFunctions" not in world.watch.calls


@pytest.mark.parametrize("name", ["edge-hasher", "no-such-function"])
def test_named_function_that_is_not_the_owner_is_said(world: World, name: str) -> None:
    """A name that does not fit is the user's mistake, not a finding."""
    with pytest.raises(OperateError, match=f"{name}.*{world.host}"):
        world.look(function=name)


def test_owner_in_another_account_is_not_a_pass(world: World) -> None:
    """A URL that no function here has leaves its checks open."""
    world.edit(lambda config: agent(config).update(DomainName=f"zzzzzzzzzzzzzzzz.lambda-url.{AGENT_REGION}.on.aws"))

    report = world.look()

    assert found(report) == {}
    assert report.exit_code == 2
    assert "another account" in str(report.with_status("unread")[0].unread)


def test_url_of_an_alias_wants_its_permissions_there(world: World) -> None:
    """Seen on AWS: the ARN of an alias's URL ends with the alias; MiniStack leaves it out, so it is edited in."""

    def on_alias(answer: Json) -> None:
        for config in answer["FunctionUrlConfigs"]:
            config["FunctionArn"] += ":live"

    world.watch.edits["lambda:ListFunctionUrlConfigs"] = on_alias
    assert found(world.look()) == {"EH304": "broken", "EH305": "broken"}

    for sid, action in (("one", "lambda:InvokeFunctionUrl"), ("two", "lambda:InvokeFunction")):
        world.allow(sid, action, Qualifier="live")
    assert found(world.look()) == {}


def test_search_shows_how_far_it_is(world: World) -> None:
    """Asking many functions takes a while, so each Region's progress is shown."""
    shown: list[str] = []

    read(WatchedAws(world.aws, world.watch), Question(distribution=world.id), shown.append)

    assert any(AGENT_REGION in line and " of " in line for line in shown)


def test_origin_group_is_its_first_member(world: World) -> None:
    """CloudFront sends a POST to the first member of a group alone."""

    def group(answer: Json) -> None:
        config = answer["Distribution"]["DistributionConfig"]
        members = {"Quantity": 2, "Items": [{"OriginId": "agent"}, {"OriginId": "page"}]}
        config["OriginGroups"] = {"Quantity": 1, "Items": [{"Id": "group", "Members": members}]}
        for behavior in config["CacheBehaviors"]["Items"]:
            behavior["TargetOriginId"] = "group"

    world.watch.edits["cloudfront:GetDistribution"] = group

    report = world.look()

    assert report.exit_code == 0
    assert {behavior.origin.id for behavior in report.facts.behaviors} == {"agent"}


def test_path_of_a_url_is_looked_at(world: World) -> None:
    """A pasted URL is the distribution and the path at once."""
    report = world.look(distribution="https://chat.example.com/index.html?x=1")

    assert report.facts.path == "/index.html"
    assert report.facts.lambda_patterns == ("/chat*", "/upload*")
    assert found(report) == {"EH101": "broken"}
    assert world.look(distribution="https://chat.example.com/").facts.path is None


def router(world: World, host: str = "placeholder.sst.dev", code: str = "return event.request") -> None:
    """Let a CloudFront Function of the behaviors choose the origin, as SST's Router does."""
    world.watch.answers["cloudfront:GetFunction"] = {"FunctionCode": io.BytesIO(code.encode())}

    def put(answer: Json) -> None:
        config = answer["Distribution"]["DistributionConfig"]
        arn = "arn:aws:cloudfront::123456789012:function/router"
        for each in config["CacheBehaviors"]["Items"]:
            each["FunctionAssociations"] = {
                "Quantity": 1,
                "Items": [{"FunctionARN": arn, "EventType": "viewer-request"}],
            }
        agent(config).update(DomainName=host, OriginAccessControlId="")
        agent(config)["CustomOriginConfig"]["OriginProtocolPolicy"] = "http-only"

    world.watch.edits["cloudfront:GetDistribution"] = put


@pytest.mark.parametrize("path", [None, "/chat"])
def test_origin_that_is_chosen_at_run_time_is_a_note(world: World, path: str | None) -> None:
    """A placeholder behind a CloudFront Function is neither an error nor a fault: a note says how to go on."""
    router(world)

    report = world.look(path)

    assert found(report) == {"EH108": "note"}
    assert report.exit_code == 0


def test_named_function_is_judged_where_the_origin_is_chosen_at_run_time(world: World) -> None:
    """With --function its URL, its permissions and the edge function are judged, whatever the placeholder says."""
    router(world, "api.example.net")
    question = Question(distribution=world.id, path="/chat", function="agent", region=AGENT_REGION)

    def look() -> dict[str, str]:
        return found(run(read(WatchedAws(world.aws, world.watch), question, lambda _: None)))

    assert look() == {"EH108": "note"}
    world.disallow("lambda:InvokeFunction")
    assert look() == {"EH108": "note", "EH303": "broken"}
    with pytest.raises(OperateError, match="--region"):
        read(WatchedAws(world.aws, world.watch), replace(question, function="edge-hasher"), lambda _: None)


def test_cloudfront_function_in_front_of_another_server_is_not_a_router(world: World) -> None:
    """A server that is no placeholder is the origin: the path does not lead to Lambda, unless a function is named."""
    router(world, "api.example.net")

    assert found(world.look("/chat")) == {"EH101": "broken"}
    with pytest.raises(OperateError, match=r"api\.example\.net"):
        world.look()


def test_code_tells_that_a_function_chooses_the_origin(world: World) -> None:
    """Whatever the host in the configuration: a function that updates the origin is asked first."""
    router(world, "api.example.net", "import cf from 'cloudfront'; cf.updateRequestOrigin({domainName: host});")

    assert found(world.look()) == {"EH108": "note"}


def test_code_that_sets_the_viewers_host_is_no_finding(world: World) -> None:
    """What a function does apart from the signature is of no matter."""
    use_everything(world)
    before = found(world.look())

    assert "EH109" not in before


def test_function_of_another_account_is_named_as_that(world: World) -> None:
    """What the credentials may not read in another account is not a permission that is missing."""

    def elsewhere(answer: Json) -> None:
        (item,) = chat(answer["Distribution"]["DistributionConfig"])["LambdaFunctionAssociations"]["Items"]
        item["LambdaFunctionARN"] = "arn:aws:lambda:us-east-1:210987654321:function:edge-hasher:1"

    world.watch.edits["cloudfront:GetDistribution"] = elsewhere
    world.watch.denied.add("lambda:GetFunctionConfiguration")

    unread = [each.unread for each in world.look("/chat").outcomes if each.unread and each.check.code == "EH607"]

    assert [each.permission for each in unread] == [None]
    assert "it belongs to the account 210987654321" in unread[0].why


def test_policy_that_is_no_policy_is_skipped(world: World) -> None:
    """A policy that cannot be parsed is not a pass."""
    world.watch.edits["lambda:GetPolicy"] = lambda answer: answer.update(Policy="[]")

    report = world.look()

    assert found(report) == {}
    assert report.exit_code == 2


def test_alternate_domain_names_are_read(world: World) -> None:
    """The distribution's aliases are facts, which the local edge takes over."""
    facts = read(WatchedAws(world.aws, world.watch), Question(distribution=world.id), lambda _: None)
    assert facts.aliases == ("chat.example.com",)


def test_managed_policies_are_what_cloudfront_has(world: World) -> None:
    """The table of managed policies says what reading them would say."""
    cloudfront = WatchedAws(world.aws, world.watch).cloudfront
    for policy_id, policy in CACHE_POLICIES.items():
        there = _without_table(cloudfront).cache({"CachePolicyId": policy_id})
        assert isinstance(there, CachePolicy)
        assert replace(there, name=there.name.removeprefix("Managed-")) == policy
    for policy_id, request in REQUEST_POLICIES.items():
        sent = _without_table(cloudfront).request({"OriginRequestPolicyId": policy_id})
        assert isinstance(sent, RequestPolicy)
        headers = sent.headers if sent.mode != "allViewerAndWhitelistCloudFront" else frozenset()
        # What it does with cookies and queries is not in the table: the local edge knows a managed policy by its name.
        assert replace(sent, name=sent.name.removeprefix("Managed-"), headers=headers, cookies="", query="") == request


def _without_table(cloudfront: CloudFront) -> Policies:
    policies = Policies(cloudfront)
    policies._cache.clear()  # noqa: SLF001 (to read each)
    policies._request.clear()  # noqa: SLF001 (the same)
    return policies
