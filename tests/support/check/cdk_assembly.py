"""Templates as a CDK assembly."""

import json
from pathlib import Path
from typing import Any

from edge_hasher.doctor.templates.reading.document import YamlDocument

ENVIRONMENT = "aws://123456789012/us-east-1"


def template(text: str) -> Any:
    """A template of YAML as CDK writes it."""
    return YamlDocument(Path("a.yaml"), text).data


def assembly(folder: Path, stacks: dict[str, Any], environment: str = ENVIRONMENT) -> Path:
    """Write an assembly as `cdk synth` does."""
    folder.mkdir(parents=True, exist_ok=True)
    artifacts = {}
    for name, data in stacks.items():
        (folder / f"{name}.template.json").write_text(json.dumps(data, indent=1))
        metadata = {
            f"/{name}/Group/{logical_id}/Resource": [{"type": "aws:cdk:logicalId", "data": logical_id}]
            for logical_id in data["Resources"]
        }
        (folder / f"{name}.metadata.json").write_text(json.dumps(metadata))
        artifacts[name] = {
            "type": "aws:cloudformation:stack",
            "environment": environment,
            "properties": {"templateFile": f"{name}.template.json"},
            "additionalMetadataFile": f"{name}.metadata.json",
        }
    artifacts["Tree"] = {"type": "cdk:tree", "properties": {"file": "tree.json"}}
    (folder / "manifest.json").write_text(json.dumps({"version": "55.0.0", "artifacts": artifacts}))
    (folder / "cdk.out").write_text('{"version":"55.0.0"}')
    return folder
