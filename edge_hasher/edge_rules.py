"""What Lambda@Edge takes, as data: attach refuses by these rules, and doctor makes its findings of them.

Facts it stands on ("Restrictions on Lambda@Edge" and "Quotas on Lambda@Edge" unless a rule names another page):
- The limits are those of origin-request functions; viewer functions have lower ones (documented).
- A trust policy's `"Principal": "*"` means all principals (documented: "AWS JSON policy elements: Principal"), and AWS
  services are principals: both may assume the role. `{"AWS": "*"}` is documented as equal for anonymous users alone;
  whether it lets services in is unknown, and it does not count here.
- Where CloudFront's own sentence was seen, it is the reason given.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Self

EDGE_PRINCIPALS = ("lambda.amazonaws.com", "edgelambda.amazonaws.com")
TIMEOUT_LIMIT_S = 30
CODE_LIMIT_BYTES = 50 << 20  # compressed
MEMORY_LIMIT_MB = 10_240  # as on Lambda; Lambda Managed Instances take more
STORAGE_LIMIT_MB = 512
ARCHITECTURES = ("x86_64",)
RUNTIMES = ("python", "nodejs")
_RESTRICTIONS = '"Restrictions on Lambda@Edge"'
_QUOTAS = '"Quotas on Lambda@Edge"'
_FOR_CLOUDFRONT = "functions that are triggered by a CloudFront event"
_WITHOUT = "publish a version without"
_MAX = "The function {} is larger than the maximum allowed {}: {{}} Max allowed: {{}}"
_AT_MOST = "it has {{}} MB of {}; at most {{}} MB work at the edge"
_FEATURES = {
    "vpc": "it is in a VPC, from which Lambda@Edge cannot run",
    "dead-letter-queue": "it has a dead-letter queue, which Lambda@Edge does not have",
    "x-ray": "X-Ray tracing is on, which Lambda@Edge does not have",
    "kms-key": "it has a customer-managed key, which Lambda@Edge does not take",
    "file-system": "it mounts a file system, which needs a VPC, from which Lambda@Edge cannot run",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeFunction:
    """A Lambda function's version, its role and the behaviors it serves, as far as Lambda@Edge asks.

    `trusted` are the services that may assume the role, and `update_runtime_on` is the runtime management mode; None is
    not known, which no rule holds against it. `features` are those it has of what the edge lacks, such as vpc, and
    `grpc_behaviors` those of its behaviors that take gRPC.
    """

    name: str
    handler: str
    role_arn: str
    package_type: str = "Zip"
    runtime: str | None = None
    architectures: tuple[str, ...] = ARCHITECTURES
    code_bytes: int = 0
    timeout_s: int = 0
    memory_mb: int = 0
    storage_mb: int = 0
    environment: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()
    features: frozenset[str] = frozenset()
    state: str = "Active"
    state_reason: str = ""
    role_exists: bool = True
    trusted: frozenset[str] | None = None
    update_runtime_on: str | None = None
    grpc_behaviors: tuple[str, ...] = ()

    @classmethod
    def from_configuration(cls, config: Mapping[str, Any], **known: Any) -> Self:  # noqa: ANN401 (the other fields)
        """Read what GetFunction and GetFunctionConfiguration answer; `known` are the fields that they do not hold."""
        environment, vpc = config.get("Environment") or {}, config.get("VpcConfig") or {}
        features = {
            "vpc": vpc.get("VpcId") or vpc.get("SubnetIds"),
            "dead-letter-queue": (config.get("DeadLetterConfig") or {}).get("TargetArn"),
            "x-ray": (config.get("TracingConfig") or {}).get("Mode") == "Active",
            "kms-key": config.get("KMSKeyArn"),
            "file-system": config.get("FileSystemConfigs"),
        }
        return cls(
            name=config["FunctionName"],
            handler=config.get("Handler") or "",
            role_arn=config["Role"],
            package_type=config.get("PackageType") or "Zip",
            runtime=config.get("Runtime"),
            architectures=tuple(config.get("Architectures") or ARCHITECTURES),
            code_bytes=config.get("CodeSize") or 0,
            timeout_s=config.get("Timeout") or 0,
            memory_mb=config.get("MemorySize") or 0,
            storage_mb=(config.get("EphemeralStorage") or {}).get("Size") or 0,
            environment=tuple(sorted(environment.get("Variables") or ()))
            or (("unreadable ones",) if environment.get("Error") else ()),
            layers=tuple(layer["Arn"] for layer in config.get("Layers") or ()),
            features=frozenset(name for name, is_there in features.items() if is_there),
            # Functions from before 2020 have no state (documented: "Lambda function states"); they are active.
            state=config.get("State") or "Active",
            state_reason=config.get("StateReason") or "",
            **known,
        )

    @property
    def missing_principals(self) -> tuple[str, ...]:
        """Which of the two services may not assume the role."""
        return () if self.trusted is None else tuple(each for each in EDGE_PRINCIPALS if each not in self.trusted)


@dataclass(frozen=True, slots=True)
class EdgeRule:
    """One thing that Lambda@Edge does not take: `look` gives the reason, or something false; `source` is AWS's page."""

    name: str
    look: Callable[[EdgeFunction], object]
    fix: str
    source: str = _RESTRICTIONS

    def judge(self, function: EdgeFunction) -> str | None:
        """Return why Lambda@Edge does not take the function, or None."""
        return str(reason) if (reason := self.look(function)) else None


