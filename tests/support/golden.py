"""The golden events: `tests/events/<case>.json` beside `<case>.expected.json`, found and not listed.

The name of a case begins with the number of its row. An expectation names the `row` that answers, and has one of
- `request`: what changes in the request that is forwarded, as a JSON merge patch (RFC 7396); `{}` is the same request;
- `refusal`: its status and code, and every other field of the problem document;
- `error`: what the message of the exception ends with.
`anomaly` names what is logged besides. `about` is the requirement, `shape` where the event's shape comes from.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

EVENTS = Path(__file__).parents[1] / "events"


@dataclass(frozen=True, slots=True)
class Case:
    """One golden event and what must become of it."""

    name: str
    event: Any
    expected: dict[str, Any]

    @property
    def request(self) -> Any:
        """The request inside the event."""
        return self.event["Records"][0]["cf"]["request"]

    @property
    def forwarded(self) -> Any:
        """The request that must be forwarded: the event's own, with the expected changes."""
        return _merge(self.request, self.expected["request"])

    def check_answer(self, answer: Any) -> None:
        """Fail unless `answer`, what the handler returned, is what this case expects."""
        if "request" in self.expected:
            assert answer == self.forwarded
            return
        refusal = dict(self.expected["refusal"])
        status = refusal.pop("status")
        document = json.loads(answer["body"])
        assert answer["status"] == str(status)
        assert answer["headers"]["content-type"][0]["value"] == "application/problem+json"
        assert answer["headers"]["cache-control"][0]["value"] == "no-store"
        assert document.pop("type") == f"urn:edge-hasher:{refusal.pop('code')}"
        assert document.pop("status") == status
        assert document.pop("title")
        assert document.pop("detail")
        assert document == refusal


def cases() -> list[Case]:
    """Return every golden case, by name."""
    paths = sorted(path for path in EVENTS.glob("*.json") if not path.name.endswith(".expected.json"))
    return [
        Case(path.stem, json.loads(path.read_text()), json.loads(path.with_suffix(".expected.json").read_text()))
        for path in paths
    ]


def _merge(target: Any, patch: Any) -> Any:
    """Apply a JSON merge patch (RFC 7396) without changing the target."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = _merge(merged.get(name), value)
    return merged
