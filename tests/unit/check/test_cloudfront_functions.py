"""CloudFront Functions in code: what theirs says is judged as doctor judges it, and what is not known is unread."""

import json
from pathlib import Path

import pytest

from tests.support.check import check_cases, terraform_cases
from tests.support.check.cdk_assembly import assembly, template
from tests.support.check.check_cases import CHOOSES, HARMLESS, HEALTHY, READS_DIGEST, SITE, with_cloudfront_function
from tests.support.check.check_run import check, check_text, found, line_of
from tests.unit.check.test_pulumi import preview

TERRAFORM = terraform_cases.HEALTHY
READS_AUTHORIZATION = "return event.request.headers.Authorization"


def site(code: str) -> str:
    """The healthy template with a CloudFront Function of this code."""
    return HEALTHY.replace(SITE, with_cloudfront_function(code))


def module(code: str) -> str:
    """The healthy module with a CloudFront Function whose code is this expression."""
    return TERRAFORM.replace(terraform_cases.SITE, terraform_cases.with_cloudfront_function(code))


def unread(folder: Path, text: str, name: str) -> dict[str, str]:
    """What EH109 could not tell, with the reason; nothing is found."""
    outcome = check_text(folder, text, name, parameters={"AWS::Region": "us-east-1"})
    assert found(outcome) == {}
    return {why.what: why.why for _, code, why in outcome.unread if code == "EH109"}


def test_code_that_leaves_headers_alone_is_right(tmp_path: Path) -> None:
    """In every dialect: nothing is found, and nothing is unknown."""
    region = {"AWS::Region": "us-east-1"}
    plan = json.dumps(terraform_cases.plan(module(f'"{HARMLESS}"')))
    outcomes = [
        check_text(tmp_path / "1", site(HARMLESS), parameters=region),
        check(assembly(tmp_path / "2", {"App": template(site(HARMLESS))})),
        check_text(tmp_path / "3", module(f'"{HARMLESS}"'), "main.tf"),
        check_text(tmp_path / "4", plan, "plan.json"),
    ]
    assert [(found(each), each.unread) for each in outcomes] == [({}, ())] * 4
    assert found(check_text(tmp_path / "5", json.dumps(preview(module(f'"{HARMLESS}"'))), "preview.json")) == {}


@pytest.mark.parametrize("reference", ["!Ref Rewrite", "!GetAtt Rewrite.FunctionMetadata.FunctionARN"])
def test_every_reference_to_the_function(reference: str, tmp_path: Path) -> None:
    """Ref and both attributes are its ARN."""
    text = site(READS_DIGEST).replace("!GetAtt Rewrite.FunctionARN", reference)
    assert list(found(check_text(tmp_path, text))) == ["EH109"]


@pytest.mark.parametrize("name", ["rewrite", "!Sub '${AWS::StackName}-rewrite'"])
def test_an_arn_that_is_put_together(name: str, tmp_path: Path) -> None:
    """It ends with the function's name, literal or not."""
    ending = name.removeprefix("!Sub ").strip("'")
    arn = f"!Sub 'arn:aws:cloudfront::${{AWS::AccountId}}:function/{ending}'"
    text = site(READS_DIGEST).replace("!GetAtt Rewrite.FunctionARN", arn).replace("Name: rewrite", f"Name: {name}")
    assert list(found(check_text(tmp_path, text))) == ["EH109"]


def test_the_finding_is_in_the_code_that_names_the_header(tmp_path: Path) -> None:
    """Of two functions, the one that the sentence is about; its name may end as another's does."""
    first = "  Write:\n    Type: AWS::CloudFront::Function\n    Properties: {Name: write, FunctionCode: 'return 1'}\n"
    other = "              - {EventType: viewer-response, FunctionARN: !Ref Write}\n"
    text = site(READS_AUTHORIZATION).replace("  Rewrite:\n", f"{first}  Rewrite:\n") + other
    outcome = check_text(tmp_path, text)
    assert found(outcome) == {"EH109": [line_of(text, "FunctionCode: |")]}
    assert "(rewrite: authorization)" in outcome.findings[0].what


