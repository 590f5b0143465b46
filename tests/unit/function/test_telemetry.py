"""What the function logs: one line and one metric for each refusal and anomaly, nothing else, and nothing private."""

import json
import subprocess
import sys
from datetime import datetime, timedelta
from typing import Any

import pytest

from edge_hasher.function.handler import lambda_handler
from edge_hasher.function.telemetry import NAMESPACE, SERVICE
from tests.support.golden import Case, cases

ANSWERED = [case for case in cases() if "error" not in case.expected]
CANARY = "s3cr3t-c4nary"
PROGRAM = """
import json, sys
from edge_hasher.function.handler import lambda_handler
for event in json.load(sys.stdin):
    lambda_handler(event, None)
    print("---")
"""

Lines = list[dict[str, Any]]


def run(events: list[Any]) -> list[str]:
    """What the function writes for each event, in a process of its own, as it runs in Lambda."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], input=json.dumps(events), capture_output=True, text=True, check=True
    )
    assert not done.stderr
    return done.stdout.split("---\n")[:-1]


@pytest.fixture(scope="module")
def written() -> dict[str, Lines]:
    """The lines that each golden event writes."""
    outputs = run([case.event for case in ANSWERED])
    return {
        case.name: [json.loads(line) for line in output.splitlines()]
        for case, output in zip(ANSWERED, outputs, strict=True)
    }


def expected_codes(case: Case) -> list[str]:
    """The codes that a case must log, in order."""
    found = [case.expected.get("anomaly"), case.expected.get("refusal")]
    return [outcome["code"] for outcome in found if outcome]


@pytest.mark.parametrize("case", ANSWERED, ids=lambda case: case.name)
def test_one_line_and_one_metric_each(case: Case, written: dict[str, Lines]) -> None:
    """A refusal and an anomaly write one log line and one metric each, named by their code; all else writes nothing."""
    metrics = [line for line in written[case.name] if "_aws" in line]
    logs = [line for line in written[case.name] if "_aws" not in line]
    assert [log["code"] for log in logs] == expected_codes(case)
    directives = [metric["_aws"]["CloudWatchMetrics"][0] for metric in metrics]
    assert [directive["Metrics"] for directive in directives] == [
        [{"Name": code, "Unit": "Count"}] for code in expected_codes(case)
    ]
    assert all(directive["Namespace"] == NAMESPACE for directive in directives)
    assert [(metric["service"], metric[log["code"]]) for metric, log in zip(metrics, logs, strict=True)] == [
        (SERVICE, [1.0])
    ] * len(logs)


def test_log_line_fields(written: dict[str, Lines]) -> None:
    """A refusal's line has what an operator needs to find the request, and the byte counts."""
    line = dict(written["07-one-byte-over"][0])
    written_at = datetime.fromisoformat(line.pop("timestamp"))  # RFC 3339, or Lambda takes the line for INFO
    assert written_at.utcoffset() == timedelta(0)
    assert line == {
        "level": "WARNING",
        "message": "body-too-large",
        "service": "edge-hasher",
        "code": "body-too-large",
        "status": 413,
        "correlation_id": ANSWERED[0].event["Records"][0]["cf"]["config"]["requestId"],
        "distribution": "EDFDVBD6EXAMPLE",
        "method": "POST",
        "path": "/chat",
        "row": "truncated",
        "limit_bytes": 1_048_576,
        "body_bytes": 1_048_577,
    }


def test_operator_faults_are_errors(written: dict[str, Lines]) -> None:
    """What the operator must fix is logged as an error, what the client must fix as a warning."""
    for case in ANSWERED:
        if "refusal" in case.expected:
            level = written[case.name][-2]["level"]
            assert level == ("ERROR" if case.expected["refusal"]["status"] >= 500 else "WARNING")


def test_nothing_private_is_logged() -> None:
    """No text of body, headers, query or digest claim reaches a log line."""
    refused = [case for case in cases() if expected_codes(case) and "headers" in case.request]
    for case in refused:
        headers = case.request["headers"]
        case.request["querystring"] = CANARY
        for value in (value for values in headers.values() for value in values):
            value["key"] = CANARY
        headers |= {"authorization": [{"key": "Authorization", "value": CANARY}], CANARY: [{"value": CANARY}]}
    for case, output in zip(refused, run([case.event for case in refused]), strict=True):
        assert output
        claims = {value["value"] for value in case.request["headers"].get("x-amz-content-sha256", [])}
        data = (case.request.get("body") or {}).get("data") or CANARY
        assert not [private for private in {CANARY, data, *claims} if len(private) > 4 and private in output]


def test_an_odd_path_cannot_forge_a_line() -> None:
    """A path with line breaks and quotes stays inside its JSON string."""
    case = next(case for case in cases() if case.name == "13-include-body-off")
    case.request["uri"] = '/\n{"level":"ERROR"}\r\u2028\x1b[31m"'
    (output,) = run([case.event])
    log, _metric = output.removesuffix("\n").split("\n")
    assert json.loads(log)["path"] == case.request["uri"]
    assert "\x1b" not in log


def test_a_log_that_cannot_be_written_takes_no_answer_away() -> None:
    """With standard output closed, a refusal still answers and an anomaly still forwards."""
    names = ["13-include-body-off", "11-content-length-mismatch"]
    chosen = [case for case in cases() if case.name in names]
    program = (
        "import json, os, sys\n"
        "from edge_hasher.function.handler import lambda_handler\n"
        "events = json.load(sys.stdin)\n"
        "full = os.open('/dev/full', os.O_WRONLY)\n"
        "os.dup2(full, 1)\n"
        "print(json.dumps([lambda_handler(event, None) for event in events]), file=sys.stderr)\n"
        "os._exit(0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-u", "-c", program],
        input=json.dumps([case.event for case in chosen]),
        capture_output=True,
        text=True,
        check=True,
    )
    *complaints, answers = done.stderr.splitlines()
    assert any("could not log: OSError" in complaint for complaint in complaints)
    for case, answer in zip(chosen, json.loads(answers), strict=True):
        case.check_answer(answer)


def test_a_log_that_fails_is_told_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever goes wrong with the log line, the answer is returned and one line names the kind of error, no more."""

    class Odd(dict[str, Any]):
        def get(self, *_: object) -> object:
            raise RuntimeError(CANARY)

    case = next(case for case in cases() if case.name == "13-include-body-off")
    case.event["Records"][0]["cf"]["config"] = Odd(case.event["Records"][0]["cf"]["config"])
    case.check_answer(lambda_handler(case.event, None))
    assert capsys.readouterr().err == "edge-hasher could not log: RuntimeError\n"


def test_powertools_is_not_imported_on_the_ordinary_path() -> None:
    """A POST and a GET that go through import nothing of Powertools."""
    names = ["11-post-json", "18-get", "11-one-mebibyte", "11-all-settings"]
    events = [case.event for case in ANSWERED if case.name in names]
    program = (
        "import json, sys\n"
        "from edge_hasher.function.handler import lambda_handler\n"
        "for event in json.load(sys.stdin): lambda_handler(event, None)\n"
        "print([name for name in sys.modules if name.startswith('aws_lambda_powertools')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], input=json.dumps(events), capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
    assert len(events) == len(names)
