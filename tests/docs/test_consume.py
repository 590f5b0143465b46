"""docs/consume.md and docs/deploy.md: the code that others take from there makes what a working behavior needs."""

import ast
import io
import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest

Json = Any

PYTHON = Path(__file__).parents[2] / ".venvs/iac/bin/python"
SYNTH_TIMEOUT_S = 120
SEVEN_METHODS = {"GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"}
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER_EXCEPT_HOST_HEADER = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
AUDIENCE = "chat.example.com"
ARN = "arn:aws:sts::123456789012:assumed-role/caller/session"


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    """Give the page."""
    return (root / "docs/consume.md").read_text()


@pytest.fixture(scope="module")
def told(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Json:
    """Give what the CDK code synthesises to, and what the Terraform code says."""
    if not PYTHON.exists():
        pytest.skip("there is no .venvs/iac: `make setup-iac` makes it")
    if shutil.which("node") is None:
        pytest.skip("there is no node on this machine, which CDK runs on")
    program, folder = root / "tests/support/read_iac_docs.py", tmp_path_factory.mktemp("cdk")
    command = [str(PYTHON), str(program), str(root / "docs/consume.md"), str(folder)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=SYNTH_TIMEOUT_S)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def only(template: Json, kind: str) -> tuple[str, Json]:
    """Give name and properties of the one resource of a type."""
    ((name, resource),) = [item for item in template["Resources"].items() if item[1]["Type"] == kind]
    return name, resource["Properties"]


def unquoted(value: Json) -> Json:
    """Give what the parser of Terraform's language found, without its quotes and marks."""
    if isinstance(value, list):
        return [unquoted(item) for item in value]
    if isinstance(value, dict):
        return {key.strip('"'): unquoted(inner) for key, inner in value.items() if not key.startswith("__")}
    return value.strip('"') if isinstance(value, str) else value


def terraform(told: Json, kind: str, name: str) -> Json:
    """Give one resource of the Terraform code."""
    found = [item[kind][name] for item in unquoted(told["terraform"]["resource"]) if name in item.get(kind, {})]
    return found[0]


def test_cdk_makes_a_behavior_that_works(told: Json) -> None:
    """All methods, no caching, no Host, no compression, and the function with the body, from SSM."""
    template = told["cdk"]
    _, distribution = only(template, "AWS::CloudFront::Distribution")
    behavior = distribution["DistributionConfig"]["DefaultCacheBehavior"]

    assert set(behavior["AllowedMethods"]) == SEVEN_METHODS
    assert behavior["CachePolicyId"] == CACHING_DISABLED
    assert behavior["OriginRequestPolicyId"] == ALL_VIEWER_EXCEPT_HOST_HEADER
    assert behavior["Compress"] is False
    (association,) = behavior["LambdaFunctionAssociations"]
    assert (association["EventType"], association["IncludeBody"]) == ("origin-request", True)
    parameter = template["Parameters"][association["LambdaFunctionARN"]["Ref"]]
    assert parameter == {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/edge-hasher/version-arn"}


def test_cdk_makes_the_url_private_with_both_permissions(told: Json) -> None:
    """AWS_IAM, an OAC that signs always, and CloudFront may do both things, for this distribution."""
    template = told["cdk"]
    name, _ = only(template, "AWS::CloudFront::Distribution")
    _, url = only(template, "AWS::Lambda::Url")
    _, control = only(template, "AWS::CloudFront::OriginAccessControl")
    permissions = [item["Properties"] for item in template["Resources"].values() if "Permission" in item["Type"]]

    assert (url["AuthType"], url["InvokeMode"]) == ("AWS_IAM", "RESPONSE_STREAM")
    assert control["OriginAccessControlConfig"]["OriginAccessControlOriginType"] == "lambda"
    assert control["OriginAccessControlConfig"]["SigningBehavior"] == "always"
    actions = {permission["Action"] for permission in permissions}
    assert actions == {"lambda:InvokeFunctionUrl", "lambda:InvokeFunction"}
    for permission in permissions:
        assert permission["Principal"] == "cloudfront.amazonaws.com"
        assert {"Ref": name} in permission["SourceArn"]["Fn::Join"][1]


def test_terraform_makes_a_behavior_that_works(told: Json) -> None:
    """The same facts in Terraform's words, with the ARN read in us-east-1."""
    (behavior,) = terraform(told, "aws_cloudfront_distribution", "site")["default_cache_behavior"]
    (provider,) = [item["aws"] for item in unquoted(told["terraform"]["provider"])]
    (data,) = [item["aws_ssm_parameter"]["edge_hasher"] for item in unquoted(told["terraform"]["data"])]

    assert set(behavior["allowed_methods"]) == SEVEN_METHODS
    assert behavior["cache_policy_id"] == CACHING_DISABLED
    assert behavior["origin_request_policy_id"] == ALL_VIEWER_EXCEPT_HOST_HEADER
    assert behavior["compress"] is False
    (association,) = behavior["lambda_function_association"]
    assert (association["event_type"], association["include_body"]) == ("origin-request", True)
    assert association["lambda_arn"] == "${data.aws_ssm_parameter.edge_hasher.insecure_value}"
    assert (provider["region"], data["provider"]) == ("us-east-1", f"${{aws.{provider['alias']}}}")
    assert data["name"] == "/edge-hasher/version-arn"


def test_terraform_makes_the_url_private_with_both_permissions(told: Json) -> None:
    """AWS_IAM, an OAC of type lambda, and two permissions with the distribution as their source."""
    control = terraform(told, "aws_cloudfront_origin_access_control", "agent")
    permissions = [terraform(told, "aws_lambda_permission", name) for name in ("url", "invoke")]

    assert terraform(told, "aws_lambda_function_url", "agent")["authorization_type"] == "AWS_IAM"
    assert (control["origin_access_control_origin_type"], control["signing_behavior"]) == ("lambda", "always")
    actions = [permission["action"] for permission in permissions]
    assert actions == ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"]
    assert {permission["source_arn"] for permission in permissions} == {"${aws_cloudfront_distribution.site.arn}"}
    assert permissions[1]["invoked_via_function_url"] is True


def test_every_python_block_is_python(page: str) -> None:
    """No block is cut short or misspelt."""
    blocks = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)

    assert len(blocks) == 5
    for block in blocks:
        ast.parse(block)


@pytest.mark.parametrize("template", ["template.yaml", "examples/streaming-agent/template.yaml"])
def test_every_parameter_of_the_stacks_is_documented(root: Path, template: str) -> None:
    """docs/deploy.md has each parameter in a table, and its default."""
    text = (root / template).read_text()
    section = text.partition("\nParameters:\n")[2].partition("\nRules:\n")[0]
    parameters = re.findall(r"^  (\w+):\n", section, re.MULTILINE)
    defaults = [default.strip('"') for default in re.findall(r"^    Default: (.*)$", section, re.MULTILINE)]
    rows = [row.split("|")[1:3] for row in (root / "docs/deploy.md").read_text().splitlines() if row.startswith("| `")]
    documented = {name: default.strip().strip("`") for names, default in rows for name in re.findall(r"`(\w+)`", names)}

    assert len(parameters) == len(defaults) > 0
    assert {name: documented.get(name) for name in parameters} == dict(zip(parameters, defaults, strict=True))


@pytest.fixture(scope="module")
def proof(page: str) -> str:
    """Give a proof that the documented client made."""
    names: dict[str, Any] = {}
    exec(block(page, "def proof("), names)  # noqa: S102 (our own documentation)
    session = boto3.Session(
        aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
        aws_secret_access_key="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",  # noqa: S106 (AWS's own example)
    )
    return str(names["proof"](session, AUDIENCE))


Sts = Callable[[Any], Any]


def block(page: str, holds: str) -> str:
    """Give the Python block that holds some text."""
    (found,) = [text for text in re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL) if holds in text]
    return str(found)