def test_code_of_values_of_the_deployment(tmp_path: Path) -> None:
    """What is written is certain; what the deployment puts in is neither right nor wrong."""
    what = "the code of the CloudFront Function rewrite"
    text = site("return '${AWS::StackName}'").replace("FunctionCode: |", "FunctionCode: !Sub |")
    assert unread(tmp_path, text, "t.yaml") == {what: "known after deployment"}
    text = site("return '${AWS::StackName}' + r.headers.authorization").replace("Code: |", "Code: !Sub |")
    assert list(found(check_text(tmp_path, text))) == ["EH109"]
    joined = site("x").replace("FunctionCode: |", "FunctionCode: !Join ['', [\"r.headers['authorization']\", 'x']] #")
    joined = joined.replace("        function handler(event) { x }\n", "")
    assert list(found(check_text(tmp_path, joined))) == ["EH109"]
    included = joined.replace("!Join ['', [\"r.headers['authorization']\", 'x']]", "{Fn::Transform: {Name: a}}")
    assert unread(tmp_path, included, "t.yaml") == {what: "Fn::Transform is not evaluated"}


def test_a_function_made_elsewhere_is_unread(tmp_path: Path) -> None:
    """An ARN says nothing of the code; one that is imported does not either."""
    arn = "arn:aws:cloudfront::123456789012:function/theirs"
    what = "the code of the CloudFront Function theirs"
    text = site(HARMLESS).replace("!GetAtt Rewrite.FunctionARN", arn)
    assert unread(tmp_path, text, "t.yaml") == {what: "it is made elsewhere"}
    text = site(HARMLESS).replace("!GetAtt Rewrite.FunctionARN", "!ImportValue theirs")
    assert set(unread(tmp_path, text, "t.yaml").values()) == {"imported value"}
    text = module(f'"{HARMLESS}"').replace("aws_cloudfront_function.rewrite.arn", f'"{arn}"')
    assert unread(tmp_path, text, "main.tf") == {what: "it is made elsewhere"}
    text = module(f'"{HARMLESS}"').replace("aws_cloudfront_function.rewrite.arn", "data.aws_cloudfront_function.x.arn")
    assert set(unread(tmp_path, text, "main.tf").values()) == {"known after apply"}


