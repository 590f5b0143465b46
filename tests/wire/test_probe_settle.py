"""The unknown facts about AWS: settled by what leaves no other reading, and by nothing else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from edge_hasher.cli.probe import probe
from edge_hasher.local.cloudfront.model import Policy
from edge_hasher.probe.diagnosis.open_questions import QUESTIONS
from tests.support.probe_causes import LAMBDA, always, edge, edge_with, response

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.probe_causes import Start

EXACT = "len(request['body']['data']) == 1398104"
CUT_AT_EXACTLY_1_MIB = f"if {EXACT}: request['body']['inputTruncated'] = True\nreturn own(event, context)"
NOTHING_OF_CHUNKED = "if 'transfer-encoding' in headers: request['body']['data'] = ''\nreturn own(event, context)"
CUT_AT_BASE64 = (
    "if len(request['body']['data']) > 1048576: request['body']['inputTruncated'] = True\nreturn own(event, context)"
)
# From outside, a DELETE that the Function URL takes without a digest: only a client's own, wrong one is refused.
DELETE_WITHOUT_DIGEST = (
    "if request['method'] == 'DELETE' and 'x-amz-content-sha256' in headers: request['body']['data'] = ''\n"
    "return own(event, context)"
)
DIGEST_LOST = (
    "result = own(event, context)\n"
    "if 'status' not in result and request['method'] == 'POST' and request['body']['data']:\n"
    "    result['headers']['x-amz-content-sha256'][0]['value'] = '0' * 64\n"
    "return result"
)


def facts(start: Start, folder: Path, *options: str) -> dict[str, str]:
    """The answers of one probe by code; an open question has none."""
    with start(folder) as url:
        done = CliRunner().invoke(probe, [url, "--yes", "--json", *options])
    assert done.exit_code in {0, 1}, done.output
    return {fact["code"]: fact["answer"] for fact in json.loads(done.stdout)["facts"]}


def test_a_working_distribution_settles_most(tmp_path: Path) -> None:
    """With the function attached and writes allowed, all but two questions are settled."""
    found = facts(edge(), tmp_path, "--allow-writes")
    assert {code for code, answer in found.items() if not answer} == {
        "signature-before-permission",
        "answer-without-digest",
    }
    assert found["exactly-1-mib"].startswith("no:")
    assert found["limit-on-raw-bytes"].startswith("yes:")
    assert found["client-digest-over-1-mib"].startswith("yes:")


def test_without_writes_the_sizes_stay_open(tmp_path: Path) -> None:
    """What needs large bodies or DELETE is not settled by the harmless requests."""
    found = facts(edge(), tmp_path)
    for code in ("exactly-1-mib", "limit-on-raw-bytes", "client-digest-over-1-mib", "delete-body-delivered"):
        assert not found[code]
    assert found["function-digest-signed"].startswith("yes:")
    assert found["chunked-delivered"].startswith("yes:")


@pytest.mark.parametrize(
    ("start", "code", "beginning"),
    [
        (edge_with(CUT_AT_EXACTLY_1_MIB), "exactly-1-mib", "yes:"),
        (edge(settings=("oversize=forward",)), "exactly-1-mib", "no:"),
        (edge_with(CUT_AT_BASE64), "limit-on-raw-bytes", "no:"),
        (edge_with(NOTHING_OF_CHUNKED), "chunked-delivered", "no:"),
        (edge(policy=Policy(deliver_delete_body=False)), "delete-body-delivered", "no:"),
        (edge_with(DELETE_WITHOUT_DIGEST), "delete-body-delivered", "no: it got through without a digest"),
        (edge_with(DIGEST_LOST), "function-digest-signed", "no:"),
        (edge(behavior="no-override"), "authorization-overwritten", "no:"),
        (edge(denied=frozenset({"InvokeFunction"})), "signature-before-permission", "yes:"),
        (edge(function=None), "answer-without-digest", "403 InvalidSignatureException"),
    ],
    ids=[
        "exactly-1-mib-is-cut",
        "exactly-1-mib-is-whole-under-forward",
        "limit-on-base64",
        "chunked-not-delivered",
        "delete-not-delivered",
        "delete-without-a-digest",
        "digest-not-signed",
        "authorization-kept",
        "signature-first",
        "no-digest",
    ],
)
def test_the_other_answer_is_seen_too(start: Start, code: str, beginning: str, tmp_path: Path) -> None:
    """An edge that behaves otherwise settles the question the other way."""
    assert facts(start, tmp_path, "--allow-writes")[code].startswith(beginning)


@pytest.mark.parametrize(
    "start",
    [edge(settings=("max-body=1000000",)), edge(function=None), always(response(200, LAMBDA)), edge(behavior="never")],
    ids=["smaller-max-body", "no-function", "nothing-verified", "nobody-let-in"],
)
def test_sizes_are_not_settled_by_something_else(start: Start, tmp_path: Path) -> None:
    """A 413 of max-body, or answers of what checks nothing, say nothing of CloudFront's limit."""
    found = facts(start, tmp_path, "--allow-writes")
    assert not found["exactly-1-mib"]
    assert not found["limit-on-raw-bytes"]


def test_every_question_says_what_it_takes() -> None:
    """Codes are unique, and an open question names what would settle it."""
    assert len({question.text for question in QUESTIONS.values()}) == len(QUESTIONS)
    assert all(question.needs and question.text.endswith("?") for question in QUESTIONS.values())


def test_every_question_is_documented(root: Path) -> None:
    """docs/probe.md lists each question by its code, in its words, with its mark."""
    text = (root / "docs" / "probe.md").read_text()
    assert not {
        code for code, question in QUESTIONS.items() if f"| `{code}` | {question.text} | {question.mark} |" not in text
    }
