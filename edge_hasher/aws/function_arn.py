"""The ARN of a published Lambda version: the only thing that CloudFront takes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from edge_hasher.aws.errors import OperateError

EDGE_REGION = "us-east-1"  # documented: "Restrictions on Lambda@Edge", Lambda Region

_ARN = re.compile(
    r"arn:aws[a-z-]*:lambda:(?P<region>[a-z0-9-]+):(?P<account>\d{12})"
    r":function:(?P<name>[A-Za-z0-9_-]{1,64})(?::(?P<qualifier>[A-Za-z0-9_$-]+))?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionArn:
    """A Lambda function ARN in its parts; `qualifier` is a version, an alias, $LATEST or None."""

    text: str
    region: str
    account: str
    name: str
    qualifier: str | None


def parse(text: str) -> FunctionArn | None:
    """Return the parts of a Lambda function ARN, or None for anything else."""
    match = _ARN.fullmatch(text)
    return FunctionArn(text=text, **match.groupdict()) if match else None


def version_arn(text: str) -> FunctionArn:
    """Return the parts of an ARN that CloudFront would take; raises OperateError with CloudFront's own reason."""
    arn = parse(text)
    if arn is None:
        raise OperateError(
            f"{text!r} is not the ARN of a Lambda version: it should read "
            "arn:aws:lambda:us-east-1:<account>:function:<name>:<version number>"
        )
    if arn.region != EDGE_REGION:
        # Seen: CloudFront's words.
        raise OperateError(
            f"The function must be in region '{EDGE_REGION}', and {text} is in {arn.region}: "
            f"deploy the function to {EDGE_REGION}, from where CloudFront replicates it everywhere"
        )
    if arn.qualifier is None or not arn.qualifier.isdecimal():
        what = {None: "names no version", "$LATEST": "is $LATEST"}.get(arn.qualifier, f"is the alias {arn.qualifier}")
        # Seen: CloudFront's words.
        raise OperateError(
            f"The function ARN must reference a specific function version, and {text} {what}: "
            f"`edge-hasher versions --function {arn.name}` lists the numbered ones"
        )
    return arn
