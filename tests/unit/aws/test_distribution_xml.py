"""A distribution's XML: what it says, with and without botocore's model, and that an edit changes nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_hasher.aws import distribution_xml
from edge_hasher.aws.configuration import same
from edge_hasher.aws.xml_elements import Edit, edited, parse
from tests.support.aws.distribution_configs import association, behavior, config, many_behaviors, xml_of

if TYPE_CHECKING:
    from edge_hasher.aws.xml_elements import Element

NAMESPACE = b'xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"'


def document(content: bytes) -> bytes:
    """Give a whole configuration with this in its default behavior."""
    return (
        b"<DistributionConfig><DefaultCacheBehavior>"
        + content
        + b"</DefaultCacheBehavior><CacheBehaviors><Quantity>0</Quantity></CacheBehaviors></DistributionConfig>"
    )


@pytest.mark.parametrize("settings", [config(), many_behaviors(), config([behavior("/a*", [association()])])])
def test_what_botocore_wrote_is_read_as_it_was(settings: dict[str, Any]) -> None:
    """Without a model, the same values come out: lists, numbers, switches and empty texts."""
    assert distribution_xml.read(xml_of(settings)) == settings


def test_texts_of_people_stay_texts() -> None:
    """A comment or a path that reads as a number or a switch is still a text."""
    settings = config([behavior("404")]) | {"Comment": "true", "CallerReference": "2026"}
    found = distribution_xml.read(xml_of(settings))
    assert (found["Comment"], found["CallerReference"]) == ("true", "2026")
    assert found["CacheBehaviors"]["Items"][0]["PathPattern"] == "404"


def test_what_nobody_knows_is_read_too() -> None:
    """An element that no model has is a part of the configuration; a change of it is a difference."""
    one, other = (
        distribution_xml.read(document(b"<New><Mode>a</Mode><Mode>" + mode + b"</Mode></New><X y='1'>z</X>"))
        for mode in (b"b", b"c")
    )
    assert one["DefaultCacheBehavior"]["New"] == {"Mode": ["a", "b"]}
    assert not same(one, other)
    assert not same(one, distribution_xml.read(document(b"<New><Mode>a</Mode><Mode>b</Mode></New><X y='2'>z</X>")))


def test_the_configuration_is_cut_out_of_its_answer() -> None:
    """Byte for byte, but for a namespace that was declared on the outer element alone."""
    inner = document(b"<A  b = '>'/><!-- c --><D><![CDATA[<]]></D >")
    answer = b'<?xml version="1.0"?>\n<Distribution ' + NAMESPACE + b"><Id>E1</Id>" + inner + b"</Distribution>"
    head = b"<DistributionConfig"
    assert distribution_xml.within(answer) == head + b" " + NAMESPACE + inner.removeprefix(head)
    declared = inner.replace(head, head + b" " + NAMESPACE, 1)
    assert distribution_xml.within(b"<Distribution>" + declared + b"</Distribution>") == declared


GOOD = document(b"<A/>")
SECRET = b"s3cr3t"
BAD = {
    "nothing": b"",
    "half": b"<Distribution>" + GOOD[:-30],
    "a page": b"<html><body>s3cr3t<br></body></html>",
    "another document": b"<Other>" + GOOD + b"</Other>",
    "no configuration": b"<Distribution><Id>s3cr3t</Id></Distribution>",
    "no default behavior": b"<Distribution><DistributionConfig><A>s3cr3t</A></DistributionConfig></Distribution>",
    "an entity": b'<!DOCTYPE a [<!ENTITY e "s3cr3t">]><Distribution>&e;' + GOOD + b"</Distribution>",
    "an outside entity": b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><Distribution>' + GOOD + b"</Distribution>",
    "another encoding": ('<?xml version="1.0"?><Distribution>s3cr3t\xe9' + GOOD.decode() + "</Distribution>").encode(
        "latin-1"
    ),
    "a list that is not whole": b"<Distribution>"
    + GOOD.replace(b"<Quantity>0</Quantity>", b"<Quantity>1</Quantity>")
    + b"</Distribution>",
    "an association of nothing": b"<Distribution>"
    + document(
        b"<LambdaFunctionAssociations><Quantity>1</Quantity><Items><L><EventType>s3cr3t</EventType></L></Items>"
        b"</LambdaFunctionAssociations>"
    )
    + b"</Distribution>",
}


@pytest.mark.parametrize("answer", BAD.values(), ids=BAD)
def test_an_answer_of_another_shape_is_refused(answer: bytes) -> None:
    """Half a document, a page, an entity and a list that is not whole are errors, and the errors quote nothing."""
    with pytest.raises((ValueError, LookupError)) as refused:
        distribution_xml.within(answer)
    assert SECRET.decode() not in str(refused.value)


NAMES = st.sampled_from(["a", "b:c", "Items", "Quantity"])
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="<>&\ufffe\uffff"))
GAPS = st.sampled_from(["", " ", "\n  ", "<!-- > -->", "<?p > ?>", "<![CDATA[</a>]]>", "&lt;", "&#233;"])


@st.composite
def elements(draw: st.DrawFn, depth: int = 3) -> str:
    """Draw an element in any way of writing it."""
    tag, gap = draw(NAMES), draw(st.sampled_from(["", " ", "\n"]))
    quote = draw(st.sampled_from("'\""))
    attribute = draw(st.sampled_from(["", f" x={quote}>/{quote}"]))
    if draw(st.booleans()):
        return f"<{tag}{attribute}{gap}/>"
    count = draw(st.integers(0, 3 if depth else 0))
    parts = [part for _ in range(count) for part in (draw(GAPS), draw(elements(depth=depth - 1)))]
    return f"<{tag}{attribute}>{''.join(parts)}{draw(TEXTS)}</{tag}{gap}>"


def every(element: Element) -> list[Element]:
    """List an element and all within it."""
    return [element, *(each for child in element.children for each in every(child))]


@given(elements())
def test_places_are_those_of_the_bytes(text: str) -> None:
    """Whatever the way of writing, an element's bytes are a document that says the same, and its inside has no tags."""
    data = text.encode()
    for element in every(parse(data)):
        own = data[element.start : element.end]
        again = parse(own)
        assert (again.tag, again.text, len(every(again))) == (element.tag, element.text, len(every(element)))
        assert own.startswith(b"<" + element.tag.encode())
        assert element.is_self_closing == own.endswith(b"/>")
    assert edited(data, []) == data


def test_edits_replace_their_bytes_alone() -> None:
    """Edits come in any order; two at one place keep theirs."""
    assert (
        edited(b"0123456789", [Edit(8, 9, b"x"), Edit(2, 2, b"a"), Edit(2, 2, b"b"), Edit(4, 6, b"")]) == b"01ab2367x9"
    )
