"""What doctor makes of what a person types and of what AWS answers, odd shapes included."""

import json
from dataclasses import replace
from typing import Any

import pytest

from edge_hasher.doctor.facts import Unread
from edge_hasher.doctor.reading.lambda_host import kind_of, region_of
from edge_hasher.doctor.reading.origin import by_id
from edge_hasher.doctor.reading.reader import Question
from edge_hasher.doctor.resource_policy import INVOKE, INVOKE_URL, Caller, decide, fit, statements
from edge_hasher.doctor.runner import run
from tests.support.aws.doctor_facts import AGENT_ARN, ARN, URL, with_url
from tests.support.aws.doctor_world import found

CLOUDFRONT = Caller(distribution_arn=ARN, auth_type="AWS_IAM")
ANYONE = Caller(distribution_arn=ARN, auth_type="NONE")

QUESTIONS = {
    "E2EXAMPLE": ("E2EXAMPLE", None),
    "arn:aws:cloudfront::123456789012:distribution/E2EXAMPLE": (
        "arn:aws:cloudfront::123456789012:distribution/E2EXAMPLE",
        None,
    ),
    "app.example.com": ("app.example.com", None),
    "app.example.com/": ("app.example.com", None),
    "app.example.com/api": ("app.example.com", "/api"),
    "https://app.example.com": ("app.example.com", None),
    "https://app.example.com/": ("app.example.com", None),
    "https://app.example.com/api": ("app.example.com", "/api"),
    "https://app.example.com/api/users/?page=2#top": ("app.example.com", "/api/users/"),
    "HTTPS://App.Example.com:443/Api": ("app.example.com", "/Api"),
    "http://user:secret@app.example.com/api": ("app.example.com", "/api"),
    " https://app.example.com/api\n": ("app.example.com", "/api"),
}


@pytest.mark.parametrize("typed", QUESTIONS)
def test_path_of_a_pasted_url_is_looked_at(typed: str) -> None:
    """A URL names the distribution and the path; a slash alone, an id and an ARN name no path."""
    question = Question(distribution=typed)

    assert (question.name, question.wanted_path) == QUESTIONS[typed]


def test_named_path_goes_before_that_of_the_url() -> None:
    """--path is what was asked for."""
    assert Question(distribution="https://app.example.com/api", path="/chat").wanted_path == "/chat"


@pytest.mark.parametrize(
    ("host", "kind"),
    [
        ("abcdef0123456789.lambda-url.eu-west-1.on.aws", "function-url"),
        ("ABCDEF.Lambda-URL.eu-west-1.on.aws", "function-url"),
        ("abcdef.use1.lambda-web.us-east-1.on.aws", "web-function"),
        ("my-agent.g2.lambda-web.eu-west-1.on.aws", "web-function"),
        ("abcdef.lambda-web.global.on.aws", "web-function"),
        ("abcdef.lambda-web.eu-west-1.on.aws", "web-function"),
        ("a.b.lambda-url.eu-west-1.on.aws", "other"),
        ("abcdef.lambda-url.eu-west-1.on.aws.example.com", "other"),
        ("lambda-url.eu-west-1.on.aws", "other"),
        ("page.s3.us-east-1.amazonaws.com", "other"),
    ],
)
def test_hosts_of_lambda(host: str, kind: str) -> None:
    """Function URLs have one label, Web Functions one or two; nothing else is Lambda's."""
    assert kind_of(host) == kind


def test_region_is_in_the_host() -> None:
    """A Function URL names its Region; another host is a mistake of the caller."""
    assert region_of("abc.lambda-url.ap-southeast-2.on.aws") == "ap-southeast-2"
    with pytest.raises(ValueError, match=r"agent\.example\.com"):
        region_of("agent.example.com")


