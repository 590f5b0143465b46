"""The checks as data: what they find in facts made by hand, what they leave to others, and when they cannot tell."""

from dataclasses import replace

import pytest

from edge_hasher.doctor.check import Check, CheckContext, Fault, Fix
from edge_hasher.doctor.checks import CHECKS
from edge_hasher.doctor.facts import CloudFrontFunction, Facts, Unread
from edge_hasher.doctor.reading.managed_policies import CACHE_POLICIES
from edge_hasher.doctor.resource_policy import INVOKE, INVOKE_URL, Condition
from edge_hasher.doctor.runner import run
from tests.support.aws.doctor_facts import (
    AGENT_ARN,
    ARN,
    ASSOCIATION,
    BEHAVIOR,
    FACTS,
    FUNCTION,
    OAC,
    POLICY,
    URL,
    denied,
    statement,
    with_behavior,
    with_function,
    with_origin,
    with_url,
)
from tests.support.aws.doctor_world import found

BY_CODE = {check.code: check for check in CHECKS}
INVOKE_ONLY = (statement(INVOKE, "invoke"),)
VIA_URL = Condition(operator="bool", key="lambda:invokedviafunctionurl", values=("true",))
IN_THE_ORGANISATION = Condition(operator="stringequals", key="aws:principalorgid", values=("o-example",))
IAM_ONLY = Condition(operator="stringequals", key="lambda:functionurlauthtype", values=("AWS_IAM",))
FOR_NONE = Condition(operator="stringequals", key="lambda:functionurlauthtype", values=("NONE",))
PUBLIC = (
    statement(INVOKE_URL, "public-url", FOR_NONE, principals=("*",)),
    statement(INVOKE, "public-invoke", VIA_URL, principals=("*",)),
)
THIS = Condition(operator="arnlike", key="aws:sourcearn", values=(ARN,))


def skipped(facts: Facts) -> dict[str, str | None]:
    """Map the codes that could not be judged to the missing permission."""
    return {each.check.code: each.unread.permission for each in run(facts).outcomes if each.unread is not None}


def test_nothing_is_found_where_all_is_right() -> None:
    """Every check is asked, and every one is content."""
    assert {outcome.status for outcome in run(FACTS).outcomes} == {"ok"}
    assert len(run(FACTS).outcomes) == len(CHECKS)


