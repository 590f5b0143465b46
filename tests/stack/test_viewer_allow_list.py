"""The examples' CloudFront Function, under node: who is admitted, and x-forwarded-host."""

import ipaddress
import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.stack.plain_template import template_of

# Documented: "Quotas on CloudFront Functions".
CODE_LIMIT_BYTES = 10 * 1024
PLACEHOLDER = "${AllowedSourceRanges}"

# Runs the code anew for each line of input, as CloudFront does for each request, and prints what it returns.
HARNESS = """
const vm = require('node:vm');
const code = process.argv[1];
require('node:readline').createInterface({input: process.stdin}).on('line', line => {
  const {ranges, event} = JSON.parse(line);
  const context = vm.createContext({});
  vm.runInContext(code.replace('${AllowedSourceRanges}', () => ranges), context);
  const answer = context.handler(event);
  console.log(JSON.stringify({admitted: answer === event.request, answer}));
});
"""

Ask = Callable[..., dict[str, Any]]
HOST = {"host": {"value": "chat.example.com"}}


@pytest.fixture(scope="module")
def template(root: Path) -> Any:
    """Give the template as it is written."""
    return template_of(root / "examples/streaming-agent/template.yaml")


@pytest.fixture(scope="module")
def code(template: Any) -> str:
    """Give the function's code, with the place where the ranges go."""
    return str(template["Resources"]["ViewerRequest"]["Properties"]["FunctionCode"])


@pytest.fixture(scope="module")
def ask(code: str) -> Iterator[Ask]:
    """Give a function that runs the code for one viewer; skips where there is no node."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no node on this machine")
    with subprocess.Popen([node, "-e", HARNESS, code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as js:
        assert js.stdin is not None
        assert js.stdout is not None
        stdin, stdout = js.stdin, js.stdout

        def ask_one(ranges: str, address: str, headers: Any = HOST) -> dict[str, Any]:
            request = {"method": "POST", "uri": "/chat", "querystring": {}, "headers": headers, "cookies": {}}
            event = {"version": "1.0", "viewer": {"ip": address}, "request": request}
            stdin.write(json.dumps({"ranges": ranges, "event": event}) + "\n")
            stdin.flush()
            answer: dict[str, Any] = json.loads(stdout.readline())
            return answer

        yield ask_one


def test_code_is_within_what_cloudfront_takes(code: str) -> None:
    """Small enough with the longest parameter, and one place for the ranges."""
    assert len(code.encode()) + 4096 <= CODE_LIMIT_BYTES
    assert code.count("${") == 1
    assert PLACEHOLDER in code


def test_code_keeps_to_the_language_of_the_runtime(code: str, template: Any) -> None:
    """cloudfront-js-2.0 is ES 5.1 with let, const and arrow functions: none of what it lacks (documented)."""
    assert template["Resources"]["ViewerRequest"]["Properties"]["FunctionConfig"]["Runtime"] == "cloudfront-js-2.0"
    lacking = [
        r"\bfor \(.* of ",
        r"\bclass\b",
        r"\bimport\b",
        r"\.\.\.",
        r"(const|let|var) [\[{]",
        r"\d+n\b",
        r"\?\?|\?\.",
    ]
    assert not [form for form in lacking if re.search(form, code)]


@pytest.mark.parametrize(
    ("ranges", "address"),
    [
        ("198.51.100.0/24", "198.51.100.0"),
        ("198.51.100.0/24", "198.51.100.255"),
        ("198.51.100.7/32", "198.51.100.7"),
        ("203.0.113.0/24,198.51.100.0/24", "198.51.100.9"),
        ("128.0.0.0/1", "255.255.255.255"),
        ("0.0.0.0/0", "198.51.100.9"),
        ("2001:db8::/32", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("2001:db8::/32", "2001:0DB8::1"),
        ("2001:db8:8000::/33", "2001:db8:8000::"),
        ("::1/128", "0:0:0:0:0:0:0:1"),
        ("::/0", "2001:db8::1"),
        ("198.51.100.0/24,2001:db8::/32", "2001:db8::7"),
    ],
)
def test_viewer_within_a_range_is_admitted(ask: Ask, ranges: str, address: str) -> None:
    """The request goes on, and nothing of it changes but x-forwarded-host."""
    told = ask(ranges, address)
    assert told["admitted"]
    headers = HOST | {"x-forwarded-host": {"value": "chat.example.com"}}
    assert told["answer"] == {"method": "POST", "uri": "/chat", "querystring": {}, "headers": headers, "cookies": {}}


def test_without_ranges_everybody_is_admitted(ask: Ask) -> None:
    """An empty list closes nothing, whatever the address."""
    assert ask("", "198.51.100.9")["admitted"]
    assert ask("", "2001:db8::1")["admitted"]


@pytest.mark.parametrize(
    "forged",
    [{"value": "evil.example"}, {"value": "evil.example", "multiValue": [{"value": "evil.example"}, {"value": "b"}]}],
)
def test_a_forged_host_is_replaced(ask: Ask, forged: Any) -> None:
    """What the viewer put into x-forwarded-host never arrives, in one value or in several."""
    answer = ask("", "198.51.100.9", HOST | {"x-forwarded-host": forged})["answer"]
    assert answer["headers"]["x-forwarded-host"] == {"value": "chat.example.com"}


def test_without_a_host_there_is_no_forwarded_host(ask: Ask) -> None:
    """HTTP/1.0 may come without Host: a forged header goes all the same."""
    assert ask("", "198.51.100.9", {"x-forwarded-host": {"value": "evil.example"}})["answer"]["headers"] == {}


def test_stack_and_module_run_the_same_code(code: str, root: Path) -> None:
    """The template holds the file's code, comment at its top apart, and Terraform fills in the same place."""
    module = (root / "modules/cloudfront-functions/viewer-request.js").read_text()
    assert module.split("\n", 2)[2] == code
    assert "AllowedSourceRanges" in (root / "examples/terraform/main.tf").read_text()


