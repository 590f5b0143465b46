"""Where a finding is: each code's resource, and the property of it, in CloudFormation's words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from edge_hasher.doctor.templates.facts.cloudfront_functions import ASSOCIATIONS
from edge_hasher.doctor.templates.facts.edge_function import ROLE
from edge_hasher.doctor.templates.facts.permissions import PERMISSION
from edge_hasher.doctor.templates.reading.values import Map

if TYPE_CHECKING:
    from edge_hasher.doctor.templates.facts.distribution import Written
    from edge_hasher.doctor.templates.reading.values import Place, Resource, World

What = Literal[
    "distribution",
    "behavior",
    "origin",
    "url",
    "access_control",
    "association",
    "edge_function",
    "function",
    "cloudfront_function",
]

PERMISSION_CODES = tuple(f"EH{number}" for number in range(302, 311))  # EH302 to EH310
# The checks whose facts are read in code, and where each is written. A permission's finding is at its statement, if
# there is one.
PLACES: dict[str, tuple[What, tuple[str, ...]]] = {
    **dict.fromkeys(PERMISSION_CODES, ("url", ())),
    "EH101": ("behavior", ("TargetOriginId",)),
    "EH102": ("behavior", ("AllowedMethods",)),
    "EH103": ("distribution", ("DistributionConfig", "Enabled")),
    "EH105": ("distribution", ("DistributionConfig", "CustomErrorResponses")),
    "EH106": ("distribution", ("DistributionConfig", "WebACLId")),
    "EH107": ("behavior", ("TrustedKeyGroups",)),
    "EH108": ("behavior", (ASSOCIATIONS,)),
    "EH109": ("cloudfront_function", ("FunctionCode",)),
    "EH110": ("distribution", ("DistributionConfig", "Restrictions")),
    "EH111": ("origin", ("DomainName",)),
    "EH201": ("origin", ("OriginAccessControlId",)),
    "EH202": ("access_control", ("OriginAccessControlConfig", "OriginAccessControlOriginType")),
    "EH203": ("access_control", ("OriginAccessControlConfig", "SigningBehavior")),
    "EH204": ("access_control", ("OriginAccessControlConfig", "SigningBehavior")),
    "EH205": ("access_control", ("OriginAccessControlConfig", "SigningBehavior")),
    "EH206": ("access_control", ("OriginAccessControlConfig", "SigningBehavior")),
    "EH207": ("origin", ("OriginCustomHeaders",)),
    "EH208": ("access_control", ("OriginAccessControlConfig", "SigningBehavior")),
    "EH209": ("access_control", ("OriginAccessControlConfig", "SigningProtocol")),
    "EH301": ("url", ("AuthType",)),
    "EH311": ("origin", ("DomainName",)),
    "EH312": ("function", ("ReservedConcurrentExecutions",)),
    "EH401": ("behavior", ("OriginRequestPolicyId",)),
    "EH402": ("behavior", ("CachePolicyId",)),
    "EH403": ("behavior", ("CachePolicyId",)),
    "EH501": ("origin", ("CustomOriginConfig", "OriginProtocolPolicy")),
    "EH502": ("behavior", ("Compress",)),
    "EH503": ("origin", ("CustomOriginConfig", "OriginReadTimeout")),
    "EH504": ("origin", ("ResponseCompletionTimeout",)),
    "EH505": ("origin", ("CustomOriginConfig", "OriginReadTimeout")),
    "EH506": ("origin", ("CustomOriginConfig", "HTTPSPort")),
    "EH507": ("origin", ("CustomOriginConfig", "OriginSSLProtocols")),
    "EH601": ("association", ("EventType",)),
    "EH602": ("behavior", ("LambdaFunctionAssociations",)),
    "EH603": ("association", ("LambdaFunctionARN",)),
    "EH604": ("association", ("IncludeBody",)),
    "EH605": ("association", ("LambdaFunctionARN",)),
    "EH606": ("association", ("LambdaFunctionARN",)),
    "EH607": ("association", ("LambdaFunctionARN",)),
    "EH608": ("origin", ("OriginCustomHeaders",)),
    "EH610": ("edge_function", ("Architectures",)),
    "EH611": ("edge_function", ("Environment",)),
    "EH612": ("edge_function", ("Layers",)),
    "EH613": ("edge_function", ("VpcConfig",)),
    "EH614": ("edge_function", ("Timeout",)),
    "EH615": ("edge_function", ("Role",)),
    "EH616": ("edge_function", ("PackageType",)),
    "EH617": ("edge_function", ()),
    "EH618": ("edge_function", ("Runtime",)),
    "EH620": ("edge_function", ("MemorySize",)),
    "EH621": ("behavior", ("GrpcConfig",)),
    "EH622": ("edge_function", ("RuntimeManagementConfig",)),
}


@dataclass(frozen=True, slots=True, eq=False)
class Spot:
    """Where a finding is: the resource, the mapping that is wrong, the keys of the wrong value within it."""

    resource: Resource
    config: Map
    keys: tuple[str, ...]

    @property
    def place(self) -> Place:
        """The wrong value's place; that of what holds it, where the value is missing."""
        return self.config.at(*self.keys)


def spot(world: World, written: Written, code: str, what: str) -> Spot:
    """Return where a finding is; `what` is its sentence, which names the statement that it is about."""
    named = [each for each in world.of(PERMISSION) if repr(each.address) in what]
    if code in PERMISSION_CODES and named:
        return _of(named[0])
    kind, keys = PLACES[code]
    if kind == "cloudfront_function":
        return _of_cloudfront_function(written, what, keys)
    if kind == "edge_function" and written.edge_function is not None:
        role = world.referred(written.edge_function.config.get("Role"), ROLE)
        if code == "EH615" and role is not None:
            return _of(role, "AssumeRolePolicyDocument")
        return _of(written.edge_function, *keys)
    if kind == "function" and written.function is not None:
        return _of(written.function, *keys)
    if kind == "access_control" and written.access_control is not None:
        return _of(written.access_control, *keys)
    if kind == "url" and written.url is not None:
        return _of(written.url, *keys)
    if kind == "distribution":
        return _of(written.distribution, *keys)
    if kind == "association" and written.association is not None:
        return Spot(written.distribution, written.association, keys)
    config = written.behavior if kind in {"behavior", "association", "edge_function"} else written.origin
    return Spot(written.distribution, config, keys if kind in {"behavior", "origin"} else ())


def _of_cloudfront_function(written: Written, what: str, keys: tuple[str, ...]) -> Spot:
    """Place a finding in the code of the function that its sentence names, or where the behavior names one."""
    named = [each for name, each in written.cloudfront_functions if f"({name}: " in what or f"; {name}: " in what]
    return _of(named[0], *keys) if named else Spot(written.distribution, written.behavior, (ASSOCIATIONS,))


def _of(resource: Resource, *keys: str) -> Spot:
    """Place something in a resource of its own; nothing of it written, the resource itself."""
    if keys and isinstance(resource.config.get(keys[0]), object) and keys[0] in resource.config:
        return Spot(resource, resource.config, keys)
    holder = Map(resource.place)
    return Spot(resource, holder, ())
