"""One log line and one metric for each refusal and anomaly; imported on the first, since Powertools is slow to load.

Neither holds anything of the body, the headers or the query. The log group is in the Region where the function ran
(documented: "Edge function logs"), and so is the metric, which CloudWatch reads from the log (embedded metric format).
"""

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit, single_metric

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._types import Config, Request
    from .decision import Decision

SERVICE = "edge-hasher"
NAMESPACE = "EdgeHasher"

_FIRST_SERVER_ERROR = 500

# Configured here and not by environment variables: the edge has none. RFC 3339, or Lambda takes every line for INFO
# (documented: "Log-level filtering").
_logger = Logger(service=SERVICE, level="INFO", utc=True, location=None, use_rfc3339=True)


def report(decision: "Decision", config: "Config", request: "Request") -> None:
    """Write what came of one request: its refusal, its anomaly or both."""
    where: dict[str, object] = {
        "correlation_id": config.get("requestId"),
        "distribution": config.get("distributionId"),
        "method": request.get("method"),
        "path": request.get("uri"),
        "row": decision.row,
    }
    if decision.anomaly is not None:
        _write("warning", decision.anomaly.code, where | decision.anomaly.fields)
    if decision.refusal is not None:
        refusal = decision.refusal
        byte_counts = {name: value for name, value in refusal.fields.items() if name.endswith("_bytes")}
        level = "error" if refusal.status >= _FIRST_SERVER_ERROR else "warning"
        _write(level, refusal.code, where | {"status": refusal.status} | byte_counts)


def _write(level: str, code: str, fields: dict[str, object]) -> None:
    getattr(_logger, level)(code, extra={"code": code, **fields})
    dimensions = {"service": SERVICE}
    with single_metric(code, MetricUnit.Count, 1, namespace=NAMESPACE, default_dimensions=dimensions):
        pass
