"""What `edge-hasher local --from` takes over, asks for and says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from edge_hasher.cli import main
from edge_hasher.doctor.facts import AccessControl, CachePolicy, RequestPolicy, Unread
from edge_hasher.doctor.setup.behavior import setup_of
from edge_hasher.doctor.setup.choosing import ChoiceError, CodeQuestion, from_code, from_distribution
from edge_hasher.local.config import ConfigError
from edge_hasher.local.production.options import BehaviorOptions
from edge_hasher.local.production.taking import taken_over
from tests.support.aws.doctor_facts import BEHAVIOR, FACTS
from tests.support.check.check_cases import ENABLED, EXCEPT_HOST, HEALTHY

if TYPE_CHECKING:
    from pathlib import Path

    from edge_hasher.local.production.taking import Production

UNREAD = Unread(what="the thing", why="only the deployment knows it")
GIVEN = {
    "methods": "methods",
    "request": "request_policy",
    "signing": "behavior",
    "denied": "deny_permission",
    "streams": "invoke_mode",
    "function": "no_function",
}
SECOND = """          - PathPattern: /api*
            TargetOriginId: agent
            ViewerProtocolPolicy: https-only
            CachePolicyId: 4135ea2d-6df8-44a3-9df3-4b5a84be39ad
"""


def taken(*given: str, **changes: Any) -> Production:
    """Take over the healthy behavior with changes; `options` are those of the command line."""
    options = changes.pop("options", BehaviorOptions())
    return taken_over(replace(setup_of(FACTS, BEHAVIOR, "here"), **changes), options, frozenset(given))


def of_text(folder: Path, text: str, **named: Any) -> Production:
    """Take over the behavior of a template."""
    (folder / "template.yaml").write_text(text)
    question = CodeQuestion(place=folder / "template.yaml", parameters={}, **named)
    return taken_over(from_code(question), BehaviorOptions(), frozenset())


@pytest.mark.parametrize(
    ("name", "option"),
    [
        ("methods", "--methods"),
        ("request", "--request-policy"),
        ("signing", "--oac"),
        ("denied", "--deny-permission"),
        ("streams", "--invoke-mode"),
        ("function", "--no-function"),
        ("custom_headers", "--origin-header"),
    ],
)
def test_what_is_not_known_is_asked_for_by_its_option(name: str, option: str) -> None:
    """One line names the option; with the option it starts."""
    with pytest.raises(ConfigError, match=option) as caught:
        taken(**{name: UNREAD})
    assert "\n" not in str(caught.value)
    assert "only the deployment knows it" in str(caught.value)
    assert taken(GIVEN.get(name, "origin_headers"), **{name: UNREAD}).lines[0].startswith("from       here")


@pytest.mark.parametrize(("name", "shown"), [("read_timeout_s", "30 s"), ("error_pages", "none"), ("aliases", "none")])
def test_what_has_a_safe_default_is_said(name: str, shown: str) -> None:
    """CloudFront's own default holds, and a line says so and which option sets it."""
    lines = taken(**{name: UNREAD}).lines
    assert sum(shown in line and "only the deployment knows it" in line for line in lines) == 1


def test_options_win() -> None:
    """What is given stays, and its line names it beside what was read."""
    options = BehaviorOptions(read_timeout_s=7, settings=("max-body=1",), origin_headers=(("X-Key", "mine"),))
    headers = (("X-Key", UNREAD), ("X-Other", "o"), ("Edge-Hasher", "oversize=forward"))
    production = taken("read_timeout", options=options, custom_headers=headers)
    assert production.options.read_timeout_s == 7
    assert production.options.settings == ("max-body=1",)
    assert production.options.origin_headers == (("X-Other", "o"), ("X-Key", "mine"))
    text = "\n".join((*production.lines, *taken("include_body", options=BehaviorOptions(include_body=False)).lines))
    assert "as --no-include-body says, in place of on" in text
    assert "as --read-timeout says" in text
    assert "X-Key (--origin-header)" in text


def test_an_unknown_value_of_a_header_is_asked_for_by_its_name() -> None:
    """The header is named, its value is nowhere."""
    with pytest.raises(ConfigError, match="--origin-header 'X-Key"):
        taken(custom_headers=(("X-Key", UNREAD),))
    with pytest.raises(ConfigError, match="--setting"):
        taken(custom_headers=(("Edge-Hasher", UNREAD),))
    assert "secret" not in "\n".join(taken(custom_headers=(("X-Key", "secret"),)).lines)