FOUND = {
    "a Web Function wants a way of signing of its own": (
        with_origin(kind="web-function", settings=("bodyless=hash",)),
        {"EH208": "broken", "EH311": "note"},
    ),
    "whether a Web Function asks for a digest without a body is unknown": (
        with_origin(kind="web-function", settings=("",), access_control=replace(OAC, behavior="always-amz-auth")),
        {"EH207": "note", "EH311": "note"},
    ),
    "a global Web Function wants sigv4a": (
        with_origin(
            kind="web-function",
            host="agent.lambda-web.global.on.aws",
            settings=("bodyless=hash",),
            access_control=replace(OAC, behavior="always-amz-auth", protocol="sigv4"),
        ),
        {"EH209": "broken", "EH311": "note"},
    ),
    "always-amz-auth on a Web Function": (
        with_origin(
            kind="web-function",
            settings=("bodyless=hash",),
            access_control=replace(OAC, behavior="always-amz-auth"),
        ),
        {"EH311": "note"},
    ),
    "a public URL needs no OAC and no function": (
        with_behavior(
            associations=(),
            origin=replace(BEHAVIOR.origin, access_control=None, url=replace(URL, auth_type="NONE", policy=PUBLIC)),
        ),
        {"EH301": "note"},
    ),
    "a public URL needs both permissions for everyone": (
        with_origin(access_control=None, url=replace(URL, auth_type="NONE", policy=PUBLIC[:1])),
        {"EH301": "note", "EH303": "broken"},
    ),
    "CloudFront's permissions do not count on a public URL": (
        with_origin(access_control=None, url=replace(URL, auth_type="NONE")),
        {"EH301": "note", "EH302": "broken", "EH303": "broken"},
    ),
    "a public URL for which CloudFront signs was meant to be private": (
        with_url(auth_type="NONE", policy=(*POLICY, *PUBLIC)),
        {"EH301": "risky"},
    ),
    "no function matters where no body arrives": (
        with_behavior(methods=frozenset({"GET", "HEAD"}), associations=()),
        {"EH102": "note"},
    ),
    "no stream, no advice on streams": (
        with_behavior(
            compresses=True,
            origin=replace(BEHAVIOR.origin, read_timeout_s=1, completion_timeout_s=2, url=replace(URL, streams=False)),
        ),
        {},
    ),
    "a function that is gone has no other fault": (
        with_behavior(associations=(replace(ASSOCIATION, function=None),)),
        {"EH607": "broken"},
    ),
    "another viewer-request function is not ours to judge": (
        with_behavior(
            associations=(
                ASSOCIATION,
                replace(ASSOCIATION, event="viewer-request", function=replace(FUNCTION, handler="jwt.check")),
            )
        ),
        {},
    ),
    "an error page without a page only sets how long errors are kept": (
        replace(FACTS, error_pages=((403, "", ""),)),
        {},
    ),
    "another function that gets the body may hash it": (
        with_function(handler="index.handler"),
        {"EH603": "note"},
    ),
    "another function may sign where CloudFront does not": (
        with_behavior(
            associations=(replace(ASSOCIATION, function=replace(FUNCTION, handler="signer.handler")),),
            origin=replace(BEHAVIOR.origin, access_control=None, url=replace(URL, policy=())),
        ),
        {"EH201": "note", "EH603": "note"},
    ),
    "another function without the body cannot hash it": (
        with_behavior(
            associations=(replace(ASSOCIATION, includes_body=False, function=replace(FUNCTION, handler="jwt.check")),)
        ),
        {"EH603": "broken"},
    ),
    "another function is of no matter where clients hash": (
        replace(with_function(handler="index.handler"), clients_hash=True),
        {},
    ),
    "a CloudFront Function that takes the digest away": (
        with_behavior(
            functions=(
                CloudFrontFunction(
                    name="strip", event="viewer-request", code="delete headers['X-Amz-Content-SHA256']; return request;"
                ),
            )
        ),
        {"EH109": "note"},
    ),
    "a CloudFront Function that only rewrites": (
        with_behavior(functions=(CloudFrontFunction(name="paths", event="viewer-request", code="return request"),)),
        {},
    ),
    "a page for 404 hides the 404 of an API": (
        replace(FACTS, error_pages=((403, "", ""), (404, "/index.html", "200"))),
        {"EH105": "note"},
    ),
    "Amplify's policy sends Host and caches; one change fixes both": (
        with_behavior(cache=CACHE_POLICIES["2e54312d-136d-493c-8eb9-b001f22f67d2"]),
        {"EH402": "broken"},
    ),
    "both permissions missing": (with_url(policy=()), {"EH302": "broken", "EH303": "broken"}),
    "a permission for lambda:* is both": (with_url(policy=(statement("lambda:*"),)), {}),
    "permissions in the wide notation": (with_url(policy=(statement("lambda:InvokeFunction*"),)), {}),
    "every distribution of the account": (
        with_url(
            policy=(
                statement(
                    "lambda:*", "sid", replace(THIS, values=("arn:aws:cloudfront::123456789012:distribution/*",))
                ),
            )
        ),
        {},
    ),
    "what is for AuthType NONE lets nobody in": (
        with_url(policy=(*POLICY, statement(INVOKE_URL, "public", FOR_NONE, principals=("*",)))),
        {},
    ),
    "everyone through the URL": (
        with_url(policy=(*POLICY, statement(INVOKE, "public", VIA_URL, principals=("*",)))),
        {"EH310": "risky"},
    ),
    "an organisation is not everyone": (
        with_url(policy=(*POLICY, statement(INVOKE, "org", IN_THE_ORGANISATION, principals=("*",)))),
        {},
    ),
    "on an alias that is not the URL's": (
        with_url(policy=INVOKE_ONLY, elsewhere=(statement(INVOKE_URL, resources=(f"{AGENT_ARN}:live",)),)),
        {"EH304": "broken"},
    ),
    "other policies unread: still missing": (
        with_url(policy=INVOKE_ONLY, elsewhere=denied("lambda:ListAliases")),
        {"EH302": "broken"},
    ),
    "the default behavior": (with_behavior(is_default=True, pattern="*", associations=()), {"EH602": "broken"}),
}


@pytest.mark.parametrize("name", FOUND)
def test_facts_bring_these_findings(name: str) -> None:
    """A finding is brought by what is wrong, and by nothing that only looks like it."""
    facts, expected = FOUND[name]

    assert found(run(facts)) == expected


UNREAD = {
    "lambda:ListFunctions": (
        with_origin(url=denied("lambda:ListFunctions")),
        {"EH301", "EH302", "EH303", "EH304", "EH305", "EH306", "EH307", "EH308", "EH309", "EH310"}
        | {"EH312", "EH503", "EH504", "EH505"},
    ),
    "lambda:GetPolicy": (
        with_url(policy=denied("lambda:GetPolicy")),
        {"EH302", "EH303", "EH304", "EH305", "EH306", "EH307", "EH308", "EH309", "EH310"},
    ),
    "cloudfront:GetOriginAccessControl": (
        with_origin(access_control=denied("cloudfront:GetOriginAccessControl")),
        {"EH201", "EH202", "EH203", "EH204", "EH205", "EH206"},
    ),
    "cloudfront:GetCachePolicy": (
        with_behavior(cache=denied("cloudfront:GetCachePolicy")),
        {"EH402", "EH403"},
    ),
    "cloudfront:GetOriginRequestPolicy": (
        with_behavior(request=denied("cloudfront:GetOriginRequestPolicy")),
        {"EH401"},
    ),
    "lambda:GetFunctionConfiguration": (
        with_behavior(associations=(replace(ASSOCIATION, function=denied("lambda:GetFunctionConfiguration")),)),
        {"EH603", "EH607"} | {f"EH{number}" for number in range(609, 623)},
    ),
    "iam:GetRole": (with_function(unread={"trust": denied("iam:GetRole")}), {"EH615"}),
    "lambda:GetRuntimeManagementConfig": (
        with_function(unread={"runtime-management": denied("lambda:GetRuntimeManagementConfig")}),
        {"EH622"},
    ),
}


