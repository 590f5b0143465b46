"""Lines of CloudFront's standard logs, legacy and v2, tabs, blanks or JSON ("Standard logging reference")."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from edge_hasher.probe.paste.exchange import Exchange, failing

if TYPE_CHECKING:
    from collections.abc import Mapping

# The order of the legacy format, which v2 keeps by default (documented).
_FIELDS = (
    "date", "time", "x-edge-location", "sc-bytes", "c-ip", "cs-method", "cs(Host)", "cs-uri-stem", "sc-status",
    "cs(Referer)", "cs(User-Agent)", "cs-uri-query", "cs(Cookie)", "x-edge-result-type", "x-edge-request-id",
    "x-host-header", "cs-protocol", "cs-bytes", "time-taken", "x-forwarded-for", "ssl-protocol", "ssl-cipher",
    "x-edge-response-result-type", "cs-protocol-version", "fle-status", "fle-encrypted-fields", "c-port",
    "time-to-first-byte", "x-edge-detailed-result-type", "sc-content-type", "sc-content-len", "sc-range-start",
    "sc-range-end",
)  # fmt: skip
_LINE = re.compile(r"\d{4}-\d\d-\d\d\s+\d\d:\d\d:\d\d\s+[A-Z]{3}\d")
_MIN_FIELDS = 9  # up to the status
_RESULT_KEYS = ("x-edge-detailed-result-type", "x-edge-response-result-type", "x-edge-result-type")


def read_logs(text: str) -> list[Exchange]:
    """Return the requests of a log, those that failed if any did; empty for anything else."""
    fields: tuple[str, ...] = _FIELDS
    found = []
    for line in text.split("\n"):
        if line.lower().lstrip().startswith("#fields:"):
            fields = tuple(line.split(":", 1)[1].split())
        elif _LINE.match(line.strip()):
            values = line.strip().split("\t") if "\t" in line else line.split()
            if len(values) >= _MIN_FIELDS:
                found.append(from_record(dict(zip(fields, values, strict=False))))
    return failing(each for each in found if each.status or each.log_result)


def is_record(node: Mapping[str, Any]) -> bool:
    """Whether a JSON object is a line of the log, v2."""
    return "sc-status" in node or any(key in node for key in _RESULT_KEYS)


def from_record(record: Mapping[str, Any]) -> Exchange:
    """Read one line, by field."""

    def value(name: str) -> str:
        found = str(record.get(name) or "")
        return "" if found == "-" else found

    status = value("sc-status")
    results = [result for key in _RESULT_KEYS if (result := value(key))]
    exchange = Exchange(status=int(status) if status.isdecimal() else 0, forms={"log"})
    exchange.ask(value("cs-method"))
    exchange.host = value("x-host-header") or value("cs(Host)") or value("cs-host")
    exchange.path = value("cs-uri-stem")
    exchange.log_result = next((each for each in results if each not in {"Error", "Miss", "Hit"}), "".join(results[:1]))
    if sent := value("cs-bytes"):
        exchange.sent.append(("cs-bytes", sent))
    for name, key in (("x-cache", "x-edge-result-type"), ("x-amz-cf-id", "x-edge-request-id")):
        if found := value(key):
            exchange.receive(name, f"{found} from cloudfront" if name == "x-cache" else found)
    return exchange
