"""`edge-hasher local --from`: the edge answers as the behavior in a template, an assembly or a plan will."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from edge_hasher.doctor.setup.choosing import CodeQuestion, from_code
from edge_hasher.local.production.options import BehaviorOptions
from edge_hasher.local.production.taking import taken_over
from tests.support import aws_texts
from tests.support.check import terraform_cases
from tests.support.check.cdk_assembly import assembly, template
from tests.support.check.check_cases import (
    ALL_METHODS,
    ENABLED,
    EXCEPT_HOST,
    HEALTHY,
    INVOKE_PERMISSION,
    URL_PERMISSION,
)
from tests.support.edge.edge_fixtures import OWN, running_edge
from tests.support.edge.raw_http import ask, request
from tests.unit.check.test_pulumi import preview
from tests.wire.test_local_cli import behind, port_of, running

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tests.support.edge.edge_fixtures import Running

__all__ = ["behind"]  # a fixture

ALL_VIEWER = "216adef6-5c7f-47e4-b989-5492eafa07d3"
FORBIDDEN = "Forbidden. For troubleshooting Function URL authorization issues, see"
PAGES = "        CustomErrorResponses: [{ErrorCode: 403, ResponsePagePath: /e.html, ResponseCode: 200}]\n"
ASSOCIATION = HEALTHY[HEALTHY.index("            LambdaFunctionAssociations:") :]


def edge_from(place: Path, **named: Any) -> AbstractContextManager[Running]:
    """Run an edge as the behavior is that a file has."""
    setup = from_code(CodeQuestion(place=place, parameters={}, **named))
    chosen = taken_over(setup, BehaviorOptions(), frozenset()).options
    return running_edge(
        function=OWN if chosen.has_function else None,
        policy=chosen.policy,
        behavior=chosen.signing,
        denied=chosen.denied,
        origin_headers=chosen.origin_headers,
        settings=chosen.settings,
        include_body=chosen.include_body,
        invoke_mode=chosen.invoke_mode,
        read_timeout_s=chosen.read_timeout_s,
        error_pages=chosen.error_pages,
        aliases=chosen.aliases,
    )


def written(folder: Path, text: str) -> Path:
    """Write a template."""
    place = folder / "template.yaml"
    place.write_text(text)
    return place


@pytest.mark.parametrize("permission", [URL_PERMISSION, INVOKE_PERMISSION], ids=["url", "invoke"])
@pytest.mark.parametrize("form", ["yaml", "cdk", "plan"])
def test_a_missing_permission_is_403_and_the_fixed_twin_200(tmp_path: Path, form: str, permission: str) -> None:
    """Next week's 403 is seen today, with AWS's text and the reason; with the permission in place it is 200."""
    cut = terraform_cases.URL if permission is URL_PERMISSION else terraform_cases.INVOKE
    for number, broken in enumerate((True, False)):
        folder = tmp_path / str(number)
        folder.mkdir()
        text = HEALTHY.replace(permission, "") if broken else HEALTHY
        if form == "cdk":
            place = assembly(folder / "cdk.out", {"Site": template(text)})
        elif form == "plan":
            place = folder / "plan.json"
            module = terraform_cases.HEALTHY.replace(cut, "") if broken else terraform_cases.HEALTHY
            place.write_text(json.dumps(terraform_cases.plan(module)))
        else:
            place = written(folder, text)
        with edge_from(place, path="/chat") as edge:
            answer = ask(edge.port, request("POST", "/chat", b"x"))
            if not broken:
                assert answer.status == 200
                continue
            assert (answer.status, answer.values("x-amzn-errortype")) == (403, ["AccessDeniedException"])
            assert FORBIDDEN in json.loads(answer.body)["Message"]
            name = "lambda:InvokeFunctionUrl" if permission is URL_PERMISSION else "lambda:InvokeFunction."
            assert name in edge.last("/chat").sentence


def test_include_body_off(tmp_path: Path) -> None:
    """The function gets no body and says which switch is off."""
    with edge_from(written(tmp_path, HEALTHY.replace("                IncludeBody: true\n", ""))) as edge:
        answer = ask(edge.port, request("POST", "/chat", b"x"))
        assert (answer.status, json.loads(answer.body)["type"]) == (500, "urn:edge-hasher:include-body-off")


def test_all_viewer_is_403(tmp_path: Path) -> None:
    """The viewer's Host is forwarded, and the Function URL refuses it, GET as well."""
    with edge_from(written(tmp_path, HEALTHY.replace(EXCEPT_HOST, ALL_VIEWER))) as edge:
        answer = ask(edge.port, request("GET", "/chat"))
        assert (answer.status, answer.values("x-amzn-errortype")) == (403, ["AccessDeniedException"])
        assert "Host" in edge.last("/chat").sentence