def _feature(name: str, reason: str) -> EdgeRule:
    return EdgeRule(name, lambda it: name in it.features and reason, _WITHOUT)


def _limit(
    name: str, field: str, limit: int, reason: str, fix: str = "publish a version with less", source: str = _QUOTAS
) -> EdgeRule:
    look = attrgetter(field)
    return EdgeRule(name, lambda it: look(it) > limit and reason.format(look(it), limit), fix, source)


RULES = (
    EdgeRule(
        "package-type",
        lambda it: it.package_type != "Zip" and "it is a container image, and Lambda@Edge takes zip packages only",
        "deploy it as a zip package",
    ),
    EdgeRule(
        "runtime",
        lambda it: (
            it.runtime
            and not it.runtime.startswith(RUNTIMES)
            and f"The function has an invalid runtime for {_FOR_CLOUDFRONT}: {it.runtime}"
        ),
        "use Python or Node.js",
    ),
    EdgeRule(
        "architecture",
        lambda it: (
            it.architectures != ARCHITECTURES
            and f"Lambda@Edge does not support functions with an architecture of {', '.join(it.architectures)}"
        ),
        "publish a version for x86_64",
    ),
    _limit("code-size", "code_bytes", CODE_LIMIT_BYTES, _MAX.format("code size", "size"), "publish a smaller package"),
    _limit("timeout", "timeout_s", TIMEOUT_LIMIT_S, _MAX.format("timeout", f"for {_FOR_CLOUDFRONT}")),
    _limit("memory", "memory_mb", MEMORY_LIMIT_MB, _AT_MOST.format("memory")),
    _limit("storage", "storage_mb", STORAGE_LIMIT_MB, _AT_MOST.format("ephemeral storage"), source=_RESTRICTIONS),
    EdgeRule(
        "environment",
        lambda it: (
            it.environment and f"The function cannot have environment variables; it has {', '.join(it.environment)}"
        ),
        _WITHOUT,
    ),
    EdgeRule(
        "layers",
        lambda it: it.layers and f"The function cannot have a layer; it has {', '.join(it.layers)}",
        _WITHOUT,
    ),
    *(_feature(name, reason) for name, reason in _FEATURES.items()),
    EdgeRule(
        "state",
        lambda it: (
            it.state != "Active"
            and f"The function must be in an Active state, and is {it.state}"
            + (f" ({it.state_reason})" if it.state_reason else "")
        ),
        "Pending takes seconds: run this again; from any other state, publish it anew",
        '"Lambda function states"',
    ),
    EdgeRule(
        "trust",
        lambda it: (
            (it.missing_principals or not it.role_exists)
            and "The function execution role must be assumable with edgelambda.amazonaws.com as well as "
            f"lambda.amazonaws.com principals; {it.role_arn} "
            + (f"lacks {' and '.join(it.missing_principals)}" if it.role_exists else "is gone")
        ),
        "let both assume its role",
        '"Set up IAM permissions and roles for Lambda@Edge"',
    ),
    EdgeRule(
        "runtime-management",
        lambda it: (
            it.update_runtime_on not in {None, "Auto"}
            and f"its runtime is updated on {it.update_runtime_on}, and Lambda@Edge takes Auto only"
        ),
        "set its runtime management to Auto",
    ),
    EdgeRule(
        "grpc",
        lambda it: (
            it.grpc_behaviors
            and f"gRPC is on at {', '.join(it.grpc_behaviors)}, and Lambda@Edge does not work with gRPC"
        ),
        "turn gRPC off there, or name another behavior",
        '"Using gRPC with CloudFront distributions"',
    ),
)


def trusted_services(policy: object) -> frozenset[str]:
    """Return which of the two services a role's trust policy lets assume it.

    Conditions are not judged: an Allow that has some is believed, and a Deny that has some is not.
    """
    allowed: set[str] = set()
    denied: set[str] = set()
    for each in _many(_get(policy, "Statement")):
        if _get(each, "Effect") == "Allow":
            allowed.update(_services(each))
        elif not _get(each, "Condition"):
            denied.update(_services(each))
    return frozenset(allowed - denied)


def _services(statement: object) -> Iterable[str]:
    """Return which of the two services a statement on sts:AssumeRole is about; IAM compares actions without case."""
    if not any(fnmatchcase("sts:assumerole", str(each).lower()) for each in _many(_get(statement, "Action"))):
        return ()
    principal = _get(statement, "Principal")
    if principal == "*":
        return EDGE_PRINCIPALS
    return [each for each in _many(_get(principal, "Service")) if each in EDGE_PRINCIPALS]


def _get(value: object, name: str) -> object:
    return value.get(name) if isinstance(value, dict) else None


def _many(value: object) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
