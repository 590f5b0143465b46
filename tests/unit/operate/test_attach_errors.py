"""What AWS refuses becomes one clear line with the fix, and nothing is left behind."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.stub import ANY

from edge_hasher.aws.error_fixes import ASSOCIATION_FIXES
from edge_hasher.aws.errors import OperateError
from edge_hasher.operate.attach.options import AttachOptions
from edge_hasher.operate.attach.prepare import prepare
from edge_hasher.operate.attach.run import dry_run, run
from tests.support.aws.distribution_configs import (
    ACCOUNT,
    ARN,
    DISTRIBUTION_ID,
    ETAG,
    FUNCTION,
    OTHER_ARN,
    association,
    behavior,
    config,
)
from tests.support.aws.edge_rule_cases import policy, trust
from tests.support.aws.stubbed_aws import (
    FakeTime,
    StubbedAws,
    answer_distribution,
    answer_tags,
    deploy,
    screen,
    unseen,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge_hasher.operate.attach.run import AttachResult

BEFORE = config([behavior("/chat*")])


@pytest.fixture
def aws() -> Iterator[StubbedAws]:
    """Give an AWS without answers."""
    with StubbedAws() as stubbed:
        yield stubbed


@pytest.fixture
def options(tmp_path: Path) -> AttachOptions:
    """Give the plainest attach."""
    return AttachOptions(
        distribution=DISTRIBUTION_ID, paths=("/chat*",), function_arn=ARN, backup_dir=tmp_path / "backups"
    )


def attach(options: AttachOptions, aws: StubbedAws) -> AttachResult:
    """Run attach with a clock that does not wait."""
    prepared = prepare("attach", options, aws, unseen)
    return run(prepared, options, aws.cloudfront, screen(), FakeTime().clock)


def preview(options: AttachOptions, aws: StubbedAws) -> AttachResult:
    """Run attach dry."""
    return dry_run(prepare("attach", options, aws, unseen))


def refusal(options: AttachOptions, aws: StubbedAws) -> str:
    """Run attach, and return the one line with which it gives up."""
    with pytest.raises(OperateError) as refused:
        attach(options, aws)
    aws.all_used()
    assert not list((options.backup_dir or Path()).glob("*")), "a backup of nothing was left behind"
    (line,) = refused.value.lines
    assert "\n" not in line
    return line


def ready_to_update(aws: StubbedAws) -> None:
    """Answer everything up to the update."""
    deploy(aws)
    answer_distribution(aws, BEFORE)
    answer_tags(aws)


def refuse(aws: StubbedAws, code: str, message: str, call: str = "update_distribution", status: int = 400) -> None:
    """Let CloudFront refuse the next call."""
    aws.stub("cloudfront").add_client_error(call, code, message, http_status_code=status)


# Error codes: documented, UpdateDistribution. The sentences of InvalidLambdaFunctionAssociation: seen.
ASSOCIATION = "InvalidLambdaFunctionAssociation"
IS_LARGER = "is larger than the maximum allowed for functions that are triggered by a CloudFront event:"
NOT_AUTHORIZED = (
    f"User: arn:aws:iam::{ACCOUNT}:user/a is not authorized to perform: cloudfront:UpdateDistribution on resource: "
    f"arn:aws:cloudfront::{ACCOUNT}:distribution/{DISTRIBUTION_ID} because no identity-based policy allows it"
)
CANNOT_RETRIEVE = (
    "Lambda@Edge cannot retrieve the specified Lambda function. "
    f"Update the IAM policy to add permission: lambda:GetFunction for resource: {ARN} and try again."
)
CANNOT_REPLICATE = f"Update the IAM policy to add permission: lambda:EnableReplication* for resource: {ARN}"
NOT_ASSUMABLE = (
    "The function execution role must be assumable with edgelambda.amazonaws.com as well as lambda.amazonaws.com "
    "principals. Update the IAM role and try again."
)
REFUSED_UPDATES = [
    (ASSOCIATION, f"The function ARN must reference a specific function version. ARN: {ARN}", "edge-hasher versions"),
    (ASSOCIATION, f"The function must be in region 'us-east-1'. ARN: {ARN}", "deploy the function in us-east-1"),
    (ASSOCIATION, f"The function cannot have environment variables. Function: {ARN}", "take the environment variables"),
    (ASSOCIATION, f"The function cannot have a layer. Function: {ARN}", "take the layers away"),
    (ASSOCIATION, "Lambda@Edge does not support functions with an architecture of arm64", "x86_64"),
    (ASSOCIATION, f"The function must be in an Active state. The current state for {ARN} is Pending", "takes seconds"),
    (ASSOCIATION, f"The function timeout {IS_LARGER} 60 Max allowed: 30", "at most 30 seconds"),
    (ASSOCIATION, f"The function code size {IS_LARGER} 60000000 Max allowed: 52428800", "50 MB"),
    (ASSOCIATION, "The function has an invalid runtime for functions: java21", "python3.13"),
    (ASSOCIATION, NOT_ASSUMABLE, "let edgelambda.amazonaws.com assume"),
    (ASSOCIATION, CANNOT_RETRIEVE, f"not allowed: lambda:GetFunction on {ARN}"),
    (ASSOCIATION, CANNOT_REPLICATE, "not allowed: lambda:EnableReplication*"),
    (ASSOCIATION, "A reason that nobody has seen yet.", "A reason that nobody has seen yet"),
    ("TooManyDistributionsWithLambdaAssociations", "Too many.", "Service Quotas"),
    ("TooManyDistributionsWithSingleFunctionARN", "Too many.", "publish another"),
    ("TooManyLambdaFunctionAssociations", "Too many.", "fewer behaviors"),
    ("InvalidFunctionAssociation", "No.", "CloudFront Function"),
    ("IllegalUpdate", "The update contains modifications that are not allowed.", "change it there"),
    ("StagingDistributionInUse", "In use.", "end that one first"),
    ("NoSuchDistribution", "The specified distribution does not exist.", "list-distributions"),
    ("InvalidArgument", "The parameter Foo is wrong.", "The parameter Foo is wrong"),
    ("InvalidViewerCertificate", "The certificate is gone.", "certificate"),
    ("AccessDenied", NOT_AUTHORIZED, "not allowed: cloudfront:UpdateDistribution on arn:aws:cloudfront::"),
    ("AccessDenied", "Access denied.", "not allowed: cloudfront:UpdateDistribution"),
    ("ExpiredToken", "The security token included in the request is expired", "expired; sign in again"),
    ("InvalidClientTokenId", "The security token included in the request is invalid", "access key is not known"),
    ("SignatureDoesNotMatch", "The request signature does not match.", "clock"),
    ("Throttling", "Rate exceeded", "in a minute"),
    ("SomethingNew", "AWS made this one up\x1b[2J today.", "SomethingNew: AWS made this one up\\x1b[2J today"),
]


@pytest.mark.parametrize(("code", "message", "expected"), REFUSED_UPDATES)
def test_a_refused_update_is_one_line_with_the_fix(
    code: str, message: str, expected: str, aws: StubbedAws, options: AttachOptions
) -> None:
    """Each refusal is told in one line that says what to do; no backup is left, and nothing is tried again."""
    ready_to_update(aws)
    refuse(aws, code, message)
    answer_distribution(aws, BEFORE)  # read back: it was not made
    line = refusal(options, aws)
    assert expected in line
    assert line.isprintable()


def test_every_association_fix_is_tried() -> None:
    """Each sentence that has a fix of its own is among the cases above, but for those that nobody has seen whole."""
    sentences = [message for code, message, _ in REFUSED_UPDATES if code == "InvalidLambdaFunctionAssociation"]
    untried = {part for part in ASSOCIATION_FIXES if not any(part in sentence for sentence in sentences)}
    assert untried == {"memory size is larger", "VPC"}


@pytest.mark.parametrize(
    ("code", "message", "status", "expected"),
    [
        ("NoSuchDistribution", "The specified distribution does not exist.", 404, "no such distribution"),
        ("AccessDenied", "Access denied.", 403, "not allowed: cloudfront:GetDistribution"),
        ("ExpiredToken", "The token is expired", 403, "expired"),
    ],
)
def test_a_refused_read_is_one_line(
    code: str, message: str, status: int, expected: str, aws: StubbedAws, options: AttachOptions
) -> None:
    """An unknown distribution, a missing permission and stale credentials are told before anything else is asked."""
    refuse(aws, code, message, call="get_distribution", status=status)
    assert expected in refusal(options, aws)


BAD_ARNS = [
    (f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{FUNCTION}:$LATEST", "specific function version.*LATEST"),
    (f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{FUNCTION}:live", "specific function version.*the alias live"),
    (f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{FUNCTION}", "specific function version.*names no version"),
    (f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:{FUNCTION}:4", "must be in region 'us-east-1'"),
    (f"arn:aws:cloudfront::{ACCOUNT}:function/source-ranges", "not the ARN of a Lambda version"),
    ("", "not the ARN of a Lambda version"),
    (f"{ARN}\n", "not the ARN of a Lambda version"),
]


@pytest.mark.parametrize(("arn", "expected"), BAD_ARNS)
def test_an_arn_that_is_no_version(arn: str, expected: str, aws: StubbedAws, options: AttachOptions) -> None:
    """$LATEST, an alias, another Region and another kind of ARN are refused with CloudFront's own reason."""
    answer_distribution(aws, BEFORE)
    with pytest.raises(OperateError, match=expected):
        attach(replace(options, function_arn=arn), aws)