def aliases_line(production: Production) -> str:
    """The line about the aliases."""
    return next(line for line in production.lines if line.startswith("  aliases ")).split(maxsplit=1)[1]


def test_aliases_are_taken_over_and_the_option_adds_to_them() -> None:
    """The names of the distribution hold, those of --alias beside them, each once, and the line names both."""
    own = BehaviorOptions(aliases=("app.test", "www.example.com"))
    production = taken("aliases", aliases=("www.example.com", "*.example.org"), options=own)
    assert production.options.aliases == ("www.example.com", "*.example.org", "app.test")
    assert aliases_line(production) == "app.test, www.example.com (--alias), beside www.example.com, *.example.org"
    assert aliases_line(taken(aliases=("www.example.com",))) == "www.example.com"
    assert aliases_line(taken()) == "none"
    assert aliases_line(taken("aliases", options=replace(own, aliases=("app.test",)))) == "app.test (--alias)"
    unread = taken("aliases", aliases=UNREAD, options=own)
    assert unread.options.aliases == ("app.test", "www.example.com")
    assert "only the deployment knows it" in aliases_line(unread)


def test_aliases_that_are_not_known_or_not_names_are_told() -> None:
    """What is known is taken, what is not is never asked for, and what CloudFront would refuse is left out."""
    production = taken(aliases=("www.example.com", UNREAD, "WWW.Example.com", "a b", "*"))
    assert production.options.aliases == ("www.example.com",)
    line = aliases_line(production)
    assert line.startswith("www.example.com; 'WWW.Example.com' ignored: CloudFront takes domain names in lower case; ")
    assert "'a b' ignored" in line
    assert "'*' ignored" in line
    assert "the thing is not known (only the deployment knows it); --alias adds it" in line


@pytest.mark.parametrize("key", ["Aliases", "CNAMEs"])
@pytest.mark.parametrize(
    ("value", "aliases", "said"),
    [
        ("[www.example.com, '*.example.org']", ("www.example.com", "*.example.org"), ""),
        ("[www.example.com, !ImportValue name]", ("www.example.com",), "--alias adds it"),
        ("[!Ref 'AWS::NoValue']", (), ""),
        ("!ImportValue names", (), "none: "),
        ("www.example.com", (), "it is not a list"),
        ("{a: b}", (), "it is not a list"),
        ("[[a], {b: c}, 7, null]", ("7",), "ignored"),
        ("", (), "none"),
    ],
)
def test_aliases_of_a_template(tmp_path: Path, key: str, value: str, aliases: tuple[str, ...], said: str) -> None:
    """Both of CloudFormation's names for them are read; whatever stands there, the edge starts."""
    production = of_text(tmp_path, HEALTHY.replace(ENABLED, f"{ENABLED}        {key}: {value}\n"))
    assert production.options.aliases == aliases
    assert said in aliases_line(production)


def test_settings_without_a_function_reach_the_app() -> None:
    """The origin adds its header all the same."""
    production = taken(function=None, custom_headers=(("Edge-Hasher", "max-body=1"),))
    assert not production.options.has_function
    assert production.options.origin_headers == (("Edge-Hasher", "max-body=1"),)


def test_a_function_that_is_made_elsewhere(tmp_path: Path) -> None:
    """It is taken for Edge Hasher's, and a line says so; another function needs a word from the user."""
    production = of_text(tmp_path, HEALTHY.replace("!Ref EdgeVersion", "!ImportValue edge"))
    assert production.options.has_function
    assert any("taken for Edge Hasher's" in line for line in production.lines)
    with pytest.raises(ConfigError, match=r"index\.handler"):
        of_text(tmp_path, HEALTHY.replace("edge_hasher.function.handler.lambda_handler", "index.handler"))
    assert taken("include_body", function=UNREAD).options.has_function
    assert not taken("include_body", function=None).options.has_function


def test_no_oac_and_another_kind_of_oac_do_not_sign() -> None:
    """Both are never, and the line says why."""
    s3 = AccessControl(id="E", name="s3", origin_type="s3", behavior="always")
    for control, why in ((None, "no OAC"), (s3, "origin type s3")):
        origin = replace(BEHAVIOR.origin, access_control=control)
        setup = setup_of(FACTS, replace(BEHAVIOR, origin=origin), "here")
        production = taken_over(setup, BehaviorOptions(), frozenset())
        assert production.options.signing == "never"
        assert why in "\n".join(production.lines)


