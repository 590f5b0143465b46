"""What the user sets with --parameter: a name that nothing has, or a value that is refused, is said."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from edge_hasher.cli import main
from tests.support.check.cdk_assembly import assembly, template
from tests.support.check.check_cases import HEALTHY
from tests.support.check.terraform_cases import HEALTHY as MODULE
from tests.support.check.terraform_cases import plan

TYPED = HEALTHY.replace(
    "Parameters:\n",
    "Parameters:\n  Stage: {Type: String, AllowedValues: [dev, prod, 1, true], Default: dev}\n"
    "  Seconds: {Type: Number, Default: 60}\n  Names: {Type: CommaDelimitedList, AllowedValues: [a, b], Default: a}\n",
)


def command(*arguments: str) -> tuple[int, str, str]:
    """Run it: exit code, standard output, standard error."""
    result = CliRunner().invoke(main, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder with something of each dialect."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.yaml").write_text(TYPED)
    (tmp_path / "plain.yaml").write_text(HEALTHY.replace("Parameters:\n", "Parameters:\n  Setup: {Type: String}\n"))
    (tmp_path / "tf").mkdir()
    (tmp_path / "tf" / "main.tf").write_text(MODULE)
    (tmp_path / "plan.json").write_text(json.dumps(plan(MODULE)))
    assembly(tmp_path / "cdk.out", {"App": template(HEALTHY)})
    return tmp_path


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("paths", "parameter", "said"),
    [
        (["t.yaml"], "Setings=x", "no parameter Setings: did you mean Settings? (there are Settings, Stage,"),
        (["t.yaml"], "settings=x", "no parameter settings: did you mean Settings? (there are Settings, Stage,"),
        (["t.yaml"], "Other=x", "no parameter Other: there are Stage, Seconds, Names, Settings"),
        (["t.yaml"], "AWS::Regoin=x", "no parameter AWS::Regoin: did you mean AWS::Region?"),
        (["t.yaml", "plain.yaml"], "Setpu=x", "no parameter Setpu: did you mean Setup?"),
        (["tf"], "setings=x", "no parameter setings: did you mean settings? (there are settings)"),
        (["tf/main.tf"], "Other=x", "no parameter Other: there are settings"),
        (["cdk.out"], "Setings=x", "did you mean Settings?"),
        (["plan.json"], "settings=x", "no parameter settings: nothing that was read has any"),
        (["."], "Setings=x", "did you mean Settings? (there are Settings, settings, "),
        (
            ["t.yaml"],
            "Stage=prdo",
            "the parameter Stage does not take 'prdo': its AllowedValues are dev, prod, 1",
        ),
        (["t.yaml"], "Seconds=long", "the parameter Seconds does not take 'long': its Type is Number"),
        (["t.yaml"], "Names=a,c", "the parameter Names does not take 'a,c': its AllowedValues are a, b"),
    ],
)
def test_a_wrong_parameter_is_one_line(paths: list[str], parameter: str, said: str) -> None:
    """The line names those that there are, a near one first; nothing is printed as if it had been checked."""
    code, out, err = command("check", "--parameter", parameter, *paths)
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert err.startswith("edge-hasher: --parameter: ")
    assert said in err


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("paths", "parameters"),
    [
        (["t.yaml"], ["Settings=", "Stage=prod", "Seconds=1.5", "Names=b, a"]),
        (["t.yaml"], ["Stage=1"]),
        (["t.yaml"], ["Stage=true"]),
        (["t.yaml", "tf"], ["settings=oversize=forward", "Stage=prod"]),
        (["t.yaml", "plain.yaml"], ["Setup=x", "AWS::Region=us-east-1", "AWS::AccountId=123456789012"]),
        (["cdk.out"], ["Settings=oversize=forward"]),
        (["tf", "plan.json"], ["AWS::Region=us-east-1"]),
    ],
)
def test_a_parameter_of_any_of_the_files_is_right(paths: list[str], parameters: list[str]) -> None:
    """It need be in one of them; where the stack goes may always be said."""
    options = [option for each in parameters for option in ("--parameter", each)]
    assert command("check", *options, *paths)[0] == 0


def test_a_file_that_cannot_be_read_may_have_it(folder: Path) -> None:
    """Then the file is what is said, and in a hook the file may be another run's."""
    (folder / "bad.yaml").write_text("Resources: [")
    code, _, err = command("check", "--parameter", "Missing=x", "t.yaml", "bad.yaml")
    assert (code, "bad.yaml: " in err, "Missing" in err) == (2, True, False)
    assert command("check", "--pass-over", "--parameter", "Missing=x", "t.yaml")[0] == 0


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("source", "parameter", "said"),
    [
        ("t.yaml", "Setings=x", "--from: --parameter: there is no parameter Setings: did you mean Settings?"),
        ("t.yaml", "Stage=prdo", "the parameter Stage does not take 'prdo'"),
        ("E2EXAMPLE1234", "Settings=x", "--parameter is for --from FILE"),
    ],
)
def test_local_from_says_it_too(source: str, parameter: str, said: str) -> None:
    """The local edge is not set up by a default that the user meant to change."""
    code, _, err = command(
        "local", "--origin", "http://127.0.0.1:9", "--from", source, "--path", "/chat", "--parameter", parameter
    )
    assert code == 2
    assert said in err.splitlines()[-1]


def test_a_template_s_own_mistakes_are_not_the_user_s(tmp_path: Path) -> None:
    """What is said of a parameter may be of any kind."""
    for number, declared in enumerate(["null", "[1]", "{AllowedValues: x}", "{Type: [1], AllowedValues: {a: b}}"]):
        file = tmp_path / f"{number}.yaml"
        file.write_text(HEALTHY.replace("Parameters:\n", f"Parameters:\n  Odd: {declared}\n"))
        assert command("check", "--parameter", "Odd=x", str(file))[0] == 0


@pytest.mark.parametrize(
    ("declared", "value"),
    [
        ("String, AllowedValues: [yes, no]", "yes"),
        ("String, AllowedValues: [on, off]", "on"),
        ("String, AllowedValues: [True, False]", "True"),
        ("String, AllowedValues: [0123]", "0123"),
        ("String, AllowedValues: [1.10, 1.20]", "1.10"),
        ("Number, AllowedValues: [1, 2]", "1.0"),
    ],
)
def test_a_value_is_taken_as_the_template_writes_it(declared: str, value: str, tmp_path: Path) -> None:
    """YAML makes another thing of a word or a number without quotes, which is no mistake of the user's."""
    (tmp_path / "t.yaml").write_text(HEALTHY.replace("Parameters:\n", f"Parameters:\n  Odd: {{Type: {declared}}}\n"))
    assert command("check", "--parameter", f"Odd={value}", str(tmp_path / "t.yaml"))[0] == 0
    code, _, err = command("check", "--parameter", "Odd=a: [", str(tmp_path / "t.yaml"))
    assert (code, "the parameter Odd does not take 'a: ['" in err) == (2, True)


@pytest.mark.parametrize("kind", ["Number", "String, AllowedValues: [a]"])
def test_a_hidden_value_is_not_repeated(kind: str, tmp_path: Path) -> None:
    """What CloudFormation would show to nobody is not written into a build's log."""
    hidden = f"Parameters:\n  Token: {{NoEcho: true, Type: {kind}}}\n"
    (tmp_path / "t.yaml").write_text(HEALTHY.replace("Parameters:\n", hidden))
    code, out, err = command("check", "--parameter", "Token=s3cret", str(tmp_path / "t.yaml"))
    assert (code, "the parameter Token does not take" in err, "s3cret" in out + err) == (2, True, False)
