"""What botocore raises, as an OperateError: one line with the fix."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from botocore import exceptions as boto
from botocore.exceptions import BotoCoreError, ClientError

from edge_hasher.aws.error_fixes import ASSOCIATION_FIXES, CREDENTIALS_CODES, FIXES, THROTTLED_CODES
from edge_hasher.aws.errors import (
    ConflictError,
    CredentialsError,
    NoAnswerError,
    NotAllowedError,
    NotFoundError,
    OperateError,
)
from edge_hasher.terminal import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

CONFLICT_CODES = frozenset({"PreconditionFailed", "InvalidIfMatchVersion"})
DENIED_CODES = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized"})
NOT_FOUND_CODES = ("NoSuch", "ParameterNotFound", "ResourceNotFoundException")  # how they begin

# Seen: the two sentences in which AWS names the action.
_ACTION = re.compile(
    r"(?:not authorized to perform:?|add permission:) (?P<action>[a-z0-9-]+:[A-Za-z*]+)"
    r"(?:.*? (?:on|for) resource:? (?P<resource>arn:\S+))?"
)


@contextmanager
def translated(service: str) -> Iterator[None]:
    """Turn what botocore raises inside into an OperateError; `service` is the IAM prefix, such as cloudfront."""
    try:
        yield
    except ClientError as error:
        raise from_client_error(error, service) from error
    except BotoCoreError as error:
        raise from_botocore(error) from error


def from_client_error(error: ClientError, service: str) -> OperateError:
    """Return the one line for an answer of AWS that refuses."""
    code = error.response.get("Error", {}).get("Code", "")
    message = printable(error.response.get("Error", {}).get("Message", "")).strip()
    named = _ACTION.search(message)
    if code in DENIED_CODES or named is not None:
        return _not_allowed(named, f"{service}:{error.operation_name}")
    if code in CREDENTIALS_CODES:
        return CredentialsError(f"AWS does not take the credentials ({code}): {CREDENTIALS_CODES[code]}")
    if code in THROTTLED_CODES:
        return OperateError(f"AWS asks for fewer calls ({code}), after several tries: run this again in a minute")
    fix = FIXES.get(code, f"AWS refused {service}:{error.operation_name}")
    if code == "InvalidLambdaFunctionAssociation":
        fix = ": ".join([fix, *[text for part, text in ASSOCIATION_FIXES.items() if part in message][:1]])
    text = f"{fix} ({code}: {message.rstrip('.')})" if message else f"{fix} ({code})"
    if code in CONFLICT_CODES:
        return ConflictError(text)
    if code.startswith(NOT_FOUND_CODES):
        return NotFoundError(text)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return NoAnswerError(text) if status >= 500 else OperateError(text)  # noqa: PLR2004 (HTTP's server errors)


def from_botocore(error: BotoCoreError) -> OperateError:
    """Return the one line for a call that never got an answer."""
    text = printable(str(error)).strip()
    match error:
        case boto.NoCredentialsError() | boto.PartialCredentialsError() | boto.CredentialRetrievalError():
            return CredentialsError(
                f"no AWS credentials ({text}): sign in as for the AWS CLI (`aws sso login`, `aws configure`), "
                "or name a profile with --profile"
            )
        case boto.SSOError() | boto.TokenRetrievalError():
            return CredentialsError(f"the AWS sign-in is not valid ({text}): run `aws sso login`, with your --profile")
        case boto.ProfileNotFound() | boto.ConfigNotFound() | boto.ConfigParseError() | boto.InvalidConfigError():
            return CredentialsError(f"{text}: `aws configure list-profiles` lists the profiles that there are")
        case boto.ParamValidationError() | boto.InvalidRegionError() | boto.NoRegionError():
            return OperateError(text.replace("\\n", " "))
        case boto.HTTPClientError() | boto.ConnectionError():
            return NoAnswerError(f"AWS did not answer ({text}): check the network and run this again")
        case _:
            return OperateError(text)


def _not_allowed(match: re.Match[str] | None, asked: str) -> NotAllowedError:
    action = match["action"] if match else asked
    resource = match["resource"].rstrip(".,") if match and match["resource"] else None
    where = f" on {resource}" if resource else ""
    return NotAllowedError(
        f"not allowed: {action}{where}; add this action to the policy of the credentials, or use others (--profile)",
        action=action,
    )