@pytest.mark.parametrize(
    ("ranges", "address"),
    [
        ("198.51.100.0/24", "198.51.101.0"),
        ("198.51.100.0/24", "198.51.99.255"),
        ("198.51.100.7/32", "198.51.100.6"),
        ("128.0.0.0/1", "127.255.255.255"),
        ("2001:db8::/32", "2001:db9::"),
        ("2001:db8:8000::/33", "2001:db8:7fff::"),
        ("0.0.0.0/0", "2001:db8::1"),
        ("::/0", "198.51.100.9"),
        ("198.51.100.0/24", "::ffff:198.51.100.1"),
    ],
)
def test_viewer_outside_the_ranges_is_refused(ask: Ask, ranges: str, address: str) -> None:
    """403 at the edge, in plain words, and kept by no cache; neither address nor ranges are told."""
    told = ask(ranges, address)

    assert not told["admitted"]
    answer = told["answer"]
    assert (answer["statusCode"], answer["statusDescription"]) == (403, "Forbidden")
    assert answer["headers"]["cache-control"] == {"value": "no-store"}
    assert answer["body"] == {"encoding": "text", "data": "This site does not take requests from your address."}


@pytest.mark.parametrize(
    "ranges",
    [
        "198.51.100.1/33",
        "2001:db8::1/129",
        "198.51.100/24",
        "198.51.100.0.0/8",
        "198.51.100.256/0",
        "999.0.0.0/0",
        ":::/0",
        "1::2::3/0",
        "1:2:3:4::5:6:7:8::9/0",
        "10000::/0",
        "/0",
        "198.51.100.1/",
    ],
)
@pytest.mark.parametrize("address", ["198.51.100.1", "2001:db8::1"])
def test_range_that_is_none_admits_nobody(ask: Ask, ranges: str, address: str) -> None:
    """A slip of the pen closes the site; it does not open it."""
    assert not ask(ranges, address)["admitted"]


@pytest.mark.parametrize("address", ["", "localhost", "198.51.100", "198.51.100.256", "2001:db8", "1:2:3:4:5:6:7:8:9"])
def test_viewer_without_an_address_is_refused(ask: Ask, address: str) -> None:
    """What cannot be compared is not admitted, not even where all are."""
    assert not ask("0.0.0.0/0,::/0", address)["admitted"]


def networks(address: st.SearchStrategy[Any], width: int) -> st.SearchStrategy[Any]:
    """Make networks around addresses of a family."""
    make = st.tuples(address, st.integers(0, width))
    return make.map(lambda drawn: ipaddress.ip_network(f"{drawn[0]}/{drawn[1]}", strict=False))


def is_plain(address: Any) -> bool:
    """Tell whether an address is written in one way: not an IPv4 address in IPv6's clothes."""
    return getattr(address, "ipv4_mapped", None) is None


V4: st.SearchStrategy[Any] = st.ip_addresses(v=4)
V6: st.SearchStrategy[Any] = st.ip_addresses(v=6).filter(is_plain)


@given(
    ranges=st.lists(networks(V4, 32) | networks(V6, 128), min_size=1, max_size=5),
    picks=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2**128 - 1), st.booleans()), min_size=1, max_size=5),
    stranger=V4 | V6,
)
def test_agrees_with_pythons_ipaddress(ask: Ask, ranges: list[Any], picks: list[Any], stranger: Any) -> None:
    """For any ranges and addresses, inside, just outside or anywhere, the answer is that of the standard library."""
    addresses = [stranger]
    for index, offset, beyond in picks:
        chosen = ranges[index % len(ranges)]
        inside = int(chosen.network_address) + offset % chosen.num_addresses
        highest = 2**chosen.max_prefixlen - 1
        shifted = min(inside + chosen.num_addresses, highest) if beyond else inside
        addresses.append(type(chosen.network_address)(shifted))

    for address in addresses:
        expected = any(address in network for network in ranges)
        assert ask(",".join(map(str, ranges)), str(address))["admitted"] is expected


@given(address=V6)
def test_every_spelling_of_an_address_is_the_same(ask: Ask, address: ipaddress.IPv6Address) -> None:
    """Short and long forms, in either case, are one address."""
    for spelling in (address.compressed, address.exploded, address.exploded.upper()):
        assert ask(f"{address}/128", spelling)["admitted"]
