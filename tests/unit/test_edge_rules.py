"""What Lambda@Edge takes is written once: attach refuses by it, and doctor makes its findings of it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from edge_hasher.aws import configuration, function_arn
from edge_hasher.aws.errors import OperateError
from edge_hasher.doctor.checks import edge_function
from edge_hasher.doctor.reading.edge_function import EdgeFunctions
from edge_hasher.doctor.runner import run
from edge_hasher.edge_rules import RULES, EdgeFunction
from edge_hasher.operate.attach import preflight
from edge_hasher.operate.attach.plan import Attach
from tests.support.aws.distribution_configs import ARN, association, behavior, config, distribution
from tests.support.aws.doctor_facts import BEHAVIOR, FACTS
from tests.support.aws.edge_rule_cases import CASES, DENIED, Account, Case, policy, trust

if TYPE_CHECKING:
    from edge_hasher.aws.door import Aws
    from edge_hasher.doctor.facts import AssociationFacts
    from edge_hasher.doctor.runner import Report
    from edge_hasher.edge_rules import EdgeRule

ALL = pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])
PAGE = (Path(__file__).parents[2] / "docs" / "checks.md").read_text()


def account(case: Case) -> Aws:
    """Give the account of a case."""
    return cast("Aws", Account(case))


def attach(case: Case) -> tuple[list[str], tuple[str, ...]]:
    """Return the reasons for which attach refuses, and its notes."""
    settings = behavior("/chat*") | {"GrpcConfig": {"Enabled": case.grpc}}
    other = behavior("/other*") | {"GrpcConfig": {"Enabled": True}}
    plan = Attach(paths=("/chat*",), arn=ARN).plan(distribution(config([settings, other])))
    try:
        return [], preflight.check(account(case), function_arn.version_arn(ARN), plan)
    except OperateError as error:
        return list(error.lines), ()


def read(case: Case) -> tuple[AssociationFacts, ...]:
    """Return what doctor reads of the behavior's function."""
    settings = behavior("/chat*", [association()]) | {"GrpcConfig": {"Enabled": case.grpc}}
    return EdgeFunctions(account(case)).associations(configuration.CacheBehavior(path="/chat*", settings=settings))


def doctor(case: Case) -> Report:
    """Return what doctor finds, with everything but the function as it should be."""
    return run(replace(FACTS, behaviors=(replace(BEHAVIOR, associations=read(case)),)))


def broken(case: Case) -> list[EdgeRule]:
    """Return the rules that a case breaks."""
    function = read(case)[0].function
    assert isinstance(function, EdgeFunction)
    return [rule for rule in RULES if rule.judge(function)]


@ALL
def test_attach_and_doctor_say_the_same(case: Case) -> None:
    """What one command refuses the other finds, with the same reason; what one takes the other does too."""
    refused, _ = attach(case)
    found = {each.check.code: each.fault.what for each in doctor(case).outcomes if each.fault}

    assert list(found) == ([case.code] if case.code else [])
    assert len(refused) == len(found)
    for line, what in zip(refused, found.values(), strict=True):
        assert case.says in line
        assert case.says in what
        reason = what.partition(": ")[2]
        assert line.startswith(f"Lambda@Edge will refuse {ARN}: {reason}; ")


@ALL
def test_what_may_not_be_read_is_unknown_to_both(case: Case) -> None:
    """Without a permission attach goes on with a note that names it, and doctor skips the check and names it."""
    _, notes = attach(case)
    skipped = {each.check.code: each.unread.permission or "" for each in doctor(case).outcomes if each.unread}

    assert list(skipped) == ([case.unread] if case.unread else [])
    assert len(notes) == len(skipped)
    for note, permission in zip(notes, skipped.values(), strict=True):
        assert f"{permission} is not allowed" in note


def test_several_reasons_are_told_together() -> None:
    """One new version fixes them all, so attach names them all; doctor has a finding of each."""
    case = Case(
        name="all wrong",
        config={"Architectures": ["arm64"], "Timeout": 60, "TracingConfig": {"Mode": "Active"}, "KMSKeyArn": "arn"},
        trust=policy(trust({"Service": []})),
        updates=DENIED,
    )
    codes = [each.check.code for each in doctor(case).outcomes if each.fault]

    assert len(attach(case)[0]) == 5
    assert codes == ["EH610", "EH614", "EH615", "EH617"]


def test_every_rule_has_a_case_and_every_check_too() -> None:
    """A rule that no case breaks could not be seen to fail, nor could a check of doctor's."""
    assert sorted({rule.name for case in CASES for rule in broken(case)}) == sorted(rule.name for rule in RULES)
    assert {case.code for case in CASES} - {None} == {check.code for check in edge_function.CHECKS}


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES if case.code])
def test_page_names_the_source_of_the_rule(case: Case) -> None:
    """The source of a check in docs/checks.md is that of its rule."""
    section = re.search(rf"^### {case.code}\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL)

    assert section
    for rule in broken(case):
        assert f"{rule.source}\n" in section[1]
