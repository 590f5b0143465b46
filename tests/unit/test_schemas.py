"""The JSON Schemas: one for each command that prints JSON, strict, and held to what is printed."""

import copy
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, get_args

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from edge_hasher import schemas
from edge_hasher.aws.logs import Line
from edge_hasher.cli import main
from edge_hasher.cli.schema import FILES
from edge_hasher.doctor import report_json as doctor_report
from edge_hasher.doctor.check import SEVERITIES
from edge_hasher.doctor.runner import run as judged
from edge_hasher.doctor.templates.reports.as_json import as_json as check_report
from edge_hasher.function import decide
from edge_hasher.function.packaging.lambda_zip import LambdaZip
from edge_hasher.local.commands import invoke_report, local_report
from edge_hasher.local.commands.invoke import InvokeResult
from edge_hasher.local.exchange import Exchanges, Step
from edge_hasher.local.origin.credentials import temporary_credentials
from edge_hasher.local.runtime import Invocation
from edge_hasher.local.serving.local_edge import Addresses
from edge_hasher.operate.attach import report as attach_report
from edge_hasher.operate.attach.apply import ApplyResult
from edge_hasher.operate.attach.plan import Attach, Detach, Plan
from edge_hasher.operate.attach.run import AttachResult
from edge_hasher.operate.logs import report as logs_report
from edge_hasher.operate.versions import report as versions_report
from edge_hasher.operate.versions.prune import PruneResult
from edge_hasher.operate.versions.published import Version, Versions
from edge_hasher.operate.versions.uses import Use
from edge_hasher.probe import explain
from edge_hasher.probe import report_json as probe_report
from edge_hasher.probe.diagnosis.advice import Verdict
from edge_hasher.probe.diagnosis.kinds import Kind
from edge_hasher.probe.diagnosis.open_questions import Mark
from edge_hasher.probe.diagnosis.pattern import Result
from edge_hasher.probe.diagnosis.readings import read
from edge_hasher.probe.run import conclude
from edge_hasher.probe.sending.address import parse_address
from edge_hasher.probe.sending.answer import NoAnswer, ProbeResponse
from edge_hasher.probe.sending.requests import Digest, Role, plan
from tests.support.aws.distribution_configs import ARN, FUNCTION, OLDER_ARN, association, behavior, config, distribution
from tests.support.aws.doctor_facts import FACTS, denied, with_behavior, with_function
from tests.support.check.check_run import TEMPLATES as CHECK_TEMPLATES
from tests.support.check.check_run import check_text
from tests.support.golden import cases
from tests.support.schemas import checked, schema_of, validator_of

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def attach_json(plan: Plan, **more: Any) -> str:
    """What attach prints."""
    applied = ApplyResult(plan=plan, backup=Path("backup.json") if more else None)
    return attach_report.as_json(AttachResult(applied=applied, dry_run=not more, resume="edge-hasher attach", **more))


def attach_samples() -> list[str]:
    """A dry run, a change, and nothing to do."""
    read = distribution(config([behavior("/chat*", [association(OLDER_ARN)]), behavior("/done*", [association()])]))
    attach = Attach(paths=("/chat*", "/done*"), arn=ARN).plan(read)
    detach = Detach(paths=("*",), function_name=FUNCTION).plan(read)
    return [
        attach_json(attach),
        attach_json(attach, deployed=True, elapsed_s=1.5, notes=("a",), warnings=("b",), problems=("c",)),
        attach_json(detach),
    ]


def doctor_samples() -> list[str]:
    """All right, findings with what depends on them, a missing permission, and something not known."""
    facts = [
        FACTS,
        replace(FACTS, path="/chat"),
        with_behavior(associations=(), compresses=True),
        with_function(unread={"trust": denied("iam:GetRole")}),
    ]
    return [doctor_report.as_json(judged(each)) for each in facts]


def explain_samples() -> list[str]:
    """An answer with a status, and a body alone."""
    pastes = ("HTTP/2 403 \nvia: 1.1 a (CloudFront)\n\n", '{"message":"Forbidden. For troubleshooting Function URL"}')
    return [explain.as_json(explain.explain(paste)) for paste in pastes]


