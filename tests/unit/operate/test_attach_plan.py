"""The planner: what attach, detach and restore would change, and that they would change nothing else."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import botocore.session
import pytest
from botocore.validate import ParamValidator
from hypothesis import given
from hypothesis import strategies as st

from edge_hasher.aws.configuration import differences, same
from edge_hasher.aws.errors import OperateError
from edge_hasher.operate.attach.backup import Backup
from edge_hasher.operate.attach.plan import Attach, Detach, Restore
from tests.support.aws.distribution_configs import (
    ARN,
    FUNCTION,
    OLDER_ARN,
    OTHER_ARN,
    SECRET,
    association,
    behavior,
    config,
    distribution,
    listing,
    many_behaviors,
    viewer_function,
    xml_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge_hasher.operate.attach.plan import Plan
    from tests.support.aws.distribution_configs import Config

WANTED = {"Quantity": 1, "Items": [association()]}


def attach(settings: Config, *paths: str, replace: bool = False) -> Plan:
    """Plan to attach the function."""
    return Attach(paths=paths, arn=ARN, replace=replace).plan(distribution(settings))


def detach(settings: Config, *paths: str, arn: str | None = None) -> Plan:
    """Plan to detach the function."""
    return Detach(paths=paths, function_name=FUNCTION, arn=arn).plan(distribution(settings))


def cache_behaviors(settings: Config) -> list[Config]:
    """Give the behaviors that have a path."""
    return list(settings["CacheBehaviors"].get("Items", []))


@pytest.mark.parametrize("settings", [config(), many_behaviors(), config(staging=True)])
def test_configurations_have_the_shape_of_the_api(settings: Config) -> None:
    """What these tests plan on is what the CloudFront API gives and takes."""
    model = botocore.session.get_session().get_service_model("cloudfront")
    report = ParamValidator().validate(settings, model.shape_for("DistributionConfig"))
    assert not report.has_errors(), report.generate_report()


def test_default_behavior_only() -> None:
    """With the default behavior alone, '*' names it, and only its function association changes."""
    before = config()
    plan = attach(before, "*")
    expected = copy.deepcopy(before)
    expected["DefaultCacheBehavior"]["LambdaFunctionAssociations"] = WANTED
    assert plan.after == expected
    assert [change.path for change in plan.changes] == ["default (*)"]


@pytest.mark.parametrize("place", [0, 3, 12, 24])
def test_one_of_twenty_five_behaviors(place: int) -> None:
    """Among 25 behaviors the named one changes, and no other, nor their order."""
    before = many_behaviors()
    plan = attach(before, f"/part-{place}/*")
    for number, (old, new) in enumerate(zip(cache_behaviors(before), cache_behaviors(plan.after), strict=True)):
        if number == place:
            assert association() in new["LambdaFunctionAssociations"]["Items"]
            assert {**old, "LambdaFunctionAssociations": None} == {**new, "LambdaFunctionAssociations": None}
        else:
            assert old == new
    assert {**before, "CacheBehaviors": None} == {**plan.after, "CacheBehaviors": None}


@pytest.mark.parametrize("plan", [attach, detach])
def test_the_plan_leaves_what_was_read_alone(plan: Callable[..., Plan]) -> None:
    """Planning changes nothing in place."""
    before = config([behavior("/a*", [association(OLDER_ARN)])])
    read = copy.deepcopy(before)
    assert plan(before, "/a*").changes
    assert before == read


def test_other_associations_stay() -> None:
    """Functions of other events and CloudFront Functions of the viewer events stay as they are."""
    others = [association(OTHER_ARN, "viewer-request"), association(OTHER_ARN, "origin-response", include_body=False)]
    before = config([behavior("/chat*", others, [viewer_function(), viewer_function("viewer-response")])])
    after = cache_behaviors(attach(before, "/chat*").after)[0]
    assert after["LambdaFunctionAssociations"] == listing([*others, association()])
    assert after["FunctionAssociations"] == cache_behaviors(before)[0]["FunctionAssociations"]


def test_another_function_is_not_displaced() -> None:
    """Another origin-request function is named and refused."""
    before = config([behavior("/chat*", [association(OTHER_ARN)])])
    with pytest.raises(OperateError, match=r"/chat\* has another origin-request function, .*jwt-check:7.*--replace"):
        attach(before, "/chat*")


def test_replace_displaces_it_in_its_place() -> None:
    """--replace puts the function where the other one was."""
    last = association(OTHER_ARN, "viewer-response", include_body=False)
    before = config([behavior("/chat*", [association(OTHER_ARN), last])])
    after = cache_behaviors(attach(before, "/chat*", replace=True).after)[0]
    assert after["LambdaFunctionAssociations"] == listing([association(), last])


def test_one_refusal_stops_the_whole_plan() -> None:
    """When one of two behaviors refuses, neither is planned."""
    before = config([behavior("/chat*"), behavior("/upload*", [association(OTHER_ARN)])])
    with pytest.raises(OperateError):
        attach(before, "/chat*", "/upload*")


def test_an_older_version_is_updated() -> None:
    """An older version of the same function is no other function."""
    before = config([behavior("/chat*", [association(OLDER_ARN)])])
    plan = attach(before, "/chat*")
    assert cache_behaviors(plan.after)[0]["LambdaFunctionAssociations"] == WANTED
    assert plan.changes[0].before is not None
    assert plan.changes[0].before.function_arn == OLDER_ARN


def test_include_body_is_turned_on() -> None:
    """The same version without the body is not as wanted."""
    before = config([behavior("/chat*", [association(include_body=False)])])
    assert cache_behaviors(attach(before, "/chat*").after)[0]["LambdaFunctionAssociations"] == WANTED


def test_attached_already_is_nothing_to_do() -> None:
    """A second attach finds nothing to do."""
    once = attach(config([behavior("/chat*")]), "/chat*").after
    plan = attach(once, "/chat*")
    assert plan.is_empty
    assert plan.already == ("/chat*",)
    assert not plan.changes


@pytest.mark.parametrize("path", ["/chat*", "chat*"])
def test_a_leading_slash_makes_no_difference(path: str) -> None:
    """A pattern is found with and without its slash, as CloudFront reads it."""
    assert attach(config([behavior("/chat*")]), path).changes[0].path == "/chat*"
    assert attach(config([behavior("chat*")]), path).changes[0].path == "chat*"


def test_a_behavior_named_twice_is_planned_once() -> None:
    """Two spellings of one pattern are one change."""
    assert len(attach(config([behavior("/chat*")]), "/chat*", "chat*", "/chat*").changes) == 1


@pytest.mark.parametrize("path", ["/Chat*", "/chat", "/chat/*", "", "/"])
def test_an_unknown_path_lists_those_that_exist(path: str) -> None:
    """Patterns are compared whole and by case; the message lists what there is."""
    before = config([behavior("/chat*"), behavior("/upload*")])
    with pytest.raises(OperateError, match=r"'/chat\*', '/upload\*', '\*' \(the default\)") as refused:
        attach(before, "/upload*", path)
    assert repr(path) in str(refused.value)


def test_a_behavior_for_a_star_is_not_the_default_one() -> None:
    """Where a cache behavior has the pattern *, that one is meant; `default` still means the default one."""
    before = config([behavior("*")])
    assert attach(before, "*").changes[0].path == "*"
    assert attach(before, "default").changes[0].path == "default (*)"


def test_a_star_is_the_default_one_beside_a_pattern_for_everything() -> None:
    """Where a cache behavior has the pattern /*, '*' is still the default one, and /* is that one."""
    before = config([behavior("/*")])
    assert attach(before, "*").changes[0].path == "default (*)"
    assert attach(before, "/*").changes[0].path == "/*"
    assert attach(config([behavior("/a*")]), "/*").changes[0].path == "default (*)"


def test_attach_without_a_path_lists_them() -> None:
    """Nothing is attached everywhere by accident."""
    with pytest.raises(OperateError, match=r"--path.*'/chat\*'"):
        attach(config([behavior("/chat*")]))


def test_detach_without_a_path_takes_all_of_ours() -> None:
    """Every version of the function goes, from every behavior; functions of others stay."""
    before = config(
        [behavior("/a*", [association()]), behavior("/b*", [association(OTHER_ARN)])],
        default=behavior(None, [association(OLDER_ARN)]),
    )
    plan = detach(before)
    assert [change.path for change in plan.changes] == ["/a*", "default (*)"]
    assert cache_behaviors(plan.after)[1] == cache_behaviors(before)[1]


def test_detach_of_one_version_leaves_the_others() -> None:
    """With --function-arn only that version goes."""
    before = config([behavior("/a*", [association()]), behavior("/b*", [association(OLDER_ARN)])])
    assert [change.path for change in detach(before, arn=OLDER_ARN).changes] == ["/b*"]


def test_detach_never_takes_another_function() -> None:
    """Even a named path keeps a function that is not ours."""
    before = config([behavior("/b*", [association(OTHER_ARN)])])
    plan = detach(before, "/b*")
    assert plan.is_empty
    assert plan.already == ("/b*",)


def test_detach_leaves_other_events_and_says_so() -> None:
    """The function at another event stays, with a note."""
    before = config([behavior("/a*", [association(), association(event="viewer-request")])])
    plan = detach(before)
    assert cache_behaviors(plan.after)[0]["LambdaFunctionAssociations"]["Items"] == [
        association(event="viewer-request")
    ]
    assert any("viewer-request" in note for note in plan.notes)


def test_notes_on_staging_and_disabled_distributions() -> None:
    """A staging, a primary and a disabled distribution are told."""
    assert any("staging" in note for note in attach(config(staging=True), "*").notes)
    primary = config() | {"ContinuousDeploymentPolicyId": "12345678-1234-1234-1234-123456789012"}
    assert any("continuous deployment" in note for note in attach(primary, "*").notes)
    assert any("disabled" in note for note in attach(config() | {"Enabled": False}, "*").notes)
    assert not attach(config(), "*").notes


def backup(before: Config, planned: Config, distribution_id: str = "EDFDVBD6EXAMPLE") -> Backup:
    """Give a backup as `attach` writes it."""
    return Backup(
        path=Path("b.json"),
        distribution_id=distribution_id,
        etag="E1",
        xml=xml_of(before),
        planned_xml=xml_of(planned),
    )


def test_restore_gives_back_what_was_there() -> None:
    """The plan of a restore ends in the saved configuration, whole."""
    before = config([behavior("/chat*")])
    planned = attach(before, "/chat*").after
    assert Restore(backup=backup(before, planned)).plan(distribution(planned)).after == before


def test_restore_refuses_the_file_of_another_distribution() -> None:
    """A file is for one distribution."""
    with pytest.raises(OperateError, match="EANOTHER"):
        Restore(backup=backup(config(), config(), "EANOTHER")).plan(distribution(config()))


def test_restore_refuses_to_undo_what_others_did_since() -> None:
    """Changes since then are listed, and undone only with --replace."""
    before = config([behavior("/chat*")])
    planned = attach(before, "/chat*").after
    now = planned | {"Comment": "changed since"}
    with pytest.raises(OperateError, match="changed since") as refused:
        Restore(backup=backup(before, planned)).plan(distribution(now))
    assert any("Comment" in line for line in refused.value.lines)
    assert Restore(backup=backup(before, planned), replace=True).plan(distribution(now)).after == before


def test_restored_already_is_nothing_to_do() -> None:
    """A second restore finds nothing to do."""
    before = config([behavior("/chat*")])
    assert Restore(backup=backup(before, attach(before, "/chat*").after)).plan(distribution(before)).is_empty


def test_secrets_are_not_shown_in_differences() -> None:
    """Values of origin custom headers are hidden, be they changed, added or taken away."""
    before, after = config(), config()
    after["Origins"]["Items"][0]["CustomHeaders"]["Items"][0]["HeaderValue"] = SECRET + "2"
    del after["Origins"]["Items"][1]
    after["Origins"]["Quantity"] = 1
    for one, other in ((before, after), (after, before)):
        found = differences(one, other)
        assert len(found) == 2
        assert SECRET not in str(found)


def test_order_matters_for_behaviors_alone() -> None:
    """Methods in another order are the same; behaviors in another order are not, as CloudFront asks them in turn."""
    one = config([behavior("/a*"), behavior("/b*")])
    methods = copy.deepcopy(one)
    methods["DefaultCacheBehavior"]["AllowedMethods"]["Items"].reverse()
    methods["Origins"]["Items"].reverse()
    assert same(one, methods)
    turned = copy.deepcopy(one)
    turned["CacheBehaviors"]["Items"].reverse()
    assert not same(one, turned)
    assert [each.where for each in differences(one, turned)] == ["CacheBehaviors (order)"]


EVENTS = ("viewer-request", "viewer-response", "origin-response")
OTHERS = st.lists(st.sampled_from(EVENTS), unique=True).map(
    lambda events: [association(OTHER_ARN, event, include_body=event == "viewer-request") for event in events]
)
VIEWERS = st.lists(st.sampled_from(("viewer-request", "viewer-response")), unique=True).map(
    lambda events: [viewer_function(event) for event in events]
)
PATHS = st.lists(st.sampled_from([f"/{name}*" for name in "abcdefgh"]), unique=True, max_size=8)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Config, list[str]]:
    """Draw a configuration without an origin-request function, and some of its paths."""
    parts = [behavior(path, draw(OTHERS), draw(VIEWERS)) for path in draw(PATHS)]
    settings = config(parts, default=behavior(None, draw(OTHERS), draw(VIEWERS)), staging=draw(st.booleans()))
    paths = draw(st.lists(st.sampled_from([*(part["PathPattern"] for part in parts), "*"]), min_size=1, unique=True))
    return settings, paths


def without_the_association(settings: Config, paths: list[str]) -> Config:
    """Take the wanted association out of the named behaviors by hand, asserting that it is there once."""
    rest: Config = copy.deepcopy(settings)
    named: list[Any] = [part for part in cache_behaviors(rest) if part["PathPattern"] in paths]
    for part in [*named, *([rest["DefaultCacheBehavior"]] if "*" in paths else [])]:
        items = part["LambdaFunctionAssociations"]["Items"]
        assert items.count(association()) == 1
        part["LambdaFunctionAssociations"] = listing(item for item in items if item != association())
    return rest


@given(cases())
def test_nothing_but_the_intended_association_differs(case: tuple[Config, list[str]]) -> None:
    """Whatever the configuration, taking the association out by hand leaves exactly what was there."""
    before, paths = case
    plan = attach(before, *paths)
    assert without_the_association(plan.after, paths) == before
    assert len(plan.changes) == len(paths)


@given(cases())
def test_attach_then_detach_gives_back_the_original(case: tuple[Config, list[str]]) -> None:
    """Detach is attach backwards, by path and for all behaviors."""
    before, paths = case
    attached = attach(before, *paths).after
    assert detach(attached, *paths).after == before
    assert detach(attached).after == before