def test_a_policy_of_your_own() -> None:
    """Cookies and query go as it says; where it chooses them by name, the option is asked for."""
    policy = RequestPolicy(
        name="own", mode="allExcept", headers=frozenset({"host", "x-a"}), cookies="none", query="all"
    )
    own = taken(request=policy).options.policy.request_policy
    assert [own.forwards(name, "GET") for name in ("host", "x-a", "x-b", "cookie")] == [False, False, True, False]
    assert own.forwards_query
    with pytest.raises(ConfigError, match="--request-policy"):
        taken(request=replace(policy, query="whitelist"))


def test_a_cache_policy_with_host_forwards_it() -> None:
    """What is in the cache key goes to the origin, so Host there is 403 too."""
    cache = CachePolicy(
        name="own", headers=frozenset({"host"}), min_ttl_s=0, default_ttl_s=0, compresses=False, is_legacy=False
    )
    production = taken(cache=cache)
    assert production.options.policy.request_policy.host


def test_which_behavior_is_meant(tmp_path: Path) -> None:
    """None, two, and a path that another behavior serves are one line each; a path or a name settles it."""
    two = HEALTHY.replace("          - PathPattern: /chat*\n", f"{SECOND}          - PathPattern: /chat*\n")
    with pytest.raises(ChoiceError, match=r"2 behaviors .*/api\*, /chat\*; name one with --path"):
        of_text(tmp_path, two)
    assert of_text(tmp_path, two, path="/api/x").options.methods == {"GET", "HEAD"}
    with pytest.raises(ChoiceError, match=r"serves /page .*default .*those that do: /chat\*"):
        of_text(tmp_path, HEALTHY, path="/page")
    with pytest.raises(ChoiceError, match=r"no behavior of .* leads to a Lambda Function URL"):
        of_text(tmp_path, HEALTHY.replace("TargetOriginId: agent", "TargetOriginId: page"))
    with pytest.raises(ChoiceError, match="has no distribution Shop: there are Site"):
        of_text(tmp_path, HEALTHY, distribution="Shop")
    site = HEALTHY[HEALTHY.index("  Site:\n") :]
    both = HEALTHY + site.replace("  Site:\n", "  Shop:\n")
    with pytest.raises(ChoiceError, match="Shop, Site; name one with --distribution"):
        of_text(tmp_path, both, path="/chat")
    assert of_text(tmp_path, both, path="/chat", distribution="Shop").options.denied == {
        "InvokeFunctionUrl",
        "InvokeFunction",
    }


def test_a_deployed_distribution() -> None:
    """Facts that were read from AWS are taken in the same way."""
    production = taken_over(from_distribution(FACTS, "E2EXAMPLE"), BehaviorOptions(), frozenset())
    assert production.options.denied == set()
    assert production.options.invoke_mode == "RESPONSE_STREAM"
    with pytest.raises(ChoiceError, match="name one with --path"):
        from_distribution(replace(FACTS, behaviors=(BEHAVIOR, replace(BEHAVIOR, pattern="/b"))), "E2EXAMPLE")
    page = replace(BEHAVIOR, origin=replace(BEHAVIOR.origin, kind="other"))
    with pytest.raises(ChoiceError, match=r"those that do: /chat\*"):
        from_distribution(replace(FACTS, behaviors=(page,), path="/x", lambda_patterns=("/chat*",)), "E2EXAMPLE")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--from", ""], "--from is empty"),
        (["--from", " "], "--from is empty"),
        (["--from", "absent.yaml"], "absent.yaml: No such file or directory"),
        (["--from", "bad.yaml"], "bad.yaml"),
        (["--from", "good.yaml", "--path", "/page"], "serves /page"),
        (["--from", "unknown.yaml"], "--request-policy"),
        (["--path", "/chat"], "--path is for --from"),
        (["--error-page", "403"], "STATUS:/PAGE:STATUS"),
        (["--from", "good.yaml", "--parameter", "x"], "NAME=VALUE"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    """The line says what to do; nothing starts."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.yaml").write_text(HEALTHY)
    (tmp_path / "bad.yaml").write_text("Resources: [")
    (tmp_path / "unknown.yaml").write_text(HEALTHY.replace(EXCEPT_HOST, "!ImportValue policy"))
    result = CliRunner().invoke(main, ["local", "--origin", "http://127.0.0.1:9", *arguments])
    assert result.exit_code == 2
    assert said in result.stderr.strip().splitlines()[-1]
    assert "Traceback" not in result.output