def caller_with(page: str, sts: Sts) -> Callable[[str, str], str]:
    """Give the documented check, with `sts` in place of the network."""
    names: dict[str, Any] = {}
    exec(block(page, "def caller("), names)  # noqa: S102 (our own documentation)
    names["urlopen"] = lambda request, **_: sts(request)
    check: Callable[[str, str], str] = names["caller"]
    return check


def unreachable(_: Any) -> Any:
    """Stand for an STS that must not be asked."""
    pytest.fail("the request was sent")


def test_proof_is_signed_for_the_audience_and_one_minute(proof: str) -> None:
    """The client's URL asks STS who signed, and the audience is among what is signed."""
    url = urlsplit(proof)
    query = parse_qs(url.query)

    assert (url.scheme, url.netloc, url.path) == ("https", "sts.us-east-1.amazonaws.com", "/")
    assert query["Action"] == ["GetCallerIdentity"]
    assert query["X-Amz-SignedHeaders"] == ["host;x-audience"]
    assert query["X-Amz-Expires"] == ["60"]
    assert re.fullmatch(r"[0-9a-f]{64}", query["X-Amz-Signature"][0])


def test_app_learns_from_sts_who_made_the_proof(page: str, proof: str) -> None:
    """The app sends the client's request as it is, with its own audience, and reads the ARN."""
    sent = []

    def sts(request: Any) -> io.BytesIO:
        sent.append(request)
        return io.BytesIO(json.dumps({"GetCallerIdentityResponse": {"GetCallerIdentityResult": {"Arn": ARN}}}).encode())

    assert caller_with(page, sts)(proof, AUDIENCE) == ARN

    assert sent[0].full_url == proof
    assert sent[0].get_method() == "GET"
    assert dict(sent[0].header_items()) == {"X-audience": AUDIENCE, "Accept": "application/json"}


