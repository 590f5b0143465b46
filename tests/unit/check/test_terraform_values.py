"""Terraform's sources without a plan: what its own switches and operators decide, and what stays open."""

import json
import re
from pathlib import Path

import pytest

from tests.support.check.check_run import check, check_text, found
from tests.support.check.terraform_cases import HEALTHY, INVOKE, URL, plan

PLAN = "terraform plan -out plan.bin && terraform show -json plan.bin > plan.json"
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
        ("the modules cdn, api", f"what a module makes is known in a plan: {PLAN}")
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


def test_a_dynamic_block_is_written_out_where_its_list_is_known(tmp_path: Path) -> None:
    """One block for each item, none for an empty list; its content may name the item."""
    start = HEALTHY.index("  ordered_cache_behavior {\n")
    end = HEALTHY.index("\n  }\n", start) + 5
    block = HEALTHY[start:end]
    inner = block.replace("  ordered_cache_behavior {\n", "", 1).replace(
        '"/chat*"', "ordered_cache_behavior.value.path"
    )
    dynamic = '  dynamic "ordered_cache_behavior" {{\n    for_each = {}\n    content {{\n{}    }}\n  }}\n'
    chats = 'var.on ? [{ path = "/chat*" }, { path = "/talk*" }] : []'
    text = HEALTHY.replace(block, dynamic.format(chats, inner.removesuffix("  }\n"))) + SWITCH
    assert found(check_text(tmp_path, text, "main.tf")) == {}
    wrong = text.replace("include_body = true", "include_body = false")
    outcome = check_text(tmp_path, wrong, "main.tf")
    assert [(each.check.code, each.behaviors[0]) for each in outcome.findings] == [
        ("EH604", "/chat*"),
        ("EH604", "/talk*"),
    ]
    off = check_text(tmp_path, wrong, "main.tf", parameters={"on": "false"})
    assert (found(off), off.unread) == ({}, ())
    unknown = check_text(tmp_path, text.replace(chats, "var.open") + 'variable "open" {}\n', "main.tf")
    assert [why.why for _, _, why in unknown.unread] == [f"a dynamic block is known in a plan: {PLAN}"]


def test_the_iterator_of_a_dynamic_block_may_have_a_name(tmp_path: Path) -> None:
    """The name that `iterator` gives stands for the item, in maps with keys."""
    header = '    custom_header {\n      name  = "Edge-Hasher"\n      value = var.settings\n    }\n'
    assert header in HEALTHY
    text = HEALTHY.replace(
        header,
        '    dynamic "custom_header" {\n      for_each = { Edge-Hasher = "oversize=never" }\n      iterator = each\n'
        "      content {\n        name  = each.key\n        value = each.value\n      }\n    }\n",
    )
    assert list(found(check_text(tmp_path, text, "main.tf"))) == ["EH608"]


PROVIDER = 'terraform {{\n  required_providers {{\n    aws = {{ source = "hashicorp/aws", version = "{}" }}\n  }}\n}}\n'


@pytest.mark.parametrize(
    ("constraint", "codes"),
    [
        ("~> 5.0", {"EH303"}),
        ("5.100.0", {"EH303"}),
        (">= 5.0, < 6.0", {"EH303"}),
        ("~> 6.10.0", {"EH303"}),
        ("<= 6.27.0", {"EH303"}),
        ("~> 6.0", set()),
        (">= 5.46", set()),
        ("6.28.0", set()),
        ("", set()),
    ],
)
def test_the_provider_lets_everyone_in_where_a_url_is_public(constraint: str, codes: set[str], tmp_path: Path) -> None:
    """A URL of AuthType NONE comes with its permissions; with the second one since 6.28.0."""
    public = HEALTHY.replace(URL, "").replace(INVOKE, "").replace(AUTH_TYPE, 'authorization_type = "NONE"')
    text = public + (PROVIDER.format(constraint) if constraint else "")
    outcome = check_text(tmp_path, text, "main.tf")
    assert set(found(outcome)) - {"EH301"} == codes
    # What would let everyone in is not what a private URL needs: nothing is written into the file.
    assert [each.patch for each in outcome.findings if each.check.code == "EH303"] == [None] * len(codes)


