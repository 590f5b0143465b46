"""What botocore raises, as an OperateError: one line with the fix."""

from __future__ import annotations

import re
from contextlib import contextmanager
from http import HTTPStatus
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
    ThrottledError,
    UnexpectedAnswerError,
)
from edge_hasher.terminal import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

_NOT_AWS = (
    "what came from {} is not a whole answer of AWS: look for a proxy or a sign-in page in between, and run this again"
)
CONFLICT_CODES = frozenset({"PreconditionFailed", "InvalidIfMatchVersion"})
DENIED_CODES = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized"})
NOT_FOUND_CODES = ("NoSuch", "ParameterNotFound", "ResourceNotFoundException")  # how they begin

# Their words name an address, and quote nothing.
_PLAIN = (
    boto.EndpointConnectionError,
    boto.ConnectTimeoutError,
    boto.ReadTimeoutError,
    boto.ConnectionClosedError,
    boto.ProxyConnectionError,
    boto.SSLError,
)
_CODE = re.compile(r"[A-Z][A-Za-z0-9.]{2,80}")  # a number instead is the HTTP status of a page that is not AWS's
_USER_INFO = re.compile(r"//[^/@\s]*@")  # name and password in an address
_VALUE = re.compile(r", value: .*?(?=, (?:type|valid|which)|$)", re.DOTALL)
# Seen: the two sentences in which AWS names the action.
_ACTION = re.compile(
    r"(?:not authorized to perform:?|add permission:) (?P<action>[a-z0-9-]+:[A-Za-z*]+)"
    r"(?:.*? (?:on|for) resource:? (?P<resource>arn:\S+))?"
)


@contextmanager
def translated(service: str) -> Iterator[None]:
    """Turn all that is raised inside into an OperateError; `service` is the IAM prefix, such as cloudfront."""
    try:
        yield
    except OperateError:
        raise
    except ClientError as error:
        raise from_client_error(error, service) from error
    except BotoCoreError as error:
        raise from_botocore(error) from error
    except Exception as error:
        # botocore's own parsers, and ours: their words may quote the answer, so none of them are used.
        raise UnexpectedAnswerError(f"{_NOT_AWS.format(service)} ({type(error).__name__})") from error


def from_client_error(error: ClientError, service: str) -> OperateError:
    """Return the one line for an answer of AWS that refuses."""
    said = error.response.get("Error", {})
    code, status = str(said.get("Code", "")), error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in THROTTLED_CODES or status == HTTPStatus.TOO_MANY_REQUESTS:
        return ThrottledError(
            f"AWS asks for fewer calls ({service}:{error.operation_name}): run this again in a minute"
        )
    if not _CODE.fullmatch(code):
        return UnexpectedAnswerError(f"{_NOT_AWS.format(service)} (HTTP status {status})")
    message = printable(str(said.get("Message", ""))).strip()
    named = _ACTION.search(message)
    if code in DENIED_CODES or named is not None:
        return _not_allowed(named, f"{service}:{error.operation_name}")
    if code in CREDENTIALS_CODES:
        return CredentialsError(f"AWS does not take the credentials ({code}): {CREDENTIALS_CODES[code]}", code=code)
    kind: type[OperateError] = NoAnswerError if status >= HTTPStatus.INTERNAL_SERVER_ERROR else OperateError
    if code in CONFLICT_CODES:
        kind = ConflictError
    elif code.startswith(NOT_FOUND_CODES):
        kind = NotFoundError
    fix = FIXES.get(code, f"AWS refused {service}:{error.operation_name}")
    if code == "InvalidLambdaFunctionAssociation":
        fix = ": ".join([fix, *[text for part, text in ASSOCIATION_FIXES.items() if part in message][:1]])
    return kind(f"{fix} ({code}: {message.rstrip('.')})" if message else f"{fix} ({code})")


def from_botocore(error: BotoCoreError) -> OperateError:
    """Return the one line for a call that never got an answer."""
    text = _words(error)
    match error:
        case (
            boto.NoCredentialsError()
            | boto.PartialCredentialsError()
            | boto.CredentialRetrievalError()
            | boto.MetadataRetrievalError()
        ):
            return CredentialsError(
                f"no AWS credentials ({text}): sign in as for the AWS CLI (`aws sso login`, `aws configure`), "
                "or name a profile with --profile"
            )
        case boto.SSOError() | boto.TokenRetrievalError():
            return CredentialsError(f"the AWS sign-in is not valid ({text}): run `aws sso login`, with your --profile")
        case boto.ProfileNotFound() | boto.ConfigNotFound() | boto.ConfigParseError() | boto.InvalidConfigError():
            return CredentialsError(f"{text}: `aws configure list-profiles` lists the profiles that there are")
        case boto.HTTPClientError() | boto.ConnectionError() | boto.PaginationError():
            return NoAnswerError(f"AWS did not answer ({text}): check the network and run this again")
        case _:
            return OperateError(text)


def _words(error: BotoCoreError) -> str:
    """Return the error's own words, but for those that may quote a header, an answer, a process or a value."""
    match error:
        case boto.CredentialRetrievalError():
            return f"{error.kwargs.get('provider')} failed; run it by hand to see why"
        case boto.ParamValidationError():
            return _VALUE.sub("", str(error)).replace("\n", " ").strip()
        case boto.HTTPClientError() if not isinstance(error, _PLAIN):
            return type(error.kwargs.get("error", error)).__name__
        case boto.MetadataRetrievalError() | boto.PaginationError():
            return type(error).__name__
        case _:
            return _USER_INFO.sub("//", printable(str(error)).strip())


def from_setup(error: Exception) -> OperateError:
    """Return the one line for a client that could not be made: nothing has been asked yet."""
    match error:
        case ClientError():
            return from_client_error(error, "sts")
        case BotoCoreError():
            return from_botocore(error)
        case OSError():
            what = f"{error.strerror}: {error.filename}" if error.filename else error.strerror
            return CredentialsError(
                f"the AWS credentials cannot be read ({what}): check credential_process and the files of the profile"
            )
        case _:
            return CredentialsError(
                f"the AWS settings of this machine cannot be used ({type(error).__name__}): check AWS_ENDPOINT_URL, "
                "and endpoint_url, region and credential_process of the profile"
            )


def _not_allowed(match: re.Match[str] | None, asked: str) -> NotAllowedError:
    action = match["action"] if match else asked
    resource = match["resource"].rstrip(".,") if match and match["resource"] else None
    where = f" on {resource}" if resource else ""
    return NotAllowedError(
        f"not allowed: {action}{where}; add this action to the policy of the credentials, or use others (--profile)",
        action=action,
    )