@pytest.mark.parametrize("permission", UNREAD)
def test_what_cannot_be_read_is_neither_right_nor_wrong(permission: str) -> None:
    """A check whose facts are missing is skipped with the permission's name, and the exit code is 2."""
    facts, codes = UNREAD[permission]

    assert skipped(facts) == dict.fromkeys(codes, permission)
    assert found(run(facts)) == {}
    assert run(facts).exit_code == 2


@pytest.mark.parametrize("effect", [True, False])
def test_condition_that_is_not_known_settles_nothing(*, effect: bool) -> None:
    """A statement under a condition that doctor cannot judge is neither a permission nor a denial."""
    unclear = statement(INVOKE_URL, "maybe", IN_THE_ORGANISATION, THIS, allows=effect)
    rest = (*INVOKE_ONLY, statement(INVOKE_URL, "url")) if not effect else INVOKE_ONLY
    report = run(with_url(policy=(*rest, unclear)))

    assert found(report) == {}
    assert set(skipped(report.facts)) == {"EH302", "EH304", "EH306", "EH308"}


def test_auth_type_condition_belongs_to_the_url_action() -> None:
    """lambda:FunctionUrlAuthType is a key of InvokeFunctionUrl; on InvokeFunction nobody has said what it does."""
    report = run(
        with_url(policy=(statement(INVOKE_URL, "url", IAM_ONLY, THIS), statement(INVOKE, "i", IAM_ONLY, THIS)))
    )

    assert found(report) == {}
    assert set(skipped(report.facts)) == {"EH303", "EH305", "EH307", "EH309"}


def test_findings_outweigh_what_could_not_be_read() -> None:
    """With a broken and an unread thing, the exit code says broken."""
    assert run(replace(with_url(policy=denied("lambda:GetPolicy")), enabled=False)).exit_code == 1


def test_one_fault_at_two_behaviors_is_one_finding() -> None:
    """A permission is missing once, and the finding names the behaviors."""
    facts = with_url(policy=INVOKE_ONLY)
    twice = replace(facts, behaviors=(facts.behaviors[0], replace(facts.behaviors[0], pattern="/upload*")))

    (finding,) = [outcome for outcome in run(twice).outcomes if outcome.fault]

    assert finding.behaviors == ("/chat*", "/upload*")


def test_dependent_checks_name_the_code_to_fix_first() -> None:
    """Behind a path that leads elsewhere, no behavior's check is asked, through any chain of requirements."""
    report = run(replace(with_origin(kind="other"), path="/chat"))

    assert found(report) == {"EH101": "broken"}
    assert {outcome.after for outcome in report.with_status("dependent")} == {"EH101"}
    assert {outcome.check.code for outcome in report.with_status("ok")} == {"EH103", "EH104", "EH105", "EH106"}


def test_codes_are_unique_and_in_order() -> None:
    """A code belongs to one check."""
    codes = [check.code for check in CHECKS]

    assert codes == sorted(set(codes))


def test_requirements_are_checks() -> None:
    """Nothing requires a code that is not there, or itself by a circle."""
    run(FACTS, CHECKS)

    assert {code for check in CHECKS for code in check.requires} <= set(BY_CODE)
    with pytest.raises(ValueError, match="require each other"):
        run(FACTS, [replace(BY_CODE["EH102"], requires=("EH102",))])
    with pytest.raises(ValueError, match="EH999"):
        run(FACTS, [replace(BY_CODE["EH102"], requires=("EH999",))])


def test_requirements_come_first() -> None:
    """A check is asked after what it requires; otherwise checks are asked, and always shown, in their own order."""
    asked: list[str] = []

    def check(code: str, *requires: str) -> Check:
        return replace(BY_CODE["EH101"], code=code, requires=requires, look=lambda _: asked.append(code))

    report = run(FACTS, [check("EH1", "EH4"), check("EH2"), check("EH3", "EH1"), check("EH4"), check("EH5")])

    assert asked == ["EH2", "EH4", "EH5", "EH1", "EH3"]
    assert [outcome.check.code for outcome in report.outcomes] == ["EH1", "EH2", "EH3", "EH4", "EH5"]


def test_severity_of_a_finding_may_be_its_own() -> None:
    """A fault may be milder than its check."""
    fix = Fix(command="true", sam="-", terraform="-")

    def look(_: CheckContext) -> Fault:
        return Fault(what="something", fix=fix, severity="note")

    check = Check(code="EH999", title="a title", severity="broken", meaning="nothing works", look=look)

    assert found(run(FACTS, [check])) == {"EH999": "note"}
    assert run(FACTS, [check]).exit_code == 0


def test_unknown_reason_is_not_a_permission() -> None:
    """A Function URL of another account is not read, and no permission is to blame."""
    url = Unread(what="the function", why="none of the functions of this account has this URL")

    assert set(skipped(with_origin(url=url)).values()) == {None}