def test_origin_group_leads_to_its_lambda() -> None:
    """A group is its first member, unless only another one is Lambda's."""
    names = {"page": "page.s3.amazonaws.com", "agent": "abc.lambda-url.eu-west-1.on.aws", "other": "api.example.com"}
    config: dict[str, Any] = {
        "Origins": {"Items": [{"Id": name, "DomainName": host} for name, host in names.items()]},
        "OriginGroups": {
            "Items": [
                {"Id": "static-first", "Members": {"Items": [{"OriginId": "page"}, {"OriginId": "agent"}]}},
                {"Id": "no-lambda", "Members": {"Items": [{"OriginId": "other"}, {"OriginId": "page"}]}},
            ]
        },
    }

    found_origins = by_id(config)

    assert found_origins["static-first"]["Id"] == "agent"
    assert found_origins["no-lambda"]["Id"] == "other"


def judged(effect: str, conditions: Any, *, caller: Caller = CLOUDFRONT, principal: Any = "*", **more: Any) -> str:
    """Say what one statement means for a call of InvokeFunctionUrl."""
    item = {"Effect": effect, "Principal": principal, "Action": "lambda:*", "Condition": conditions, **more}
    (statement,) = statements(json.dumps({"Statement": item}))
    return fit(statement, INVOKE_URL, caller)


