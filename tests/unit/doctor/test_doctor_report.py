"""What a person and a program read: findings first, commands that can be pasted, nothing that acts on a terminal."""

import re
from dataclasses import replace

import pytest

from edge_hasher.doctor.check import SEVERITIES
from edge_hasher.doctor.facts import CloudFrontFunction, Facts
from edge_hasher.doctor.report_json import as_json
from edge_hasher.doctor.report_text import as_text
from edge_hasher.doctor.runner import run
from tests.support.aws.doctor_facts import (
    ARN,
    FACTS,
    POLICY,
    denied,
    with_behavior,
    with_function,
    with_origin,
    with_url,
)
from tests.support.schemas import checked

ANSI = re.compile(r"\x1b\[[0-9;]*m")
HOSTILE = "evil\x1b]0;title\x07\x1b[2J\r\n\u202e\x9b31m"
MANY = replace(
    with_behavior(compresses=True, associations=(), origin=replace(FACTS.behaviors[0].origin, read_timeout_s=30)),
    error_pages=((403, "/index.html", "200"),),
)


def plain(facts: Facts, profile: str | None = None) -> list[str]:
    """Give the lines of the report without colours."""
    return ANSI.sub("", as_text(run(facts), profile=profile)).splitlines()


def test_summary_line_ends_the_report() -> None:
    """The last line counts."""
    assert plain(FACTS)[-1] == f"0 broken, 0 risky, 0 note, 0 skipped, {len(run(FACTS).outcomes)} ok"


def test_worst_findings_come_first() -> None:
    """broken, risky, note, skipped, ok: in this order."""
    words = [line.split()[0] for line in plain(MANY) if re.match(r"(broken|risky|note|skipped|ok) ", line)]

    assert words == sorted(words, key=["broken", "risky", "note", "skipped", "ok"].index)
    assert {"broken", "risky", "note", "skipped", "ok"} == set(words)


def test_finding_says_what_it_means_and_what_to_do() -> None:
    """Where, what a viewer gets, the command, both template lines, and the page."""
    lines = "\n".join(plain(with_behavior(associations=())))

    assert "broken  EH602 /chat* has no origin-request function" in lines
    for expected in (
        "where     /chat*",
        "viewers   every POST, PUT and PATCH gets 403 InvalidSignatureException; GET works",
        "fix       edge-hasher attach E2EXAMPLE --path '/chat*'",
        "SAM       LambdaFunctionAssociations: [",
        "Terraform lambda_function_association {",
        "more      edge-hasher explain EH602",
    ):
        assert expected in lines


def test_command_is_one_line_with_the_real_ids() -> None:
    """A permission's command names the function, its alias, its Region and the distribution."""
    lines = plain(with_url(qualifier="live", policy=()))
    command = next(line for line in lines if "--action lambda:InvokeFunctionUrl " in line)

    assert command.split(maxsplit=1)[1] == (
        "aws lambda add-permission --function-name agent --qualifier live --region eu-west-1 "
        "--statement-id cloudfront-E2EXAMPLE-InvokeFunctionUrl --action lambda:InvokeFunctionUrl "
        f"--principal cloudfront.amazonaws.com --source-arn {ARN} --function-url-auth-type AWS_IAM"
    )


def test_profile_is_named_where_commands_are() -> None:
    """What is pasted needs the profile as well; a green report has nothing to paste."""
    assert any("export AWS_PROFILE=prod" in line for line in plain(MANY, "prod"))
    assert not any("AWS_PROFILE" in line for line in plain(FACTS, "prod"))


def test_skipped_checks_name_the_permission() -> None:
    """A reader sees which permission to ask for."""
    assert any(
        "EH615" in line and "iam:GetRole is missing" in line
        for line in plain(with_function(unread={"trust": denied("iam:GetRole")}))
    )


HOSTILE_FACTS: dict[str, Facts] = {
    "domain": replace(FACTS, domain=HOSTILE),
    "path": replace(FACTS, path=HOSTILE),
    "pattern": with_behavior(pattern=HOSTILE, associations=()),
    "origin": with_origin(id=HOSTILE, protocol="http-only"),
    "settings": with_origin(settings=(HOSTILE,)),
    "port": with_origin(id=HOSTILE, https_port=8443, ssl_protocols=frozenset({HOSTILE})),
    "group": replace(with_behavior(origin_group=HOSTILE, methods=frozenset({"GET", HOSTILE})), path=HOSTILE),
    "router": with_behavior(functions=(CloudFrontFunction(name=HOSTILE, event=HOSTILE, code="authorization"),)),
    "country": replace(FACTS, geo_restriction=HOSTILE),
    "web function": with_origin(host=HOSTILE, kind="web-function"),
    "elsewhere": replace(
        with_origin(host=HOSTILE, kind="other"), path="/x", lambda_patterns=(HOSTILE,), lambda_origins=(HOSTILE,)
    ),
    "error page": replace(FACTS, error_pages=((403, HOSTILE, HOSTILE),), pages="elsewhere, function possible"),
    "concurrency": with_url(function=HOSTILE, reserved_concurrency=0),
    "state": with_function(state="Failed", state_reason=HOSTILE),
    "function": with_url(function=HOSTILE, auth_type="NONE"),
    "statement": with_url(policy=tuple(replace(each, sid=HOSTILE, conditions=()) for each in POLICY)),
    "unread": with_function(unread={"trust": replace(denied("iam:GetRole"), what=HOSTILE)}),
}


@pytest.mark.parametrize("name", HOSTILE_FACTS)
def test_text_from_aws_never_acts_on_the_terminal(name: str) -> None:
    """Apart from its own colours and line ends, the report holds printable characters alone; so does the JSON."""
    report = run(HOSTILE_FACTS[name])
    text = ANSI.sub("", as_text(report))

    assert all(char.isprintable() or char == "\n" for char in text)
    assert all(" " <= char <= "~" or char == "\n" for char in as_json(report))


def test_json_holds_the_findings() -> None:
    """A program finds codes, severities, commands and the exit code."""
    shown = checked("doctor", as_json(run(MANY)))
    found = {check["code"]: check for check in shown["checks"] if check["status"] == "found"}

    assert shown["exit_code"] == 1
    assert shown["distribution"] == {"id": "E2EXAMPLE", "arn": ARN, "domain": FACTS.domain}
    assert {code: check["severity"] for code, check in found.items()} == {
        "EH105": "risky",
        "EH502": "note",
        "EH503": "risky",
        "EH602": "broken",
    }
    assert set(found["EH602"]["fix"]) == {"command", "sam", "terraform"}
    by_severity: dict[str, int] = {severity: len(run(MANY).found(severity)) for severity in SEVERITIES}
    assert shown["summary"] == by_severity | {
        "skipped": len(run(MANY).with_status("dependent")),
        "ok": len(run(MANY).with_status("ok")),
    }


def test_json_names_missing_permissions_and_what_comes_first() -> None:
    """A skipped check has its reason in a member of its own."""
    shown = checked("doctor", as_json(run(with_function(unread={"trust": denied("iam:GetRole")}))))
    assert [check["permission"] for check in shown["checks"] if check["status"] == "skipped"] == ["iam:GetRole"]

    shown = checked("doctor", as_json(run(MANY)))
    assert {check["after"] for check in shown["checks"] if check["status"] == "skipped"} == {"EH602"}