def test_all_reasons_at_once(aws: StubbedAws, options: AttachOptions) -> None:
    """Several reasons are told together, a line each, before CloudFront is asked; test_edge_rules.py has them all."""
    deploy(aws, Architectures=["arm64"], Timeout=60, trust=policy())
    answer_distribution(aws, BEFORE)
    with pytest.raises(OperateError) as refused:
        attach(options, aws)
    aws.all_used()
    assert len(refused.value.lines) == 3


def test_a_role_without_the_edge_trust(aws: StubbedAws, options: AttachOptions) -> None:
    """A role that edgelambda may not assume is refused with CloudFront's own reason."""
    deploy(aws, trust=policy(trust({"Service": "lambda.amazonaws.com"})))
    answer_distribution(aws, BEFORE)
    line = refusal(options, aws)
    assert "must be assumable with edgelambda.amazonaws.com" in line


@pytest.mark.parametrize("action", ["iam:GetRole", "lambda:GetRuntimeManagementConfig"])
def test_what_may_not_be_read_is_skipped(action: str, aws: StubbedAws, options: AttachOptions) -> None:
    """What the credentials may not look at is left to CloudFront; a note names the action, and attach goes on."""
    ready_to_update(aws)
    aws.refuse(action, "AccessDenied", f"User is not authorized to perform: {action}", 403)
    outcome = preview(options, aws)
    aws.all_used()
    assert any(action in note for note in outcome.notes)
    assert outcome.applied.plan.changes


