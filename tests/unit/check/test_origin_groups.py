"""Origin groups: a GET may reach any member, so a Function URL behind a bucket is judged too."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.check import check_cases, terraform_cases
from tests.support.check.check_run import check_text, found


def in_yaml(first: str, second: str) -> str:
    """Return the healthy template, with its chat behavior on a group of these two."""
    origins = "        Origins:\n"
    assert check_cases.HEALTHY.count(origins) == 1
    members = f"[{{OriginId: {first}}}, {{OriginId: {second}}}]"
    codes = "FailoverCriteria: {StatusCodes: {Quantity: 1, Items: [503]}}"
    group = f"{{Id: both, {codes}, Members: {{Quantity: 2, Items: {members}}}}}"
    text = check_cases.HEALTHY.replace(origins, f"        OriginGroups: {{Quantity: 1, Items: [{group}]}}\n{origins}")
    return text.replace("TargetOriginId: agent", "TargetOriginId: both")


def in_hcl(first: str, second: str) -> str:
    """Return the same in Terraform."""
    members = "".join(f'    member {{\n      origin_id = "{each}"\n    }}\n' for each in (first, second))
    codes = "    failover_criteria {\n      status_codes = [503]\n    }\n"
    group = f'  origin_group {{\n    origin_id = "both"\n{codes}{members}  }}\n\n  default_cache_behavior {{'
    text = terraform_cases.HEALTHY.replace("  default_cache_behavior {", group)
    return text.replace('target_origin_id         = "agent"', 'target_origin_id         = "both"')


@pytest.mark.parametrize("members", [("agent", "page"), ("page", "agent")])
@pytest.mark.parametrize(("make", "name"), [(in_yaml, "t.yaml"), (in_hcl, "main.tf")])
def test_a_function_url_is_judged_wherever_it_is_in_a_group(
    members: tuple[str, str], make: Callable[[str, str], str], name: str, tmp_path: Path
) -> None:
    """A missing permission breaks the failover, whichever member comes first."""
    text = make(*members)
    assert found(check_text(tmp_path, text, name)) == {}
    broken = text.replace("lambda:InvokeFunction\n", "lambda:GetFunction\n").replace(
        '"lambda:InvokeFunction"', '"lambda:GetFunction"'
    )
    assert broken != text
    assert list(found(check_text(tmp_path, broken, name))) == ["EH303"]


def test_a_group_takes_no_post(tmp_path: Path) -> None:
    """The note on the methods names the group: there are no more methods to allow."""
    text = in_hcl("page", "agent").replace(
        '["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]', '["GET", "HEAD"]'
    )
    says = [each.what for each in check_text(tmp_path, text, "main.tf").findings if each.check.code == "EH102"]
    group = "its target is the origin group both, which CloudFront never lets take a POST"
    assert says == [f"/chat* allows GET, HEAD and no method with a body: {group}"]
