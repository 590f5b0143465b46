"""Lambda@Edge functions as a behavior's associations name them, and the roles that they run under."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from edge_hasher.aws import configuration, function_arn
from edge_hasher.doctor.facts import AssociationFacts, EdgeFunctionFacts, Unread
from edge_hasher.doctor.reading.asking import ask
from edge_hasher.edge_rules import trusted_services

if TYPE_CHECKING:
    from edge_hasher.aws.configuration import CacheBehavior, Config
    from edge_hasher.aws.door import Aws
    from edge_hasher.aws.function_arn import FunctionArn


class EdgeFunctions:
    """The functions of a distribution's associations, each read once."""

    def __init__(self, aws: Aws, distribution_arn: str = "") -> None:
        self._aws = aws
        self._distribution_arn = distribution_arn
        self._functions: dict[str, EdgeFunctionFacts | Unread | None] = {}
        self._roles: dict[str, Config | Unread | None] = {}

    def associations(self, behavior: CacheBehavior) -> tuple[AssociationFacts, ...]:
        """Return a behavior's associations with their functions."""
        return tuple(self._association(item, behavior) for item in configuration.associations(behavior.settings))

    def _association(self, item: Config, behavior: CacheBehavior) -> AssociationFacts:
        arn = item["LambdaFunctionARN"]
        if arn not in self._functions:
            self._functions[arn] = self._function(arn)
        function = self._functions[arn]
        if isinstance(function, EdgeFunctionFacts) and behavior.takes_grpc:
            function = replace(function, grpc_behaviors=(behavior.label,))
        return AssociationFacts(
            arn=arn, event=item["EventType"], includes_body=item.get("IncludeBody", False), function=function
        )

    def _function(self, text: str) -> EdgeFunctionFacts | Unread | None:
        arn = function_arn.parse(text)
        if arn is None:
            return Unread(what=f"the function {text}", why="this is not the ARN of a Lambda function")
        config = ask(f"the function {text}", lambda: self._aws.functions.configuration(text, region=arn.region))
        if isinstance(config, Unread) and self._distribution_arn and f":{arn.account}:" not in self._distribution_arn:
            why = (
                f"it belongs to the account {arn.account}, and the distribution to another, whose credentials these are"
            )
            return Unread(what=f"the function {text}", why=why)
        if config is None or isinstance(config, Unread):
            return config
        trust, updates = self._trust_policy(config["Role"]), self._runtime_updates(arn)
        known: dict[str, Any] = {"role_exists": trust is not None, "unread": {}}
        if isinstance(trust, Unread):
            known["unread"]["trust"] = trust
        else:
            known["trusted"] = trusted_services(trust)
        if isinstance(updates, Unread):
            known["unread"]["runtime-management"] = updates
        else:
            known["update_runtime_on"] = updates
        return EdgeFunctionFacts.from_configuration(config, **known)

    def _trust_policy(self, role_arn: str) -> Config | Unread | None:
        if role_arn not in self._roles:
            self._roles[role_arn] = ask(f"the role {role_arn}", lambda: self._aws.roles.trust_policy(role_arn))
        return self._roles[role_arn]

    def _runtime_updates(self, arn: FunctionArn) -> str | Unread | None:
        return ask(
            f"the runtime management of {arn.text}",
            lambda: self._aws.functions.runtime_updates(arn.name, arn.qualifier, region=arn.region),
        )