def test_methods_function_and_error_pages(tmp_path: Path) -> None:
    """A behavior without POST refuses it, one without a function gets 403, and an error page hides that."""
    with edge_from(written(tmp_path, HEALTHY.replace(ALL_METHODS, "AllowedMethods: [GET, HEAD]"))) as edge:
        answer = ask(edge.port, request("POST", "/chat", b"x"))
        assert answer.status == 403
        assert aws_texts.METHOD_NOT_ALLOWED.sentence in answer.body.decode()
    bare = HEALTHY.replace(ASSOCIATION, "")
    with edge_from(written(tmp_path, bare)) as edge:
        answer = ask(edge.port, request("POST", "/chat", b"x"))
        assert (answer.status, answer.values("x-amzn-errortype")) == (403, ["InvalidSignatureException"])
    with edge_from(written(tmp_path, bare.replace(ENABLED, ENABLED + PAGES))) as edge:
        answer = ask(edge.port, request("POST", "/chat", b"x"))
        assert (answer.status, b"/e.html" in answer.body) == (200, True)


def test_signing_settings_and_headers(tmp_path: Path) -> None:
    """An OAC that never signs, a setting of the origin, and its custom headers take effect."""
    with edge_from(written(tmp_path, HEALTHY.replace("SigningBehavior: always", "SigningBehavior: never"))) as edge:
        assert ask(edge.port, request("POST", "/chat", b"x")).status == 403
        assert "never" in edge.last("/chat").sentence
    headers = (
        "OriginCustomHeaders: [{HeaderName: Edge-Hasher, HeaderValue: max-body=2}, {HeaderName: X-Key, HeaderValue: k}]"
    )
    start, end = HEALTHY.index("            OriginCustomHeaders:"), HEALTHY.index("            CustomOriginConfig:")
    with edge_from(written(tmp_path, f"{HEALTHY[:start]}            {headers}\n{HEALTHY[end:]}")) as edge:
        assert ask(edge.port, request("POST", "/chat", b"xx")).status == 200
        assert edge.app.seen[-1].values("x-key") == [b"k"]
        assert ask(edge.port, request("POST", "/chat", b"xxx")).status == 413


@pytest.mark.parametrize("form", ["yaml", "cdk", "plan", "tf", "pulumi"])
def test_aliases_are_served_and_another_host_is_not(tmp_path: Path, form: str) -> None:
    """A viewer that asks by a name of the distribution reaches the app; any other name is CloudFront's 403 page."""
    names = '["www.example.com", "*.example.org"]'
    text = HEALTHY.replace(ENABLED, f"{ENABLED}        Aliases: {names}\n")
    module = terraform_cases.HEALTHY.replace("enabled = true", f"enabled = true\n  aliases = {names}")
    if form == "cdk":
        place = assembly(tmp_path / "cdk.out", {"Site": template(text)})
    elif form == "plan":
        place = tmp_path / "plan.json"
        place.write_text(json.dumps(terraform_cases.plan(module)))
    elif form == "pulumi":
        place = tmp_path / "preview.json"
        place.write_text(json.dumps(preview(module)))
    elif form == "tf":
        place = tmp_path / "main.tf"
        place.write_text(module)
    else:
        place = written(tmp_path, text)
    with edge_from(place, path="/chat") as edge:
        for host, status in (("www.example.com", 200), ("a.example.org", 200), ("example.org", 403)):
            message = f"POST /chat HTTP/1.1\r\nHost: {host}\r\nContent-Length: 1\r\n\r\nx"
            answer = ask(edge.port, message.encode())
            assert (host, answer.status) == (host, status)
            assert (aws_texts.UNKNOWN_HOST.sentence.encode() in answer.body) is (status == 403)


def test_the_command_says_what_is_from_where(tmp_path: Path, behind: Running) -> None:
    """Before the ready line stands what was taken, and an option that wins is named beside it."""
    text = HEALTHY.replace(ENABLED, f"{ENABLED}        Aliases: [www.example.com]\n")
    place = written(tmp_path, text.replace(INVOKE_PERMISSION, ""))
    arguments = ["--from", str(place), "--path", "/chat", "--origin", behind.app.address, "--read-timeout", "9"]
    arguments += ["--alias", "app.test"]
    with running(*arguments) as program:
        port = port_of(program.line().split()[1])
        for host in (b"localhost", b"www.example.com", b"app.test"):
            answer = ask(port, request("POST", "/chat", b"x").replace(b"localhost", host, 1))
            assert (answer.status, answer.values("x-amzn-errortype")) == (403, ["AccessDeniedException"])
        code, _, errors = program.end()
    assert code == 0
    assert f"from       {place} (Site), behavior /chat*" in errors
    assert "CloudFront does not have lambda:InvokeFunction: 403" in errors
    assert "as --read-timeout says, in place of 60 s" in errors
    assert "app.test (--alias), beside www.example.com" in errors
    with running(*arguments, "--deny-permission", "none") as program:
        port = port_of(program.line().split()[1])
        assert ask(port, request("POST", "/chat", b"x")).status == 200
