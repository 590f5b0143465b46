"""CloudFront Functions that take away the digest which clients send: broken with --clients-hash, a note without."""

from dataclasses import replace

import pytest

from edge_hasher.doctor.facts import BehaviorFacts, CloudFrontFunction, Unread
from edge_hasher.doctor.runner import run
from tests.support.aws.doctor_facts import BEHAVIOR, FACTS, URL, with_behavior
from tests.support.aws.doctor_world import found

HEADER = "event.request.headers['x-amz-content-sha256']"
LOSES = [
    f"delete {HEADER};",
    'var r = event.request;\ndelete r.headers["X-Amz-Content-SHA256"];\nreturn r',
    f"delete({HEADER})",
    f"delete {HEADER}.value",
    "const h = event.request.headers; delete h['x-amz-content-sha256'];",
    "const NAME = 'x-amz-content-sha256';\nfunction handler(e) { delete e.request.headers[NAME]; return e.request }",
    "delete event['request']['headers']['x-amz-content-sha256']",
    "if (r.method === 'POST') { delete r.headers['x-amz-content-sha256']; }",
    f"if ({HEADER}) {{ log('x'); delete {HEADER}; }}",
    f"if (r.method !== 'GET') delete {HEADER};",
    f"function handler(event) {{ if (a) {{ b(); }} delete {HEADER}; return event.request }}",
    "Reflect.deleteProperty(r.headers, 'x-amz-content-sha256')",
    f"{HEADER} = {{value: 'UNSIGNED-PAYLOAD'}};",
    f"{HEADER}.value = ''",
    f"{HEADER} = undefined",
    f"const none = crypto.createHash('sha256').digest('hex');\n{HEADER} = {{ value: none }};",
    "var h = e.request.headers; var t = 'e3b0'; var d = t;\nh['x-amz-content-sha256'] = { value: d };",
    f'/* as AWS asks */ {HEADER} = {{value: "a // b"}}  // keep',
]
KEEPS = [
    f"if (r.method === 'GET') delete {HEADER};",
    f"if (r.method === 'GET') {{ if (x) {{ y(); }} delete {HEADER}; }}",
    f"if (r.method !== 'POST') {{ delete {HEADER}; }}",
    f"if (!{HEADER}) {HEADER} = {{ value: 'UNSIGNED-PAYLOAD' }};",
    f"if ({HEADER} === undefined) {{ {HEADER} = {{ value: 'UNSIGNED-PAYLOAD' }}; }}",
    f"if (r.uri.startsWith('/public/')) {{ delete {HEADER}; }}",
    f"if (ok) {{ a(); }} else {{ delete {HEADER}; }}",
    f"var d = {HEADER}; return event.request",
    f"if ({HEADER} == undefined) return {{statusCode: 400}}",
    f"if ({HEADER} === undefined) return {{statusCode: 400}}",
    f"if (!{HEADER}) return {{statusCode: 400}}",
    f"// delete {HEADER}\nreturn event.request",
    f"/* delete {HEADER}; */ return event.request",
    f"{HEADER} = {{value: {HEADER}.value.toLowerCase()}}",
    f"{HEADER} = event.request.headers['x-digest']",
    f"const d = event.request.headers['x-digest'].value;\n{HEADER} = {{ value: d }};",
    "var h = e.request.headers, d = h[NAME];\nvar t = d.value;\nh['x-amz-content-sha256'] = { value: t.trim() };",
    "var h = e.request.headers;\nvar d = h['x-digest'].value;\nh['x-amz-content-sha256'] = { value: d.trim() };",
    f"{HEADER} ||= {{ value: 'UNSIGNED-PAYLOAD' }};",
    f"{HEADER} ??= {{ value: 'UNSIGNED-PAYLOAD' }};",
    "delete event.request.headers['authorization']; // not x-amz-content-sha256",
    "seen['x-amz-content-sha256'] = 1;",
    f"var f = (k) => {HEADER}; delete event.request.headers.cookie",
    "var q = event.request.querystring; delete q['x-amz-content-sha256']",
]


def behind(code: str | Unread, event: str = "viewer-request", **changes: object) -> BehaviorFacts:
    """A behavior with a CloudFront Function of this code."""
    known_code = changes.pop("known_code", "")
    function = CloudFrontFunction(name="strip", event=event, code=code, known_code=str(known_code))
    return replace(BEHAVIOR, functions=(function,), **changes)  # type: ignore[arg-type]  # of any of its fields


def severity(behavior: BehaviorFacts, *, clients_hash: bool = True) -> str | None:
    """What EH109 says of it."""
    return found(run(replace(FACTS, behaviors=(behavior,), clients_hash=clients_hash))).get("EH109")


@pytest.mark.parametrize("code", LOSES)
def test_code_that_loses_the_digest_is_broken(code: str) -> None:
    """Without Edge Hasher, which would hash the body again, every POST is 403; with it, a large one is 413."""
    assert severity(behind(code)) == "broken"
    assert severity(behind(code, associations=())) == "broken"
    assert severity(behind(code), clients_hash=False) == "note"


@pytest.mark.parametrize("code", KEEPS)
def test_code_that_only_names_the_digest_is_a_note(code: str) -> None:
    """To read it, or to make it of what the client sent, loses nothing."""
    assert severity(behind(code)) == "note"


def test_where_nothing_asks_for_the_digest_it_is_a_note() -> None:
    """On the way back, without bodies, and behind a public URL."""
    assert severity(behind(LOSES[0], event="viewer-response")) == "note"
    assert severity(behind(LOSES[0], methods=frozenset({"GET", "HEAD"}))) == "note"
    public = replace(BEHAVIOR.origin, url=replace(URL, auth_type="NONE"))
    assert severity(behind(LOSES[0], origin=public)) == "note"


def test_what_is_known_of_the_code_counts() -> None:
    """A part of the code may be the deployment's; what is written is certain."""
    unread = Unread(what="the code", why="known after deployment")
    assert severity(behind(unread, known_code=f"{LOSES[0]} return '${{AWS::StackName}}'")) == "broken"
    assert severity(behind(unread)) is None


def test_the_finding_names_the_function_alone_that_loses_it() -> None:
    """Another one that reads it is not blamed."""
    reads = CloudFrontFunction(name="reads", event="viewer-response", code=KEEPS[0])
    behavior = behind(LOSES[0])
    facts = replace(with_behavior(functions=(*behavior.functions, reads)), clients_hash=True)
    fault = next(each.fault for each in run(facts).outcomes if each.check.code == "EH109")
    assert fault is not None
    assert "delete or replace the digest that clients send (strip: x-amz-content-sha256)" in fault.what


@pytest.mark.parametrize("code", ["delete " * 1400, "/*" * 5000, "a=" * 5000, "[" * 10_000, "x" * 200_000 + LOSES[0]])
def test_odd_code_is_read_in_no_time(code: str) -> None:
    """What is repeated in it is not tried again and again."""
    assert severity(behind(f"{code} x-amz-content-sha256")) == "note"
