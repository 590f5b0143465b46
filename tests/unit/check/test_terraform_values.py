"""Terraform's sources without a plan: what its own switches and operators decide, and what stays open."""

from pathlib import Path

import pytest

from tests.support.check.check_run import check_text, found
from tests.support.check.terraform_cases import HEALTHY

AUTH_TYPE = 'authorization_type = "AWS_IAM"'
SWITCH = '\nvariable "on" {\n  default = true\n}\nvariable "stage" {\n  default = "prod"\n}\n'


@pytest.mark.parametrize(
    "condition",
    ["var.on", "!(!var.on)", 'var.stage == "prod"', 'var.stage != "test" && var.on', "var.on || var.open", "2 > -1"],
)
def test_a_condition_on_variables_is_decided(condition: str, tmp_path: Path) -> None:
    """Of the two values of a condition, the one counts that the variables choose."""
    text = HEALTHY + SWITCH + 'variable "open" {}\n'
    right = text.replace(AUTH_TYPE, f'authorization_type = {condition} ? "AWS_IAM" : "NONE"')
    assert found(check_text(tmp_path, right, "main.tf")) == {}
    wrong = text.replace(AUTH_TYPE, f'authorization_type = {condition} ? "NONE" : "AWS_IAM"')
    assert "EH301" in found(check_text(tmp_path, wrong, "main.tf"))


def test_a_condition_that_is_open_names_the_variable(tmp_path: Path) -> None:
    """A variable without a default decides nothing; the reason says how to say its value."""
    text = HEALTHY.replace(AUTH_TYPE, 'authorization_type = var.open ? "AWS_IAM" : "NONE"') + 'variable "open" {}\n'
    outcome = check_text(tmp_path, text, "main.tf")
    assert {why.why for _, _, why in outcome.unread} == {"the variable open has no default; --parameter says it"}
    assert check_text(tmp_path, text, "main.tf", parameters={"open": "true"}).unread == ()


def test_attributes_of_variables_and_locals_are_followed(tmp_path: Path) -> None:
    """An object's attribute is its value, by dot, key or index."""
    text = HEALTHY.replace(AUTH_TYPE, 'authorization_type = local.url.auth["type"][0]')
    text += '\nlocals {\n  url = { auth = { type = ["NONE"] } }\n}\n'
    assert "EH301" in found(check_text(tmp_path, text, "main.tf"))
    assert found(check_text(tmp_path, text.replace('"NONE"', '"AWS_IAM"'), "main.tf")) == {}


def test_a_resource_whose_count_is_0_is_not_there(tmp_path: Path) -> None:
    """A permission that is switched off is missing; one that is switched on is there."""
    start = 'resource "aws_lambda_permission" "invoke" {\n'
    assert start in HEALTHY
    text = HEALTHY.replace(start, f"{start}  count = var.on ? 1 : 0\n") + SWITCH
    assert found(check_text(tmp_path, text, "main.tf")) == {}
    off = check_text(tmp_path, text, "main.tf", parameters={"on": "false"})
    assert list(found(off)) == ["EH303"]
    empty = HEALTHY.replace(start, f"{start}  for_each = toset([])\n")
    assert list(found(check_text(tmp_path, empty, "main.tf"))) == ["EH303"]


def test_a_distribution_that_is_switched_off_is_named(tmp_path: Path) -> None:
    """Nothing is judged, and the report says why."""
    text = HEALTHY.replace("  enabled = true\n", "  count   = 0\n  enabled = true\n")
    judged = check_text(tmp_path, text, "main.tf").judged[0]
    assert (judged.distributions, judged.world.not_made) == (0, ("aws_cloudfront_distribution.site",))


def test_modules_that_may_make_the_distribution_are_unread(tmp_path: Path) -> None:
    """Without a distribution of its own, a folder that calls modules is not said to have none."""
    text = (
        'module "cdn" {\n  source = "terraform-aws-modules/cloudfront/aws"\n}\nmodule "api" {\n  source = "./api"\n}\n'
    )
    outcome = check_text(tmp_path, text, "main.tf")
    assert [(why.what, why.why) for _, _, why in outcome.unread] == [
        ("the modules cdn, api", "what a module makes is known in a plan")
    ]
    assert check_text(tmp_path, HEALTHY + text, "main.tf").unread == ()


def test_an_origin_id_that_is_not_known_is_shown_as_it_is_written(tmp_path: Path) -> None:
    """A local made of a variable without a default is named, not printed as a Python value."""
    text = HEALTHY.replace('"agent"\n    domain_name', "local.id\n    domain_name").replace(
        'target_origin_id       = "page"', "target_origin_id       = local.id"
    )
    text += '\nvariable "prefix" {}\nlocals {\n  id = "${var.prefix}-agent"\n}\n'
    text = text.replace(
        'replace(replace(aws_lambda_function_url.agent.function_url, "https://", ""), "/", "")', "var.prefix"
    )
    outcome = check_text(tmp_path, text.replace("  origin_access_control_id = aws", "  # aws"), "main.tf")
    assert "the host of the origin local.id (var.prefix)" in {why.what for _, _, why in outcome.unread}


def test_a_long_chain_of_locals_is_read_once_each(tmp_path: Path) -> None:
    """Forty locals, each made of the next one twice, end at once."""
    chain = "\n".join(f"  a{number} = local.a{number + 1} + local.a{number + 1}" for number in range(40))
    text = HEALTHY.replace(AUTH_TYPE, "authorization_type = local.a0")
    outcome = check_text(tmp_path, f"{text}\nlocals {{\n{chain}\n  a40 = var.last\n}}\n", "main.tf")
    assert "AuthType" in outcome.unread[0][2].what