MAY_NOT_GET = f"User: x is not authorized to perform: lambda:GetFunction on resource: {ARN} because"


def test_a_version_that_is_gone(aws: StubbedAws, options: AttachOptions) -> None:
    """A version that was deleted stops attach."""
    deploy(aws, versions=3)
    answer_distribution(aws, BEFORE)
    assert "Function not found" in refusal(options, aws)


def test_a_version_that_may_not_be_read(aws: StubbedAws, options: AttachOptions) -> None:
    """CloudFront reads the version on the caller's behalf, so a missing permission stops attach."""
    answer_distribution(aws, BEFORE)
    aws.refuse("lambda:GetFunction", "AccessDeniedException", MAY_NOT_GET, 403)
    assert f"not allowed: lambda:GetFunction on {ARN}" in refusal(options, aws)


def test_a_dry_run_says_what_stands_against_it(aws: StubbedAws, options: AttachOptions) -> None:
    """The dry run of a change that would be refused shows the plan, with the reason."""
    deploy(aws)
    answer_distribution(aws, BEFORE, status="InProgress")
    answer_tags(aws)
    outcome = preview(options, aws)
    aws.all_used()
    assert outcome.exit_code == 0
    assert outcome.applied.plan.changes
    assert any(note.startswith("without --dry-run: ") and "still deploying" in note for note in outcome.notes)


