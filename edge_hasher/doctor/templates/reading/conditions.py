"""CloudFormation's conditions: true, false, or not known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from edge_hasher.doctor.templates.reading.source import ReadError
from edge_hasher.doctor.templates.reading.values import plain_text, unknown_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from edge_hasher.doctor.templates.reading.source import Path


class Conditions:
    """The conditions of one template, each judged once; raises ReadError where they name each other in a circle."""

    def __init__(self, written: Mapping[str, object], evaluate: Callable[[object, Path], object]) -> None:
        self._written = written
        self._evaluate = evaluate
        self._known: dict[str, bool | None] = {}
        self._open: list[str] = []
        self._reasons: dict[str, str] = {}

    def why(self, name: object) -> str:
        """Say why a condition is not known: for the first value in it that is not."""
        reason = self._reasons.get(str(name))
        return f"it depends on the condition {name}" + (f": {reason}" if reason else "")

    def holds(self, name: object) -> bool | None:
        """Return whether a condition is true; None where that is not known."""
        if not isinstance(name, str) or name not in self._written:
            return None
        if name in self._open:
            raise ReadError(f"its conditions name each other in a circle: {' -> '.join([*self._open, name])}")
        if name not in self._known:
            self._open.append(name)
            self._known[name] = self._judge(self._written[name], ("Conditions", name))
            self._open.pop()
        if name in self._reasons:
            self._because(self._reasons[name])
        return self._known[name]

    def _because(self, reason: str) -> None:
        """Write down why the conditions that are being judged are not known."""
        self._reasons |= {each: reason for each in self._open if each not in self._reasons}

    def _judge(self, raw: Any, path: Path) -> bool | None:
        if not isinstance(raw, dict) or len(raw) != 1:
            return None
        name, body = next(iter(raw.items()))
        if name == "Condition":
            return self.holds(body)
        if not isinstance(body, list) or not body:
            return None
        if name == "Fn::Equals":
            pair = [self._evaluate(each, (*path, name, index)) for index, each in enumerate(body)]
            unknown = next((found for each in pair if (found := unknown_in(each)) is not None), None)
            if unknown is not None:
                self._because(unknown.why)
                return None
            # CloudFormation compares text.
            texts = {plain_text(each) for each in pair}
            return len(texts) == 1
        answers = [self._judge(each, path) for each in body]
        if name == "Fn::Not" and len(answers) == 1:
            return None if answers[0] is None else not answers[0]
        if name in {"Fn::And", "Fn::Or"}:
            decides = bool(name == "Fn::Or")
            if decides in answers:
                return decides
            return None if None in answers else not decides
        return None