def test_the_lock_file_says_the_version(tmp_path: Path) -> None:
    """It is more exact than the constraint."""
    text = HEALTHY.replace(URL, "").replace(INVOKE, "").replace(AUTH_TYPE, 'authorization_type = "NONE"')
    lock = 'provider "registry.terraform.io/hashicorp/aws" {\n  version     = "6.3.0"\n  constraints = "~> 6.0"\n}\n'
    (tmp_path / ".terraform.lock.hcl").write_text(lock)
    assert "EH303" in found(check_text(tmp_path, text + PROVIDER.format("~> 6.0"), "main.tf"))
    (tmp_path / "plan").mkdir()
    data = plan(text)
    data["configuration"]["provider_config"] = {"aws": {"name": "aws", "version_constraint": "~> 5.0"}}
    assert "EH303" in found(check_text(tmp_path / "plan", json.dumps(data), "plan.json"))


def test_what_a_function_makes_of_known_values_is_not_known_after_apply_only(tmp_path: Path) -> None:
    """The reason tells what the deployment decides from what check does not evaluate."""
    wait = "origin_read_timeout    = 60"
    assert wait in HEALTHY
    for value, why in (
        ("max(20, 60)", "a plan evaluates this expression, and check does not"),
        ("max(20, length(aws_s3_bucket.page.id))", "known after apply"),
    ):
        outcome = check_text(tmp_path, HEALTHY.replace(wait, f"origin_read_timeout = {value}"), "main.tf")
        assert {each.why for _, _, each in outcome.unread} == {why}


def test_an_access_control_of_an_unknown_type_ends_in_no_trace(tmp_path: Path) -> None:
    """Neither the host nor what the access control is for is known: the origin is unread, and the rest is judged."""
    host = 'replace(replace(aws_lambda_function_url.agent.function_url, "https://", ""), "/", "")'
    text = HEALTHY.replace(host, "var.open").replace('"lambda"\n  signing', "var.open\n  signing")
    outcome = check_text(tmp_path, text + 'variable "open" {}\n', "main.tf")
    assert "the host of the origin agent (var.open)" in {why.what for _, _, why in outcome.unread}


def test_an_id_that_is_not_known_is_not_said_to_be_missing(tmp_path: Path) -> None:
    """A behavior may lead to an origin whose id a plan alone tells; without such an origin, the id is wrong."""
    named = HEALTHY.replace('origin_id                = "agent"', 'origin_id = lower("AGENT")')
    for text, why in (
        (named, 'an origin\'s id is lower("AGENT"): a plan evaluates this expression, and check does not'),
        (HEALTHY.replace('origin_id                = "agent"', 'origin_id = "other"'), "no origin has this id"),
    ):
        outcome = check_text(tmp_path, text, "main.tf")
        told = {each.why for _, _, each in outcome.unread if each.what.startswith("the origin 'agent'")}
        assert told == {why}
    more = '  dynamic "origin" {\n    for_each = var.open\n    content {}\n  }\n\n  default_cache_behavior {'
    text = HEALTHY.replace('origin_id                = "agent"', 'origin_id = "other"')
    outcome = check_text(tmp_path, text.replace("  default_cache_behavior {", more) + 'variable "open" {}\n', "main.tf")
    assert {each.what for _, _, each in outcome.unread} == {
        "Origins of aws_cloudfront_distribution.site (dynamic origin)"
    }


def test_a_module_that_cannot_be_read_is_told_of_once(tmp_path: Path) -> None:
    """It is read by itself and where it is called; the file is named once."""
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "main.tf").write_text("resource {")
    (tmp_path / "main.tf").write_text('module "inner" {\n  source = "./inner"\n}\n')
    assert [file.name for file, _ in check(tmp_path).problems] == ["main.tf"]


def test_any_value_may_be_a_variable_without_a_default(tmp_path: Path) -> None:
    """Each value of the module in turn, and all of them at once: nothing ends in a trace, and nothing is broken."""
    values = [each.span() for each in re.finditer(r'(?<== )("[^"\n]*"|\d+|true|false)', HEALTHY)]
    assert len(values) > 40
    for spots in ([each] for each in values):
        check_text(tmp_path, replaced(spots), "main.tf")
    outcome = check_text(tmp_path, replaced(values), "main.tf")
    assert (outcome.count("broken"), outcome.count("risky"), outcome.problems) == (0, 0, ())
    assert outcome.unread


def replaced(spots: list[tuple[int, int]]) -> str:
    """Return the healthy module with a variable at these places."""
    text = HEALTHY
    for start, end in reversed(spots):
        text = f"{text[:start]}var.open{text[end:]}"
    return f'{text}\nvariable "open" {{}}\n'
