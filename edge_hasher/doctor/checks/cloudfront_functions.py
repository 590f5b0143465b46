"""EH108 and EH109: what CloudFront Functions of a behavior do to its origin and to what is signed."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from edge_hasher.doctor.check import CannotTellError, Fault, Fix, check, known
from edge_hasher.doctor.checks.digest_loss import loses_digest
from edge_hasher.doctor.checks.distribution import NOTHING, VIEWER_REQUEST
from edge_hasher.doctor.facts import FunctionUrlFacts

if TYPE_CHECKING:
    from edge_hasher.doctor.check import CheckContext

_DIGEST = "x-amz-content-sha256"
_SIGNED_HEADERS = (_DIGEST, "authorization")


@check("EH108", requires=("EH101",))
def _has_a_fixed_origin(context: CheckContext) -> Fault | None:
    behavior, origin = context.behavior, context.behavior.origin
    if not origin.chosen_by:
        return None
    known_url = isinstance(origin.url, FunctionUrlFacts)
    return Fault(
        what=(
            f"the CloudFront Function {origin.chosen_by} of {behavior.label} chooses the origin at run time, and "
            f"{origin.host} is not asked"
            + (": doctor looks at the function that was named" if known_url else ": doctor --function NAME looks there")
        ),
        fix=Fix(
            command=f"edge-hasher doctor {shlex.quote(context.facts.id)} --function '<name of the Lambda function>'",
            sam=NOTHING,
            terraform=NOTHING,
        ),
    )


@check("EH109", requires=("EH101",))
def _leaves_the_signature_alone(context: CheckContext) -> Fault | None:
    """Leave alone what sets the viewer's host or rewrites paths: it is of no matter here."""
    found = {each.name: _names_in(each.certain_code) for each in context.behavior.functions}
    touching = {name: headers for name, headers in found.items() if headers}
    if not touching:
        for each in context.behavior.functions:
            known(each.code)
        return None
    lost = _losing(context)
    names = "; ".join(f"{name}: {', '.join(headers)}" for name, headers in touching.items())
    reads = [f"aws cloudfront get-function --name {shlex.quote(name)} --stage LIVE /dev/stdout" for name in touching]
    if lost:
        return Fault(
            what=(
                f"CloudFront Functions of {context.behavior.label} delete or replace the digest that clients send "
                f"({'; '.join(f'{name}: {_DIGEST}' for name in lost)})"
            ),
            fix=Fix(
                command=" && ".join(reads),
                sam=f"FunctionCode: leave {_DIGEST} as it came",
                terraform=f"code: leave {_DIGEST} as it came",
            ),
            severity="broken",
        )
    return Fault(
        what=f"CloudFront Functions of {context.behavior.label} name headers that the signature is about ({names})",
        fix=Fix(command=" && ".join(reads), sam=NOTHING, terraform=NOTHING),
    )


def _losing(context: CheckContext) -> list[str]:
    """Return the functions that take away the digest where clients send it, and the Function URL asks for it."""
    url = context.behavior.origin.url
    is_public = isinstance(url, FunctionUrlFacts) and url.is_public
    if not context.facts.clients_hash or is_public or not _takes_bodies(context):
        return []
    # Edge Hasher, which runs later, would hash what it gets: not what is over 1 MB.
    functions = [each for each in context.behavior.functions if each.event == VIEWER_REQUEST]
    return [each.name for each in functions if loses_digest(each.certain_code)]


def _takes_bodies(context: CheckContext) -> bool:
    try:
        return context.behavior.takes_bodies
    except CannotTellError:
        return False


def _names_in(code: str) -> list[str]:
    return [name for name in _SIGNED_HEADERS if name in code.lower()]


CHECKS = (_has_a_fixed_origin, _leaves_the_signature_alone)
