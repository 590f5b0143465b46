"""All checks, in the order of their codes; a code is never given to another check."""

from __future__ import annotations

from edge_hasher.doctor.checks import (
    access_control,
    association,
    cloudfront_functions,
    connection,
    distribution,
    edge_function,
    permissions,
    policies,
)

_GROUPS = (
    distribution.CHECKS,
    cloudfront_functions.CHECKS,
    access_control.CHECKS,
    permissions.CHECKS,
    policies.CHECKS,
    connection.CHECKS,
    association.CHECKS,
    edge_function.CHECKS,
)
CHECKS = tuple(sorted((each for group in _GROUPS for each in group), key=lambda each: each.code))
