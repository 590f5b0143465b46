"""Which function, and which version of it, when none is named."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge_hasher.aws import function_arn
from edge_hasher.aws.errors import NotAllowedError, NotFoundError, OperateError

if TYPE_CHECKING:
    from edge_hasher.aws.door import Aws
    from edge_hasher.aws.function_arn import FunctionArn

SSM_PARAMETER = "/edge-hasher/version-arn"  # the default of template.yaml's SsmParameterName
STACK = "edge-hasher"  # the stack name of samconfig.toml
_STACK_OUTPUTS = ("VersionArn", "FunctionName")  # outputs of template.yaml, the more precise first


_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")  # documented: Lambda, CreateFunction, FunctionName


class _UnreadableNameError(NotFoundError):
    """The place is there, and what it holds names no function."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionRef:
    """A function by name; `source` is the place that named it, `version_arn` the version which that place takes."""

    name: str
    source: str
    version_arn: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionChoice:
    """A version to attach, and notes on how it was chosen."""

    arn: FunctionArn
    notes: tuple[str, ...] = ()


def function_named(aws: Aws, name: str | None) -> FunctionRef:
    """Return the function: the one that is named, else that of the SSM parameter, else that of the stack."""
    if name is not None:
        return _given(aws, name)
    tried = []
    for look in (_from_parameter, _from_stack):
        try:
            return look(aws)
        except (NotAllowedError, NotFoundError) as error:
            tried.append(str(error))
    raise OperateError(
        f"which function? Name it with --function, or deploy the stack first. Looked for: {'; '.join(tried)}"
    )


def named_by_deployment(aws: Aws, name: str) -> list[FunctionRef]:
    """Return what the SSM parameter names, and the stack unless the parameter is about the function `name`.

    Raises OperateError where that cannot be read; what is not there names nothing.
    """
    found: list[FunctionRef] = []
    for look in (_from_parameter, _from_stack):
        try:
            found.append(look(aws))
        except _UnreadableNameError:
            raise
        except NotFoundError:
            continue
        if found[-1].name == name:
            break
    return found


def newest_version(aws: Aws, name: str | None) -> VersionChoice:
    """Return the newest published version; a note says so when the stack would take another."""
    named = function_named(aws, name)
    versions = aws.functions.versions(named.name)
    if not versions:
        raise OperateError(
            f"the function {named.name} has no published version, and CloudFront takes no other: "
            f"`aws lambda publish-version --region us-east-1 --function-name {named.name}`"
        )
    newest = function_arn.version_arn(versions[-1].arn)
    notes = []
    if named.version_arn not in {None, newest.text}:
        notes.append(
            f"{named.source} names {named.version_arn}, and a newer version is there; --function-arn takes the older"
        )
    return VersionChoice(arn=newest, notes=tuple(notes))


def _from_parameter(aws: Aws) -> FunctionRef:
    value = aws.parameters.value(SSM_PARAMETER)
    ref = _ref(value, f"the SSM parameter {SSM_PARAMETER}")
    if ref.version_arn is None:
        raise _UnreadableNameError(f"{ref.source} holds {value!r}, which is no ARN of a function")
    return ref


def _from_stack(aws: Aws) -> FunctionRef:
    outputs = aws.stacks.outputs(STACK)
    for key in _STACK_OUTPUTS:
        if value := outputs.get(key):
            return _ref(value, f"the stack {STACK}")
    raise NotFoundError(f"the stack {STACK} has no output {' or '.join(_STACK_OUTPUTS)}")


def _ref(text: str, source: str) -> FunctionRef:
    arn = function_arn.parse(text)
    if arn and arn.region != function_arn.EDGE_REGION:
        raise _UnreadableNameError(f"{source} names a function in {arn.region}, which Lambda@Edge does not take")
    return FunctionRef(name=arn.name if arn else text, source=source, version_arn=arn.text if arn else None)


def _given(aws: Aws, text: str) -> FunctionRef:
    """Return the function of --function. Its name alone goes into the calls, so the rest must be what they assume."""
    arn = function_arn.parse(text)
    if (arn and arn.qualifier is not None) or not (arn or _NAME.fullmatch(text)):
        raise OperateError(
            f"--function takes the name or the ARN of a function, without a version or an alias, not {text!r}"
        )
    if arn and arn.region != function_arn.EDGE_REGION:
        raise OperateError(
            f"--function names a function in {arn.region}, and Lambda@Edge takes functions of "
            f"{function_arn.EDGE_REGION} alone: {text}"
        )
    if arn and arn.account != (account := aws.identity.account()):
        raise OperateError(
            f"--function names a function of account {arn.account}, and the credentials are of account {account}: "
            "use credentials of that account (--profile)"
        )
    return FunctionRef(name=arn.name if arn else text, source="--function")
