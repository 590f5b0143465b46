"""Fixes that change where requests go or who may come in: pasted step by step, and the site never gets worse."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from edge_hasher.cli.attach import attach
from edge_hasher.doctor.check import CheckContext
from edge_hasher.doctor.fixes import distribution, switching
from edge_hasher.doctor.runner import Report
from edge_hasher.operate.function_choice import SSM_PARAMETER
from tests.support.aws.aws_command import aws_command, shell
from tests.support.aws.doctor_facts import with_behavior
from tests.support.aws.doctor_fault_makers import INVOKE, INVOKE_URL, READ, public
from tests.support.aws.doctor_watch import Json
from tests.support.aws.doctor_world import OWN_HANDLER, World, agent, chat, found, listing
from tests.support.aws.ministack_server import MiniStack

pytest_plugins = ["tests.support.aws.ministack"]

Paste = Callable[[str], str]


@pytest.fixture(scope="module")
def one_world(ministack: MiniStack) -> World:
    """Give the set-up of this module, with the parameter from which attach knows what was deployed."""
    world = World(ministack)
    ministack.client("ssm").put_parameter(Name=SSM_PARAMETER, Value=world.version_arn, Type="String")
    return world


@pytest.fixture
def world(one_world: World) -> Iterator[World]:
    """Give a set-up in which everything is right, and put it right again."""
    yield one_world
    one_world.restore()


@pytest.fixture
def paste(world: World, tmp_path: Path, aws_environment: None) -> Iterator[Paste]:
    """Give a function that runs a command as a person would."""
    del aws_environment

    def edge_hasher(words: list[str]) -> str:
        assert words.pop(0) == "attach"
        result = CliRunner().invoke(attach, [*words, "--no-wait", "--backup-dir", str(tmp_path)])
        assert result.exit_code == 0, result.output
        return result.output

    with shell({"aws": lambda words: aws_command(world.aws, words), "edge-hasher": edge_hasher}) as run:
        yield run


def make_public(world: World) -> None:
    """Make the site public, with nothing that a private one needs: no permission, no signature, no digest."""
    public(INVOKE_URL, INVOKE)(world)
    for action in (INVOKE_URL, INVOKE):
        world.agents.remove_permission(FunctionName=world.agent_name, StatementId=_cloudfront_sid(action))

    def strip(config: Json) -> None:
        agent(config).update(OriginAccessControlId="")
        for behavior in config["CacheBehaviors"]["Items"]:
            behavior["LambdaFunctionAssociations"] = listing([])

    world.edit(strip)


def _cloudfront_sid(action: str) -> str:
    return "cloudfront-url" if action == INVOKE_URL else "cloudfront-invoke"


def command_of(report: Report, code: str) -> str:
    """Give the command that fixes a finding."""
    return next(each.fault.fix.command for each in report.outcomes if each.fault and each.check.code == code)


@pytest.mark.parametrize("path", [None, "/chat"])
def test_public_url_becomes_private_and_works_after_each_step(world: World, paste: Paste, path: str | None) -> None:
    """Each step leaves the site working, AWS_IAM comes last, and behaviors that nobody asked about are kept in mind."""
    make_public(world)
    before = world.look(path)
    assert found(before) == {"EH301": "note"}

    steps = switching.needed(CheckContext(before.facts, before.facts.behaviors[0]))
    assert [step.what for step in steps] == [
        "a permission of CloudFront for lambda:InvokeFunctionUrl",
        "a permission of CloudFront for lambda:InvokeFunction",
        "an origin access control for Lambda that signs always",
        "Edge Hasher on /chat*, /upload*",
    ]
    for step in steps:
        paste(step.command)
        assert not {code for code, severity in found(world.look()).items() if severity == "broken"}
    paste(command_of(world.look(path), "EH301"))

    assert found(world.look()) == {}
    assert world.agents.get_function_url_config(FunctionName=world.agent_name)["AuthType"] == "AWS_IAM"


def test_whole_switch_is_one_command(world: World, paste: Paste) -> None:
    """What the report prints does all of it."""
    make_public(world)

    paste(command_of(world.look(), "EH301"))

    assert found(world.look()) == {}


def test_switch_stops_where_a_person_must_do_a_part(world: World, paste: Paste) -> None:
    """Where another function is in the way, the command does not switch: it says what is next."""
    world.associate(world.function("rewrite"))
    public(INVOKE_URL, INVOKE)(world)

    said = paste(command_of(world.look("/chat"), "EH301"))

    assert "next: a digest from the function that is on /chat* already; then: aws lambda update-function-url" in said
    assert world.agents.get_function_url_config(FunctionName=world.agent_name)["AuthType"] == "NONE"


def test_behaviors_that_were_not_asked_about_are_not_forgotten(world: World, paste: Paste) -> None:
    """With --path, another behavior of the same URL may have a function that does not hash: look first."""
    make_public(world)
    world.edit(
        lambda config: config["CacheBehaviors"]["Items"][1].update(
            LambdaFunctionAssociations=listing(
                [{"LambdaFunctionARN": world.version_arn, "EventType": "origin-request", "IncludeBody": True}]
            )
        )
    )

    said = paste(command_of(world.look("/chat"), "EH301"))

    assert "next: a look at /upload* too, without --path; then: aws lambda update-function-url-config" in said
    assert world.agents.get_function_url_config(FunctionName=world.agent_name)["AuthType"] == "NONE"
    paste(command_of(world.look(), "EH301"))
    assert found(world.look()) == {}


def test_every_origin_of_the_url_is_signed_for(world: World, paste: Paste) -> None:
    """Two origins may lead to one URL: both need the signature before the switch."""
    make_public(world)

    def two(config: Json) -> None:
        other = agent(config) | {"Id": "agent-for-uploads"}
        config["Origins"] = listing([*config["Origins"]["Items"], other])
        config["CacheBehaviors"]["Items"][1]["TargetOriginId"] = "agent-for-uploads"

    world.edit(two)

    paste(command_of(world.look(), "EH301"))

    assert found(world.look()) == {}


def test_public_url_without_its_permissions_is_opened_or_closed_for_good(world: World, paste: Paste) -> None:
    """A public URL that lets nobody in: where all is ready for a private one, the fix makes it private."""
    world.agents.update_function_url_config(FunctionName=world.agent_name, AuthType="NONE")
    ready = world.look()
    assert found(ready) == {"EH301": "risky", "EH302": "broken", "EH303": "broken"}

    paste(command_of(ready, "EH302"))
    assert found(world.look()) == {}

    make_public(world)
    for sid in ("public-InvokeFunctionUrl", "public-InvokeFunction"):
        world.agents.remove_permission(FunctionName=world.agent_name, StatementId=sid)
    for code in ("EH302", "EH303"):
        paste(command_of(world.look(), code))
    assert found(world.look()) == {"EH301": "note"}


def test_path_that_leads_elsewhere_gets_a_behavior_of_its_own(world: World, paste: Paste) -> None:
    """The page keeps its behavior and its origin; only this path leads to Lambda, and it is all right there."""
    paste(command_of(world.look("/api/users"), "EH101"))

    assert found(world.look("/api/users")) == {}
    assert found(world.look("/index.html")) == {"EH101": "broken"}
    config = world.cloudfront.get_distribution_config(Id=world.id)["DistributionConfig"]
    assert config["DefaultCacheBehavior"]["TargetOriginId"] == "page"
    assert [each["PathPattern"] for each in config["CacheBehaviors"]["Items"]] == ["/api/users", "/chat*", "/upload*"]


def test_path_behind_an_origin_group_gets_a_behavior_of_its_own(world: World, paste: Paste) -> None:
    """POST cannot be allowed on a group: the path leads past it, and the rest still has its failover."""
    members = listing([{"OriginId": "agent"}, {"OriginId": "page"}])
    group = {"Id": "group", "FailoverCriteria": {"StatusCodes": listing([500])}, "Members": members}

    def put(config: Json) -> None:
        config["OriginGroups"] = listing([group])
        chat(config).update(TargetOriginId="group", AllowedMethods=READ)

    world.edit(put)
    report = world.look("/chat")
    assert found(report) == {"EH102": "broken"}
    assert "the origin group group" in str([each.fault for each in report.outcomes if each.fault])

    paste(command_of(report, "EH102"))

    assert found(world.look("/chat")) == {}
    assert [each.origin_group for each in world.look("/chat/1").facts.behaviors] == ["group"]


@pytest.mark.parametrize("taken", [False, True])
def test_error_page_goes_and_the_pages_go_on(world: World, paste: Paste, *, taken: bool) -> None:
    """Deep links of the page get it from a function; where another function is in the way, nothing is changed."""
    entry = {"ErrorCode": 403, "ResponsePagePath": "/index.html", "ResponseCode": "200"}
    world.edit(lambda config: config.update(CustomErrorResponses=listing([entry])))
    if taken:
        there = [{"LambdaFunctionARN": world.version_arn, "EventType": "viewer-request", "IncludeBody": False}]
        world.edit(lambda config: config["DefaultCacheBehavior"].update(LambdaFunctionAssociations=listing(there)))
    command = command_of(world.look(), "EH105")
    if taken:
        assert command == "edge-hasher explain EH105"
        return

    paste(command)

    assert found(world.look()) == {}
    config = world.cloudfront.get_distribution_config(Id=world.id)["DistributionConfig"]
    (function,) = config["DefaultCacheBehavior"]["FunctionAssociations"]["Items"]
    assert function["EventType"] == "viewer-request"
    code = world.cloudfront.get_function(Name=function["FunctionARN"].rpartition("/")[2], Stage="LIVE")["FunctionCode"]
    assert b'request.uri = "/index.html"' in code.read()


@pytest.mark.parametrize("make", ["gone", "elsewhere"])
def test_function_of_another_name_is_replaced(world: World, paste: Paste, make: str) -> None:
    """A function that is gone, or in another Region, may have had another name than the deployed one."""
    if make == "gone":
        world.associate(f"{world.version_arn.rpartition(':function:')[0]}:function:old-hasher:7")
    else:
        world.associate(world.function("old-hasher", client=world.far, Handler=OWN_HANDLER))
    code = "EH607" if make == "gone" else "EH606"
    report = world.look("/chat")
    assert found(report) == {code: "broken"}

    paste(command_of(report, code).removeprefix(f"{distribution.REDEPLOY} && "))

    assert found(world.look("/chat")) == {}


def test_configuration_may_be_longer_than_an_argument() -> None:
    """75 behaviors with all their settings go through a file: an argument takes 128 KiB."""
    behavior = {"PathPattern": "/chat*", "Compress": True, "Comment": "x" * 4000}
    items = [behavior | {"PathPattern": f"/{number}*"} for number in range(74)]
    config = {"CacheBehaviors": {"Items": [*items, behavior]}, "DefaultCacheBehavior": {}}
    written: list[Json] = []

    def aws(words: list[str]) -> str:
        if words[1] == "update-distribution":
            written.append(json.loads(Path(words[words.index("--distribution-config") + 1][7:]).read_text()))
        return json.dumps({"ETag": "E1", "DistributionConfig": config})

    facts = with_behavior(compresses=True)
    command = distribution.edit(CheckContext(facts, facts.behaviors[0]), ".Comment = $it", jq_options="--arg it done ")
    with shell({"aws": aws}) as run:
        run(command)

    assert written == [config | {"Comment": "done"}]
    assert len(json.dumps(written)) > 2 * 128 * 1024