def test_a_distribution_in_progress(aws: StubbedAws, options: AttachOptions) -> None:
    """While another change is being deployed nothing is changed; the line says how to wait, and how not to."""
    deploy(aws)
    answer_distribution(aws, BEFORE, status="InProgress")
    answer_tags(aws)
    line = refusal(options, aws)
    assert "aws cloudfront wait distribution-deployed" in line
    assert "--while-deploying" in line


def test_another_function_in_the_way(aws: StubbedAws, options: AttachOptions) -> None:
    """A behavior that has another origin-request function is refused before anything else is asked."""
    answer_distribution(aws, config([behavior("/chat*", [association(OTHER_ARN)])]))
    assert "--replace" in refusal(options, aws)


def test_nothing_to_do_asks_for_nothing_more(aws: StubbedAws, options: AttachOptions) -> None:
    """Where the function is attached already, neither Lambda nor IAM is asked, and there is no update."""
    settings = config([behavior("/chat*", [association()])])
    answer_distribution(aws, settings)
    answer_distribution(aws, settings)  # once more, by the wait
    outcome = attach(options, aws)
    aws.all_used()
    assert outcome.exit_code == 0
    assert outcome.applied.backup is None
    assert outcome.applied.plan.already == ("/chat*",)


def test_a_backup_that_cannot_be_written_stops_everything(
    aws: StubbedAws, options: AttachOptions, tmp_path: Path
) -> None:
    """Without a backup there is no update."""
    (tmp_path / "file").write_text("")
    ready_to_update(aws)
    with pytest.raises(OperateError, match=r"nothing changed.*--backup-dir"):
        attach(replace(options, backup_dir=tmp_path / "file" / "sub"), aws)
    aws.all_used()


def updated(aws: StubbedAws, etag: str = "E3NEW") -> None:
    """Let the next update succeed."""
    read = {
        "Id": DISTRIBUTION_ID,
        "ARN": f"arn:aws:cloudfront::{ACCOUNT}:distribution/{DISTRIBUTION_ID}",
        "Status": "InProgress",
        "LastModifiedTime": 0,
        "InProgressInvalidationBatches": 0,
        "DomainName": "d111111abcdef8.cloudfront.net",
        "DistributionConfig": BEFORE,
    }
    asked = {"Id": DISTRIBUTION_ID, "IfMatch": ANY, "DistributionConfig": ANY}
    aws.stub("cloudfront").add_response("update_distribution", {"Distribution": read, "ETag": etag}, asked)


ATTACHED = config([behavior("/chat*", [association()])])


@pytest.mark.parametrize("code", ["PreconditionFailed", "InvalidIfMatchVersion"])
def test_a_conflict_is_planned_anew(code: str, aws: StubbedAws, options: AttachOptions) -> None:
    """A stale ETag means that someone was faster: read again, plan again, update once more; their change stays."""
    theirs = BEFORE | {"Comment": "theirs"}
    ready_to_update(aws)
    refuse(aws, code, "The precondition evaluated to false.", status=412)
    answer_distribution(aws, theirs, status="InProgress", etag="E3THEIRS")
    updated(aws)
    answer_distribution(aws, ATTACHED | {"Comment": "theirs"}, etag="E3NEW")
    answer_distribution(aws, ATTACHED | {"Comment": "theirs"}, etag="E3NEW")  # once more, by the wait
    outcome = attach(options, aws)
    aws.all_used()
    assert outcome.exit_code == 0
    assert outcome.applied.plan.after["Comment"] == "theirs"
    assert outcome.applied.plan.distribution.etag == "E3THEIRS"
    assert len(list((options.backup_dir or Path()).iterdir())) == 2