def invoke_samples() -> list[str]:
    """Every golden event that gets an answer."""
    samples = []
    for case in cases():
        if "error" not in case.expected:
            decision = decide(case.request, case.event["Records"][0]["cf"]["config"]["eventType"])
            answer: Any = decision.answer
            invocation = Invocation(
                response=json.dumps(answer).encode(),
                request_id="1",
                duration_s=0.1,
                cpu_s=None if "status" in answer else 0.05,
                peak_rss_bytes=None if "status" in answer else 1,
                cold=True,
                log=("a line",),
            )
            samples.append(invoke_report.as_json(InvokeResult(answer, invocation, decision.row)))
    return samples


def local_samples() -> list[str]:
    """A request that was refused, the ready line, and a line of the function."""
    exchanges = Exchanges()
    exchange = exchanges.open("id", method="POST", target="/", source="edge")
    exchanges.step(exchange, Step("oac", "OAC", ok=False, sentence="Not signed."))
    exchanges.close(exchange)
    addresses = Addresses(
        edge="http://127.0.0.1:1",
        inspector="http://127.0.0.1:1/__edge/",
        function_url="http://127.0.0.1:2",
        caller_keys=temporary_credentials(),
    )
    return [
        local_report.as_json(exchange),
        local_report.ready_json(addresses),
        local_report.function_log_json("a line"),
    ]


def probe_samples() -> list[str]:
    """Every request, answered alike: by Lambda, by Edge Hasher, and not at all."""
    refusal = json.dumps({"type": "urn:edge-hasher:body-too-large", "detail": "Too large.", "limit_bytes": 1})
    answers = (
        ProbeResponse(status=200, headers=(("x-amzn-requestid", "1"),), seconds=0.123456),
        ProbeResponse(status=413, body=refusal.encode()),
        NoAnswer(reason="time-out", seconds=1.0),
    )
    address = parse_address("https://d111.cloudfront.net/chat")
    requests = plan(allow_writes=True)
    return [
        probe_report.as_json(
            conclude(address, tuple(Result(each, read(answer)) for each in requests), date="2026-11-20")
        )
        for answer in answers
    ]


def versions_samples() -> list[str]:
    """Versions in use, kept and unused, and what became of them."""
    use = Use(distribution="E1", domain="d111.cloudfront.net", path="/chat*", event="origin-request")
    used = Version(number=1, arn=OLDER_ARN, modified="2026-11-20T12:00:00.000+0000", uses=(use,))
    unused, kept = replace(used, number=2, uses=()), replace(used, number=3, uses=(), kept="the newest")
    listed = Versions(function=FUNCTION, versions=(used, unused, kept), notes=("a note",))
    pruned = [
        PruneResult(number=2),
        PruneResult(number=2, deleted=False, problem="still replicated", try_after="2026-11-20T16:00+00:00"),
    ]
    stopped = versions_report.as_json(listed, pruned, "interrupted")
    return [versions_report.as_json(listed), versions_report.as_json(listed, pruned), stopped]


def logs_samples() -> list[str]:
    """One line."""
    group = "/aws/lambda/us-east-1.f"
    return [logs_report.as_json(Line(timestamp_ms=1, region="eu-west-1", group=group, event_id="1", message="text\n"))]


def check_samples() -> list[str]:
    """Findings with a patch and without, something not known, a finding left out, and a file that is no template."""
    healthy = (CHECK_TEMPLATES / "healthy.yaml").read_text()
    with TemporaryDirectory() as folder:
        broken = healthy.replace("IncludeBody: true", "IncludeBody: false").replace("Enabled: true", "Enabled: false")
        runs = [
            check_text(Path(folder), broken, skip=frozenset({"EH103"})),
            check_text(Path(folder), "a: b"),
            check_text(Path(folder), broken.replace("SigningBehavior: always", "SigningBehavior: never")),
        ]
    return [check_report(each) for each in runs]


