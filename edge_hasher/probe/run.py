"""One probe from plan to result: send each planned request in turn and read its answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from edge_hasher.probe.diagnosis.advice import Place
from edge_hasher.probe.diagnosis.diagnosis import diagnose, remarks
from edge_hasher.probe.diagnosis.open_questions import settle
from edge_hasher.probe.diagnosis.pattern import Result, patterns
from edge_hasher.probe.diagnosis.readings import read
from edge_hasher.probe.sending.send import HttpSend, client, require

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge_hasher.probe.diagnosis.advice import Advice
    from edge_hasher.probe.diagnosis.open_questions import Fact
    from edge_hasher.probe.sending.address import Address
    from edge_hasher.probe.sending.requests import PlannedRequest
    from edge_hasher.probe.sending.send import Send


@dataclass(frozen=True, slots=True)
class MethodDiagnosis:
    """What one method's answers mean."""

    method: str
    diagnosis: Advice
    remarks: tuple[Advice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeResult:
    """All that a probe found; `date` is the UTC day, ISO 8601."""

    address: Address
    date: str
    results: tuple[Result, ...]
    diagnosed: tuple[MethodDiagnosis, ...]
    facts: tuple[Fact, ...]

    @property
    def has_findings(self) -> bool:
        """Whether anything is wrong or could not be determined."""
        return any(advice.outcome != "ok" for each in self.diagnosed for advice in (each.diagnosis, *each.remarks))

    def place(self, method: str) -> Place:
        """Return what a diagnosis is about."""
        return Place(method=method, path=self.address.path, host=self.address.netloc)


async def probe(
    address: Address,
    requests: tuple[PlannedRequest, ...],
    send: Send,
    *,
    date: str,
    on_result: Callable[[Result], None] = lambda _: None,
) -> ProbeResult:
    """Send the requests in order; `on_result` is called with each result.

    Raises ProbeError if the first one gets no answer. A later one without an answer is a result.
    """
    results: list[Result] = []
    for request in requests:
        answer = await send(request)
        result = Result(request, read(answer if results else require(answer)))
        results.append(result)
        on_result(result)
    return conclude(address, tuple(results), date=date)


async def probe_over_http(
    address: Address,
    requests: tuple[PlannedRequest, ...],
    headers: tuple[tuple[str, str], ...],
    *,
    timeout_s: float,
    on_result: Callable[[Result], None],
) -> ProbeResult:
    """Send the requests over the network, each with `headers`; raises as `probe` does."""
    async with client(timeout_s) as session:
        send = HttpSend(session, address, headers=headers, timeout_s=timeout_s)
        return await probe(address, requests, send, date=datetime.now(UTC).date().isoformat(), on_result=on_result)


def conclude(address: Address, results: tuple[Result, ...], *, date: str) -> ProbeResult:
    """Say what the results mean together."""
    diagnosed = tuple(
        MethodDiagnosis(pattern.method, diagnose(pattern), remarks(pattern)) for pattern in patterns(results)
    )
    return ProbeResult(address=address, date=date, results=results, diagnosed=diagnosed, facts=settle(results))