def test_endless_conflicts_end(aws: StubbedAws, options: AttachOptions) -> None:
    """Someone who is always faster ends it after a few tries, with nothing changed."""
    ready_to_update(aws)
    for _ in range(5):
        refuse(aws, "PreconditionFailed", "The precondition evaluated to false.", status=412)
        answer_distribution(aws, BEFORE)
    assert "5 times" in refusal(options, aws)


def test_an_update_without_an_answer_that_took_effect(aws: StubbedAws, options: AttachOptions) -> None:
    """When AWS fails after it made the change, the read tells, and attach goes on."""
    ready_to_update(aws)
    refuse(aws, "InternalError", "Oops", status=500)
    for _ in range(3):
        answer_distribution(aws, ATTACHED, etag="E3NEW")
    outcome = attach(options, aws)
    aws.all_used()
    assert outcome.exit_code == 0
    assert outcome.applied.backup is not None
    assert outcome.applied.backup.exists()


def test_an_update_without_an_answer_that_did_not(aws: StubbedAws, options: AttachOptions) -> None:
    """When the change was not made, the line says so, and the backup stays, as the update may yet arrive."""
    ready_to_update(aws)
    refuse(aws, "ServiceUnavailable", "Oops", status=503)
    answer_distribution(aws, BEFORE, etag=ETAG)
    with pytest.raises(OperateError, match="as it was so far"):
        attach(options, aws)
    assert len(list((options.backup_dir or Path()).iterdir())) == 1


def test_an_update_without_an_answer_and_no_read(aws: StubbedAws, options: AttachOptions) -> None:
    """When nothing can be read any more either, the line says that it is not known."""
    ready_to_update(aws)
    refuse(aws, "InternalError", "Oops", status=500)
    refuse(aws, "ExpiredToken", "expired", call="get_distribution", status=403)
    with pytest.raises(OperateError, match="not known: the same command finds out"):
        attach(options, aws)
    assert len(list((options.backup_dir or Path()).iterdir())) == 1


@pytest.mark.parametrize(
    ("settings", "etag", "exit_code", "expected"),
    [
        (ATTACHED | {"Comment": "other"}, "E3NEW", 1, "something else than it was asked for"),
        (ATTACHED | {"Comment": "other"}, "E4THEIRS", 0, "still stands"),
        (BEFORE, "E4THEIRS", 1, "undid this"),
    ],
)
def test_what_is_read_back_is_compared(
    settings: dict[str, Any], etag: str, exit_code: int, expected: str, aws: StubbedAws, options: AttachOptions
) -> None:
    """A difference is a problem, unless someone else made it afterwards and ours still stands."""
    ready_to_update(aws)
    updated(aws)
    answer_distribution(aws, settings, etag=etag)
    outcome = attach(replace(options, wait=False), aws)
    assert outcome.exit_code == exit_code
    assert expected in " ".join((*outcome.problems, *outcome.notes))


def test_an_owner_is_warned_of(aws: StubbedAws, options: AttachOptions) -> None:
    """A distribution of a stack or of Terraform is attached with a warning and the lines for its template."""
    stack = {"aws:cloudformation:stack-name": "site", "aws:cloudformation:logical-id": "Cdn"}
    cases = [
        (stack, "stack site, resource Cdn", "IncludeBody: true"),
        ({"ManagedBy": "Terraform"}, "Terraform owns", "include_body = true"),
        ({"sst:app": "shop"}, "Pulumi or SST owns", "includeBody: true"),
    ]
    deploy(aws)
    for tags, owner, line in cases:
        answer_distribution(aws, BEFORE)
        answer_tags(aws, **tags)
        warnings = "\n".join(preview(options, aws).warnings)
        assert owner in warnings
        assert line in warnings
        assert ARN in warnings
        assert "/chat*" in warnings


def test_tags_that_may_not_be_read_are_a_note(aws: StubbedAws, options: AttachOptions) -> None:
    """Without cloudfront:ListTagsForResource attach goes on, and says what it does not know."""
    deploy(aws)
    answer_distribution(aws, BEFORE)
    refuse(aws, "AccessDenied", "Access denied.", call="list_tags_for_resource", status=403)
    outcome = preview(options, aws)
    assert any("cloudfront:ListTagsForResource" in note for note in outcome.notes)
