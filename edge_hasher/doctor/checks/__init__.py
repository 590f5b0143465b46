"""All checks, in the order of their codes; a code is never given to another check."""

from __future__ import annotations

from edge_hasher.doctor.checks import (
    access_control,
    association,
    connection,
    distribution,
    edge_function,
    permissions,
    policies,
)

CHECKS = (
    *distribution.CHECKS,
    *access_control.CHECKS,
    *permissions.CHECKS,
    *policies.CHECKS,
    *connection.CHECKS,
    *association.CHECKS,
    *edge_function.CHECKS,
)
