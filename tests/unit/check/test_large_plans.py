"""Plans of a whole company: the time grows with the plan, not with its square."""

import json
import time
from pathlib import Path
from typing import Any

from edge_hasher.doctor.templates.run import CheckRun
from tests.support.check.check_run import check_text

LIMIT_S = 15.0  # of CPU; each takes 0.4 to 3 s, and took half a minute or more
SITE = {
    "enabled": True,
    "default_cache_behavior": [
        {
            "target_origin_id": "api",
            "viewer_protocol_policy": "https-only",
            "allowed_methods": ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"],
            "cached_methods": ["GET", "HEAD"],
            "cache_policy_id": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
        }
    ],
    "origin": [{"origin_id": "api", "custom_origin_config": [{"origin_protocol_policy": "https-only"}]}],
}


def in_time(folder: Path, resources: list[dict[str, Any]], configured: list[dict[str, Any]]) -> CheckRun:
    """Check a plan, on one line as Terraform prints it."""
    plan = {
        "format_version": "1.2",
        "planned_values": {"root_module": {"resources": resources}},
        "configuration": {"root_module": {"resources": configured}},
    }
    began = time.process_time()
    outcome = check_text(folder, json.dumps(plan), "plan.json")
    assert time.process_time() - began < LIMIT_S
    return outcome


def planned(kind: str, name: str, values: dict[str, Any]) -> dict[str, Any]:
    """Return a resource of `planned_values`."""
    return {"address": f"{kind}.{name}", "mode": "managed", "type": kind, "name": name, "values": values}


def refers(kind: str, name: str, **references: list[str]) -> dict[str, Any]:
    """Return a resource of `configuration`."""
    expressions = {argument: {"references": texts} for argument, texts in references.items()}
    return {"address": f"{kind}.{name}", "expressions": expressions}


def test_many_resources(tmp_path: Path) -> None:
    """Each one is configured by itself."""
    names = [f"p{number}" for number in range(40_000)]
    resources = [planned("aws_ssm_parameter", name, {"name": f"/{name}"}) for name in names]
    configured = [refers("aws_ssm_parameter", name, value=["var.value"]) for name in names]
    assert in_time(tmp_path, resources, configured).findings == ()


def test_many_instances_that_refer_to_each_other(tmp_path: Path) -> None:
    """Each by its own index."""
    numbers = range(6_000)
    kinds = "aws_lambda_function", "aws_lambda_permission"
    resources = [
        planned(kind, f"it[{number}]", {"function_name": f"f{number}"} if kind == kinds[0] else {})
        for kind in kinds
        for number in numbers
    ]
    configured = [
        refers(kinds[0], "it"),
        refers(kinds[1], "it", function_name=["aws_lambda_function.it", "count.index"]),
    ]
    assert in_time(tmp_path, resources, configured).findings == ()


def test_many_findings(tmp_path: Path) -> None:
    """Each of them may be left out by a comment on its line, which is the whole plan."""
    names = [f"t{number}" for number in range(250)]
    resources, configured = [], []
    for name in names:
        resources += [
            planned("aws_lambda_function", name, {"function_name": name, "description": "x" * 2000}),
            planned("aws_lambda_function_url", name, {"authorization_type": "AWS_IAM", "function_name": name}),
            planned("aws_cloudfront_distribution", name, SITE),
        ]
        function, url = f"aws_lambda_function.{name}", f"aws_lambda_function_url.{name}"
        site = refers("aws_cloudfront_distribution", name)
        site["expressions"]["origin"] = [{"domain_name": {"references": [f"{url}.function_url", url]}}]
        configured += [
            refers("aws_lambda_function", name),
            refers("aws_lambda_function_url", name, function_name=[f"{function}.function_name", function]),
            site,
        ]
    codes = [each.check.code for each in in_time(tmp_path, resources, configured).findings]
    assert {code: codes.count(code) for code in codes} == dict.fromkeys(["EH201", "EH302", "EH303", "EH602"], 250)
