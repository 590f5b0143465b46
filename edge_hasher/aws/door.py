"""The one door to AWS: an account, with the calls that the commands make on it."""

from __future__ import annotations

from edge_hasher.aws.clients import Clients
from edge_hasher.aws.cloudfront import CloudFront
from edge_hasher.aws.functions import Functions, Roles
from edge_hasher.aws.identity import Identity
from edge_hasher.aws.logs import Logs
from edge_hasher.aws.names import Parameters, Stacks


class Aws:
    """One account. Each call returns a value or raises an OperateError; making an Aws reads and sends nothing.

    It may be used from several threads.
    """

    def __init__(
        self, profile: str | None = None, region: str | None = None, *, clients: Clients | None = None
    ) -> None:
        clients = clients or Clients(profile, region)
        self.cloudfront = CloudFront(clients)
        self.functions = Functions(clients)
        self.identity = Identity(clients)
        self.logs = Logs(clients)
        self.parameters = Parameters(clients)
        self.roles = Roles(clients)
        self.stacks = Stacks(clients)
