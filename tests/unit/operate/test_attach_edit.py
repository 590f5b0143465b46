"""The edit of a configuration's XML: attach then detach gives the same bytes, whatever else stands in it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_hasher.aws import distribution_xml
from edge_hasher.aws.configuration import behaviors
from edge_hasher.aws.xml_elements import parse
from edge_hasher.operate.attach.edit import PlannedAssociation, with_functions
from edge_hasher.operate.attach.plan import origin_request
from tests.support.aws.distribution_configs import ARN, OLDER_ARN, OTHER_ARN

WANTED = PlannedAssociation(function_arn=ARN, include_body=True)
DEFAULT = "default (*)"
VIEWER = (
    "<LambdaFunctionAssociation><LambdaFunctionARN>" + OTHER_ARN + "</LambdaFunctionARN>"
    "<EventType>viewer-request</EventType><New>1</New></LambdaFunctionAssociation>"
)
# How servers write no functions, and functions of other events.
LISTS = st.sampled_from(
    [
        "",
        "<LambdaFunctionAssociations><Quantity>0</Quantity></LambdaFunctionAssociations>",
        "<LambdaFunctionAssociations>\n    <Quantity>0</Quantity>\n  </LambdaFunctionAssociations>",
        "<LambdaFunctionAssociations><Quantity>0</Quantity><Items /></LambdaFunctionAssociations>",
        f"<LambdaFunctionAssociations><Quantity>1</Quantity><Items>{VIEWER}</Items></LambdaFunctionAssociations>",
        f"<LambdaFunctionAssociations><Items>\n {VIEWER}\n </Items><Quantity>1</Quantity></LambdaFunctionAssociations>",
        f"<LambdaFunctionAssociations x='1'><Quantity>1</Quantity><Items>{VIEWER}</Items></LambdaFunctionAssociations>",
    ]
)
UNKNOWN = st.sampled_from(
    ["", "<New/>", "<New a='>'><Deep>&amp;é</Deep></New >", "<!-- > -->", "\n  ", "<New><Quantity>0</Quantity></New>"]
)
PATHS = st.lists(st.sampled_from(["/a*", "/b&amp;c/*", "404", "true", "*"]), unique=True, max_size=4)


@st.composite
def documents(draw: st.DrawFn) -> tuple[bytes, list[str]]:
    """Draw a configuration with elements that nobody knows, and the labels of some of its behaviors."""
    paths = draw(PATHS)

    def behavior(name: str, path: str = "") -> str:
        pattern = f"<PathPattern>{path}</PathPattern>" if path else ""
        return (
            f"<{name}>{pattern}<TargetOriginId>a</TargetOriginId>{draw(UNKNOWN)}{draw(LISTS)}{draw(UNKNOWN)}</{name}>"
        )

    items = "".join(behavior("CacheBehavior", path) for path in paths)
    listed = f"<Quantity>{len(paths)}</Quantity>" + (f"<Items>{items}</Items>" if paths else "")
    text = (
        f"<?xml version='1.0'?><DistributionConfig>{draw(UNKNOWN)}{behavior('DefaultCacheBehavior')}{draw(UNKNOWN)}"
        f"<CacheBehaviors>{listed}</CacheBehaviors>{draw(UNKNOWN)}</DistributionConfig>"
    )
    labels = [path.replace("&amp;", "&") for path in paths]
    return text.encode(), draw(st.lists(st.sampled_from([*labels, DEFAULT]), min_size=1, unique=True))


@given(documents())
def test_attach_then_detach_gives_the_same_bytes(case: tuple[bytes, list[str]]) -> None:
    """Whatever the configuration; in between, the named behaviors have the function, and the lists are whole."""
    before, labels = case
    attached = with_functions(before, dict.fromkeys(labels, WANTED))
    config = distribution_xml.checked(distribution_xml.read(attached))
    now = {each.label: origin_request(each) for each in behaviors(config)}
    assert {label for label, function in now.items() if function == WANTED} == set(labels)
    assert with_functions(attached, dict.fromkeys(labels)) == before


@given(documents())
def test_nothing_outside_the_associations_is_touched(case: tuple[bytes, list[str]]) -> None:
    """With the lists of associations cut out, the bytes are those from before."""
    before, labels = case
    attached = with_functions(before, dict.fromkeys(labels, WANTED))

    def rest(document: bytes) -> bytes:
        return re.sub(rb"(?s)<LambdaFunctionAssociations.*?</LambdaFunctionAssociations>", b"", document)

    assert rest(attached) == rest(before)


@given(documents())
def test_another_version_takes_the_place(case: tuple[bytes, list[str]]) -> None:
    """A change of the version changes the ARN, in its place, and back again."""
    before, labels = case
    older = PlannedAssociation(function_arn=OLDER_ARN, include_body=False)
    with_older = with_functions(before, dict.fromkeys(labels, older))
    attached = with_functions(before, dict.fromkeys(labels, WANTED))
    assert with_functions(with_older, dict.fromkeys(labels, WANTED)) == attached
    assert with_functions(attached, dict.fromkeys(labels, older)) == with_older


@pytest.mark.parametrize(
    "written",
    [
        "<cf:LambdaFunctionAssociations/>",
        "<cf:LambdaFunctionAssociations></cf:LambdaFunctionAssociations>",
        "<cf:LambdaFunctionAssociations><cf:Quantity/><cf:Items/></cf:LambdaFunctionAssociations>",
    ],
)
def test_odd_ways_of_writing_no_functions(written: str) -> None:
    """A list that is empty in another way is filled, in the namespace around it; detach leaves an empty list."""
    start, end = b"<cf:DistributionConfig xmlns:cf='c'><cf:DefaultCacheBehavior>", b"</cf:DefaultCacheBehavior>"
    before = start + written.encode() + end + b"</cf:DistributionConfig>"
    attached = with_functions(before, {DEFAULT: WANTED})
    (behavior,) = behaviors(distribution_xml.checked(distribution_xml.read(attached)))
    assert origin_request(behavior) == WANTED
    assert all(each.tag.startswith("cf:") for each in parse(attached).children[0].children)
    (behavior,) = behaviors(distribution_xml.checked(distribution_xml.read(with_functions(attached, {DEFAULT: None}))))
    assert origin_request(behavior) is None


def test_a_change_keeps_what_nobody_knows_of_an_association() -> None:
    """Only the function and its body switch change; a new element of the association stays."""
    item = "<L><LambdaFunctionARN/><EventType>origin-request</EventType><New>1</New></L>"
    before = (
        "<DistributionConfig><DefaultCacheBehavior><LambdaFunctionAssociations><Quantity>1</Quantity><Items>"
        + item
        + "</Items></LambdaFunctionAssociations></DefaultCacheBehavior></DistributionConfig>"
    )
    after = with_functions(before.encode(), {DEFAULT: WANTED}).decode()
    assert f"<LambdaFunctionARN>{ARN}</LambdaFunctionARN><EventType>origin-request</EventType><New>1</New>" in after
    assert "<IncludeBody>true</IncludeBody></L>" in after
