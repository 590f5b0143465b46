"""The unknown facts about AWS, settled by what was seen here, where it could be seen.

A question is settled only by answers that leave no other reading; else it says what it would take. The questions are
the table in `questions.py`; each has the mark of what was known before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge_hasher.probe.diagnosis.open_questions import QUESTIONS, ProbeResults

if TYPE_CHECKING:
    from edge_hasher.probe.diagnosis.open_questions import Mark, Question, Settled
    from edge_hasher.probe.diagnosis.pattern import Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A question and, if it is settled, its answer; `evidence` names the requests, `needs` says what it would take."""

    code: str
    question: str
    mark: Mark
    answer: str = ""
    evidence: tuple[str, ...] = ()
    needs: str = ""


def settle(results: tuple[Result, ...]) -> tuple[Fact, ...]:
    """Return every question, settled or not, in the order of the table."""
    seen = ProbeResults(results)
    return tuple(_fact(question, question.settle(seen)) for question in QUESTIONS)


def _fact(question: Question, settled: Settled) -> Fact:
    if settled is None:
        return Fact(code=question.code, question=question.text, mark=question.mark, needs=question.needs)
    answer, evidence = settled
    names = tuple(result.request.name for result in evidence)
    return Fact(code=question.code, question=question.text, mark=question.mark, answer=answer, evidence=names)