def forged(proof: str) -> Iterator[tuple[str, str]]:
    """Yield what someone might send in place of a proof."""
    host = "sts.us-east-1.amazonaws.com"
    yield "", "not a request to STS"
    yield proof.replace("https://", "http://"), "not a request to STS"
    yield proof.replace(host, "example.com"), "not a request to STS"
    yield proof.replace(host, f"{host}.example.com"), "not a request to STS"
    yield proof.replace(host, f"example.com#@{host}"), "not a request to STS"
    yield proof.replace(host, f"{host}@example.com"), "not a request to STS"
    yield proof.replace(host, f"{host}:8443"), "not a request to STS"
    yield proof.replace("/?", "/other?"), "not a request to STS"
    yield proof.replace("GetCallerIdentity", "AssumeRole"), "not a GetCallerIdentity call"
    yield f"{proof}&Action=AssumeRole", "not a GetCallerIdentity call"
    yield proof.replace("host%3Bx-audience", "host"), "names no audience"
    yield proof.replace("Expires=60", "Expires=604800"), "not for one minute"


def test_app_sends_nothing_that_is_no_proof(page: str, proof: str) -> None:
    """Another host, another action, no audience, a long life: refused before anything is sent."""
    for wrong, reason in forged(proof):
        assert wrong != proof
        with pytest.raises(PermissionError, match=reason):
            caller_with(page, unreachable)(wrong, AUDIENCE)


def test_app_refuses_what_sts_refuses(page: str, proof: str) -> None:
    """A signature that does not fit, or is too old, is the caller's fault and no error of the app."""

    def sts(request: Any) -> Any:
        raise HTTPError(request.full_url, 403, "Forbidden", {}, None)  # type: ignore[arg-type]

    with pytest.raises(PermissionError, match="STS does not confirm the proof"):
        caller_with(page, sts)(proof, "other.example.com")