@pytest.mark.parametrize(
    "code",
    [
        "<<EOT\n  function handler(event) { return `$${event.request.headers.authorization}` }\nEOT",
        "<<-EOT\n  return event.request.headers.${local.header}\n  EOT",
        "trimspace(file(local.path))",
        'file("${path.module}/src/rewrite.js")',
        'templatefile("${path.module}/src/template.js", { stage = var.settings })',
    ],
)
def test_code_of_terraform(code: str, tmp_path: Path) -> None:
    """Heredocs, and the files beside the module, are read."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "rewrite.js").write_text("return event.request.headers['Authorization']\n")
    (tmp_path / "src" / "template.js").write_text("// ${stage}\nreturn event.request.headers['Authorization']\n")
    names = 'locals {\n  header = "authorization"\n  path = "${path.root}/src/rewrite.js"\n}\n'
    text = names + module(code)
    outcome = check_text(tmp_path, text, "main.tf")
    assert found(outcome) == {"EH109": [line_of(text, "  code = ")]}


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ('file("${path.module}/no.js")', "./no.js cannot be read: No such file or directory"),
        ('file("${path.module}/../secret.js")', "./../secret.js is outside of the folder that is checked"),
        ('file("${path.module}/link.js")', "./link.js is outside of the folder that is checked"),
        ('file("/etc/passwd")', "/etc/passwd is outside of the folder that is checked"),
        ('file("${path.module}/${aws_s3_bucket.page.id}.js")', "the file that file names is known in a plan"),
        ('templatefile("${path.module}/t.js", {})', "it is made from ./t.js, and known in a plan"),
        ('file("${path.module}/binary.js")', "./binary.js cannot be read: it is binary"),
        ('file("a\\u0000b")', "a\0b cannot be read: no file has this name"),
        ("file(var.file)", "the file that file names is known in a plan"),
        ("<<EOT\n%{ if true }a%{ endif }\nEOT", "known after apply"),
        ("<<EOT\n${aws_s3_bucket.page.id}\nEOT", "known after apply"),
        ('<<EOT\n${join("}", ["a"])}\nEOT', "a plan evaluates this expression, and check does not"),
    ],
)
def test_code_of_terraform_that_is_not_known(code: str, why: str, tmp_path: Path) -> None:
    """Files elsewhere are not opened, and the reason says what would tell."""
    (tmp_path / "secret.js").write_text("r.headers.authorization")
    folder = tmp_path / "module"
    folder.mkdir()
    (folder / "link.js").symlink_to(tmp_path / "secret.js")
    (folder / "t.js").write_text("return '${stage}'")
    (folder / "binary.js").write_bytes(b"a\0b")
    text = f'variable "file" {{}}\n{module(code)}'
    assert unread(folder, text, "main.tf") == {"the code of the CloudFront Function rewrite": why}


def test_a_file_beside_the_module_in_the_folder_that_is_checked(tmp_path: Path) -> None:
    """Where the whole project is checked, a module may take its files from anywhere in it."""
    (tmp_path / "rewrite.js").write_text("r.headers.authorization")
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra" / "main.tf").write_text(module('file("${path.module}/../rewrite.js")'))
    assert list(found(check(tmp_path))) == ["EH109"]
    assert found(check(tmp_path / "infra")) == {}


def test_an_origin_that_a_function_chooses(tmp_path: Path) -> None:
    """It is said, as a note, and what depends on the origin is not judged."""
    text = HEALTHY.replace(SITE, with_cloudfront_function(CHOOSES, check_cases.ROUTED))
    outcome = check_text(tmp_path, text)
    assert [(each.check.code, each.severity) for each in outcome.findings] == [("EH108", "note")]
    assert outcome.exit_code == 0
    assert "Rewrite" not in outcome.findings[0].what
    assert "CloudFront Function rewrite of /chat* chooses the origin" in outcome.findings[0].what


def test_a_function_that_chooses_where_no_function_url_is(tmp_path: Path) -> None:
    """One bucket or another: there is nothing to sign, and nothing is said; for a path that the user names it is."""
    text = HEALTHY.replace(SITE, with_cloudfront_function(CHOOSES, check_cases.ROUTED))
    text = text[: text.index("  AgentUrl:")] + text[text.index("  UrlPermission:") :]
    assert found(check_text(tmp_path, text)) == {}
    assert "EH108" in found(check_text(tmp_path, text, viewer_path="/chat"))
    hosted = text.replace("domainName: host", "domainName: 'abc.lambda-url.us-east-1.on.aws'")
    assert "EH108" in found(check_text(tmp_path, hosted))


def test_what_is_certain_is_told_beside_what_is_not_known(tmp_path: Path) -> None:
    """A function made elsewhere does not hide what another one says."""
    other = "{EventType: viewer-response, FunctionARN: 'arn:aws:cloudfront::123456789012:function/theirs'}"
    text = site(READS_DIGEST).replace(
        "            FunctionAssociations:\n", f"            FunctionAssociations:\n              - {other}\n"
    )
    assert list(found(check_text(tmp_path, text))) == ["EH109"]


@pytest.mark.parametrize("dialect", ["cloudformation", "terraform"])
def test_code_that_takes_the_clients_digest_away(dialect: str, tmp_path: Path) -> None:
    """With --clients-hash every POST would be 403, so it is broken, on the line of the code; reading stays a note."""
    for code, severity, exit_code in (
        ("delete event.request.headers['x-amz-content-sha256']; return event.request", "broken", 1),
        (READS_DIGEST, "note", 0),
    ):
        text, name, marker = (
            (site(code), "t.yaml", "FunctionCode: |")
            if dialect == "cloudformation"
            else (module(f'"{code}"'), "main.tf", "  code = ")
        )
        outcome = check_text(tmp_path, text, name, clients_hash=True)
        assert [(each.check.code, each.severity) for each in outcome.findings] == [("EH109", severity)]
        assert (found(outcome), outcome.exit_code) == ({"EH109": [line_of(text, marker)]}, exit_code)
        assert check_text(tmp_path, text, name).exit_code == 0