DENIALS = [
    ({"StringNotEquals": {"aws:SourceAccount": "123456789012"}}, "other source"),
    ({"StringNotEquals": {"AWS:SourceAccount": ["123456789012", "210987654321"]}}, "other source"),
    ({"StringNotEquals": {"aws:SourceAccount": "210987654321"}}, "yes"),
    ({"StringNotEqualsIfExists": {"aws:SourceAccount": "123456789012"}}, "other source"),
    ({"ArnNotLike": {"aws:SourceArn": "arn:aws:cloudfront::123456789012:distribution/*"}}, "other source"),
    ({"ArnNotEquals": {"aws:SourceArn": f"{ARN}OTHER"}}, "yes"),
    ({"StringNotLike": {"aws:SourceArn": "arn:aws:cloudfront::*"}}, "other source"),
    ({"ForAnyValue:StringNotEquals": {"aws:SourceAccount": "123456789012"}}, "other source"),
    ({"Bool": {"aws:SecureTransport": "false"}}, "no"),
    ({"Bool": {"aws:PrincipalIsAWSService": "false"}}, "no"),
    ({"Null": {"aws:SourceArn": "true"}}, "other source"),
    ({"Null": {"aws:SourceArn": False}}, "yes"),
    ({"StringEquals": {"aws:PrincipalServiceName": "cloudfront.amazonaws.com"}}, "yes"),
    ({"StringNotEquals": {"aws:PrincipalOrgID": "o-example"}}, "unsure"),
    ({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, "unsure"),
    ({"NumericLessThan": {"aws:SourceAccount": "1"}}, "unsure"),
]


@pytest.mark.parametrize(("conditions", "answer"), DENIALS)
def test_negated_conditions_are_judged(conditions: Any, answer: str) -> None:
    """A Deny for all but one's own account does not meet CloudFront, which calls for that account."""
    assert judged("Deny", conditions) == answer


@pytest.mark.parametrize(
    ("conditions", "answer"),
    [
        ({"ArnLike": {"aws:SourceArn": ARN}}, "other source"),
        ({"ArnLikeIfExists": {"aws:SourceArn": ARN}}, "yes"),
        ({"ArnNotLike": {"aws:SourceArn": ARN}}, "yes"),
        ({"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}, "yes"),
        ({"StringEquals": {"lambda:FunctionUrlAuthType": "AWS_IAM"}}, "no"),
        ({}, "yes"),
    ],
)
def test_whoever_calls_a_public_url_is_nobody(conditions: Any, answer: str) -> None:
    """With AuthType NONE a request has no source: not even CloudFront's counts."""
    assert judged("Allow", conditions, caller=ANYONE) == answer
    assert judged("Allow", {}, caller=ANYONE, principal={"Service": "cloudfront.amazonaws.com"}) == "no"
    assert judged("Allow", {}, caller=ANYONE, principal={"AWS": "*"}) == "yes"


ODD = [
    {"Condition": [{"ArnLike": {"AWS:SourceArn": ARN}}]},
    {"Condition": ["nonsense"]},
    {"Condition": "nonsense"},
    {"Condition": {"ArnLike": ["nonsense"]}},
    {"Condition": {"ArnLike": "nonsense"}},
    {"Condition": {"ArnLike": {"AWS:SourceArn": {"deep": [1]}}}},
    {"Condition": {"ArnLike": {"AWS:SourceArn": None}}},
    {"Condition": {"ArnLike": {"AWS:SourceArn": []}}},
    {"Principal": None},
    {"Principal": []},
    {"Principal": {"Service": {"deep": "cloudfront.amazonaws.com"}}},
    {"Principal": {"Service": None}},
    {"Action": None},
    {"Action": {"deep": 1}},
    {"Action": 7},
    {"Resource": None},
    {"Resource": {"deep": 1}},
    {"Sid": None},
    {"Sid": {"deep": 1}},
    {"Effect": ["Allow"]},
    {"NotAction": "lambda:GetFunction"},
    {"NotPrincipal": {"AWS": "arn:aws:iam::123456789012:root"}},
    {"NotResource": "*"},
]


@pytest.mark.parametrize("odd", ODD, ids=json.dumps)
@pytest.mark.parametrize("effect", ["Allow", "Deny"])
@pytest.mark.parametrize("auth_type", ["AWS_IAM", "NONE"])
def test_oddly_shaped_statement_is_never_a_trace(odd: dict[str, Any], effect: str, auth_type: str) -> None:
    """A policy of another shape than IAM's is judged as far as it goes, in every check and in every fix."""
    right = {
        "Sid": "one",
        "Effect": effect,
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Action": "lambda:InvokeFunctionUrl",
        "Resource": AGENT_ARN,
        "Condition": {"ArnLike": {"AWS:SourceArn": ARN}},
    }
    policy = statements(json.dumps({"Version": "2012-10-17", "Statement": [right | odd, "text", None, 7, [right]]}))

    report = run(with_url(auth_type=auth_type, policy=policy))

    assert report.exit_code in {1, 2}
    assert decide(policy, INVOKE, replace(CLOUDFRONT, auth_type=auth_type))[0] != "granted"


@pytest.mark.parametrize("text", ["", "{}", '{"Statement": null}', '{"Statement": "text"}', '{"Statement": {}}'])
def test_policy_without_statements_lets_nobody_in(text: str) -> None:
    """Nothing is a policy too."""
    assert found(run(with_url(policy=statements(text)))) == {"EH302": "broken", "EH303": "broken"}


@pytest.mark.parametrize("text", ["[]", "7", "nonsense", '"text"'])
def test_what_is_no_policy_is_said(text: str) -> None:
    """The reader makes it something unread."""
    with pytest.raises(ValueError, match=r"policy|Expecting"):
        statements(text)


def test_statement_that_excludes_something_cannot_be_judged() -> None:
    """NotAction in a Deny may be about anything: neither a permission nor a denial is said to be there."""
    deny = statements(
        json.dumps({"Statement": {"Effect": "Deny", "Principal": "*", "NotAction": "lambda:Get*", "Resource": "*"}})
    )
    assert isinstance(URL.policy, tuple)

    report = run(with_url(policy=(*URL.policy, *deny)))

    assert found(report) == {}
    assert report.exit_code == 2


def test_what_another_code_says_is_not_unread() -> None:
    """A check whose fact is missing for a reason that has a code of its own waits for that code, and exits 0."""
    web = Unread(what="the function", why="doctor cannot read it", after="EH311")
    report = run(
        replace(
            with_url(),
            behaviors=(replace(_behavior(), origin=replace(_behavior().origin, url=web, kind="web-function")),),
        )
    )

    assert not report.with_status("unread")
    assert {each.after for each in report.with_status("dependent")} >= {"EH311"}


def _behavior() -> Any:
    return with_url().behaviors[0]
