"""Data sources whose answer is known without asking: AWS's managed policies by name, and policy documents."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from edge_hasher.doctor.reading.managed_policies import CACHE_POLICIES, REQUEST_POLICIES
from edge_hasher.doctor.templates.reading.intrinsics import ACCOUNT
from edge_hasher.doctor.templates.reading.values import Seq, unknown_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge_hasher.doctor.facts import CachePolicy, RequestPolicy
    from edge_hasher.doctor.templates.reading.values import Map, Unknown

_MANAGED: dict[str, Mapping[str, CachePolicy] | Mapping[str, RequestPolicy]] = {
    "aws_cloudfront_cache_policy": CACHE_POLICIES,
    "aws_cloudfront_origin_request_policy": REQUEST_POLICIES,
}
# The data sources of which `known_data` may say anything.
DATA_SOURCES = frozenset({*_MANAGED, "aws_caller_identity", "aws_partition", "aws_iam_policy_document"})


def known_data(kind: str, values: Map) -> Mapping[str, object]:
    """Return the attributes of a data source that can be known; none for any other."""
    if kind == "aws_caller_identity":
        return {"account_id": ACCOUNT}
    if kind == "aws_partition":
        return {"partition": "aws", "dns_suffix": "amazonaws.com"}
    if kind == "aws_iam_policy_document":
        return {"json": _policy(values)}
    name, managed = values.get("name"), _MANAGED.get(kind, {})
    if managed and isinstance(name, str):
        # AWS's own are named Managed-CachingDisabled and so on (documented: the data source's examples).
        found = [key for key, each in managed.items() if each.name == name.removeprefix("Managed-")]
        return {"id": found[0]} if found else {}
    return {}


def _policy(values: Map) -> str | Unknown:
    unknown = unknown_in(values)
    if unknown is not None:
        return unknown
    return json.dumps({"Statement": [_statement(each) for each in values.get("statement") or Seq(values.place)]})


def _statement(block: Map) -> dict[str, object]:
    principals: dict[str, object] = {}
    for each in block.get("principals") or ():
        principals[str(each.get("type"))] = list(each.get("identifiers") or ())
    statement: dict[str, object] = {"Effect": block.get("effect", "Allow"), "Action": list(block.get("actions") or ())}
    if block.get("condition"):
        statement["Condition"] = {"": {}}
    return statement | {"Principal": "*" if "*" in principals else principals}