def package_samples() -> list[str]:
    """A zip with bytecode."""
    return [
        schemas.document(
            "package", asdict(LambdaZip("edge-hasher.zip", 2306242, "0" * 64, "A" * 43 + "=", bytecode=True))
        )
    ]


SAMPLES: dict[str, Callable[[], list[str]]] = {
    "attach": attach_samples,
    "check": check_samples,
    "detach": attach_samples,
    "doctor": doctor_samples,
    "explain": explain_samples,
    "invoke": invoke_samples,
    "local": local_samples,
    "logs": logs_samples,
    "package": package_samples,
    "probe": probe_samples,
    "versions": versions_samples,
}


def test_every_command_that_prints_json_has_a_schema() -> None:
    """A command with --json, or with --log-format json, has a schema, and no other has."""
    names = {
        name
        for name, command in main.commands.items()
        if {"--json", "--log-format", "--format"}
        & {option for parameter in command.params for option in parameter.opts}
    }
    assert names == set(FILES) == set(SAMPLES)


@pytest.mark.parametrize("command", FILES)
def test_schema_is_valid_and_strict(command: str) -> None:
    """Each schema is JSON Schema 2020-12, and each object that lists its members takes no others."""
    schema = schema_of(command)
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    for node in objects(schema):
        if "object" in node.get("type", ()) and "properties" in node and "outcome" not in node["properties"]:
            assert node.get("additionalProperties", node.get("unevaluatedProperties")) is False, node


@pytest.mark.parametrize("command", FILES)
def test_output_follows_its_schema(command: str) -> None:
    """What a command prints follows its schema, and names it first."""
    for text in SAMPLES[command]():
        document = checked(command, text)
        assert document["schema"] == f"edge-hasher/{'attach' if command == 'detach' else command}/1"


@pytest.mark.parametrize("command", FILES)
def test_a_surplus_or_missing_member_fails(command: str) -> None:
    """A member more or less, at any depth, breaks the schema."""
    validator = validator_of(command)
    for text in SAMPLES[command]():
        for number, node in enumerate(own_objects(json.loads(text))):
            for name in (None, *node):
                if "detail" in node and name not in {None, "type", "title", "status", "detail"}:
                    continue  # what a problem document has besides depends on the refusal
                changed = copy.deepcopy(json.loads(text))
                target = list(own_objects(changed))[number]
                if name is None:
                    target["surplus"] = 1
                else:
                    del target[name]
                assert not validator.is_valid(changed), (number, name)


def test_the_schemas_list_what_the_code_can_say() -> None:
    """An enumeration in a schema has the values of the code's own type."""
    probe = schema_of("probe")["$defs"]
    explained = schema_of("explain")["$defs"]
    assert explained == {name: probe[name] for name in explained}
    assert probe["reading"]["properties"]["kind"]["enum"] == list(get_args(Kind))
    assert probe["advice"]["properties"]["outcome"]["enum"] == list(get_args(Verdict))
    assert probe["request"]["properties"]["role"]["enum"] == list(get_args(Role))
    assert probe["request"]["properties"]["digest"]["enum"] == list(get_args(Digest))
    assert probe["fact"]["properties"]["mark"]["enum"] == list(get_args(Mark))
    assert schema_of("doctor")["properties"]["summary"]["required"] == [*SEVERITIES, "skipped", "ok"]


def test_the_docs_name_each_schema() -> None:
    """The page that describes a command's JSON gives the schema's name."""
    root = Path(__file__).parents[2]
    text = "".join(path.read_text() for path in (root / "docs").glob("*.md"))
    assert set(re.findall(r"`edge-hasher/(\w+)/1`", text)) == set(FILES.values())


def objects(node: Any) -> Iterator[dict[str, Any]]:
    """Every object in a document."""
    if isinstance(node, dict):
        yield node
    for each in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from objects(each)


def own_objects(document: Any) -> Iterator[dict[str, Any]]:
    """Every object in a report whose members are ours: not those of a function's answer."""
    yield document
    for name, value in document.items():
        if name != "answer":
            yield from objects(value)
